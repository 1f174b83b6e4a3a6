"""Works for tests of jobs: they do as they are told, when they are told."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any

from app.catalogue.jobs import JobStore
from app.jobs import Job, JobKind
from app.recommendation.job_runner import JobRunner
from app.recommendation.job_work import JobWork, Progress
from app.recommendation.library import Library

PATIENCE_S = 20


class Scripted:
    """Does `script`; `begun` counts how often."""

    def __init__(self, script: Callable[[Job, Progress], Mapping[str, Any]], *, kind: JobKind = "import") -> None:
        self.kind: JobKind = kind
        self.begun = 0
        self._script = script

    def run(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        self.begun += 1
        return self._script(job, progress)


class Patient:
    """Works until it is told to stop, or `go` is set."""

    def __init__(self, *, kind: JobKind = "import") -> None:
        self.kind: JobKind = kind
        self.begun, self.go = Event(), Event()
        self.stopped = Event()

    def run(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        self.begun.set()
        while not self.go.wait(0.01):
            if progress.is_cancelled:
                self.stopped.set()
                return {"stopped": True}
        return {"worker": id(self)}


@contextmanager
def running(library: Library, *works: JobWork, **patience: float) -> Iterator[JobRunner]:
    """A runner that looks often."""
    with JobRunner(library.catalogue.transactions, works, **({"look_every_s": 0.02} | patience)) as runner:
        yield runner


def until(is_so: Callable[[], bool]) -> None:
    """Waits until it is so; fails where it never is."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def ended(store: JobStore, job_id: str) -> Job:
    """The job once it has ended."""
    until(lambda: store.get(job_id).is_final)
    return store.get(job_id)
