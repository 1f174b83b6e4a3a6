"""The catalogue's changes. Knows no transaction: whoever made the connection owns it."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from app.catalogue.reader import IS_DELETED, IS_LIVING, Reader
from app.catalogue.rows import columns_of_details, row_of_embedding, row_of_track, rows_of_moods, track_of_row
from app.catalogue.tables import changes, embeddings, library, moods, tracks
from app.catalogue.words import forget_words, store_words
from app.domain import Embedding, NewTrack, Track, TrackDetails
from app.errors import CheckpointMismatch, TrackExists, TrackNotFound
from app.request_errors import TrackDeleted


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

        Raises TrackExists where the same bytes are there already, as a deleted track too, also when another writer was
        a moment quicker, and InvalidParameter for text that cannot be stored; the transaction goes on after either.
        The commit raises CheckpointMismatch where the library's checkpoint is another: such a track would never be
        found.
        """
        row = row_of_track(track) | {"id": str(ULID()), "added_at": datetime.now(UTC)}
        try:
            with self._connection.begin_nested():
                stored = self._connection.execute(insert(tracks).returning(tracks), row).mappings().one()
        except IntegrityError:
            other = self.track_by_sha256(track.sha256) or self.deleted_by_sha256(track.sha256)
            if other is None:
                raise
            raise TrackExists(track_id=other.id) from None
        added = track_of_row(stored)
        self._make_findable(added)
        self._connection.execute(insert(embeddings), row_of_embedding(added.number, digest, embedding))
        self._changes.append(("added", added.number))
        self._digests.add(digest)
        return added

    def locked_track(self, track_id: str) -> Track:
        """The track, which nobody else changes before the transaction ends. Raises TrackNotFound and TrackDeleted."""
        number = self.track_or_deleted(track_id).number
        # SQLite has no such locks and needs none: writers take turns there.
        self._connection.execute(select(tracks.c.number).where(tracks.c.number == number).with_for_update())
        return self.track(track_id)

    def edit_track(self, track_id: str, details: TrackDetails) -> Track:
        """The track with these details in place of its own. Raises TrackNotFound, TrackDeleted and InvalidParameter."""
        edited = self._updated(track_id, IS_LIVING, columns_of_details(details))
        if edited is None:
            raise TrackDeleted(track_id=track_id)
        self._hide(edited.number)
        self._make_findable(edited)
        self._changes.append(("edited", edited.number))
        return edited

    def delete_track(self, track_id: str) -> Track:
        """Hides a track; all that belongs to it stays until it is purged. Raises TrackNotFound and TrackDeleted."""
        deleted = self._updated(track_id, IS_LIVING, {"deleted_at": datetime.now(UTC)})
        if deleted is None:
            raise TrackDeleted(track_id=track_id)
        self._hide(deleted.number)
        self._changes.append(("deleted", deleted.number))
        return deleted

    def restore_track(self, track_id: str, *, digest: str, embedding: Embedding | None = None) -> Track:
        """Takes a deleted track back; one that is there is left as it is.

        The library may have gone to the checkpoint `digest` meanwhile: `embedding` is for a track that has none for it,
        and left where it has one. Raises TrackNotFound; the commit raises CheckpointMismatch as for a new track.
        """
        restored = self._updated(track_id, IS_DELETED, {"deleted_at": None})
        if restored is None:
            return self.track(track_id)
        if not self.is_embedded(restored.number, digest):
            if embedding is None:
                raise ValueError(f"track {restored.number} has no embedding for {digest}, and none came with it")
            self._connection.execute(insert(embeddings), row_of_embedding(restored.number, digest, embedding))
        self._make_findable(restored)
        self._changes.append(("added", restored.number))
        self._digests.add(digest)
        return restored

    def purge_track(self, number: int, *, deleted_before: datetime) -> bool:
        """Removes a track that was deleted before this moment, with its embeddings; False where it was not.

        Its file is left to the blob store. The feed has told of its deletion.
        """
        query = delete(tracks).where(tracks.c.number == number, tracks.c.deleted_at < deleted_before)
        return self._connection.execute(query).rowcount == 1

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

    def _updated(self, track_id: str, condition: ColumnElement[bool], values: dict[str, object]) -> Track | None:
        """The track as it is now; None where there is none that meets the condition."""
        self.track_or_deleted(track_id)
        query = update(tracks).where(tracks.c.id == track_id, condition).values(values).returning(tracks)
        row = self._connection.execute(query).mappings().one_or_none()
        return track_of_row(row) if row else None

    def _make_findable(self, track: Track) -> None:
        spelled = rows_of_moods(track.number, track.details)
        if spelled:
            self._connection.execute(insert(moods), spelled)
        store_words(self._connection, [(track.number, track.details)])

    def _hide(self, number: int) -> None:
        self._connection.execute(delete(moods).where(moods.c.number == number))
        forget_words(self._connection, number)
