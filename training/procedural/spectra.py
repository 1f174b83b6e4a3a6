"""Spectra of many short blocks at once. Knows nothing of music."""

import numpy as np
import torch

from app.domain import Float32Array


def power_spectra(blocks: Float32Array) -> Float32Array:
    """Squared magnitudes of the blocks' spectra, (..., size) to (..., size / 2 + 1).

    By torch, which takes a sixth of numpy's time for a few hundred blocks of 2,048 samples.
    """
    if not blocks.size:
        return np.zeros((*blocks.shape[:-1], blocks.shape[-1] // 2 + 1), np.float32)
    spectra = torch.fft.rfft(torch.from_numpy(np.ascontiguousarray(blocks, dtype=np.float32))).numpy()
    power: Float32Array = spectra.real**2 + spectra.imag**2
    return power
