from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from app.access import ANYBODY, Caller
from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.expiry import REMEMBERED
from app.catalogue.rankings import RankingStore
from app.catalogue.recommendations import RecommendationStore
from app.catalogue.request_tables import rankings, recommendations
from app.errors import CheckpointMismatch
from app.request_errors import EncoderChanged, RecommendationExpired, RecommendationNotFound
from tests.catalogue.new_recommendations import DAY, KEY, NOW, RANKING, VIDEO_SHA256, create, recommendation, same
from tests.catalogue.new_tracks import DIGEST, add, new_track

ONE, OTHER = Caller("K1", "one", "recommend"), Caller("K2", "other", "manage")
ADMIN = Caller("K3", "admin", "admin")


def stored_bytes(engine: Engine) -> list[tuple[object, ...]]:
    names = ("digest", "vector", "video", "title", "keywords", "video_sha256", "features", "features_space")
    with engine.connect() as connection:
        rows = connection.execute(select(*(recommendations.c[name] for name in names)))
        return [tuple(row) for row in rows]


def test_what_was_stored_is_what_is_read(catalogue: Catalogue) -> None:
    made = recommendation("A", owner="K1", sha256=VIDEO_SHA256)
    store = create(catalogue, made)
    assert same(store.get(made.id, caller=ONE, now=NOW, digest=DIGEST), made)
    assert RankingStore(catalogue.transactions).get(made.id, KEY) == RANKING


def test_both_are_stored_or_neither(catalogue: Catalogue) -> None:
    made = recommendation("A")
    store = create(catalogue, made)
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        create(catalogue, made)
    assert same(store.get(made.id, caller=ANYBODY, now=NOW), made)


@pytest.mark.parametrize("unknown", ["0" * 26, "", "x'; DROP TABLE recommendations", "é" * 40, "a\0b", "\ud800"])
def test_an_unknown_id_is_said_to_be_unknown(catalogue: Catalogue, unknown: str) -> None:
    store = create(catalogue, recommendation("A"))
    for ask in (lambda: store.get(unknown, caller=ANYBODY, now=NOW), lambda: store.delete(unknown, caller=ANYBODY)):
        with pytest.raises(RecommendationNotFound):
            ask()


def test_only_who_asked_and_an_admin_see_it(catalogue: Catalogue) -> None:
    made = recommendation("A", owner="K1")
    store = create(catalogue, made)
    with pytest.raises(RecommendationNotFound):
        store.get(made.id, caller=OTHER, now=NOW)
    with pytest.raises(RecommendationNotFound):
        store.delete(made.id, caller=OTHER)
    assert store.get(made.id, caller=ADMIN, now=NOW).id == made.id
    assert store.get(made.id, caller=ONE, now=NOW).id == made.id


def test_from_its_end_on_it_has_expired(catalogue: Catalogue) -> None:
    made = recommendation("A")
    store = create(catalogue, made)
    assert store.get(made.id, caller=ANYBODY, now=NOW + DAY - timedelta(microseconds=1)).id == made.id
    with pytest.raises(RecommendationExpired):
        store.get(made.id, caller=ANYBODY, now=NOW + DAY)


def test_for_another_checkpoint_it_is_of_no_use(catalogue: Catalogue) -> None:
    made = recommendation("A")
    store = create(catalogue, made)
    with pytest.raises(EncoderChanged):
        store.get(made.id, caller=ANYBODY, now=NOW, digest="sha256:two")
    assert store.get(made.id, caller=ANYBODY, now=NOW).id == made.id


def test_a_server_that_lags_behind_the_library_says_so_of_one_that_is_good(catalogue: Catalogue) -> None:
    made = recommendation("A")
    store = create(catalogue, made)
    with catalogue.writing() as queries:
        queries.set_active_digest(DIGEST)
    with pytest.raises(CheckpointMismatch) as refused:
        store.get(made.id, caller=ANYBODY, now=NOW, digest="sha256:before")
    assert (refused.value.active, refused.value.offered) == (DIGEST, "sha256:before")
    assert store.get(made.id, caller=ANYBODY, now=NOW, digest=DIGEST).id == made.id
    with pytest.raises(RecommendationExpired):
        store.get(made.id, caller=ANYBODY, now=NOW + DAY, digest="sha256:before")


