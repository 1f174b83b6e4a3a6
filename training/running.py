"""One run from its configuration to a checkpoint on disk: resumed where it was broken off, logged while it goes."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from app.encoders.spec import MODEL_FILE, SPEC_FILE, WEIGHTS_FILE
from app.errors import SetupError
from training.checkpoints import save_model, save_serving
from training.evaluation import BothWays
from training.loop import Listener, Trained, train
from training.measured_with import measured_by, measured_with, serving_encoder
from training.objectives import CCA
from training.pair_set import PairSet, Stream
from training.plain import plain
from training.ranks import Ranks
from training.record import RECORD_FILE, record_of, save_record
from training.retrieval import recalls_by_brief
from training.run_config import RunConfig
from training.run_log import EVENTS_FOLDER, LOG_FILE
from training.setup import prepare, solve
from training.watch import Watch

STATE_FILE = "state.safetensors"
REPORT_FILE = "report.md"
_WRITTEN = frozenset({SPEC_FILE, MODEL_FILE, WEIGHTS_FILE, RECORD_FILE, REPORT_FILE, LOG_FILE, EVENTS_FOLDER})


@dataclass(frozen=True, slots=True)
class Finished:
    """`log_folder`: what was written while it ran. `test`: recalls on the test split by kind of words."""

    run: RunConfig
    trained: Trained
    test: dict[str, BothWays]
    log_folder: Path


def run_to_end(run: RunConfig, pairs: PairSet, *, unfinished: Path, console: Console, ranks: Ranks) -> Finished:
    """Trains and evaluates; state and logs stand in a folder under `unfinished` until the checkpoint is saved.

    A run of the same name, settings and pairs that was broken off goes on. Raises PairSetError, TrainingDiverged.
    """
    folder = unfinished / f"{run.name}-{fingerprint(run, pairs)}"
    prepared = prepare(run, pairs)
    with ExitStack() as stack:
        watch = stack.enter_context(Watch(folder, prepared, console)) if ranks.is_first else None
        if isinstance(run.objective, CCA):
            trained = solve(prepared, run.objective)
            if watch is not None:
                watch.on_epoch(trained.epochs[0])
        else:
            listener = watch.listener() if watch is not None else Listener()
            trained = train(prepared, ranks=ranks, listener=listener, state_file=folder / STATE_FILE)
    test_items = pairs.items_of("test", owning=[*trained.spec.text_sides, *run.owning])
    test = recalls_by_brief(trained.model, trained.feed, test_items) if len(test_items) and ranks.is_first else {}
    return Finished(run, trained, test, folder)


@contextmanager
def taken(unfinished: Path, ranks: Ranks) -> Iterator[None]:
    """The folder is for this run alone; left away again where nothing was written. Raises SetupError."""
    if not ranks.is_first:
        yield
        return
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        handle = os.open(unfinished, os.O_RDONLY)
    except OSError as error:
        raise SetupError(f"{unfinished} cannot be made: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise SetupError(f"{unfinished}: another run is at work there; wait for it, or name another --out") from error
    finally:
        if unfinished.exists() and not any(unfinished.iterdir()):
            unfinished.rmdir()
        os.close(handle)


def fingerprint(run: RunConfig, pairs: PairSet) -> str:
    """What must be the same for a run to go on: everything it depends on, and which pairs."""
    document = {
        "run": plain(run),
        "pairs": [pairs.name, str(pairs.folder)],
        "items": [[item.id, item.track, item.split] for item in pairs.items],
        "streams": {
            name: _fingerprint_of(pairs.folder / f"{name}.npy", stream) for name, stream in pairs.streams.items()
        },
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def _fingerprint_of(path: Path, stream: Stream) -> list[object]:
    """Form and file: features that were written anew are others, also where there are as many."""
    return [plain(stream.form), len(stream.rows), path.stat().st_mtime_ns]


def save(out: Path, finished: Finished, pairs: PairSet, *, report: str) -> str:
    """Checkpoint, record, report and logs into `out`, which they replace only once they are whole; the digest."""
    trained, about = finished.trained, record_of(finished.run, pairs, finished.trained, test=finished.test)
    measured = measured_with(pairs) if finished.run.encoder is None else measured_by(finished.run.encoder)
    encoder = None if measured is None else serving_encoder(_name(finished.run, out), trained.spec, measured)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as beside:
        fresh = Path(beside) / "fresh"
        if encoder is not None:
            digest = save_serving(fresh, encoder, trained.model, about=about)
        else:
            digest = save_model(fresh, trained.spec, trained.model, about=about)
        save_record(fresh, about)
        (fresh / REPORT_FILE).write_text(f"{report}\n", encoding="utf-8")
        shutil.copy(finished.log_folder / LOG_FILE, fresh / LOG_FILE)
        shutil.copytree(finished.log_folder / EVENTS_FOLDER, fresh / EVENTS_FOLDER)
        put(fresh, out, Path(beside) / "before")
    return digest


def put(fresh: Path, out: Path, before: Path) -> None:
    """`fresh` in the place of `out`, whose content goes to `before`, and comes back where it cannot be replaced."""
    if not out.exists():
        fresh.rename(out)
        return
    out.rename(before)
    try:
        fresh.rename(out)
    except BaseException:
        before.rename(out)
        raise


def is_replaceable(out: Path) -> bool:
    """Whether the folder is not there yet, or holds nothing but what a run writes: nothing else is ever deleted."""
    return not out.exists() or (out.is_dir() and {entry.name for entry in out.iterdir()} <= _WRITTEN)


def _name(run: RunConfig, out: Path) -> str:
    """The checkpoint's own name: the design's where the run has one, else the folder's."""
    return out.name if run.encoder is None else run.encoder.name
