"""Changes what is said of a track. Blocking; call from threads."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain import Track, TrackDetails
from app.recommendation.library import Library
from app.recommendation.track_details import checked


def edit_track(track_id: str, changed: Mapping[str, Any], *, library: Library) -> Track:
    """The track with some of its details changed: `changed` has fields of TrackDetails and their new values.

    Raises TrackNotFound, TrackDeleted, and InvalidParameter for a value that cannot be kept.
    """
    # Only what is new is checked: what was there came from the file itself and may be beyond what people may say.
    kept = checked(TrackDetails(**changed))
    with library.catalogue.writing() as queries:
        track = queries.locked_track(track_id)
        details = replace(track.details, **{name: getattr(kept, name) for name in changed})
        return track if details == track.details else queries.edit_track(track_id, details)
