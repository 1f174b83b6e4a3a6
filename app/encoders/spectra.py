"""Short-time spectra of sound and the filters that sum them up, equal to librosa's defaults. Knows nothing of features.

Formulas: Slaney's Auditory Toolbox (mel) and Ellis's chroma filters, as librosa 0.11 has them; the tests compare.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Axes: W windows, N samples, F frames, K frequency bins, M mel bands.

FFT_SAMPLES = 2048
HOP_SAMPLES = 512

Float64Array = NDArray[np.float64]


def power_spectra(windows_WN: Tensor, hann_N: Tensor) -> Tensor:
    """Power |STFT|², (W, F, K); F = 1 + (N - 2048) // 512, K = 1025.

    No padding (librosa's center=False): a window is cut from the middle of a track, and silence put around it would
    look like an onset.
    """
    spectra_WFK = torch.fft.rfft(windows_WN.unfold(-1, FFT_SAMPLES, HOP_SAMPLES) * hann_N)
    # Three times as fast as abs() followed by a square, and a third faster than summing view_as_real.
    power_WFK: Tensor = spectra_WFK.real.square() + spectra_WFK.imag.square()
    return power_WFK


def frame_count(window_samples: int) -> int:
    """F of `power_spectra`."""
    return 1 + (window_samples - FFT_SAMPLES) // HOP_SAMPLES


def decibels(power: Tensor, *, floor: float = 1e-10) -> Tensor:
    """10·log10, silence clamped at `floor` (−100 dB)."""
    return 10 * torch.log10(power.clamp_min(floor))


def within_top(level_WFM: Tensor, *, top_db: float = 80.0) -> Tensor:
    """Levels lifted to at most `top_db` below the loudest of their window, as librosa's power_to_db does."""
    return torch.maximum(level_WFM, level_WFM.amax(dim=(1, 2), keepdim=True) - top_db)


def mel_filters(rate_hz: int, bands: int) -> Float64Array:
    """(K, bands): triangles of equal area on Slaney's mel scale from 0 Hz to half the rate."""
    bins_hz = np.fft.rfftfreq(FFT_SAMPLES, 1 / rate_hz)
    edges_hz = _mel_to_hz(np.linspace(0.0, _hz_to_mel(rate_hz / 2), bands + 2))
    widths_hz = np.diff(edges_hz)
    distances = edges_hz[:, None] - bins_hz[None, :]
    rising = -distances[:-2] / widths_hz[:-1, None]
    falling = distances[2:] / widths_hz[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    filters: Float64Array = (triangles * (2 / (edges_hz[2:] - edges_hz[:-2]))[:, None]).T
    return filters


def mel_centres(rate_hz: int, bands: int) -> Float64Array:
    """Centre frequencies of `mel_filters` in Hz."""
    return _mel_to_hz(np.linspace(0.0, _hz_to_mel(rate_hz / 2), bands + 2))[1:-1]


def chroma_filters(rate_hz: int) -> Float64Array:
    """(K, 12) from C upwards, concert pitch: Gaussian bumps around each semitone, weighted to the octaves near C5."""
    pitch = _pitch_of_bins(rate_hz)
    widths = np.append(np.maximum(np.diff(pitch), 1.0), 1.0)
    distance = np.remainder(pitch[None, :] - np.arange(12)[:, None] + 6 + 120, 12) - 6
    bumps = np.exp(-0.5 * (2 * distance / widths) ** 2)
    bumps /= np.maximum(np.linalg.norm(bumps, axis=0, keepdims=True), np.finfo(np.float64).tiny)
    bumps *= np.exp(-0.5 * ((pitch / 12 - 5) / 2) ** 2)
    # Pitch counts from A; chroma starts at C, three semitones up.
    filters: Float64Array = np.roll(bumps, -3, axis=0)[:, : FFT_SAMPLES // 2 + 1].T
    return filters


def _pitch_of_bins(rate_hz: int) -> Float64Array:
    """Semitones above A0 (27.5 Hz) of every bin of the full transform; the constant bin is put 1.5 octaves lower."""
    bins_hz = np.linspace(0, rate_hz, FFT_SAMPLES, endpoint=False)[1:]
    pitch = 12 * np.log2(bins_hz / (440.0 / 16))
    return np.concatenate([[pitch[0] - 18.0], pitch])


# Slaney's scale: linear below 1 kHz, logarithmic above.
_LINEAR_HZ_PER_MEL = 200.0 / 3
_CORNER_HZ = 1000.0
_CORNER_MEL = _CORNER_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27.0


def _hz_to_mel(hz: float) -> float:
    return hz / _LINEAR_HZ_PER_MEL if hz < _CORNER_HZ else _CORNER_MEL + math.log(hz / _CORNER_HZ) / _LOG_STEP


def _mel_to_hz(mel: Float64Array) -> Float64Array:
    above = _CORNER_HZ * np.exp(_LOG_STEP * (mel - _CORNER_MEL))
    return np.where(mel < _CORNER_MEL, mel * _LINEAR_HZ_PER_MEL, above)
