"""Keeps an index level with a catalogue that others change too, and its snapshot fresh, from a thread of its own."""

import logging
import time
from threading import Event, Thread
from typing import Self

from app.errors import BgmError
from app.recommendation.index_upkeep import IndexUpkeep
from app.recommendation.steady import Steady

LOG = logging.getLogger(__name__)

# What another process added must be found within 2 s.
LOOK_EVERY_S = 0.5
SAVE_EVERY_S = 60.0
SAVE_AFTER_CHANGES = 1000
# Saving a large index may take long; it is then done so seldom that it costs a twentieth of the time at most.
SHARE_OF_TIME = 20


class ChangeFollower:
    """A context manager: follows the change feed while it is open, and saves a last snapshot when it closes.

    `failure` says what went wrong the last time, None while all is well. Nothing that goes wrong ends it.
    """

    def __init__(self, upkeep: IndexUpkeep, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._steady = Steady(
            wrong="the index does not follow the catalogue", well="the index follows the catalogue again"
        )
        self._upkeep = upkeep
        self._look_every_s = look_every_s
        self._stop = Event()
        self._thread = Thread(target=self._run, name="change-follower", daemon=True)
        self._saved_at, self._save_took_s, self._save_failed = time.monotonic(), 0.0, False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.retire()
        self._steady.attempt(self._save)

    def retire(self) -> None:
        """Stops, and saves nothing: the index is not the one to be found at the next start."""
        self._stop.set()
        self._thread.join()

    @property
    def failure(self) -> str | None:
        return self._steady.failure

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.wait(self._look_every_s):
            self._steady.attempt(self._look)

    def _look(self) -> None:
        self._upkeep.catch_up()
        waited_s = time.monotonic() - self._saved_at
        is_time = waited_s >= max(SAVE_EVERY_S, SHARE_OF_TIME * self._save_took_s)
        is_much = self._upkeep.unsaved_changes >= SAVE_AFTER_CHANGES and not self._save_failed
        if is_time or is_much:
            self._save()

    def _save(self) -> None:
        if not self._upkeep.unsaved_changes:
            return
        started = time.monotonic()
        try:
            self._upkeep.save()
        except (BgmError, OSError):
            # The index in memory is level with the catalogue all the same.
            LOG.exception("no snapshot of the index could be saved; trying again in %s s", SAVE_EVERY_S)
            self._save_failed = True
        else:
            self._save_failed = False
        self._saved_at = time.monotonic()
        self._save_took_s = self._saved_at - started
