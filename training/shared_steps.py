"""Which steps of a sequence a training batch keeps, the same of both sides. Knows no features."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Kept = NDArray[np.int64]


def cuts_of(steps: int, share: float | None, *, seed: tuple[int, ...]) -> Iterator[Kept | None]:
    """For each batch of an epoch the steps it keeps, rising; None keeps all. Every process draws the same.

    By turns any of them and a stretch without gaps: a few steps must not suffice to know a pair again, and neither
    must how it begins.
    """
    # Not the generator that batches are drawn from: they are drawn one ahead, in a thread of their own.
    rng = np.random.default_rng((*seed, 1))
    while True:
        if share is None:
            yield None
            continue
        count = max(1, int(steps * share))
        yield np.sort(rng.permutation(steps)[:count])
        first = int(rng.integers(0, steps - count + 1))
        yield np.arange(first, first + count)
