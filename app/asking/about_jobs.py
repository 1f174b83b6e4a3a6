"""What can be asked about long work: how far it is, to end it, and to wait for it."""

import time
from collections.abc import Callable

from app.asking.answers import parsed
from app.asking.errors import JobFailed, JobTookTooLong
from app.asking.flow import Attempt, Operation
from app.asking.messages import asking, getting, path_to
from app.asking.results import Job, Jobs

OUTLASTED_S = 300.0
FIRST_LOOK_AGAIN_S = 0.1
LONGEST_BETWEEN_LOOKS_S = 2.0
SLOWER_BY = 1.5


def job(job_id: str) -> Operation[Job]:
    return parsed(Job, (yield Attempt(getting(path_to("jobs", job_id)))))


def jobs(*, limit: int | None = None) -> Operation[tuple[Job, ...]]:
    """One's own, newest first; with an admin's key everybody's."""
    return parsed(Jobs, (yield Attempt(getting("/jobs", limit=limit)))).items


def cancel(job_id: str) -> Operation[Job]:
    """Ends a job; it may take a moment to stop."""
    return parsed(Job, (yield Attempt(asking("DELETE", path_to("jobs", job_id)))))


def wait(
    job: Job | str, *, timeout_s: float | None = None, on_progress: Callable[[Job], None] | None = None
) -> Operation[Job]:
    """The job when it is done, with errors of single items if there were any. `on_progress` hears of each change seen.

    A job outlives its server: one that is away for up to OUTLASTED_S is waited for.

    Raises JobFailed where it failed or was cancelled, and JobTookTooLong after `timeout_s`, if that is given.
    """
    job_id, known = (job, None) if isinstance(job, str) else (job.id, job)
    request, began, pause_s = getting(path_to("jobs", job_id)), time.monotonic(), 0.0
    outlasts_s = OUTLASTED_S if timeout_s is None else min(timeout_s, OUTLASTED_S)
    while True:
        seen = parsed(Job, (yield Attempt(request, after_s=pause_s, outlasts_s=outlasts_s)))
        if on_progress is not None and seen != known:
            on_progress(seen)
        known = seen
        if seen.is_final:
            return _done(seen)
        left_s = float("inf") if timeout_s is None else began + timeout_s - time.monotonic()
        if timeout_s is not None and left_s <= 0:
            raise JobTookTooLong(job_id=job_id, limit_s=timeout_s)
        pause_s = min(max(pause_s * SLOWER_BY, FIRST_LOOK_AGAIN_S), LONGEST_BETWEEN_LOOKS_S, left_s)


def _done(job: Job) -> Job:
    if job.state != "done":
        reasons = [error.detail for error in job.errors if not error.item] or [error.detail for error in job.errors]
        raise JobFailed(job_id=job.id, state=job.state, reason=reasons[0] if reasons else "")
    return job
