import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.access import is_loopback
from app.catalogue.keys import KeyStore
from app.errors import AddressNotAllowed, CatalogueError
from app.main import PlainStartupErrors, create_app, refuse_open_door, serve
from app.opening import open_catalogue
from app.recommendation.keys import create_key
from app.settings import Settings

LIFESPAN: Scope = {"type": "lifespan"}


def test_making_the_application_opens_nothing(tmp_path: Path) -> None:
    create_app(Settings(data_dir=tmp_path / "data", database_url="nonsense"))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_key(host: str) -> None:
    assert is_loopback(host)
    refuse_open_door(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "127.0.0.1.example.org", ""])
def test_any_other_address_is_refused_before_anything_starts(host: str, tmp_path: Path) -> None:
    assert not is_loopback(host)
    with pytest.raises(AddressNotAllowed, match="BGM_ALLOW_WITHOUT_KEY"):
        serve(Settings(host=host, data_dir=tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_the_refusal_says_how_to_make_a_key() -> None:
    with pytest.raises(AddressNotAllowed, match=r"bgm keys create .* BGM_INITIAL_KEY_FILE"):
        refuse_open_door(Settings(host="0.0.0.0", data_dir=Path("/nowhere")))


def test_with_a_key_any_address_is_served(tmp_path: Path) -> None:
    settings = Settings(host="0.0.0.0", data_dir=tmp_path / "data")
    with open_catalogue(settings) as catalogue:
        keys = KeyStore(catalogue.transactions)
        with pytest.raises(AddressNotAllowed):
            refuse_open_door(settings)
        create_key("phone", "recommend", keys=keys)
        refuse_open_door(settings)
        # Nobody gets in, but it is not for all to come in either.
        keys.revoke("phone", at=datetime.now(UTC))
        refuse_open_door(settings)


def test_keys_are_looked_for_in_the_database_that_was_set(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"
    settings = Settings(host="0.0.0.0", data_dir=tmp_path / "data", database_url=url)
    with open_catalogue(settings) as catalogue:
        create_key("phone", "recommend", keys=KeyStore(catalogue.transactions))
    refuse_open_door(settings)


def test_with_a_file_that_is_to_hold_the_first_key_the_start_decides(tmp_path: Path) -> None:
    refuse_open_door(Settings(host="0.0.0.0", data_dir=tmp_path, initial_key_file=tmp_path / "key"))


def test_another_address_is_served_where_that_was_allowed() -> None:
    refuse_open_door(Settings(host="0.0.0.0", allow_without_key=True))


def messages_of_a_start_that_fails_with(error: Exception) -> list[Message]:
    sent: list[Message] = []

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.failed", "message": "Traceback"})
        raise error

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(PlainStartupErrors(failing)(LIFESPAN, receive, send))
    return sent


def test_a_start_that_must_not_be_says_why_in_one_line() -> None:
    error = CatalogueError(reason="it is of a newer version")
    assert messages_of_a_start_that_fails_with(error) == [{"type": "lifespan.startup.failed", "message": str(error)}]


def test_a_start_that_fails_unexpectedly_keeps_its_stack_trace() -> None:
    with pytest.raises(ZeroDivisionError):
        messages_of_a_start_that_fails_with(ZeroDivisionError())
