"""`python -m training.train RUN`: draws the pairs where a run brings none, trains, evaluates, saves the checkpoint.

Under `torchrun` the same command trains on several GPUs, or processes.
"""

import argparse
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from app.encoders.device import resolve_device
from app.encoders.spec import EncoderSpec
from app.errors import DiskFull, SetupError, full_disk_named
from training.pair_set_reader import open_pair_set
from training.procedural_pairs import procedural_pair_set
from training.progress import pairs_progress
from training.ranks import own_device, ranks_of_environment
from training.report import recall_table
from training.run_config import ProceduralPairs, RunConfig
from training.running import is_replaceable, run_to_end, save, taken
from training.runs import RUNS


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument("run", choices=sorted(RUNS), help="which run")
    parser.add_argument("--out", type=Path, help="folder of the checkpoint (default: runs/RUN); replaced when done")
    parser.add_argument("--pairs", type=Path, help="a pair set on disk; without it the run makes its own")
    parsed = parser.parse_args(arguments)
    out = (parsed.out or Path("runs") / parsed.run).resolve()
    if not is_replaceable(out):
        parser.error(
            f"{out} is there and is no checkpoint, or holds more than one writes; name another folder with --out"
        )
    runs = RUNS[parsed.run]()
    if parsed.pairs is None and (runs[0].procedural_pairs is None or runs[0].encoder is None):
        parser.error(f"{parsed.run} draws no pairs of its own; name a pair set with --pairs")
    try:
        with full_disk_named():
            train_and_save(runs, parsed.pairs, out)
    except DiskFull:
        parser.exit(2, f"{parser.prog}: the disk is full; the same command goes on where it stood\n")
    except OSError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except SetupError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, f"{parser.prog}: broken off; the same command goes on where it stood\n")


def train_and_save(runs: tuple[RunConfig, ...], folder: Path | None, out: Path) -> None:
    """Every run on the same pairs; the first is saved, the others are trained to be compared. Raises SetupError."""
    unfinished = out.with_name(f"{out.name}.unfinished")
    with ranks_of_environment(own_device(resolve_device(runs[0].device))) as ranks:
        console = Console(quiet=not ranks.is_first)
        if folder is None:
            drawn = partial(_drawn_pairs, runs[0].procedural_pairs, runs[0].encoder, out.parent, console)
            folder = ranks.share(drawn)
        pairs = open_pair_set(folder)
        with taken(unfinished, ranks):
            finished = [run_to_end(run, pairs, unfinished=unfinished, console=console, ranks=ranks) for run in runs]
            if not ranks.is_first:
                return
            table = recall_table({done.run.name: done.test for done in finished}, finished[0].trained.spec)
            digest = save(out, finished[0], pairs, report=table)
            shutil.rmtree(unfinished)
    unseen = len(pairs.items_of("test"))
    if unseen:
        console.print(f"\n{unseen} unseen pairs, shares in per cent:\n")
        # Not through the console, which would fold lines that are wider than the terminal.
        print(table)
    else:
        console.print("\nno unseen pairs in this set; training.evaluate measures the checkpoint on another")
    console.print(f"\ncheckpoint {out}, {digest}")


def _drawn_pairs(wanted: ProceduralPairs | None, encoder: EncoderSpec | None, root: Path, console: Console) -> Path:
    if wanted is None or encoder is None:
        raise ValueError("this run draws no pairs")
    with pairs_progress(console) as progress:
        bar = progress.add_task("drawing pairs", total=wanted.train + wanted.validation + wanted.test)
        return procedural_pair_set(wanted, encoder, root=root, on_pairs=lambda count: progress.advance(bar, count))


if __name__ == "__main__":
    main()
