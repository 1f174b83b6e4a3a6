"""Lets recommendations and their kept videos go: when somebody asks for it, and when their time is over. Blocking."""

import logging
import time
from datetime import UTC, datetime

from app.access import Caller
from app.catalogue.recommendations import RecommendationStore
from app.recommendation.library import Library

LOG = logging.getLogger(__name__)


def forget(recommendation_id: str, *, caller: Caller, library: Library) -> None:
    """Raises RecommendationNotFound."""
    store = RecommendationStore(library.catalogue.transactions)
    sha256 = store.delete(recommendation_id, caller=caller)
    library.blobs.rendered.delete(recommendation_id)
    if sha256 is not None:
        let_video_go(sha256, library=library)


def forget_expired(library: Library) -> int:
    """Lets go of all that has expired: vectors, features, words, rankings, kept videos. How many videos there were.

    What is killed in the middle leaves files that nothing names, which the sweep takes.
    """
    videos = RecommendationStore(library.catalogue.transactions).expire(now=datetime.now(UTC))
    for sha256 in videos:
        let_video_go(sha256, library=library)
    if videos:
        LOG.info("let go of %d kept videos", len(videos))
    return len(videos)


def let_video_go(sha256: str, *, library: Library) -> None:
    """Deletes a kept video unless another recommendation keeps the same file, or a track is that file."""
    with library.turn(sha256):
        delete_unnamed(sha256, library=library)


def delete_unnamed(sha256: str, *, library: Library) -> None:
    """As `let_video_go`, for those who hold the file's turn."""
    asked_ns = time.time_ns()
    if not RecommendationStore(library.catalogue.transactions).is_named(sha256):
        library.blobs.delete(sha256, put_before_ns=asked_ns)
