"""Jobs in the order they came, each with the future of its answer. Knows no process."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition
from typing import Any, Generic, TypeVar

from app.errors import BgmError

AnswerT = TypeVar("AnswerT")


class Job(Generic[AnswerT]):
    """Base of all that is asked of a worker; its parameter is the type of the answer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class QueuedJob:
    job: Job[Any]
    answer: Future[Any] = field(default_factory=Future)

    def settle(self, outcome: object) -> None:
        """Answers, or fails where `outcome` is an error; the first outcome stands."""
        if self.answer.done():
            return
        if isinstance(outcome, BgmError):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


class JobQueue:
    """Open, or refusing: then whatever is in it and whatever comes fails at once, so that nobody waits in vain."""

    def __init__(self) -> None:
        self._waiting: deque[QueuedJob] = deque()
        self._changed = Condition()
        self._refusal: Callable[[], BgmError] | None = None

    def put(self, job: Job[AnswerT]) -> Future[AnswerT]:
        queued = QueuedJob(job)
        with self._changed:
            if self._refusal is None:
                self._waiting.append(queued)
                self._changed.notify()
            else:
                queued.settle(self._refusal())
        return queued.answer

    def take(self, *, at_most: int, patience_s: float) -> list[QueuedJob]:
        """What is there by now, oldest first; waits only for the first of them, and gives [] where none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._refusal, timeout=patience_s)
            return [self._waiting.popleft() for _ in range(min(at_most, len(self._waiting)))]

    def put_back(self, batch: Sequence[QueuedJob]) -> None:
        """For jobs taken and never begun: they are next."""
        with self._changed:
            self._waiting.extendleft(reversed(batch))
            self._changed.notify()
            self._fail_all_if_refusing()

    def refuse(self, refusal: Callable[[], BgmError]) -> None:
        with self._changed:
            self._refusal = refusal
            self._fail_all_if_refusing()
            self._changed.notify_all()

    def accept(self) -> None:
        with self._changed:
            self._refusal = None

    def _fail_all_if_refusing(self) -> None:
        while self._refusal is not None and self._waiting:
            self._waiting.popleft().settle(self._refusal())
