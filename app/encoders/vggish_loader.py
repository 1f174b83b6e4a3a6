"""Loads the weights of the `vggish` backbone from a file or an address and checks every tensor. Computes nothing.

The file is in safetensors form and has float32 tensors by the names of the widespread torch port, with these shapes
in the published network:

    features.0.weight  (64, 1, 3, 3)        features.0.bias   (64,)
    features.3.weight  (128, 64, 3, 3)      features.3.bias   (128,)
    features.6.weight  (256, 128, 3, 3)     features.6.bias   (256,)
    features.8.weight  (256, 256, 3, 3)     features.8.bias   (256,)
    features.11.weight (512, 256, 3, 3)     features.11.bias  (512,)
    features.13.weight (512, 512, 3, 3)     features.13.bias  (512,)
    embeddings.0.weight (4096, 12288)       embeddings.0.bias (4096,)
    embeddings.2.weight (4096, 4096)        embeddings.2.bias (4096,)
    embeddings.4.weight (128, 4096)         embeddings.4.bias (128,)
    pproc.pca_eigen_vectors (128, 128)      pproc.pca_means   (128, 1)

The last two are `pca_eigen_vectors` and `pca_means` of Google's vggish_pca_params.npz; only `postprocess` needs them.
The port's own file is a pickle, which is never read here: whoever has it loads it once, with torch and weights_only,
and writes the tensors with safetensors.torch.save_file (the README has the lines).
"""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from app.encoders.backbone_specs import VGGish
from app.encoders.vggish import VGGishMusic, VGGishNetwork, Whitening, Widths
from app.encoders.weights_files import fetched_file, verified_file
from app.errors import CheckpointError

_CONVOLUTIONS = ("features.0", "features.3", "features.6", "features.8", "features.11", "features.13")
_DENSE = ("embeddings.0", "embeddings.2", "embeddings.4")
_AXES, _MEANS = "pproc.pca_eigen_vectors", "pproc.pca_means"


def load_vggish(spec: VGGish, folder: Path, *, field: str, device: torch.device, cache_dir: Path | None) -> VGGishMusic:
    """`folder` is the checkpoint's, `field` names the backbone in it. Raises CheckpointError."""
    checkpoint = str(folder)
    if spec.weights_file is not None:
        source = "weights_file"
        path = verified_file(folder / spec.weights_file, spec.weights_sha256, checkpoint=checkpoint, field=field)
    else:
        source = "weights_url"
        path = fetched_file(
            str(spec.weights_url), spec.weights_sha256, cache_dir=cache_dir, checkpoint=checkpoint, field=field
        )
    try:
        return vggish_of(load_file(path), postprocess=spec.postprocess, device=device)
    except (SafetensorError, OSError, ValueError) as error:
        reason = f"{path.name}: {error}"
        raise CheckpointError(checkpoint=checkpoint, field=f"{field}.{source}", reason=reason) from error


def vggish_of(weights: dict[str, Tensor], *, postprocess: bool, device: torch.device) -> VGGishMusic:
    """As wide as the weights are: the file decides, and its SHA-256 says which file. Raises ValueError."""
    with torch.device("meta"):
        network = VGGishNetwork(_widths(weights))
    whitening_names = {_AXES, _MEANS}
    if postprocess or whitening_names & weights.keys():
        expected = {_AXES: (network.width, network.width), _MEANS: (network.width, 1)}
    else:
        expected = {}
    expected |= {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    for name in sorted(expected.keys() | weights.keys()):
        _require_fitting(name, weights.get(name), expected.get(name))
    network.load_state_dict({name: weights[name] for name in expected.keys() - whitening_names}, assign=True)
    whitening = Whitening(weights[_AXES], weights[_MEANS]) if postprocess else None
    return VGGishMusic(network, whitening, device=device)


def _widths(weights: dict[str, Tensor]) -> Widths:
    missing = [name for name in (*_CONVOLUTIONS, *_DENSE) if f"{name}.bias" not in weights]
    if missing:
        raise ValueError(f"{missing[0]}.bias is missing")
    a, b, c, d, e, f = (weights[f"{name}.bias"].numel() for name in _CONVOLUTIONS)
    first, second, third = (weights[f"{name}.bias"].numel() for name in _DENSE)
    return Widths((a, b, c, d, e, f), (first, second, third))


def _require_fitting(name: str, found: Tensor | None, expected: tuple[int, ...] | None) -> None:
    if expected is None:
        raise ValueError(f"{name} is not part of this model")
    if found is None:
        raise ValueError(f"{name} is missing")
    if tuple(found.shape) != expected:
        raise ValueError(f"{name} has shape {list(found.shape)}, expected {list(expected)}")
    if found.dtype != torch.float32:
        raise ValueError(f"{name} has type {found.dtype}, expected torch.float32")
    if not found.isfinite().all():
        raise ValueError(f"{name} has values that are not finite")
