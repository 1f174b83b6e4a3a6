"""Models on disk, data and never code: as `encoder.json` where they can serve, else as `model.json`, with weights.

A research checkpoint is a model of any two sides, on stored features that no backbone here makes of a file.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from app.encoders.checkpoint import save_checkpoint
from app.encoders.models import TwoTowers
from app.encoders.spec import (
    MODEL_FILE,
    SPEC_FILE,
    WEIGHTS_FILE,
    EncoderSpec,
    MusicSide,
    VideoSide,
    digest_of,
    read_spec,
)
from app.errors import CheckpointError
from training.model_spec import ModelSpec, TowerSpec, WordsSpec, build_model


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """`about`: the record of the run that made it; `digest` as of any checkpoint."""

    spec: ModelSpec
    model: TwoTowers
    about: dict[str, Any]
    digest: str


def save_model(folder: Path, spec: ModelSpec, model: TwoTowers, *, about: dict[str, Any]) -> str:
    """Writes a research checkpoint into a new folder and returns its digest."""
    folder.mkdir(parents=True)
    document = {**spec.model_dump(mode="json"), "about": about}
    (folder / MODEL_FILE).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    # Cloned: towers that are one share their weights, and the format would refuse them.
    weights = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / WEIGHTS_FILE)
    return digest_of(folder, document=MODEL_FILE)


def save_serving(folder: Path, encoder: EncoderSpec, model: TwoTowers, *, about: dict[str, Any]) -> str:
    """Writes a checkpoint that a server loads and returns its digest."""
    return save_checkpoint(folder, encoder.model_copy(update={"about": about}), model)


def load_model(folder: Path) -> LoadedModel:
    """Either kind of checkpoint, in evaluation mode. Raises CheckpointError."""
    if (folder / SPEC_FILE).exists():
        encoder = read_spec(folder)
        spec, about, document = spec_of(encoder), encoder.about, SPEC_FILE
    else:
        spec, about = _read_model_spec(folder)
        document = MODEL_FILE
    model = build_model(spec)
    try:
        weights = load_file(folder / WEIGHTS_FILE)
        model.load_state_dict(weights)
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = f"do not fit the model: {error}"
        raise CheckpointError(checkpoint=str(folder), field=WEIGHTS_FILE, reason=reason) from error
    bad = next((name for name, values in weights.items() if not values.isfinite().all()), None)
    if bad is not None:
        reason = "has values that are not finite"
        raise CheckpointError(checkpoint=str(folder), field=f"{WEIGHTS_FILE}: {bad}", reason=reason)
    return LoadedModel(spec, model.eval(), about, digest_of(folder, document=document))


def spec_of(encoder: EncoderSpec) -> ModelSpec:
    """A checkpoint that serves, as training sees it: streams `video`, `title`, `keywords` and `music`."""
    video, music, text = encoder.video, encoder.music, encoder.text
    words = None
    if text is not None:
        words = WordsSpec(
            streams=("title", "keywords"),
            space=text.space,
            feature_dim=text.feature_dim,
            bottleneck=text.bottleneck,
            initial_state=text.initial_state,
        )
    return ModelSpec(
        format_version=1,
        embedding_dim=encoder.embedding_dim,
        query=_tower("video", video),
        words=words,
        target=_tower("music", music),
        shared=False,
    )


def _tower(name: Literal["video", "music"], side: VideoSide | MusicSide) -> TowerSpec:
    return TowerSpec(
        stream=name,
        modality=name,
        space=side.space,
        feature_dim=side.feature_dim,
        steps=side.steps,
        sampling="gs",
        window_rows=side.steps,
        standardisation=side.standardisation,
        sequence_encoder=side.sequence_encoder,
    )


def _read_model_spec(folder: Path) -> tuple[ModelSpec, dict[str, Any]]:
    try:
        document = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = f"cannot be read: {error}"
        raise CheckpointError(checkpoint=str(folder), field=MODEL_FILE, reason=reason) from error
    about = document.pop("about", {}) if isinstance(document, dict) else {}
    try:
        return ModelSpec.model_validate_json(json.dumps(document)), about
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or MODEL_FILE
        raise CheckpointError(checkpoint=str(folder), field=field, reason=first["msg"]) from error
