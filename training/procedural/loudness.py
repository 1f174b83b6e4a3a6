"""Loudness after ITU-R BS.1770-4 / EBU R128, measured on spectra of short blocks. Knows no music."""

import math
from functools import lru_cache

import numpy as np

from app.domain import Float32Array
from training.procedural.spectra import power_spectra

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0


def loudness_lufs(sound: Float32Array, *, rate_hz: int) -> float | None:
    """Integrated loudness of sound (channels, samples) or (samples,); None where everything is gated away."""
    energies = block_energies(sound, rate_hz=rate_hz)
    if len(energies) < 4:
        return None
    # Four blocks are 370 ms every 93 ms (the standard: 400 every 100), so that a block's spectrum is quick to take.
    windows = np.convolve(energies, np.full(4, 0.25), "valid")
    levels = -0.691 + 10 * np.log10(np.maximum(windows, 1e-12))
    audible = windows[levels > ABSOLUTE_GATE_LUFS]
    if not len(audible):
        return None
    gate = -0.691 + 10 * np.log10(audible.mean()) + RELATIVE_GATE_LU
    gated = windows[levels > max(gate, ABSOLUTE_GATE_LUFS)]
    return float(-0.691 + 10 * np.log10(gated.mean()))


def block_energies(sound: Float32Array, *, rate_hz: int, every: int = 1) -> Float32Array:
    """K-weighted mean square of blocks of about 93 ms, summed over channels, (blocks,); `every`: how many apart."""
    size = 1 << round(math.log2(rate_hz * 0.093))
    channels = np.atleast_2d(sound)
    blocks = channels[:, : channels.shape[1] // size * size].reshape(len(channels), -1, size)[:, ::every]
    power = power_spectra(blocks)
    # Parseval: all bins but the first stand for two; the weight carries the factor 2 / size^2.
    energies: Float32Array = (power @ _weight(rate_hz, size)).sum(axis=0)
    return energies


@lru_cache(maxsize=8)
def _weight(rate_hz: int, size: int) -> Float32Array:
    """Squared gain of the K-weighting at the frequencies of a block's spectrum (biquads of BS.1770-4 at 48 kHz)."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size, 1 / rate_hz) / 48000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    weight = np.abs(shelf * high_pass) ** 2 * 2 / size**2
    weight[0] = 0
    kept: Float32Array = weight.astype(np.float32)
    return kept
