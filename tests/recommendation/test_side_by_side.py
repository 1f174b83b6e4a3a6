from collections.abc import Generator, Iterator
from threading import Barrier, Event

import pytest

from app.errors import DiskFull
from app.recommendation.side_by_side import side_by_side


def test_every_item_gives_its_result_whatever_their_number() -> None:
    results = side_by_side(lambda item: item * item, range(100), at_once=4, stop=Event())

    assert sorted(results) == [item * item for item in range(100)]


def test_items_are_worked_on_at_the_same_time() -> None:
    together = Barrier(3, timeout=10)

    def work(item: int) -> int:
        together.wait()  # breaks, and so fails, unless three are in hand at once
        return item

    assert sorted(side_by_side(work, range(6), at_once=3, stop=Event())) == list(range(6))


def test_no_item_is_taken_before_there_is_a_place_for_it() -> None:
    taken: list[int] = []
    finished: list[int] = []
    ahead: list[int] = []

    def items() -> Iterator[int]:
        for item in range(20):
            taken.append(item)
            ahead.append(len(taken) - len(finished))
            yield item

    list(side_by_side(finished.append, items(), at_once=3, stop=Event()))

    assert len(finished) == 20
    assert max(ahead) <= 3


def test_once_stopped_nothing_is_begun_and_what_is_in_hand_still_gives_its_result() -> None:
    stop, begun = Event(), []

    def work(item: int) -> int:
        begun.append(item)
        stop.set()
        return item

    results = list(side_by_side(work, range(50), at_once=2, stop=stop))

    assert sorted(results) == sorted(begun)
    assert len(begun) <= 2


def test_an_error_of_the_work_ends_it_all() -> None:
    def work(item: int) -> int:
        if item == 3:
            raise DiskFull
        return item

    with pytest.raises(DiskFull):
        list(side_by_side(work, range(1000), at_once=2, stop=Event()))


def test_closing_does_not_wait_for_what_is_in_hand() -> None:
    may_go_on, finished = Event(), []

    def work(item: int) -> int:
        if item:
            may_go_on.wait(timeout=10)
            finished.append(item)
        return item

    results = side_by_side(work, range(3), at_once=3, stop=Event())
    assert isinstance(results, Generator)
    assert next(results) == 0
    results.close()

    assert finished == []
    may_go_on.set()
