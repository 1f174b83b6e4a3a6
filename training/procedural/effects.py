"""What a studio does to sound: rooms, tone, distortion, limiting. Sound is float32 (channels, samples)."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array

TAIL_SAMPLES = 32768
FFT_SAMPLES = 4 * TAIL_SAMPLES
LOOK_SAMPLES = 64


def with_room(
    dry: Float32Array, send: Float32Array, *, room_s: float, tilt_db_per_octave: float, rate_hz: int
) -> Float32Array:
    """`dry` plus the reverberation of mono `send`, both toned; overlap-add, so that the length costs no memory.

    The tail is cut at TAIL_SAMPLES (1.5 s at 22,050 Hz); the tone is a tilt around 1 kHz in dB per octave.
    """
    channels, samples = dry.shape
    tone = _tilt(tilt_db_per_octave, rate_hz)
    rooms = _room_spectra(round(room_s, 1), rate_hz, channels) * tone
    step = FFT_SAMPLES - TAIL_SAMPLES
    out = np.zeros((channels, samples + FFT_SAMPLES), dtype=np.float32)
    for start in range(0, samples, step):
        wet = np.fft.rfft(send[start : start + step], FFT_SAMPLES)
        block = np.fft.rfft(dry[:, start : start + step], FFT_SAMPLES) * tone + wet * rooms
        out[:, start : start + FFT_SAMPLES] += np.fft.irfft(block, FFT_SAMPLES)
    return out[:, :samples]


@lru_cache(maxsize=64)
def _room_spectra(room_s: float, rate_hz: int, channels: int) -> NDArray[np.complex64]:
    """A dense tail of noise whose highs die first, after a few early echoes; another one for each ear."""
    rng = np.random.default_rng((int(room_s * 10), rate_hz))
    seconds = np.arange(TAIL_SAMPLES) / rate_hz
    tails = np.zeros((channels, TAIL_SAMPLES))
    for low_hz, high_hz, share in ((90, 600, 1.0), (600, 2500, 0.8), (2500, 9000, 0.45)):
        noise = np.fft.rfft(rng.standard_normal((channels, TAIL_SAMPLES)))
        hz = np.fft.rfftfreq(TAIL_SAMPLES, 1 / rate_hz)
        noise *= np.sqrt(1 / (1 + (low_hz / np.maximum(hz, 1)) ** 4) / (1 + (hz / high_hz) ** 4))
        tails += np.fft.irfft(noise, TAIL_SAMPLES) * np.exp(-6.9 * seconds / (room_s * share))
    tails *= np.clip((seconds - 0.012) / 0.02, 0, 1) * np.clip((seconds[-1] - seconds) / 0.1, 0, 1)
    for delay_s in rng.uniform(0.008, 0.04, 5):
        tails[:, int(delay_s * rate_hz)] += rng.uniform(0.5, 1.0) * np.abs(tails).max()
    tails /= np.sqrt((tails**2).sum(axis=1, keepdims=True))
    return np.fft.rfft(tails, FFT_SAMPLES).astype(np.complex64)


@lru_cache(maxsize=64)
def _tilt_kept(tilt: float, rate_hz: int) -> Float32Array:
    hz = np.fft.rfftfreq(FFT_SAMPLES, 1 / rate_hz)
    octaves = np.clip(np.log2(np.maximum(hz, 1) / 1000), -5, 4)
    rumble = 1 / np.sqrt(1 + (28 / np.maximum(hz, 1)) ** 6)
    return (10 ** (tilt * octaves / 20) * rumble).astype(np.float32)


def _tilt(tilt_db_per_octave: float, rate_hz: int) -> Float32Array:
    return _tilt_kept(round(tilt_db_per_octave, 1), rate_hz)


def distorted(sound: Float32Array, amount: float) -> Float32Array:
    """Soft clipping of sound of about 0.1 RMS; 0 leaves it, 1 is a rock amplifier."""
    if amount <= 0:
        return sound
    push = np.float32(4.0 + 50.0 * amount)
    clipped: Float32Array = np.tanh(push * sound) * np.float32(0.25)
    return clipped


def limited(sound: Float32Array, *, ceiling: float) -> Float32Array:
    """Turned down where a peak would pass the ceiling: 3 ms ahead, let go over 60 ms, all channels alike."""
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
