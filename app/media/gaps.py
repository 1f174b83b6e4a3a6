"""Decides how far to decode past keyframes when a budget of frames is left. Pure numbers; reads no file."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Missing:
    """An instant without a frame of its own, and the last keyframe before it; in seconds."""

    time_s: float
    keyframe_s: float


@dataclass(frozen=True, slots=True)
class Reach:
    """Decode from a keyframe on, at most so many packets, and take the frames nearest to these instants."""

    keyframe_s: float
    times_s: tuple[float, ...]
    packets: int


@dataclass(frozen=True, slots=True)
class Budget:
    """How many frames may be decoded, and how many of them make a second."""

    frames: int
    per_second: float


def plan_reaches(missing: Sequence[Missing], *, taken_s: Sequence[float], budget: Budget) -> list[Reach]:
    """Spends the budget where frames lie furthest apart: again and again, the middle of the widest gap.

    Reaching an instant decodes everything from its keyframe on, so the instants on the way come with it. The cost is
    counted in frames by the frame rate, and is what the reader is allowed to read. In order of time.
    """
    waiting = sorted(missing, key=lambda instant: instant.time_s)
    reached: list[Missing] = []
    packets: dict[float, int] = {}
    left = budget.frames
    while waiting and left > 0:
        aim = _middle_of_widest_gap(waiting, [*taken_s, *(instant.time_s for instant in reached)])
        cost = ceil((aim.time_s - aim.keyframe_s) * budget.per_second) + 1
        extra = max(cost - packets.get(aim.keyframe_s, 0), 0)
        if extra > left:
            waiting.remove(aim)
            continue
        left -= extra
        packets[aim.keyframe_s] = packets.get(aim.keyframe_s, 0) + extra
        on_the_way = [other for other in waiting if other.keyframe_s == aim.keyframe_s and other.time_s <= aim.time_s]
        reached += on_the_way
        waiting = [other for other in waiting if other not in on_the_way]
    return [_reach(keyframe_s, reached, packets[keyframe_s]) for keyframe_s in sorted(packets)]


def _reach(keyframe_s: float, reached: Sequence[Missing], packets: int) -> Reach:
    times_s = sorted(instant.time_s for instant in reached if instant.keyframe_s == keyframe_s)
    return Reach(keyframe_s=keyframe_s, times_s=tuple(times_s), packets=packets)


def _middle_of_widest_gap(waiting: Sequence[Missing], taken_s: Sequence[float]) -> Missing:
    """The waiting instant in the widest gap that lies nearest to its middle; of equals, the earliest."""
    ends = sorted([min(instant.keyframe_s for instant in waiting), *taken_s, waiting[-1].time_s])

    def rank(instant: Missing) -> tuple[float, float, float]:
        after = min(bisect_right(ends, instant.time_s), len(ends) - 1)
        before_s, after_s = ends[after - 1], ends[after]
        return after_s - before_s, -abs(instant.time_s - (before_s + after_s) / 2), -instant.time_s

    return max(waiting, key=rank)
