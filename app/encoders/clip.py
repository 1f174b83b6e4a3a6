"""The `clip-image` and `clip-text` backbones, through open_clip, which is imported only when one of them is built.

Vectors are unit vectors: CLIP was trained on directions alone, and lengths differ between models. Each chunk that goes
through the model has the same shape whatever else waits, because bfloat16 kernels of another shape round differently.
"""

import hashlib
import math
import pickle
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor
from torch.nn import functional as F

from app.domain import Float32Array, VideoMaterial
from app.encoders.backbone_specs import ClipModel
from app.encoders.device import computes_bfloat16
from app.encoders.spec import FrameSampling
from app.encoders.torchvision_operators import make_torchvision_importable
from app.errors import CheckpointError

# Axes: B videos, S instants, I pictures, C colour channels, H height, X width, E features.

_MOST_AT_ONCE = 64


class LoadedClip:
    """One open_clip model on its device, used by either backbone or by both."""

    def __init__(self, model: Any, tokenizer: Any, *, device: torch.device, dtype: torch.dtype) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._device, self._dtype = device, dtype
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

    def text_vector(self, text: str) -> Tensor:
        """(E,), unit; longer texts are cut at the model's context length."""
        vectors_1E = self._model.encode_text(self._tokenizer([text]).to(self._device))
        return F.normalize(vectors_1E.float(), dim=1)[0]


class ClipImages:
    """Frames to image vectors. Raises CheckpointError where the checkpoint's frames are not what the model takes."""

    def __init__(self, clip: LoadedClip, sampling: FrameSampling, *, checkpoint: str) -> None:
        fit = "stretch" if clip.keeps_whole_picture else "crop"
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
        return torch.stack([self._file(torch.from_numpy(material.frames.rgb)) for material in materials])

    def _file(self, rgb_SHXC: Tensor) -> Tensor:
        instants = len(rgb_SHXC)
        chunks = math.ceil(instants / _MOST_AT_ONCE)
        size = math.ceil(instants / chunks)
        padded_SHXC = F.pad(rgb_SHXC, (0, 0, 0, 0, 0, 0, 0, size * chunks - instants))
        return torch.cat([self._clip.image_vectors(chunk) for chunk in padded_SHXC.split(size)])[:instants]


class ClipTexts:
    def __init__(self, clip: LoadedClip) -> None:
        self._clip = clip
        self.feature_dim = self.vectors([""]).shape[1]

    def vectors(self, texts: Sequence[str]) -> Float32Array:
        """(len(texts), E), unit rows."""
        with torch.inference_mode():
            rows: Float32Array = torch.stack([self._clip.text_vector(text) for text in texts]).cpu().numpy()
        return rows


class ClipLoader:
    """Loads each open_clip model once, however many backbones of a checkpoint ask for it."""

    def __init__(self, folder: Path, *, device: torch.device, cache_dir: Path | None) -> None:
        self._folder, self._device, self._cache_dir = folder, device, cache_dir
        self._loaded: dict[tuple[object, ...], LoadedClip] = {}

    def load(self, spec: ClipModel, *, side: str) -> LoadedClip:
        """`side` names the part of the checkpoint in errors. Raises CheckpointError."""
        identity = (spec.model, spec.pretrained, spec.weights_sha256, spec.precision)
        if identity not in self._loaded:
            self._loaded[identity] = self._load(spec, f"{side}.backbone")
        return self._loaded[identity]

    def _load(self, spec: ClipModel, field: str) -> LoadedClip:
        weights = str(self._verified_weights(spec, field)) if spec.weights_file else spec.pretrained
        is_bf16 = spec.precision == "bf16" or (spec.precision == "auto" and computes_bfloat16(self._device))
        try:
            model, tokenizer = self._open(spec.model, weights, "bf16" if is_bf16 else "fp32")
        except (RuntimeError, OSError, ValueError, KeyError, Warning, pickle.UnpicklingError, SafetensorError) as error:
            raise CheckpointError(checkpoint=str(self._folder), field=field, reason=str(error)) from error
        dtype = torch.bfloat16 if is_bf16 else torch.float32
        return LoadedClip(model, tokenizer, device=self._device, dtype=dtype)

    def _open(self, name: str, weights: str | None, precision: str) -> tuple[Any, Any]:
        make_torchvision_importable()
        import open_clip  # noqa: PLC0415 - laziness is the point: it brings torchvision, timm and 150 MB of memory

        cache_dir = str(self._cache_dir) if self._cache_dir else None
        with warnings.catch_warnings():
            # Only a warning to open_clip, but the vectors would be wrong: the tag wants another activation.
            warnings.filterwarnings("error", message="QuickGELU mismatch")
            model = open_clip.create_model(
                name,
                weights,
                precision=precision,
                device=self._device,
                cache_dir=cache_dir,
                require_pretrained=True,
                weights_only=True,
            )
        return model.eval().requires_grad_(False), open_clip.get_tokenizer(name, cache_dir=cache_dir)

    def _verified_weights(self, spec: ClipModel, field: str) -> Path:
        path = self._folder / str(spec.weights_file)
        try:
            with path.open("rb") as weights:
                found = hashlib.file_digest(weights, "sha256").hexdigest()
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
            raise CheckpointError(checkpoint=str(self._folder), field=f"{field}.weights_file", reason=reason) from error
        if found != spec.weights_sha256:
            field, reason = f"{field}.weights_sha256", f"{path.name} has {found}"
            raise CheckpointError(checkpoint=str(self._folder), field=field, reason=reason)
        return path


def _height_and_width(size: int | Sequence[int]) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    return int(height), int(width)
