from dataclasses import replace

from sqlalchemy import Engine, select

from app.access import ANYBODY
from app.catalogue.catalogue import Catalogue
from app.catalogue.feedback import FeedbackStore, NewFeedback
from app.catalogue.request_tables import feedback
from tests.catalogue.new_recommendations import FEATURES, NOW, create, recommendation

MADE = recommendation("A", owner="K1")


def given(event: str, *, owner: str | None = "K1") -> NewFeedback:
    return NewFeedback(MADE.id, "T" * 26, "cd" * 32, event, owner, NOW)


def rows(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        found = connection.execute(select(feedback).order_by(feedback.c.number)).mappings().all()
    return [dict(row) for row in found]


def test_it_is_kept_with_words_and_features_of_the_video(catalogue: Catalogue, engine: Engine) -> None:
    create(catalogue, MADE)
    assert FeedbackStore(catalogue.transactions).add(given("chosen"))
    (row,) = rows(engine)
    assert row.pop("number") == 1
    assert row == {
        "at": NOW,
        "recommendation_id": MADE.id,
        "track_id": "T" * 26,
        "track_sha256": "cd" * 32,
        "event": "chosen",
        "owner": "K1",
        "title": "Night drive",
        "keywords": ["neon", "fast"],
        "features": FEATURES.content,
        "features_space": FEATURES.space,
    }


def test_it_outlives_the_recommendation(catalogue: Catalogue, engine: Engine) -> None:
    store = create(catalogue, MADE)
    FeedbackStore(catalogue.transactions).add(given("played", owner=None))
    store.delete(MADE.id, caller=ANYBODY)
    (row,) = rows(engine)
    assert (row["event"], row["owner"], row["features"]) == ("played", None, FEATURES.content)


def test_of_a_recommendation_that_is_not_there_nothing_is_kept(catalogue: Catalogue, engine: Engine) -> None:
    assert not FeedbackStore(catalogue.transactions).add(given("chosen"))
    assert rows(engine) == []


def test_what_was_chosen_comes_with_its_video_and_what_was_rejected_since_does_not(catalogue: Catalogue) -> None:
    create(catalogue, MADE)
    store = FeedbackStore(catalogue.transactions)
    for track_id, event in (("A", "chosen"), ("B", "chosen"), ("A", "played"), ("B", "rejected"), ("C", "played")):
        store.add(replace(given(event), track_id=track_id * 26))
    (pair,) = store.chosen()
    assert (pair.recommendation_id, pair.track_id, pair.track_sha256) == (MADE.id, "A" * 26, "cd" * 32)
    assert (pair.title, pair.keywords) == ("Night drive", ("neon", "fast"))
    assert (pair.features, pair.features_space, pair.recording) == (FEATURES.content, FEATURES.space, None)
