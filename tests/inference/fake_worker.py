"""A worker with no library behind it, whose jobs do what real ones only do on bad days."""

import os
import resource
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from app.errors import BgmError
from app.inference.job_queue import Job


@dataclass(frozen=True, slots=True)
class FakeSetup:
    """`dies_while`: the process ends before it is loaded, as long as this file exists.

    `hangs_at`: it never gets loaded, and writes its process id into this named pipe first.
    """

    fails_with: BgmError | None = None
    breaks: bool = False
    dies_while: Path | None = None
    hangs_at: Path | None = None


@dataclass(frozen=True, slots=True)
class Echo(Job[str]):
    text: str


@dataclass(frozen=True, slots=True)
class BatchSize(Job[int]):
    """Answered with the number of jobs that were worked off together."""


@dataclass(frozen=True, slots=True)
class Pid(Job[int]):
    pass


@dataclass(frozen=True, slots=True)
class Gate(Job[None]):
    """Two named pipes: the worker writes its process id into the one, and goes on when the other was written to."""

    reached: Path
    opened: Path


@dataclass(frozen=True, slots=True)
class Hang(Job[None]):
    """Never answered; the worker writes its process id into the named pipe first."""

    reached: Path


@dataclass(frozen=True, slots=True)
class Signal(Job[None]):
    """The process meets its end as from outside: SIGKILL from the kernel out of memory, SIGSEGV from a codec."""

    number: signal.Signals


@dataclass(frozen=True, slots=True)
class Raise(Job[None]):
    error: Exception


@dataclass(frozen=True, slots=True)
class Hog(Job[None]):
    """Asks for more memory than there is."""


@dataclass(frozen=True, slots=True)
class Unspeakable(Job[Any]):
    """Its answer cannot be sent."""


@dataclass(frozen=True, slots=True)
class Unreadable(Job[Any]):
    """Its answer can be sent and not be read: an error whose fact has another name than its keyword."""


@dataclass(frozen=True, slots=True)
class Environment(Job[str | None]):
    variable: str


class Misnamed(BgmError):
    def __init__(self, *, keyword: str) -> None:
        super().__init__(keyword)
        self.attribute = keyword


def prepare(setup: FakeSetup) -> Callable[[Sequence[Job[Any]]], list[Any]]:
    if setup.dies_while is not None and setup.dies_while.exists():
        os.kill(os.getpid(), signal.SIGKILL)
    if setup.hangs_at is not None:
        _answer(Hang(setup.hangs_at), batch_size=1)
    if setup.fails_with is not None:
        raise setup.fails_with
    if setup.breaks:
        raise ValueError("broken at start")
    return lambda jobs: [_answer(job, batch_size=len(jobs)) for job in jobs]


def _answer(job: Job[Any], *, batch_size: int) -> Any:
    match job:
        case Echo(text):
            return text
        case BatchSize():
            return batch_size
        case Pid():
            return os.getpid()
        case Gate(reached, opened):
            reached.write_text(str(os.getpid()))
            opened.read_text()
        case Hang(reached):
            reached.write_text(str(os.getpid()))
            Event().wait()
        case Signal(number):
            os.kill(os.getpid(), number)
            Event().wait()
        case Raise(error):
            raise error
        case Hog():
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, hard))
            return len(bytearray(2 << 30))
        case Unspeakable():
            return lambda: None
        case Unreadable():
            raise Misnamed(keyword="lost")
        case Environment(variable):
            return os.environ.get(variable)
    return None
