import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access import ANYBODY, Caller
from app.blobs.rendered import RenderedFiles
from app.catalogue.request_tables import rankings, recommendations
from app.recommendation.forget import forget, forget_expired
from app.recommendation.library import Library
from app.request_errors import RecommendationExpired, RecommendationNotFound
from tests.fake_pool import FakePool
from tests.recommendation.asked_about import ask, ask_again
from tests.recommendation.tracks_at_hand import add

VIDEO = b"a video"
NOW, LATER = timedelta(0), timedelta(hours=1)


def is_kept(library: Library, video: bytes = VIDEO) -> bool:
    return library.blobs.path(hashlib.sha256(video).hexdigest()).exists()


def render(library: Library, recommendation_id: str) -> None:
    with library.blobs.new_upload() as made:
        library.blobs.rendered.put(made, recommendation_id, "job", suffix=".mp4", words="by X")


def test_what_is_forgotten_is_gone_with_its_video(library: Library, pool: FakePool) -> None:
    found = ask(library, pool, VIDEO, keeps=True)
    forget(found.recommendation.id, caller=ANYBODY, library=library)
    assert not is_kept(library)
    with pytest.raises(RecommendationNotFound):
        ask_again(found, library, pool)
    with pytest.raises(RecommendationNotFound):
        forget(found.recommendation.id, caller=ANYBODY, library=library)


def test_a_video_goes_even_where_what_was_rendered_cannot(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: RenderedFiles, recommendation_id: str) -> None:
        raise PermissionError(recommendation_id)

    found = ask(library, pool, VIDEO, keeps=True)
    monkeypatch.setattr(RenderedFiles, "delete", broken)
    with pytest.raises(PermissionError):
        forget(found.recommendation.id, caller=ANYBODY, library=library)
    assert not is_kept(library)


def test_nobody_forgets_what_is_not_theirs(library: Library, pool: FakePool) -> None:
    found = ask(library, pool, VIDEO, keeps=True, caller=Caller("K1", "one", "recommend"))
    with pytest.raises(RecommendationNotFound):
        forget(found.recommendation.id, caller=Caller("K2", "other", "manage"), library=library)
    assert is_kept(library)


def test_a_video_that_two_keep_goes_with_the_second(library: Library, pool: FakePool) -> None:
    one, two = (ask(library, pool, VIDEO, keeps=True) for _ in range(2))
    forget(one.recommendation.id, caller=ANYBODY, library=library)
    assert is_kept(library)
    forget(two.recommendation.id, caller=ANYBODY, library=library)
    assert not is_kept(library)


def test_a_video_that_is_a_track_too_stays_as_the_tracks_file(library: Library, pool: FakePool) -> None:
    add(library, pool, VIDEO)
    found = ask(library, pool, VIDEO, keeps=True)
    forget(found.recommendation.id, caller=ANYBODY, library=library)
    assert is_kept(library)


def test_of_what_has_expired_no_video_and_no_vector_is_left_and_the_rest_stays(
    library: Library, pool: FakePool
) -> None:
    old = [ask(library, pool, video, keeps=True, lasts=NOW) for video in (VIDEO, b"another", b"a third")]
    young = ask(library, pool, b"a third", keeps=True, lasts=LATER)
    for one in (*old, young):
        render(library, one.recommendation.id)
    assert forget_expired(library) == 3
    assert library.blobs.rendered.recommendations() == {young.recommendation.id}
    assert [is_kept(library, video) for video in (VIDEO, b"another", b"a third")] == [False, False, True]
    with library.catalogue.transactions.reading() as connection:
        full = select(recommendations.c.id).where(
            (recommendations.c.vector != b"") | recommendations.c.features.is_not(None)
        )
        assert connection.scalars(full).all() == [young.recommendation.id]
        assert connection.scalars(select(rankings.c.recommendation_id)).all() == [young.recommendation.id]
    for found in old:
        with pytest.raises(RecommendationExpired):
            ask_again(found, library, pool)
    assert ask_again(young, library, pool).total == 0


def test_it_does_nothing_where_nothing_has_expired(library: Library, pool: FakePool) -> None:
    ask(library, pool, VIDEO, keeps=True, lasts=LATER)
    assert forget_expired(library) == 0
    assert is_kept(library)
