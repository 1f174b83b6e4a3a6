"""Adding a track over HTTP: a form with the file and what is said of it."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.callers import Manager
from app.api.dependencies import LibraryDep, MaxUploadBytes, PoolDep
from app.api.documentation import form, of_a_scope, of_a_track, of_a_track_id, of_an_upload, problems, several_words
from app.api.form_parts import FormShape
from app.api.form_values import details
from app.api.idempotency import IdempotencyKey, of_an_idempotency_key
from app.api.track_schemas import StoredTrack
from app.api.uploads import received
from app.recommendation.add_track import TrackFile, add_track
from app.recommendation.idempotency import add_once, one_turn

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

router = APIRouter(tags=["music"])


@router.post(
    "/music",
    summary="Add a track",
    status_code=201,
    response_model=StoredTrack,
    responses={
        200: {"model": StoredTrack, "description": "These bytes are in the library already, as this track"},
        **problems(of_an_upload("file"), of_a_track(), of_a_scope("manage"), of_an_idempotency_key(), of_a_track_id()),
    },
    openapi_extra=form("file", "the music, at most as large as the server allows", FIELDS),
)
async def create_track(
    request: Request,
    response: Response,
    library: LibraryDep,
    pool: PoolDep,
    max_upload_bytes: MaxUploadBytes,
    caller: Manager,
    idempotency_key: IdempotencyKey = None,
) -> StoredTrack:
    """What is left out is read from the file's tags. The same bytes again: 200, and the track as it is stored, which is
    restored where it was deleted."""
    with pool.admit(caller.key_id):
        form_of = received(request, SHAPE, temporary=library.blobs.new_upload(), limit_bytes=max_upload_bytes)
        async with one_turn(idempotency_key, caller, library=library) as turn, form_of as upload:
            file = TrackFile(upload.path, sha256=upload.sha256, name=upload.name, size_bytes=upload.size_bytes)
            said = details(upload.texts)
            add = partial(add_track, file, said, library=library, encoder=pool)
            added = await add_once(turn, file, upload.texts, add, library=library)
    response.status_code = 201 if added.is_new else 200
    response.headers["Location"] = f"/music/{added.track.id}"
    return StoredTrack.of(added.track)
