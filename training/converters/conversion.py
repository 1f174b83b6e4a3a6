"""Converts a source job by job, in several processes, into a pair set. Knows no source.

A job that is done is kept beside the folder, so that a run that was broken off goes on where it stood; what a job
cannot use is left out, counted and told, never passed over.
"""

import csv
import fcntl
import hashlib
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import compress
from pathlib import Path
from typing import Any

from training.converters.parts import Converted, Job, LeftOut, load_part, part_features, save_part
from training.converters.workers import run_all
from training.errors import PairSetError
from training.pair_set import SPLITS, Item
from training.pair_set_writer import Features, PairSetWriter, StreamPlan

REPORT_FILE = "conversion.json"
LEFT_OUT_FILE = "left_out.csv"


@dataclass(frozen=True, slots=True)
class PairSetPlan:
    """The streams and sides of the pair set to be; `settings`: all that decides its content beside the source.

    `attachments`: texts to lay beside the features, by file name.
    """

    streams: Mapping[str, StreamPlan]
    query: tuple[str, ...]
    target: tuple[str, ...]
    settings: Mapping[str, Any]
    attachments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of it: items by split, and everything that was left out."""

    folder: Path
    items: Mapping[str, int]
    left_out: tuple[LeftOut, ...]

    def reasons(self) -> dict[str, int]:
        """How often each reason occurred, the most frequent first."""
        return dict(Counter(left.reason for left in self.left_out).most_common())


def convert(
    folder: Path,
    jobs: Sequence[Job],
    plan: PairSetPlan,
    *,
    processes: int,
    on_job: Callable[[str], None],
    together: Callable[[Sequence[Item]], Sequence[Item]] = lambda items: items,
) -> Conversion:
    """Writes the pair set; `on_job` hears each job's key once. Raises PairSetError.

    `together` may rewrite the items once all are known (splits that need the whole, for one); it must keep their order
    and number. An item whose id an earlier one has, in the order of the jobs, is left out as `repeated_id`. A job whose
    process dies is tried once more alone, and then what it names is left out as `process_died`.
    """
    _require_absent(folder)
    with _taken(folder):
        conversion = _convert(folder, jobs, plan, processes, on_job, together)
        shutil.rmtree(folder.with_name(f"{folder.name}.parts"))
    return conversion


def _convert(
    folder: Path,
    jobs: Sequence[Job],
    plan: PairSetPlan,
    processes: int,
    on_job: Callable[[str], None],
    together: Callable[[Sequence[Item]], Sequence[Item]],
) -> Conversion:
    kept = _kept_parts(folder, plan)
    kept.mkdir(exist_ok=True)
    paths = {job.key: kept / f"{job.key}.npz" for job in jobs}
    for key in _converted(jobs, paths, processes):
        on_job(key)
    parts = [load_part(paths[job.key]) for job in jobs]
    made = [item for part in parts for item in part.items]
    is_first = _is_first(made)
    items = together(list(compress(made, is_first)))
    repeats = (item for item, first in zip(made, is_first, strict=True) if not first)
    left_out = (
        *(left for part in parts for left in part.left_out),
        *(LeftOut(item.id, "repeated_id", "another part holds it as well") for item in repeats),
    )
    counts = Counter(item.split for item in items)
    conversion = Conversion(folder, {split: counts[split] for split in SPLITS}, left_out)
    if not items:
        raise PairSetError(file=folder.name, field="items", reason=f"nothing could be converted: {_told(conversion)}")
    every = (features for job in jobs for features in part_features(paths[job.key], plan.streams))
    _write(folder, plan, compress(every, is_first), items, conversion)
    return conversion


def _told(conversion: Conversion) -> str:
    """Counts by reason, and the first of what was left out by name."""
    if not conversion.left_out:
        return "the source is empty"
    counts = ", ".join(f"{count} {reason}" for reason, count in conversion.reasons().items())
    first = conversion.left_out[0]
    return f"{counts}; first {first.source}: {first.detail or first.reason}"


def _is_first(items: Sequence[Item]) -> list[bool]:
    """Whether no item before has the same id."""
    first: dict[str, int] = {}
    return [first.setdefault(item.id, number) == number for number, item in enumerate(items)]


def _kept_parts(folder: Path, plan: PairSetPlan) -> Path:
    """The folder of finished jobs; its name holds the settings, so that parts of another conversion are never used."""
    settings = {"settings": dict(plan.settings), "streams": {name: asdict(s.form) for name, s in plan.streams.items()}}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()[:12]
    return folder.with_name(f"{folder.name}.parts") / digest


@contextmanager
def _taken(folder: Path) -> Iterator[None]:
    """`folder` is for this run alone, its parts of whatever settings too. Raises PairSetError."""
    parts = folder.with_name(f"{folder.name}.parts")
    try:
        parts.mkdir(parents=True, exist_ok=True)
        handle = os.open(parts, os.O_RDONLY)
    except OSError as error:
        raise PairSetError(file=folder.name, field="folder", reason=f"cannot be made: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another run may have finished since, and taken the parts away.
        _require_absent(folder)
        yield
    except BlockingIOError as error:
        raise PairSetError(file=folder.name, field="folder", reason="is being made by another run") from error
    finally:
        os.close(handle)


def _require_absent(folder: Path) -> None:
    if folder.exists():
        raise PairSetError(file=folder.name, field="folder", reason="exists already")


def _converted(jobs: Sequence[Job], paths: Mapping[str, Path], processes: int) -> Iterator[str]:
    tasks = {job.key: partial(_run, job, paths[job.key]) for job in jobs if not paths[job.key].exists()}
    yield from (key for key in paths if key not in tasks)
    names = {job.key: job.names for job in jobs}
    for key, is_done in run_all(tasks, processes=processes):
        if not is_done:
            save_part(paths[key], Converted((), {}, tuple(LeftOut(name, "process_died") for name in names[key])))
        yield key


def _run(job: Job, path: Path) -> None:
    save_part(path, job.convert())


def _write(
    folder: Path,
    plan: PairSetPlan,
    every: Iterator[Mapping[str, Features]],
    items: Sequence[Item],
    conversion: Conversion,
) -> None:
    with PairSetWriter(folder, streams=plan.streams, query=plan.query, target=plan.target) as writer:
        for item, features in zip(items, every, strict=True):
            writer.add(item, features)
        report = {
            "settings": dict(plan.settings),
            "items": conversion.items,
            "left_out": conversion.reasons(),
        }
        writer.attach(REPORT_FILE, json.dumps(report, indent=1, ensure_ascii=False, default=str) + "\n")
        writer.attach(LEFT_OUT_FILE, _csv(conversion.left_out))
        for name, text in plan.attachments.items():
            writer.attach(name, text)


def _csv(left_out: Sequence[LeftOut]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["source", "reason", "detail"])
    writer.writerows([left.source, left.reason, left.detail] for left in left_out)
    return text.getvalue()
