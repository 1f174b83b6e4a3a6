"""Batches of pairs as tensors: drawn as row numbers, gathered by index, standardised. Knows no model and no loss.

Axes: B pairs in a batch, T steps, E width of a frozen feature, C words streams, L labels, K kept steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from app.encoders.models import standardise
from training.model_spec import ModelSpec, TowerSpec
from training.pair_set import Items, PairSet
from training.rows import Rows

Chosen = NDArray[np.bool_]
RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextMix:
    """Text dropout: how often (weights of a draw) an item is heard with no words, its title, its keywords, or both."""

    none: float
    title: float
    keywords: float
    both: float

    def draw(self, count: int, rng: np.random.Generator) -> dict[str, Chosen]:
        """For each text stream which of `count` items bring it."""
        weights = np.array([self.none, self.title, self.keywords, self.both])
        drawn = rng.choice(4, size=count, p=weights / weights.sum())
        return {"title": (drawn == 1) | (drawn == 3), "keywords": (drawn == 2) | (drawn == 3)}


@dataclass(frozen=True, slots=True)
class Draw:
    """Which rows a batch takes: small arrays that every process of a run draws alike and gathers its part of.

    `words_CB`: one row a stream and item, -1 where the item is heard without it.
    """

    query_BT: RowNumbers
    target_BT: RowNumbers
    words_CB: RowNumbers
    track_B: RowNumbers
    label_BL: NDArray[np.bool_] | None = None

    def part(self, pairs: slice) -> "Draw":
        labels = None if self.label_BL is None else self.label_BL[pairs]
        return Draw(self.query_BT[pairs], self.target_BT[pairs], self.words_CB[:, pairs], self.track_B[pairs], labels)


@dataclass(frozen=True, slots=True)
class Batch:
    """`kept_K`: the only steps of both sides that the towers are to look at; None: all."""

    query_BTE: Tensor
    target_BTE: Tensor
    text_BE: Tensor | None
    has_text_B: Tensor | None
    track_B: Tensor
    label_BL: Tensor | None = None
    kept_K: Tensor | None = None

    def noised(self, deviation: float) -> "Batch":
        """The batch with normal noise on every feature of both sides, drawn from torch's generator."""
        if deviation == 0:
            return self
        query_BTE, target_BTE = (
            values + deviation * torch.randn_like(values) for values in (self.query_BTE, self.target_BTE)
        )
        return replace(self, query_BTE=query_BTE, target_BTE=target_BTE)

    def cut(self, kept: NDArray[np.int64] | None) -> "Batch":
        """The batch, of which the towers look at these steps alone."""
        return self if kept is None else replace(self, kept_K=torch.as_tensor(kept, device=self.query_BTE.device))


