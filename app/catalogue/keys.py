"""Keeps keys, known by the SHA-256 of their text. Knows no key itself, and nothing of what a key may do."""

from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.access import Key
from app.catalogue.request_tables import keys
from app.catalogue.transactions import Transactions
from app.errors import InvalidParameter


class KeyStore:
    """Threads may share it; each call is a transaction of its own."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def create(self, key: Key, *, sha256: str) -> None:
        """Takes the place of a revoked key of the same name. Raises InvalidParameter where the name is in use."""
        revoked = (keys.c.name == key.name) & keys.c.revoked_at.is_not(None)
        try:
            with self._transactions.writing() as connection:
                connection.execute(delete(keys).where(revoked))
                connection.execute(insert(keys), _row_of(key) | {"sha256": sha256})
        except IntegrityError as error:
            raise InvalidParameter(parameter="name", reason=f"there is a key '{key.name}' already") from error

    def all(self) -> list[Key]:
        """Oldest first, revoked ones included."""
        with self._transactions.reading() as connection:
            return [key_of_row(row) for row in connection.execute(select(keys).order_by(keys.c.id)).mappings()]

    def has_any(self) -> bool:
        """Whether there ever was a key; a revoked one counts: its server must not be open to everybody again."""
        with self._transactions.reading() as connection:
            return connection.scalar(select(keys.c.id).limit(1)) is not None

    def by_sha256(self, sha256: str) -> tuple[Key, str] | None:
        """A key, revoked or not, and the digest that its row has."""
        return self._one_where(keys.c.sha256 == sha256)

    def by_name(self, name: str) -> tuple[Key, str] | None:
        return self._one_where(keys.c.name == name)

    def revoke(self, name: str, *, at: datetime) -> None:
        """Raises InvalidParameter where no key that may still be used has this name."""
        unrevoked = (keys.c.name == name) & keys.c.revoked_at.is_(None)
        with self._transactions.writing() as connection:
            if not connection.execute(update(keys).where(unrevoked).values(revoked_at=at)).rowcount:
                raise InvalidParameter(parameter="name", reason=f"there is no key '{name}'")

    def _one_where(self, condition: ColumnElement[bool]) -> tuple[Key, str] | None:
        with self._transactions.reading() as connection:
            row = connection.execute(select(keys).where(condition)).mappings().one_or_none()
        return None if row is None else (key_of_row(row), row["sha256"])


def _row_of(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def key_of_row(row: RowMapping) -> Key:
    return Key(**{name: row[name] for name in ("id", "name", "scope", "created_at", "revoked_at")})
