"""What a trained model is made for: its towers with the streams, spaces and standardisation they were trained on.

`model.json` of a research checkpoint is this, read strictly. A checkpoint that serves holds `encoder.json` as well.
"""

from typing import Literal

from pydantic import Field, PositiveInt, model_validator

from app.encoders.backbone_specs import Strict
from app.encoders.fitted_specs import require_fitted_sides
from app.encoders.models import TowerPlan, TwoTowers, two_towers
from app.encoders.sequence_specs import SequenceEncoderSpec
from app.encoders.spec import Standardisation
from training.pair_set import Modality


class TowerSpec(Strict):
    """One side, complete: `TowerDesign` with what the pair set says of the stream."""

    stream: str = Field(min_length=1)
    modality: Modality
    space: str = Field(min_length=1)
    feature_dim: PositiveInt
    steps: PositiveInt
    sampling: Literal["gs", "fd"]
    window_rows: PositiveInt
    standardisation: Standardisation | None
    sequence_encoder: SequenceEncoderSpec

    @model_validator(mode="after")
    def _standardisation_is_as_wide(self) -> "TowerSpec":
        given = self.standardisation
        if given is not None and {len(given.mean), len(given.deviation)} != {self.feature_dim}:
            raise ValueError(
                f"{len(given.mean)} means and {len(given.deviation)} deviations of {self.feature_dim} features"
            )
        return self

    @property
    def plan(self) -> TowerPlan:
        return TowerPlan(self.sequence_encoder, self.feature_dim)


class WordsSpec(Strict):
    """Text that sets the query's initial state; the streams share one space."""

    streams: tuple[str, ...] = Field(min_length=1)
    space: str = Field(min_length=1)
    feature_dim: PositiveInt
    bottleneck: PositiveInt
    initial_state: Literal["hidden", "hidden_and_cell"]


class ModelSpec(Strict):
    """The whole of a model: two towers, or one for both sides."""

    format_version: Literal[1]
    embedding_dim: PositiveInt
    query: TowerSpec
    words: WordsSpec | None
    target: TowerSpec
    shared: bool

    @property
    def streams(self) -> frozenset[str]:
        """Every stream that it takes."""
        return frozenset({self.query.stream, self.target.stream, *(self.words.streams if self.words else ())})

    @property
    def text_sides(self) -> tuple[str, ...]:
        """The sides that are text: an item without a row there has nothing to be sought by, and is left out."""
        return tuple(side.stream for side in (self.query, self.target) if side.modality == "text")

    @model_validator(mode="after")
    def _one_tower_takes_one_space(self) -> "ModelSpec":
        if self.shared and self.query.plan != self.target.plan:
            raise ValueError("a shared tower needs the same encoder and width on both sides")
        if self.words is not None and self.query.sequence_encoder.kind != "bilstm":
            raise ValueError("words set the state of a bilstm; the query's sequence encoder is none")
        return self

    @model_validator(mode="after")
    def _fitted_sides_fit(self) -> "ModelSpec":
        require_fitted_sides(self.query, self.target, embedding_dim=self.embedding_dim)
        return self


def build_model(spec: ModelSpec) -> TwoTowers:
    """Fresh weights from torch's generator."""
    model = two_towers(spec.query.plan, spec.target.plan, embedding_dim=spec.embedding_dim, text=spec.words)
    if spec.shared:
        model.target = model.query
    return model
