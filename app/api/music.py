"""The library over HTTP: add a track, list, look at one, hear it, delete it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.api.audio import audio_answer
from app.api.dependencies import LibraryDep, MaxUploadBytes, PoolDep
from app.api.documentation import (
    form,
    of_a_parameter,
    of_a_range,
    of_a_track,
    of_a_track_id,
    of_an_upload,
    of_any_path,
    problems,
    several_words,
)
from app.api.form_parts import FormShape
from app.api.form_values import details
from app.api.schemas import StoredTrack, TrackList
from app.api.uploads import received
from app.recommendation.add_track import TrackFile, add_track
from app.recommendation.tracks import delete_track, list_tracks, open_track, track

TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}
FIELDS: dict[str, dict[str, Any]] = {
    "title": TEXT | {"maxLength": 500, "example": "Night drive"},
    "artist": TEXT | {"maxLength": 500},
    "album": TEXT | {"maxLength": 500},
    "genre": TEXT | {"maxLength": 200, "example": "synthwave"},
    "moods": several_words(["calm"]),
    "keywords": several_words(["neon", "city"]),
    "license": TEXT | {"maxLength": 200, "example": "CC0-1.0"},
    "attribution": TEXT | {"maxLength": 2000},
    "source_url": TEXT | {"maxLength": 2000, "format": "uri", "description": "http or https"},
    "vocals": FLAG,
    "explicit": FLAG,
    "bpm": {"type": "number", "minimum": 20, "maximum": 400, "description": "measured where not given"},
}
SHAPE = FormShape("file", fields=frozenset(FIELDS), repeatable=frozenset({"moods", "keywords"}))
AUDIO = {
    "description": "The file as it came",
    "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}},
}

router = APIRouter(tags=["music"])


@router.post(
    "/music",
    summary="Add a track",
    status_code=201,
    response_model=StoredTrack,
    responses={
        200: {"model": StoredTrack, "description": "These bytes are in the library already, as this track"},
        **problems(of_an_upload("file"), of_a_track()),
    },
    openapi_extra=form("file", "the music, at most as large as the server allows", FIELDS),
)
async def create_track(
    request: Request, response: Response, library: LibraryDep, pool: PoolDep, max_upload_bytes: MaxUploadBytes
) -> StoredTrack:
    """What is left out is read from the file's tags. The same bytes again: 200, and the track as it is stored."""
    with pool.admit():
        temporary = library.blobs.new_upload()
        async with received(request, SHAPE, temporary=temporary, limit_bytes=max_upload_bytes) as upload:
            file = TrackFile(upload.path, sha256=upload.sha256, name=upload.name, size_bytes=upload.size_bytes)
            added = await add_track(file, details(upload.texts), library=library, encoder=pool)
    response.status_code = 201 if added.is_new else 200
    response.headers["Location"] = f"/music/{added.track.id}"
    return StoredTrack.of(added.track)


@router.get(
    "/music",
    summary="The library, newest first",
    response_model=TrackList,
    responses=problems(of_any_path(), of_a_parameter("cursor", "is not one that a listing gave")),
)
async def read_tracks(
    library: LibraryDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None,
) -> TrackList:
    page, following = await asyncio.to_thread(list_tracks, limit=limit, cursor=cursor, library=library)
    return TrackList(items=[StoredTrack.of(found) for found in page], next_cursor=following)


@router.get("/music/{track_id}", summary="One track", responses=problems(of_a_track_id()))
async def read_track(track_id: str, library: LibraryDep) -> StoredTrack:
    return StoredTrack.of(await asyncio.to_thread(track, track_id, library=library))


@router.delete("/music/{track_id}", summary="Delete a track", status_code=204, responses=problems(of_a_track_id()))
async def remove_track(track_id: str, library: LibraryDep) -> None:
    await asyncio.to_thread(delete_track, track_id, library=library)


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
