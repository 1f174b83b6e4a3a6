import hashlib
import json

import pytest
import torch
from safetensors.torch import save_file

from app.encoders.clip_loader import import_open_clip

CLIP_NAME = "tiny-for-captions"
CLIP_SIZE, CLIP_WIDTH = 32, 24
CONFIG = {
    "embed_dim": CLIP_WIDTH,
    "vision_cfg": {"image_size": CLIP_SIZE, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="session")
def clip_named(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny CLIP with random weights on disk, as the arguments name it behind `clip-image:` or `clip-text:`."""
    open_clip = import_open_clip()
    folder = tmp_path_factory.mktemp("clip")
    (folder / f"{CLIP_NAME}.json").write_text(json.dumps(CONFIG))
    open_clip.add_model_config(folder / f"{CLIP_NAME}.json")
    torch.manual_seed(5)
    state = open_clip.create_model(CLIP_NAME).state_dict()
    weights = folder / "tiny.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, weights)
    return f"{CLIP_NAME}:sha256={hashlib.sha256(weights.read_bytes()).hexdigest()}:{weights}"
