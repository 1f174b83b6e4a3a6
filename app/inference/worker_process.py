"""One worker process and the pipe to it: start, ask, end. Owned by one thread; knows no queue and no replacement."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from threading import Lock
from types import ModuleType
from typing import Any, Self

from app.errors import BgmError, EncoderUnavailable
from app.inference.launch import serve

# The main module is one for the whole program, and so is the lock on hiding it.
_MAIN_IS_HIDDEN = Lock()


@dataclass(frozen=True, slots=True)
class WorkerKind:
    """What a process is to be: `module` offers `prepare(setup)`, as `launch.serve` says.

    `time_limit_s` is for each job of a batch, and `too_late` makes the error for those that outlast it.
    `start_limit_s` is long for the device's sake: its first start may fetch a backbone's weights.
    """

    name: str
    module: str
    setup: object
    time_limit_s: float
    too_late: Callable[[], BgmError]
    max_batch: int = 1
    start_limit_s: float = 900.0


class WorkerProcess:
    """A child process, started on construction; a context manager that leaves no process behind, not even a zombie."""

    def __init__(self, kind: WorkerKind, *, interrupt: Connection) -> None:
        """`interrupt`: what is waited for beside every answer; once it can be read, waiting is over."""
        self._kind, self._interrupt = kind, interrupt
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (kind.name, kind.module, kind.setup, theirs)
        self._process = context.Process(target=serve, args=arguments, name=kind.name, daemon=True)
        with theirs, _hidden_main_module():
            self._process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        # Whatever it is doing: workers hold nothing worth a goodbye.
        self._process.kill()
        self._process.join()
        self._process.close()
        self._connection.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def wait_until_loaded(self) -> None:
        """Raises the error that kept the worker from loading, or what `ask` raises."""
        greeting = self._receive(self._kind.start_limit_s)
        if isinstance(greeting, BgmError):
            raise greeting

    def ask(self, jobs: Sequence[object]) -> list[Any]:
        """One answer or BgmError a job. Raises EncoderUnavailable where the process ended or waiting was interrupted,
        TimeoutError after the time limit, and ConnectionError where the process had ended before it got the jobs."""
        self._connection.send(jobs)
        answers: list[Any] = self._receive(self._kind.time_limit_s * len(jobs))
        return answers

    def _receive(self, limit_s: float) -> Any:
        ready = wait([self._connection, self._process.sentinel, self._interrupt], timeout=limit_s)
        if not ready:
            raise TimeoutError
        # A process that answered and then ended has both ready; what it said still counts.
        if self._connection not in ready:
            raise EncoderUnavailable(worker=self._kind.name)
        try:
            return self._connection.recv()
        except (EOFError, ConnectionResetError) as error:
            raise EncoderUnavailable(worker=self._kind.name) from error


@contextmanager
def _hidden_main_module() -> Iterator[None]:
    """`spawn` runs the parent's main module again in the child, and with it the whole server or command line that it
    imports: seconds and some 100 MB for each process, and an endless chain for a script without a main guard."""
    with _MAIN_IS_HIDDEN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
