"""An encoder on disk: `encoder.json` and `weights.safetensors`, data and never code. Knows nothing of training."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from app.encoders.backbones import build_backbones
from app.encoders.device import DeviceName, resolve_device
from app.encoders.encoder import Encoder
from app.encoders.models import TwoTowers, video_music_model
from app.encoders.spec import SPEC_FILE, WEIGHTS_FILE, EncoderSpec, digest_of, parse_spec, read_spec
from app.errors import CheckpointError


def save_checkpoint(folder: Path, spec: EncoderSpec, model: TwoTowers) -> str:
    """Writes a new folder at once or not at all, and returns its digest.

    Raises CheckpointError where the folder exists (a checkpoint never changes under its digest), or where loading
    would refuse what is to be saved.
    """
    if folder.exists():
        raise CheckpointError(checkpoint=str(folder), field="folder", reason="exists already")
    document = spec.model_dump(mode="json")
    parse_spec(document, checkpoint=str(folder))
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    _check_weights(weights, spec, checkpoint=str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        temporary.chmod(0o755)  # mkdtemp makes it private; a checkpoint is for whoever serves it
        _write(temporary / SPEC_FILE, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
        _write(temporary / WEIGHTS_FILE, save(weights))
        digest = digest_of(temporary)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return digest


def load_checkpoint(folder: Path, device: DeviceName = "auto", *, cache_dir: Path | None = None) -> Encoder:
    """`cache_dir`: where downloaded weights of backbones are kept. Raises CheckpointError, DeviceUnavailable."""
    spec = read_spec(folder)
    where = resolve_device(device)
    weights = _read_weights(folder)
    _check_weights(weights, spec, checkpoint=str(folder))
    model = video_music_model(spec)
    model.load_state_dict(weights)
    backbones = build_backbones(spec, folder, device=where, cache_dir=cache_dir)
    return Encoder(
        spec,
        model,
        digest=digest_of(folder),
        device=where,
        video=backbones.video,
        music=backbones.music,
        text=backbones.text,
    )


def _read_weights(folder: Path) -> dict[str, Tensor]:
    try:
        return load_file(folder / WEIGHTS_FILE)
    except (OSError, SafetensorError) as error:
        reason = f"cannot be read: {error}"
        raise CheckpointError(checkpoint=str(folder), field=WEIGHTS_FILE, reason=reason) from error


def _check_weights(weights: dict[str, Tensor], spec: EncoderSpec, *, checkpoint: str) -> None:
    """Every tensor the model needs, of its shape and type, finite, and not one more."""
    with torch.device("meta"):
        expected = video_music_model(spec).state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        reason = _fault(expected.get(name), weights.get(name))
        if reason:
            raise CheckpointError(checkpoint=checkpoint, field=f"{WEIGHTS_FILE}: {name}", reason=reason)


def _fault(expected: Tensor | None, found: Tensor | None) -> str | None:
    if expected is None:
        return "is not part of this model"
    if found is None:
        return "is missing"
    if found.shape != expected.shape:
        return f"has shape {list(found.shape)}, expected {list(expected.shape)}"
    if found.dtype != expected.dtype:
        return f"has type {found.dtype}, expected {expected.dtype}"
    return None if bool(found.isfinite().all()) else "has values that are not finite"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
