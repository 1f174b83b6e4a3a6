"""Opens media files with FFmpeg behind a fence, and translates its failures. Knows nothing of pictures or samples."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition, Stream

from app.domain import MediaLimits
from app.errors import MediaError, UnreadableMedia, UnsupportedMedia
from app.media.accepted import CONTAINERS, FOREIGN, PROTOCOLS, SOUND_CODECS, VIDEO_CODECS

StreamT = TypeVar("StreamT", bound=Stream)

# A damaged stretch may fail several reads in a row; a file that fails this many is not read further.
READ_FAILURES_IN_A_ROW = 16
NOT_FILM = Disposition.attached_pic | Disposition.timed_thumbnails


@contextmanager
def open_media(path: Path, *, limits: MediaLimits, decode_headers: bool = True) -> Iterator[InputContainer]:
    """The file, opened by what is in it: its name is never looked at. Reads headers and the first packets.

    FFmpeg may decode a first frame to learn the pixel format; pictures beyond `limits` are not decoded even then, and
    nothing is without `decode_headers`. Raises UnreadableMedia and UnsupportedMedia, also for what fails inside.
    """
    if path.stat().st_size == 0:
        raise UnreadableMedia(reason="it is empty")
    # FFmpeg works on its own duplicate of the descriptor.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with _open(path, descriptor, limits=limits, decode_headers=decode_headers) as container, translated():
            yield container
    finally:
        os.close(descriptor)


@contextmanager
def translated() -> Iterator[None]:
    """Turns what FFmpeg raises into UnreadableMedia, without its message; the cause stays attached."""
    try:
        yield
    except av.error.FFmpegError as error:
        raise UnreadableMedia(reason="its data is damaged") from error


def codec_name(stream: Stream) -> str:
    """FFmpeg's name of the codec; "unknown" where it has no decoder for it."""
    return stream.codec_context.codec.canonical_name if stream.codec_context is not None else "unknown"


def film_streams(container: InputContainer) -> list[av.VideoStream]:
    """The video streams that move: cover pictures and thumbnails are not among them."""
    return [stream for stream in container.streams.video if not stream.disposition & NOT_FILM]


def chosen_video(container: InputContainer) -> av.VideoStream | None:
    """The stream a player would show: the one marked as default, then the largest, then the first."""
    return max(film_streams(container), key=_rank_of_picture, default=None)


def chosen_sound(container: InputContainer) -> av.AudioStream | None:
    """The stream a player would play: the first one marked as default, then the first."""
    return max(container.streams.audio, key=lambda stream: bool(stream.disposition & Disposition.default), default=None)


def read_only(container: InputContainer, wanted: Stream) -> None:
    """Makes the demuxer skip every other stream."""
    for stream in container.streams:
        if stream.index != wanted.index:
            stream.discard = av.stream.Discard.all


def packets(container: InputContainer, stream: StreamT) -> Iterator["av.Packet[StreamT]"]:
    """The packets of `stream` from where the container stands; damaged ones are stepped over."""
    failures = 0
    while failures < READ_FAILURES_IN_A_ROW:
        try:
            for packet in cast("Iterator[av.Packet[StreamT]]", container.demux(stream)):
                failures = 0
                if packet.size:
                    yield packet
            return
        except av.error.FFmpegError:
            failures += 1
        except IndexError:
            # PyAV 18 stumbles, after the last packet, over streams that appeared midway (MPEG-TS).
            return


def _rank_of_picture(stream: av.VideoStream) -> tuple[bool, int]:
    size = stream.width * stream.height if stream.codec_context is not None else 0
    return bool(stream.disposition & Disposition.default), size


def _open(path: Path, descriptor: int, *, limits: MediaLimits, decode_headers: bool) -> InputContainer:
    decoders = [*VIDEO_CODECS.values(), *SOUND_CODECS.values()]
    options = {
        "fd": str(descriptor),
        "protocol_whitelist": ",".join(PROTOCOLS),
        "format_whitelist": ",".join(CONTAINERS.values()),
        "codec_whitelist": ",".join(decoders) if decode_headers else "none",
        "max_pixels": str(limits.max_pixels),
    }
    try:
        return av.open("fd:", "r", options=options, metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise _refusal(path, is_foreign=isinstance(error, av.error.ArgumentError)) from error


def _refusal(path: Path, *, is_foreign: bool) -> MediaError:
    """`is_foreign`: FFmpeg knew the container, but it is not on the list."""
    with path.open("rb") as file:
        head = file.read(16)
    found = next((name for magic, name in FOREIGN.items() if head.startswith(magic)), None)
    if found is not None or is_foreign:
        return UnsupportedMedia(kind="container", found=found or "unknown", accepted=tuple(CONTAINERS))
    return UnreadableMedia(reason="it is no media file, or its beginning is damaged")
