from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access import ANYBODY, Caller
from app.catalogue.request_tables import feedback
from app.domain import Brief
from app.errors import TrackNotFound
from app.recommendation.feedback import FeedbackEvent, give_feedback
from app.recommendation.library import Library
from app.request_errors import RecommendationExpired, RecommendationNotFound, TrackDeleted
from tests.fake_pool import FakePool
from tests.recommendation.asked_about import ask
from tests.recommendation.varied_tracks import fill

ONE = Caller("K1", "one", "recommend")


def stored(library: Library) -> list[tuple[object, ...]]:
    columns = (feedback.c.track_sha256, feedback.c.event, feedback.c.owner, feedback.c.title, feedback.c.features_space)
    with library.catalogue.transactions.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(feedback.c.number))]


@pytest.mark.parametrize("event", ["played", "chosen", "rejected"])
def test_what_was_done_is_kept_with_what_makes_a_training_pair(
    library: Library, pool: FakePool, event: FeedbackEvent
) -> None:
    (track,) = fill(library, 1)
    found = ask(library, pool, brief=Brief("A title"), caller=ONE)
    give_feedback(found.recommendation.id, track.id, event, caller=ONE, library=library)
    assert stored(library) == [(track.sha256, event, "K1", "A title", library.spec.video.space)]


def test_it_is_taken_also_after_the_library_was_moved_to_another_checkpoint(library: Library, pool: FakePool) -> None:
    (track,) = fill(library, 1)
    found = ask(library, pool)
    moved = replace(library, digest="sha256:other")
    give_feedback(found.recommendation.id, track.id, "chosen", caller=ANYBODY, library=moved)
    assert len(stored(library)) == 1


def test_both_must_be_there(library: Library, pool: FakePool) -> None:
    track, other = fill(library, 2)
    found, over = ask(library, pool, caller=ONE), ask(library, pool, caller=ONE, lasts=timedelta(0))
    with library.catalogue.writing() as queries:
        queries.delete_track(other.id)
    for recommendation_id, track_id, caller, error in (
        ("0" * 26, track.id, ONE, RecommendationNotFound),
        (found.recommendation.id, track.id, Caller("K2", "other", "manage"), RecommendationNotFound),
        (over.recommendation.id, track.id, ONE, RecommendationExpired),
        (found.recommendation.id, "0" * 26, ONE, TrackNotFound),
        (found.recommendation.id, other.id, ONE, TrackDeleted),
    ):
        with pytest.raises(error):
            give_feedback(recommendation_id, track_id, "chosen", caller=caller, library=library)
    assert stored(library) == []
