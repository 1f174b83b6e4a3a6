"""How well embeddings find their partners: recall and median rank, both directions. Knows vectors and no model.

Axes: N queries, M targets, D embedding width, G tracks among the targets.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array

RECALLS_AT = (1, 5, 10, 25)
# Cosines of float32 vectors differ by this much between one block size and another: closer ones count as tied.
TIE = 1e-6
# A block's similarities are held at most this often at once, 4 bytes each.
_VALUES_AT_ONCE = 1 << 24
Tracks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recalls:
    """Shares (0 to 1) of the queries whose partner is among the first 1, 5, 10, 25, and the median rank (from 1)."""

    r1: float
    r5: float
    r10: float
    r25: float
    median_rank: float


@dataclass(frozen=True, slots=True)
class Embedded:
    """One side of a pool: unit rows (N, D), and the track that each belongs to, (N,)."""

    vectors: Float32Array
    tracks: Tracks

    def of(self, tracks: Tracks) -> "Embedded":
        """The rows of the named tracks."""
        kept = np.isin(self.tracks, tracks)
        return Embedded(self.vectors[kept], self.tracks[kept])


@dataclass(frozen=True, slots=True)
class BothWays:
    """`pool` counts the candidates a query is ranked among: the tracks, not the rows."""

    pool: int
    query_to_target: Recalls
    target_to_query: Recalls


def recalls_both_ways(query: Embedded, target: Embedded) -> BothWays:
    """Ranks every query among all tracks of the targets, and every target among those of the queries."""
    return BothWays(
        pool=len(np.unique(target.tracks)),
        query_to_target=recalls_of(ranks(query, target)),
        target_to_query=recalls_of(ranks(target, query)),
    )


def ranks(query: Embedded, target: Embedded) -> NDArray[np.int64]:
    """For each query the rank (from 1) of its own track among the targets' tracks, (N,).

    Rows of one track are one candidate, as good as the best of them. Ties count against the query. Similarities are
    computed in blocks of queries, so memory grows with N and not with its square. Raises ValueError where a query has
    a track that no target has.
    """
    tracks, group_M = np.unique(target.tracks, return_inverse=True)
    order_M = np.argsort(group_M, kind="stable")
    begin_G = np.searchsorted(group_M[order_M], np.arange(len(tracks)))
    if not np.isin(query.tracks, tracks).all():
        raise ValueError("a query's track is not among the targets'")
    own_N = np.searchsorted(tracks, query.tracks)
    sorted_DM = target.vectors[order_M].T
    found = np.empty(len(query.vectors), np.int64)
    for block in _blocks(len(query.vectors), max(1, _VALUES_AT_ONCE // len(target.vectors))):
        score_BG = query.vectors[block] @ sorted_DM
        if len(tracks) < len(target.vectors):
            score_BG = np.maximum.reduceat(score_BG, begin_G, axis=1)
        own_B = np.take_along_axis(score_BG, own_N[block][:, None], axis=1)
        # Not below: a score that is no number counts against the query too.
        found[block] = (~(score_BG < own_B - TIE)).sum(axis=1)
    return found


def recalls_of(rank_N: NDArray[np.int64]) -> Recalls:
    r1, r5, r10, r25 = (float((rank_N <= k).mean()) for k in RECALLS_AT)
    return Recalls(r1, r5, r10, r25, median_rank=float(np.median(rank_N)))


def _blocks(count: int, size: int) -> Iterator[slice]:
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))
