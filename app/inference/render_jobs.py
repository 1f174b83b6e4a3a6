"""What is asked of the processes that run ffmpeg, and what they answer; all of it picklable."""

from dataclasses import dataclass
from pathlib import Path

from app.domain import MediaLimits, Mix, Rendered
from app.inference.job_queue import Job


@dataclass(frozen=True, slots=True)
class RenderSetup:
    video_limits: MediaLimits
    track_limits: MediaLimits


@dataclass(frozen=True, slots=True)
class RenderVideo(Job[Rendered | None]):
    """A track laid under a video, into `output`. Once there is a file `stop` it is given up, and answered with None."""

    video: Path
    track: Path
    mix: Mix
    output: Path
    stop: Path


@dataclass(frozen=True, slots=True)
class PreviewSound(Job[str | None]):
    """Answered with the media type of `source` where every browser plays its sound as it is and it is small; else with
    None, and `output` is such a file."""

    source: Path
    output: Path


@dataclass(frozen=True, slots=True)
class PreviewVideo(Job[str | None]):
    """As PreviewSound, of a video's picture and sound."""

    source: Path
    output: Path
