from datetime import UTC, datetime, timedelta

import pytest

from app.access import Key
from app.catalogue.catalogue import Catalogue
from app.catalogue.keys import KeyStore
from app.catalogue.sessions import SessionStore
from app.errors import InvalidParameter

NOW = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def keys(catalogue: Catalogue) -> KeyStore:
    return KeyStore(catalogue.transactions)


@pytest.fixture
def sessions(catalogue: Catalogue) -> SessionStore:
    return SessionStore(catalogue.transactions)


def key(name: str, *, number: int = 1) -> Key:
    return Key(id=f"01K{number:023d}", name=name, scope="manage", created_at=NOW, revoked_at=None)


def digest(letter: str) -> str:
    return letter * 64


def test_a_key_comes_back_as_it_was_stored(keys: KeyStore) -> None:
    stored = key("phone")
    keys.create(stored, sha256=digest("a"))
    assert keys.by_sha256(digest("a")) == (stored, digest("a"))
    assert keys.by_name("phone") == (stored, digest("a"))
    assert keys.all() == [stored]


def test_what_was_never_stored_is_not_found(keys: KeyStore) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    assert keys.by_sha256(digest("b")) is None
    assert keys.by_name("laptop") is None


def test_a_name_is_one_keys_at_a_time(keys: KeyStore) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    with pytest.raises(InvalidParameter, match="phone"):
        keys.create(key("phone", number=2), sha256=digest("b"))
    assert [found.id for found in keys.all()] == [key("phone").id]


def test_the_name_of_a_revoked_key_is_free_again(keys: KeyStore) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    keys.revoke("phone", at=LATER)
    keys.create(key("phone", number=2), sha256=digest("b"))
    assert keys.by_sha256(digest("a")) is None
    assert keys.by_sha256(digest("b")) == (key("phone", number=2), digest("b"))


def test_a_revoked_key_says_since_when_and_still_counts_as_one_that_there_was(keys: KeyStore) -> None:
    assert not keys.has_any()
    keys.create(key("phone"), sha256=digest("a"))
    keys.revoke("phone", at=LATER)
    assert [found.revoked_at for found in keys.all()] == [LATER]
    assert keys.has_any()


@pytest.mark.parametrize("name", ["phone", "laptop"])
def test_what_is_revoked_or_was_never_there_cannot_be_revoked(keys: KeyStore, name: str) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    keys.revoke("phone", at=NOW)
    with pytest.raises(InvalidParameter, match=name):
        keys.revoke(name, at=LATER)
    assert [found.revoked_at for found in keys.all()] == [NOW]


def test_a_session_leads_to_its_key_until_it_expires(keys: KeyStore, sessions: SessionStore) -> None:
    stored = key("phone")
    keys.create(stored, sha256=digest("a"))
    sessions.create(digest("c"), key_id=stored.id, at=NOW, expires_at=LATER)
    assert sessions.key(digest("c"), at=NOW) == (stored, digest("c"))
    assert sessions.key(digest("d"), at=NOW) is None
    assert sessions.key(digest("c"), at=LATER) is None


def test_a_session_shows_that_its_key_was_revoked(keys: KeyStore, sessions: SessionStore) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    sessions.create(digest("c"), key_id=key("phone").id, at=NOW, expires_at=LATER)
    keys.revoke("phone", at=NOW)
    found = sessions.key(digest("c"), at=NOW)
    assert found is not None
    assert found[0].revoked_at == NOW


def test_a_session_goes_with_its_key(keys: KeyStore, sessions: SessionStore) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    sessions.create(digest("c"), key_id=key("phone").id, at=NOW, expires_at=LATER)
    keys.revoke("phone", at=NOW)
    keys.create(key("phone", number=2), sha256=digest("b"))
    assert sessions.key(digest("c"), at=NOW) is None


def test_a_deleted_session_leads_nowhere(keys: KeyStore, sessions: SessionStore) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    sessions.create(digest("c"), key_id=key("phone").id, at=NOW, expires_at=LATER)
    sessions.delete(digest("c"))
    sessions.delete(digest("c"))
    assert sessions.key(digest("c"), at=NOW) is None


def test_opening_a_session_takes_away_those_that_have_expired(keys: KeyStore, sessions: SessionStore) -> None:
    keys.create(key("phone"), sha256=digest("a"))
    sessions.create(digest("c"), key_id=key("phone").id, at=NOW, expires_at=LATER)
    sessions.create(digest("d"), key_id=key("phone").id, at=LATER, expires_at=LATER + timedelta(hours=1))
    # Asked about a moment when it was good.
    assert sessions.key(digest("c"), at=NOW) is None
    assert sessions.key(digest("d"), at=NOW) is not None
