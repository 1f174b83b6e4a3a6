"""What a checkpoint's `encoder.json` says, read strictly. Knows no torch, and of the weights only their bytes."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, ValidationError, model_validator

from app.domain import FramePlan, SoundPlan
from app.encoders.backbone_specs import (
    BACKBONE_NAMES,
    MusicBackboneSpec,
    Strict,
    TextBackboneSpec,
    VideoBackboneSpec,
)
from app.encoders.fitted_specs import require_fitted_sides
from app.encoders.sequence_specs import SEQUENCE_ENCODER_KINDS, SequenceEncoderSpec
from app.errors import CheckpointError

FORMAT_VERSION = 1
SPEC_FILE = "encoder.json"
# In its place where training knows the model and no backbone here makes its features: nothing a server could use.
MODEL_FILE = "model.json"
WEIGHTS_FILE = "weights.safetensors"


class Standardisation(Strict):
    """x becomes (x - mean) / deviation, held within `limit` deviations so that an unheard-of value cannot run away."""

    mean: tuple[float, ...]
    # Not so small that float32 takes it for zero.
    deviation: tuple[Annotated[float, Field(ge=1e-30)], ...]
    limit: PositiveFloat


class FrameSampling(Strict):
    instants: PositiveInt
    width: PositiveInt
    height: PositiveInt
    fit: Literal["stretch", "crop"]
    interpolation: Literal["area", "bicubic"]
    motion_instants: NonNegativeInt
    frame_budget: NonNegativeInt


class SoundSampling(Strict):
    rate_hz: PositiveInt
    windows: PositiveInt
    window_samples: PositiveInt


class _Side(Strict):
    feature_dim: PositiveInt
    standardisation: Standardisation | None
    sequence_encoder: SequenceEncoderSpec


class VideoSide(_Side):
    backbone: VideoBackboneSpec
    sampling: FrameSampling

    @property
    def space(self) -> str:
        return self.backbone.space

    @property
    def steps(self) -> int:
        return self.sampling.instants


class MusicSide(_Side):
    backbone: MusicBackboneSpec
    sampling: SoundSampling

    @property
    def space(self) -> str:
        return self.backbone.space

    @property
    def steps(self) -> int:
        return self.sampling.windows

    @property
    def stored_space(self) -> str:
        """The feature space together with the sampling: the name under which a track's features may be used again."""
        sampling = self.sampling
        return f"{self.space}@{sampling.windows}x{sampling.window_samples}-{sampling.rate_hz}"


class TextSide(Strict):
    """Words set the video's initial hidden state (paper: II-CLVTM), or its cell state with it.

    `bottleneck` is the rank of the projection from text vector to state. With the cell state words are remembered
    longer: on 2,000 synthetic pairs of 32 steps whose words said what the picture did not, R@10 of 1,000 was 86 % with
    the hidden state alone and 93 % with both, against 79 % without words (pooling "mean"; with "last", 32 steps later,
    words made no difference either way).
    """

    backbone: TextBackboneSpec
    feature_dim: PositiveInt
    bottleneck: PositiveInt
    initial_state: Literal["hidden", "hidden_and_cell"]

    @property
    def space(self) -> str:
        return self.backbone.space


class EncoderSpec(Strict):
    """The whole of `encoder.json`. Without a text side the model is II-CLVM, with one II-CLVTM."""

    format_version: Literal[1]
    name: str = Field(min_length=1)
    embedding_dim: PositiveInt
    video: VideoSide
    music: MusicSide
    text: TextSide | None
    about: dict[str, Any]

    @model_validator(mode="after")
    def _words_have_a_state_to_set(self) -> Self:
        if self.text is not None and self.video.sequence_encoder.kind != "bilstm":
            raise ValueError("a text side sets the state of a bilstm; the video's sequence encoder is none")
        return self

    @model_validator(mode="after")
    def _fitted_sides_fit(self) -> Self:
        require_fitted_sides(self.video, self.music, embedding_dim=self.embedding_dim)
        return self

    def frame_plan(self) -> FramePlan:
        return FramePlan(**self.video.sampling.model_dump())

    def sound_plan(self) -> SoundPlan:
        return SoundPlan(**self.music.sampling.model_dump())


def read_spec(folder: Path) -> EncoderSpec:
    """Raises CheckpointError naming the first field that is missing, unknown or wrong."""
    if (folder / MODEL_FILE).exists() and not (folder / SPEC_FILE).exists():
        reason = f"is not there, but {MODEL_FILE} is: it was trained on stored features that no backbone here makes"
        raise CheckpointError(checkpoint=str(folder), field=SPEC_FILE, reason=f"{reason}, and cannot serve files")
    return parse_spec(_read_json(folder, SPEC_FILE), checkpoint=str(folder))


def parse_spec(document: Mapping[str, Any], *, checkpoint: str) -> EncoderSpec:
    """`checkpoint` is only for the error's message."""
    version = document.get("format_version")
    if version != FORMAT_VERSION or isinstance(version, bool):
        reason = f"{version!r} is not known here; this program reads {FORMAT_VERSION}"
        raise CheckpointError(checkpoint=checkpoint, field="format_version", reason=reason)
    try:
        # Through JSON, where strictness still lets a list be a tuple.
        spec = EncoderSpec.model_validate_json(json.dumps(document))
    except ValidationError as error:
        first = error.errors()[0]
        raise CheckpointError(checkpoint=checkpoint, field=_dotted(first["loc"]), reason=first["msg"]) from error
    _check_widths("video", spec.video, checkpoint)
    _check_widths("music", spec.music, checkpoint)
    return spec


def digest_of(folder: Path, *, document: str = SPEC_FILE) -> str:
    """`sha256:<hex>` over the canonical JSON without `about`, then the weights. Raises CheckpointError."""
    digest = hashlib.sha256(canonical_json(_read_json(folder, document)))
    try:
        with (folder / WEIGHTS_FILE).open("rb") as weights:
            while chunk := weights.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise CheckpointError(checkpoint=str(folder), field=WEIGHTS_FILE, reason=reason) from error
    return f"sha256:{digest.hexdigest()}"


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """UTF-8, keys sorted, no spaces, `about` left out: what the digest is taken over."""
    identity = {key: value for key, value in document.items() if key != "about"}
    return json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _check_widths(name: str, side: VideoSide | MusicSide, checkpoint: str) -> None:
    for part in ("mean", "deviation") if side.standardisation else ():
        found = len(getattr(side.standardisation, part))
        if found != side.feature_dim:
            field, reason = f"{name}.standardisation.{part}", f"has {found} values, feature_dim is {side.feature_dim}"
            raise CheckpointError(checkpoint=checkpoint, field=field, reason=reason)


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        document = json.loads((folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise CheckpointError(checkpoint=str(folder), field=name, reason=reason) from error
    except ValueError as error:
        raise CheckpointError(checkpoint=str(folder), field=name, reason=f"is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise CheckpointError(checkpoint=str(folder), field=name, reason="is no JSON object")
    return document


def _dotted(location: tuple[int | str, ...]) -> str:
    # pydantic puts the name of the chosen backbone or kind into the path; the file has no such level.
    chosen = BACKBONE_NAMES | SEQUENCE_ENCODER_KINDS
    return ".".join(str(part) for part in location if part not in chosen) or SPEC_FILE
