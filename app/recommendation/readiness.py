"""Whether the server can do its work now: asked, not remembered. Knows no HTTP."""

import asyncio
import time
from typing import Protocol

from app.errors import BgmError
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.library import Library

# How far the index may be behind, and how long a database may take to say anything.
PATIENCE_S = 2.0


class Workers(Protocol):
    """In production the inference pool."""

    def missing(self) -> list[str]:
        """The kinds of worker of which none can work at this moment."""


async def missing(*, library: Library, workers: Workers, follower: ChangeFollower) -> list[str]:
    """What is missing before the server is ready, in words for whoever runs it; nothing when it is."""
    lacks = [f"worker: {name}" for name in workers.missing()]
    if follower.failure is not None or not follower.is_alive:
        lacks.append("index: it does not follow the catalogue")
    try:
        async with asyncio.timeout(2 * PATIENCE_S):
            lacks += await asyncio.to_thread(_of_the_library, library)
    except TimeoutError:
        lacks.append("database: no answer in time")
    return lacks


def _of_the_library(library: Library) -> list[str]:
    try:
        with library.catalogue.reading() as queries:
            last, digest = queries.last_change(), queries.active_digest()
    except BgmError:
        return ["database"]
    lacks = [] if digest == library.digest else ["a restart: the library was embedded for another checkpoint"]
    return lacks if _is_level(library, last) else [*lacks, "index: it is behind the catalogue"]


def _is_level(library: Library, last: int) -> bool:
    # The change may be younger than the follower's last look; only what it does not take in after that is amiss.
    end = time.monotonic() + PATIENCE_S
    while library.upkeep.index.last_change < last and time.monotonic() < end:
        time.sleep(0.05)
    return library.upkeep.index.last_change >= last
