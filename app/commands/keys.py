"""`bgm keys`: makes, lists and revokes the keys that a server asks for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.access import Key, Scope
from app.catalogue.keys import KeyStore
from app.commands.surroundings import settings_of_environment
from app.opening import open_catalogue
from app.recommendation.keys import create_key

Name = Annotated[str, typer.Argument(help="what the key is called here, not the key itself")]
KeyScope = Annotated[
    Scope,
    typer.Option(
        help="recommend: recommend, render, give feedback, read the library; manage: also change the library; "
        "admin: also see the jobs of others"
    ),
]


def key_commands() -> typer.Typer:
    commands = typer.Typer(name="keys", help="Make, list and revoke the keys of the server.", no_args_is_help=True)
    commands.command("create")(create)
    commands.command("list")(list_keys)
    commands.command("revoke")(revoke)
    return commands


def create(name: Name, scope: KeyScope = "recommend") -> None:
    """Make a key and print it, once: only its SHA-256 is stored. From the first one on, the server asks for a key."""
    with _key_store() as keys:
        print(create_key(name, scope, keys=keys))
    print("keep it: it cannot be shown again; send it as `Authorization: Bearer KEY`", file=sys.stderr)


def list_keys() -> None:
    """Show which keys there are, and which were revoked."""
    table = Table("name", "scope", "created", "revoked", box=None)
    with _key_store() as keys:
        for key in keys.all():
            table.add_row(Text(key.name), key.scope, _moment(key.created_at), _moment(key.revoked_at))
    Console().print(table)


def revoke(name: Name) -> None:
    """Make a key useless, within seconds also to a running server, and end the sessions opened with it."""
    with _key_store() as keys:
        keys.revoke(name, at=datetime.now(UTC))
        is_last = not any(_is_usable(key) for key in keys.all())
    print(f"'{name}' is revoked")
    if is_last:
        print("no key is left: the server lets nobody in until `bgm keys create` makes one", file=sys.stderr)


@contextmanager
def _key_store() -> Iterator[KeyStore]:
    with open_catalogue(settings_of_environment()) as catalogue:
        yield KeyStore(catalogue.transactions)


def _is_usable(key: Key) -> bool:
    return key.revoked_at is None


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
