"""Pairs of made-up YouTube-8M features, on disk and in memory, to measure with where their content does not matter.

Axes: E width of a frozen feature.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.converters.youtube8m import streams_of
from training.pair_set import Item, PairSet, Split, Stream
from training.pair_set_writer import PairSetWriter, StreamPlan

QUERY, TARGET = "video", "music"
# Larger than a processor's caches, small beside what it stands for.
_BLOCK_ROWS = 1 << 16


def write_pairs(folder: Path, *, counts: Mapping[Split, int], rows: int, seed: int = 7) -> Path:
    """Noise, `rows` steps an item, in the form that the converter of the real set writes."""
    rng, streams = np.random.default_rng(seed), streams_of("frame")
    with PairSetWriter(folder, streams=streams, query=[QUERY], target=[TARGET]) as writer:
        for item in _items(counts):
            writer.add(item, {name: _noise(rng, rows, plan.form.dim) for name, plan in streams.items()})
    return folder


def pairs_in_memory(*, counts: Mapping[Split, int], rows: tuple[int, int], seed: int = 7) -> PairSet:
    """Items of `rows` (least, most) steps; one block of noise over and over, since drawing it all takes minutes."""
    rng, items = np.random.default_rng(seed), tuple(_items(counts))
    lengths = rng.integers(rows[0], rows[1] + 1, len(items))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    streams = {name: _stream(name, plan, offsets, rng) for name, plan in streams_of("frame").items()}
    return PairSet("made-up", Path(), (QUERY,), (TARGET,), streams, items, np.arange(len(items)))


def _items(counts: Mapping[Split, int]) -> Iterator[Item]:
    for split, count in counts.items():
        yield from (Item(f"{split}-{number}", f"track of {split}-{number}", split) for number in range(count))


def _stream(name: str, plan: StreamPlan, offsets: NDArray[np.int64], rng: np.random.Generator) -> Stream:
    rows_RE = np.empty((int(offsets[-1]), plan.form.dim), np.uint8)
    block = _noise(rng, min(_BLOCK_ROWS, len(rows_RE)), plan.form.dim)
    for first in range(0, len(rows_RE), len(block)):
        part = rows_RE[first : first + len(block)]
        part[:] = block[: len(part)]
    return Stream(name, plan.form, rows_RE, offsets, plan.scale)


def _noise(rng: np.random.Generator, rows: int, dim: int) -> NDArray[np.uint8]:
    return rng.integers(0, 256, (rows, dim), dtype=np.uint8)
