"""Asks an encoder, or the catalogue, again where that may help. Knows nothing of what is asked."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from app.errors import EncoderUnavailable, NotReady, Overloaded

# A file that ends a process ends the next one too; one that was only near it deserves another try.
MOST_TRIES = 3
PAUSE_S = 1.0
# Pauses after which something is tried again that found the catalogue busy.
BUSY_PAUSES_S = (0.25, 1.0, 4.0, 10.0)

AnswerT = TypeVar("AnswerT")


class StopSign(Protocol):
    """In production an event, or the progress of a job."""

    def is_set(self) -> bool: ...


def patient_answer(
    ask: Callable[[], Future[AnswerT]], *, stop: StopSign, pause: Callable[[float], None] = time.sleep
) -> AnswerT:
    """Asks up to three times where a process ended over it, and as often as there is no room, until `stop` is set.

    Raises what the last try did.
    """
    tries = 0
    while True:
        try:
            return ask().result()
        except EncoderUnavailable:
            tries += 1
            if tries == MOST_TRIES or stop.is_set():
                raise
        except Overloaded:
            if stop.is_set():
                raise
            pause(PAUSE_S)


def where_busy(ask: Callable[[], AnswerT], *, stop: StopSign, pause: Callable[[float], None] = time.sleep) -> AnswerT:
    """Asks again, a few times, where something is not ready: two writers met, say. Raises what the last try did."""
    for pause_s in BUSY_PAUSES_S:
        try:
            return ask()
        except NotReady:
            if stop.is_set():
                raise
        pause(pause_s)
    return ask()
