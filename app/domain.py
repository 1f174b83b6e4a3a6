"""The values that every part of the application speaks of; no I/O, and nothing heavier than NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.character import Look

Float32Array = NDArray[np.float32]
# A unit vector of float32, shape (D,); D is fixed by the checkpoint.
Embedding = Float32Array


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture of a file as a player shows it: width and height in square pixels, after rotation."""

    codec: str
    width: int
    height: int
    rotation_degrees: int
    frames_per_second: float | None


@dataclass(frozen=True, slots=True)
class SoundStream:
    codec: str
    rate_hz: int
    channels: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file is. `duration_s` is measured from the packets where the container does not tell it truly."""

    container: str
    size_bytes: int
    duration_s: float
    video: VideoStream | None
    sound: SoundStream | None


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What a file may be at most; checked before anything is decoded."""

    max_duration_s: float
    max_streams: int = 64
    # 8K UHD with room for codecs' padding: a decoder may hold sixteen frames and more of this size.
    max_pixels: int = 8192 * 4352


@dataclass(frozen=True, slots=True)
class FramePlan:
    """Which pictures an encoder wants of a video: `instants` of the whole file, RGB, `width` x `height`.

    `fit`: "stretch" keeps all of the picture, "crop" its centre (shorter side scaled, as CLIP was trained).
    `frame_budget`: how many frames may be decoded for it, motion not counted; 0 means one keyframe a segment.
    """

    instants: int
    width: int
    height: int
    fit: Literal["stretch", "crop"]
    interpolation: Literal["area", "bicubic"]
    motion_instants: int
    frame_budget: int


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """Which sound an encoder wants of a track: `windows` of `window_samples` mono samples each, over the whole file."""

    rate_hz: int
    windows: int
    window_samples: int


@dataclass(frozen=True, slots=True)
class Frames:
    """Pictures, uint8 RGB of shape (S, height, width, 3), and the times in seconds at which they were taken."""

    rgb: NDArray[np.uint8]
    times_s: Float32Array


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono sound, float32 of shape (samples,), full scale at -1 and 1."""

    samples: Float32Array
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Motion:
    """Mean displacement of the picture in frame widths per second, shape (M,), and the times of measurement."""

    speed: Float32Array
    times_s: Float32Array


@dataclass(frozen=True, slots=True)
class VideoMaterial:
    """All that an encoder needs of a video file. Motion may be empty (a still, or a plan without motion)."""

    duration_s: float
    frames: Frames
    motion: Motion


@dataclass(frozen=True, slots=True)
class SoundMaterial:
    """All that an encoder needs of a track: windows (S, window_samples) float32 mono, and their start times.

    `loudness_lufs` is EBU R128 integrated loudness of the whole file; None where the meter gates everything away.
    `peaks`: the greatest magnitude (0 to 1) in each of as many equal parts of the whole file; None: nobody looked.
    """

    duration_s: float
    windows: Float32Array
    starts_s: Float32Array
    rate_hz: int
    loudness_lufs: float | None
    peaks: Float32Array | None = None


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file's own tags say; None or empty where they are silent."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    genre: str | None = None


@dataclass(frozen=True, slots=True)
class TrackDetails:
    """What people say of a track, as against what is measured. None: nobody said."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    genre: str | None = None
    moods: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    license: str | None = None
    attribution: str | None = None
    source_url: str | None = None
    vocals: bool | None = None
    explicit: bool | None = None
    bpm: float | None = None


@dataclass(frozen=True, slots=True)
class NewTrack:
    """A track on its way into the catalogue. `sha256`: 64 hex digits of the file as it came."""

    sha256: str
    file_name: str
    media_type: str
    size_bytes: int
    container: str
    codec: str
    duration_s: float
    loudness_lufs: float | None
    details: TrackDetails


@dataclass(frozen=True, slots=True)
class Track:
    """A track of the catalogue. `number` is its row, and its id in the index; `id` (a ULID) is what the world sees.

    `recording`: the number of the oldest track that is the same recording; None where nobody has looked yet.
    """

    number: int
    id: str
    added_at: datetime
    sha256: str
    file_name: str
    media_type: str
    size_bytes: int
    container: str
    codec: str
    duration_s: float
    loudness_lufs: float | None
    details: TrackDetails
    recording: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A track's number and its score, the cosine of its embedding with the query's, in -1 to 1."""

    number: int
    score: float


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the catalogue's change feed; `at` counts from 1 without gaps, in the order of commits."""

    at: int
    kind: Literal["added", "deleted", "embedded", "edited"]
    number: int


@dataclass(frozen=True, slots=True)
class Brief:
    """The words that came with a video: nothing, a title, keywords, or both."""

    title: str | None = None
    keywords: tuple[str, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """The texts to encode, one for the title and one for all keywords; empty where nobody said anything."""
        keywords = ", ".join(word for word in (keyword.strip() for keyword in self.keywords) if word)
        title = (self.title or "").strip()
        return tuple(text for text in (title, keywords) if text)


@dataclass(frozen=True, slots=True)
class EncodedVideo:
    """A video's embedding, what the file is, and milliseconds by stage. `features`: raw ones, (S, E) float32."""

    embedding: Embedding
    features: Float32Array
    look: Look
    info: MediaInfo
    frame_count: int
    text_used: bool
    timing_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EncodedTrack:
    """A track's embedding and what was measured of it. `features`: raw backbone features, (S, E) float32.

    `peaks`: the greatest magnitude (0 to 1) in each of as many equal parts of the file.
    """

    embedding: Embedding
    features: Float32Array
    peaks: Float32Array
    info: MediaInfo
    tags: Tags
    loudness_lufs: float | None
    bpm: float | None


@dataclass(frozen=True, slots=True)
class Mix:
    """How a track is to lie under a video, from the track's second `start_s` on. Volumes: 0 mutes, 1 is as recorded.

    `fade_s`: the music's way in and out, of half the video's length at most. `duck`: quieter while somebody speaks.
    """

    start_s: float
    video_volume: float
    music_volume: float
    fade_s: float
    duck: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """A video with its music. `suffix`: how its name is to end. `loudness_lufs` is None where it is silent."""

    suffix: str
    media_type: str
    loudness_lufs: float | None
    size_bytes: int
