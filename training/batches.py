"""Batches of pairs as tensors: gathered by index, standardised, with the words each item is to be heard with.

Knows the pair set's streams by their names `video`, `music`, `title`, `keywords`; knows no model and no loss.

Axes: B pairs in a batch, T steps, E width of a frozen feature.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from app.encoders.models import standardise
from app.encoders.spec import EncoderSpec
from training.pair_set import Items, PairSet

TEXT_STREAMS = ("title", "keywords")
Chosen = NDArray[np.bool_]


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
class Batch:
    video_BTE: Tensor
    music_BTE: Tensor
    text_BE: Tensor | None
    has_text_B: Tensor | None
    track_B: Tensor

    def noised(self, deviation: float) -> "Batch":
        """The batch with normal noise on every video and music feature, drawn from torch's generator."""
        if deviation == 0:
            return self
        video_BTE, music_BTE = (
            values + deviation * torch.randn_like(values) for values in (self.video_BTE, self.music_BTE)
        )
        return replace(self, video_BTE=video_BTE, music_BTE=music_BTE)


@dataclass(frozen=True, slots=True)
class PairFeed:
    """Turns item numbers into batches for one encoder, on one device."""

    pairs: PairSet
    spec: EncoderSpec
    device: torch.device

    def batch(self, items: Items, words: dict[str, Chosen], *, rng: np.random.Generator | None = None) -> Batch:
        """`words` tells for each text stream which of the items bring it; with `rng` steps and captions are drawn."""
        video, music, streams = self.spec.video, self.spec.music, self.pairs.streams
        video_BTE = self._tensor(streams["video"].sequences(items, video.steps, rng=rng))
        music_BTE = self._tensor(streams["music"].sequences(items, music.steps, rng=rng))
        text_BE, has_text_B = self._texts(items, words, rng) if self.spec.text else (None, None)
        return Batch(
            video_BTE=standardise(video_BTE, video.standardisation),
            music_BTE=standardise(music_BTE, music.standardisation),
            text_BE=text_BE,
            has_text_B=has_text_B,
            track_B=self._tensor(self.pairs.track_codes[items]),
        )

    def evaluation_batches(self, items: Items, words: frozenset[str], *, size: int = 512) -> Iterator[Batch]:
        """All items in order, every one heard with the named text streams where it has them."""
        for first in range(0, len(items), size):
            part = items[first : first + size]
            yield self.batch(part, {name: np.full(len(part), name in words) for name in TEXT_STREAMS})

    def _texts(self, items: Items, words: dict[str, Chosen], rng: np.random.Generator | None) -> tuple[Tensor, Tensor]:
        """The mean of the chosen texts' unit vectors, brought to unit length again; zeros where none is left."""
        heard = []
        for name in TEXT_STREAMS:
            values_BE, has_B = self.pairs.streams[name].captions(items, rng=rng)
            heard.append(values_BE * (has_B & words[name])[:, None])
        text_BE = F.normalize(self._tensor(np.sum(heard, axis=0)), dim=1)
        return text_BE, text_BE.abs().sum(dim=1) > 0

    def _tensor(self, values: NDArray[np.generic]) -> Tensor:
        return torch.as_tensor(values, device=self.device)


def shuffled(items: Items, *, size: int, rng: np.random.Generator) -> Iterator[Items]:
    """The items in random order, `size` at a time; the few that do not fill a batch wait for another epoch."""
    order = rng.permutation(items)
    for first in range(0, len(order) - size + 1, size):
        yield order[first : first + size]
