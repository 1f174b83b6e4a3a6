"""Puts behind what a list should not repeat: other files of a recording, too many tracks of one artist. Pure.

Nothing is left out: the list stays as long as it was, so neither can empty or shorten it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.recommendation.fuse import Numbers

# Stands for an artist whom nobody named.
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Recordings:
    """Which tracks (`repeated`, ascending) are the same recording as an older one, and for each the `oldest`."""

    repeated: Numbers
    oldest: Numbers

    def of(self, numbers: Numbers) -> Numbers:
        """The recording of each track: its own number where it is not the same as an older one."""
        if not len(self.repeated):
            return numbers
        places = np.minimum(np.searchsorted(self.repeated, numbers), len(self.repeated) - 1)
        return np.where(self.repeated[places] == numbers, self.oldest[places], numbers)


@dataclass(frozen=True, slots=True)
class Arranged:
    """Candidates by their places in what was given, best first. The first `different` of `order` are what a list
    should show, the others follow; both parts best first.

    `folded`: for a candidate, the other files of its recording that were put behind because of it.
    """

    order: NDArray[np.int64]
    different: int
    folded: Mapping[int, tuple[int, ...]]


def arranged(recordings: Numbers, artists: Numbers | None = None, *, per_artist: int | None = None) -> Arranged:
    """`recordings`: of the candidates, best first; the same number for all files of one recording.

    `per_artist`: how many of one of the `artists`, one for each candidate, may come first; None for any number. Of
    NOBODY there cannot be too many.
    """
    is_first = _earlier_ones(recordings) == 0
    folded = _other_files(recordings, is_first)
    if artists is not None and per_artist is not None:
        named = np.flatnonzero(is_first & (artists != NOBODY))
        is_first[named[_earlier_ones(artists[named]) >= per_artist]] = False
    return Arranged(np.concatenate([*np.nonzero(is_first), *np.nonzero(~is_first)]), int(is_first.sum()), folded)


def _earlier_ones(values: Numbers) -> Numbers:
    """How many of the values before it each value equals."""
    order = np.argsort(values, kind="stable")
    begins = np.ones(len(values), dtype=np.bool_)
    begins[1:] = values[order][1:] != values[order][:-1]
    places = np.arange(len(values))
    earlier = np.empty(len(values), dtype=np.int64)
    earlier[order] = places - np.maximum.accumulate(np.where(begins, places, 0))
    return earlier


def _other_files(recordings: Numbers, is_first: NDArray[np.bool_]) -> dict[int, tuple[int, ...]]:
    """What follows the best of each recording, all by their places."""
    best = dict(zip(recordings[is_first].tolist(), np.flatnonzero(is_first).tolist(), strict=True))
    folded: dict[int, tuple[int, ...]] = {}
    for place in np.flatnonzero(~is_first).tolist():
        better = best[int(recordings[place])]
        folded[better] = (*folded.get(better, ()), place)
    return folded
