"""Counts requests in bounded memory: so many a minute for each name, spread or all at once."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from app.request_errors import RateLimited

MOST_NAMES = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class TokenBuckets:
    """For one thread. Of more names than are remembered, the one unseen for longest begins anew."""

    def __init__(self, *, most_names: int = MOST_NAMES, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most_names, clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, name: str, *, per_minute: int) -> None:
        """Raises RateLimited, and says when the next one will pass."""
        self.check(name, per_minute=per_minute)
        self._buckets[name].tokens -= 1

    def check(self, name: str, *, per_minute: int) -> None:
        """Raises RateLimited where `take` would; counts nothing."""
        bucket = self._filled(name, per_minute)
        if bucket.tokens < 1:
            raise RateLimited(retry_after_s=math.ceil((1 - bucket.tokens) * 60 / per_minute))

    def _filled(self, name: str, per_minute: int) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(per_minute, now))
        bucket.tokens = min(per_minute, bucket.tokens + (now - bucket.at) * per_minute / 60)
        bucket.at = now
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket
