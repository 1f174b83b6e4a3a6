"""A tiny CLIP of open_clip's own kind, with random weights: what a real one is to the code that loads it."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from app.encoders.clip_loader import import_open_clip

NAME = "tiny-for-tests"
SIZE, WIDTH = 32, 24
CONFIG = {
    "embed_dim": WIDTH,
    "vision_cfg": {"image_size": SIZE, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


def save_tiny_clip(folder: Path, name: str = NAME) -> dict[str, Tensor]:
    """Makes the model known to open_clip under the name, and its weights `tiny.safetensors` in the folder."""
    open_clip = import_open_clip()
    (folder / f"{name}.json").write_text(json.dumps(CONFIG))
    open_clip.add_model_config(folder / f"{name}.json")
    torch.manual_seed(11)
    state: dict[str, Tensor] = open_clip.create_model(name).state_dict()
    save_file({key: tensor.contiguous() for key, tensor in state.items()}, folder / "tiny.safetensors")
    return state


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
