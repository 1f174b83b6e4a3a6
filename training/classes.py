"""Pairs within a class, for sets in which any two items of a class belong together (Caltech-256). Knows no features."""

from typing import Literal

import numpy as np

from training.errors import PairSetError
from training.pair_set import Items, PairSet

# How many pairs of one class stand in a batch, by name (II-CLVM, figure 7).
Noise = Literal["no", "with", "more", "most"]
NOISES: tuple[Noise, ...] = ("no", "with", "more", "most")


def class_codes(pairs: PairSet) -> Items:
    """For every item the number of its class, its first label. Raises PairSetError where an item has none."""
    for item in pairs.items:
        if not item.labels:
            raise PairSetError(file="items.jsonl", field="labels", item=item.id, reason="names no class")
    return np.unique([str(item.labels[0]) for item in pairs.items], return_inverse=True)[1].astype(np.int64)


def first_two_of_classes(classes: Items, items: Items) -> tuple[Items, Items]:
    """The first and the second of the items in each class that has two of them."""
    order = items[np.argsort(classes[items], kind="stable")]
    begins = np.flatnonzero(np.diff(classes[order], prepend=-1))
    sizes = np.diff(begins, append=len(order))
    return order[begins[sizes > 1]], order[begins[sizes > 1] + 1]


def batch_classes(classes: Items, *, batch_pairs: int, noise: Noise, rng: np.random.Generator) -> Items:
    """The classes of a batch's pairs, (B,): as many of one class as `noise` says. A little fewer where thirds are odd.

    Raises PairSetError where there are too few classes.
    """
    single, several, each = {
        "no": (batch_pairs, 0, 1),
        "with": (batch_pairs // 3, batch_pairs // 3, 2),
        "more": (0, batch_pairs // 2, 2),
        "most": (0, batch_pairs // 4, 4),
    }[noise]
    if single + several > len(classes):
        reason = f"{len(classes)} classes of two items and more are too few for batches of {batch_pairs} pairs"
        raise PairSetError(file="items.jsonl", field="labels", reason=reason)
    drawn = rng.choice(classes, single + several, replace=False)
    return np.concatenate([drawn[:single], np.repeat(drawn[single:], each)])


def pairs_within(members: dict[int, Items], classes: Items, rng: np.random.Generator) -> tuple[Items, Items]:
    """For each named class two different members, drawn anew each time: queries and their partners."""
    drawn = np.array([rng.choice(members[int(number)], 2, replace=False) for number in classes])
    return drawn[:, 0], drawn[:, 1]


def members_of(classes: Items, items: Items) -> dict[int, Items]:
    """The items of each class that has at least two."""
    found = {int(number): items[classes[items] == number] for number in np.unique(classes[items])}
    return {number: members for number, members in found.items() if len(members) > 1}
