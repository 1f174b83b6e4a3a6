"""Keeps what somebody did with a recommended track. Blocking."""

from datetime import UTC, datetime
from typing import Literal

from app.access import Caller
from app.catalogue.feedback import FeedbackStore, NewFeedback
from app.catalogue.recommendations import RecommendationStore
from app.recommendation.library import Library
from app.request_errors import RecommendationNotFound

FeedbackEvent = Literal["played", "chosen", "rejected"]


def give_feedback(
    recommendation_id: str, track_id: str, event: FeedbackEvent, *, caller: Caller, library: Library
) -> None:
    """Raises RecommendationNotFound, RecommendationExpired, TrackNotFound and TrackDeleted."""
    now, transactions = datetime.now(UTC), library.catalogue.transactions
    # Of whatever checkpoint: what is kept are the video's raw features.
    RecommendationStore(transactions).get(recommendation_id, caller=caller, now=now)
    with library.catalogue.reading() as queries:
        track = queries.track(track_id)
    given = NewFeedback(recommendation_id, track.id, track.sha256, event, caller.key_id, now)
    if not FeedbackStore(transactions).add(given):
        raise RecommendationNotFound(recommendation_id=recommendation_id)
