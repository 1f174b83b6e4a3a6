"""The catalogue's questions. Knows no transaction: whoever made the connection owns it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, exists, func, select

from app.catalogue.cursors import cursor_below, number_of
from app.catalogue.rows import change_of_row, stacked, track_of_row
from app.catalogue.tables import changes, embeddings, library, tracks
from app.domain import Change, Float32Array, Track
from app.errors import TrackNotFound

# SQLite takes 32,766 values in one statement, PostgreSQL 65,535.
NUMBERS_PER_QUERY = 5000
EMBEDDINGS_PER_CHUNK = 5000
TRACK_ID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")


class Reader:
    """What can be asked within one transaction; all answers are of one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def track(self, track_id: str) -> Track:
        """Raises TrackNotFound, also for what is no id at all."""
        found = self._track_where(tracks.c.id == track_id) if TRACK_ID.fullmatch(track_id) else None
        if found is None:
            raise TrackNotFound(track_id=track_id)
        return found

    def track_by_sha256(self, sha256: str) -> Track | None:
        return self._track_where(tracks.c.sha256 == sha256)

    def tracks(self, numbers: Sequence[int]) -> dict[int, Track]:
        """Tracks by number; those that are not there (any more) are left out."""
        found: dict[int, Track] = {}
        for part in _parts(numbers):
            rows = self._connection.execute(select(tracks).where(tracks.c.number.in_(part))).mappings()
            found |= {row["number"]: track_of_row(row) for row in rows}
        return found

    def list_tracks(self, *, limit: int, cursor: str | None = None) -> tuple[list[Track], str | None]:
        """At most `limit` tracks, newest first, and the cursor of the next page, None on the last.

        Tracks added meanwhile do not move a page. Raises InvalidParameter for a cursor that no listing gave.
        """
        query = select(tracks).order_by(tracks.c.number.desc()).limit(limit + 1)
        if cursor is not None:
            query = query.where(tracks.c.number < number_of(cursor))
        page = [track_of_row(row) for row in self._connection.execute(query).mappings()]
        has_more = len(page) > limit
        return page[:limit], cursor_below(page[limit - 1].number) if has_more else None

    def embeddings(
        self, digest: str, *, numbers: Sequence[int] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], Float32Array]]:
        """Chunks of track numbers (n,) and their embeddings (n, D) for one checkpoint, in the order of numbers.

        `numbers` asks for those tracks only, in no promised order. Nothing is read before it is asked for, so the
        transaction must be open until the last chunk. Raises CatalogueError where an embedding is damaged.
        """
        if numbers is None:
            yield from self._embeddings_where(embeddings.c.digest == digest)
            return
        for part in _parts(numbers):
            yield from self._embeddings_where(embeddings.c.digest == digest, embeddings.c.number.in_(part))

    def numbers_without(self, digest: str) -> list[int]:
        """The tracks that have no embedding for this checkpoint, oldest first."""
        # NOT EXISTS rather than NOT IN: PostgreSQL would compare each with each once they outgrow its working memory.
        embedded = exists().where(embeddings.c.number == tracks.c.number, embeddings.c.digest == digest)
        return list(self._connection.scalars(select(tracks.c.number).where(~embedded).order_by(tracks.c.number)))

    def changes_since(self, at: int, *, limit: int) -> list[Change]:
        """The changes after number `at`, in the order of their commits.

        Numbers have no gaps, and one that commits late has a late number: whoever has applied `at` misses nothing.
        If the first change has another number than `at + 1`, the beginning of the feed was cut off; if `last_change`
        is below `at`, the database is older than what was applied to it. In both cases the reader must begin anew.
        """
        query = select(changes).where(changes.c.at > at).order_by(changes.c.at).limit(limit)
        return [change_of_row(row) for row in self._connection.execute(query).mappings()]

    def last_change(self) -> int:
        """The number of the newest change; 0 where nothing ever changed."""
        return int(self._of_library(library.c.last_change))

    def is_new(self) -> bool:
        """Whether nothing was ever added."""
        return self.last_change() == 0

    def active_digest(self) -> str | None:
        """The checkpoint that the library is embedded for; None before the first start with one."""
        digest: str | None = self._of_library(library.c.active_digest)
        return digest

    def library_id(self) -> str:
        """A ULID given once: an index made of another library has another."""
        return str(self._of_library(library.c.id))

    def count(self) -> int:
        return self._connection.execute(select(func.count()).select_from(tracks)).scalar_one()

    def sha256s(self) -> set[str]:
        """The hashes of all tracks' files."""
        return set(self._connection.scalars(select(tracks.c.sha256)))

    def answers(self) -> None:
        """Returns if the database answers and has its tables; raises CatalogueError otherwise."""
        self.last_change()

    def _track_where(self, condition: ColumnElement[bool]) -> Track | None:
        row = self._connection.execute(select(tracks).where(condition)).mappings().one_or_none()
        return track_of_row(row) if row else None

    def _of_library(self, column: ColumnElement[Any]) -> Any:
        return self._connection.execute(select(column)).scalar_one()

    def _embeddings_where(self, *conditions: ColumnElement[bool]) -> Iterator[tuple[NDArray[np.int64], Float32Array]]:
        columns = select(embeddings.c.number, embeddings.c.dim, embeddings.c.vector)
        query = columns.where(*conditions).order_by(embeddings.c.number)
        with self._connection.execute(query, execution_options={"yield_per": EMBEDDINGS_PER_CHUNK}) as rows:
            for part in rows.partitions():
                yield stacked(part)


def _parts(numbers: Sequence[int]) -> Iterator[list[int]]:
    # NumPy's integers are not the drivers' integers.
    plain = [int(number) for number in numbers]
    return (plain[start : start + NUMBERS_PER_QUERY] for start in range(0, len(plain), NUMBERS_PER_QUERY))
