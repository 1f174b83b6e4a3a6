"""What a checkpoint says of its sequence encoders: the papers' four kinds, and those that are fitted. No torch."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from app.encoders.backbone_specs import Strict
from app.encoders.fitted_specs import CoursesSpec, EnsembleSpec, StatisticsSpec


class BiLSTMSpec(Strict):
    """`width` is one direction's; `pooling` takes the mean over all steps, or the last state of each direction."""

    kind: Literal["bilstm"]
    width: PositiveInt
    layers: PositiveInt
    dropout: float = Field(ge=0, lt=1)
    pooling: Literal["mean", "last"]


class FCSpec(Strict):
    """Temporal mean, then `layers` fully connected ones, all but the last `width` wide with ReLU."""

    kind: Literal["fc"]
    width: PositiveInt
    layers: PositiveInt
    dropout: float = Field(ge=0, lt=1)
    batch_norm: bool


class GCNSpec(Strict):
    """Graph convolutions over the steps, which are the nodes; pooled by the mean."""

    kind: Literal["gcn"]
    width: PositiveInt
    layers: PositiveInt
    dropout: float = Field(ge=0, lt=1)


class AttentionSpec(Strict):
    """A Transformer encoder over the steps, pooled by the mean."""

    kind: Literal["attention"]
    width: PositiveInt
    layers: PositiveInt
    heads: PositiveInt
    dropout: float = Field(ge=0, lt=1)

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Self:
        if self.width % self.heads or self.width % 2:
            raise ValueError(f"width {self.width} is no even multiple of {self.heads} heads")
        return self


SequenceEncoderSpec = Annotated[
    BiLSTMSpec | FCSpec | GCNSpec | AttentionSpec | StatisticsSpec | CoursesSpec | EnsembleSpec,
    Field(discriminator="kind"),
]
SEQUENCE_ENCODER_KINDS = frozenset({"bilstm", "fc", "gcn", "attention", "statistics", "courses", "ensemble"})
