import os

import numpy as np
import pytest

from benchmarks.own_process import weighed

MEGABYTES = 200


def filled(megabytes: int) -> int:
    block = np.ones(megabytes * 1_000_000, np.uint8)
    total = 0
    # Long enough to be seen.
    for _ in range(5):
        total += int(block.sum(dtype=np.int64))
    return total // 5


def failing() -> None:
    raise RuntimeError("it went wrong")


def number_of_the_process() -> int:
    return os.getpid()


def test_what_a_process_of_its_own_took_at_its_highest_is_told() -> None:
    small, large = weighed(filled, 1), weighed(filled, MEGABYTES)
    assert (small.value, large.value) == (1_000_000, MEGABYTES * 1_000_000)
    for less, more in ((small.peak_mb, large.peak_mb), (small.own_mb, large.own_mb)):
        assert 0.8 * MEGABYTES < more - less < 1.2 * MEGABYTES
    assert large.own_mb < large.peak_mb


def test_the_work_is_not_done_in_this_process() -> None:
    assert weighed(number_of_the_process).value != os.getpid()


def test_an_error_of_the_work_comes_through() -> None:
    with pytest.raises(RuntimeError, match="it went wrong"):
        weighed(failing)
