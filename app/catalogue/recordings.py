"""Which tracks are the same recording: one number for all of a group. Knows nothing of how that is found out."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, func, select, update

from app.catalogue.number_sets import parts_of
from app.catalogue.tables import tracks
from app.catalogue.transactions import Transactions

# Any number will do that nobody else locks in this database.
LOCK = 73_062_026


class RecordingStore:
    """A group has the smallest number of its tracks; a track that is alone has its own."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def unlooked(self, *, after: int, limit: int) -> list[int]:
        """The tracks beyond number `after` that nobody has looked at yet, oldest first; deleted ones are none."""
        is_open = tracks.c.recording.is_(None) & tracks.c.deleted_at.is_(None) & (tracks.c.number > after)
        query = select(tracks.c.number).where(is_open).order_by(tracks.c.number).limit(limit)
        with self._transactions.reading() as connection:
            return list(connection.scalars(query))

    def join(self, found: Mapping[int, Collection[int]]) -> None:
        """Notes of some tracks that they were looked at and are the same recording as others, whose groups become one.

        What is not there any more is left out. Said twice, or by two servers at once, it makes no difference.
        """
        with self._transactions.writing() as connection:
            _wait_for_turn(connection)
            for number, same in found.items():
                _join(connection, number, same)


def _wait_for_turn(connection: Connection) -> None:
    """Two that join groups beside each other could each miss what the other does. No row is locked for it: whoever
    changes tracks locks theirs first and the library's last, and the two would wait for each other."""
    # Writers of SQLite take turns anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _join(connection: Connection, number: int, same: Collection[int]) -> None:
    groups = _groups(connection, {number, *same})
    if number not in groups:
        return
    first = min(groups.values())
    for part in parts_of(sorted(set(groups.values()) - {first})):
        _set(connection, tracks.c.recording.in_(part), first)
    _set(connection, tracks.c.number == number, first)


def _groups(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """The group of each track, its own number where it is in none."""
    found: dict[int, int] = {}
    for part in parts_of(sorted(numbers)):
        query = select(tracks.c.number, tracks.c.recording).where(tracks.c.number.in_(part))
        found |= {number: number if group is None else group for number, group in connection.execute(query)}
    return found


def _set(connection: Connection, which: ColumnElement[bool], group: int) -> None:
    connection.execute(update(tracks).where(which).values(recording=group))
