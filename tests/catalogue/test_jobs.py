from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue.catalogue import Catalogue
from app.catalogue.job_leases import JobLeases, Told
from app.catalogue.jobs import JobStore
from app.request_errors import JobNotCancellable, JobNotFound


@pytest.fixture
def store(catalogue: Catalogue) -> JobStore:
    return JobStore(catalogue.transactions)


@pytest.fixture
def leases(catalogue: Catalogue) -> JobLeases:
    return JobLeases(catalogue.transactions)


def test_a_new_job_is_queued_and_found_again(store: JobStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    made = store.create("import", {"folder": "été", "csv": None}, "01KEY")
    assert (made.kind, made.state, made.request, made.owner) == (
        "import",
        "queued",
        {"folder": "été", "csv": None},
        "01KEY",
    )
    assert (made.done, made.total, made.errors, made.result, made.attempts) == (0, 0, (), None, 0)
    assert before < made.created_at
    assert (made.started_at, made.finished_at, made.is_cancel_wanted) == (None, None, False)
    assert store.get(made.id) == made


def test_a_job_that_is_none_is_not_found(store: JobStore) -> None:
    with pytest.raises(JobNotFound, match="nothing"):
        store.get("nothing")
    with pytest.raises(JobNotFound):
        store.want_cancel("nothing")


def test_jobs_are_listed_newest_first_of_one_owner_or_of_all(store: JobStore) -> None:
    made = [store.create("import", {}, owner).id for owner in ("01A", None, "01A", "01B")]
    assert [job.id for job in store.list_jobs(None, limit=10)] == made[::-1]
    assert [job.id for job in store.list_jobs("01A", limit=10)] == [made[2], made[0]]
    assert [job.id for job in store.list_jobs(None, limit=2)] == made[:1:-1]


def test_a_queued_job_is_cancelled_at_once(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    cancelled = store.want_cancel(job.id)
    assert cancelled.state == "cancelled"
    assert cancelled.finished_at is not None
    assert leases.claim("me", lease_s=60, kinds={"import"}) is None


def test_a_running_job_goes_on_until_its_worker_has_seen_the_wish(store: JobStore, leases: JobLeases) -> None:
    job = store.create("import", {}, None)
    leases.claim("me", lease_s=60, kinds={"import"})
    wanted = store.want_cancel(job.id)
    assert (wanted.state, wanted.is_cancel_wanted, wanted.finished_at) == ("running", True, None)
    assert store.want_cancel(job.id).state == "running"


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_has_ended_cannot_be_cancelled(store: JobStore, leases: JobLeases, state: str) -> None:
    job = store.create("import", {}, None)
    leases.claim("me", lease_s=60, kinds={"import"})
    leases.finish(job.id, "me", state, told=Told(0, 0), result=None)  # type: ignore[arg-type]
    with pytest.raises(JobNotCancellable, match=state):
        store.want_cancel(job.id)


def test_only_what_ended_long_ago_is_purged(store: JobStore, leases: JobLeases) -> None:
    ended, waiting = store.create("import", {}, None), store.create("import", {}, None)
    leases.claim("me", lease_s=60, kinds={"import"})
    leases.finish(ended.id, "me", "done", told=Told(0, 0, more=3), result={})
    assert store.purge() == 0
    assert store.purge(older_than=timedelta(seconds=-1)) == 1
    assert [job.id for job in store.list_jobs(None, limit=10)] == [waiting.id]
