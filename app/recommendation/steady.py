"""Steps that a background thread takes again and again: what goes wrong ends nothing, and is told once."""

import logging
from collections.abc import Callable

LOG = logging.getLogger(__name__)


class Steady:
    """`failure` says what went wrong the last time, None while all is well. For one thread; others may read it."""

    def __init__(self, *, wrong: str, well: str) -> None:
        """`wrong` and `well` go to the log when it begins to fail, and when it works again."""
        self.failure: str | None = None
        self._wrong, self._well = wrong, well

    def attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            if self.failure is None:
                LOG.exception("%s; trying again and again", self._wrong)
            self.failure = type(error).__name__
        else:
            if self.failure is not None:
                LOG.warning("%s", self._well)
            self.failure = None
