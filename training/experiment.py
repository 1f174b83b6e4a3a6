"""`python -m training.experiment NAME`: a table or figure of the paper, on a pair set or on a procedural stand-in.

Writes Markdown, CSV and PNG. Without --pairs the stand-in of the right kind is drawn, and everything is small enough
for a processor; with it the runs have the paper's size.
"""

import argparse
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Console

from app.errors import SetupError
from training.experiments.exhibit import Exhibit, markdown, write_exhibit
from training.experiments.figures import figure_4, figure_5, figure_6, figure_7
from training.experiments.outcomes import Laboratory
from training.experiments.tables import captions_table, table_1, table_2a, table_2b, table_4
from training.pair_set_reader import open_pair_set
from training.paper_runs import PAPER, SMALL, Size
from training.stand_ins.made import CALTECH, MUSIC_VIDEOS, stand_in

Make = Callable[[Laboratory, Size, Path], Exhibit]


@dataclass(frozen=True, slots=True)
class Experiment:
    """`stand_in`: the kind of pairs it is of."""

    stand_in: str
    make: Make


EXPERIMENTS: dict[str, Experiment] = {
    "table1": Experiment(MUSIC_VIDEOS, table_1),
    "table2a": Experiment(MUSIC_VIDEOS, table_2a),
    "table2b": Experiment(MUSIC_VIDEOS, table_2b),
    "table4": Experiment(MUSIC_VIDEOS, table_4),
    **{
        f"table{number.lower()}-{name}": Experiment(name, partial(captions_table, name, number))
        for name, number in (
            ("clotho", "VI"),
            ("mscoco", "VII"),
            ("flickr30k", "VII"),
            ("msvd", "VIII"),
            ("msrvtt", "VIII"),
            ("vatex", "VIII"),
        )
    },
    **{f"figure4-{name}": Experiment(name, partial(figure_4, name)) for name in ("mscoco", "vatex", "clotho")},
    "figure5": Experiment("msvd", figure_5),
    "figure6": Experiment(MUSIC_VIDEOS, figure_6),
    "figure7": Experiment(CALTECH, figure_7),
}
ALL = "all"
REPORT_FILE = "REPORT.md"
_INTRODUCTION = """# The paper's tables and figures, measured on procedural pairs

Everything below was measured on **procedural stand-ins**: made-up features with the form of the real sets, a part of
their size and no meaning. They show that each experiment runs, end to end, and how the models compare on such pairs.
They are **not** a reproduction of the published figures, which stand beside them and were measured by the paper's
authors on real data. For real figures convert the real set and name it with `--pairs`.

Made by `python -m training.experiment all`; shares are in per cent, mean ± standard deviation over seeds.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.experiment", description=__doc__)
    parser.add_argument("experiment", choices=[*EXPERIMENTS, ALL], metavar="NAME", help=", ".join([*EXPERIMENTS, ALL]))
    parser.add_argument("--pairs", type=Path, help="a pair set on disk (default: a procedural stand-in)")
    parser.add_argument("--out", type=Path, default=Path("runs/experiments"), help="default: runs/experiments")
    parser.add_argument("--report", type=Path, help="where 'all' writes its page (default: OUT/REPORT.md)")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (default: 3)")
    parser.add_argument("--small", action="store_true", help="small towers also on the named pair set")
    parsed = parser.parse_args(arguments)
    if parsed.experiment == ALL and parsed.pairs is not None:
        parser.error("'all' is of several kinds of pairs; name one experiment with --pairs")
    if parsed.report is not None and parsed.report.suffix != ".md":
        parser.error("--report must name a .md file")
    if parsed.seeds < 1:
        parser.error("--seeds must be at least 1")
    names = list(EXPERIMENTS) if parsed.experiment == ALL else [parsed.experiment]
    console = Console()
    try:
        exhibits = [_made(name, parsed.pairs, parsed.out, parsed.seeds, parsed.small, console) for name in names]
    except SetupError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, f"{parser.prog}: broken off; the same command goes on where it stood\n")
    if parsed.experiment == ALL:
        page = write_report(exhibits, parsed.out, parsed.report or parsed.out / REPORT_FILE)
        console.print(f"all: {page}", highlight=False)


def write_report(exhibits: Sequence[Exhibit], folder: Path, page: Path) -> Path:
    """All of them on one page, with copies of their pictures in a folder beside it that has its name."""
    pictures = page.with_suffix("").with_name(page.stem.lower())
    pictures.mkdir(parents=True, exist_ok=True)
    sections = [_INTRODUCTION]
    for exhibit in exhibits:
        shown = exhibit
        if exhibit.picture is not None:
            shutil.copy(folder / exhibit.picture, pictures / exhibit.picture)
            shown = replace(exhibit, picture=f"{pictures.name}/{exhibit.picture}")
        sections.append(markdown(shown))
    page.write_text("\n".join(sections), encoding="utf-8")
    return page


def _made(name: str, pairs: Path | None, out: Path, seeds: int, is_small: bool, console: Console) -> Exhibit:
    experiment = EXPERIMENTS[name]
    folder = pairs or stand_in(experiment.stand_in, out / "pairs")
    size = SMALL if pairs is None or is_small else PAPER
    lab = Laboratory(open_pair_set(folder), seeds=range(1, seeds + 1), kept=out / "results", console=console)
    exhibit = experiment.make(lab, size, out)
    for path in write_exhibit(exhibit, out):
        console.print(f"{name}: {path}", highlight=False)
    return exhibit


if __name__ == "__main__":
    main()
