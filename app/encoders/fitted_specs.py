"""What a checkpoint says of sequence encoders that are fitted to pairs in closed form. Knows no torch and no pairs."""

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from app.encoders.backbone_specs import Strict


class Pool(Strict):
    """One statistic of some columns over all steps; `columns` None: of all.

    `of` "percentiles" and "change percentiles" take them at `points` (0 to 100), "spans" the means between neighbouring
    `points`, which are shares of the sequence (0 to 1); the others have no points. "change" is the mean size and the
    deviation of the change from step to step, "log level" the logarithm of mean and deviation (of columns that are
    never negative), "correlation" that of two columns.
    """

    of: Literal["mean", "deviation", "percentiles", "change", "change percentiles", "correlation", "log level", "spans"]
    columns: tuple[NonNegativeInt, ...] | None = Field(min_length=1)
    points: tuple[float, ...]

    def width(self, feature_dim: int) -> int:
        """How many values it gives for one item."""
        count = feature_dim if self.columns is None else len(self.columns)
        if self.of == "correlation":
            return 1
        if self.of == "spans":
            return count * (len(self.points) - 1)
        return count * (len(self.points) or (2 if self.of in ("change", "log level") else 1))

    @model_validator(mode="after")
    def _points_belong_to_the_statistic(self) -> Self:
        greatest, least = {"percentiles": (100.0, 1), "change percentiles": (100.0, 1), "spans": (1.0, 2)}.get(
            self.of, (0.0, 0)
        )
        is_rising = all(low < high for low, high in zip(self.points, self.points[1:], strict=False))
        if len(self.points) < least or (self.points and not least) or not is_rising:
            raise ValueError(f"{self.of} at points {self.points}; {least or 'no'} or more that rise are due")
        if self.points and (self.points[0] < 0 or self.points[-1] > greatest):
            raise ValueError(f"points {self.points} of {self.of} are not from 0 to {greatest:g}")
        if self.of == "correlation" and (self.columns is None or len(self.columns) != 2):
            raise ValueError("a correlation is of two columns")
        return self


class StatisticsSpec(Strict):
    """Pooled statistics, standardised and held within `limit` deviations, through one linear map to `width` values."""

    kind: Literal["statistics"]
    pools: tuple[Pool, ...] = Field(min_length=1)
    limit: PositiveFloat
    width: PositiveInt

    @property
    def vector_width(self) -> int:
        return self.width

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(column for pool in self.pools for column in pool.columns or ())

    @property
    def lengths(self) -> frozenset[int]:
        return frozenset()


class View(Strict):
    """One column as a course: as it is, its root or exponential, by its own deviations, or as ranks of its steps."""

    column: NonNegativeInt
    reading: Literal["as it is", "root", "exponential", "deviations", "ranks"]


class LearntMap(Strict):
    """A small network beside the linear map of each step, trained after the fit.

    It takes `components` principal components, each of unit deviation (None: the views themselves). `noise`:
    deviations of the normal noise on them while it trains.
    """

    components: PositiveInt | None
    hidden: PositiveInt
    dropout: float = Field(ge=0, lt=1)
    noise: float = Field(ge=0)


class CoursesSpec(Strict):
    """Every step through one map to `width` values less their mean over time, end to end: `steps` times `width`.

    `views` None: every column as it is. `learnt` None: the map is linear, and fitted.
    """

    kind: Literal["courses"]
    steps: PositiveInt
    width: PositiveInt
    views: tuple[View, ...] | None = Field(min_length=1)
    learnt: LearntMap | None

    @property
    def vector_width(self) -> int:
        return self.steps * self.width

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(view.column for view in self.views or ())

    @property
    def lengths(self) -> frozenset[int]:
        return frozenset({self.steps})


class Member(Strict):
    """One encoder of an ensemble; its unit vector counts in cosines by `weight`."""

    weight: PositiveFloat
    encoder: Annotated[StatisticsSpec | CoursesSpec, Field(discriminator="kind")]


class EnsembleSpec(Strict):
    """Several encoders of one sequence, their unit vectors end to end."""

    kind: Literal["ensemble"]
    members: tuple[Member, ...] = Field(min_length=1)

    @property
    def vector_width(self) -> int:
        return sum(member.encoder.vector_width for member in self.members)

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(column for member in self.members for column in member.encoder.columns)

    @property
    def lengths(self) -> frozenset[int]:
        return frozenset().union(*(member.encoder.lengths for member in self.members))


FittedSpec = StatisticsSpec | CoursesSpec | EnsembleSpec


class Side(Protocol):
    """A side of a model, as far as its encoder must fit it."""

    @property
    def sequence_encoder(self) -> object: ...
    @property
    def feature_dim(self) -> int: ...
    @property
    def steps(self) -> int: ...


def require_fitted_sides(query: Side, target: Side, *, embedding_dim: int) -> None:
    """Raises ValueError where two sides do not fit their encoders, or those not each other, member by member."""
    for side in (query, target):
        require_fitted_side(side, embedding_dim=embedding_dim)
    if _shape(query.sequence_encoder) != _shape(target.sequence_encoder):
        raise ValueError("two sides that are fitted to each other need the same kinds, widths and weights")


def require_fitted_side(side: Side, *, embedding_dim: int) -> None:
    """Raises ValueError where a fitted encoder wants other columns or steps, or gives vectors of another width."""
    spec = side.sequence_encoder
    if not isinstance(spec, FittedSpec):
        return
    if spec.lengths - {side.steps}:
        raise ValueError(f"{spec.kind}: made for {sorted(spec.lengths)} steps, the side has {side.steps}")
    if any(column >= side.feature_dim for column in spec.columns):
        raise ValueError(f"{spec.kind}: column {max(spec.columns)} of features {side.feature_dim} wide")
    if spec.vector_width != embedding_dim:
        raise ValueError(f"{spec.kind}: vectors are {spec.vector_width} wide, embedding_dim is {embedding_dim}")


def _shape(spec: object) -> Sequence[object]:
    if isinstance(spec, EnsembleSpec):
        return [(member.weight, _shape(member.encoder)) for member in spec.members]
    if isinstance(spec, CoursesSpec):
        return [spec.kind, spec.steps, spec.width, spec.learnt is None]
    return [spec.kind, spec.width] if isinstance(spec, StatisticsSpec) else []
