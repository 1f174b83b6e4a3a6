"""Makes the video files that a measurement needs where nobody named a folder of real ones. By the ffmpeg program."""

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clip:
    """Moving shapes with grain over them, so that a decoder has as much to do as with a filmed clip."""

    name: str
    width: int
    height: int
    frames_per_second: int
    seconds: int
    codec: tuple[str, ...]


H264 = ("-c:v", "libx264", "-preset", "superfast", "-b:v", "6M", "-pix_fmt", "yuv420p")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M")
CLIPS = (
    Clip("wide.mp4", 1920, 1080, 30, 12, H264),
    Clip("tall.mp4", 1080, 1920, 30, 6, H264),
    Clip("long.mp4", 1280, 720, 25, 30, H264),
    Clip("small.webm", 640, 360, 25, 12, VP9),
)


def make_clips(folder: Path) -> list[Path]:
    return [_encode(clip, folder / clip.name) for clip in CLIPS]


def make_padded_clip(path: Path, *, size_bytes: int) -> Path:
    """A valid short MP4 that is `size_bytes` long: a `free` box, which every reader passes over, fills it up."""
    _encode(Clip(path.name, 640, 360, 25, 4, H264), path)
    padding = size_bytes - path.stat().st_size
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", padding, b"free"))
    # Sparse: the zeros take no disk here, and are as many bytes as any once they are sent.
    with path.open("r+b") as file:
        file.truncate(size_bytes)
    return path


def _encode(clip: Clip, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = f"testsrc2=size={clip.width}x{clip.height}:rate={clip.frames_per_second}:duration={clip.seconds}"
    picture = ("-f", "lavfi", "-i", f"{source},noise=alls=3:allf=t")
    command = ["ffmpeg", "-y", "-loglevel", "error", *picture, *clip.codec, str(path)]
    subprocess.run(command, check=True, timeout=300, stdin=subprocess.DEVNULL)
    return path
