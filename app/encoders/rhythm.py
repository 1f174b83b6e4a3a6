"""Onsets and tempo from mel levels: envelope, autocorrelation, and the tempo people would tap. Knows no features."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.domain import Float32Array
from app.encoders.spectra import HOP_SAMPLES

# Axes: W windows, F frames, M mel bands, L lags in frames, P tempi.

Float64Array = NDArray[np.float64]

SLOWEST_BPM, FASTEST_BPM = 40.0, 240.0
# Parncutt 1994: people tap near 120 BPM; librosa's beat tracker takes the same log-normal prior, one octave wide.
_PREFERRED_BPM = 120.0
_CANDIDATES = 512
_MULTIPLES = (1, 2, 3, 4)
_LEAST_DEVIATION_DB = 0.05
# Below this autocorrelation there is no beat to speak of: noise stays under 0.1, a drone under 0.05.
_LEAST_PERIODICITY = 0.12


def onset_envelope(level_WFM: Tensor) -> Tensor:
    """Onset strength (W, F - 1): rise of the level from frame to frame in dB, falls counted as none, mean over bands.

    As librosa's onset_strength has it, less the shift that makes up for padding.
    """
    rise_WF: Tensor = (level_WFM[:, 1:] - level_WFM[:, :-1]).clamp_min(0).mean(dim=-1)
    return rise_WF


def periodicity(envelope_WF: Tensor) -> Tensor:
    """Autocorrelation of the envelope about its mean, (W, L) with L = F: about 1 at lag 0, and nowhere a preference
    for short lags, since each is divided by as many products as it has.

    Near 0 where the envelope is flat: a steady tone's flicker of a hundredth of a dB recurs, but nobody hears it.
    """
    frames = envelope_WF.shape[-1]
    centred_WF = envelope_WF - envelope_WF.mean(dim=-1, keepdim=True)
    power = torch.fft.rfft(centred_WF, n=2 * frames).abs().square()
    correlation_WL = torch.fft.irfft(power, n=2 * frames)[:, :frames]
    overlap_L = torch.arange(frames, 0, -1, device=envelope_WF.device, dtype=envelope_WF.dtype)
    audible_W1 = correlation_WL[:, :1] / frames + _LEAST_DEVIATION_DB**2
    periodicity_WL: Tensor = correlation_WL / overlap_L / audible_W1
    return periodicity_WL


def tempo_grid(count: int) -> Float64Array:
    """`count` tempi in BPM, evenly spaced in octaves from slowest to fastest."""
    return np.geomspace(SLOWEST_BPM, FASTEST_BPM, count)


def lags_of(tempi_bpm: Float64Array, rate_hz: int) -> Float64Array:
    """The lag of one beat, in frames."""
    return 60.0 * rate_hz / HOP_SAMPLES / tempi_bpm


def tempo_filters(rate_hz: int, lags: int, count: int) -> Float64Array:
    """(lags, count): triangles over the logarithm of the lag, around each tempo of the grid and out to its neighbours.

    A tempo between two of the grid is seen by both; columns sum to 1.
    """
    log_lags = np.log2(np.arange(1, lags))
    centres = np.log2(lags_of(tempo_grid(count), rate_hz))
    # Never narrower than 1.5 lags, so that fast tempi, whose lags are far apart, still find one.
    reach = np.maximum(math.log2(FASTEST_BPM / SLOWEST_BPM) / (count - 1), 1.5 / (2**centres * math.log(2)))
    triangles = np.maximum(0.0, 1.0 - np.abs(log_lags[:, None] - centres[None, :]) / reach[None, :])
    return np.concatenate([np.zeros((1, count)), triangles / triangles.sum(axis=0)])


def tempo_bpm(mean_periodicity_L: Float32Array, rate_hz: int) -> float | None:
    """The tempo of a track from its windows' mean `periodicity`; None where nothing recurs.

    A beat recurs at its multiples too, so each candidate is judged by the mean over those that fit into a window; that
    also makes fast tempi finer than one frame of lag.
    """
    tempi = np.geomspace(SLOWEST_BPM, FASTEST_BPM, _CANDIDATES)
    lags = lags_of(tempi, rate_hz)
    known = np.arange(len(mean_periodicity_L))
    # The last quarter of the lags rests on few products.
    longest = len(mean_periodicity_L) * 3 / 4
    total, count = np.zeros(_CANDIDATES), np.zeros(_CANDIDATES)
    for multiple in _MULTIPLES:
        fits = (lags * multiple <= longest) | (multiple == 1)
        total += np.where(fits, np.interp(lags * multiple, known, mean_periodicity_L), 0.0)
        count += fits
    strength = total / count
    octaves = np.log2(tempi / _PREFERRED_BPM)
    best = int(np.argmax(strength * np.exp(-0.5 * octaves**2)))
    return float(tempi[best]) if strength[best] >= _LEAST_PERIODICITY else None
