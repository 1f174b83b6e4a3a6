"""Turns errors into answers: one table from error to status, one shape of body (RFC 9457), nothing of the inside."""

import json
from http import HTTPStatus

from starlette.responses import JSONResponse

from app.errors import (
    AddressNotAllowed,
    BgmError,
    CapacityError,
    CatalogueError,
    CheckpointError,
    CheckpointMismatch,
    DeviceUnavailable,
    DiskFull,
    EncoderUnavailable,
    FeaturesDamaged,
    IndexDamaged,
    InitialKeyUnusable,
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
    TrackExists,
    TrackNotFound,
    UnreadableMedia,
    UnsupportedMedia,
    UploadTooLarge,
    WorkerDefect,
)
from app.request_errors import (
    BadOrigin,
    EncoderChanged,
    FolderNotAllowed,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    JobNotCancellable,
    JobNotFinished,
    JobNotFound,
    KeyLacksScope,
    KeyRequired,
    KeyUnknown,
    RateLimited,
    RecommendationExpired,
    RecommendationNotFound,
    TrackDeleted,
    VideoNotKept,
)

STATUS: dict[type[BgmError], int] = {
    WorkerDefect: 500,
    TrackExists: 409,
    UnsupportedMedia: 415,
    UnreadableMedia: 422,
    NoVideoStream: 422,
    NoAudioStream: 422,
    MediaTooShort: 422,
    MediaTooLong: 422,
    PictureTooLarge: 422,
    SilentAudio: 422,
    MediaTookTooLong: 504,
    MalformedRequest: 400,
    InvalidParameter: 422,
    UploadTooLarge: 413,
    TrackNotFound: 404,
    RangeNotSatisfiable: 416,
    KeyRequired: 401,
    KeyUnknown: 401,
    KeyLacksScope: 403,
    BadOrigin: 403,
    RateLimited: 429,
    RecommendationNotFound: 404,
    RecommendationExpired: 410,
    EncoderChanged: 410,
    VideoNotKept: 409,
    TrackDeleted: 410,
    JobNotFound: 404,
    JobNotFinished: 409,
    JobNotCancellable: 409,
    FolderNotAllowed: 422,
    IdempotencyKeyInUse: 409,
    IdempotencyKeyReused: 422,
    Overloaded: 503,
    EncoderUnavailable: 503,
    NotReady: 503,
    DiskFull: 507,
    CheckpointError: 500,
    CheckpointMismatch: 503,
    CatalogueError: 503,
    IndexDamaged: 500,
    FeaturesDamaged: 500,
    AddressNotAllowed: 500,
    InitialKeyUnusable: 500,
    DeviceUnavailable: 500,
}
# What only the operator can mend, and how much of it a caller is told.
FOR_NOW: dict[type[BgmError], str] = {
    CatalogueError: "the catalogue",
    CheckpointMismatch: "the checkpoint that the library was just moved to",
}
# A defect's own words name files, tables and libraries; the caller gets these, and the log the rest.
DEFECT_DETAIL = "the server met an error of its own; its log has the cause under this request id"


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"

    def render(self, content: object) -> bytes:
        """As JSON in UTF-8; half a character of what the caller sent, which is none in UTF-8, as a question mark."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def status_of(error: BgmError) -> int:
    """The status for an error; for a kind without a row of its own, its nearest ancestor's, or 500."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem_body(error: BgmError, request_id: str) -> dict[str, object]:
    """The body for an error with its facts; a defect, and whatever only the operator can mend, keeps its own."""
    status = status_of(error)
    if type(error) in FOR_NOW:
        error = NotReady(missing=[FOR_NOW[type(error)]])
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return defect_body(request_id)
    return {**body(status, error.code, str(error), request_id), **error.facts()}


def defect_body(request_id: str) -> dict[str, object]:
    return body(500, "internal_error", DEFECT_DETAIL, request_id)


def problem(error: BgmError, request_id: str) -> ProblemResponse:
    """The answer for an error, with the headers that its status asks for."""
    status, headers = status_of(error), {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(getattr(error, "retry_after_s", CapacityError.retry_after_s))
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after_s)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.size_bytes}"
    return ProblemResponse(problem_body(error, request_id), status_code=status, headers=headers)


def body(status: int, code: str, detail: str, request_id: str) -> dict[str, object]:
    return {
        "type": f"urn:score-a-video:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
