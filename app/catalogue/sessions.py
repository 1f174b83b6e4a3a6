"""Keeps sessions: which key a page's cookie stands for, and until when. Knows cookies only by their SHA-256."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from app.access import Key
from app.catalogue.keys import key_of_row
from app.catalogue.request_tables import keys, sessions
from app.catalogue.transactions import Transactions


class SessionStore:
    """Threads may share it; each call is a transaction of its own."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def create(self, sha256: str, *, key_id: str, at: datetime, expires_at: datetime) -> None:
        """Takes away the sessions that have expired, too."""
        row = {"sha256": sha256, "key_id": key_id, "created_at": at, "expires_at": expires_at}
        with self._transactions.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
            connection.execute(insert(sessions), row)

    def key(self, sha256: str, *, at: datetime) -> tuple[Key, str] | None:
        """The key of a session that has not expired, and the digest that the session's row has."""
        query = select(keys, sessions.c.sha256.label("session")).join(sessions, sessions.c.key_id == keys.c.id)
        with self._transactions.reading() as connection:
            found = connection.execute(query.where(sessions.c.sha256 == sha256, sessions.c.expires_at > at))
            row = found.mappings().one_or_none()
        return None if row is None else (key_of_row(row), row["session"])

    def delete(self, sha256: str) -> None:
        with self._transactions.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.sha256 == sha256))
