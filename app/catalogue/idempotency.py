"""Keeps what requests with an Idempotency-Key came to. Knows no HTTP, and nothing of what the requests do."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.catalogue.request_tables import idempotency_keys as table
from app.catalogue.transactions import Transactions
from app.request_errors import IdempotencyKeyInUse


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request came to: which it was (64 hex digits), the track it gave, and whether that track was new."""

    fingerprint: str
    track_id: str
    is_new: bool


class IdempotencyStore:
    """Threads and servers may share it; each call is a transaction of its own.

    Whoever holds a key is known by `held_until`: a process that was away for too long finds that it holds it no more.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def hold(self, owner: str, key: str, *, at: datetime, until: datetime) -> Outcome | None:
        """Takes the key, or tells what the request came to that had it before; forgets what has expired.

        Raises IdempotencyKeyInUse where another request holds it.
        """
        try:
            with self._transactions.writing() as connection:
                connection.execute(delete(table).where(table.c.expires_at <= at))
                return _held_or_known(connection, owner, key, until)
        except IntegrityError as error:
            # Another server took it in the same moment.
            raise IdempotencyKeyInUse from error

    def renew(self, owner: str, key: str, *, held_until: datetime, until: datetime) -> None:
        with self._transactions.writing() as connection:
            values = {"held_until": until, "expires_at": until}
            connection.execute(update(table).where(_mine(owner, key, held_until)).values(values))

    def keep(self, owner: str, key: str, outcome: Outcome, *, held_until: datetime, expires_at: datetime) -> None:
        values = {
            "fingerprint": outcome.fingerprint,
            "track_id": outcome.track_id,
            "status": 201 if outcome.is_new else 200,
            "expires_at": expires_at,
        }
        with self._transactions.writing() as connection:
            connection.execute(update(table).where(_mine(owner, key, held_until)).values(values))

    def free(self, owner: str, key: str, *, held_until: datetime) -> None:
        with self._transactions.writing() as connection:
            connection.execute(delete(table).where(_mine(owner, key, held_until)))


def _held_or_known(connection: Connection, owner: str, key: str, until: datetime) -> Outcome | None:
    row = connection.execute(select(table).where(table.c.owner == owner, table.c.key == key)).mappings().one_or_none()
    if row is None:
        values = {"owner": owner, "key": key, "held_until": until, "expires_at": until}
        connection.execute(insert(table), values)
        return None
    if row["fingerprint"] is None:
        raise IdempotencyKeyInUse
    return Outcome(row["fingerprint"], row["track_id"], is_new=row["status"] == 201)


def _mine(owner: str, key: str, held_until: datetime) -> ColumnElement[bool]:
    unfinished = table.c.fingerprint.is_(None)
    return (table.c.owner == owner) & (table.c.key == key) & (table.c.held_until == held_until) & unfinished
