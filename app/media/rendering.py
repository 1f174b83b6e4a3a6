"""Lays a track under a video: picture copied as it is, sound mixed, brought to one loudness, and checked.

Sound is cheap to mix and dear to encode. So a mix is measured, and its level found, before any of it is encoded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain import MediaLimits, Mix, Rendered
from app.media.ffmpeg import Node, nowhere, run, source, target
from app.media.level_search import aim_for, written
from app.media.loudness import Loudness, loudness_in, metered
from app.media.mix import Level, levelled, mixed
from app.media.source_streams import SourceStreams, source_streams
from app.media.video_forms import VideoForm, form_of, picture_options

LEAST_LIMIT_S = 60.0
# How much longer than it lasts a video may take, each time it is gone through; it takes a fiftieth.
LIMIT_PER_S = 1.0
# Containers whose packets tell only when they are to be decoded, not when they are shown.
WITHOUT_TIMES = ("avi", "mpeg")


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """A video, a track and how they are to be mixed. `output`: a file to write to; its name says nothing."""

    video: Path
    track: Path
    mix: Mix
    output: Path


def render(
    order: RenderOrder, *, video_limits: MediaLimits, track_limits: MediaLimits, is_unwanted: Callable[[], bool]
) -> Rendered:
    """Raises MediaError, DiskFull and NotReady, and Stopped once `is_unwanted` says so."""
    video = source_streams(order.video, video_limits, want="video")
    track = source_streams(order.track, track_limits, want="sound")
    work = _Work(video, track, order.mix, form_of(video), order.output, is_unwanted)
    found = work.done()
    return Rendered(
        suffix=work.form.suffix,
        media_type=work.form.media_type,
        loudness_lufs=found.integrated_lufs,
        size_bytes=order.output.stat().st_size,
    )


@dataclass(frozen=True, slots=True)
class _Work:
    video: SourceStreams
    track: SourceStreams
    mix: Mix
    form: VideoForm
    output: Path
    is_unwanted: Callable[[], bool]

    def done(self) -> Loudness:
        """Writes the file; what its sound is."""
        aim = aim_for(self._measure(self._mixed()), lambda level: self._measure(self._levelled(level)))
        return written(aim, self._write)

    def _write(self, level: Level) -> Loudness:
        """Writes the file; what its sound is once it is decoded again."""
        options = {**picture_options(self.video, self.form), **self.form.options}
        if self.video.has_hidden_end:
            # A few of the hidden ones stay: those that stand between shown ones in the file.
            options["t"] = f"{self.video.picture_end_s:.6f}"
        more = {"fflags": "+genpts"} if self.video.demuxer in WITHOUT_TIMES else {}
        film = source(self.video.path, self.video.demuxer, limits=self.video.limits, **more)
        picture = film[str(self.video.picture)]
        self._run(target([picture, self._levelled(level)], self.output, self.form.muxer, **options))
        demuxer = "mov" if self.form.muxer in ("mp4", "mov") else "matroska"
        return self._measure(source(self.output, demuxer, limits=self.video.limits)["a:0"])

    def _mixed(self) -> Node:
        return mixed(self.video, self.track, self.mix)

    def _levelled(self, level: Level) -> Node:
        return levelled(self._mixed(), level, self.video.picture_end_s)

    def _measure(self, sound: Node) -> Loudness:
        return loudness_in(self._run(nowhere(metered(sound))))

    def _run(self, output: Node) -> str:
        limit_s = LEAST_LIMIT_S + LIMIT_PER_S * (self.video.info.duration_s + self.track.info.duration_s)
        return run(output, limit_s=limit_s, is_unwanted=self.is_unwanted)
