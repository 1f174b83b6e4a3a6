"""The `vggish` backbone: log-mel pictures of 0.975 s of sound, through a VGG network, to 128 numbers. Knows no files.

Hershey et al. 2017, CNN Architectures for Large-Scale Audio Classification; figures and formulas are those of Google's
reference (tensorflow/models, research/audioset/vggish). Tests compare the pictures with the reference's formulas.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

# Axes: B tracks, S windows of a track, N samples, F spectra, K frequency bins, M mel bands, E features, C channels.

RATE_HZ = 16_000
SPECTRA = 96
MEL_BANDS = 64
FRAME_SAMPLES = 400
HOP_SAMPLES = 160
# An example steps on by 0.96 s, but its last spectrum reaches 240 samples further. A window of 15,360 samples would
# hold 94 spectra only.
WINDOW_SAMPLES = (SPECTRA - 1) * HOP_SAMPLES + FRAME_SAMPLES

_FFT_SAMPLES = 512
_LOWEST_HZ, _HIGHEST_HZ = 125.0, 7500.0
_LOG_OFFSET = 0.01
# YouTube-8M stores 8 bits of values between -2 and 2, cut off downwards; what a byte stands for is 1/128 above its
# lower end, as YouTube-8M's own readers have it.
_LEAST, _GREATEST = -2.0, 2.0
_BYTES_PER_UNIT = 255 / (_GREATEST - _LEAST)
_OFFSET = _LEAST + (_GREATEST - _LEAST) / 512
_WINDOWS_AT_ONCE = 32

Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Widths:
    """Channels of the six convolutions, and how wide the three dense layers are, the last being the embedding.

    Those of the published network are 64, 128, 256, 256, 512, 512 and 4096, 4096, 128.
    """

    convolutions: tuple[int, int, int, int, int, int]
    dense: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Whitening:
    """The principal axes of embeddings as rows (E, E), each divided by its deviation, and their means (E, 1)."""

    axes: Tensor
    means: Tensor


class VGGishNetwork(nn.Module):
    """Log-mel pictures (S, F, M) to embeddings (S, E), without an activation at the end, as in the reference."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.width = widths.dense[-1]
        self.features = nn.Sequential(*_convolutions(widths.convolutions))
        first, second, third = widths.dense
        flat = widths.convolutions[-1] * (SPECTRA // 16) * (MEL_BANDS // 16)
        self.embeddings = nn.Sequential(
            nn.Linear(flat, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, third)
        )

    def forward(self, pictures_SFM: Tensor) -> Tensor:
        shown_SCFM = self.features(pictures_SFM.unsqueeze(1))
        # The reference has the channels last, and the dense layers count on it.
        embeddings_SE: Tensor = self.embeddings(shown_SCFM.permute(0, 2, 3, 1).flatten(1))
        return embeddings_SE


class VGGishMusic:
    """Windows of sound to features; with `whitening` as YouTube-8M has them."""

    def __init__(self, network: VGGishNetwork, whitening: Whitening | None, *, device: torch.device) -> None:
        self.feature_dim = network.width
        self._network = network.to(device).eval().requires_grad_(False)
        self._whitening = whitening and Whitening(whitening.axes.to(device), whitening.means.to(device))
        self._hann_N = torch.hann_window(FRAME_SAMPLES, dtype=torch.float64, device=device)
        self._mel_KM = torch.tensor(mel_weights(), device=device)

    def measure(self, windows_BSN: Tensor) -> tuple[Tensor, None]:
        """Features (B, S, E); no periodicity, since a window is shorter than two beats of most music."""
        # Track by track, so that kernels see the same shapes, and round alike, whatever else is in the batch.
        return torch.stack([self._features(windows_SN) for windows_SN in windows_BSN]), None

    def log_mel(self, windows_SN: Tensor) -> Tensor:
        """(S, F, M), natural logarithm, float32."""
        # In double precision, as the reference: in float32 the FFT's rounding is as loud as bands without sound.
        frames_SFN = windows_SN.double().unfold(-1, FRAME_SAMPLES, HOP_SAMPLES) * self._hann_N
        magnitude_SFK = torch.fft.rfft(frames_SFN, n=_FFT_SAMPLES).abs()
        return torch.log(magnitude_SFK @ self._mel_KM + _LOG_OFFSET).float()

    def _features(self, windows_SN: Tensor) -> Tensor:
        parts = [self._network(self.log_mel(part_SN)) for part_SN in windows_SN.split(_WINDOWS_AT_ONCE)]
        embeddings_SE = torch.cat(parts)
        return embeddings_SE if self._whitening is None else postprocessed(embeddings_SE, self._whitening)


def postprocessed(embeddings_SE: Tensor, whitening: Whitening) -> Tensor:
    """Whitened, clipped to -2 and 2, cut to 8 bits, and back to the values that YouTube-8M's readers make of them."""
    white_SE = (embeddings_SE - whitening.means.T) @ whitening.axes.T
    bytes_SE = ((white_SE.clamp(_LEAST, _GREATEST) - _LEAST) * _BYTES_PER_UNIT).floor()
    return bytes_SE / _BYTES_PER_UNIT + _OFFSET


def mel_weights() -> Float64Array:
    """(K, M): triangles that are straight over the HTK mel scale, 1 at their peaks; nothing of the constant bin."""
    bins_mel = _mel(np.linspace(0.0, RATE_HZ / 2, _FFT_SAMPLES // 2 + 1))
    edges_mel = np.linspace(_mel(np.array(_LOWEST_HZ)), _mel(np.array(_HIGHEST_HZ)), MEL_BANDS + 2)
    place_KX = (bins_mel[:, None] - edges_mel) / (edges_mel[1] - edges_mel[0])
    weights_KM: Float64Array = np.maximum(0.0, np.minimum(place_KX[:, :-2], -place_KX[:, 2:]))
    weights_KM[0] = 0.0
    return weights_KM


def _mel(hz: Float64Array) -> Float64Array:
    return 1127.0 * np.log1p(hz / 700.0)


def _convolutions(channels: tuple[int, ...]) -> Iterator[nn.Module]:
    """Six of 3 x 3 with ReLU; after the first, second, fourth and sixth the picture is halved."""
    before = 1
    for number, width in enumerate(channels, start=1):
        yield nn.Conv2d(before, width, 3, padding=1)
        yield nn.ReLU()
        if number in (1, 2, 4, 6):
            yield nn.MaxPool2d(2)
        before = width
