from collections.abc import Iterator
from threading import Event, current_thread

import pytest

from training.prefetch import one_ahead

# Long enough for any machine; a test that waits so long has failed.
PATIENCE_S = 30.0


class Source:
    """Counts how many values were asked of it, and tells when the second is made."""

    def __init__(self, count: int) -> None:
        self.made = 0
        self.made_second = Event()
        self._count = count

    def __iter__(self) -> Iterator[int]:
        for value in range(self._count):
            self.made += 1
            if self.made == 2:
                self.made_second.set()
            yield value


def failing_after(count: int) -> Iterator[int]:
    yield from range(count)
    raise KeyError("the third")


def test_the_values_come_in_their_order_and_all() -> None:
    assert list(one_ahead(range(7))) == list(range(7))
    assert list(one_ahead([])) == []


def test_values_that_are_none_or_empty_are_values_too() -> None:
    assert list(one_ahead([None, 0, ()])) == [None, 0, ()]


def test_the_next_value_is_made_while_the_present_one_is_in_use() -> None:
    source = Source(3)
    values = one_ahead(source)
    assert next(values) == 0
    assert source.made_second.wait(PATIENCE_S)
    assert list(values) == [1, 2]


def test_no_more_than_one_value_waits() -> None:
    source = Source(9)
    for value in one_ahead(source):
        assert source.made <= value + 2


def test_values_are_made_in_another_thread() -> None:
    threads = set(one_ahead(current_thread().name for _ in range(3)))
    assert current_thread().name not in threads
    assert len(threads) == 1


def test_an_error_comes_through_after_the_values_before_it() -> None:
    values = one_ahead(failing_after(2))
    assert [next(values), next(values)] == [0, 1]
    with pytest.raises(KeyError, match="the third"):
        next(values)


def test_leaving_early_makes_no_more_than_was_on_its_way() -> None:
    source = Source(100)
    for _ in one_ahead(source):
        break
    assert source.made <= 2
