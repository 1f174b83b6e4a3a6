"""The `clip-image` and `clip-text` backbones, through a loaded open_clip model.

Vectors are unit vectors: CLIP was trained on directions alone, and lengths differ between models. Each chunk that goes
through the model has the same shape whatever else waits, because bfloat16 kernels of another shape round differently.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from app.domain import Float32Array, VideoMaterial
from app.encoders.spec import FrameSampling
from app.errors import CheckpointError

# Axes: B videos, S instants, I pictures, C colour channels, H height, X width, E features.

_MOST_AT_ONCE = 64
Tokenizer = Callable[[Sequence[str]], Tensor]


class LoadedClip:
    """One open_clip model on its device, used by either backbone or by both."""

    def __init__(self, model: Any, *, device: torch.device, dtype: torch.dtype) -> None:
        self._model, self._device, self._dtype = model, device, dtype
        preprocessing = model.visual.preprocess_cfg
        self.image_size = _height_and_width(preprocessing["size"])
        self.keeps_whole_picture = preprocessing.get("resize_mode") == "squash"
        self._mean_C = torch.tensor(preprocessing["mean"], device=device)
        self._deviation_C = torch.tensor(preprocessing["std"], device=device)

    def image_vectors(self, rgb_IHXC: Tensor) -> Tensor:
        """uint8 pictures of the model's size to unit vectors (I, E), in one pass."""
        scaled_IHXC = (rgb_IHXC.to(self._device).float() / 255 - self._mean_C) / self._deviation_C
        vectors_IE = self._model.encode_image(scaled_IHXC.permute(0, 3, 1, 2).to(self._dtype))
        return F.normalize(vectors_IE.float(), dim=1)

    def text_vector(self, tokens: Tensor) -> Tensor:
        """The model's own tokens of one text, (1, context length), to a unit vector (E,)."""
        vectors_1E = self._model.encode_text(tokens.to(self._device))
        return F.normalize(vectors_1E.float(), dim=1)[0]


class ClipImages:
    """Frames to image vectors. Raises CheckpointError where the checkpoint's frames are not what the model takes."""

    def __init__(self, clip: LoadedClip, sampling: FrameSampling, *, checkpoint: str) -> None:
        fit = "stretch" if clip.keeps_whole_picture else "crop"
        # The few models trained on bilinear pictures take bicubic ones too: the difference is a matter of sharpness.
        expected = (*clip.image_size, fit, "bicubic")
        found = (sampling.height, sampling.width, sampling.fit, sampling.interpolation)
        if found != expected:
            reason = f"height, width, fit and interpolation are {found}; this model was trained on {expected}"
            raise CheckpointError(checkpoint=checkpoint, field="video.sampling", reason=reason)
        self._clip = clip
        with torch.inference_mode():
            blank = torch.zeros(1, *clip.image_size, 3, dtype=torch.uint8)
            self.feature_dim = clip.image_vectors(blank).shape[1]

    def features(self, materials: Sequence[VideoMaterial]) -> Tensor:
        """(B, S, E), unit vectors."""
        # torch.tensor copies: the frames may be shared memory that must not be written to.
        return torch.stack([self._file(torch.tensor(material.frames.rgb)) for material in materials])

    def _file(self, rgb_SHXC: Tensor) -> Tensor:
        instants = len(rgb_SHXC)
        chunks = math.ceil(instants / _MOST_AT_ONCE)
        size = math.ceil(instants / chunks)
        padded_SHXC = F.pad(rgb_SHXC, (0, 0, 0, 0, 0, 0, 0, size * chunks - instants))
        return torch.cat([self._clip.image_vectors(chunk) for chunk in padded_SHXC.split(size)])[:instants]


class ClipTexts:
    """Texts to text vectors; what is longer than the model's context is cut."""

    def __init__(self, clip: LoadedClip, tokenize: Tokenizer) -> None:
        self._clip, self._tokenize = clip, tokenize
        self.feature_dim = self.vectors([""]).shape[1]

    def vectors(self, texts: Sequence[str]) -> Float32Array:
        """(len(texts), E), unit rows."""
        with torch.inference_mode():
            rows: Float32Array = (
                torch.stack([self._clip.text_vector(self._tokenize([text])) for text in texts]).cpu().numpy()
            )
        return rows


def _height_and_width(size: int | Sequence[int]) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    return int(height), int(width)
