"""Jobs as those see them who ask for work: made, looked at, cancelled. Knows no kind of work and who does it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from ulid import ULID

from app.catalogue.job_rows import job_where_id, jobs_of_rows
from app.catalogue.request_tables import jobs
from app.catalogue.transactions import Transactions
from app.jobs import Job, JobKind
from app.request_errors import JobNotCancellable, JobNotFound

KEPT_FOR = timedelta(days=30)
JOB_ID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")


class JobStore:
    """Threads and processes may share the database. Synchronous; call it from threads."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def create(self, kind: JobKind, request: Mapping[str, Any], owner: str | None) -> Job:
        """A queued job. `request`: fit for JSON. `owner`: the id of the key that asks, None where none is needed."""
        row = {
            "id": str(ULID()),
            "kind": kind,
            "state": "queued",
            "request": dict(request),
            "owner": owner,
            "done": 0,
            "total": 0,
            "attempts": 0,
            "is_cancel_wanted": False,
            "created_at": datetime.now(UTC),
        }
        with self._transactions.writing() as connection:
            made = connection.execute(insert(jobs).returning(jobs), row).mappings()
            return jobs_of_rows(connection, made)[0]

    def get(self, job_id: str) -> Job:
        """Raises JobNotFound."""
        # PostgreSQL cannot be asked for every text that a path may hold.
        if not JOB_ID.fullmatch(job_id):
            raise JobNotFound(job_id=job_id)
        with self._transactions.reading() as connection:
            found = job_where_id(connection, job_id)
        if found is None:
            raise JobNotFound(job_id=job_id)
        return found

    def list_jobs(self, owner: str | None, *, limit: int) -> list[Job]:
        """The newest first; all owners' where `owner` is None."""
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
        with self._transactions.reading() as connection:
            return jobs_of_rows(connection, connection.execute(query).mappings())

    def want_cancel(self, job_id: str) -> Job:
        """As it is then: cancelled where nobody works on it yet, else running until whoever does has seen the wish.

        Raises JobNotFound, and JobNotCancellable where it has ended.
        """
        with self._transactions.writing() as connection:
            found = job_where_id(connection, job_id, is_locked=True)
            if found is None:
                raise JobNotFound(job_id=job_id)
            if found.is_final:
                raise JobNotCancellable(job_id=job_id, state=found.state)
            wish: dict[str, Any] = {"is_cancel_wanted": True}
            if found.state == "queued":
                wish |= {"state": "cancelled", "finished_at": datetime.now(UTC)}
            changed = connection.execute(update(jobs).where(jobs.c.id == job_id).values(wish).returning(jobs))
            return jobs_of_rows(connection, changed.mappings())[0]

    def purge(self, *, older_than: timedelta = KEPT_FOR) -> int:
        """Removes jobs that ended longer ago; how many."""
        with self._transactions.writing() as connection:
            gone = connection.execute(delete(jobs).where(jobs.c.finished_at < datetime.now(UTC) - older_than))
            return gone.rowcount
