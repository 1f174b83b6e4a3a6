from datetime import UTC, datetime

import pytest

from app.access import SCOPES, Caller
from app.catalogue.keys import KeyStore
from app.catalogue.request_tables import keys as keys_table
from app.catalogue.sessions import SessionStore
from app.errors import InvalidParameter
from app.recommendation.keys import caller_of_key, caller_of_session, create_key, open_session
from app.recommendation.library import Library
from app.request_errors import KeyUnknown


@pytest.fixture
def keys(library: Library) -> KeyStore:
    return KeyStore(library.catalogue.transactions)


@pytest.fixture
def sessions(library: Library) -> SessionStore:
    return SessionStore(library.catalogue.transactions)


def test_a_key_is_long_and_random_and_tells_whose_it_is(keys: KeyStore) -> None:
    first, second = create_key("first", "recommend", keys=keys), create_key("second", "admin", keys=keys)
    assert first.startswith("bgm_")
    assert len(first) == len(second) == 47
    assert first != second
    caller = caller_of_key(second, keys=keys)
    assert (caller.name, caller.scope) == ("second", "admin")
    assert caller.key_id == keys.all()[1].id


def test_the_key_itself_is_nowhere_in_the_database(keys: KeyStore, library: Library) -> None:
    key = create_key("phone", "manage", keys=keys)
    with library.catalogue.transactions.reading() as connection:
        stored = str(connection.execute(keys_table.select()).all())
    assert "phone" in stored
    assert key not in stored
    assert key.removeprefix("bgm_") not in stored


@pytest.mark.parametrize("wrong", ["", "bgm_", "\ud800", "x" * 100_000])
def test_what_is_no_key_is_unknown(keys: KeyStore, wrong: str) -> None:
    create_key("phone", "manage", keys=keys)
    with pytest.raises(KeyUnknown):
        caller_of_key(wrong, keys=keys)


def test_a_revoked_key_is_unknown_and_so_are_its_sessions(keys: KeyStore, sessions: SessionStore) -> None:
    key = create_key("phone", "manage", keys=keys)
    token = open_session(caller_of_key(key, keys=keys), sessions=sessions)
    assert caller_of_session(token, sessions=sessions) == caller_of_key(key, keys=keys)
    keys.revoke("phone", at=datetime.now(UTC))
    with pytest.raises(KeyUnknown):
        caller_of_key(key, keys=keys)
    with pytest.raises(KeyUnknown):
        caller_of_session(token, sessions=sessions)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[31m", "x" * 101])
def test_a_name_must_be_one_that_can_be_shown(keys: KeyStore, name: str) -> None:
    with pytest.raises(InvalidParameter, match="name"):
        create_key(name, "manage", keys=keys)
    assert keys.all() == []


def test_a_scope_includes_those_before_it() -> None:
    allowed = {scope: [wanted for wanted in SCOPES if Caller("id", "phone", scope).may(wanted)] for scope in SCOPES}
    assert allowed == {
        "recommend": ["recommend"],
        "manage": ["recommend", "manage"],
        "admin": ["recommend", "manage", "admin"],
    }
