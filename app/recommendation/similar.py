"""Tracks that lie near a track: more of the same. Blocking."""

import numpy as np

from app.errors import CheckpointMismatch, TrackNotFound
from app.filters import Shaping, TrackFilter
from app.recommendation.draw import Query, draw
from app.recommendation.library import Library
from app.recommendation.rank import RankedTrack, numbers_of_page, page_of
from app.recommendation.stopwatch import Stopwatch


def similar_tracks(track_id: str, wanted: TrackFilter, *, limit: int, library: Library) -> list[RankedTrack]:
    """At most `limit` tracks, best first; neither the track itself nor another file of its recording.

    Raises TrackNotFound, TrackDeleted, and CheckpointMismatch where the library has moved to another checkpoint.
    """
    with library.catalogue.reading() as queries:
        track = queries.track(track_id)
        found = list(queries.embeddings(library.digest, numbers=[track.number]))
        active = queries.active_digest()
    if not found and active != library.digest:
        # Added by a server that has moved on to another checkpoint: here nothing is known of it yet.
        raise CheckpointMismatch(active=str(active), offered=library.digest)
    if not found:
        raise TrackNotFound(track_id=track_id)
    query = Query(
        embedding=np.asarray(found[0][1][0], dtype=np.float32),
        words=(),
        tracks=wanted,
        shaping=Shaping(),
        without=track.number if track.recording is None else track.recording,
    )
    ranking = draw(query, library=library, spent=Stopwatch())
    with library.catalogue.reading() as queries:
        tracks = queries.tracks(numbers_of_page(ranking, offset=0, limit=limit))
    return page_of(ranking, tracks, offset=0, limit=limit)
