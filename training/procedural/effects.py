"""What a studio does to sound: rooms, tone, distortion, limiting. Sound is float32 (channels, samples)."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from training.procedural.spectra import power_spectra

TAIL_S = 1.5
LOOK_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class Tone:
    """An equaliser: a tilt around 1 kHz, and where lows are cut."""

    tilt_db_per_octave: float
    low_cut_hz: float = 28.0


def with_room(dry: Float32Array, send: Float32Array, *, room_s: float, tone: Tone, rate_hz: int) -> Float32Array:
    """`dry` plus the reverberation of mono `send`, both toned; overlap-add, so that the length costs no memory.

    The tail is cut at about 1.5 s, for stereo at 3 s.
    """
    channels, samples = dry.shape
    tail = (1 << round(math.log2(TAIL_S * rate_hz))) * channels
    size = 4 * tail
    toning = _toning(tone, rate_hz, size)
    rooms = _room_spectra(round(room_s, 1), rate_hz, channels, tail) * toning
    out = np.zeros((channels, samples + size), dtype=np.float32)
    for start in range(0, samples, size - tail):
        wet = np.fft.rfft(send[start : start + size - tail], size)
        block = np.fft.rfft(dry[:, start : start + size - tail], size) * toning + wet * rooms
        out[:, start : start + size] += np.fft.irfft(block, size)
    return out[:, :samples]


def slope_db_per_octave(sound: Float32Array, *, rate_hz: int) -> float:
    """How the sound's spectrum falls between 90 Hz and 5.7 kHz: the line through its octaves' mean levels.

    Levels in dB are averaged, not powers, so that soft moments count as the ear counts them.
    """
    size = 4096
    blocks = sound[: len(sound) // size * size].reshape(-1, size)[::4]
    power = power_spectra(blocks)
    edges = (90 * 2.0 ** np.arange(7) * size / rate_hz).astype(np.int64)
    octaves = np.add.reduceat(power, edges, axis=1)[:, :-1] / np.diff(edges)
    levels = 10 * np.log10(np.maximum(octaves, octaves.max() * 1e-7 + 1e-12)).mean(axis=0)
    return float(np.polyfit(np.arange(6), levels, 1)[0])


@lru_cache(maxsize=64)
def _room_spectra(room_s: float, rate_hz: int, channels: int, tail: int) -> NDArray[np.complex64]:
    """A dense tail of noise whose highs die first, after a few early echoes; another one for each ear."""
    rng = np.random.default_rng((int(room_s * 10), rate_hz))
    seconds = np.arange(tail) / rate_hz
    hz = np.fft.rfftfreq(tail, 1 / rate_hz)
    tails = np.zeros((channels, tail))
    for low_hz, high_hz, share in ((90, 600, 1.0), (600, 2500, 0.8), (2500, 9000, 0.45)):
        noise = np.fft.rfft(rng.standard_normal((channels, tail)))
        noise *= np.sqrt(1 / (1 + (low_hz / np.maximum(hz, 1)) ** 4) / (1 + (hz / high_hz) ** 4))
        tails += np.fft.irfft(noise, tail) * np.exp(-6.9 * seconds / (room_s * share))
    tails *= np.clip((seconds - 0.012) / 0.02, 0, 1) * np.clip((seconds[-1] - seconds) / 0.1, 0, 1)
    for delay_s in rng.uniform(0.008, 0.04, 5):
        tails[:, int(delay_s * rate_hz)] += rng.uniform(0.5, 1.0) * np.abs(tails).max()
    tails /= np.sqrt((tails**2).sum(axis=1, keepdims=True))
    return np.fft.rfft(tails, 4 * tail).astype(np.complex64)


def _toning(tone: Tone, rate_hz: int, size: int) -> Float32Array:
    # Drawn at 512 places and read off between them: the curve is smooth, and powers of 65,000 numbers are slow.
    hz = np.geomspace(8, rate_hz / 2, 512)
    octaves = np.clip(np.log2(hz / 1000), -5, 4)
    gains = 10 ** (tone.tilt_db_per_octave * octaves / 20) / np.sqrt(1 + (tone.low_cut_hz / hz) ** 6)
    toning: Float32Array = np.interp(np.fft.rfftfreq(size, 1 / rate_hz), hz, gains).astype(np.float32)
    return toning


def distorted(sound: Float32Array, amount: float) -> Float32Array:
    """Soft clipping of sound of about 0.1 RMS; 0 leaves it, 1 is a rock amplifier."""
    if amount <= 0:
        return sound
    push = np.float32(4.0 + 50.0 * amount)
    clipped: Float32Array = np.tanh(push * sound) * np.float32(0.25)
    return clipped


def limited(sound: Float32Array, *, ceiling: float) -> Float32Array:
    """Turned down around peaks above the ceiling, from some 20 ms before to 40 ms after at 44,100 Hz."""
    channels, samples = sound.shape
    blocks = math.ceil(samples / LOOK_SAMPLES)
    padded = np.zeros((channels, blocks * LOOK_SAMPLES), dtype=np.float32)
    padded[:, :samples] = sound
    peaks = np.abs(padded).reshape(channels, blocks, LOOK_SAMPLES).max(axis=(0, 2))
    gains = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    held = np.lib.stride_tricks.sliding_window_view(np.pad(gains, (24, 8), mode="edge"), 33).min(axis=1)
    kernel = np.hanning(15)[1:-1]
    smooth = np.convolve(np.pad(held, (6, 7), mode="edge"), kernel / kernel.sum(), "valid").astype(np.float32)
    ramp = np.linspace(0, 1, LOOK_SAMPLES, endpoint=False, dtype=np.float32)
    curve = smooth[:-1, None] + ramp * np.diff(smooth)[:, None]
    return np.clip(sound * curve.reshape(-1)[:samples], -ceiling, ceiling)
