"""Which streams of a file ffmpeg is told to take, and where they lie in time. Decodes no more than `probe` does."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av.error
from av.container import InputContainer

from app.domain import MediaInfo, MediaLimits
from app.media.accepted import CONTAINERS
from app.media.container import chosen_sound, chosen_video, film_streams, open_media, packets
from app.media.duration import TAIL_S, stream_start_s
from app.media.probe import SHORTEST_FRAME_S, probe

# FFmpeg's demuxers by the name that `probe` gives a container.
DEMUXERS = {"mp4": "mov", "mov": "mov", "mkv": "matroska", "webm": "matroska"} | CONTAINERS
MICROSECOND = 1e-6


@dataclass(frozen=True, slots=True)
class SourceStreams:
    """A file that may be taken up. `picture` and `sound`: the numbers of the chosen streams, None for none to be had.

    `picture_end_s` counts from the file's first instant, which may be of its sound; 0 without a picture. Where the file
    holds more pictures after that, which no player shows, `has_hidden_end`.
    `pixel_format` and `sound_profile`: FFmpeg's names, None where it tells none.
    """

    path: Path
    info: MediaInfo
    demuxer: str
    limits: MediaLimits
    picture: int | None
    picture_end_s: float
    has_hidden_end: bool
    pixel_format: str | None
    sound: int | None
    sound_profile: str | None
    holds_film: bool


def source_streams(path: Path, limits: MediaLimits, *, want: Literal["video", "sound"]) -> SourceStreams:
    """Raises as `probe` does."""
    info = probe(path, limits, want=want)
    with open_media(path, limits=limits) as container:
        picture = chosen_video(container) if info.video is not None else None
        sound = chosen_sound(container) if info.sound is not None else None
        end_s, has_hidden_end = _end_s(container, picture, info) if picture is not None else (0.0, False)
        return SourceStreams(
            path=path,
            info=info,
            demuxer=DEMUXERS[info.container],
            limits=limits,
            picture=picture.index if picture is not None else None,
            picture_end_s=end_s,
            has_hidden_end=has_hidden_end,
            pixel_format=picture.codec_context.pix_fmt if picture is not None else None,
            sound=sound.index if sound is not None else None,
            sound_profile=sound.codec_context.profile if sound is not None else None,
            holds_film=bool(film_streams(container)),
        )


def _end_s(container: InputContainer, picture: av.VideoStream, info: MediaInfo) -> tuple[float, bool]:
    """When the last picture has been shown, by the packets at the end, since what a file claims is often a little off;
    and whether packets come after it that are not to be shown."""
    time_base = float(picture.time_base or MICROSECOND)
    begins_s = float((container.start_time or 0) * MICROSECOND)
    claimed_s = stream_start_s(picture) + info.duration_s
    frame_s = 1 / info.video.frames_per_second if info.video and info.video.frames_per_second else 0.0
    # What cannot be seeked is read from where probing for its form has left it.
    with suppress(av.error.FFmpegError):
        container.seek(int(max(claimed_s - TAIL_S, 0.0) / time_base), stream=picture)
    tail = [packet for packet in packets(container, picture) if packet.pts is not None]
    ends_s = [
        (packet.pts or 0) * time_base + (packet.duration * time_base if packet.duration else frame_s)
        for packet in tail
        if not packet.is_discard
    ]
    end_s = max(ends_s, default=claimed_s)
    has_hidden_end = any(packet.is_discard and (packet.pts or 0) * time_base >= end_s for packet in tail)
    return max(end_s - begins_s, SHORTEST_FRAME_S), has_hidden_end
