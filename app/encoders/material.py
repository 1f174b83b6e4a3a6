"""The one way from a file to what an encoder eats, for serving and for training; it knows plans, no backbones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain import FramePlan, MediaInfo, MediaLimits, SoundMaterial, SoundPlan, VideoMaterial
from app.encoders.sampling import gs_instants, window_starts
from app.media.frames import sample_video
from app.media.sound import sample_windows


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a file that is taken for the whole of one."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def video_material(
    path: Path, plan: FramePlan, *, limits: MediaLimits, info: MediaInfo, section: Section | None = None
) -> VideoMaterial:
    """Frames and motion of a probed video (`info` is `probe`'s answer), or of a section of it. Raises MediaError.

    Instants lie inside the section; a frame taken for its first or last one may lie just outside.
    """
    taken = section or Section(0.0, info.duration_s)
    motion_times_s = gs_instants(taken.duration_s, plan.motion_instants) if plan.motion_instants else np.empty(0)
    frames, motion = sample_video(
        path,
        plan,
        times_s=taken.start_s + gs_instants(taken.duration_s, plan.instants),
        motion_times_s=taken.start_s + motion_times_s,
        limits=limits,
    )
    return VideoMaterial(taken.duration_s, frames, motion)


def sound_material(path: Path, plan: SoundPlan, *, limits: MediaLimits, info: MediaInfo) -> SoundMaterial:
    """Windows of sound, loudness and peaks of a probed track (`info` is `probe`'s answer). Raises MediaError."""
    return sound_materials(path, plan, limits=limits, sections=[Section(0.0, info.duration_s)])[0]


def sound_materials(
    path: Path, plan: SoundPlan, *, limits: MediaLimits, sections: Sequence[Section]
) -> list[SoundMaterial]:
    """The same for each of some sections, decoding the file once for all. Raises MediaError.

    Loudness and peaks are the whole file's. A section shorter than a window hears what follows it.
    """
    window_s = plan.window_samples / plan.rate_hz
    starts_s = [section.start_s + window_starts(section.duration_s, plan.windows, window_s) for section in sections]
    sampled = sample_windows(
        path, np.concatenate(starts_s), rate_hz=plan.rate_hz, window_samples=plan.window_samples, limits=limits
    )
    return [
        SoundMaterial(
            section.duration_s,
            heard,
            starts.astype(np.float32),
            plan.rate_hz,
            sampled.loudness_lufs,
            sampled.peaks,
        )
        for section, heard, starts in zip(sections, np.split(sampled.windows, len(sections)), starts_s, strict=True)
    ]
