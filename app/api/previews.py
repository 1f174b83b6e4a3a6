"""Tracks and kept videos over HTTP, as every browser plays them."""

from fastapi import APIRouter, Request, Response

from app.api.callers import CallerDep
from app.api.dependencies import LibraryDep, PreviewsDep
from app.api.documentation import (
    REQUEST_ID,
    of_a_range,
    of_a_recommendation_id,
    of_a_stored_file,
    of_a_track_id,
    of_expiry,
    problems,
)
from app.api.file_answers import file_answer, file_responses
from app.errors import BgmError, NotReady
from app.request_errors import VideoNotKept

router = APIRouter()


def of_a_preview() -> list[BgmError]:
    """What can go wrong where one must be made first."""
    return [*of_a_stored_file(), NotReady(missing=["ffmpeg"])]


def of_no_video() -> list[BgmError]:
    return [VideoNotKept(recommendation_id=REQUEST_ID)]


@router.head("/music/{track_id}/preview", include_in_schema=False)
@router.get(
    "/music/{track_id}/preview",
    summary="A track's sound, as every browser plays it",
    tags=["music"],
    response_class=Response,
    responses={
        **file_responses("audio/*", "The file as it came where every browser plays that, else AAC in MP4"),
        **problems(of_a_track_id(), of_a_preview(), of_a_range()),
    },
)
async def read_track_preview(request: Request, track_id: str, library: LibraryDep, previews: PreviewsDep) -> Response:
    """Made the first time it is asked for. Takes Range (one range), If-Range and If-None-Match."""
    found = await previews.of_track(track_id, library=library)
    return file_answer(found, method=request.method, asked=request.headers)


@router.head("/recommend/{recommendation_id}/video", include_in_schema=False)
@router.get(
    "/recommend/{recommendation_id}/video",
    summary="The kept video, as every browser plays it",
    tags=["recommend"],
    response_class=Response,
    responses={
        **file_responses("video/*", "The file as it came where every browser plays that, else H.264 and AAC in MP4"),
        **problems(of_a_recommendation_id(), of_expiry(), of_no_video(), of_a_preview(), of_a_range()),
    },
)
async def read_kept_video(
    request: Request, recommendation_id: str, library: LibraryDep, previews: PreviewsDep, caller: CallerDep
) -> Response:
    """Made the first time it is asked for, 1280 pixels wide at most. Takes Range, If-Range and If-None-Match."""
    found = await previews.of_kept_video(recommendation_id, caller=caller, library=library)
    return file_answer(found, method=request.method, asked=request.headers)
