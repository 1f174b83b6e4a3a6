from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain import EncodedTrack
from app.errors import BgmError, EncoderUnavailable, NotReady
from app.jobs import Job
from app.recommendation import patience
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.import_job import ImportJob
from app.recommendation.job_runner import JobRunner
from app.recommendation.library import Library
from app.recommendation.serving import Served, Serving
from tests.fake_pool import FakePool
from tests.recommendation.job_works import ended, running, until
from tests.recommendation.switching import NEW, OLD_FOLDER, Pools, move, switching


@pytest.fixture
def import_dir(tmp_path: Path) -> Path:
    """An import folder with six files in `music`."""
    folder = tmp_path / "imports" / "music"
    folder.mkdir(parents=True)
    for number in range(6):
        (folder / f"{number}.mp3").write_bytes(b"%d" % number)
    return tmp_path / "imports"


def serving(library: Library, pool: FakePool) -> Serving:
    return Serving(Served(library, pool, ChangeFollower(library.upkeep)))


@contextmanager
def importing(served: Serving, import_dir: Path, *, at_once: int = 2) -> Iterator[JobRunner]:
    work = ImportJob(served, import_dir, library_folder=Path("nowhere"), at_once=at_once)
    with running(served.current.library, work) as runner:
        yield runner


def submit(runner: JobRunner, *, folder: str = "music", csv: str | None = None) -> str:
    return runner.submit("import", {"folder": folder, "csv": csv}, None).id


def imported(served: Serving, import_dir: Path, *, folder: str = "music", csv: str | None = None) -> Job:
    with importing(served, import_dir) as runner:
        return ended(runner.store, submit(runner, folder=folder, csv=csv))


def size(library: Library) -> int:
    with library.catalogue.reading() as queries:
        return queries.count()


def test_a_folder_is_imported_and_each_file_is_counted(library: Library, pool: FakePool, import_dir: Path) -> None:
    (import_dir / "music" / "bad.mp3").write_bytes(b"raise UnreadableMedia")
    (import_dir / "music" / "cover.jpg").write_bytes(b"-")
    job = imported(serving(library, pool), import_dir)
    assert (job.state, job.done, job.total) == ("done", 7, 7)
    assert job.result == {"added": 6, "present": 0, "refused": 1, "skipped": 1}
    assert [(error.item, error.code) for error in job.errors] == [("bad.mp3", "unreadable_media")]
    assert job.errors[0].detail == "the file cannot be read: its data is damaged"
    assert size(library) == 6


def test_what_a_link_leads_to_outside_of_the_import_folder_stays_outside(
    library: Library, pool: FakePool, import_dir: Path
) -> None:
    (import_dir.parent / "secret.mp3").write_bytes(b"secret")
    (import_dir / "music" / "link.mp3").symlink_to(import_dir.parent / "secret.mp3")
    job = imported(serving(library, pool), import_dir, folder=".")
    assert job.result == {"added": 6, "present": 0, "refused": 0, "skipped": 1}


def test_the_same_folder_again_adds_nothing(library: Library, pool: FakePool, import_dir: Path) -> None:
    imported(serving(library, pool), import_dir)
    pool.seen.clear()
    job = imported(serving(library, pool), import_dir)
    assert job.result == {"added": 0, "present": 6, "refused": 0, "skipped": 0}
    assert pool.seen == []


def test_a_list_says_what_the_files_are(library: Library, pool: FakePool, import_dir: Path) -> None:
    (import_dir / "list.csv").write_text("file,title\n3.mp3,Said\ngone.mp3,Gone\n")
    job = imported(serving(library, pool), import_dir, csv="list.csv")
    assert job.result == {"added": 6, "present": 0, "refused": 1, "skipped": 0}
    assert [(error.item, error.code) for error in job.errors] == [("gone.mp3", "file_not_found")]
    with library.catalogue.reading() as queries:
        titles = [track.details.title for track in queries.list_tracks(limit=10)[0]]
    assert titles.count("Said") == 1


def test_a_folder_that_is_gone_when_the_job_begins_fails_it(library: Library, pool: FakePool, import_dir: Path) -> None:
    job = imported(serving(library, pool), import_dir, folder="gone")
    assert job.state == "failed"
    assert [error.code for error in job.errors] == ["folder_not_allowed"]


def test_a_full_disk_ends_the_job_with_its_code(library: Library, pool: FakePool, import_dir: Path) -> None:
    (import_dir / "music" / "9.mp3").write_bytes(b"raise DiskFull")
    job = imported(serving(library, pool), import_dir)
    assert (job.state, [error.code for error in job.errors]) == ("failed", ["disk_full"])


def test_a_defect_over_one_file_tells_nothing_of_the_inside(library: Library, pool: FakePool, import_dir: Path) -> None:
    (import_dir / "music" / "9.mp3").write_bytes(b"raise WorkerDefect")
    job = imported(serving(library, pool), import_dir)
    assert (job.state, [error.code for error in job.errors]) == ("done", ["internal_error"])
    assert "secret" not in str(job)


def test_no_more_files_are_in_hand_than_requests_can_bear(library: Library, import_dir: Path) -> None:
    with FakePool() as pool, importing(serving(library, pool), import_dir, at_once=2) as runner:
        pool.may_work.clear()
        job_id = submit(runner)
        assert pool.all_begun(2)
        assert len(pool.seen) == 2
        pool.may_work.set()
        assert ended(runner.store, job_id).result == {"added": 6, "present": 0, "refused": 0, "skipped": 0}


def test_a_cancelled_import_finishes_what_it_has_in_hand(library: Library, import_dir: Path) -> None:
    with FakePool() as pool, importing(serving(library, pool), import_dir) as runner:
        pool.may_work.clear()
        job_id = submit(runner)
        assert pool.all_begun(2)
        runner.store.want_cancel(job_id)
        (running_job,) = runner._in_hand
        until(lambda: running_job._reason is not None)
        pool.may_work.set()
        job = ended(runner.store, job_id)
    assert job.state == "cancelled"
    assert job.result == {"added": 2, "present": 0, "refused": 0, "skipped": 0}
    assert (job.done, job.total, size(library)) == (2, 6, 2)


class Frail(FakePool):
    """Meets `trouble`, a process that ends, over every file the first `times` that it gets it."""

    def __init__(self, *, times: int, trouble: BgmError | None = None) -> None:
        super().__init__()
        self.times = times
        self.trouble = trouble or EncoderUnavailable(worker="device")
        self.tries: dict[bytes, int] = {}

    def encode_track(self, path: Path) -> Future[EncodedTrack]:
        content = path.read_bytes()
        self.tries[content] = self.tries.get(content, 0) + 1
        if self.tries[content] <= self.times:
            broken: Future[EncodedTrack] = Future()
            broken.set_exception(self.trouble)
            return broken
        return super().encode_track(path)


def test_a_file_over_which_a_process_ended_is_tried_again(library: Library, import_dir: Path) -> None:
    with Frail(times=2) as pool:
        job = imported(serving(library, pool), import_dir)
    assert job.result == {"added": 6, "present": 0, "refused": 0, "skipped": 0}


def test_after_three_tries_a_file_is_refused(library: Library, import_dir: Path) -> None:
    with Frail(times=3) as pool:
        job = imported(serving(library, pool), import_dir)
    assert job.result == {"added": 0, "present": 0, "refused": 6, "skipped": 0}
    assert {error.code for error in job.errors} == {"encoder_unavailable"}
    assert set(pool.tries.values()) == {3}


def test_an_import_that_a_stopped_server_gave_back_goes_on_and_counts_right(library: Library, import_dir: Path) -> None:
    with FakePool() as pool:
        with importing(serving(library, pool), import_dir, at_once=1) as runner:
            pool.may_work.clear()
            job_id = submit(runner)
            assert pool.all_begun(1)
            # What is in hand is finished, nothing more is begun.
            runner._stopping.set()
            for begun in list(runner._in_hand):
                begun.stop("stopping")
            pool.may_work.set()
        assert runner.store.get(job_id).state == "queued"
        with importing(serving(library, pool), import_dir) as again:
            job = ended(again.store, job_id)
    assert (job.state, job.done, job.total, job.attempts) == ("done", 6, 6, 1)
    assert job.result == {"added": 5, "present": 1, "refused": 0, "skipped": 0}


def test_an_import_goes_on_with_the_next_encoder_where_the_library_is_moved_meanwhile(
    library: Library, tmp_path: Path, import_dir: Path
) -> None:
    pools = Pools()
    with switching(library, tmp_path, pools) as switch, importing(switch.serving, import_dir) as runner:
        old = pools.made[OLD_FOLDER.name]
        old.may_work.clear()
        job_id = submit(runner)
        assert old.all_begun(2)
        move(library)
        until(lambda: switch.serving.current.library.digest == NEW)
        assert not old.closed.is_set()
        old.may_work.set()
        job = ended(runner.store, job_id)
        assert old.closed.wait(10)
    assert (job.state, job.done, job.total) == ("done", 6, 6)
    assert job.result == {"added": 6, "present": 0, "refused": 0, "skipped": 0}
    assert (len(old.seen), len(pools.made[NEW].seen)) == (2, 6)


def test_an_import_waits_for_the_encoder_that_the_library_was_moved_to(
    library: Library, tmp_path: Path, import_dir: Path
) -> None:
    pools = Pools()
    with switching(library, tmp_path, pools, look_every_s=3600) as switch:
        move(library)
        with importing(switch.serving, import_dir) as runner:
            job_id = submit(runner)
            assert pools.made[OLD_FOLDER.name].all_begun(1)
            switch.look()
            job = ended(runner.store, job_id)
    assert job.result == {"added": 6, "present": 0, "refused": 0, "skipped": 0}


def test_a_catalogue_that_is_busy_for_a_moment_fails_no_import(
    library: Library, import_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "BUSY_PAUSES_S", (0.0, 0.0))
    with Frail(times=2, trouble=NotReady(missing=["the catalogue"])) as pool:
        job = imported(serving(library, pool), import_dir)
    assert (job.state, job.result) == ("done", {"added": 6, "present": 0, "refused": 0, "skipped": 0})
