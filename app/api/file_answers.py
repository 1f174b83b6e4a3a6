"""A file over HTTP: whole or in part, with what lets a browser play it, seek in it, keep it or save it."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from app.api.byte_ranges import asked_bytes, is_among
from app.recommendation.playable import PlayableFile

PIECE_BYTES = 256 * 1024


def file_answer(found: PlayableFile, *, method: str, asked: Headers, is_saved: bool = False) -> Response:
    """The answer to GET or HEAD; the file is read and closed by it. `is_saved`: a browser saves it, and does not play.

    Raises RangeNotSatisfiable, the file then closed.
    """
    etag = f'"{found.tag}"'
    headers = _headers(found, etag, is_saved=is_saved)
    try:
        if is_among(etag, asked.get("if-none-match")):
            found.file.close()
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        # A range is asked for by GET only (RFC 9110, section 14.2), and of this very file where If-Range names one.
        is_in_parts = method == "GET" and asked.get("if-range", etag) == etag
        part = asked_bytes(asked.get("range"), found.size_bytes) if is_in_parts else None
    except BaseException:
        found.file.close()
        raise
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    sent = range(found.size_bytes) if part is None else part
    headers |= {"Content-Type": found.media_type, "Content-Length": str(len(sent))}
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.size_bytes}"
    if method == "HEAD":
        found.file.close()
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_pieces(found.file, sent), status_code=status, headers=headers)


def file_responses(kind: str, description: str) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of such an answer; `kind`: its media type, like "audio/*"."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {
        200: {"description": description, "content": content},
        206: {"description": "The part that the Range header asks for", "content": content},
        304: {"description": "The file that If-None-Match names is the one here"},
    }


def _headers(found: PlayableFile, etag: str, *, is_saved: bool) -> dict[str, str]:
    return {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": _disposition(found.name, is_saved=is_saved),
        "X-Content-Type-Options": "nosniff",
    }


def _disposition(name: str, *, is_saved: bool) -> str:
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in " ._-()") else "_" for letter in name)
    kind = "attachment" if is_saved else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: BinaryIO, sent: range) -> Iterator[bytes]:
    with file:
        file.seek(sent.start)
        left = len(sent)
        while left and (piece := file.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece
