"""The library over HTTP as it is read: list, what to narrow it by, one track and its sound."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.audio import audio_answer
from app.api.dependencies import LibraryDep
from app.api.documentation import of_a_parameter, of_a_range, of_a_track_id, of_any_path, problems
from app.api.facet_schemas import FacetsBody
from app.api.query_filters import FILTER_FIELDS, FiltersDep, SearchDep, parameters, takes_only
from app.api.track_schemas import StoredTrack, TrackList
from app.recommendation.tracks import count_facets, list_tracks, open_track, track

AUDIO = {
    "description": "The file as it came",
    "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}},
}

router = APIRouter(tags=["music"])


@router.get(
    "/music",
    summary="The library, newest first",
    response_model=TrackList,
    responses=problems(of_any_path(), of_a_parameter("cursor", "is not one that a listing gave")),
    dependencies=[Depends(takes_only({"q", "limit", "cursor", *FILTER_FIELDS}))],
    openapi_extra=parameters(FILTER_FIELDS),
)
async def read_tracks(
    library: LibraryDep,
    tracks: FiltersDep,
    q: SearchDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None,
) -> TrackList:
    listed = partial(list_tracks, tracks, q=q, limit=limit, cursor=cursor, library=library)
    page, following = await asyncio.to_thread(listed)
    return TrackList(items=[StoredTrack.of(found) for found in page], next_cursor=following)


@router.get(
    "/music/facets",
    summary="What the library may be narrowed by",
    response_model=FacetsBody,
    responses=problems(of_any_path(), of_a_parameter("bpm_min", "must be a number such as 96 or 96.5")),
    dependencies=[Depends(takes_only({"q", *FILTER_FIELDS}))],
    openapi_extra=parameters(FILTER_FIELDS),
)
async def read_facets(library: LibraryDep, tracks: FiltersDep, q: SearchDep) -> FacetsBody:
    return FacetsBody.of(await asyncio.to_thread(partial(count_facets, tracks, q=q, library=library)))


@router.get("/music/{track_id}", summary="One track", responses=problems(of_a_track_id()))
async def read_track(track_id: str, library: LibraryDep) -> StoredTrack:
    return StoredTrack.of(await asyncio.to_thread(track, track_id, library=library))


@router.head("/music/{track_id}/audio", include_in_schema=False)
@router.get(
    "/music/{track_id}/audio",
    summary="A track's sound",
    response_class=Response,
    responses={
        200: AUDIO,
        206: {**AUDIO, "description": "The part that the Range header asks for"},
        304: {"description": "The file that If-None-Match names is the one here"},
        **problems(of_a_track_id(), of_a_range()),
    },
)
async def read_audio(request: Request, track_id: str, library: LibraryDep) -> Response:
    """Takes Range (one range), If-Range and If-None-Match."""
    found, file, size_bytes = await asyncio.to_thread(open_track, track_id, library=library)
    return audio_answer(found, file, size_bytes, method=request.method, asked=request.headers)
