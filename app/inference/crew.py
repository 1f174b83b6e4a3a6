"""Processes of one kind that share a queue. Knows no job; what a process does is its module's matter."""

from concurrent.futures import Future
from multiprocessing import Pipe
from threading import Lock
from typing import Self

from app.errors import EncoderUnavailable
from app.inference.job_queue import AnswerT, Job, JobQueue
from app.inference.member import Member, WorkerStatus
from app.inference.worker_process import WorkerKind


class Crew:
    """A context manager: its processes start on entering, without being waited for, and are gone after leaving.

    Every job that `submit` takes is answered or failed, whatever becomes of the processes.
    """

    def __init__(self, kind: WorkerKind, *, count: int) -> None:
        self._kind = kind
        self._queue = JobQueue()
        self._reviewing = Lock()
        # Nothing is ever written: closing one end wakes everybody who waits at the other.
        self._closing, self._close = Pipe(duplex=False)
        names = [kind.name] if count == 1 else [f"{kind.name}-{place}" for place in range(1, count + 1)]
        self._members = [
            Member(kind, name=name, queue=self._queue, closing=self._closing, changed=self._review) for name in names
        ]

    def __enter__(self) -> Self:
        for member in self._members:
            member.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._queue.refuse(self._unavailable)
        self._close.close()
        for member in self._members:
            member.join()
        self._closing.close()

    def submit(self, job: Job[AnswerT]) -> Future[AnswerT]:
        """The answer to come, or EncoderUnavailable; at once where no process of the crew can be started."""
        return self._queue.put(job)

    def wait_until_ready(self) -> None:
        """Raises the error that keeps a process from starting."""
        for member in self._members:
            member.wait_until_ready()

    def status(self) -> list[WorkerStatus]:
        return [member.status() for member in self._members]

    def _review(self) -> None:
        with self._reviewing:
            if all(member.failure for member in self._members):
                self._queue.refuse(self._unavailable)
            else:
                self._queue.accept()

    def _unavailable(self) -> EncoderUnavailable:
        return EncoderUnavailable(worker=self._kind.name)
