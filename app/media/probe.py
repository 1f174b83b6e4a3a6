"""Says what a media file is, and refuses what is not accepted or beyond the limits. Decodes at most one frame."""

from pathlib import Path
from typing import Literal

import av
from av.container import InputContainer
from av.stream import Stream

from app.domain import MediaInfo, MediaLimits, SoundStream, VideoStream
from app.errors import (
    MediaTooLong,
    MediaTooShort,
    NoAudioStream,
    NoVideoStream,
    PictureTooLarge,
    UnreadableMedia,
    UnsupportedMedia,
)
from app.media.accepted import CONTAINERS, SOUND_CODECS, VIDEO_CODECS
from app.media.container import chosen_sound, chosen_video, codec_name, open_media, packets, read_only
from app.media.duration import measured_duration_s
from app.media.picture import quarter_turns
from app.media.video_reader import VideoReader, facts_of

# Less sound than this holds no music; a video may be a single frame.
SHORTEST_SOUND_S = 0.1
# What a lone frame without a duration of its own is taken to last.
SHORTEST_FRAME_S = 0.04
EBML_HEAD_BYTES = 64


def probe(path: Path, limits: MediaLimits, *, want: Literal["video", "sound"] | None = None) -> MediaInfo:
    """What the file is. Its duration is that of the picture, or of the sound where there is or is wanted none.

    Streams, codecs, sizes and duration are checked before anything is decoded; then one keyframe is, for its rotation.
    `want` makes the absence of that stream, or a codec that is not accepted, an error; without it either will do.
    Raises any MediaError but SilentAudio and MediaTookTooLong, which only decoding can tell.
    """
    with open_media(path, limits=limits) as container:
        _check_stream_count(container, limits)
        video = None if want == "sound" else _accepted_video(container, is_wanted=want == "video")
        sound = _accepted_sound(container, is_wanted=want == "sound")
        main = video if video is not None else sound
        if main is None:
            raise _refusal(container)
        if video is not None:
            _check_picture(path, video, limits)
        elif sound is not None and not (sound.rate and sound.channels):
            raise UnreadableMedia(reason="the form of its sound cannot be made out")
        _check_encryption(container, main)
        return MediaInfo(
            container=_container_name(path, container),
            size_bytes=path.stat().st_size,
            duration_s=_duration_s(container, main, limits),
            video=_video_stream(container, video) if video is not None else None,
            sound=_sound_stream(sound) if sound is not None else None,
        )


def _check_stream_count(container: InputContainer, limits: MediaLimits) -> None:
    count = len(container.streams)
    if count > limits.max_streams:
        raise UnreadableMedia(reason=f"it has {count} streams; at most {limits.max_streams} are accepted")


def _accepted_video(container: InputContainer, *, is_wanted: bool) -> av.VideoStream | None:
    stream = chosen_video(container)
    if stream is None and is_wanted:
        raise NoVideoStream
    if stream is not None and codec_name(stream) not in VIDEO_CODECS:
        if is_wanted:
            raise _unaccepted(stream)
        return None
    return stream


def _accepted_sound(container: InputContainer, *, is_wanted: bool) -> av.AudioStream | None:
    stream = chosen_sound(container)
    if stream is None and is_wanted:
        raise NoAudioStream
    if stream is not None and codec_name(stream) not in SOUND_CODECS:
        if is_wanted:
            raise _unaccepted(stream)
        return None
    return stream


def _refusal(container: InputContainer) -> UnsupportedMedia | UnreadableMedia:
    stream = chosen_video(container) or chosen_sound(container)
    return _unaccepted(stream) if stream is not None else UnreadableMedia(reason="it holds neither picture nor sound")


def _unaccepted(stream: Stream) -> UnsupportedMedia:
    is_video = stream.type == "video"
    accepted = VIDEO_CODECS if is_video else SOUND_CODECS
    kind = "video codec" if is_video else "audio codec"
    return UnsupportedMedia(kind=kind, found=codec_name(stream), accepted=tuple(accepted))


def _check_picture(path: Path, stream: av.VideoStream, limits: MediaLimits) -> None:
    width, height = stream.width, stream.height
    if width * height == 0:
        # A decoder that is refused a large picture forgets its size; the container may still know it.
        with open_media(path, limits=limits, decode_headers=False) as container:
            undecoded = chosen_video(container)
            width, height = (undecoded.width, undecoded.height) if undecoded is not None else (0, 0)
    if width * height > limits.max_pixels:
        raise PictureTooLarge(width=width, height=height, limit_pixels=limits.max_pixels)
    if width * height == 0:
        raise UnreadableMedia(reason="the size of its picture cannot be made out")


def _check_encryption(container: InputContainer, stream: Stream) -> None:
    read_only(container, stream)
    first = next(packets(container, stream), None)
    if "enc_key_id" in stream.metadata or (first is not None and first.has_sidedata("encryption_info")):
        raise UnreadableMedia(reason="it is encrypted")


def _duration_s(container: InputContainer, stream: Stream, limits: MediaLimits) -> float:
    duration_s = measured_duration_s(container, stream)
    if duration_s > limits.max_duration_s:
        raise MediaTooLong(duration_s=duration_s, limit_s=limits.max_duration_s)
    if stream.type == "video":
        return max(duration_s, SHORTEST_FRAME_S)
    if duration_s < SHORTEST_SOUND_S:
        raise MediaTooShort(duration_s=duration_s, minimum_s=SHORTEST_SOUND_S)
    return duration_s


def _video_stream(container: InputContainer, stream: av.VideoStream) -> VideoStream:
    # FFmpeg tells the rotation of frames only. A file without any decodable keyframe fails when it is sampled.
    reader = VideoReader(container, stream, facts_of(stream))
    keyframe = reader.keyframe_near(0.0)
    frame = reader.decode_alone(keyframe) if keyframe is not None else None
    turns = quarter_turns(frame) if frame is not None else 0
    width, height = max(1, round(stream.width * reader.facts.sample_aspect)), stream.height
    return VideoStream(
        codec=codec_name(stream),
        width=width if turns % 2 == 0 else height,
        height=height if turns % 2 == 0 else width,
        rotation_degrees=-90 * turns % 360,
        frames_per_second=float(stream.average_rate) if stream.average_rate else None,
    )


def _sound_stream(stream: av.AudioStream) -> SoundStream:
    return SoundStream(codec_name(stream), stream.rate, stream.channels)


def _container_name(path: Path, container: InputContainer) -> str:
    """What people call it: FFmpeg has one name for all of MP4's and Matroska's family."""
    family = container.format.name.split(",")[0]
    if family == "mov":
        return "mov" if container.metadata.get("major_brand", "").startswith("qt") else "mp4"
    if family == "matroska":
        with path.open("rb") as file:
            return "webm" if b"webm" in file.read(EBML_HEAD_BYTES) else "mkv"
    return next(name for name, demuxer in CONTAINERS.items() if demuxer == family)
