import pytest

from app.domain import Brief, EncodedVideo, TrackDetails
from app.errors import CheckpointMismatch
from app.filters import Shaping, TrackFilter
from app.recommendation.library import Library
from app.recommendation.recommend import search
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add
from tests.recommendation.varied_tracks import fill


@pytest.fixture
def encoded(pool: FakePool, tmp_path_factory: pytest.TempPathFactory) -> EncodedVideo:
    path = tmp_path_factory.mktemp("videos") / "clip.mp4"
    path.write_bytes(b"two")
    return pool.encode_video(path, Brief()).result()


def test_the_nearest_track_comes_first(library: Library, pool: FakePool, encoded: EncodedVideo) -> None:
    ids = {content: add(library, pool, content).track.id for content in (b"one", b"two", b"three")}
    found = search(encoded, limit=2, library=library)
    assert found.results[0].track.id == ids[b"two"]
    assert found.results[0].score == pytest.approx(1, abs=1e-5)
    assert (len(found.results), found.library_size) == (2, 3)
    assert found.timing_ms.keys() >= {"decode", "features", "encode", "search", "rank", "catalogue"}


def test_an_empty_library_recommends_nothing(library: Library, encoded: EncodedVideo) -> None:
    assert search(encoded, limit=10, library=library).results == []


def test_filters_shaping_and_words_count_as_they_do_in_the_api(
    library: Library, pool: FakePool, encoded: EncodedVideo
) -> None:
    fill(library, 60)
    best = add(library, pool, b"new", TrackDetails(genre="Polka", keywords=("neon",))).track
    found = search(
        encoded,
        limit=3,
        library=library,
        brief=Brief(keywords=("neon",)),
        tracks=TrackFilter(genre=("polka", "jazz")),
        shaping=Shaping(per_artist=1, text_weight=1.0),
    )
    assert best.id in {ranked.track.id for ranked in found.results}
    assert {ranked.track.details.genre for ranked in found.results} <= {"Polka", "Jazz"}
    assert len(found.results) == 3


def test_a_library_that_was_moved_to_another_checkpoint_recommends_nothing_more(
    library: Library, encoded: EncodedVideo
) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    with pytest.raises(CheckpointMismatch, match="sha256:other"):
        search(encoded, limit=10, library=library)
