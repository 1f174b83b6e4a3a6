"""The one way from a file to what an encoder eats, for serving and for training; it knows plans, no backbones."""

from pathlib import Path

import numpy as np

from app.domain import FramePlan, MediaInfo, MediaLimits, SoundMaterial, SoundPlan, VideoMaterial
from app.encoders.sampling import gs_instants, window_starts
from app.media.frames import sample_video
from app.media.sound import sample_windows


def video_material(path: Path, plan: FramePlan, *, limits: MediaLimits, info: MediaInfo) -> VideoMaterial:
    """Frames and motion of a probed video (`info` is `probe`'s answer). Raises MediaError."""
    motion_times_s = gs_instants(info.duration_s, plan.motion_instants) if plan.motion_instants else ()
    frames, motion = sample_video(
        path,
        plan,
        times_s=gs_instants(info.duration_s, plan.instants),
        motion_times_s=motion_times_s,
        limits=limits,
    )
    return VideoMaterial(info.duration_s, frames, motion)


def sound_material(path: Path, plan: SoundPlan, *, limits: MediaLimits, info: MediaInfo) -> SoundMaterial:
    """Windows of sound, and loudness, of a probed track (`info` is `probe`'s answer). Raises MediaError."""
    starts_s = window_starts(info.duration_s, plan.windows, plan.window_samples / plan.rate_hz)
    windows, loudness_lufs = sample_windows(
        path, starts_s, rate_hz=plan.rate_hz, window_samples=plan.window_samples, limits=limits
    )
    return SoundMaterial(info.duration_s, windows, starts_s.astype(np.float32), plan.rate_hz, loudness_lufs)
