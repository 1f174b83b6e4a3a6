"""When to look and listen: global sparse and fixed-duration sampling (design: II-CLVM, section 3.1). Opens no file."""

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]


def gs_instants(duration_s: float, count: int) -> Float64Array:
    """Global sparse sampling: the centres of `count` equal segments of the whole, in seconds, ascending."""
    return (np.arange(count, dtype=np.float64) + 0.5) * (max(duration_s, 0.0) / count)


def fd_instants(duration_s: float, count: int, window_s: float = 30.0) -> Float64Array:
    """Fixed-duration sampling, the baseline: as many instants inside one window around the centre.

    30 s as CBVMR does; a shorter file is its own window.
    """
    window_s = min(window_s, max(duration_s, 0.0))
    return (max(duration_s, 0.0) - window_s) / 2 + gs_instants(window_s, count)


def window_starts(duration_s: float, count: int, window_s: float) -> Float64Array:
    """Starts of `count` windows of sound, ascending, each centred on its segment but never beyond the file's ends.

    All are 0 where the file is no longer than one window.
    """
    last_start_s = max(duration_s - window_s, 0.0)
    return np.clip(gs_instants(duration_s, count) - window_s / 2, 0.0, last_start_s)


def gs_pick(length: int, count: int, rng: np.random.Generator | None = None) -> NDArray[np.int64]:
    """Which steps of a stored sequence of `length` to take, shape (count,), ascending.

    Without `rng` the step at each segment's centre (evaluation); with it any step of the segment (training, drawn
    afresh each time). A sequence shorter than `count` repeats steps.
    """
    inside = np.full(count, 0.5) if rng is None else rng.random(count)
    picked = np.floor((np.arange(count) + inside) * (length / count)).astype(np.int64)
    return np.minimum(picked, length - 1)
