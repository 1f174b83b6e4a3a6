"""Pairs on disk, memory-mapped, and batches gathered from them by index. Knows no model, no loss, no source of pairs.

The format is that of `pairs.json` with `format_version` 1; `training.pair_set_reader` opens and checks it,
`training.pair_set_writer` makes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array

FORMAT_VERSION = 1
Modality = Literal["video", "music", "audio", "image", "text"]
MODALITIES: tuple[Modality, ...] = ("video", "music", "audio", "image", "text")
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Items = NDArray[np.int64]
# A megabyte as float32: what stays in a processor's cache is gone through several times as fast.
_VALUES_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class StreamForm:
    """One stream as `pairs.json` describes it; `steps` is prose ("32 instants", "1 Hz", "one a text")."""

    modality: str
    space: str
    dim: int
    steps: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of `items.jsonl`: what is known of a pair beside its features."""

    id: str
    track: str
    split: Split
    title: str | None = None
    keywords: tuple[str, ...] = ()
    labels: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """Features of all items end to end: `rows` (R, dim); item i owns rows offsets[i] up to offsets[i + 1]."""

    name: str
    form: StreamForm
    rows: NDArray[np.generic]
    offsets: NDArray[np.int64]
    scale: Float32Array | None

    def lengths(self, items: Items) -> NDArray[np.int64]:
        """How many rows each item owns; 0 where it lacks the stream."""
        return self.offsets[items + 1] - self.offsets[items]

    def values(self, rows: NDArray[np.int64]) -> Float32Array:
        """The named rows as float32, shape (*rows.shape, dim), dequantised where stored as uint8."""
        stored = self.rows[rows].astype(np.float32)
        return stored if self.scale is None else stored * self.scale[0] + self.scale[1]

    def picks(
        self, items: Items, steps: int, *, rng: np.random.Generator | None = None, window_rows: int | None = None
    ) -> NDArray[np.int64]:
        """Global sparse sampling: which rows, (B, steps), one of each of `steps` equal segments of an item.

        With `rng` any row of the segment (training), without the one at its centre. Rows repeat where an item owns
        fewer than `steps`; the items must own at least one. `window_rows`: fixed-duration sampling instead, which
        takes the segments from that many rows around the item's centre, or from all where it owns fewer.
        """
        lengths_B1 = self.lengths(items)[:, None]
        span_B1 = lengths_B1 if window_rows is None else np.minimum(lengths_B1, window_rows)
        inside = np.full((len(items), steps), 0.5) if rng is None else rng.random((len(items), steps))
        picks_BT = ((np.arange(steps) + inside) * span_B1 / steps).astype(np.int64)
        begin_B1 = self.offsets[items][:, None] + (lengths_B1 - span_B1) // 2
        picked_BT: NDArray[np.int64] = begin_B1 + np.minimum(picks_BT, span_B1 - 1)
        return picked_BT

    def caption_picks(self, items: Items, *, rng: np.random.Generator | None = None) -> NDArray[np.int64]:
        """One row an item, (B,): `rng` draws it, else the first; -1 where an item owns none."""
        lengths_B = self.lengths(items)
        drawn_B = np.zeros(len(items)) if rng is None else rng.random(len(items))
        picks_B = (drawn_B * lengths_B).astype(np.int64)
        return np.where(lengths_B > 0, self.offsets[items] + picks_B, -1)

    def row_owners(self, items: Items) -> tuple[NDArray[np.int64], Items]:
        """All rows of the items in order, (R,), and for each the item that owns it."""
        lengths = self.lengths(items)
        begins = np.cumsum(lengths) - lengths
        rows = np.repeat(self.offsets[items] - begins, lengths) + np.arange(lengths.sum())
        return rows, np.repeat(items, lengths)

    def blocks(self, items: Items) -> Iterator[Float32Array]:
        """All rows of the items, (n, dim) a block, never the whole stream in memory."""
        rows, _ = self.row_owners(items)
        rows_at_once = max(1, _VALUES_AT_ONCE // self.form.dim)
        for first in range(0, len(rows), rows_at_once):
            yield self.values(rows[first : first + rows_at_once])


@dataclass(frozen=True, slots=True)
class PairSet:
    """A checked pair set. `track_codes` (N,): equal numbers where items share a track."""

    name: str
    folder: Path
    query: tuple[str, ...]
    target: tuple[str, ...]
    streams: Mapping[str, Stream]
    items: tuple[Item, ...]
    track_codes: Items

    def items_of(self, split: Split, *, owning: Sequence[str] = ()) -> Items:
        """Numbers of the split's items, ascending; of those alone that own rows in every stream of `owning`."""
        numbers = np.array([number for number, item in enumerate(self.items) if item.split == split], np.int64)
        for name in owning:
            numbers = numbers[self.streams[name].lengths(numbers) > 0]
        return numbers


def standardisation(stream: Stream, items: Items) -> tuple[Float32Array, Float32Array]:
    """Mean and deviation of each feature over all rows of the items, (dim,) each; 1 where a feature never varies."""
    count, total, squares = 0, np.zeros(stream.form.dim), np.zeros(stream.form.dim)
    for block in stream.blocks(items):
        count += len(block)
        total += block.sum(axis=0, dtype=np.float64)
        squares += np.square(block, dtype=np.float64).sum(axis=0)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    # Below a millionth of the mean the difference of squares is rounding, not spread.
    is_constant = deviation <= 1e-6 * np.maximum(np.abs(mean), 1)
    return mean.astype(np.float32), np.where(is_constant, 1, deviation).astype(np.float32)
