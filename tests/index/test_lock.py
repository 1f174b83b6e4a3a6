from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Barrier, Event

import pytest

from app.index.lock import ReadersOrWriter

PATIENCE_S = 30


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_readers_are_inside_at_the_same_time(threads: ThreadPoolExecutor) -> None:
    lock, all_inside = ReadersOrWriter(), Barrier(3, timeout=PATIENCE_S)

    def read() -> None:
        with lock.reading():
            all_inside.wait()

    for reader in [threads.submit(read) for _ in range(3)]:
        reader.result()


@pytest.mark.parametrize("first", ["reading", "writing"])
def test_a_writer_is_alone(threads: ThreadPoolExecutor, first: str) -> None:
    lock, order = ReadersOrWriter(), list[str]()
    enter: Callable[[], AbstractContextManager[None]] = getattr(lock, first)

    def write() -> None:
        with lock.writing():
            order.append("writer")

    with enter():
        writer = threads.submit(write)
        wait_until_a_writer_waits(lock)
        order.append("first")
    writer.result(PATIENCE_S)
    assert order == ["first", "writer"]


def test_a_waiting_writer_goes_before_readers_that_come_later(threads: ThreadPoolExecutor) -> None:
    lock, order = ReadersOrWriter(), list[str]()
    reader_came = Event()

    def write() -> None:
        with lock.writing():
            order.append("writer")

    def read() -> None:
        reader_came.set()
        with lock.reading():
            order.append("reader")

    with lock.reading():
        writer = threads.submit(write)
        wait_until_a_writer_waits(lock)
        reader = threads.submit(read)
        assert reader_came.wait(PATIENCE_S)
    for task in (writer, reader):
        task.result(PATIENCE_S)
    assert order == ["writer", "reader"]


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_whoever_fails_inside_lets_the_next_in(way: str) -> None:
    lock = ReadersOrWriter()
    enter: Callable[[], AbstractContextManager[None]] = getattr(lock, way)

    def fail() -> None:
        with enter():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with lock.writing():
        pass
    with lock.reading():
        pass


def wait_until_a_writer_waits(lock: ReadersOrWriter) -> None:
    with lock._changed:
        # Whoever begins to wait gives no sign; the count is looked at each time the condition could have been taken.
        while not lock._changed.wait_for(lambda: lock._writers_waiting > 0, timeout=0.001):
            pass
