"""Between jobs and rows of their tables."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, RowMapping, insert, select

from app.catalogue.request_tables import job_errors, jobs
from app.jobs import Job, JobError

ONCE = ("id", "kind", "state", "request", "owner", "done", "total", "result", "attempts", "is_cancel_wanted")
MOMENTS = ("created_at", "started_at", "finished_at")


def jobs_of_rows(connection: Connection, rows: Iterable[RowMapping]) -> list[Job]:
    """Each with its errors, in the order of the rows."""
    found = list(rows)
    errors = _errors_of(connection, [row["id"] for row in found])
    return [Job(**{name: row[name] for name in (*ONCE, *MOMENTS)}, errors=tuple(errors[row["id"]])) for row in found]


def job_where_id(connection: Connection, job_id: str, *, is_locked: bool = False) -> Job | None:
    """`is_locked`: nobody else changes the row before the transaction ends."""
    query = select(jobs).where(jobs.c.id == job_id)
    found = jobs_of_rows(connection, connection.execute(query.with_for_update() if is_locked else query).mappings())
    return found[0] if found else None


def add_errors(connection: Connection, job_id: str, errors: Sequence[JobError]) -> None:
    if errors:
        rows = [
            {"job_id": job_id, "item": _storable(error.item), "code": error.code, "detail": _storable(error.detail)}
            for error in errors
        ]
        connection.execute(insert(job_errors), rows)


def _errors_of(connection: Connection, job_ids: list[str]) -> defaultdict[str, list[JobError]]:
    query = select(job_errors).where(job_errors.c.job_id.in_(job_ids)).order_by(job_errors.c.number)
    found: defaultdict[str, list[JobError]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["job_id"]].append(JobError(row["item"], row["code"], row["detail"]))
    return found


def _storable(text: str) -> str:
    """Names of files may be no Unicode, and PostgreSQL's text holds no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
