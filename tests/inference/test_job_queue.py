from dataclasses import dataclass

import pytest

from app.errors import EncoderUnavailable
from app.inference.job_queue import Job, JobQueue


@dataclass(frozen=True, slots=True)
class Numbered(Job[int]):
    number: int


def unavailable() -> EncoderUnavailable:
    return EncoderUnavailable(worker="fake")


def take(queue: JobQueue, at_most: int = 10) -> list[Job[int]]:
    return [queued.job for queued in queue.take(at_most=at_most, patience_s=0.0)]


def test_jobs_leave_in_the_order_they_came_and_no_more_than_asked_for() -> None:
    queue = JobQueue()
    for number in range(3):
        queue.put(Numbered(number))
    assert take(queue, at_most=2) == [Numbered(0), Numbered(1)]
    assert take(queue, at_most=2) == [Numbered(2)]
    assert take(queue) == []


def test_jobs_put_back_are_the_next_ones() -> None:
    queue = JobQueue()
    for number in range(4):
        queue.put(Numbered(number))
    queue.put_back(queue.take(at_most=2, patience_s=0.0))
    assert take(queue) == [Numbered(0), Numbered(1), Numbered(2), Numbered(3)]


def test_a_refusing_queue_fails_what_is_in_it_what_comes_and_what_comes_back() -> None:
    queue = JobQueue()
    held = queue.put(Numbered(0))
    batch = queue.take(at_most=1, patience_s=0.0)
    waiting = queue.put(Numbered(1))
    queue.refuse(unavailable)
    late = queue.put(Numbered(2))
    queue.put_back(batch)
    for future in (held, waiting, late):
        with pytest.raises(EncoderUnavailable):
            future.result(timeout=0)


def test_a_queue_that_accepts_again_keeps_what_comes() -> None:
    queue = JobQueue()
    queue.refuse(unavailable)
    queue.accept()
    queue.put(Numbered(1))
    assert take(queue) == [Numbered(1)]


def test_the_first_outcome_of_a_job_stands() -> None:
    queue = JobQueue()
    future = queue.put(Numbered(0))
    [queued] = queue.take(at_most=1, patience_s=0.0)
    queued.settle(7)
    queued.settle(unavailable())
    assert future.result(timeout=0) == 7
