"""What an epoch's batches are made of: items with their own targets, or pairs drawn within classes. Knows no model."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from training.batches import Draw, PairFeed, TextMix, shuffled
from training.classes import Noise, batch_classes, class_codes, members_of, pairs_within
from training.pair_set import Items


@dataclass(frozen=True, slots=True)
class OwnTargets:
    """Each item once an epoch, with its own target."""

    kind: Literal["own targets"] = "own targets"

    def draws(
        self, feed: PairFeed, items: Items, mix: TextMix, *, batch_pairs: int, rng: np.random.Generator
    ) -> Iterator[Draw]:
        for part in shuffled(items, size=batch_pairs, rng=rng):
            yield feed.draw(part, mix.draw(len(part), rng), rng=rng)


@dataclass(frozen=True, slots=True)
class WithinClasses:
    """As many batches as items would fill; a pair is any two items of a class."""

    noise: Noise = "no"
    kind: Literal["within classes"] = "within classes"

    def draws(
        self, feed: PairFeed, items: Items, mix: TextMix, *, batch_pairs: int, rng: np.random.Generator
    ) -> Iterator[Draw]:
        members = members_of(class_codes(feed.pairs), items)
        known = np.array(sorted(members), np.int64)
        for _ in range(len(items) // batch_pairs):
            chosen = batch_classes(known, batch_pairs=batch_pairs, noise=self.noise, rng=rng)
            queries, partners = pairs_within(members, chosen, rng)
            yield feed.draw(queries, mix.draw(len(queries), rng), rng=rng, partners=partners)


Drawing = OwnTargets | WithinClasses
