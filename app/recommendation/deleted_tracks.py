"""Deleting tracks, taking them back for a while, and removing for good what nobody took back."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

from app.catalogue.recommendations import RecommendationStore
from app.domain import EncodedTrack, Track
from app.errors import BgmError
from app.recommendation.library import Library, TrackEncoder

LOG = logging.getLogger(__name__)

KEPT_FOR = timedelta(hours=24)


def delete_track(track_id: str, *, library: Library) -> None:
    """Blocking. The track is gone for everybody, but its file and rows stay for a day, so that it can be restored.

    Raises TrackNotFound and TrackDeleted.
    """
    with library.catalogue.writing() as queries:
        queries.delete_track(track_id)
    show_in_index(library)


async def restore_track(track_id: str, *, library: Library, encoder: TrackEncoder) -> Track:
    """The track, which everybody finds again; one that was not deleted is given as it is.

    It is encoded where the library went to another checkpoint meanwhile. Raises TrackNotFound, what the encoder
    raises, and CheckpointMismatch where another process moves the library to another checkpoint just now.
    """
    found, is_embedded = await asyncio.to_thread(_look_up, track_id, library=library)
    encoded: EncodedTrack | None = None
    if not is_embedded:
        encoded = await asyncio.wrap_future(encoder.encode_track(library.blobs.path(found.sha256)))
    return await asyncio.to_thread(_restore, found, encoded, library=library)


def restored_by_content(sha256: str, *, library: Library) -> Track | None:
    """Blocking. The deleted track with these bytes, taken back; None where there is none, or where it must be encoded
    first, for the library went to another checkpoint meanwhile."""
    with library.catalogue.reading() as queries:
        deleted = queries.deleted_by_sha256(sha256)
        is_embedded = deleted is not None and queries.is_embedded(deleted.number, library.digest)
    return _restore(deleted, None, library=library) if deleted is not None and is_embedded else None


def purge_deleted(library: Library, *, kept_for: timedelta = KEPT_FOR) -> list[str]:
    """Blocking. Removes for good what was deleted longer ago than `kept_for`; the ids of those tracks."""
    before = datetime.now(UTC) - kept_for
    with library.catalogue.reading() as queries:
        over = queries.deleted_before(before)
    purged = [track.id for track in over if _purge(track, deleted_before=before, library=library)]
    if purged:
        LOG.info("removed %d tracks that were deleted more than %s ago", len(purged), kept_for)
    return purged


def show_in_index(library: Library) -> None:
    """Lets the index take in what was just changed. A failure is only logged: the change is stored and must be reported
    so, and whoever follows the change feed tries again in a moment."""
    try:
        library.upkeep.catch_up()
    except (BgmError, OSError):
        LOG.exception("the index could not take in the newest change yet")


def _look_up(track_id: str, *, library: Library) -> tuple[Track, bool]:
    with library.catalogue.reading() as queries:
        found = queries.track_or_deleted(track_id)
        return found, queries.is_embedded(found.number, library.digest)


def _restore(track: Track, encoded: EncodedTrack | None, *, library: Library) -> Track:
    if encoded is not None:
        library.blobs.put_features(track.sha256, library.spec.music.stored_space, encoded.features)
    embedding = None if encoded is None else encoded.embedding
    with library.catalogue.writing() as queries:
        restored = queries.restore_track(track.id, digest=library.digest, embedding=embedding)
    show_in_index(library)
    return restored


def _purge(track: Track, *, deleted_before: datetime, library: Library) -> bool:
    with library.turn(track.sha256):
        asked_ns = time.time_ns()
        with library.catalogue.writing() as queries:
            is_gone = queries.purge_track(track.number, deleted_before=deleted_before)
        if is_gone and not RecommendationStore(library.catalogue.transactions).is_named(track.sha256):
            library.blobs.delete(track.sha256, put_before_ns=asked_ns)
    return is_gone
