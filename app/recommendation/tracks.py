"""The library's tracks one by one or page by page: look up, list, open, delete. Blocking; call from threads."""

import logging
import os
import time
from typing import BinaryIO

from app.domain import Track
from app.errors import BgmError
from app.recommendation.library import Library

LOG = logging.getLogger(__name__)


def track(track_id: str, *, library: Library) -> Track:
    """Raises TrackNotFound."""
    with library.catalogue.reading() as queries:
        return queries.track(track_id)


def list_tracks(*, limit: int, cursor: str | None, library: Library) -> tuple[list[Track], str | None]:
    """At most `limit` tracks, newest first, and the next page's cursor. Raises InvalidParameter for a bad cursor."""
    with library.catalogue.reading() as queries:
        return queries.list_tracks(limit=limit, cursor=cursor)


def open_track(track_id: str, *, library: Library) -> tuple[Track, BinaryIO, int]:
    """A track, its file as it came, opened for reading, and the file's size. Raises TrackNotFound."""
    found = track(track_id, library=library)
    try:
        file = library.blobs.path(found.sha256).open("rb")
    except FileNotFoundError:
        # Deleted a moment ago, or a library that lost a file: the first is the caller's news, the second a defect.
        track(track_id, library=library)
        raise
    return found, file, os.fstat(file.fileno()).st_size


def delete_track(track_id: str, *, library: Library) -> None:
    """Row and embeddings go in one transaction, then the index's entry, the file and its features.

    Raises TrackNotFound. What fails after the transaction is only logged: the track is gone, and what is left of it
    is taken away by the change feed and the next sweep.
    """
    sha256 = track(track_id, library=library).sha256
    with library.turn(sha256):
        asked_ns = time.time_ns()
        with library.catalogue.writing() as queries:
            queries.delete_track(track_id)
        try:
            library.upkeep.catch_up()
            library.blobs.delete(sha256, put_before_ns=asked_ns)
        except (BgmError, OSError):
            LOG.exception("track %s is deleted, but not all that belonged to it is gone yet", track_id)
