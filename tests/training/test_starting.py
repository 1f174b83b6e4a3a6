from pathlib import Path

import pytest

import app.encoders
from app.encoders.sequence_specs import FCSpec
from app.encoders.spec import digest_of
from training.errors import PairSetError
from training.starting import started_spec, starter

OTHER_ENCODER = FCSpec(kind="fc", width=96, layers=1, dropout=0.0, batch_norm=False)


def test_the_starter_is_the_checkpoint_that_ships() -> None:
    assert starter().digest == digest_of(Path(app.encoders.__path__[0]) / "starter")
    assert not starter().model.training


def test_a_run_takes_over_the_standardisation_its_weights_were_trained_under() -> None:
    shipped = starter().spec
    assert shipped.query.standardisation is not None
    fresh = shipped.model_copy(
        update={
            "query": shipped.query.model_copy(update={"standardisation": shipped.target.standardisation}),
            "target": shipped.target.model_copy(update={"standardisation": None}),
        }
    )
    assert started_spec(fresh, shipped) == shipped


@pytest.mark.parametrize(
    ("side", "field", "value"),
    [
        ("query", "steps", 7),
        ("query", "feature_dim", 44),
        ("query", "sampling", "fd"),
        ("target", "space", "vggish:1"),
        ("target", "sequence_encoder", OTHER_ENCODER),
    ],
)
def test_a_side_of_another_form_is_refused_by_name(side: str, field: str, value: object) -> None:
    shipped = starter().spec
    before = shipped.query if side == "query" else shipped.target
    other = shipped.model_copy(update={side: before.model_copy(update={field: value})})
    with pytest.raises(PairSetError) as refused:
        started_spec(other, shipped)
    assert refused.value.field == f"streams.{before.stream}"
    assert f"{field} is {value}, the checkpoint begun from has {getattr(before, field)}" in refused.value.reason


def test_rows_of_a_window_that_is_not_taken_do_not_matter() -> None:
    shipped = starter().spec
    query = shipped.query.model_copy(update={"window_rows": 999})
    assert started_spec(shipped.model_copy(update={"query": query}), shipped).query == query
