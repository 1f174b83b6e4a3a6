import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from app.catalogue.keys import KeyStore
from app.recommendation import doorkeeper
from app.recommendation.doorkeeper import Doorkeeper, DoorRules
from app.recommendation.keys import create_key
from app.recommendation.library import Library
from app.request_errors import KeyUnknown, RateLimited

ADDRESS = "192.0.2.1"


@pytest.fixture
def keys(library: Library) -> KeyStore:
    return KeyStore(library.catalogue.transactions)


def keeper_of(library: Library, *, remember_s: float = 60.0) -> Doorkeeper:
    return Doorkeeper(library.catalogue.transactions, DoorRules(), remember_s=remember_s)


async def is_known(keeper: Doorkeeper, key: str, *, address: str = ADDRESS) -> bool:
    try:
        await keeper.caller_of_key(key, address=address)
    except KeyUnknown:
        return False
    return True


async def tries_until_refused(keeper: Doorkeeper, address_of: Callable[[int], str]) -> int:
    for number in range(30):
        try:
            await is_known(keeper, f"guess {number}", address=address_of(number))
        except RateLimited:
            return number
    return 30


def within(library: Library, work: Callable[[Doorkeeper], Awaitable[None]], *, remember_s: float = 60.0) -> None:
    async def run() -> None:
        await work(keeper_of(library, remember_s=remember_s))

    asyncio.run(run())


def test_what_the_database_said_is_believed_for_a_while(library: Library, keys: KeyStore) -> None:
    key = create_key("phone", "manage", keys=keys)

    async def work(keeper: Doorkeeper) -> None:
        assert await is_known(keeper, key)
        keys.revoke("phone", at=datetime.now(UTC))
        assert await is_known(keeper, key)
        assert not await is_known(keeper_of(library), key)

    within(library, work)


def test_and_no_longer(library: Library, keys: KeyStore) -> None:
    key = create_key("phone", "manage", keys=keys)

    async def work(keeper: Doorkeeper) -> None:
        assert await keeper.wants_key()
        assert await is_known(keeper, key)
        keys.revoke("phone", at=datetime.now(UTC))
        assert not await is_known(keeper, key)
        assert await keeper.wants_key()

    within(library, work, remember_s=0.0)


def test_a_key_that_is_made_is_known_at_once_also_where_it_was_tried_before(library: Library, keys: KeyStore) -> None:
    async def work(keeper: Doorkeeper) -> None:
        assert not await is_known(keeper, "x")
        assert await is_known(keeper, create_key("phone", "manage", keys=keys))

    within(library, work)


def test_a_sender_cannot_get_around_the_limit_by_its_many_addresses(library: Library) -> None:
    async def work(keeper: Doorkeeper) -> None:
        assert await tries_until_refused(keeper, lambda number: f"2001:db8::{number:x}") == 10
        assert await tries_until_refused(keeper, lambda number: f"2001:db8:1:{number:x}::1") == 30
        assert await tries_until_refused(keeper, lambda _: "::ffff:192.0.2.7") == 10
        with pytest.raises(RateLimited):
            await is_known(keeper, "x", address="192.0.2.7")
        assert await tries_until_refused(keeper, lambda _: "unknown") == 10

    within(library, work)


def test_only_so_many_keys_are_remembered(library: Library, keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorkeeper, "MOST_REMEMBERED", 2)
    names = ("first", "second", "third")
    made = [create_key(name, "manage", keys=keys) for name in names]

    async def work(keeper: Doorkeeper) -> None:
        for key in made:
            assert await is_known(keeper, key)
        for name in names:
            keys.revoke(name, at=datetime.now(UTC))
        assert [await is_known(keeper, key) for key in made] == [False, True, True]

    within(library, work)
