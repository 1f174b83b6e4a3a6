"""The process that makes new media files. It runs ffmpeg, reads what that is given first, and loads no torch."""

from collections.abc import Callable, Sequence
from typing import Any

from app.domain import Rendered
from app.inference.memory_limit import limit_memory
from app.inference.render_jobs import PreviewSound, PreviewVideo, RenderSetup, RenderVideo
from app.media.ffmpeg import Stopped
from app.media.previews import preview_sound, preview_video
from app.media.rendering import RenderOrder, render

# Of address space, for this process and each ffmpeg; they inherit it.
MOST_MEMORY_BYTES = 4 << 30

StudioJob = RenderVideo | PreviewSound | PreviewVideo


def prepare(setup: RenderSetup) -> Callable[[Sequence[StudioJob]], list[Any]]:
    limit_memory(MOST_MEMORY_BYTES)
    return lambda jobs: [work(job, setup) for job in jobs]


def work(job: StudioJob, setup: RenderSetup) -> Rendered | str | None:
    """Raises MediaError, DiskFull, and NotReady where there is no ffmpeg."""
    match job:
        case RenderVideo():
            return _render(job, setup)
        case PreviewSound(source, output):
            return preview_sound(source, output, limits=setup.track_limits)
        case PreviewVideo(source, output):
            return preview_video(source, output, limits=setup.video_limits)


def _render(job: RenderVideo, setup: RenderSetup) -> Rendered | None:
    if job.stop.exists():
        return None
    order = RenderOrder(job.video, job.track, job.mix, job.output)
    try:
        return render(
            order, video_limits=setup.video_limits, track_limits=setup.track_limits, is_unwanted=job.stop.exists
        )
    except Stopped:
        return None
