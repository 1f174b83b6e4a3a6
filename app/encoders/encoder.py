"""The encoder of a checkpoint: material of videos and tracks, and words, to features and embeddings. Opens no media."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from app.domain import Brief, Float32Array, SoundMaterial, VideoMaterial
from app.encoders.device import inference
from app.encoders.models import TwoTowers, standardise
from app.encoders.rhythm import tempo_bpm
from app.encoders.spec import EncoderSpec

# Axes: B items, S steps, N samples, E feature, D embedding, L lags.


class VideoBackbone(Protocol):
    def features(self, materials: Sequence[VideoMaterial]) -> Tensor: ...  # (B, S, E)


class MusicBackbone(Protocol):
    # (B, S, E), and periodicity (B, L); None from a backbone whose windows are too short to tell a tempo.
    def measure(self, windows_BSN: Tensor) -> tuple[Tensor, Tensor | None]: ...


class TextBackbone(Protocol):
    def vectors(self, texts: Sequence[str]) -> Float32Array: ...  # (n, E), unit rows or zeros


@dataclass(frozen=True, slots=True)
class MeasuredTracks:
    """Raw features (B, S, E) and, for each track, its tempo; None where nothing recurs or the backbone cannot tell."""

    features: Float32Array
    bpm: tuple[float | None, ...]


class Encoder:
    """Deterministic: the same file gives the same embedding (cosine 0.99999) whatever else is in the batch.

    All materials of one call must come from this encoder's plans. Made by `load_checkpoint`.
    """

    def __init__(
        self,
        spec: EncoderSpec,
        model: TwoTowers,
        *,
        digest: str,
        device: torch.device,
        video: VideoBackbone,
        music: MusicBackbone,
        text: TextBackbone | None,
    ) -> None:
        self.spec, self.digest, self.device = spec, digest, device
        self._model = model.to(device).eval().requires_grad_(False)
        self._video, self._music, self._text = video, music, text

    def video_features(self, materials: Sequence[VideoMaterial]) -> Float32Array:
        """Raw, (B, S, E)."""
        with inference():
            return _array(self._video.features(materials))

    def music_features(self, materials: Sequence[SoundMaterial]) -> Float32Array:
        """Raw, (B, S, E): what is stored beside a track."""
        return self.measure_tracks(materials).features

    def bpm(self, material: SoundMaterial) -> float | None:
        """Costs as much as the features; `measure_tracks` gives both at once."""
        return self.measure_tracks([material]).bpm[0]

    def measure_tracks(self, materials: Sequence[SoundMaterial]) -> MeasuredTracks:
        """Features and tempo from one pass over the sound."""
        windows_BSN = torch.from_numpy(np.stack([material.windows for material in materials])).to(self.device)
        with inference():
            features_BSE, periodicity_BL = self._music.measure(windows_BSN)
            return MeasuredTracks(_array(features_BSE), self._tempi(periodicity_BL, count=len(materials)))

    def _tempi(self, periodicity_BL: Tensor | None, *, count: int) -> tuple[float | None, ...]:
        if periodicity_BL is None:
            return (None,) * count
        rate_hz = self.spec.music.sampling.rate_hz
        return tuple(tempo_bpm(periodicity_L, rate_hz) for periodicity_L in _array(periodicity_BL))

    def text_vector(self, texts: Sequence[str]) -> Float32Array | None:
        """(E,): the mean of the texts' unit vectors, of unit length again.

        None where there is no word in them, or no text side in the checkpoint.
        """
        if self._text is None or not texts:
            return None
        vectors_NE = self._text.vectors(texts)
        total_E: Float32Array = vectors_NE.sum(axis=0)
        length = float(np.linalg.norm(total_E))
        return total_E / np.float32(length) if length > 0 else None

    def embed_videos(self, features: Float32Array, briefs: Sequence[Brief]) -> Float32Array:
        """(B, D), unit rows, from raw features (B, S, E) and one brief each (empty: no text)."""
        with inference():
            video_BSE = standardise(self._on_device(features), self.spec.video.standardisation)
            return _array(self._model.embed_query(video_BSE, self._text_rows(briefs)))

    def embed_tracks(self, features: Float32Array) -> Float32Array:
        """(B, D), unit rows, from raw features (B, S, E)."""
        with inference():
            music_BSE = standardise(self._on_device(features), self.spec.music.standardisation)
            return _array(self._model.embed_target(music_BSE))

    def _text_rows(self, briefs: Sequence[Brief]) -> Tensor | None:
        if self.spec.text is None:
            return None
        rows = np.zeros((len(briefs), self.spec.text.feature_dim), dtype=np.float32)
        for row, brief in zip(rows, briefs, strict=True):
            vector_E = self.text_vector(brief.texts())
            if vector_E is not None:
                row[:] = vector_E
        return self._on_device(rows)

    def _on_device(self, values: Float32Array) -> Tensor:
        # A copy, since stored features may be mapped read-only.
        return torch.tensor(values, dtype=torch.float32, device=self.device)


def _array(values: Tensor) -> Float32Array:
    array: Float32Array = values.float().cpu().numpy()
    return array
