from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.catalogue.catalogue import Catalogue
from app.catalogue.job_leases import JobLeases, Told
from app.catalogue.jobs import JobStore
from app.jobs import Job, JobError, JobKind


class Clock:
    """Stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(catalogue: Catalogue) -> JobStore:
    return JobStore(catalogue.transactions)


@pytest.fixture
def leases(catalogue: Catalogue, clock: Clock) -> JobLeases:
    return JobLeases(catalogue.transactions, clock=clock)


def claimed(leases: JobLeases, lease_owner: str, *kinds: JobKind) -> Job | None:
    return leases.claim(lease_owner, lease_s=20, kinds=kinds or ("import",))


def claimed_id(leases: JobLeases, lease_owner: str, *kinds: JobKind) -> str | None:
    job = claimed(leases, lease_owner, *kinds)
    return job.id if job else None


def test_jobs_are_taken_oldest_first_and_each_once(store: JobStore, leases: JobLeases) -> None:
    made = [store.create("import", {"n": n}, None) for n in range(3)]
    taken = [claimed(leases, f"worker {n}") for n in range(4)]
    assert [job.id if job else None for job in taken] == [*(job.id for job in made), None]
    first = taken[0]
    assert first is not None
    assert (first.state, first.attempts, first.request) == ("running", 1, {"n": 0})
    assert first.started_at is not None


def test_only_jobs_of_the_kinds_asked_for_are_taken(store: JobStore, leases: JobLeases) -> None:
    store.create("reembed", {}, None)
    render = store.create("render", {}, None)
    assert claimed_id(leases, "me", "import", "render") == render.id
    assert claimed(leases, "me", "import", "render") is None


def test_of_many_who_ask_at_the_same_moment_one_gets_a_job(store: JobStore, leases: JobLeases) -> None:
    made = {store.create("import", {}, None).id for _ in range(5)}
    together = Barrier(8)

    def take(worker: int) -> list[str]:
        together.wait()
        taken = [claimed_id(leases, f"{worker} {turn}") for turn in range(5)]
        return [job_id for job_id in taken if job_id]

    with ThreadPoolExecutor(8) as threads:
        taken = [job_id for found in threads.map(take, range(8)) for job_id in found]
    assert sorted(taken) == sorted(made)


def test_a_job_whose_lease_has_run_out_is_taken_by_another(store: JobStore, leases: JobLeases, clock: Clock) -> None:
    job = store.create("import", {}, None)
    first = claimed(leases, "first")
    clock.now += 19
    assert claimed(leases, "second") is None
    clock.now += 2
    again = claimed(leases, "second")
    assert first is not None
    assert again is not None
    assert (again.id, again.attempts, again.started_at) == (job.id, 2, first.started_at)


def test_a_lease_that_is_kept_does_not_run_out(store: JobStore, leases: JobLeases, clock: Clock) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "me")
    for _ in range(3):
        clock.now += 15
        assert leases.keep(job.id, "me", lease_s=20, told=Told(1, 2)) == "held"
        assert claimed(leases, "other") is None


def test_whoever_lost_a_lease_writes_nothing_any_more(store: JobStore, leases: JobLeases, clock: Clock) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "slow")
    clock.now += 21
    claimed(leases, "quick")
    late = Told(7, 9, (JobError("a", "b", "c"),), more=4)
    assert leases.standing(job.id, "slow") == "lost"
    assert leases.keep(job.id, "slow", lease_s=20, told=late) == "lost"
    assert not leases.finish(job.id, "slow", "done", told=late, result={"slow": True})
    leases.give_back(job.id, "slow")
    now = store.get(job.id)
    assert (now.state, now.done, now.total, now.errors, now.result, now.attempts) == ("running", 0, 0, (), None, 2)
    assert leases.standing(job.id, "quick") == "held"


def test_a_job_that_was_lost_three_times_is_failed_and_says_so(
    store: JobStore, leases: JobLeases, clock: Clock
) -> None:
    lost, next_one = store.create("import", {}, None), store.create("import", {}, None)
    for attempt in range(3):
        assert claimed_id(leases, f"{attempt}") == lost.id
        clock.now += 21
    assert claimed_id(leases, "fourth") == next_one.id
    ended = store.get(lost.id)
    assert (ended.state, ended.attempts) == ("failed", 3)
    assert ended.finished_at is not None
    (error,) = ended.errors
    assert (error.item, error.code) == ("", "internal_error")
    assert "3 times" in error.detail


def test_a_cancelled_job_whose_worker_is_gone_is_ended_by_the_next_who_looks(
    store: JobStore, leases: JobLeases, clock: Clock
) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "gone")
    store.want_cancel(job.id)
    clock.now += 21
    assert claimed(leases, "other") is None
    assert store.get(job.id).state == "cancelled"


def test_what_is_told_is_stored_with_the_lease(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "me")
    leases.keep(job.id, "me", lease_s=20, told=Told(1, 5, (JobError("a.mp3", "silent_audio", "it is silent"),)))
    leases.keep(job.id, "me", lease_s=20, told=Told(2, 5, (JobError("b.mp3", "overloaded", "too\0much \udcff"),)))
    now = store.get(job.id)
    assert (now.done, now.total) == (2, 5)
    assert now.errors == (
        JobError("a.mp3", "silent_audio", "it is silent"),
        JobError("b.mp3", "overloaded", "too\N{REPLACEMENT CHARACTER}much ?"),
    )


def test_errors_beyond_those_kept_are_one_last_entry(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "me")
    kept: Sequence[JobError] = (JobError("a", "b", "c"),)
    leases.keep(job.id, "me", lease_s=20, told=Told(1, 5, tuple(kept), more=1))
    leases.keep(job.id, "me", lease_s=20, told=Told(2, 5, more=7))
    errors = store.get(job.id).errors
    assert [error.code for error in errors] == ["b", "more_errors"]
    assert errors[-1].detail.startswith("7 ")


def test_a_job_begun_again_forgets_what_was_told_of_it(store: JobStore, leases: JobLeases, clock: Clock) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "first")
    leases.keep(job.id, "first", lease_s=20, told=Told(3, 5, (JobError("a", "b", "c"),)))
    clock.now += 21
    claimed(leases, "second")
    now = store.get(job.id)
    assert (now.done, now.total, now.errors) == (0, 0, ())


def test_a_wish_to_cancel_reaches_whoever_works_on_it(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "me")
    assert leases.standing(job.id, "me") == "held"
    store.want_cancel(job.id)
    assert leases.standing(job.id, "me") == "cancelled"
    assert leases.keep(job.id, "me", lease_s=20, told=Told(0, 0)) == "cancelled"


def test_a_job_ends_with_its_result(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "me")
    assert leases.finish(job.id, "me", "done", told=Told(5, 5), result={"added": 5})
    now = store.get(job.id)
    assert (now.state, now.done, now.total, now.result) == ("done", 5, 5, {"added": 5})
    assert now.finished_at is not None
    assert leases.standing(job.id, "me") == "lost"


def test_a_job_given_back_is_next_and_has_lost_no_attempt(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    store.create("import", {}, None)
    for turn in range(5):
        again = claimed(leases, f"{turn}")
        assert again is not None
        assert (again.id, again.attempts) == (job.id, 1)
        leases.give_back(job.id, f"{turn}")
        assert store.get(job.id).state == "queued"


def test_a_job_given_back_that_was_to_be_cancelled_is(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    claimed(leases, "me")
    store.want_cancel(job.id)
    leases.give_back(job.id, "me")
    assert store.get(job.id).state == "cancelled"
