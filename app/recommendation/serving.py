"""What a server answers with now: one library, the processes that encode for it, and what keeps its index level.

A library may be moved to another checkpoint while it is served; then all three are others from one request to the next.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.library import Library, SectionEncoder, TrackEncoder, VideoEncoder
from app.recommendation.readiness import Workers
from app.recommendation.reembed import Embedder


class EncoderPool(VideoEncoder, TrackEncoder, SectionEncoder, Embedder, Workers, Protocol):
    """In production the inference pool."""

    def admit(self, caller: str | None = None) -> AbstractContextManager[None]:
        """A place among the requests being worked on, held until the block ends. Raises at once: Overloaded, and
        RateLimited where this caller has half of all."""

    def wait_until_ready(self) -> None:
        """Raises the SetupError that keeps its processes from starting."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A library for one checkpoint, and the pool that runs that checkpoint."""

    library: Library
    pool: EncoderPool
    follower: ChangeFollower


class Serving:
    """The holder of what is served; threads and tasks may share it."""

    def __init__(self, first: Served) -> None:
        self._current = first
        self._holders: Counter[Served] = Counter()
        self._turn = Lock()

    @property
    def current(self) -> Served:
        """For a glance; whoever works with it for longer than that holds it."""
        return self._current

    @contextmanager
    def held(self) -> Iterator[Served]:
        """What is served at this moment, not closed before the block ends."""
        with self._turn:
            served = self._current
            self._holders[served] += 1
        try:
            yield served
        finally:
            with self._turn:
                self._holders[served] -= 1

    def replace(self, served: Served) -> None:
        """Serves this from now on; what was served before may still be held."""
        with self._turn:
            self._current = served

    def is_held(self, served: Served) -> bool:
        with self._turn:
            # Removes those that nobody holds any more.
            self._holders += Counter()
            return self._holders[served] > 0
