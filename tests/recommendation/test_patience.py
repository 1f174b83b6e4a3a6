from collections.abc import Callable
from concurrent.futures import Future
from threading import Event

import pytest

from app.errors import BgmError, DiskFull, EncoderUnavailable, NotReady, Overloaded, UnreadableMedia
from app.recommendation.patience import BUSY_PAUSES_S, patient_answer, where_busy


class Encoder:
    """Meets these troubles one after the other, then answers; `tries` counts."""

    def __init__(self, *troubles: BgmError) -> None:
        self.tries = 0
        self._troubles = list(troubles)

    def ask(self) -> Future[str]:
        self.tries += 1
        trouble = self._troubles.pop(0) if self._troubles else None
        if isinstance(trouble, Overloaded):
            raise trouble
        answer: Future[str] = Future()
        if trouble:
            answer.set_exception(trouble)
        else:
            answer.set_result("answer")
        return answer


DIED, FULL = EncoderUnavailable(worker="device"), Overloaded(limit=4)


def answered(encoder: Encoder, *, stop: Event | None = None, pause: Callable[[float], None] = lambda _: None) -> str:
    return patient_answer(encoder.ask, stop=stop or Event(), pause=pause)


def test_a_process_that_ends_gets_another_two_tries() -> None:
    assert answered(Encoder(DIED, DIED)) == "answer"
    dying = Encoder(DIED, DIED, DIED)
    with pytest.raises(EncoderUnavailable):
        answered(dying)
    assert dying.tries == 3


def test_room_is_waited_for_as_long_as_it_takes() -> None:
    pauses: list[float] = []
    assert answered(Encoder(*[FULL] * 10), pause=pauses.append) == "answer"
    assert len(pauses) == 10


def test_what_is_the_files_own_fault_is_not_tried_again() -> None:
    encoder = Encoder(UnreadableMedia(reason="damaged"))
    with pytest.raises(UnreadableMedia):
        answered(encoder)
    assert encoder.tries == 1


@pytest.mark.parametrize("trouble", [DIED, FULL])
def test_nothing_is_tried_again_once_it_is_to_stop(trouble: BgmError) -> None:
    stop = Event()
    stop.set()
    encoder = Encoder(trouble)
    with pytest.raises(type(trouble)):
        answered(encoder, stop=stop)
    assert encoder.tries == 1


class Catalogue:
    """Is busy so often, then answers; `tries` counts."""

    def __init__(self, *troubles: BgmError) -> None:
        self.tries = 0
        self._troubles = list(troubles)

    def ask(self) -> str:
        self.tries += 1
        if self._troubles:
            raise self._troubles.pop(0)
        return "answer"


BUSY = NotReady(missing=["the catalogue"])


def test_a_busy_catalogue_is_asked_again_after_longer_and_longer_pauses() -> None:
    pauses: list[float] = []
    patient = Catalogue(*[BUSY] * len(BUSY_PAUSES_S))
    assert where_busy(patient.ask, stop=Event(), pause=pauses.append) == "answer"
    assert pauses == sorted(BUSY_PAUSES_S)


def test_a_catalogue_that_stays_busy_is_given_up() -> None:
    hopeless = Catalogue(*[BUSY] * 100)
    with pytest.raises(NotReady):
        where_busy(hopeless.ask, stop=Event(), pause=lambda _: None)
    assert hopeless.tries == len(BUSY_PAUSES_S) + 1


def test_a_catalogue_is_not_asked_again_once_it_is_to_stop_or_for_anything_else() -> None:
    stop = Event()
    stop.set()
    busy, full = Catalogue(BUSY), Catalogue(DiskFull())
    with pytest.raises(NotReady):
        where_busy(busy.ask, stop=stop, pause=lambda _: None)
    with pytest.raises(DiskFull):
        where_busy(full.ask, stop=Event(), pause=lambda _: None)
    assert (busy.tries, full.tries) == (1, 1)
