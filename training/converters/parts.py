"""What one job of a conversion makes, and how it lies on disk until all are done. Knows no source."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from training.pair_set import Item
from training.pair_set_writer import Features


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

    @property
    def names(self) -> tuple[str, ...]:
        """What of the source it takes, for whoever reads that its process died."""

    def convert(self) -> Converted: ...


def save_part(path: Path, made: Converted) -> None:
    """At once or not at all, and on the disk when it returns."""
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
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a part is needed before its features are."""

    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]


def load_part(path: Path) -> Part:
    """Items and what was left out; no features."""
    with np.load(path) as stored:
        items = [_item(fields) for fields in json.loads(str(stored["items"]))]
        return Part(tuple(items), tuple(LeftOut(**fields) for fields in json.loads(str(stored["left_out"]))))


def _item(fields: dict[str, Any]) -> Item:
    return Item(**{**fields, "keywords": tuple(fields["keywords"]), "labels": tuple(fields["labels"])})


def part_features(path: Path, names: Iterable[str]) -> Iterator[dict[str, Features]]:
    """The features of a part's items, in order."""
    with np.load(path) as stored:
        count = len(json.loads(str(stored["items"])))
        streams = {}
        for name in names:
            if f"stream:{name}" in stored:
                ends = np.cumsum(stored[f"lengths:{name}"])
                streams[name] = np.split(stored[f"stream:{name}"], ends[:-1])
    for number in range(count):
        yield {name: rows[number] for name, rows in streams.items()}
