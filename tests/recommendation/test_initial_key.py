import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.catalogue.keys import KeyStore
from app.errors import InitialKeyUnusable
from app.recommendation.initial_key import take_in_initial_key
from app.recommendation.keys import caller_of_key, create_key
from app.recommendation.library import Library
from app.request_errors import KeyUnknown

TEXT = "a-key-of-twenty-four-cha"


@pytest.fixture
def keys(library: Library) -> KeyStore:
    return KeyStore(library.catalogue.transactions)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "initial-key"
    path.write_text(f"  {TEXT}\n")
    return path


def test_the_first_key_is_taken_in_with_all_rights(keys: KeyStore, file: Path) -> None:
    take_in_initial_key(file, keys=keys)
    caller = caller_of_key(TEXT, keys=keys)
    assert (caller.name, caller.scope) == ("initial", "admin")


def test_it_is_taken_in_once(keys: KeyStore, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    take_in_initial_key(file, keys=keys)
    before = keys.all()
    with caplog.at_level(logging.INFO):
        take_in_initial_key(file, keys=keys)
    assert keys.all() == before
    assert caplog.records == []


def test_a_changed_file_is_told_and_changes_nothing(
    keys: KeyStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    take_in_initial_key(file, keys=keys)
    file.write_text("another-key-of-many-characters")
    with caplog.at_level(logging.WARNING):
        take_in_initial_key(file, keys=keys)
    assert "BGM_INITIAL_KEY_FILE is not used" in caplog.text
    assert "another-key" not in caplog.text
    caller_of_key(TEXT, keys=keys)
    with pytest.raises(KeyUnknown):
        caller_of_key("another-key-of-many-characters", keys=keys)


def test_a_server_with_keys_takes_none_in(keys: KeyStore, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    create_key("phone", "recommend", keys=keys)
    take_in_initial_key(file, keys=keys)
    assert [key.name for key in keys.all()] == ["phone"]
    assert "is not used" in caplog.text


def test_a_revoked_first_key_does_not_come_back(keys: KeyStore, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    take_in_initial_key(file, keys=keys)
    keys.revoke("initial", at=datetime.now(UTC))
    take_in_initial_key(file, keys=keys)
    with pytest.raises(KeyUnknown):
        caller_of_key(TEXT, keys=keys)
    assert "it was revoked" in caplog.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x" * 23, "holds 23 characters; at least 24 are needed"),
        (b"\n \n", "holds 0 characters"),
        (b"two words that are long enough", "without blanks"),
        (b"two-lines-that-are\nlong-enough", "one line"),
        ("umlauts-änd-the-like-are-long".encode(), "ASCII"),
        (b"\xff" * 30, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_fit_key_stops_the_start_and_says_why(
    keys: KeyStore, file: Path, content: bytes, reason: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(InitialKeyUnusable, match=reason):
        take_in_initial_key(file, keys=keys)
    assert not keys.has_any()


def test_a_file_that_is_not_there_stops_the_start_also_where_there_are_keys(keys: KeyStore, tmp_path: Path) -> None:
    create_key("phone", "recommend", keys=keys)
    with pytest.raises(InitialKeyUnusable, match="cannot be read"):
        take_in_initial_key(tmp_path / "nothing", keys=keys)
