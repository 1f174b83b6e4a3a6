"""Makes the tiny media that tests feed in, sound or broken, with PyAV. Knows nothing of the code under test.

Pictures carry their own frame number (`frame_number` reads it back), so that a test can tell which frame it was given.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.container
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Samples = NDArray[np.float32]
# Frame index and (width, height) to pixels.
Painter = Callable[[int, tuple[int, int]], Picture]

# The top rows of a numbered picture are this many black or white cells, most significant bit first.
NUMBER_BITS = 11
QUIET_AND_QUICK = {
    "libx264": {"x264-params": "scenecut=0", "preset": "ultrafast"},
    "libx265": {"x265-params": "log-level=none:scenecut=0", "preset": "ultrafast"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12"},
}
ENCRYPTION = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "76" * 16, "encryption_kid": "a7" * 16}


@dataclass(frozen=True, slots=True)
class Film:
    """What a test video is like. `container` None: by the file's ending.

    `rotation`: by how many degrees a player has to turn the picture clockwise.
    """

    seconds: float = 2.0
    size: tuple[int, int] = (64, 48)
    frames_per_second: int = 10
    codec: str = "libx264"
    container: str | None = None
    pixel_format: str = "yuv420p"
    keyframe_every: int = 10
    b_frames: int = 0
    rotation: int = 0
    sample_aspect: Fraction | None = None
    first_time_s: float = 0.0
    # Where each frame stands, in frames; the identity where None. Strictly increasing.
    timing: Callable[[int], int] | None = None
    with_sound: bool = False
    codec_options: dict[str, str] = field(default_factory=dict)
    container_options: dict[str, str] = field(default_factory=dict)


def numbered_picture(index: int, size: tuple[int, int]) -> Picture:
    """A grey ramp under the frame number's bits, shape (height, width, 3)."""
    width, height = size
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = np.linspace(40, 200, width, dtype=np.uint8)[None, :, None]
    for bit in range(NUMBER_BITS):
        cell = slice(bit * width // NUMBER_BITS, (bit + 1) * width // NUMBER_BITS)
        picture[: height // 2, cell] = 255 if index >> (NUMBER_BITS - 1 - bit) & 1 else 0
    return picture


def frame_number(picture: Picture) -> int:
    """The number that `numbered_picture` drew, also after scaling and lossy coding."""
    height, width = picture.shape[:2]
    cells = [picture[height // 8 : height // 4, int((bit + 0.5) * width / NUMBER_BITS)] for bit in range(NUMBER_BITS)]
    return sum(int(cell.mean() > 127) << (NUMBER_BITS - 1 - bit) for bit, cell in enumerate(cells))


def moving_picture(speed: float, frames_per_second: int) -> Painter:
    """A texture that travels to the right by `speed` frame widths a second."""
    texture = np.random.default_rng(5).uniform(20, 235, (256, 256))
    for _ in range(4):
        texture = (texture + np.roll(texture, 1, 0) + np.roll(texture, 1, 1) + np.roll(texture, (1, 1), (0, 1))) / 4

    def picture(index: int, size: tuple[int, int]) -> Picture:
        width, height = size
        columns = np.arange(width) - speed * width * index / frames_per_second
        left = np.floor(columns).astype(int)
        part = (columns - left).astype(np.float32)
        rows = texture[np.arange(height) % 256]
        grey = rows[:, left % 256] * (1 - part) + rows[:, (left + 1) % 256] * part
        stretched = np.clip((grey - grey.mean()) * 4 + 128, 0, 255).astype(np.uint8)
        return np.repeat(stretched[:, :, None], 3, axis=2)

    return picture


def tone(seconds: float, *, rate_hz: int = 44_100, frequency_hz: float = 440.0, amplitude: float = 0.5) -> Samples:
    """A sine, shape (samples,), float32; amplitude 0 is silence."""
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.float32)


def write_video(path: Path, film: Film | None = None, picture: Painter | None = None) -> Path:
    """Writes `film`, its pictures numbered unless `picture` draws them. Returns `path`."""
    film, picture = film or Film(), picture or numbered_picture
    options = film.container_options
    with _own_scheduling(), av.open(path, "w", format=film.container, container_options=options) as container:
        sound_codec = "opus" if path.suffix == ".webm" else "aac"
        sound = _add_sound(container, sound_codec, 48_000, 1) if film.with_sound else None
        stream = _add_picture(container, film)
        for frame in _frames(film, picture):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _encode_sound(container, sound, tone(film.seconds, rate_hz=48_000)[None])
    return path


@contextmanager
def _own_scheduling() -> Iterator[None]:
    """SVT-AV1, run by root, puts its caller at the highest real-time priority, and leaves it and its children there."""
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)


def write_sound(
    path: Path,
    *,
    seconds: float = 2.0,
    codec: str = "flac",
    rate_hz: int = 44_100,
    channels: int = 1,
    samples: NDArray[np.float32] | None = None,
    tags: dict[str, str] | None = None,
    with_cover: bool = False,
) -> Path:
    """Writes a 440 Hz tone on every channel, or `samples`, shape (samples,) or (channels, samples). Returns `path`."""
    heard = tone(seconds, rate_hz=rate_hz) if samples is None else samples
    planes = np.tile(heard, (channels, 1)) if heard.ndim == 1 else heard
    with av.open(path, "w") as container:
        container.metadata.update(tags or {})
        stream = _add_sound(container, codec, rate_hz, len(planes))
        if with_cover:
            _write_cover(container)
        _encode_sound(container, stream, planes)
    return path


def write_encrypted_video(path: Path) -> Path:
    """An mp4 whose picture is encrypted (CENC), with no key in it."""
    return write_video(path, Film(container="mp4", container_options=ENCRYPTION))


def write_encrypted_sound(path: Path) -> Path:
    """An mp4 with a tone, encrypted (CENC), with no key in it."""
    with av.open(path, "w", format="mp4", container_options=ENCRYPTION) as container:
        stream = _add_sound(container, "aac", 44_100, 1)
        _encode_sound(container, stream, tone(2.0)[None])
    return path


def write_text(path: Path) -> Path:
    """Plain text, whatever the file's name says."""
    path.write_text("This is no video at all.\n" * 40)
    return path


def truncate(path: Path, keep: float) -> Path:
    """Cuts the file down to the share `keep` of its bytes, as a broken upload does."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    return path


def garble(path: Path, *, start: float, end: float) -> Path:
    """Overwrites the bytes between two shares of the file with noise."""
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * start), int(len(content) * end)
    content[first:last] = np.random.default_rng(3).bytes(last - first)
    path.write_bytes(bytes(content))
    return path


def _add_picture(container: av.container.OutputContainer, film: Film) -> av.VideoStream:
    stream = container.add_stream(film.codec, rate=film.frames_per_second)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = film.size
    stream.pix_fmt = film.pixel_format
    context = stream.codec_context
    context.gop_size = film.keyframe_every
    context.max_b_frames = film.b_frames
    context.options = {**QUIET_AND_QUICK.get(film.codec, {}), **film.codec_options}
    if film.sample_aspect is not None:
        context.sample_aspect_ratio = film.sample_aspect
    if film.rotation:
        stream.set_display_rotation(-film.rotation)
    return stream


def _frames(film: Film, picture: Painter) -> Iterator[av.VideoFrame]:
    first = round(film.first_time_s * film.frames_per_second)
    for index in range(max(1, round(film.seconds * film.frames_per_second))):
        frame = av.VideoFrame.from_ndarray(picture(index, film.size), format="rgb24")
        frame.pts = first + (film.timing(index) if film.timing else index)
        frame.time_base = Fraction(1, film.frames_per_second)
        yield frame


def _add_sound(container: av.container.OutputContainer, codec: str, rate_hz: int, channels: int) -> av.AudioStream:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    name = "libopus" if codec == "opus" else codec
    # FFmpeg's own Vorbis encoder calls itself experimental; WMA has no default bit rate.
    options = {"strict": "experimental"} if codec == "vorbis" else {}
    stream = container.add_stream(name, rate=rate_hz, layout=layout, options=options)
    assert isinstance(stream, av.AudioStream)
    stream.codec_context.bit_rate = 128_000
    return stream


def _write_cover(container: av.container.OutputContainer) -> None:
    stream = container.add_stream("mjpeg", rate=1)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = 32, 32, "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    frame = av.VideoFrame.from_ndarray(numbered_picture(1, (32, 32)), format="rgb24")
    container.mux(stream.encode(frame))


def _encode_sound(container: av.container.OutputContainer, stream: av.AudioStream, planes: NDArray[np.float32]) -> None:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), format="fltp", layout=stream.layout.name)
    frame.sample_rate = stream.codec_context.sample_rate
    frame.pts = 0
    frame.time_base = Fraction(1, frame.sample_rate)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
