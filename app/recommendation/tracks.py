"""The library's tracks one by one or page by page: look up, list, count, open. Blocking; call from threads."""

import os
from typing import BinaryIO

from app.domain import Track
from app.filters import Facets, TrackFilter
from app.recommendation.library import Library


def track(track_id: str, *, library: Library) -> Track:
    """Raises TrackNotFound and TrackDeleted."""
    with library.catalogue.reading() as queries:
        return queries.track(track_id)


def list_tracks(
    tracks: TrackFilter, *, q: str | None = None, limit: int, cursor: str | None, library: Library
) -> tuple[list[Track], str | None]:
    """At most `limit` tracks that match, newest first, and the next page's cursor.

    `q`: words that must all be in a track. Raises InvalidParameter for a bad cursor.
    """
    with library.catalogue.reading() as queries:
        return queries.list_tracks(tracks=tracks, q=q, limit=limit, cursor=cursor)


def count_facets(tracks: TrackFilter, *, q: str | None = None, library: Library) -> Facets:
    """What the tracks that match have, each facet without the filter on itself."""
    with library.catalogue.reading() as queries:
        return queries.facets(tracks, q=q)


def open_track(track_id: str, *, library: Library) -> tuple[Track, BinaryIO, int]:
    """A track, its file as it came, opened for reading, and the file's size. Raises as `track` does."""
    found = track(track_id, library=library)
    try:
        file = library.blobs.path(found.sha256).open("rb")
    except FileNotFoundError:
        # Purged a moment ago, or a library that lost a file: the first is the caller's news, the second a defect.
        track(track_id, library=library)
        raise
    return found, file, os.fstat(file.fileno()).st_size
