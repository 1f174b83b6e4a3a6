"""The video of a stored recommendation, where whoever asked wanted it kept. Blocking; call from threads."""

from datetime import UTC, datetime
from pathlib import Path

from app.access import Caller
from app.catalogue.recommendations import RecommendationStore, StoredRecommendation
from app.recommendation.library import Library
from app.request_errors import VideoNotKept


def recommendation(recommendation_id: str, *, caller: Caller, library: Library) -> StoredRecommendation:
    """Whatever checkpoint it was made with. Raises RecommendationNotFound and RecommendationExpired."""
    store = RecommendationStore(library.catalogue.transactions)
    return store.get(recommendation_id, caller=caller, now=datetime.now(UTC))


def kept_video(found: StoredRecommendation, *, library: Library) -> Path:
    """Raises VideoNotKept."""
    path = library.blobs.path(found.video_sha256) if found.video_sha256 is not None else None
    if path is None or not path.is_file():
        raise VideoNotKept(recommendation_id=found.id)
    return path
