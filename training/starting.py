"""Begins a run from the checkpoint that ships, where its design and backbones are the run's."""

from pathlib import Path

import app.encoders
from training.checkpoints import LoadedModel, load_model
from training.errors import PairSetError
from training.model_spec import ModelSpec, TowerSpec


def starter() -> LoadedModel:
    """The shipped checkpoint."""
    return load_model(Path(app.encoders.__path__[0]) / "starter")


def started_spec(spec: ModelSpec, before: ModelSpec) -> ModelSpec:
    """The run's spec with the standardisation that the weights were trained under. Raises PairSetError."""
    return spec.model_copy(
        update={
            "query": _started(spec.query, before.query),
            "target": _started(spec.target, before.target),
        }
    )


def _started(side: TowerSpec, before: TowerSpec) -> TowerSpec:
    started = side.model_copy(update={"standardisation": before.standardisation})
    for field in TowerSpec.model_fields:
        if field != "window_rows" and getattr(started, field) != getattr(before, field):
            reason = f"{field} is {getattr(started, field)}, the checkpoint begun from has {getattr(before, field)}"
            raise PairSetError(file="pairs.json", field=f"streams.{side.stream}", reason=reason)
    return started
