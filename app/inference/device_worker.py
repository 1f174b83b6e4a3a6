"""The device process: the one owner of the model. Answers batches that mix videos, tracks and stored features.

Axes: B items, N tracks, M sections of them, S steps, E feature, D embedding.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import torch

from app.domain import Float32Array, Frames, SoundMaterial, VideoMaterial
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.soundings import soundings_of
from app.inference.jobs import (
    DecodedTrack,
    DecodedVideo,
    DeviceSetup,
    EmbeddedSections,
    EmbedFeatures,
    EmbedSections,
    EncodeTrack,
    EncodeVideo,
    TrackEncoding,
    VideoEncoding,
)
from app.inference.stored_array import load_array

DeviceJob = EncodeVideo | EncodeTrack | EmbedFeatures | EmbedSections


def prepare(setup: DeviceSetup) -> Callable[[Sequence[DeviceJob]], list[Any]]:
    """Raises CheckpointError and DeviceUnavailable."""
    torch.set_num_threads(setup.threads)
    encoder = load_checkpoint(setup.checkpoint, setup.device, cache_dir=setup.cache_dir)
    return lambda jobs: encode_or_end(encoder, jobs)


def encode_or_end(encoder: Encoder, jobs: Sequence[DeviceJob]) -> list[Any]:
    """As `encode`. Raises SystemExit where the device itself fails: no call of this process will ever succeed again
    after that, so the process ends, and the one that replaces it starts afresh."""
    try:
        return encode(encoder, jobs)
    except torch.AcceleratorError as error:
        raise SystemExit(f"the device failed: {error}") from error


def encode(encoder: Encoder, jobs: Sequence[DeviceJob]) -> list[Any]:
    """One answer a job, in the order of the jobs; those of one kind go through the model together."""
    videos = iter(encode_videos(encoder, [job for job in jobs if isinstance(job, EncodeVideo)]))
    tracks = iter(encode_tracks(encoder, [job for job in jobs if isinstance(job, EncodeTrack)]))
    answers: list[Any] = []
    for job in jobs:
        match job:
            case EncodeVideo():
                answers.append(next(videos))
            case EncodeTrack():
                answers.append(next(tracks))
            case EmbedFeatures(features):
                answers.append(encoder.embed_tracks(load_array(features)))
            case EmbedSections():
                answers.append(embed_sections(encoder, job))
    return answers


def encode_videos(encoder: Encoder, jobs: Sequence[EncodeVideo]) -> list[VideoEncoding]:
    if not jobs:
        return []
    began = perf_counter()
    features_BSE = encoder.video_features([_video_material(job.video) for job in jobs])
    measured = perf_counter()
    embeddings_BD = encoder.embed_videos(features_BSE, [job.brief for job in jobs])
    features_ms, encode_ms = (measured - began) * 1000, (perf_counter() - measured) * 1000
    texts_used = [encoder.text_vector(job.brief.texts()) is not None for job in jobs]
    return [
        VideoEncoding(embedding_D, features_SE, text_used, features_ms, encode_ms)
        for embedding_D, features_SE, text_used in zip(embeddings_BD, features_BSE, texts_used, strict=True)
    ]


def encode_tracks(encoder: Encoder, jobs: Sequence[EncodeTrack]) -> list[TrackEncoding]:
    if not jobs:
        return []
    measured = encoder.measure_tracks([_sound_material(job.track) for job in jobs])
    embeddings_BD = encoder.embed_tracks(measured.features)
    return [TrackEncoding(*facts) for facts in zip(embeddings_BD, measured.features, measured.bpm, strict=True)]


def embed_sections(encoder: Encoder, job: EmbedSections) -> EmbeddedSections:
    """Each section as a track of its own, whose steps are the rows that stand for it."""
    features_NSE: Float32Array = load_array(job.features)
    sections_MSE = features_NSE[job.tracks[:, np.newaxis], job.rows]
    soundings = soundings_of(features_NSE, backbone=encoder.spec.music.backbone.name)
    return EmbeddedSections(encoder.embed_tracks(sections_MSE), soundings)


def _video_material(video: DecodedVideo) -> VideoMaterial:
    return VideoMaterial(video.duration_s, Frames(load_array(video.rgb), video.times_s), video.motion)


def _sound_material(track: DecodedTrack) -> SoundMaterial:
    windows: Float32Array = load_array(track.windows)
    return SoundMaterial(track.duration_s, windows, track.starts_s, track.rate_hz, track.loudness_lufs)
