"""Which stretch of a video each wanted instant stands for, and which taken picture serves it. Pure; reads no file."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from app.media.picture import Picture


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch nearer to this instant than to its neighbours; the first and the last have an infinite end."""

    start_s: float
    time_s: float
    end_s: float

    def holds(self, time_s: float) -> bool:
        return self.start_s <= time_s < self.end_s


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture and the time it was really taken at."""

    time_s: float
    picture: Picture


def spans_around(times_s: Sequence[float] | NDArray[np.floating]) -> tuple[list[Span], list[int]]:
    """The spans in order of time, and for each instant as it was given the place of its span."""
    wanted_s = np.asarray(times_s, dtype=np.float64)
    order = np.argsort(wanted_s, kind="stable")
    ordered = wanted_s[order]
    borders = [-inf, *((ordered[1:] + ordered[:-1]) / 2).tolist(), inf]
    spans = [Span(*edges) for edges in zip(borders[:-1], ordered.tolist(), borders[1:], strict=True)]
    return spans, np.argsort(order).tolist()


def nearest_taken(spans: Sequence[Span], taken: Sequence[Taken]) -> list[Taken]:
    """For each span the picture nearest to its instant, one taken inside it if there is any."""
    taken_s = np.array([one.time_s for one in taken])
    return [taken[_nearest(span, taken_s)] for span in spans]


def _nearest(span: Span, taken_s: NDArray[np.float64]) -> int:
    distance_s = np.abs(taken_s - span.time_s)
    is_inside = (taken_s >= span.start_s) & (taken_s < span.end_s)
    return int(np.argmin(np.where(is_inside | ~is_inside.any(), distance_s, inf)))
