"""Runs tasks in worker processes and says whose process died. Knows no source and no pair set."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import parent_process
from threading import Thread

from training.processes import one_thread_each

Task = Callable[[], None]
# So that no worker waits for its next task, and few are suspected when one dies.
_IN_HAND_EACH = 2


def run_all(tasks: Mapping[str, Task], *, processes: int) -> Iterator[tuple[str, bool]]:
    """Each task's key once it is done; False where its process died twice, the second time with no other task.

    Tasks are picklable. What a task raises is raised here.
    """
    waiting = deque(tasks)
    with one_thread_each():
        while waiting:
            in_hand: dict[str, Future[None]] = {}
            yield from _until_one_dies(tasks, waiting, in_hand, processes)
            for key in in_hand:
                yield key, _is_done_alone(tasks[key])


def _until_one_dies(
    tasks: Mapping[str, Task], waiting: deque[str], in_hand: dict[str, Future[None]], processes: int
) -> Iterator[tuple[str, bool]]:
    """Takes keys from `waiting`; those that nobody finished are in `in_hand` afterwards."""
    with _workers(processes) as pool:
        try:
            while waiting or in_hand:
                while waiting and len(in_hand) < _IN_HAND_EACH * processes:
                    in_hand[waiting[0]] = pool.submit(tasks[waiting[0]])
                    waiting.popleft()
                wait_for(in_hand.values(), return_when=FIRST_COMPLETED)
                for key in [key for key, future in in_hand.items() if _has_ended(future)]:
                    in_hand.pop(key).result()
                    yield key, True
                if any(future.done() for future in in_hand.values()):
                    return
        except BrokenProcessPool:
            # Raised where a process died between two tasks that were handed out.
            return
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _has_ended(future: Future[None]) -> bool:
    """Whether the task itself came to an end, good or bad."""
    return future.done() and not isinstance(future.exception(), BrokenProcessPool)


def _is_done_alone(task: Task) -> bool:
    with _workers(1) as pool:
        try:
            pool.submit(task).result()
        except BrokenProcessPool:
            return False
    return True


def _workers(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_watch_parent)


def _watch_parent() -> None:
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent tells its workers nothing, and they would wait for tasks for ever."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
