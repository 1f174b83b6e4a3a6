"""The jobs of a captioned set: for some items the rows of both streams, or why there are none. Measures nothing itself.

Reasons for which something is left out: `no_captions`, and what the two sides tell of an item (see `stored.py`,
`measured.py`).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from app.domain import Float32Array
from training.converters.captions.captioned_set import CaptionedItem
from training.converters.captions.files import file_state
from training.converters.parts import Converted, Job, LeftOut
from training.pair_set import Item
from training.pair_set_writer import StreamPlan

CAPTIONS = "captions"
# Few enough that a run broken off loses little, enough that a backbone is not loaded all the time.
ITEMS_A_JOB = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """An item's rows of one stream, (n, dim); where there are none, `left_out` says why."""

    rows: Float32Array | None
    left_out: tuple[LeftOut, ...] = ()


Take = Callable[[CaptionedItem], Taken]


class Side(Protocol):
    """Where the rows of one stream come from; picklable. `open` loads what is needed, in the process that works."""

    @property
    def plan(self) -> StreamPlan: ...

    def file_of(self, item: CaptionedItem) -> Path | None:
        """What of the disk the rows come from; None where that is none, or is not there."""

    def open(self) -> Take: ...


@dataclass(frozen=True, slots=True)
class CaptionsJob:
    """Converts `items`; `captions` is None where the set has none."""

    key: str
    items: tuple[CaptionedItem, ...]
    stream: str
    media: Side
    captions: Side | None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.items)

    def convert(self) -> Converted:
        takes = {CAPTIONS: self.captions.open()} if self.captions is not None else {}
        takes[self.stream] = self.media.open()
        kept: list[Item] = []
        features: dict[str, list[Float32Array]] = {name: [] for name in takes}
        left_out: list[LeftOut] = []
        for item in self.items:
            rows = _rows(item, takes, left_out)
            if rows is not None:
                kept.append(item_of(item))
                for name, values in rows.items():
                    features[name].append(values)
        return Converted(tuple(kept), features, tuple(left_out))


@dataclass(frozen=True, slots=True)
class TellingJob:
    """Brings what was left out before anything was measured into the report."""

    key: str
    left_out: tuple[LeftOut, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(left.source for left in self.left_out)

    def convert(self) -> Converted:
        return Converted((), {}, self.left_out)


def jobs_of(
    items: Sequence[CaptionedItem], told: tuple[LeftOut, ...], *, stream: str, media: Side, captions: Side | None
) -> list[Job]:
    """All items in order, `told` before them.

    Keys hold a digest of what is converted and the state of its files, so that a job done on other annotations, before
    a file was there or on another one is not used again.
    """
    jobs: list[Job] = [TellingJob(f"annotations-{_digest(told)}", told)] if told else []
    for first in range(0, len(items), ITEMS_A_JOB):
        part = tuple(items[first : first + ITEMS_A_JOB])
        sides = (media,) if captions is None else (media, captions)
        states = [file_state(side.file_of(item)) for item in part for side in sides]
        jobs.append(CaptionsJob(f"{first:07d}-{_digest(part, states)}", part, stream, media, captions))
    return jobs


def item_of(item: CaptionedItem) -> Item:
    """Its line of the pair set; it is its own track. The title is the first caption, for whoever reads the list."""
    title = next((caption.strip() for caption in item.captions if caption.strip()), None)
    labels = () if item.label is None else (item.label,)
    return Item(id=item.id, track=item.id, split=item.split, title=title, labels=labels)


def _rows(item: CaptionedItem, takes: dict[str, Take], left_out: list[LeftOut]) -> dict[str, Float32Array] | None:
    """The captions first: they cost less, and an item may fail for want of them."""
    found: dict[str, Float32Array] = {}
    for name, take in takes.items():
        if name == CAPTIONS and not item.captions:
            left_out.append(LeftOut(item.id, "no_captions"))
            return None
        taken = take(item)
        left_out.extend(taken.left_out)
        if taken.rows is None:
            return None
        if not np.isfinite(taken.rows).all():
            left_out.append(LeftOut(item.id, "features_not_finite", name))
            return None
        found[name] = taken.rows
    return found


def _digest(parts: Sequence[CaptionedItem] | Sequence[LeftOut], states: Sequence[object] = ()) -> str:
    return hashlib.sha256(json.dumps([[asdict(part) for part in parts], states]).encode()).hexdigest()[:12]
