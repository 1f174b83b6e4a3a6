from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from app.errors import DeviceUnavailable
from app.recommendation.job_runner import JobRunner
from app.recommendation.library import Library
from app.recommendation.reembed_job import ReembedJob
from app.recommendation.switch import Switch
from tests.fake_pool import FakePool
from tests.library_on_disk import DIGEST
from tests.recommendation.job_works import ended, running, until
from tests.recommendation.switching import NEW, OLD_FOLDER, Pools, switching
from tests.recommendation.tracks_at_hand import add, add_elsewhere


@pytest.fixture
def pools() -> Pools:
    return Pools()


@contextmanager
def moving(library: Library, root: Path, pools: Pools) -> Iterator[tuple[Switch, JobRunner]]:
    """A server that by itself looks too seldom to change over: whoever runs the job does."""
    with (
        switching(library, root, pools, look_every_s=3600) as switch,
        running(library, ReembedJob(switch, at_once=2)) as runner,
    ):
        yield switch, runner


def submit(runner: JobRunner, *, digest: str = NEW) -> str:
    return runner.submit("reembed", {"digest": digest}, None).id


def test_the_library_is_embedded_and_served_by_the_new_encoder_when_the_job_is_done(
    library: Library, pool: FakePool, tmp_path: Path, pools: Pools
) -> None:
    for content in (b"one", b"two", b"three"):
        add(library, pool, content)
    with moving(library, tmp_path, pools) as (switch, runner):
        job = ended(runner.store, submit(runner))
        assert (job.state, job.done, job.total, job.errors) == ("done", 3, 3, ())
        assert job.result == {"digest": NEW, "embedded": 3}
        served = switch.serving.current
        assert served.library.digest == NEW
        assert served.pool is pools.made[NEW]
        assert len(served.library.upkeep.index) == 3
        assert pools.made[NEW].seen == []
    with library.catalogue.reading() as queries:
        assert queries.active_digest() == NEW


def test_the_old_encoder_serves_while_tracks_are_embedded_and_those_that_come_meanwhile_are_embedded_too(
    library: Library, pool: FakePool, tmp_path: Path, pools: Pools
) -> None:
    first = add_elsewhere(library, b"one")
    with library.catalogue.reading() as queries:
        sha256 = queries.tracks(first)[first[0]].sha256
    library.blobs.path(sha256).parent.mkdir(parents=True, exist_ok=True)
    library.blobs.path(sha256).write_bytes(b"one")
    with moving(library, tmp_path, pools) as (switch, runner):
        pools.next.may_work.clear()
        job_id = submit(runner)
        until(lambda: NEW in pools.made)
        assert pools.made[NEW].all_begun(1)
        with switch.serving.held() as served:
            assert served.library.digest == DIGEST
            assert add(served.library, pool, b"late").is_new
        pools.made[NEW].may_work.set()
        job = ended(runner.store, job_id)
        assert (job.state, job.done, job.total) == ("done", 2, 2)
        assert len(switch.serving.current.library.upkeep.index) == 2


def test_while_a_track_fails_the_library_keeps_its_checkpoint(library: Library, tmp_path: Path, pools: Pools) -> None:
    add_elsewhere(library, b"lost")
    with moving(library, tmp_path, pools) as (switch, runner):
        job = ended(runner.store, submit(runner))
        assert job.state == "failed"
        assert [error.code for error in job.errors] == ["unreadable_media", "not_ready"]
        with library.catalogue.reading() as queries:
            assert job.errors[0].item == queries.list_tracks(limit=1)[0][0].id
        assert "1 tracks" in job.errors[1].detail
        assert switch.serving.current.library.digest == DIGEST
        assert pools.made[NEW].closed.wait(10)


def test_a_cancelled_move_changes_nothing(library: Library, tmp_path: Path, pools: Pools, pool: FakePool) -> None:
    numbers = add_elsewhere(library, *(b"%d" % number for number in range(10)))
    with library.catalogue.reading() as queries:
        for number, track in queries.tracks(numbers).items():
            library.blobs.path(track.sha256).parent.mkdir(parents=True, exist_ok=True)
            library.blobs.path(track.sha256).write_bytes(b"%d" % number)
    with moving(library, tmp_path, pools) as (switch, runner):
        pools.next.may_work.clear()
        job_id = submit(runner)
        until(lambda: NEW in pools.made)
        assert pools.made[NEW].all_begun(2)
        runner.store.want_cancel(job_id)
        (begun,) = runner._in_hand
        until(lambda: begun._reason is not None)
        pools.made[NEW].may_work.set()
        job = ended(runner.store, job_id)
        assert (job.state, job.done) == ("cancelled", 2)
        assert switch.serving.current.library.digest == DIGEST
        assert pools.made[NEW].closed.wait(10)
        again = ended(runner.store, submit(runner))
        assert again.result == {"digest": NEW, "embedded": 8}


def test_an_encoder_that_cannot_start_fails_the_job_and_tells_nothing_of_the_inside(
    library: Library, tmp_path: Path, pools: Pools
) -> None:
    with moving(library, tmp_path, pools) as (switch, runner):
        pools.next.failure = DeviceUnavailable(device="cuda")
        job = ended(runner.store, submit(runner))
        assert (job.state, [error.code for error in job.errors]) == ("failed", ["internal_error"])
        assert ended(runner.store, submit(runner, digest="sha256:unknown")).state == "failed"
        assert switch.serving.current.library.digest == DIGEST


def test_a_second_server_follows_by_itself(library: Library, tmp_path: Path, pool: FakePool, pools: Pools) -> None:
    add(library, pool, b"one")
    others = Pools()
    (tmp_path / "other").mkdir()
    with moving(library, tmp_path, pools) as (_, runner), switching(library, tmp_path / "other", others) as follower:
        assert ended(runner.store, submit(runner)).state == "done"
        until(lambda: follower.serving.current.library.digest == NEW)
        assert len(follower.serving.current.library.upkeep.index) == 1
        assert others.made[OLD_FOLDER.name].closed.wait(10)


def test_no_request_fails_while_the_library_is_moved_under_load(
    library: Library, tmp_path: Path, pools: Pools, pool: FakePool
) -> None:
    for number in range(20):
        add(library, pool, b"%d" % number)
    digests: list[str] = []
    over = Event()

    def ask(switch: Switch) -> None:
        while not over.is_set():
            with switch.serving.held() as served:
                path = tmp_path / "video"
                encoded = served.pool.encode_track(path).result()
                matches = served.library.upkeep.index.search(encoded.embedding, limit=5)
                assert len(matches) == 5
                digests.append(served.library.digest)

    (tmp_path / "video").write_bytes(b"video")
    with moving(library, tmp_path, pools) as (switch, runner), ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(ask, switch) for _ in range(4)]
        until(lambda: len(digests) > 20)
        assert ended(runner.store, submit(runner)).state == "done"
        count = len(digests)
        until(lambda: len(digests) > count + 20)
        over.set()
        for asked in asking:
            asked.result()
    assert set(digests) == {DIGEST, NEW}
    assert digests[-1] == NEW
