"""Does now and then what has to be done: sweeps, expiry. Knows none of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """`do` blocks; it is called at the start and then every so often. `what`: for the log, where it fails."""

    what: str
    do: Callable[[], object]
    every_s: float


@asynccontextmanager
async def doing(*chores: Chore) -> AsyncIterator[None]:
    """In the background until the block ends, which waits for what is being done then."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(_do_again_and_again(chore, stop)) for chore in chores]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _do_again_and_again(chore: Chore, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(chore.do)
        except Exception:
            LOG.exception("could not %s; trying again in %.0f s", chore.what, chore.every_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(chore.every_s):
                await stop.wait()
