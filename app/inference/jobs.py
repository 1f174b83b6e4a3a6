"""What is asked of the worker processes and what they answer: paths and small values, all of it picklable."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.character import Look, Sounding
from app.domain import Brief, Embedding, Float32Array, FramePlan, MediaInfo, MediaLimits, Motion, SoundPlan, Tags
from app.inference.job_queue import Job
from app.inference.stored_array import StoredArray


@dataclass(frozen=True, slots=True)
class DecoderSetup:
    frame_plan: FramePlan
    sound_plan: SoundPlan
    video_limits: MediaLimits
    track_limits: MediaLimits


@dataclass(frozen=True, slots=True)
class DeviceSetup:
    """`cache_dir`: where weights of backbones are kept. `threads`: torch's, on the CPU."""

    checkpoint: Path
    device: Literal["auto", "cpu", "cuda"]
    cache_dir: Path | None
    threads: int


@dataclass(frozen=True, slots=True)
class DecodedVideo:
    """A VideoMaterial whose pictures lie in a file, and what the file was."""

    info: MediaInfo
    duration_s: float
    rgb: StoredArray
    times_s: Float32Array
    motion: Motion
    look: Look
    decode_ms: float


@dataclass(frozen=True, slots=True)
class DecodedTrack:
    """A SoundMaterial whose windows lie in a file, and what the file was."""

    info: MediaInfo
    tags: Tags
    duration_s: float
    windows: StoredArray
    starts_s: Float32Array
    rate_hz: int
    loudness_lufs: float | None
    peaks: Float32Array


@dataclass(frozen=True, slots=True)
class DecodeVideo(Job[DecodedVideo]):
    """`output`: where the pictures shall lie."""

    source: Path
    output: Path


@dataclass(frozen=True, slots=True)
class DecodeTrack(Job[DecodedTrack]):
    """`output`: where the windows shall lie."""

    source: Path
    output: Path


@dataclass(frozen=True, slots=True)
class VideoEncoding:
    """`features`: raw ones, (S, E). `text_used`: whether the brief held a word that the encoder reads. `features_ms`
    and `encode_ms` are those of the whole batch, since each of its jobs has waited for it."""

    embedding: Embedding
    features: Float32Array
    text_used: bool
    features_ms: float
    encode_ms: float


@dataclass(frozen=True, slots=True)
class TrackEncoding:
    embedding: Embedding
    features: Float32Array
    bpm: float | None


@dataclass(frozen=True, slots=True)
class EncodeVideo(Job[VideoEncoding]):
    video: DecodedVideo
    brief: Brief


@dataclass(frozen=True, slots=True)
class EncodeTrack(Job[TrackEncoding]):
    track: DecodedTrack


@dataclass(frozen=True, slots=True)
class EmbedFeatures(Job[Float32Array]):
    """Stored track features (N, S, E), answered by embeddings (N, D)."""

    features: StoredArray


@dataclass(frozen=True, slots=True)
class EmbeddedSections:
    """Embeddings (M, D) of M sections, and of each of N tracks how it sounds; None where its features do not tell."""

    embeddings: Float32Array
    soundings: tuple[Sounding | None, ...]


@dataclass(frozen=True, slots=True)
class EmbedSections(Job[EmbeddedSections]):
    """Stored track features (N, S, E), and sections of those tracks: `tracks` (M,) says whose, `rows` (M, S) which of
    its features stand for the section."""

    features: StoredArray
    tracks: NDArray[np.int64]
    rows: NDArray[np.int64]
