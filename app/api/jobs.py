"""Jobs over HTTP: list, look at one, cancel it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from app.api.callers import CallerDep
from app.api.dependencies import JobsDep
from app.api.documentation import of_a_parameter, of_any_path, of_writing, problems
from app.api.job_schemas import JobBody, JobList
from app.errors import BgmError
from app.recommendation.job_pages import cancel_job, own_jobs, owned_job
from app.request_errors import JobNotCancellable, JobNotFound

EXAMPLE_ID = "01JD4A8Q6M3X1T7Y9Z5C2V0B4N"

router = APIRouter(tags=["jobs"])


def of_a_job_id() -> list[BgmError]:
    return [*of_any_path(), JobNotFound(job_id=EXAMPLE_ID)]


@router.get(
    "/jobs",
    summary="Long work that was asked for, newest first",
    responses=problems(of_any_path(), of_a_parameter("limit", "must be at most 100")),
)
async def read_jobs(jobs: JobsDep, caller: CallerDep, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> JobList:
    """One's own jobs; those of everybody with a key of scope `admin`."""
    found = await asyncio.to_thread(own_jobs, limit=limit, caller=caller, store=jobs.store)
    return JobList(items=[JobBody.of(job) for job in found])


@router.get("/jobs/{job_id}", summary="One job", responses=problems(of_a_job_id()))
async def read_job(job_id: str, jobs: JobsDep, caller: CallerDep) -> JobBody:
    return JobBody.of(await asyncio.to_thread(owned_job, job_id, caller=caller, store=jobs.store))


@router.delete(
    "/jobs/{job_id}",
    summary="Cancel a job",
    responses=problems(of_a_job_id(), [JobNotCancellable(job_id=EXAMPLE_ID, state="done")], of_writing()),
)
async def remove_job(job_id: str, jobs: JobsDep, caller: CallerDep) -> JobBody:
    """A running job stays so until what it has in hand is done; what it did until then remains."""
    return JobBody.of(await asyncio.to_thread(cancel_job, job_id, caller=caller, store=jobs.store))
