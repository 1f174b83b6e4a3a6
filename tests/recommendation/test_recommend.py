import asyncio
from pathlib import Path

import pytest

from app.domain import Brief
from app.errors import CheckpointMismatch, NoVideoStream
from app.recommendation.library import Library
from app.recommendation.recommend import SPARE_HITS, Recommendation, recommend
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add, add_elsewhere


def recommended(
    video: Path, library: Library, pool: FakePool, *, limit: int = 10, discard: bool = False
) -> Recommendation:
    asked = recommend(video, Brief(), limit=limit, library=library, encoder=pool, discard_video=discard)
    return asyncio.run(asked)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"two")
    return path


def test_the_nearest_track_comes_first(library: Library, pool: FakePool, video: Path) -> None:
    ids = {content: add(library, pool, content).track.id for content in (b"one", b"two", b"three")}
    found = recommended(video, library, pool, limit=2)
    assert found.results[0].track.id == ids[b"two"]
    assert found.results[0].score == pytest.approx(1, abs=1e-5)
    assert (len(found.results), found.library_size) == (2, 3)
    assert {"decode", "features", "encode", "search", "catalogue"} <= set(found.timing_ms)


def test_the_users_own_file_stays_where_it_is(library: Library, pool: FakePool, video: Path) -> None:
    recommended(video, library, pool)
    assert video.exists()


def test_an_uploaded_file_goes_once_it_is_encoded(library: Library, pool: FakePool, video: Path) -> None:
    recommended(video, library, pool, discard=True)
    assert not video.exists()


def test_an_empty_library_recommends_nothing(library: Library, pool: FakePool, video: Path) -> None:
    assert recommended(video, library, pool).results == []


def test_hits_whose_rows_are_gone_are_replaced_while_there_are_others(
    library: Library, pool: FakePool, video: Path
) -> None:
    add_elsewhere(library, *[b"%d" % number for number in range(3 * SPARE_HITS)])
    library.upkeep.catch_up()
    nearest = recommended(video, library, pool, limit=2 * SPARE_HITS).results
    with library.catalogue.writing() as queries:
        for result in nearest:
            queries.delete_track(result.track.id)
    results = recommended(video, library, pool, limit=SPARE_HITS).results
    assert [result.rank for result in results] == list(range(1, SPARE_HITS + 1))


def test_what_is_wrong_with_the_video_is_the_callers_to_know(library: Library, pool: FakePool, video: Path) -> None:
    video.write_bytes(b"raise NoVideoStream\n")
    with pytest.raises(NoVideoStream):
        recommended(video, library, pool)


def test_a_library_that_was_moved_to_another_checkpoint_recommends_nothing_more(
    library: Library, pool: FakePool, video: Path
) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    with pytest.raises(CheckpointMismatch, match="sha256:other"):
        recommended(video, library, pool)
