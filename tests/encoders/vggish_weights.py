"""A VGGish of narrow layers with random weights: the published one takes 288 MB."""

import hashlib
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from app.encoders.backbone_specs import VGGish
from app.encoders.vggish import VGGishNetwork, Widths

# All different, so that no axis can be taken for another.
NARROW = Widths((3, 4, 5, 6, 7, 8), (11, 10, 9))
WIDTH = NARROW.dense[-1]


def narrow_weights(*, seed: int = 5, with_whitening: bool = True) -> dict[str, Tensor]:
    """Embeddings of about unit size, whitening that fills the range of the bytes and a little more."""
    torch.manual_seed(seed)
    weights = {name: 3 * tensor for name, tensor in VGGishNetwork(NARROW).state_dict().items()}
    if with_whitening:
        weights["pproc.pca_eigen_vectors"] = torch.randn(WIDTH, WIDTH)
        weights["pproc.pca_means"] = torch.randn(WIDTH, 1)
    return weights


def saved(path: Path, weights: dict[str, Tensor]) -> Path:
    save_file(weights, path)
    return path


def spec_of(path: Path, *, postprocess: bool = False) -> VGGish:
    return VGGish(
        name="vggish",
        weights_file=str(path),
        weights_url=None,
        weights_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        postprocess=postprocess,
    )
