"""A job as it goes on, told as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from app.api.callers import CallerDep
from app.api.dependencies import JobsDep, StoppingDep
from app.api.documentation import problems
from app.api.job_schemas import JobBody
from app.api.jobs import of_a_job_id
from app.api.server_sent_events import EVENT_STREAM, ServerSentEvent, event_stream
from app.jobs import Job
from app.recommendation.job_pages import owned_job
from app.recommendation.job_runner import JobRunner

# Any server may be running the job, so the database is asked; its progress is stored four times a second.
LOOK_EVERY_S = 0.25

router = APIRouter(tags=["jobs"])


@router.get(
    "/jobs/{job_id}/events",
    summary="A job as it goes on",
    response_class=StreamingResponse,
    responses={200: EVENT_STREAM, **problems(of_a_job_id())},
)
async def read_events(job_id: str, jobs: JobsDep, caller: CallerDep, stopping: StoppingDep) -> StreamingResponse:
    """`event: job` with the job as `data`, at the start and on each change; ends once the job has."""
    first = await asyncio.to_thread(owned_job, job_id, caller=caller, store=jobs.store)
    return event_stream(_changes(first, jobs), stopping=stopping)


async def _changes(job: Job, jobs: JobRunner) -> AsyncGenerator[ServerSentEvent, None]:
    yield _event(job)
    while not job.is_final:
        await asyncio.sleep(LOOK_EVERY_S)
        before, job = job, await asyncio.to_thread(jobs.store.get, job.id)
        if job != before:
            yield _event(job)


def _event(job: Job) -> ServerSentEvent:
    return ServerSentEvent("job", JobBody.of(job))
