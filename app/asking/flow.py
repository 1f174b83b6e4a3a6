"""Conversations with the server, written once for threads and event loops. Sends nothing and never waits itself.

An operation is a generator: it yields an `Attempt` and is sent the good `Answer`. Whoever drives it does the
waiting and the sending.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.asking.answers import checked
from app.asking.errors import ServerUnreachable
from app.asking.messages import Answer, Request, Unanswered
from app.asking.retries import Retries, is_worth_it, pause_after

ResultT = TypeVar("ResultT")
SentT = TypeVar("SentT")
# Between the tries of those who have time.
PATIENT_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to send after so many seconds. `outlasts_s`: so long it is tried again, however often it fails, where
    whoever asks has time."""

    request: Request
    after_s: float = 0.0
    outlasts_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ended(Generic[ResultT]):
    result: ResultT


# An operation sees good answers only; its errors are raised past it.
Operation = Generator[Attempt, Answer, ResultT]
# What a transport drives: it is sent whatever came of each attempt.
Flow = Generator[Attempt, Answer | Unanswered, ResultT]


def patient(operation: Operation[ResultT], retries: Retries) -> Flow[ResultT]:
    """The operation, each of its attempts tried again as `retries` has it. Raises ApiError and its siblings."""
    step = begun(operation)
    while isinstance(step, Attempt):
        answer = yield from _answered(step, retries)
        step = advanced(operation, answer)
    return step.result


def begun(flow: Generator[Attempt, SentT, ResultT]) -> Attempt | Ended[ResultT]:
    try:
        return next(flow)
    except StopIteration as ended:
        return Ended(ended.value)


def advanced(flow: Generator[Attempt, SentT, ResultT], outcome: SentT) -> Attempt | Ended[ResultT]:
    """What the flow does next, now that it has the outcome of its last attempt."""
    try:
        return flow.send(outcome)
    except StopIteration as ended:
        return Ended(ended.value)


def _answered(attempt: Attempt, retries: Retries) -> Flow[Answer]:
    tries, pause_s, waited_s = 0, attempt.after_s, 0.0
    while True:
        outcome = yield Attempt(attempt.request, pause_s)
        tries += 1
        again_after_s = pause_after(outcome, attempt.request, tries=tries, retries=retries)
        if again_after_s is None and waited_s < attempt.outlasts_s and is_worth_it(outcome, attempt.request):
            again_after_s = PATIENT_PAUSE_S
        if again_after_s is None:
            return _good(outcome)
        waited_s += again_after_s
        pause_s = again_after_s


def _good(outcome: Answer | Unanswered) -> Answer:
    if isinstance(outcome, Unanswered):
        raise ServerUnreachable(server=outcome.server, reason=outcome.reason)
    return checked(outcome)
