"""Keeps up with new tracks in the background: whether each is a recording that is there already."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

from app.recommendation.library import Library
from app.recommendation.recordings import Fingerprinter, look_for_recordings

LOG = logging.getLogger(__name__)

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
        self.failure: str | None = None
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

    def _run(self) -> None:
        fingerprinter = self._fingerprinter()
        while not self._stop.is_set():
            self._look(fingerprinter)
            self._stop.wait(self._look_every_s)

    def _look(self, fingerprinter: Fingerprinter | None) -> None:
        try:
            look_for_recordings(self._library(), fingerprinter=fingerprinter, is_unwanted=self._stop.is_set)
        except Exception as error:
            if self.failure is None:
                LOG.exception("new tracks are not compared; trying again every %s s", self._look_every_s)
            self.failure = type(error).__name__
        else:
            if self.failure is not None:
                LOG.warning("new tracks are compared again")
            self.failure = None
