"""Loads open_clip models for the `clip-image` and `clip-text` backbones; open_clip is imported on first use only."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError

from app.encoders.backbone_specs import ClipModel
from app.encoders.clip import LoadedClip, Tokenizer
from app.encoders.device import computes_bfloat16
from app.encoders.torchvision_operators import make_torchvision_importable
from app.encoders.weights_files import verified_file
from app.errors import CheckpointError

# Unknown names and tags, downloads that fail, missing packages, and weights that are damaged or hold code.
_LOADING_FAULTS = (
    RuntimeError,
    OSError,
    ValueError,
    KeyError,
    ImportError,
    UserWarning,
    UnpicklingError,
    SafetensorError,
)


class ClipLoader:
    """Loads each open_clip model once, however many backbones of a checkpoint ask for it."""

    def __init__(self, folder: Path, *, device: torch.device, cache_dir: Path | None) -> None:
        self._folder, self._device = folder, device
        self._cache_dir = str(cache_dir) if cache_dir else None
        self._loaded: dict[tuple[object, ...], LoadedClip] = {}

    def load(self, spec: ClipModel, *, side: str) -> LoadedClip:
        """`side` names the part of the checkpoint in errors. Raises CheckpointError."""
        identity = (spec.model, spec.pretrained, spec.weights_sha256, spec.precision)
        if identity not in self._loaded:
            self._loaded[identity] = self._load(spec, f"{side}.backbone")
        return self._loaded[identity]

    def tokenizer(self, spec: ClipModel, *, side: str) -> Tokenizer:
        """Apart from the model: some tokenizers need the transformers package, and pictures need none of them."""
        with self._faults_named(f"{side}.backbone"):
            tokenizer: Tokenizer = import_open_clip().get_tokenizer(spec.model, cache_dir=self._cache_dir)
            return tokenizer

    def _load(self, spec: ClipModel, field: str) -> LoadedClip:
        weights = spec.pretrained
        if spec.weights_file is not None and spec.weights_sha256 is not None:
            path = self._folder / spec.weights_file
            weights = str(verified_file(path, spec.weights_sha256, checkpoint=str(self._folder), field=field))
        is_bf16 = spec.precision == "bf16" or (spec.precision == "auto" and computes_bfloat16(self._device))
        with self._faults_named(field), warnings.catch_warnings():
            # Only a warning to open_clip, but the vectors would be wrong: the tag wants another activation.
            warnings.filterwarnings("error", message="QuickGELU mismatch")
            model = import_open_clip().create_model(
                spec.model,
                weights,
                precision="bf16" if is_bf16 else "fp32",
                device=self._device,
                cache_dir=self._cache_dir,
                require_pretrained=True,
                weights_only=True,
            )
        dtype = torch.bfloat16 if is_bf16 else torch.float32
        return LoadedClip(model.eval().requires_grad_(False), device=self._device, dtype=dtype)

    @contextmanager
    def _faults_named(self, field: str) -> Iterator[None]:
        try:
            yield
        except _LOADING_FAULTS as error:
            raise CheckpointError(checkpoint=str(self._folder), field=field, reason=str(error)) from error


def import_open_clip() -> Any:
    """open_clip, imported on first use."""
    make_torchvision_importable()
    import open_clip  # noqa: PLC0415 - laziness is the point: it brings torchvision, timm and 150 MB of memory

    return open_clip
