"""The catalogue's changes. Knows no transaction: whoever made the connection owns it."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from app.catalogue.reader import TRACK_ID, Reader
from app.catalogue.rows import row_of_embedding, row_of_track, track_of_row
from app.catalogue.tables import changes, embeddings, library, tracks
from app.domain import Embedding, NewTrack, Track
from app.errors import CheckpointMismatch, TrackExists, TrackNotFound


class Writer(Reader):
    """What can be asked and changed within one transaction.

    Changes are kept until `publish`, which numbers them: the counter's row is locked from there to the commit, so
    that numbers commit in order; locked any earlier, one slow writer would hold up all others.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._changes: list[tuple[str, int]] = []
        self._digests: set[str] = set()

    def add_track(self, track: NewTrack, *, digest: str, embedding: Embedding) -> Track:
        """Adds a track with its embedding, shape (D,), for the checkpoint `digest`.

        Raises TrackExists where the same bytes are there already, also when another writer was a moment quicker, and
        InvalidParameter for text that cannot be stored; the transaction goes on after either. The commit raises
        CheckpointMismatch where the library's checkpoint is another: such a track would never be found.
        """
        row = row_of_track(track) | {"id": str(ULID()), "added_at": datetime.now(UTC)}
        try:
            with self._connection.begin_nested():
                stored = self._connection.execute(insert(tracks).returning(tracks), row).mappings().one()
        except IntegrityError:
            other = self.track_by_sha256(track.sha256)
            if other is None:
                raise
            raise TrackExists(track_id=other.id) from None
        added = track_of_row(stored)
        self._connection.execute(insert(embeddings), row_of_embedding(added.number, digest, embedding))
        self._changes.append(("added", added.number))
        self._digests.add(digest)
        return added

    def delete_track(self, track_id: str) -> Track:
        """Removes a track and its embeddings; its file is left to the blob store. Raises TrackNotFound."""
        row = None
        if TRACK_ID.fullmatch(track_id):
            query = delete(tracks).where(tracks.c.id == track_id).returning(tracks)
            row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise TrackNotFound(track_id=track_id)
        deleted = track_of_row(row)
        self._changes.append(("deleted", deleted.number))
        return deleted

    def add_embedding(self, number: int, digest: str, embedding: Embedding) -> None:
        """Adds or replaces a track's embedding, shape (D,), for one more checkpoint.

        Raises TrackNotFound where the track was deleted meanwhile; the transaction goes on.
        """
        row = row_of_embedding(number, digest, embedding)
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(embeddings), row)
        except IntegrityError:
            if self._connection.scalar(select(tracks.c.number).where(tracks.c.number == number)) is None:
                raise TrackNotFound(track_id=str(number)) from None
            same = (embeddings.c.number == number) & (embeddings.c.digest == digest)
            self._connection.execute(update(embeddings).where(same), row)
        self._changes.append(("embedded", number))

    def set_active_digest(self, digest: str) -> None:
        """Makes `digest` the checkpoint that the library is embedded for.

        Raises CheckpointMismatch where a track has no embedding for it; the transaction must then be given up.
        """
        active = self.active_digest()
        # Before the question: from here on nobody can commit another track for the old checkpoint.
        self._connection.execute(update(library).values(active_digest=digest))
        if self.numbers_without(digest):
            raise CheckpointMismatch(active=str(active), offered=digest)

    def publish(self) -> None:
        """Numbers the changes and puts them into the feed; called once, last thing before the commit.

        Raises CheckpointMismatch where the library was given another checkpoint since tracks were embedded for it.
        """
        if not self._changes:
            return
        counted = update(library).values(last_change=library.c.last_change + len(self._changes))
        last, active = self._connection.execute(counted.returning(library.c.last_change, library.c.active_digest)).one()
        for digest in self._digests - {active}:
            if active is not None:
                raise CheckpointMismatch(active=active, offered=digest)
        first = last - len(self._changes) + 1
        rows = [{"at": at, "kind": kind, "number": number} for at, (kind, number) in enumerate(self._changes, first)]
        self._connection.execute(insert(changes), rows)
        self._changes.clear()
