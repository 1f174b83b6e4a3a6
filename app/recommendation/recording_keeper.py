"""Keeps up with new tracks in the background: whether each is a recording that is there already."""

from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Self

from app.recommendation.library import Library
from app.recommendation.recordings import Fingerprinter, look_for_recordings
from app.recommendation.steady import Steady

LOOK_EVERY_S = 5.0


class RecordingKeeper:
    """A context manager: looks at new tracks while it is open, from a thread of its own.

    `failure` says what went wrong the last time, None while all is well. Nothing that goes wrong ends it.
    """

    def __init__(
        self,
        library: Callable[[], Library],
        *,
        fingerprinter: Callable[[], Fingerprinter | None],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """`library`: the one that is served now. `fingerprinter`: asked for once, from the thread."""
        self._steady = Steady(wrong="new tracks are not compared", well="new tracks are compared again")
        self._library, self._fingerprinter = library, fingerprinter
        self._look_every_s = look_every_s
        self._stop = Event()
        self._thread = Thread(target=self._run, name="recording-keeper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def failure(self) -> str | None:
        return self._steady.failure

    def _run(self) -> None:
        fingerprinter = self._fingerprinter()
        while not self._stop.is_set():
            self._steady.attempt(partial(self._look, fingerprinter))
            self._stop.wait(self._look_every_s)

    def _look(self, fingerprinter: Fingerprinter | None) -> None:
        look_for_recordings(self._library(), fingerprinter=fingerprinter, is_unwanted=self._stop.is_set)
