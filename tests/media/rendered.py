"""One rendering with real ffmpeg, as tests want most of them."""

from pathlib import Path

from app.domain import MediaLimits, Mix, Rendered
from app.media.rendering import RenderOrder, render

LIMITS = MediaLimits(max_duration_s=3600)
PLAIN = Mix(start_s=0.0, video_volume=1.0, music_volume=1.0, fade_s=0.0, duck=False)


def rendered(video: Path, track: Path, mix: Mix = PLAIN) -> tuple[Rendered, Path]:
    """What was answered, and the file that came out."""
    output = video.with_name("output")
    output.touch()
    order = RenderOrder(video, track, mix, output)
    return render(order, video_limits=LIMITS, track_limits=LIMITS, is_unwanted=lambda: False), output
