"""`python -m training.train RUN`: draws the pairs where a run brings none, trains, evaluates, saves the checkpoint."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from app.encoders.checkpoint import save_checkpoint
from app.encoders.spec import SPEC_FILE, EncoderSpec
from training.evaluation import BothWays
from training.loop import Epoch, Trained, train
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.procedural_pairs import procedural_pair_set
from training.progress import epoch_line, pairs_progress
from training.record import record_of, save_record
from training.report import recall_table
from training.retrieval import recalls_by_brief
from training.runs import ProceduralPairs, RunConfig, starter_run, starter_with_intra_run

# A run by name: the first is kept, the others are trained beside it on the same pairs, to be compared.
RUNS: dict[str, Callable[[], tuple[RunConfig, ...]]] = {
    "starter_run": lambda: (starter_run(), starter_with_intra_run()),
    "starter_with_intra_run": lambda: (starter_with_intra_run(),),
}
REPORT_FILE = "report.md"


@dataclass(frozen=True, slots=True)
class Finished:
    run: RunConfig
    trained: Trained
    test: dict[str, BothWays]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument("run", choices=sorted(RUNS), help="which run")
    parser.add_argument("--out", type=Path, help="folder of the checkpoint (default: runs/RUN); replaced when done")
    parser.add_argument("--pairs", type=Path, help="a pair set on disk; without it the run makes its own")
    parsed = parser.parse_args(arguments)
    console = Console()
    runs = RUNS[parsed.run]()
    out = (parsed.out or Path("runs") / parsed.run).resolve()
    if not is_replaceable(out):
        parser.error(f"{out} is there and is no checkpoint; name another folder with --out")
    wanted, folder = runs[0].procedural_pairs, parsed.pairs
    if folder is None:
        if wanted is None:
            parser.error(f"{parsed.run} draws no pairs of its own; name a pair set with --pairs")
        folder = _drawn_pairs(wanted, runs[0].encoder, out.parent, console)
    pairs = open_pair_set(folder)
    finished = [_run(run, pairs, console) for run in runs]
    table = recall_table({f"{done.run.name} (γ2 = {done.run.loss.gamma_intra:g})": done.test for done in finished})
    digest = save(out, finished[0], pairs, report=table)
    console.print(f"\n{len(pairs.items_of('test'))} unseen pairs, shares in per cent:\n")
    # Not through the console, which would fold lines that are wider than the terminal.
    print(table)
    console.print(f"\ncheckpoint {out}, {digest}")


def save(out: Path, finished: Finished, pairs: PairSet, *, report: str) -> str:
    """Checkpoint, record and report into `out`, which they replace only once they are whole; returns the digest."""
    record = record_of(finished.run, pairs, finished.trained, test=finished.test)
    spec = finished.trained.spec.model_copy(update={"about": record})
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as beside:
        fresh = Path(beside) / "fresh"
        digest = save_checkpoint(fresh, spec, finished.trained.model)
        save_record(fresh, record)
        (fresh / REPORT_FILE).write_text(f"{report}\n", encoding="utf-8")
        if out.exists():
            out.rename(Path(beside) / "before")
        fresh.rename(out)
    return digest


def is_replaceable(out: Path) -> bool:
    """Whether the folder is not there yet, is empty, or holds a checkpoint: nothing else is ever deleted."""
    return not out.exists() or (out.is_dir() and ((out / SPEC_FILE).is_file() or not any(out.iterdir())))


def _drawn_pairs(wanted: ProceduralPairs, encoder: EncoderSpec, root: Path, console: Console) -> Path:
    with pairs_progress(console) as progress:
        bar = progress.add_task("drawing pairs", total=wanted.train + wanted.validation + wanted.test)
        return procedural_pair_set(wanted, encoder, root=root, on_pairs=lambda count: progress.advance(bar, count))


def _run(run: RunConfig, pairs: PairSet, console: Console) -> Finished:
    pair_count = len(pairs.items_of("train")) // run.batch_pairs * run.batch_pairs * run.epochs
    with pairs_progress(console) as progress:
        bar = progress.add_task(run.name, total=pair_count)

        def on_epoch(epoch: Epoch) -> None:
            progress.console.print(epoch_line(epoch), highlight=False)

        trained = train(run, pairs, on_step=lambda count: progress.advance(bar, count), on_epoch=on_epoch)
    return Finished(run, trained, recalls_by_brief(trained.model, trained.feed, pairs.items_of("test")))


if __name__ == "__main__":
    main()
