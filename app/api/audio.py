"""A track's file over HTTP, as it came."""

from typing import BinaryIO

from starlette.datastructures import Headers
from starlette.responses import Response

from app.api.file_answers import file_answer
from app.domain import Track
from app.recommendation.playable import PlayableFile


def audio_answer(track: Track, file: BinaryIO, size_bytes: int, *, method: str, asked: Headers) -> Response:
    """As `file_answer`."""
    found = PlayableFile(file, size_bytes, track.media_type, track.file_name or track.id, track.sha256)
    return file_answer(found, method=method, asked=asked)
