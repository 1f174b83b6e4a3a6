import logging
import time
from collections.abc import Mapping
from threading import Event
from typing import Any

import pytest
from sqlalchemy import update

from app.catalogue.job_leases import Standing, Told
from app.catalogue.request_tables import jobs
from app.errors import DiskFull, UnreadableMedia, WorkerDefect
from app.jobs import Job, JobError
from app.recommendation import job_runner
from app.recommendation.job_runner import JobRunner
from app.recommendation.job_work import Progress
from app.recommendation.library import Library
from app.recommendation.running_job import DEFECT_DETAIL
from tests.recommendation.job_works import Patient, Scripted, ended, running, until


def counting(job: Job, progress: Progress) -> Mapping[str, Any]:
    progress.set_total(3)
    progress.advance()
    progress.add_error("b.mp3", UnreadableMedia(reason="it ends in the middle"))
    progress.advance(2)
    return {"added": 2, "asked": job.request.get("folder")}


def test_a_job_is_run_and_its_result_and_errors_are_stored(library: Library) -> None:
    with running(library, Scripted(counting)) as runner:
        job = ended(runner.store, runner.submit("import", {"folder": "f"}, None).id)
    assert (job.state, job.done, job.total, job.result) == ("done", 3, 3, {"added": 2, "asked": "f"})
    assert job.errors == (JobError("b.mp3", "unreadable_media", "the file cannot be read: it ends in the middle"),)


def test_a_new_job_is_begun_at_once(library: Library) -> None:
    work = Patient()
    with running(library, work, look_every_s=3600) as runner:
        time.sleep(0.1)
        runner.submit("import", {}, None)
        assert work.begun.wait(10)
        work.go.set()


def test_what_is_told_can_be_seen_while_the_job_runs(library: Library) -> None:
    go = Event()

    def script(_job: Job, progress: Progress) -> Mapping[str, Any]:
        progress.set_total(10)
        progress.advance(4)
        progress.add_error("a", DiskFull())
        go.wait(20)
        progress.advance(6)
        return {}

    with running(library, Scripted(script)) as runner:
        job_id = runner.submit("import", {}, None).id
        until(lambda: runner.store.get(job_id).done == 4)
        seen = runner.store.get(job_id)
        assert (seen.state, seen.total, len(seen.errors)) == ("running", 10, 1)
        go.set()
        job = ended(runner.store, job_id)
        assert (job.done, len(job.errors)) == (10, 1)


def test_errors_beyond_a_thousand_are_counted(library: Library) -> None:
    def script(_job: Job, progress: Progress) -> Mapping[str, Any]:
        for number in range(1005):
            progress.add_error(f"{number}", DiskFull())
        return {}

    with running(library, Scripted(script)) as runner:
        job = ended(runner.store, runner.submit("import", {}, None).id)
    assert len(job.errors) == 1000
    assert job.errors[998].item == "998"
    assert job.errors[999].detail.startswith("6 ")


def test_a_known_error_fails_the_job_with_its_code(library: Library) -> None:
    def script(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        raise DiskFull

    with running(library, Scripted(script)) as runner:
        job = ended(runner.store, runner.submit("import", {}, None).id)
    assert job.state == "failed"
    assert job.errors == (JobError("", "disk_full", str(DiskFull())),)


def test_a_defect_is_logged_and_the_next_job_runs(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    def script(job: Job, _progress: Progress) -> Mapping[str, Any]:
        if job.request["n"] == 0:
            raise ZeroDivisionError("secret/path.py")
        raise WorkerDefect(worker="device", trace="secret/path.py")

    with running(library, Scripted(script)) as runner:
        first, second = (runner.submit("import", {"n": n}, None).id for n in range(2))
        for job in (ended(runner.store, first), ended(runner.store, second)):
            assert (job.state, job.errors) == ("failed", (JobError("", "internal_error", DEFECT_DETAIL),))
    assert caplog.text.count("secret/path.py") >= 2


def test_kinds_run_beside_each_other_and_one_kind_only_so_many_at_a_time(library: Library) -> None:
    imports, renders = Patient(kind="import"), Scripted(lambda _job, _progress: {}, kind="render")
    with running(library, imports, renders) as runner:
        waiting = [runner.submit("import", {}, None).id for _ in range(2)]
        assert imports.begun.wait(10)
        assert ended(runner.store, runner.submit("render", {}, None).id).state == "done"
        assert [runner.store.get(job_id).state for job_id in waiting] == ["running", "queued"]
        imports.go.set()
        assert [ended(runner.store, job_id).state for job_id in waiting] == ["done", "done"]


def test_a_kind_that_nobody_here_works_on_waits(library: Library) -> None:
    with running(library, Scripted(counting)) as runner:
        other = runner.submit("render", {}, None)
        ended(runner.store, runner.submit("import", {"folder": ""}, None).id)
        assert runner.store.get(other.id).state == "queued"


def test_of_two_runners_on_one_database_one_runs_a_job(library: Library) -> None:
    works = [Scripted(lambda _job, _progress: {}) for _ in range(2)]
    with running(library, works[0]) as runner, running(library, works[1]):
        made = [runner.store.create("import", {}, None).id for _ in range(30)]
        for job_id in made:
            job = ended(runner.store, job_id)
            assert (job.state, job.attempts) == ("done", 1)
    assert sum(work.begun for work in works) == 30


def test_a_cancelled_job_is_stopped(library: Library) -> None:
    work = Patient()
    with running(library, work) as runner:
        job_id = runner.submit("import", {}, None).id
        assert work.begun.wait(10)
        runner.store.want_cancel(job_id)
        job = ended(runner.store, job_id)
    assert (job.state, job.result) == ("cancelled", {"stopped": True})


def test_a_job_that_was_done_before_it_heard_of_its_cancellation_is_done(library: Library) -> None:
    begun, go = Event(), Event()

    def script(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        begun.set()
        go.wait(20)
        return {"whole": True}

    with running(library, Scripted(script)) as runner:
        job_id = runner.submit("import", {}, None).id
        assert begun.wait(10)
        runner.store.want_cancel(job_id)
        time.sleep(2 * job_runner.TEND_EVERY_S)
        go.set()
        job = ended(runner.store, job_id)
    assert (job.state, job.result) == ("done", {"whole": True})


def test_a_job_that_fails_because_it_is_cancelled_is_cancelled(library: Library) -> None:
    def script(_job: Job, progress: Progress) -> Mapping[str, Any]:
        runner.store.want_cancel(job_id)
        until(lambda: progress.is_cancelled)
        raise DiskFull

    with running(library, Scripted(script)) as runner:
        job_id = runner.store.create("import", {}, None).id
        job = ended(runner.store, job_id)
    assert (job.state, job.errors) == ("cancelled", ())


def test_a_runner_that_stops_gives_its_jobs_back_and_the_next_resumes_them(library: Library) -> None:
    work = Patient()
    with running(library, work) as runner:
        job_id = runner.submit("import", {}, None).id
        assert work.begun.wait(10)
    assert work.stopped.is_set()
    back = runner.store.get(job_id)
    assert (back.state, back.attempts) == ("queued", 0)
    with running(library, Scripted(counting)):
        job = ended(runner.store, job_id)
    assert (job.state, job.attempts) == ("done", 1)


def test_a_work_that_does_not_stop_is_waited_for_only_so_long_and_writes_nothing_later(library: Library) -> None:
    go, over = Event(), Event()

    def script(_job: Job, progress: Progress) -> Mapping[str, Any]:
        go.wait(20)
        progress.advance(5)
        assert progress.is_cancelled
        over.set()
        return {"late": True}

    with running(library, Scripted(script), stop_patience_s=0.05) as runner:
        job_id = runner.submit("import", {}, None).id
        until(lambda: runner.store.get(job_id).state == "running")
    given_back = runner.store.get(job_id)
    go.set()
    assert over.wait(10)
    time.sleep(0.1)
    assert runner.store.get(job_id) == given_back
    assert given_back.state == "queued"


def lose(library: Library) -> None:
    """As if the time of every first lease were over; who took a job after that keeps it."""
    with library.catalogue.transactions.writing() as connection:
        connection.execute(update(jobs).where(jobs.c.attempts == 1).values(lease_until=0))


def test_whoever_lost_a_lease_stops_and_leaves_the_job_to_the_other(library: Library) -> None:
    first, second = Patient(), Patient()
    with running(library, first) as runner:
        job_id = runner.submit("import", {}, None).id
        assert first.begun.wait(10)
        with running(library, second):
            while not second.begun.wait(0.02):
                lose(library)
            assert first.stopped.wait(10)
            second.go.set()
            job = ended(runner.store, job_id)
    assert (job.result, job.attempts) == ({"worker": id(second)}, 2)


def test_a_lease_is_kept_as_long_as_the_work_takes(library: Library) -> None:
    first, second = Patient(), Patient()
    with running(library, first, lease_s=2.0) as runner, running(library, second):
        job_id = runner.submit("import", {}, None).id
        until(lambda: first.begun.is_set() or second.begun.is_set())
        time.sleep(3)
        first.go.set()
        second.go.set()
        assert ended(runner.store, job_id).attempts == 1


def test_a_work_stops_once_its_lease_could_not_be_kept(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Patient()

    def away(*_: object, **__: object) -> Standing:
        raise DiskFull

    with running(library, work, lease_s=0.6) as runner:
        for name in ("keep", "standing"):
            monkeypatch.setattr(runner._leases, name, away)
        runner.submit("import", {}, None)
        assert work.stopped.wait(10)


def test_a_result_waits_for_a_database_that_is_away(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = 0

    with running(library, Scripted(counting)) as runner:
        finish = runner._leases.finish

        def away_at_first(job_id: str, lease_owner: str, *rest: Any, told: Told, result: Any) -> bool:
            nonlocal failures
            failures += 1
            if failures < 3:
                raise DiskFull
            return finish(job_id, lease_owner, *rest, told=told, result=result)

        monkeypatch.setattr(runner._leases, "finish", away_at_first)
        job = ended(runner.store, runner.submit("import", {"folder": ""}, None).id)
    assert (job.state, failures) == ("done", 3)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == [
        "could not end a job; trying again"
    ]


def test_a_runner_outlives_a_database_that_does_not_answer(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runner = JobRunner(library.catalogue.transactions, [Scripted(counting)], look_every_s=0.02)
    claim, asked = runner._leases.claim, 0

    def away_at_first(*args: Any, **named: Any) -> Job | None:
        nonlocal asked
        asked += 1
        if asked < 4:
            raise DiskFull
        return claim(*args, **named)

    monkeypatch.setattr(runner._leases, "claim", away_at_first)
    with runner:
        assert ended(runner.store, runner.submit("import", {"folder": ""}, None).id).state == "done"
    assert caplog.text.count("could not take a job") == 1