def test_a_deleted_one_is_gone_with_its_rankings_and_gives_its_video_away(catalogue: Catalogue, engine: Engine) -> None:
    made = recommendation("A", sha256=VIDEO_SHA256)
    store = create(catalogue, made)
    assert store.delete(made.id, caller=ANYBODY) == VIDEO_SHA256
    with pytest.raises(RecommendationNotFound):
        store.get(made.id, caller=ANYBODY, now=NOW)
    with engine.connect() as connection:
        assert connection.execute(select(rankings)).all() == []


def test_of_what_has_expired_nothing_stays_but_that_it_was_there(catalogue: Catalogue, engine: Engine) -> None:
    old = recommendation("A", owner="K1", sha256=VIDEO_SHA256)
    young = recommendation("B", created_at=NOW + DAY)
    create(catalogue, old)
    store = create(catalogue, young)
    assert store.expire(now=NOW + DAY) == {old.id: VIDEO_SHA256}
    assert ("", b"", {}, None, [], None, None, None) in stored_bytes(engine)
    with pytest.raises(RecommendationExpired):
        store.get(old.id, caller=ONE, now=NOW + DAY)
    with pytest.raises(RecommendationNotFound):
        store.get(old.id, caller=OTHER, now=NOW + DAY)
    assert RankingStore(catalogue.transactions).get(old.id, KEY) is None
    assert RankingStore(catalogue.transactions).get(young.id, KEY) == RANKING
    assert same(store.get(young.id, caller=ANYBODY, now=NOW + DAY), young)


def test_it_expires_once(catalogue: Catalogue) -> None:
    one, two = recommendation("A", sha256=VIDEO_SHA256), recommendation("B", created_at=NOW + DAY)
    create(catalogue, one)
    store = create(catalogue, two)
    assert store.expire(now=NOW + DAY) == {one.id: VIDEO_SHA256}
    assert store.expire(now=NOW + DAY) == {}
    assert store.expire(now=NOW + 2 * DAY) == {two.id: None}
    assert store.expire(now=NOW + 2 * DAY) == {}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_where_nothing_has_expired_nobody_is_waited_for(database_url: str, catalogue: Catalogue) -> None:
    create(catalogue, recommendation("A")).expire(now=NOW + DAY)
    create(catalogue, recommendation("B", created_at=NOW + DAY))
    impatient = open_engine(database_url, busy_timeout_s=0.01)
    with catalogue.writing():
        assert RecommendationStore(Catalogue(impatient).transactions).expire(now=NOW + DAY) == {}
    impatient.dispose()


def test_after_a_week_it_is_no_longer_known_to_have_been_one(catalogue: Catalogue) -> None:
    made = recommendation("A")
    store = create(catalogue, made)
    store.expire(now=NOW + DAY)
    store.expire(now=NOW + DAY + REMEMBERED - timedelta(seconds=1))
    with pytest.raises(RecommendationExpired):
        store.get(made.id, caller=ANYBODY, now=NOW + DAY + REMEMBERED)
    store.expire(now=NOW + DAY + REMEMBERED)
    with pytest.raises(RecommendationNotFound):
        store.get(made.id, caller=ANYBODY, now=NOW + DAY + REMEMBERED)


def test_what_expired_long_ago_unnoticed_gives_its_video_away_before_it_goes(catalogue: Catalogue) -> None:
    made = recommendation("A", sha256=VIDEO_SHA256)
    assert create(catalogue, made).expire(now=NOW + 100 * DAY) == {made.id: VIDEO_SHA256}


def test_a_file_is_named_as_long_as_a_recommendation_keeps_it(catalogue: Catalogue) -> None:
    one = recommendation("A", sha256=VIDEO_SHA256)
    create(catalogue, one)
    store = create(catalogue, recommendation("B", sha256=VIDEO_SHA256, created_at=NOW + DAY))
    assert store.kept_videos() == {VIDEO_SHA256}
    store.delete(one.id, caller=ANYBODY)
    assert store.is_named(VIDEO_SHA256)
    store.expire(now=NOW + 2 * DAY)
    assert not store.is_named(VIDEO_SHA256)
    assert store.kept_videos() == set()


def test_a_file_is_named_where_a_track_is_that_file(catalogue: Catalogue) -> None:
    add(catalogue, 1)
    store = RecommendationStore(catalogue.transactions)
    assert store.is_named(new_track(1).sha256)
    assert not store.is_named(VIDEO_SHA256)
