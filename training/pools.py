"""Recalls in pools of a fixed size, as papers report them: drawn at random several times, mean and deviation.

A whole test split is harder the larger it is, so figures of different sets compare only in pools of one size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation import BothWays, Embedded, Recalls, recalls_both_ways

# The papers' A_1024 and B_1000.
POOL_SIZES = (1000, 1024)
DRAWS = 10
SEED = 2024


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation over the draws, of shares (0 to 1) and of the median rank."""

    mean: Recalls
    deviation: Recalls


@dataclass(frozen=True, slots=True)
class PoolRecalls:
    """What `draws` pools of `size` tracks gave, in each direction."""

    size: int
    draws: int
    query_to_target: Spread
    target_to_query: Spread


def recalls_in_pools(
    query: Embedded, target: Embedded, *, size: int, draws: int = DRAWS, seed: int = SEED
) -> PoolRecalls | None:
    """None where there are fewer tracks than the pool takes. The same seed draws the same tracks for every model."""
    tracks = np.unique(target.tracks)
    if len(tracks) < size:
        return None
    rng = np.random.default_rng((seed, size))
    found = []
    for _ in range(draws):
        drawn = rng.choice(tracks, size, replace=False)
        found.append(recalls_both_ways(query.of(drawn), target.of(drawn)))
    return PoolRecalls(
        size, draws, spread([both.query_to_target for both in found]), spread([both.target_to_query for both in found])
    )


def spread(found: Sequence[Recalls]) -> Spread:
    """Mean and deviation (with n - 1; 0 of a single draw) of each figure."""
    table = np.array([[recalls.r1, recalls.r5, recalls.r10, recalls.r25, recalls.median_rank] for recalls in found])
    deviation = table.std(axis=0, ddof=1) if len(found) > 1 else np.zeros(table.shape[1])
    return Spread(Recalls(*table.mean(axis=0).tolist()), Recalls(*deviation.tolist()))


def mean_both_ways(both: BothWays) -> float:
    """The one figure that runs are compared by: R@5, 10 and 25, both ways."""
    ways = (both.query_to_target, both.target_to_query)
    return sum(found.r5 + found.r10 + found.r25 for found in ways) / 6
