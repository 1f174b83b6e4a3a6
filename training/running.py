"""One run from its configuration to a checkpoint on disk: resumed where it was broken off, logged while it goes."""

import hashlib
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from app.encoders.spec import MODEL_FILE, SPEC_FILE
from training.checkpoints import save_model, save_serving
from training.evaluation import BothWays
from training.loop import Listener, Trained, train
from training.measured_with import measured_by, measured_with, serving_encoder
from training.objectives import CCA
from training.pair_set import PairSet
from training.plain import plain
from training.ranks import Ranks
from training.record import record_of, save_record
from training.retrieval import recalls_by_brief
from training.run_config import RunConfig
from training.run_log import EVENTS_FOLDER, LOG_FILE
from training.setup import prepare, solve
from training.watch import Watch

STATE_FILE = "state.safetensors"
REPORT_FILE = "report.md"


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
    test_items = pairs.items_of("test", owning=_texts(trained))
    test = recalls_by_brief(trained.model, trained.feed, test_items) if len(test_items) and ranks.is_first else {}
    return Finished(run, trained, test, folder)


def fingerprint(run: RunConfig, pairs: PairSet) -> str:
    """What must be the same for a run to go on: everything it depends on, and which pairs."""
    document = {
        "run": plain(run),
        "pairs": [pairs.name, str(pairs.folder)],
        "items": [[item.id, item.track, item.split] for item in pairs.items],
        "rows": {name: len(stream.rows) for name, stream in pairs.streams.items()},
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


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
        if out.exists():
            out.rename(Path(beside) / "before")
        fresh.rename(out)
    return digest


def is_replaceable(out: Path) -> bool:
    """Whether the folder is not there yet, is empty, or holds a checkpoint: nothing else is ever deleted."""
    is_checkpoint = any((out / name).is_file() for name in (SPEC_FILE, MODEL_FILE))
    return not out.exists() or (out.is_dir() and (is_checkpoint or not any(out.iterdir())))


def _name(run: RunConfig, out: Path) -> str:
    """The checkpoint's own name: the design's where the run has one, else the folder's."""
    return out.name if run.encoder is None else run.encoder.name


def _texts(trained: Trained) -> list[str]:
    return [side.stream for side in (trained.spec.query, trained.spec.target) if side.modality == "text"]
