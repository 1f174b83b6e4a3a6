"""The `signal-music` backbone: what can be measured of a window of sound, batched in torch. Knows no files.

Levels and spectra are librosa's (tests compare); chroma figures do not change when the music is played in another key.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from app.encoders.rhythm import onset_envelope, periodicity, tempo_filters, tempo_grid
from app.encoders.spectra import (
    FFT_SAMPLES,
    HOP_SAMPLES,
    Float64Array,
    chroma_filters,
    decibels,
    frame_count,
    mel_centres,
    mel_filters,
    power_spectra,
    within_top,
)

# Axes: B tracks, S windows of a track, W windows, N samples, F frames, M mel bands, C pitch classes, L lags,
# E features; G groups, X what stands beside each other.

MEL_BANDS = 40
_DEVIATION_GROUPS = 8
_TEMPI = 20

# Krumhansl & Kessler 1982: how well each pitch class fits a major and a minor key, from the tonic up.
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

FEATURE_NAMES = (
    "loudness_db_mean",
    "loudness_db_deviation",
    "loudness_db_peak",
    # Level of each mel band less the mean over bands, in dB: the colour of the sound, whatever its loudness.
    *(f"mel_{band:02d}_db" for band in range(MEL_BANDS)),
    # How far the level moves over time, in dB, mean over neighbouring bands.
    *(f"mel_deviation_{group}_db" for group in range(_DEVIATION_GROUPS)),
    "brightness_mean",  # energy's centre of gravity, octaves above 1 kHz
    "brightness_deviation",
    "flatness",  # mean level less level of the mean energy, in dB: 0 for a flat spectrum
    "rolloff",  # the band below which 85 % of the energy lies, as a share of the bands
    # Magnitudes of the Fourier series around the circle of pitch classes (Amiot 2016): 5 is diatonic, 3 thirds …
    *(f"chroma_fourier_{order}" for order in range(1, 7)),
    "major_key_fit",  # best correlation with a major and with a minor key's profile
    "minor_key_fit",
    "chroma_peak",  # strongest pitch class against the mean
    "harmonic_change",  # 1 - cosine between chroma a third of a second apart
    "onset_mean",
    "onset_deviation",
    "onset_peak",
    "onsets_per_s",
    *(f"recurs_at_{bpm:.0f}_bpm" for bpm in tempo_grid(_TEMPI)),
)


class SignalMusic:
    """Filters made once for a sample rate; holds no weights. Everything is float32 on `device`."""

    feature_dim = len(FEATURE_NAMES)

    def __init__(self, *, rate_hz: int, window_samples: int, device: torch.device) -> None:
        self.rate_hz = rate_hz
        self._seconds = window_samples / rate_hz
        self._hann_N = torch.hann_window(FFT_SAMPLES, device=device)
        filters = np.concatenate([mel_filters(rate_hz, MEL_BANDS), chroma_filters(rate_hz)], axis=1)
        self._filters_KX = _tensor(filters, device)
        self._octaves_M = _tensor(np.log2(mel_centres(rate_hz, MEL_BANDS) / 1000.0), device)
        self._keys_CX = _tensor(_key_profiles(), device)
        self._tempi_LP = _tensor(tempo_filters(rate_hz, frame_count(window_samples) - 1, _TEMPI), device)
        # Spectra of 4 windows (2 MB) stay in a core's cache: 1.5 times as fast as a track at once. A GPU wants more.
        self._windows_at_once = 4 if device.type == "cpu" else 256

    def measure(self, windows_BSN: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, S, E) in the order of FEATURE_NAMES, and each track's mean `periodicity` (B, L)."""
        windows_WN = windows_BSN.flatten(end_dim=1)
        parts = [self._filtered(chunk_WN) for chunk_WN in windows_WN.split(self._windows_at_once)]
        mel_WFM, chroma_WFC = torch.cat(parts).split([MEL_BANDS, 12], dim=-1)
        level_WFM = within_top(decibels(mel_WFM))
        envelope_WF = onset_envelope(level_WFM)
        periodicity_WL = periodicity(envelope_WF)
        features_WE = torch.cat(
            [
                _loudness(windows_WN),
                _spectrum(level_WFM),
                self._brightness(mel_WFM, level_WFM),
                self._harmony(chroma_WFC),
                self._onsets(envelope_WF),
                periodicity_WL @ self._tempi_LP,
            ],
            dim=-1,
        )
        shape = windows_BSN.shape[:2]
        return features_WE.unflatten(0, shape), periodicity_WL.unflatten(0, shape).mean(dim=1)

    def _filtered(self, windows_WN: Tensor) -> Tensor:
        return power_spectra(windows_WN, self._hann_N) @ self._filters_KX

    def _brightness(self, mel_WFM: Tensor, level_WFM: Tensor) -> Tensor:
        total_WF = mel_WFM.sum(dim=-1).clamp_min(1e-10)
        centroid_WF = mel_WFM @ self._octaves_M / total_WF
        flatness_W = (level_WFM.mean(dim=-1) - decibels(total_WF / MEL_BANDS)).mean(dim=-1)
        summed_WFM = mel_WFM.cumsum(dim=-1)
        rolloff_W = (summed_WFM < 0.85 * total_WF.unsqueeze(-1)).float().mean(dim=(1, 2))
        return torch.stack([centroid_WF.mean(dim=-1), centroid_WF.std(dim=-1), flatness_W, rolloff_W], dim=-1)

    def _harmony(self, chroma_WFC: Tensor) -> Tensor:
        # Each frame by its strongest class, as librosa's chroma_stft: loud chords do not outvote soft ones.
        chroma_WFC = chroma_WFC / chroma_WFC.amax(dim=-1, keepdim=True).clamp_min(1e-10)
        mean_WC = chroma_WFC.mean(dim=1)
        total_W1 = mean_WC.sum(dim=-1, keepdim=True).clamp_min(1e-6)
        fourier_W6 = torch.fft.rfft(mean_WC)[:, 1:].abs() / total_W1
        fits_WX = F.normalize(mean_WC - mean_WC.mean(dim=-1, keepdim=True), dim=-1) @ self._keys_CX
        major_W1, minor_W1 = (fit.amax(dim=-1, keepdim=True) for fit in fits_WX.split(12, dim=-1))
        peak_W1 = mean_WC.amax(dim=-1, keepdim=True) / total_W1
        return torch.cat([fourier_W6, major_W1, minor_W1, peak_W1, _harmonic_change(chroma_WFC)], dim=-1)

    def _onsets(self, envelope_WF: Tensor) -> Tensor:
        mean_W, deviation_W = envelope_WF.mean(dim=-1), envelope_WF.std(dim=-1)
        # A peak stands out of its 7 frames (0.16 s, 6 notes a second at most) and half a deviation above the mean.
        highest_WF = F.max_pool1d(envelope_WF.unsqueeze(1), 7, stride=1, padding=3).squeeze(1)
        threshold_W1 = (mean_W + 0.5 * deviation_W).unsqueeze(-1)
        peaks_WF = (envelope_WF == highest_WF) & (envelope_WF > threshold_W1)
        rate_W = peaks_WF.sum(dim=-1) / self._seconds
        return torch.stack([mean_W, deviation_W, envelope_WF.amax(dim=-1), rate_W], dim=-1)


