"""Tells who sends a request, by the key or the cookie that comes with it, and how often. Knows no HTTP."""

import asyncio
import ipaddress
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from app.access import Caller
from app.catalogue.keys import KeyStore
from app.catalogue.sessions import SessionStore
from app.catalogue.transactions import Transactions
from app.recommendation.keys import caller_of_key, caller_of_session, digest_of_secret, open_session
from app.recommendation.rate_limits import TokenBuckets
from app.request_errors import KeyUnknown, RateLimited

# So long a revoked key may still be let in.
REMEMBER_S = 3.0
MOST_REMEMBERED = 1000
# Of one address; whoever guesses gets nowhere, whoever mistypes hardly notices.
FAILURES_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class DoorRules:
    """`needs_key`: also where the database has none. `is_local`: without keys, only names of this machine may be asked.

    `requests_per_minute`: of one key, or of one address where no key is needed; 0 for no limit.
    """

    needs_key: bool = False
    is_local: bool = False
    requests_per_minute: int = 0


class Doorkeeper:
    """For one event loop. Remembers for seconds what the database said, so that not each request costs a query."""

    def __init__(self, transactions: Transactions, rules: DoorRules, *, remember_s: float = REMEMBER_S) -> None:
        self.rules = rules
        self._keys, self._sessions = KeyStore(transactions), SessionStore(transactions)
        self._remember_s = remember_s
        self._callers: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._has_any, self._has_any_until = True, 0.0
        self._buckets = TokenBuckets()

    async def wants_key(self) -> bool:
        """Whether a key is needed at all: where the server has ever had one, or the rules say so."""
        if self.rules.needs_key:
            return True
        now = time.monotonic()
        if now >= self._has_any_until:
            self._has_any = await asyncio.to_thread(self._keys.has_any)
            self._has_any_until = now + self._remember_s
        return self._has_any

    async def caller_of_key(self, key: str, *, address: str) -> Caller:
        """Raises KeyUnknown, and RateLimited where too many unknown keys came from the address.

        A key that was good before is never held up by what others try from the same address.
        """
        digest = digest_of_secret(key)
        found = self._remembered(digest)
        if found is not None:
            return found
        tries = f"tries of {_neighbourhood(address)}"
        if digest not in self._callers:
            self._buckets.check(tries, per_minute=FAILURES_PER_MINUTE)
        try:
            caller = await asyncio.to_thread(caller_of_key, key, keys=self._keys)
        except KeyUnknown:
            self._callers.pop(digest, None)
            # Counted only now: many requests at once with one good key are no tries.
            with suppress(RateLimited):
                self._buckets.take(tries, per_minute=FAILURES_PER_MINUTE)
            raise
        return self._remember(digest, caller)

    async def caller_of_session(self, token: str) -> Caller | None:
        """None where the session is over."""
        digest = digest_of_secret(token)
        found = self._remembered(digest)
        if found is not None:
            return found
        try:
            caller = await asyncio.to_thread(caller_of_session, token, sessions=self._sessions)
        except KeyUnknown:
            self._callers.pop(digest, None)
            return None
        return self._remember(digest, caller)

    async def open_session(self, caller: Caller) -> str:
        """A cookie's value for a caller who has a key."""
        return await asyncio.to_thread(open_session, caller, sessions=self._sessions)

    async def close_session(self, token: str) -> None:
        self._callers.pop(digest_of_secret(token), None)
        await asyncio.to_thread(self._sessions.delete, digest_of_secret(token))

    def count(self, caller: Caller, *, address: str) -> None:
        """Raises RateLimited where this request is one too many."""
        if self.rules.requests_per_minute:
            name = f"requests of {caller.key_id or _neighbourhood(address)}"
            self._buckets.take(name, per_minute=self.rules.requests_per_minute)

    def _remembered(self, digest: str) -> Caller | None:
        caller, until = self._callers.get(digest, (None, 0.0))
        return caller if time.monotonic() < until else None

    def _remember(self, digest: str, caller: Caller) -> Caller:
        self._callers[digest] = (caller, time.monotonic() + self._remember_s)
        self._callers.move_to_end(digest)
        if len(self._callers) > MOST_REMEMBERED:
            self._callers.popitem(last=False)
        return caller


def _neighbourhood(address: str) -> str:
    """What counts as one sender: an IPv6 host has all addresses of its network of 64 bits to choose from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
