from pathlib import Path
from threading import Event

import pytest

from app.domain import Brief
from app.errors import DiskFull, NoVideoStream
from app.recommendation.library import Library
from app.recommendation.recommend import Recommendation
from app.recommendation.recommend_videos import Asked, VideoAnswer, recommend_videos
from tests.fake_pool import FakePool
from tests.recommendation.test_reembed import filled


def videos(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / f"{number}.mp4" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def answers(paths: list[Path], library: Library, pool: FakePool, *, limit: int = 10) -> list[VideoAnswer]:
    asked = Asked(brief=Brief("A title", ("fast",)), limit=limit, library=library, encoder=pool)
    return sorted(recommend_videos(paths, asked, at_once=2, stop=Event()), key=lambda answer: answer.path)


def test_each_video_finds_the_track_that_is_most_like_it(library: Library, pool: FakePool, tmp_path: Path) -> None:
    # The fake encoder gives equal bytes equal embeddings, be they of a video or of a track.
    one, two, _ = filled(library, tmp_path / "music", b"one", b"two", b"three")

    found = answers(videos(tmp_path, b"two", b"one"), library, pool, limit=2)

    rankings = [answer.outcome.results for answer in found if isinstance(answer.outcome, Recommendation)]
    assert [ranking[0].track for ranking in rankings] == [two, one]
    assert [len(ranking) for ranking in rankings] == [2, 2]
    assert pool.briefs == [Brief("A title", ("fast",))] * 2


def test_a_bad_video_fails_alone(library: Library, pool: FakePool, tmp_path: Path) -> None:
    found = answers(videos(tmp_path, b"one", b"raise NoVideoStream", b"two"), library, pool)

    assert [type(answer.outcome) for answer in found] == [Recommendation, NoVideoStream, Recommendation]


def test_a_full_disk_ends_it_all(library: Library, pool: FakePool, tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        answers(videos(tmp_path, b"raise DiskFull"), library, pool)


def test_the_videos_themselves_stay(library: Library, pool: FakePool, tmp_path: Path) -> None:
    paths = videos(tmp_path, b"one")

    answers(paths, library, pool)

    assert paths[0].read_bytes() == b"one"
