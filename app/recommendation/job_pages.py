"""Jobs as their owners ask about them: look, list, cancel. Blocking; call from threads."""

from app.access import Caller
from app.catalogue.jobs import JobStore
from app.jobs import Job
from app.request_errors import JobNotFound


def owned_job(job_id: str, *, caller: Caller, store: JobStore) -> Job:
    """Raises JobNotFound, also for what is another's."""
    found = store.get(job_id)
    if not caller.may_see(found.owner):
        raise JobNotFound(job_id=job_id)
    return found


def own_jobs(*, limit: int, caller: Caller, store: JobStore) -> list[Job]:
    """The newest first; of all owners for who may do everything."""
    return store.list_jobs(None if caller.may("admin") else caller.key_id, limit=limit)


def cancel_job(job_id: str, *, caller: Caller, store: JobStore) -> Job:
    """As it is then: cancelled, or running for as long as its work needs to stop.

    Raises JobNotFound and JobNotCancellable.
    """
    owned_job(job_id, caller=caller, store=store)
    return store.want_cancel(job_id)
