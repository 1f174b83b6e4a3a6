"""Holds back training items for validation, where a set's own lists have none. Knows no set."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from training.errors import PairSetError
from training.pair_set import Item


def hold_out(items: Sequence[Item], *, count: int, seed: int) -> list[Item]:
    """The items with `count` of "train" drawn at random into "validation", by id and whatever their order.

    Raises PairSetError where there is a validation split, or too little to draw from.
    """
    if count == 0:
        return list(items)
    of_train = sorted((number for number, item in enumerate(items) if item.split == "train"), key=lambda n: items[n].id)
    if any(item.split == "validation" for item in items):
        raise PairSetError(file="arguments", field="--validation", reason="the set has a validation split of its own")
    if count >= len(of_train):
        reason = f"{count} cannot be held out of {len(of_train)} items for training"
        raise PairSetError(file="arguments", field="--validation", reason=reason)
    drawn = set(np.random.default_rng(seed).permutation(of_train)[:count].tolist())
    return [replace(item, split="validation") if number in drawn else item for number, item in enumerate(items)]
