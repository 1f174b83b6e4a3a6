"""Small files for servers: songs that differ, a clip with sound, and files that are refused. Each is made once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from tests.media_files import Film, Samples, moving_picture, tone, write_sound, write_video

RATE_HZ = 22_050


@dataclass(frozen=True, slots=True)
class SmallMedia:
    """`clip` has 3 s of picture and sound; `song` hums at 330 Hz for 8 s, and no browser plays it as it is."""

    folder: Path
    clip: Path
    song: Path
    _numbers: Iterator[int]

    def another_song(self) -> Path:
        """One that nobody has sent before; every browser plays it as it is."""
        number = next(self._numbers)
        samples = _beats(4, frequency_hz=150 + 31 * number, beats_per_s=1.5 + number % 4)
        return write_sound(self.folder / f"song-{number}.flac", samples=samples, rate_hz=RATE_HZ)

    def another_clip(self) -> Path:
        """A video without sound that nobody has sent before."""
        number = next(self._numbers)
        return write_video(self.folder / f"clip-{number}.mp4", Film(seconds=1 + number / 10))


def make_media(folder: Path) -> SmallMedia:
    clip = write_video(folder / "clip.mp4", Film(seconds=3, size=(64, 96), with_sound=True), moving_picture(0.3, 10))
    song = write_sound(folder / "song.m4a", samples=tone(8, frequency_hz=330), codec="alac")
    return SmallMedia(folder, clip, song, count())


def _beats(seconds: float, *, frequency_hz: float, beats_per_s: float) -> Samples:
    """A tone that swells and fades so often."""
    swell = np.abs(tone(seconds, rate_hz=RATE_HZ, frequency_hz=beats_per_s / 2, amplitude=1.0))
    return tone(seconds, rate_hz=RATE_HZ, frequency_hz=frequency_hz) * swell