def _loudness(windows_WN: Tensor) -> Tensor:
    """Mean, deviation and peak of the RMS level over blocks of one hop, in dB of full scale, silence at −80 dB."""
    blocks_WFH = windows_WN.unfold(-1, HOP_SAMPLES, HOP_SAMPLES)
    level_WF = decibels(blocks_WFH.square().mean(dim=-1), floor=1e-8)
    return torch.stack([level_WF.mean(dim=-1), level_WF.std(dim=-1), level_WF.amax(dim=-1)], dim=-1)


def _spectrum(level_WFM: Tensor) -> Tensor:
    mean_WM = level_WFM.mean(dim=1)
    deviation_WM = level_WFM.std(dim=1)
    grouped_WG = deviation_WM.unflatten(-1, (_DEVIATION_GROUPS, -1)).mean(dim=-1)
    return torch.cat([mean_WM - mean_WM.mean(dim=-1, keepdim=True), grouped_WG], dim=-1)


def _harmonic_change(chroma_WFC: Tensor) -> Tensor:
    frames = 16  # 0.37 s at 22,050 Hz, about a beat: long enough to see a chord, short enough to see it change
    whole = chroma_WFC.shape[1] // frames * frames
    blocks_WGC = chroma_WFC[:, :whole].unflatten(1, (-1, frames)).mean(dim=2)
    cosine_WG = F.cosine_similarity(blocks_WGC[:, 1:], blocks_WGC[:, :-1], dim=-1)
    return (1 - cosine_WG).mean(dim=-1, keepdim=True)


def _key_profiles() -> Float64Array:
    """(12, 24): 12 major, then 12 minor keys, each about its mean and of unit length."""
    profiles = np.stack([np.roll(profile, key) for profile in (_MAJOR, _MINOR) for key in range(12)], axis=1)
    profiles = profiles - profiles.mean(axis=0)
    normal: Float64Array = profiles / np.linalg.norm(profiles, axis=0)
    return normal


def _tensor(values: Float64Array, device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device)
