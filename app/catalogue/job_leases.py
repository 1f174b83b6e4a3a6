"""Jobs as those see them who do the work: taken on a lease, kept, ended. Of two servers one gets a job.

Whoever takes a job makes up a new `lease_owner` for it. A lease that is not kept runs out, and the job is anybody's.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, or_, select, update

from app.catalogue.job_rows import add_errors, job_where_id
from app.catalogue.request_tables import job_errors, jobs
from app.catalogue.transactions import Transactions
from app.jobs import Job, JobError, JobKind, JobState

MOST_ATTEMPTS = 3
# The code of the last error of a job that had more of them than are kept.
MORE_ERRORS = "more_errors"
LOST = JobError("", "internal_error", f"given up: it was begun {MOST_ATTEMPTS} times, and each time its server ended")

# "cancelled": still ours, to be ended soon. "lost": another may be at work on it, so nothing of it may be written.
Standing = Literal["held", "cancelled", "lost"]


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a job since the last time. `errors` are new ones; `more` counts all that came beyond those."""

    done: int
    total: int
    errors: tuple[JobError, ...] = ()
    more: int = 0


class JobLeases:
    """Threads and processes may share the database; their clocks should agree to a second or so."""

    def __init__(self, transactions: Transactions, *, clock: Callable[[], float] = time.time) -> None:
        self._transactions = transactions
        self._clock = clock

    def claim(self, lease_owner: str, *, lease_s: float, kinds: Collection[JobKind]) -> Job | None:
        """The oldest job of these kinds that is queued or whose lease has run out, now running; None where none is.

        One that was begun and lost MOST_ATTEMPTS times is failed instead; one that is to be cancelled is.
        """
        with self._transactions.reading() as connection:
            # Asked every second: an idle server must not take SQLite's one write lock for it.
            if connection.execute(self._claimable(kinds)).first() is None:
                return None
        with self._transactions.writing() as connection:
            query = self._claimable(kinds).with_for_update(skip_locked=True)
            while (job_id := connection.scalar(query)) is not None:
                found = job_where_id(connection, job_id)
                assert found is not None
                if found.is_cancel_wanted:
                    self._end(connection, _is(job_id), "cancelled")
                elif found.attempts >= MOST_ATTEMPTS:
                    add_errors(connection, job_id, [LOST])
                    self._end(connection, _is(job_id), "failed")
                else:
                    return self._begin(connection, found, lease_owner, lease_s)
        return None

    def standing(self, job_id: str, lease_owner: str) -> Standing:
        """Writes nothing."""
        with self._transactions.reading() as connection:
            wish = connection.scalar(select(jobs.c.is_cancel_wanted).where(_held(job_id, lease_owner)))
        return _standing(wish)

    def keep(self, job_id: str, lease_owner: str, *, lease_s: float, told: Told) -> Standing:
        """Holds the lease for `lease_s` from now, and stores what was told; nothing where it is lost."""
        with self._transactions.writing() as connection:
            values = {"lease_until": self._clock() + lease_s, "done": told.done, "total": told.total}
            wish = connection.scalar(
                update(jobs).where(_held(job_id, lease_owner)).values(values).returning(jobs.c.is_cancel_wanted)
            )
            if wish is not None:
                _add_told_errors(connection, job_id, told)
        return _standing(wish)

    def finish(
        self, job_id: str, lease_owner: str, state: JobState, *, told: Told, result: Mapping[str, Any] | None
    ) -> bool:
        """Whether it was still ours to end."""
        with self._transactions.writing() as connection:
            held = _held(job_id, lease_owner)
            was_ours = self._end(connection, held, state, result=result, done=told.done, total=told.total)
            if was_ours:
                _add_told_errors(connection, job_id, told)
        return was_ours

    def give_back(self, job_id: str, lease_owner: str) -> None:
        """Queued again, as if it had not been begun; cancelled where that is wanted."""
        with self._transactions.writing() as connection:
            held = _held(job_id, lease_owner)
            if self._end(connection, held & jobs.c.is_cancel_wanted, "cancelled"):
                return
            values = {"state": "queued", "attempts": jobs.c.attempts - 1, "lease_owner": None, "lease_until": None}
            connection.execute(update(jobs).where(held).values(values))

    def _claimable(self, kinds: Collection[JobKind]) -> Select[str]:
        lost = and_(jobs.c.state == "running", jobs.c.lease_until < self._clock())
        free = or_(jobs.c.state == "queued", lost)
        return select(jobs.c.id).where(jobs.c.kind.in_(kinds), free).order_by(jobs.c.created_at, jobs.c.id).limit(1)

    def _begin(self, connection: Connection, job: Job, lease_owner: str, lease_s: float) -> Job | None:
        # All of it is gone through again, so its errors are found again.
        connection.execute(delete(job_errors).where(job_errors.c.job_id == job.id))
        values: dict[str, Any] = {
            "state": "running",
            "done": 0,
            "total": 0,
            "attempts": job.attempts + 1,
            "started_at": job.started_at or datetime.now(UTC),
            "lease_owner": lease_owner,
            "lease_until": self._clock() + lease_s,
        }
        connection.execute(update(jobs).where(_is(job.id)).values(values))
        return job_where_id(connection, job.id)

    def _end(self, connection: Connection, where: ColumnElement[bool], state: JobState, **values: Any) -> bool:
        ended = {"state": state, "finished_at": datetime.now(UTC), "lease_owner": None, "lease_until": None}
        return connection.execute(update(jobs).where(where).values(ended | values)).rowcount == 1


def _is(job_id: str) -> ColumnElement[bool]:
    return jobs.c.id == job_id


def _held(job_id: str, lease_owner: str) -> ColumnElement[bool]:
    return and_(_is(job_id), jobs.c.state == "running", jobs.c.lease_owner == lease_owner)


def _standing(wish: bool | None) -> Standing:
    if wish is None:
        return "lost"
    return "cancelled" if wish else "held"


def _add_told_errors(connection: Connection, job_id: str, told: Told) -> None:
    add_errors(connection, job_id, told.errors)
    if told.more:
        of_job = and_(job_errors.c.job_id == job_id, job_errors.c.code == MORE_ERRORS)
        connection.execute(delete(job_errors).where(of_job))
        add_errors(connection, job_id, [JobError("", MORE_ERRORS, f"{told.more} more had errors")])
