"""How well embeddings find their partners: recall and median rank, both directions. Knows vectors and no model.

Axes: N items of a pool, D embedding width, G tracks among them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array

RECALLS_AT = (1, 5, 10, 25)
# Cosines of float32 vectors differ by this much between one block size and another: closer ones count as tied.
TIE = 1e-6
_QUERIES_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Recalls:
    """Shares (0 to 1) of the queries whose partner is among the first 1, 5, 10, 25, and the median rank (from 1)."""

    r1: float
    r5: float
    r10: float
    r25: float
    median_rank: float


@dataclass(frozen=True, slots=True)
class BothWays:
    """`pool` counts the candidates a query is ranked among: the tracks, not the rows."""

    pool: int
    video_to_music: Recalls
    music_to_video: Recalls


def recalls_both_ways(video_ND: Float32Array, music_ND: Float32Array, track_N: NDArray[np.int64]) -> BothWays:
    """Ranks row i's partner among all tracks, for unit embeddings of which row i of both sides is one pair."""
    return BothWays(
        pool=len(np.unique(track_N)),
        video_to_music=recalls_of(ranks(video_ND, music_ND, track_N)),
        music_to_video=recalls_of(ranks(music_ND, video_ND, track_N)),
    )


def ranks(query_ND: Float32Array, target_ND: Float32Array, track_N: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each query the rank (from 1) of its own track among the tracks, (N,).

    Rows of one track are one candidate, as good as the best of them. Ties count against the query. Similarities are
    computed in blocks of queries, so memory grows with N and not with its square.
    """
    tracks, group_N = np.unique(track_N, return_inverse=True)
    order_N = np.argsort(group_N, kind="stable")
    begin_G = np.searchsorted(group_N[order_N], np.arange(len(tracks)))
    found = np.empty(len(query_ND), np.int64)
    for block in _blocks(len(query_ND)):
        score_BG = np.maximum.reduceat(query_ND[block] @ target_ND[order_N].T, begin_G, axis=1)
        own_B = np.take_along_axis(score_BG, group_N[block][:, None], axis=1)
        # Not below: a score that is no number counts against the query too.
        found[block] = (~(score_BG < own_B - TIE)).sum(axis=1)
    return found


def recalls_of(rank_N: NDArray[np.int64]) -> Recalls:
    r1, r5, r10, r25 = (float((rank_N <= k).mean()) for k in RECALLS_AT)
    return Recalls(r1, r5, r10, r25, median_rank=float(np.median(rank_N)))


def _blocks(count: int) -> Iterator[slice]:
    for first in range(0, count, _QUERIES_AT_ONCE):
        yield slice(first, min(first + _QUERIES_AT_ONCE, count))
