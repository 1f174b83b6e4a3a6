"""The catalogue's questions. Knows no transaction: whoever made the connection owns it."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, RowMapping, exists, func, select

from app.catalogue.number_sets import parts_of
from app.catalogue.rows import change_of_row, stacked, track_of_row
from app.catalogue.tables import changes, embeddings, library, tracks
from app.catalogue.track_queries import TrackQueries
from app.domain import Change, Float32Array, Track
from app.errors import TrackNotFound
from app.request_errors import TrackDeleted

EMBEDDINGS_PER_CHUNK = 5000
TRACK_ID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")
IS_LIVING = tracks.c.deleted_at.is_(None)
IS_DELETED = tracks.c.deleted_at.is_not(None)


class Reader(TrackQueries):
    """What can be asked within one transaction; all answers are of one moment. Deleted tracks are in none of them,
    but where it is said."""

    def track(self, track_id: str) -> Track:
        """Raises TrackNotFound, also for what is no id at all, and TrackDeleted where it may still be restored."""
        row = self._row_of(track_id)
        if row["deleted_at"] is not None:
            raise TrackDeleted(track_id=track_id)
        return track_of_row(row)

    def track_or_deleted(self, track_id: str) -> Track:
        """Raises TrackNotFound."""
        return track_of_row(self._row_of(track_id))

    def track_by_sha256(self, sha256: str) -> Track | None:
        row = self._row_where(IS_LIVING, tracks.c.sha256 == sha256)
        return track_of_row(row) if row else None

    def deleted_by_sha256(self, sha256: str) -> Track | None:
        row = self._row_where(IS_DELETED, tracks.c.sha256 == sha256)
        return track_of_row(row) if row else None

    def deleted_before(self, moment: datetime) -> list[Track]:
        """The deleted tracks that were so before this moment."""
        query = select(tracks).where(tracks.c.deleted_at < moment)
        return [track_of_row(row) for row in self._connection.execute(query).mappings()]

    def tracks(self, numbers: Sequence[int]) -> dict[int, Track]:
        """Tracks by number; those that are not there (any more) are left out."""
        found: dict[int, Track] = {}
        for part in parts_of(numbers):
            rows = self._connection.execute(select(tracks).where(IS_LIVING, tracks.c.number.in_(part))).mappings()
            found |= {row["number"]: track_of_row(row) for row in rows}
        return found

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
        for part in parts_of(numbers):
            yield from self._embeddings_where(embeddings.c.digest == digest, embeddings.c.number.in_(part))

    def numbers_without(self, digest: str) -> list[int]:
        """The tracks that have no embedding for this checkpoint, oldest first."""
        # NOT EXISTS rather than NOT IN: PostgreSQL would compare each with each once they outgrow its working memory.
        embedded = exists().where(embeddings.c.number == tracks.c.number, embeddings.c.digest == digest)
        query = select(tracks.c.number).where(IS_LIVING, ~embedded).order_by(tracks.c.number)
        return list(self._connection.scalars(query))

    def is_embedded(self, number: int, digest: str) -> bool:
        """Whether a track, deleted or not, has an embedding for this checkpoint."""
        same = (embeddings.c.number == number) & (embeddings.c.digest == digest)
        return self._connection.scalar(select(embeddings.c.number).where(same)) is not None

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
        # All less the few that are deleted: SQLite counts the living one by one.
        every = select(func.count()).select_from(tracks).scalar_subquery()
        deleted = select(func.count()).where(IS_DELETED).scalar_subquery()
        return int(self._connection.execute(select(every - deleted)).scalar_one())

    def sha256s(self) -> set[str]:
        """The hashes of all tracks' files, of deleted ones too."""
        return set(self._connection.scalars(select(tracks.c.sha256)))

    def answers(self) -> None:
        """Returns if the database answers and has its tables; raises CatalogueError otherwise."""
        self.last_change()

    def _row_of(self, track_id: str) -> RowMapping:
        row = self._row_where(tracks.c.id == track_id) if TRACK_ID.fullmatch(track_id) else None
        if row is None:
            raise TrackNotFound(track_id=track_id)
        return row

    def _row_where(self, *conditions: ColumnElement[bool]) -> RowMapping | None:
        return self._connection.execute(select(tracks).where(*conditions)).mappings().one_or_none()

    def _of_library(self, column: ColumnElement[Any]) -> Any:
        return self._connection.execute(select(column)).scalar_one()

    def _embeddings_where(self, *conditions: ColumnElement[bool]) -> Iterator[tuple[NDArray[np.int64], Float32Array]]:
        columns = select(embeddings.c.number, embeddings.c.dim, embeddings.c.vector)
        is_deleted = exists().where(tracks.c.number == embeddings.c.number, IS_DELETED)
        query = columns.where(*conditions, ~is_deleted).order_by(embeddings.c.number)
        with self._connection.execute(query, execution_options={"yield_per": EMBEDDINGS_PER_CHUNK}) as rows:
            for part in rows.partitions():
                yield stacked(part)
