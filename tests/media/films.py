"""Videos with the sound that a test wants, and tracks with a known course; put together by ffmpeg, as people do."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.media_files import Film, write_sound, write_video

Samples = NDArray[np.float32]
RATE_HZ = 48_000


def ffmpeg(*arguments: str | Path) -> None:
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)


def film_with_sound(
    path: Path, film: Film, samples: Samples, *, sound: Sequence[str] = ("-c:a", "aac"), late_s: float = 0.0
) -> Path:
    """The picture as `write_video` makes it, `late_s` after this sound, shape (samples,) at 48 kHz. Returns `path`."""
    silent = write_video(path.with_name(f"silent-{path.name}"), film)
    wave = write_sound(path.with_suffix(".sound.wav"), codec="pcm_f32le", rate_hz=RATE_HZ, samples=samples)
    ffmpeg(
        "-itsoffset", str(late_s), "-i", silent, "-i", wave, "-map", "0:v", "-map", "1:a", "-c:v", "copy", *sound, path
    )
    return path


def noise(seconds: float, *, amplitude: float = 0.1, seed: int = 1) -> Samples:
    samples = np.random.default_rng(seed).normal(0, amplitude, round(seconds * RATE_HZ))
    return np.clip(samples, -1, 1).astype(np.float32)


def in_steps(seconds: int, *, rate_hz: int = RATE_HZ, amplitude: float = 0.3) -> Samples:
    """A tone of another frequency in each second; `frequency_of_second` tells which."""
    times_s = np.arange(rate_hz) / rate_hz
    tones = [amplitude * np.sin(2 * np.pi * frequency_of_second(second) * times_s) for second in range(seconds)]
    return np.concatenate(tones).astype(np.float32)


def frequency_of_second(second: int) -> float:
    return 400.0 + 100.0 * second


def speech(seconds: float, *, amplitude: float = 0.1) -> Samples:
    """Noise where speech has its energy, rising and falling four times a second."""
    spectrum = np.fft.rfft(noise(seconds))
    frequencies_hz = np.fft.rfftfreq(round(seconds * RATE_HZ), 1 / RATE_HZ)
    spectrum[(frequencies_hz < 300) | (frequencies_hz > 3000)] = 0
    samples = np.fft.irfft(spectrum)
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(len(samples)) / RATE_HZ)
    return np.asarray(amplitude * samples / samples.std() * syllables, np.float32)


def click_at(time_s: float, seconds: float) -> Samples:
    """Silence but for a short burst that begins at `time_s`."""
    samples = np.zeros(round(seconds * RATE_HZ), np.float32)
    first = round(time_s * RATE_HZ)
    samples[first : first + 480] = noise(0.01, amplitude=0.3)
    return samples
