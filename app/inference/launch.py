"""What a worker process runs: load the named module, answer batches until nobody asks. Knows no job and no library."""

import importlib
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import parent_process
from threading import Thread
from typing import Any, TypeVar

from app.errors import BgmError, WorkerDefect

OutcomeT = TypeVar("OutcomeT")
# Answers to a batch of jobs, one each, in the same order.
Work = Callable[[Sequence[Any]], Sequence[Any]]


def serve(worker: str, module: str, setup: object, connection: Connection) -> None:
    """The target of a spawned process. `module` is a name, so that the parent need not import it.

    The module offers `prepare(setup) -> Work`. First goes out None, or the error that kept `prepare` from succeeding;
    then, for every list of jobs that comes in, the list of their answers or errors.
    """
    # Ctrl-C goes to the whole process group; the parent finishes its requests first and then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # OpenMP's threads wait for each other in busy loops: beside decoders on the same 2 cores, 4 tracks' features cost
    # 595 ms of processor time where 80 ms do. It reads this when torch loads it, so it stands before the import.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    work = _attempt(worker, lambda: importlib.import_module(module).prepare(setup))
    with suppress(EOFError, ConnectionError):  # nobody asks any more
        connection.send(work if isinstance(work, BgmError) else None)
        while not isinstance(work, BgmError):
            connection.send(outcomes(worker, work, connection.recv()))


def outcomes(worker: str, work: Work, jobs: Sequence[Any]) -> list[Any]:
    """One answer or BgmError a job. What goes wrong in a batch is tried again one by one, so a bad job fails alone."""
    answers = _attempt(worker, lambda: list(work(jobs)))
    if not isinstance(answers, BgmError):
        return answers
    if len(jobs) == 1:
        return [answers]
    return [outcome for job in jobs for outcome in outcomes(worker, work, [job])]


def _attempt(worker: str, step: Callable[[], OutcomeT]) -> OutcomeT | BgmError:
    try:
        return step()
    except BgmError as error:
        return error
    except Exception:  # noqa: BLE001  the one place where a worker outlives what nobody foresaw
        return WorkerDefect(worker=worker, trace=traceback.format_exc())


def _end_with_parent() -> None:
    """A killed parent closes nothing in order, and a busy worker reads no pipe; so one thread waits for its end."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
