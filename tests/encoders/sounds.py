"""Synthetic sounds for tests: float32 mono at 22,050 Hz, one window long."""

from collections.abc import Sequence

import numpy as np

from app.domain import Float32Array
from tests.encoders.checkpoints import RATE_HZ, WINDOW_SAMPLES


def noise(seed: int = 0, amplitude: float = 0.1) -> Float32Array:
    samples = amplitude * np.random.default_rng(seed).normal(size=WINDOW_SAMPLES)
    return samples.astype(np.float32)


def tones(frequencies_hz: Sequence[float], amplitude: float = 0.2) -> Float32Array:
    times_s = np.arange(WINDOW_SAMPLES) / RATE_HZ
    total = np.sin(2 * np.pi * np.outer(frequencies_hz, times_s)).sum(axis=0)
    return np.asarray(amplitude * total, dtype=np.float32)


def clicks(bpm: float, *, first_s: float = 0.0, amplitude: float = 0.5) -> Float32Array:
    """Short decaying blips on every beat, over a little noise."""
    times_s = np.arange(WINDOW_SAMPLES) / RATE_HZ
    since_beat_s = np.mod(times_s - first_s, 60 / bpm)
    blips = amplitude * np.exp(-since_beat_s / 0.004) * np.sin(2 * np.pi * 1800 * since_beat_s)
    return (blips + noise(amplitude=0.001)).astype(np.float32)


def midi_hz(pitch: float) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))