@dataclass(frozen=True, slots=True)
class PairFeed:
    """Turns item numbers into batches for one model, on one device. `labels`: each item's classes, where wanted."""

    pairs: PairSet
    spec: ModelSpec
    device: torch.device
    rows: Mapping[str, Rows]
    labels: NDArray[np.bool_] | None = None

    def draw(
        self,
        items: Items,
        words: Mapping[str, Chosen],
        *,
        rng: np.random.Generator | None = None,
        partners: Items | None = None,
    ) -> Draw:
        """`words` tells for each text stream which of the items bring it; with `rng` steps and captions are drawn.

        `partners`: the items whose target side is taken, where pairs are not (query, target) of one item; each pair
        is then a track of its own.
        """
        query_BT = self._picks(self.spec.query, items, rng)
        target_BT = self._picks(self.spec.target, items if partners is None else partners, rng)
        tracks = self.pairs.track_codes[items] if partners is None else np.arange(len(items))
        labels = None if self.labels is None else self.labels[items]
        return Draw(query_BT, target_BT, self._word_picks(items, words, rng), tracks, labels)

    def gather(self, draw: Draw) -> Batch:
        spec = self.spec
        query_BTE = standardise(self.rows[spec.query.stream](draw.query_BT), spec.query.standardisation)
        target_BTE = standardise(self.rows[spec.target.stream](draw.target_BT), spec.target.standardisation)
        text_BE, has_text_B = (None, None) if spec.words is None else self._texts(draw.words_CB)
        labels = (
            None if draw.label_BL is None else torch.as_tensor(draw.label_BL, dtype=torch.float32, device=self.device)
        )
        track_B = torch.as_tensor(draw.track_B, device=self.device)
        return Batch(query_BTE, target_BTE, text_BE, has_text_B, track_B, labels)

    def query_batches(
        self, items: Items, words: frozenset[str], *, size: int = 512
    ) -> Iterator[tuple[Items, Tensor, Tensor | None, Tensor | None]]:
        """All query rows of the items in order: owners, steps, and the named texts where an item has them.

        A text side has a query for every caption, any other side one for every item.
        """
        for owners, steps in self._side_batches(self.spec.query, items, size):
            chosen = {name: np.full(len(owners), name in words) for name in self.words_streams}
            texts = (None, None) if self.spec.words is None else self._texts(self._word_picks(owners, chosen, None))
            yield owners, steps, *texts

    def target_batches(self, items: Items, *, size: int = 512) -> Iterator[tuple[Items, Tensor]]:
        """All target rows of the items in order, with their owners; for a text side every caption."""
        return self._side_batches(self.spec.target, items, size)

    @property
    def words_streams(self) -> Sequence[str]:
        return () if self.spec.words is None else self.spec.words.streams

    def _side_batches(self, side: TowerSpec, items: Items, size: int) -> Iterator[tuple[Items, Tensor]]:
        rows_RT, owners = self._picks(side, items, None), items
        if side.modality == "text":
            rows_R, owners = self.pairs.streams[side.stream].row_owners(items)
            rows_RT = rows_R[:, None]
        for first in range(0, len(owners), size):
            part = slice(first, first + size)
            yield owners[part], standardise(self.rows[side.stream](rows_RT[part]), side.standardisation)

    def _picks(self, side: TowerSpec, items: Items, rng: np.random.Generator | None) -> RowNumbers:
        stream = self.pairs.streams[side.stream]
        if side.modality == "text":
            return stream.caption_picks(items, rng=rng)[:, None]
        return stream.picks(items, side.steps, rng=rng, window_rows=side.window_rows if side.sampling == "fd" else None)

    def _word_picks(self, items: Items, words: Mapping[str, Chosen], rng: np.random.Generator | None) -> RowNumbers:
        picks = [
            np.where(words[name], self.pairs.streams[name].caption_picks(items, rng=rng), -1)
            for name in self.words_streams
        ]
        return np.stack(picks) if picks else np.empty((0, len(items)), np.int64)

    def _texts(self, words_CB: RowNumbers) -> tuple[Tensor, Tensor]:
        """The mean of the chosen texts' unit vectors, brought to unit length again; zeros where none is left."""
        width = self.pairs.streams[self.words_streams[0]].form.dim
        total_BE = torch.zeros(words_CB.shape[1], width, device=self.device)
        for name, picks_B in zip(self.words_streams, words_CB, strict=True):
            if (picks_B >= 0).any():
                chosen_B1 = torch.as_tensor(picks_B >= 0, device=self.device)[:, None]
                unit_BE = F.normalize(self.rows[name](np.maximum(picks_B, 0)), dim=1)
                total_BE = total_BE + unit_BE * chosen_B1
        text_BE = F.normalize(total_BE, dim=1)
        return text_BE, text_BE.abs().sum(dim=1) > 0


def shuffled(items: Items, *, size: int, rng: np.random.Generator) -> Iterator[Items]:
    """The items in random order, `size` at a time; the few that do not fill a batch wait for another epoch."""
    order = rng.permutation(items)
    for first in range(0, len(order) - size + 1, size):
        yield order[first : first + size]
