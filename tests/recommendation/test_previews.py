import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.access import ANYBODY, Caller
from app.errors import NotReady, Overloaded, UnreadableMedia
from app.recommendation import previews as previews_module
from app.recommendation.deleted_tracks import delete_track, purge_deleted
from app.recommendation.library import Library
from app.recommendation.playable import PlayableFile
from app.recommendation.preview_files import SOUND, make_preview
from app.recommendation.previews import Previews
from app.request_errors import RecommendationExpired, RecommendationNotFound, TrackDeleted, VideoNotKept
from tests.fake_pool import FakePool
from tests.fake_studio import DAMAGED, PLAYS, FakeStudio
from tests.recommendation.asked_about import ask
from tests.recommendation.tracks_at_hand import add


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def previews(studio: FakeStudio) -> Iterator[Previews]:
    with Previews(studio, patience_s=0.3) as previews:
        yield previews
    studio.may_work.set()


def of_track(previews: Previews, track_id: str, library: Library) -> PlayableFile:
    return asyncio.run(previews.of_track(track_id, library=library))


def content(found: PlayableFile) -> bytes:
    with found.file:
        return found.file.read()


def test_a_preview_is_made_once_and_kept_beside_its_track(
    library: Library, pool: FakePool, studio: FakeStudio, previews: Previews
) -> None:
    track = add(library, pool, b"music").track
    for _ in range(2):
        found = of_track(previews, track.id, library)
        assert (content(found), found.media_type, found.name) == (b"preview of music", "audio/mp4", "song.m4a")
    assert found.size_bytes == len(b"preview of music")
    assert len(studio.seen) == 1
    assert track.sha256 in found.tag
    assert found.tag != track.sha256


def test_a_track_that_plays_everywhere_is_played_as_it_is(
    library: Library, pool: FakePool, studio: FakeStudio, previews: Previews
) -> None:
    track = add(library, pool, PLAYS + b"music").track
    for _ in range(2):
        found = of_track(previews, track.id, library)
        assert (content(found), found.media_type, found.name) == (PLAYS + b"music", "audio/mpeg", "song.ogg")
    assert len(studio.seen) == 1


def test_those_who_ask_at_the_same_time_wait_for_the_same_preview(
    library: Library, pool: FakePool, studio: FakeStudio, previews: Previews
) -> None:
    track = add(library, pool, b"music").track
    studio.may_work.clear()

    async def all_at_once() -> list[PlayableFile]:
        asked = [asyncio.create_task(previews.of_track(track.id, library=library)) for _ in range(5)]
        while not studio.seen:
            await asyncio.sleep(0.01)
        studio.may_work.set()
        return await asyncio.gather(*asked)

    assert {content(found) for found in asyncio.run(all_at_once())} == {b"preview of music"}
    assert len(studio.seen) == 1


def test_who_asks_for_what_takes_long_is_told_to_come_back_and_it_is_made_meanwhile(
    library: Library, pool: FakePool, studio: FakeStudio, previews: Previews
) -> None:
    track = add(library, pool, b"music").track
    studio.may_work.clear()
    with pytest.raises(NotReady, match="being made"):
        of_track(previews, track.id, library)
    studio.may_work.set()
    assert content(of_track(previews, track.id, library)) == b"preview of music"
    assert len(studio.seen) == 1


def test_a_preview_that_cannot_be_made_leaves_nothing_and_is_tried_again(
    library: Library, pool: FakePool, studio: FakeStudio, previews: Previews
) -> None:
    track = add(library, pool, DAMAGED + b"music").track
    for _ in range(2):
        with pytest.raises(UnreadableMedia):
            of_track(previews, track.id, library)
    assert len(studio.seen) == 2
    assert not list((library.blobs.path(track.sha256).parents[2] / "tmp").glob("upload-*"))


def test_only_so_many_are_worked_on(
    library: Library, pool: FakePool, studio: FakeStudio, previews: Previews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews_module, "MOST_IN_WORK", 1)
    one, other = (add(library, pool, content).track for content in (b"one", b"other"))
    studio.may_work.clear()
    with pytest.raises(NotReady):
        of_track(previews, one.id, library)
    with pytest.raises(Overloaded):
        of_track(previews, other.id, library)


def test_a_deleted_track_has_none_and_a_purged_one_leaves_none(
    library: Library, pool: FakePool, previews: Previews
) -> None:
    track = add(library, pool, b"music").track
    content(of_track(previews, track.id, library))
    delete_track(track.id, library=library)
    with pytest.raises(TrackDeleted):
        of_track(previews, track.id, library)
    purge_deleted(library, kept_for=timedelta(0))
    assert list(library.blobs.path(track.sha256).parent.iterdir()) == []


def test_a_track_whose_file_was_lost_is_a_defect(library: Library, pool: FakePool, previews: Previews) -> None:
    track = add(library, pool, b"music").track
    library.blobs.path(track.sha256).unlink()
    with pytest.raises(FileNotFoundError):
        of_track(previews, track.id, library)


def test_a_kept_video_has_a_preview_too(library: Library, pool: FakePool, previews: Previews) -> None:
    asked = ask(library, pool, b"film", keeps=True).recommendation
    found = asyncio.run(previews.of_kept_video(asked.id, caller=ANYBODY, library=library))
    assert (content(found), found.media_type) == (b"preview of film", "video/mp4")


def test_only_a_kept_video_and_only_ones_own(library: Library, pool: FakePool, previews: Previews) -> None:
    owner, other = Caller("K1", "one", "recommend"), Caller("K2", "other", "recommend")
    not_kept = ask(library, pool, b"film", caller=owner).recommendation.id
    kept = ask(library, pool, b"film", keeps=True, caller=owner).recommendation.id
    expired = ask(library, pool, b"film", keeps=True, caller=owner, lasts=timedelta(0)).recommendation.id
    cases: list[tuple[str, Caller, type[Exception]]] = [
        (not_kept, owner, VideoNotKept),
        (kept, other, RecommendationNotFound),
        (expired, owner, RecommendationExpired),
    ]
    for recommendation_id, caller, error in cases:
        with pytest.raises(error):
            asyncio.run(previews.of_kept_video(recommendation_id, caller=caller, library=library))


def test_a_kept_video_that_was_lost_is_as_one_that_was_not_kept(
    library: Library, pool: FakePool, previews: Previews, tmp_path: Path
) -> None:
    asked = ask(library, pool, b"film", keeps=True).recommendation
    assert asked.video_sha256 is not None
    library.blobs.path(asked.video_sha256).unlink()
    with pytest.raises(VideoNotKept):
        asyncio.run(previews.of_kept_video(asked.id, caller=ANYBODY, library=library))


def test_what_was_made_a_moment_ago_is_not_made_again(
    library: Library, pool: FakePool, studio: FakeStudio, previews: Previews
) -> None:
    track = add(library, pool, b"music").track
    assert content(of_track(previews, track.id, library)) == b"preview of music"
    make_preview(track.sha256, SOUND, blobs=library.blobs, studio=studio)
    assert len(studio.seen) == 1
