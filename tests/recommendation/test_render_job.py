"""From what is asked for to the file that can be fetched, with a studio that needs no ffmpeg."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from app.access import ANYBODY, Caller
from app.domain import Mix, TrackDetails
from app.errors import InvalidParameter, NotReady, TrackNotFound
from app.jobs import Job
from app.recommendation.deleted_tracks import delete_track
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.forget import forget
from app.recommendation.job_runner import JobRunner
from app.recommendation.library import Library
from app.recommendation.render_job import RenderJob
from app.recommendation.render_video import RenderWanted, ask_for_render
from app.recommendation.rendered_videos import open_rendered, rendered_credits, sweep_rendered
from app.recommendation.serving import Served, Serving
from app.request_errors import (
    JobNotFinished,
    JobNotFound,
    RecommendationNotFound,
    TrackDeleted,
    VideoNotKept,
)
from tests.fake_pool import FakePool
from tests.fake_studio import DAMAGED, FakeStudio
from tests.recommendation.asked_about import ask
from tests.recommendation.job_works import ended, running, until
from tests.recommendation.tracks_at_hand import add

USUAL = RenderWanted("", start_s=1.0, video_volume=1.0, music_volume=0.5, fade_s=1.5, duck=True)


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@contextmanager
def runner_of(library: Library, pool: FakePool, studio: FakeStudio) -> Iterator[JobRunner]:
    serving = Serving(Served(library, pool, ChangeFollower(library.upkeep)))
    with running(library, RenderJob(serving, studio)) as runner:
        yield runner
        studio.may_work.set()


@pytest.fixture
def jobs(library: Library, pool: FakePool, studio: FakeStudio) -> Iterator[JobRunner]:
    with runner_of(library, pool, studio) as runner:
        yield runner


@pytest.fixture
def track_id(library: Library, pool: FakePool) -> str:
    return add(library, pool, b"music", TrackDetails(attribution="by X")).track.id


@pytest.fixture
def kept_id(library: Library, pool: FakePool) -> str:
    return ask(library, pool, b"film", keeps=True).recommendation.id


class Asking:
    """Asks for renderings in one line."""

    def __init__(self, library: Library, pool: FakePool, studio: FakeStudio, jobs: JobRunner) -> None:
        self._library, self._pool, self._studio, self._jobs = library, pool, studio, jobs

    def __call__(self, recommendation_id: str, wanted: RenderWanted, *, caller: Caller = ANYBODY) -> Job:
        return ask_for_render(
            recommendation_id,
            wanted,
            caller=caller,
            library=self._library,
            encoder=self._pool,
            workshop=self._studio,
            jobs=self._jobs,
        )


@pytest.fixture
def asking(library: Library, pool: FakePool, studio: FakeStudio, jobs: JobRunner) -> Asking:
    return Asking(library, pool, studio, jobs)


def test_a_kept_video_is_rendered_and_can_be_fetched_with_its_credits(
    library: Library, studio: FakeStudio, jobs: JobRunner, asking: Asking, kept_id: str, track_id: str
) -> None:
    job = ended(jobs.store, asking(kept_id, replace(USUAL, track_id=track_id)).id)
    assert (job.state, job.done, job.total) == ("done", 1, 1)
    url = f"/recommend/{kept_id}/render/{job.id}"
    content = b"film with music"
    assert job.result == {
        "url": url,
        "credits_url": f"{url}/credits",
        "loudness_lufs": -14.1,
        "size_bytes": len(content),
    }
    found = open_rendered(kept_id, job.id, caller=ANYBODY, library=library)
    with found.file:
        assert found.file.read() == content
    assert (found.media_type, found.name) == ("video/mp4", "video with music.mp4")
    assert rendered_credits(kept_id, job.id, caller=ANYBODY, library=library) == "by X"
    assert studio.renderings[0].order[2] == Mix(1.0, video_volume=1.0, music_volume=0.5, fade_s=1.5, duck=True)


def test_without_a_start_the_music_begins_where_it_fits_best(
    library: Library, pool: FakePool, asking: Asking, kept_id: str
) -> None:
    track = add(library, pool, b"other music").track
    wanted = replace(USUAL, track_id=track.id, start_s=None)
    start_s = asking(kept_id, wanted).request["start_s"]
    assert 0 <= start_s <= track.duration_s - 12.4
    moved = replace(library, digest="sha256:other")
    unknown = Asking(moved, pool, FakeStudio(), asking._jobs)(kept_id, wanted)
    assert unknown.request["start_s"] == 0.0


def test_a_start_beyond_the_track_is_refused(asking: Asking, kept_id: str, track_id: str) -> None:
    with pytest.raises(InvalidParameter, match=r"start_s: the track lasts 184.25 s"):
        asking(kept_id, replace(USUAL, track_id=track_id, start_s=184.25))


def test_what_cannot_be_rendered_is_refused_before_there_is_a_job(
    library: Library, pool: FakePool, studio: FakeStudio, jobs: JobRunner, asking: Asking, kept_id: str, track_id: str
) -> None:
    owner, other = Caller("K1", "one", "recommend"), Caller("K2", "other", "recommend")
    own_id = ask(library, pool, b"film", keeps=True, caller=owner).recommendation.id
    not_kept_id = ask(library, pool, b"film").recommendation.id
    gone_id = add(library, pool, b"gone").track.id
    delete_track(gone_id, library=library)
    cases: list[tuple[str, str, Caller, type[Exception]]] = [
        (not_kept_id, track_id, ANYBODY, VideoNotKept),
        (own_id, track_id, other, RecommendationNotFound),
        (kept_id, "unknown", ANYBODY, TrackNotFound),
        (kept_id, gone_id, ANYBODY, TrackDeleted),
    ]
    for recommendation_id, music, caller, error in cases:
        with pytest.raises(error):
            asking(recommendation_id, replace(USUAL, track_id=music), caller=caller)
    studio.is_installed = False
    with pytest.raises(NotReady, match="ffmpeg"):
        asking(kept_id, replace(USUAL, track_id=track_id))
    assert jobs.store.list_jobs(None, limit=10) == []


def test_a_rendering_that_fails_says_why(
    library: Library, pool: FakePool, jobs: JobRunner, asking: Asking, track_id: str
) -> None:
    asked = ask(library, pool, DAMAGED, keeps=True).recommendation
    job = ended(jobs.store, asking(asked.id, replace(USUAL, track_id=track_id)).id)
    assert job.state == "failed"
    assert [error.code for error in job.errors] == ["unreadable_media"]
    with pytest.raises(JobNotFinished) as caught:
        open_rendered(asked.id, job.id, caller=ANYBODY, library=library)
    assert caught.value.state == "failed"


def test_a_cancelled_job_ends_its_rendering_and_leaves_nothing(
    library: Library, studio: FakeStudio, jobs: JobRunner, asking: Asking, kept_id: str, track_id: str
) -> None:
    studio.may_work.clear()
    job = asking(kept_id, replace(USUAL, track_id=track_id))
    until(lambda: bool(studio.renderings))
    with pytest.raises(JobNotFinished):
        rendered_credits(kept_id, job.id, caller=ANYBODY, library=library)
    jobs.store.want_cancel(job.id)
    assert ended(jobs.store, job.id).state == "cancelled"
    assert studio.renderings[0].is_cancelled
    assert library.blobs.rendered.recommendations() == set()
    assert not studio.renderings[0].order[3].exists()


def test_a_server_that_stops_leaves_the_job_to_the_next_one(
    library: Library, pool: FakePool, kept_id: str, track_id: str
) -> None:
    first, second = FakeStudio(), FakeStudio()
    first.may_work.clear()
    serving = Serving(Served(library, pool, ChangeFollower(library.upkeep)))
    with running(library, RenderJob(serving, first)) as runner:
        job = Asking(library, pool, first, runner)(kept_id, replace(USUAL, track_id=track_id))
        until(lambda: bool(first.renderings))
    assert first.renderings[0].is_cancelled
    with runner_of(library, pool, second) as runner:
        assert ended(runner.store, job.id).state == "done"


def test_what_is_forgotten_while_it_is_rendered_leaves_nothing(
    library: Library, studio: FakeStudio, jobs: JobRunner, asking: Asking, kept_id: str, track_id: str
) -> None:
    # The film stays, as a track's file.
    studio.may_work.clear()
    job = asking(kept_id, replace(USUAL, track_id=track_id))
    until(lambda: bool(studio.renderings))
    film = studio.renderings[0].order[0]
    content = film.read_bytes()
    forget(kept_id, caller=ANYBODY, library=library)
    film.write_bytes(content)
    studio.may_work.set()
    assert ended(jobs.store, job.id).state == "failed"
    assert library.blobs.rendered.recommendations() == set()


def test_a_rendering_that_fails_because_it_was_forgotten_says_so(
    library: Library, studio: FakeStudio, jobs: JobRunner, asking: Asking, kept_id: str, track_id: str
) -> None:
    studio.may_work.clear()
    job = asking(kept_id, replace(USUAL, track_id=track_id))
    until(lambda: bool(studio.renderings))
    forget(kept_id, caller=ANYBODY, library=library)
    studio.may_work.set()
    failed = ended(jobs.store, job.id)
    assert (failed.state, [error.code for error in failed.errors]) == ("failed", ["recommendation_not_found"])


def test_rendered_videos_go_with_their_recommendation(
    library: Library, pool: FakePool, jobs: JobRunner, asking: Asking, kept_id: str, track_id: str
) -> None:
    job = ended(jobs.store, asking(kept_id, replace(USUAL, track_id=track_id)).id)
    over_id = ask(library, pool, b"brief film", keeps=True, lasts=timedelta(0)).recommendation.id
    for recommendation_id in (over_id, "unknown"):
        with library.blobs.new_upload() as temporary:
            library.blobs.rendered.put(temporary, recommendation_id, job.id, suffix=".mp4", words="by X")
    assert sweep_rendered(library) == [over_id, "unknown"]
    assert library.blobs.rendered.recommendations() == {kept_id}


def test_a_video_is_found_only_under_its_own_recommendation_and_by_whoever_asked(
    library: Library, pool: FakePool, jobs: JobRunner, asking: Asking, kept_id: str, track_id: str
) -> None:
    owner, other = Caller("K1", "one", "recommend"), Caller("K2", "other", "recommend")
    own_id = ask(library, pool, b"film", keeps=True, caller=owner).recommendation.id
    job = ended(jobs.store, asking(own_id, replace(USUAL, track_id=track_id), caller=owner).id)
    imported = jobs.store.create("import", {}, "K1")
    cases: list[tuple[str, str, Caller, type[Exception]]] = [
        (kept_id, job.id, ANYBODY, JobNotFound),
        (own_id, job.id, other, RecommendationNotFound),
        (own_id, imported.id, owner, JobNotFound),
        (own_id, "unknown", owner, JobNotFound),
    ]
    for recommendation_id, job_id, caller, error in cases:
        with pytest.raises(error):
            open_rendered(recommendation_id, job_id, caller=caller, library=library)
    open_rendered(own_id, job.id, caller=owner, library=library).file.close()
