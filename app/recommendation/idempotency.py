"""Lets a request with an Idempotency-Key be sent twice and done once. Knows no HTTP."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.access import Caller
from app.catalogue.idempotency import IdempotencyStore, Outcome
from app.errors import BgmError
from app.recommendation.add_track import Added, TrackFile
from app.recommendation.library import Library
from app.recommendation.tracks import track
from app.request_errors import IdempotencyKeyReused

LOG = logging.getLogger(__name__)

Texts = Mapping[str, Sequence[str]]

KEPT_FOR = timedelta(hours=24)
# So long a key stays in use whose server was killed. While the request is worked on the hold is renewed, for an upload
# may take as long as it likes.
HOLD_S = 180.0
RENEWALS_PER_HOLD = 4


@dataclass(slots=True)
class Turn:
    """A request's turn with its key. `known`: what it came to before; `outcome`: set once it comes to anything."""

    known: Outcome | None = None
    outcome: Outcome | None = None

    def same(self, fingerprint: str) -> Outcome | None:
        """What this very request came to before. Raises IdempotencyKeyReused where it was another request."""
        if self.known is not None and self.known.fingerprint != fingerprint:
            raise IdempotencyKeyReused
        return self.known


async def add_once(
    turn: Turn, file: TrackFile, texts: Texts, add: Callable[[], Awaitable[Added]], *, library: Library
) -> Added:
    """What `add` gives, or what it gave when the same file and fields came with this key before.

    Raises what `add` raises, IdempotencyKeyReused, and TrackDeleted or TrackNotFound where the track is gone since.
    """
    fingerprint = fingerprint_of(file, texts)
    known = turn.same(fingerprint)
    if known is not None:
        return Added(await asyncio.to_thread(track, known.track_id, library=library), known.is_new)
    added = await add()
    turn.outcome = Outcome(fingerprint, added.track.id, added.is_new)
    return added


def fingerprint_of(file: TrackFile, texts: Texts) -> str:
    """One name for all requests that send this file, called so, with these fields: 64 hex digits."""
    said = [file.sha256, file.name, {field: list(values) for field, values in texts.items()}]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@asynccontextmanager
async def one_turn(key: str | None, caller: Caller, *, library: Library, hold_s: float = HOLD_S) -> AsyncIterator[Turn]:
    """Holds the key until the block ends, and frees it where the request came to nothing; without a key, nothing.

    Raises IdempotencyKeyInUse.
    """
    if key is None:
        yield Turn()
        return
    store = IdempotencyStore(library.catalogue.transactions)
    hold = _Hold(store, caller.key_id or "", key, timedelta(seconds=hold_s))
    turn = Turn(await asyncio.to_thread(hold.begin))
    if turn.known is not None:
        yield turn
        return
    stop = asyncio.Event()
    renewing = asyncio.create_task(_renew(hold, stop, every_s=hold_s / RENEWALS_PER_HOLD))
    try:
        yield turn
    finally:
        stop.set()
        await renewing
        await asyncio.to_thread(hold.end, turn.outcome)


class _Hold:
    """One request's hold on a key."""

    def __init__(self, store: IdempotencyStore, owner: str, key: str, lasts: timedelta) -> None:
        self._store, self._owner, self._key, self._lasts = store, owner, key, lasts
        self._until = datetime.now(UTC) + lasts

    def begin(self) -> Outcome | None:
        return self._store.hold(self._owner, self._key, at=datetime.now(UTC), until=self._until)

    def renew(self) -> None:
        until = datetime.now(UTC) + self._lasts
        self._store.renew(self._owner, self._key, held_until=self._until, until=until)
        self._until = until

    def end(self, outcome: Outcome | None) -> None:
        if outcome is None:
            self._store.free(self._owner, self._key, held_until=self._until)
        else:
            expires_at = datetime.now(UTC) + KEPT_FOR
            self._store.keep(self._owner, self._key, outcome, held_until=self._until, expires_at=expires_at)


async def _renew(hold: _Hold, stop: asyncio.Event, *, every_s: float) -> None:
    while not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await stop.wait()
                return
        try:
            await asyncio.to_thread(hold.renew)
        except BgmError:
            LOG.exception("the hold on an Idempotency-Key could not be renewed; trying again")
