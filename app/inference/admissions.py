"""How many requests may be in hand at once, uploads on their way in included, and how many of those one caller's."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from app.errors import Overloaded
from app.request_errors import RateLimited

RETRY_AFTER_S = 2


class Admissions:
    """Threads may share it. One caller gets half of the places at most: its slow uploads shut out nobody else."""

    def __init__(self, limit: int) -> None:
        self._limit, self._most_of_one = limit, max(1, limit // 2)
        self._lock = Lock()
        self._taken = 0
        self._of_caller: Counter[str] = Counter()

    @contextmanager
    def taken(self, caller: str | None = None) -> Iterator[None]:
        """A place for the block. Raises Overloaded where none is left, and RateLimited where the caller has its share.

        `caller`: None for nobody in particular, who may take them all.
        """
        with self._lock:
            if self._taken >= self._limit:
                raise Overloaded(limit=self._limit)
            if caller is not None and self._of_caller[caller] >= self._most_of_one:
                raise RateLimited(retry_after_s=RETRY_AFTER_S)
            self._taken += 1
            if caller is not None:
                self._of_caller[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1
                if caller is not None:
                    self._of_caller[caller] -= 1
                    self._of_caller += Counter()
