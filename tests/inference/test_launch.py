from collections.abc import Sequence

from app.errors import UnreadableMedia, WorkerDefect
from app.inference.launch import outcomes


def test_a_good_batch_is_worked_off_at_once() -> None:
    sizes: list[int] = []

    def work(jobs: Sequence[int]) -> list[int]:
        sizes.append(len(jobs))
        return [job * 10 for job in jobs]

    assert outcomes("fake", work, [1, 2, 3]) == [10, 20, 30]
    assert sizes == [3]


def test_after_an_error_each_job_of_a_batch_is_tried_alone() -> None:
    def work(jobs: Sequence[int]) -> list[int]:
        if 2 in jobs:
            raise UnreadableMedia(reason="two")
        return [100 // (3 - job) for job in jobs]

    first, own, last = outcomes("fake", work, [1, 2, 3])
    assert first == 50
    assert isinstance(own, UnreadableMedia)
    assert isinstance(last, WorkerDefect)
    assert "ZeroDivisionError" in last.trace
