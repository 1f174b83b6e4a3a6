"""A kept video with its music over HTTP: asked for, fetched when its job is done, and the words that go with it."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.callers import CallerDep
from app.api.dependencies import JobsDep, LibraryDep, PoolDep, StudioDep
from app.api.documentation import (
    REQUEST_ID,
    of_a_body,
    of_a_parameter,
    of_a_range,
    of_a_recommendation_id,
    of_a_track_id,
    of_expiry,
    of_the_encoder,
    of_writing,
    problems,
)
from app.api.file_answers import file_answer, file_responses
from app.api.job_schemas import JobBody
from app.errors import BgmError, NotReady
from app.recommendation.render_video import RenderWanted, ask_for_render
from app.recommendation.rendered_videos import open_rendered, rendered_credits
from app.request_errors import JobNotFinished, JobNotFound, VideoNotKept

Volume = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="0 mutes, 1 is as recorded")]

router = APIRouter(tags=["recommend"])


class RenderRequest(BaseModel):
    """The whole is brought to -14 LUFS with true peaks of at most -1 dBTP; a track that is too short comes again."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"track_id": "01JC7Y3T0GQ4M1Z8W5R2N6K9VX", "duck": True}}
    )

    track_id: str = Field(max_length=100)
    start_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="where in the track the music begins; where it fits best, if not given"
    )
    video_volume: Volume = 1.0
    music_volume: Volume = 1.0
    fade_s: float = Field(
        default=1.5, ge=0, le=30, allow_inf_nan=False, description="the music's way in and out; half the video at most"
    )
    duck: bool = Field(default=False, description="quieter music while somebody speaks")


def of_a_render() -> list[BgmError]:
    return [
        *of_a_recommendation_id(),
        *of_expiry(),
        JobNotFound(job_id=REQUEST_ID),
        JobNotFinished(job_id=REQUEST_ID, state="running"),
    ]


@router.post(
    "/recommend/{recommendation_id}/render",
    summary="Lay a track under the video",
    status_code=202,
    responses=problems(
        of_a_recommendation_id(),
        of_expiry(),
        of_a_track_id(),
        of_a_body(),
        [VideoNotKept(recommendation_id=REQUEST_ID), NotReady(missing=["ffmpeg"])],
        of_a_parameter("start_s", "the track lasts 184.20 s"),
        of_the_encoder(),
        of_writing(),
    ),
)
async def create_render(
    recommendation_id: str,
    asked: RenderRequest,
    response: Response,
    library: LibraryDep,
    pool: PoolDep,
    studio: StudioDep,
    jobs: JobsDep,
    caller: CallerDep,
) -> JobBody:
    """Needs a recommendation that was asked for with `keep=true`. The picture is copied as it is."""
    wanted = RenderWanted(**asked.model_dump())
    ask = partial(ask_for_render, recommendation_id, wanted, caller=caller, library=library, encoder=pool)
    job = await asyncio.to_thread(ask, workshop=studio, jobs=jobs)
    response.headers["Location"] = f"/jobs/{job.id}"
    return JobBody.of(job)


@router.head("/recommend/{recommendation_id}/render/{job_id}", include_in_schema=False)
@router.get(
    "/recommend/{recommendation_id}/render/{job_id}",
    summary="The video with its music",
    response_class=Response,
    responses={**file_responses("video/*", "The finished video, to be saved"), **problems(of_a_render(), of_a_range())},
)
async def read_render(
    request: Request, recommendation_id: str, job_id: str, library: LibraryDep, caller: CallerDep
) -> Response:
    """There until the recommendation expires. Takes Range (one range), If-Range and If-None-Match."""
    found = await asyncio.to_thread(open_rendered, recommendation_id, job_id, caller=caller, library=library)
    return file_answer(found, method=request.method, asked=request.headers, is_saved=True)


@router.get(
    "/recommend/{recommendation_id}/render/{job_id}/credits",
    summary="What must be said of the music",
    response_class=PlainTextResponse,
    responses=problems(of_a_render()),
)
async def read_credits(recommendation_id: str, job_id: str, library: LibraryDep, caller: CallerDep) -> str:
    """One line: the attribution that the track's licence asks for."""
    return await asyncio.to_thread(rendered_credits, recommendation_id, job_id, caller=caller, library=library)
