from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue.catalogue import Catalogue
from app.catalogue.idempotency import IdempotencyStore, Outcome
from app.request_errors import IdempotencyKeyInUse

NOW = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=3)
TOMORROW = NOW + timedelta(days=1)
OUTCOME = Outcome("f" * 64, "01JD3W7E5V2S9B8F4H6K0M1N3P", is_new=True)


@pytest.fixture
def store(catalogue: Catalogue) -> IdempotencyStore:
    return IdempotencyStore(catalogue.transactions)


def test_a_key_is_one_requests_at_a_time(store: IdempotencyStore) -> None:
    assert store.hold("", "a", at=NOW, until=UNTIL) is None
    with pytest.raises(IdempotencyKeyInUse):
        store.hold("", "a", at=NOW, until=UNTIL)
    assert store.hold("", "b", at=NOW, until=UNTIL) is None
    assert store.hold("somebody else", "a", at=NOW, until=UNTIL) is None


def test_of_many_at_the_same_moment_one_gets_it(store: IdempotencyStore) -> None:
    def try_it(_: int) -> bool:
        try:
            return store.hold("", "a", at=NOW, until=UNTIL) is None
        except IdempotencyKeyInUse:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(8))) == 1


@pytest.mark.parametrize("is_new", [True, False])
def test_what_a_request_came_to_is_told_for_a_day(store: IdempotencyStore, is_new: bool) -> None:
    outcome = Outcome(OUTCOME.fingerprint, OUTCOME.track_id, is_new=is_new)
    store.hold("", "a", at=NOW, until=UNTIL)
    store.keep("", "a", outcome, held_until=UNTIL, expires_at=TOMORROW)
    assert store.hold("", "a", at=UNTIL, until=UNTIL) == outcome
    assert store.hold("", "a", at=TOMORROW, until=TOMORROW + timedelta(minutes=3)) is None


def test_a_freed_key_is_free(store: IdempotencyStore) -> None:
    store.hold("", "a", at=NOW, until=UNTIL)
    store.free("", "a", held_until=UNTIL)
    assert store.hold("", "a", at=NOW, until=UNTIL) is None


def test_the_key_of_a_server_that_died_is_free_when_its_hold_is_over(store: IdempotencyStore) -> None:
    store.hold("", "a", at=NOW, until=UNTIL)
    assert store.hold("", "a", at=UNTIL, until=UNTIL + timedelta(minutes=3)) is None


def test_a_renewed_hold_lasts_longer(store: IdempotencyStore) -> None:
    longer = UNTIL + timedelta(minutes=3)
    store.hold("", "a", at=NOW, until=UNTIL)
    store.renew("", "a", held_until=UNTIL, until=longer)
    with pytest.raises(IdempotencyKeyInUse):
        store.hold("", "a", at=UNTIL, until=longer)
    store.keep("", "a", OUTCOME, held_until=longer, expires_at=TOMORROW)
    assert store.hold("", "a", at=longer, until=longer) == OUTCOME


def test_who_lost_the_hold_cannot_touch_the_next_ones(store: IdempotencyStore) -> None:
    other = UNTIL + timedelta(minutes=3)
    store.hold("", "a", at=NOW, until=UNTIL)
    store.hold("", "a", at=UNTIL, until=other)
    store.free("", "a", held_until=UNTIL)
    store.renew("", "a", held_until=UNTIL, until=TOMORROW)
    store.keep("", "a", OUTCOME, held_until=UNTIL, expires_at=TOMORROW)
    with pytest.raises(IdempotencyKeyInUse):
        store.hold("", "a", at=UNTIL, until=other)
    store.keep("", "a", OUTCOME, held_until=other, expires_at=TOMORROW)
    assert store.hold("", "a", at=other, until=other) == OUTCOME
    # What is settled is not freed any more.
    store.free("", "a", held_until=other)
    assert store.hold("", "a", at=other, until=other) == OUTCOME
