"""Converts a source job by job, in several processes, into a pair set. Knows no source.

A job that is done is kept beside the folder, so that a run that was broken off goes on where it stood; what a job
cannot use is left out, counted and told, never passed over.
"""

import csv
import hashlib
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from itertools import compress
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from training.errors import PairSetError
from training.pair_set import SPLITS, Item
from training.pair_set_writer import Features, PairSetWriter, StreamPlan
from training.processes import one_thread_each

REPORT_FILE = "conversion.json"
LEFT_OUT_FILE = "left_out.csv"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of the source that is in no pair. `reason` is a stable code, `detail` the particulars."""

    source: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """What one job made: items, and for each stream one array (rows, dim) an item, of no rows where it lacks it."""

    items: tuple[Item, ...]
    features: Mapping[str, Sequence[Features]]
    left_out: tuple[LeftOut, ...] = ()


class Job(Protocol):
    """A part of the source that is converted by itself; picklable. `key` is unique and fit for a file's name."""

    @property
    def key(self) -> str: ...

    def convert(self) -> Converted: ...


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
    process dies is tried once more alone and then left out as `process_died`.
    """
    if folder.exists():
        raise PairSetError(file=folder.name, field="folder", reason="exists already")
    kept = _kept_parts(folder, plan)
    paths = {job.key: kept / f"{job.key}.npz" for job in jobs}
    for key in _converted(jobs, paths, processes):
        on_job(key)
    parts = [_load(paths[job.key]) for job in jobs]
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
        told = ", ".join(f"{count} {reason}" for reason, count in conversion.reasons().items()) or "the source is empty"
        raise PairSetError(file=folder.name, field="items", reason=f"nothing could be converted: {told}")
    every = (features for job in jobs for features in _features(paths[job.key], plan))
    _write(folder, plan, compress(every, is_first), items, conversion)
    shutil.rmtree(kept)
    return conversion


def _is_first(items: Sequence[Item]) -> list[bool]:
    """Whether no item before has the same id."""
    first: dict[str, int] = {}
    return [first.setdefault(item.id, number) == number for number, item in enumerate(items)]


def _kept_parts(folder: Path, plan: PairSetPlan) -> Path:
    """The folder of finished jobs; its name holds the settings, so that parts of another conversion are never used."""
    settings = {"settings": dict(plan.settings), "streams": {name: asdict(s.form) for name, s in plan.streams.items()}}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()[:12]
    kept = folder.with_name(f"{folder.name}.{digest}.parts")
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def _converted(jobs: Sequence[Job], paths: Mapping[str, Path], processes: int) -> Iterator[str]:
    missing = []
    for job in jobs:
        if paths[job.key].exists():
            yield job.key
        else:
            missing.append(job)
    unfinished: list[Job] = []
    with one_thread_each():
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            running: dict[Future[None], Job] = {pool.submit(_run, job, paths[job.key]): job for job in missing}
            try:
                for future in as_completed(running):
                    if isinstance(future.exception(), BrokenProcessPool):
                        unfinished.append(running[future])
                        continue
                    future.result()
                    yield running[future].key
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        for job in unfinished:
            _run_alone(job, paths[job.key])
            yield job.key


def _run_alone(job: Job, path: Path) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            pool.submit(_run, job, path).result()
        except BrokenProcessPool:
            _save(path, Converted((), {}, (LeftOut(job.key, "process_died"),)))


def _run(job: Job, path: Path) -> None:
    _save(path, job.convert())


def _save(path: Path, made: Converted) -> None:
    arrays: dict[str, Any] = {
        "items": np.array(json.dumps([asdict(item) for item in made.items])),
        "left_out": np.array(json.dumps([asdict(left) for left in made.left_out])),
    }
    for name, values in made.features.items():
        if values:
            arrays[f"stream:{name}"] = np.concatenate(values)
            arrays[f"lengths:{name}"] = np.array([len(rows) for rows in values], np.int64)
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    unfinished.rename(path)


@dataclass(frozen=True, slots=True)
class _Part:
    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]


def _load(path: Path) -> _Part:
    with np.load(path) as stored:
        items = [_item(fields) for fields in json.loads(str(stored["items"]))]
        return _Part(tuple(items), tuple(LeftOut(**fields) for fields in json.loads(str(stored["left_out"]))))


def _item(fields: dict[str, Any]) -> Item:
    return Item(**{**fields, "keywords": tuple(fields["keywords"]), "labels": tuple(fields["labels"])})


def _features(path: Path, plan: PairSetPlan) -> Iterator[dict[str, Features]]:
    """The features of a part's items, in order."""
    with np.load(path) as stored:
        count = len(json.loads(str(stored["items"])))
        streams = {}
        for name in plan.streams:
            if f"stream:{name}" in stored:
                ends = np.cumsum(stored[f"lengths:{name}"])
                streams[name] = np.split(stored[f"stream:{name}"], ends[:-1])
    for number in range(count):
        yield {name: rows[number] for name, rows in streams.items()}


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
