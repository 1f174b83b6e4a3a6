"""Whether the server can do its work now: asked, not remembered. Knows no HTTP."""

import asyncio
import time
from typing import Protocol

from app.errors import BgmError
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.library import Library

# How long a database may take to say anything, and how far the index may be behind it.
DATABASE_PATIENCE_S = 3.0
INDEX_PATIENCE_S = 2.0
LOOK_EVERY_S = 0.05


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
        async with asyncio.timeout(DATABASE_PATIENCE_S):
            last, digest = await asyncio.to_thread(_last_change_and_digest, library)
    except (BgmError, TimeoutError):
        return [*lacks, "database"]
    if digest != library.digest:
        lacks.append("encoder: the checkpoint that the library was moved to")
    if not await _is_level(library, last):
        lacks.append("index: it is behind the catalogue")
    return lacks


def _last_change_and_digest(library: Library) -> tuple[int, str | None]:
    with library.catalogue.reading() as queries:
        return queries.last_change(), queries.active_digest()


async def _is_level(library: Library, last: int) -> bool:
    # The change may be younger than the follower's last look; only what it does not take in after that is amiss.
    end = time.monotonic() + INDEX_PATIENCE_S
    while library.upkeep.index.last_change < last and time.monotonic() < end:
        await asyncio.sleep(LOOK_EVERY_S)
    return library.upkeep.index.last_change >= last
