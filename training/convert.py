"""`python -m training.convert SOURCE …`: turns a source into a pair set on disk, resumably and in parallel."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.errors import DiskFull, SetupError, full_disk_named
from training.converters.captions.command import CAPTIONED_SETS
from training.converters.chosen import CHOSEN
from training.converters.conversion import LEFT_OUT_FILE, Conversion, convert
from training.converters.converter import Converter, Source
from training.converters.npz import NPZ
from training.converters.videos import VIDEOS
from training.converters.youtube8m import YOUTUBE8M

CONVERTERS: tuple[Converter, ...] = (VIDEOS, CHOSEN, YOUTUBE8M, CAPTIONED_SETS, NPZ)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.convert", description=__doc__)
    choices = parser.add_subparsers(dest="source", required=True, metavar="SOURCE")
    for converter in CONVERTERS:
        chosen = choices.add_parser(converter.name, help=converter.help, description=converter.help)
        converter.add_arguments(chosen)
        chosen.add_argument("--out", type=Path, required=True, help="folder of the pair set to be; must not be there")
        chosen.add_argument(
            "--processes", type=int, default=os.cpu_count() or 1, help="how many at once (default: one a core)"
        )
    parsed = parser.parse_args(arguments)
    if parsed.processes < 1:
        parser.error("--processes must be at least 1")
    converter = next(converter for converter in CONVERTERS if converter.name == parsed.source)
    console = Console()
    try:
        source = converter.open_source(parsed)
        with full_disk_named():
            conversion = _convert(source, parsed.out.resolve(), parsed.processes, console)
    except DiskFull:
        parser.exit(2, f"{parser.prog}: the disk is full; the same command goes on where it stood\n")
    except SetupError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, f"{parser.prog}: broken off; the same command goes on where it stood\n")
    for line in [*summary(conversion), *source.remarks(conversion)]:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _convert(source: Source, out: Path, processes: int, console: Console) -> Conversion:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("converting", total=len(source.jobs))
        return convert(
            out,
            source.jobs,
            source.plan,
            processes=processes,
            on_job=lambda _: progress.advance(bar),
            together=source.together,
        )


def summary(conversion: Conversion) -> list[str]:
    """Lines that say how many pairs there are and what was left out."""
    splits = ", ".join(f"{count} {split}" for split, count in conversion.items.items())
    lines = [f"{conversion.folder}: {sum(conversion.items.values())} pairs ({splits})"]
    if conversion.left_out:
        lines.append(f"left out {len(conversion.left_out)}, listed in {LEFT_OUT_FILE}:")
        lines += [f"  {count:6d}  {reason}" for reason, count in conversion.reasons().items()]
    return lines


if __name__ == "__main__":
    main()
