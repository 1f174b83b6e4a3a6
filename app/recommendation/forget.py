"""Lets recommendations and their kept videos go: when somebody asks for it, and when their time is over. Blocking."""

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime

from app.access import Caller
from app.catalogue.recommendations import RecommendationStore
from app.recommendation.library import Library

LOG = logging.getLogger(__name__)


def forget(recommendation_id: str, *, caller: Caller, library: Library) -> None:
    """Raises RecommendationNotFound."""
    store = RecommendationStore(library.catalogue.transactions)
    sha256 = store.delete(recommendation_id, caller=caller)
    _let_files_go({recommendation_id: sha256}, library=library)


def forget_expired(library: Library) -> int:
    """Lets go of all that has expired: vectors, features, words, rankings, kept and rendered videos. How many
    recommendations there were; one look into the database where there were none.

    What is killed in the middle leaves files that nothing names, which the sweeps take.
    """
    emptied = RecommendationStore(library.catalogue.transactions).expire(now=datetime.now(UTC))
    _let_files_go(emptied, library=library)
    if emptied:
        LOG.info("let go of %d recommendations", len(emptied))
    return len(emptied)


def let_video_go(sha256: str, *, library: Library) -> None:
    """Deletes a kept video unless another recommendation keeps the same file, or a track is that file."""
    with library.turn(sha256):
        delete_unnamed(sha256, library=library)


def _let_files_go(kept: Mapping[str, str | None], *, library: Library) -> None:
    """`kept`: the ids of recommendations that are gone, with the hash of each one's video where that was kept."""
    with ExitStack() as steps:
        # Each is taken, whatever becomes of the others.
        for sha256 in {sha256 for sha256 in kept.values() if sha256 is not None}:
            steps.callback(let_video_go, sha256, library=library)
        for recommendation_id in kept:
            steps.callback(library.blobs.rendered.delete, recommendation_id)


def delete_unnamed(sha256: str, *, library: Library) -> None:
    """As `let_video_go`, for those who hold the file's turn."""
    asked_ns = time.time_ns()
    if not RecommendationStore(library.catalogue.transactions).is_named(sha256):
        library.blobs.delete(sha256, put_before_ns=asked_ns)
