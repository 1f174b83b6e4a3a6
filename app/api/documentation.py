"""What OpenAPI says beyond the signatures: the errors that a path can give, and the forms that it takes."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from app.access import Scope
from app.api.problems import defect_body, problem_body, status_of
from app.domain import MediaLimits
from app.errors import (
    BgmError,
    CatalogueError,
    DiskFull,
    EncoderUnavailable,
    InvalidParameter,
    MalformedRequest,
    MediaTookTooLong,
    MediaTooLong,
    MediaTooShort,
    NoAudioStream,
    NotReady,
    NoVideoStream,
    Overloaded,
    PictureTooLarge,
    RangeNotSatisfiable,
    SilentAudio,
    TrackNotFound,
    UnreadableMedia,
    UnsupportedMedia,
    UploadTooLarge,
)
from app.request_errors import (
    BadOrigin,
    EncoderChanged,
    KeyLacksScope,
    KeyRequired,
    KeyUnknown,
    RateLimited,
    RecommendationExpired,
    RecommendationNotFound,
    TrackDeleted,
)

REQUEST_ID = "01JD3W7E5V2S9B8F4H6K0M1N3P"
Responses = dict[int | str, dict[str, Any]]
# The `openapi_extra` of a path that is open to those without a key: none is another way to be let in.
OPEN_TO_ALL: dict[str, Any] = {"security": [{}]}


def of_any_path() -> list[BgmError]:
    """What the door refuses, and what any question to the catalogue can meet."""
    return [
        KeyRequired(),
        KeyUnknown(),
        BadOrigin(origin="https://example.org"),
        RateLimited(retry_after_s=2),
        CatalogueError(reason=""),
        NotReady(missing=["the catalogue"]),
    ]


def of_a_scope(needed: Scope) -> list[BgmError]:
    return [KeyLacksScope(scope="recommend", needed=needed)]


def of_an_upload(parameter: str) -> list[BgmError]:
    """What a form with a media file can be refused for, beyond what its media is."""
    return [
        *of_any_path(),
        MalformedRequest(reason="the body ends before its closing boundary"),
        InvalidParameter(parameter=parameter, reason="is missing"),
        UploadTooLarge(limit_bytes=2_000_000_000),
        UnsupportedMedia(kind="container", found="gif", accepted=["mp4", "mov", "mkv", "…"]),
        UnreadableMedia(reason="it ends in the middle"),
        MediaTooShort(duration_s=0.01, minimum_s=0.1),
        MediaTooLong(duration_s=20_000, limit_s=14_400),
        MediaTookTooLong(limit_s=120),
        Overloaded(limit=32),
        EncoderUnavailable(worker="device"),
        DiskFull(),
    ]


def of_a_video() -> list[BgmError]:
    return [
        NoVideoStream(),
        PictureTooLarge(width=20_000, height=20_000, limit_pixels=MediaLimits(max_duration_s=0).max_pixels),
    ]


def of_a_track() -> list[BgmError]:
    return [NoAudioStream(), SilentAudio()]


def of_a_track_id() -> list[BgmError]:
    return [*of_an_unknown_track_id(), TrackDeleted(track_id="01JC7Y3T0GQ4M1Z8W5R2N6K9VX")]


def of_an_unknown_track_id() -> list[BgmError]:
    """Where a deleted track is as good as any."""
    return [*of_any_path(), TrackNotFound(track_id="01JC7Y3T0GQ4M1Z8W5R2N6K9VX")]


def of_a_body() -> list[BgmError]:
    """What a body of JSON can be refused for, beyond what it says."""
    return [MalformedRequest(reason="the body is not JSON"), UploadTooLarge(limit_bytes=1_048_576)]


def of_writing() -> list[BgmError]:
    """What can go wrong where something small is stored: the disk of the catalogue is full."""
    return [DiskFull()]


def of_a_stored_file() -> list[BgmError]:
    """What can go wrong where a stored track must be encoded anew."""
    return [
        *of_the_encoder(),
        UnreadableMedia(reason="it ends in the middle"),
        MediaTookTooLong(limit_s=120),
        DiskFull(),
    ]


def of_a_recommendation_id() -> list[BgmError]:
    return [*of_any_path(), RecommendationNotFound(recommendation_id=REQUEST_ID)]


def of_a_recommendation() -> list[BgmError]:
    """What a question about a video can meet that was sent before."""
    return [*of_a_recommendation_id(), *of_expiry(), EncoderChanged(recommendation_id=REQUEST_ID)]


def of_expiry() -> list[BgmError]:
    return [RecommendationExpired(recommendation_id=REQUEST_ID)]


def of_the_encoder() -> list[BgmError]:
    return [Overloaded(limit=32), EncoderUnavailable(worker="device")]


def of_a_range() -> list[BgmError]:
    return [RangeNotSatisfiable(size_bytes=2_751_000)]


def of_a_parameter(parameter: str, reason: str) -> list[BgmError]:
    return [InvalidParameter(parameter=parameter, reason=reason)]


def of_a_query_that_takes_nothing() -> list[BgmError]:
    return of_a_parameter("force", "is not known here")


def problems(*errors: Iterable[BgmError]) -> Responses:
    """The responses of a path that can give these errors, by status, each with an example of every code."""
    found: Responses = {"default": _response("A defect of the server, or an error of HTTP itself")}
    _add_example(found["default"], defect_body(REQUEST_ID))
    for error in (error for group in errors for error in group):
        status = status_of(error)
        _add_example(found.setdefault(status, _response(HTTPStatus(status).phrase)), problem_body(error, REQUEST_ID))
    return found


def form(file: str, description: str, fields: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The `openapi_extra` of a path that takes a form with one file."""
    properties = {file: {"type": "string", "format": "binary", "description": description}, **fields}
    schema = {"type": "object", "required": [file], "properties": properties, "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def several_words(example: list[str]) -> dict[str, Any]:
    """A field that may be repeated, or hold several words separated by commas."""
    return {"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": 50, "example": example}


def _response(description: str) -> dict[str, Any]:
    names = {"type": "string", "title": "string", "detail": "string", "code": "string", "request_id": "string"}
    properties = {name: {"type": kind} for name, kind in names.items()} | {"status": {"type": "integer"}}
    schema = {"type": "object", "required": sorted(properties), "properties": properties, "title": "Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema, "examples": {}}}}


def _add_example(response: dict[str, Any], body: dict[str, object]) -> None:
    response["content"]["application/problem+json"]["examples"][str(body["code"])] = {"value": body}
