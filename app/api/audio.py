"""A track's file over HTTP: whole or in part, with what lets a browser play it, seek in it and keep it."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from app.api.byte_ranges import asked_bytes, is_among
from app.domain import Track

PIECE_BYTES = 256 * 1024


def audio_answer(track: Track, file: BinaryIO, size_bytes: int, *, method: str, asked: Headers) -> Response:
    """The answer to GET or HEAD; `file` is read and closed by it. Raises RangeNotSatisfiable, `file` then closed."""
    etag = f'"{track.sha256}"'
    headers = _headers(track, etag)
    try:
        if is_among(etag, asked.get("if-none-match")):
            file.close()
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        # A range is asked for by GET only (RFC 9110, section 14.2), and of this very file where If-Range names one.
        is_in_parts = method == "GET" and asked.get("if-range", etag) == etag
        part = asked_bytes(asked.get("range"), size_bytes) if is_in_parts else None
    except BaseException:
        file.close()
        raise
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    sent = range(size_bytes) if part is None else part
    headers |= {"Content-Type": track.media_type, "Content-Length": str(len(sent))}
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size_bytes}"
    if method == "HEAD":
        file.close()
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_pieces(file, sent), status_code=status, headers=headers)


def _headers(track: Track, etag: str) -> dict[str, str]:
    return {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": _disposition(track),
        "X-Content-Type-Options": "nosniff",
    }


def _disposition(track: Track) -> str:
    name = track.file_name or track.id
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in " ._-()") else "_" for letter in name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: BinaryIO, sent: range) -> Iterator[bytes]:
    with file:
        file.seek(sent.start)
        left = len(sent)
        while left and (piece := file.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece
