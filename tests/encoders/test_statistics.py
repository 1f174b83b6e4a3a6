import math

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from app.encoders.fitted_specs import Pool
from app.encoders.statistics import Statistics, pooled
from tests.encoders.fitted_sides import FEATURES, ORDER_FREE, ORDERED, statistics


def drawn(count: int = 3, steps: int = 6) -> Tensor:
    return torch.rand(count, steps, FEATURES, generator=torch.Generator().manual_seed(1))


def encoder(*pools: Pool) -> Statistics:
    torch.manual_seed(0)
    return Statistics(statistics(*pools), feature_dim=FEATURES).eval()


def test_each_statistic_is_what_its_name_says() -> None:
    rising = torch.tensor([[[0.0, 4.0], [1.0, 2.0], [3.0, 0.0], [8.0, 6.0]]])
    of_first = {"columns": (0,), "points": ()}
    found = {
        name: pooled(pool, rising)[0].tolist()
        for name, pool in {
            "mean": Pool(of="mean", columns=None, points=()),
            "deviation": Pool(of="deviation", columns=(1,), points=()),
            "percentiles": Pool(of="percentiles", columns=(0, 1), points=(0.0, 100.0)),
            "change": Pool.model_validate({"of": "change", **of_first}),
            "change percentiles": Pool(of="change percentiles", columns=(0,), points=(50.0,)),
            "log level": Pool.model_validate({"of": "log level", **of_first}),
            "spans": Pool(of="spans", columns=(0,), points=(0.0, 0.25, 1.0)),
        }.items()
    }
    assert found["mean"] == [3.0, 3.0]
    assert found["deviation"] == pytest.approx([math.sqrt(5)])
    assert found["percentiles"] == [0.0, 0.0, 8.0, 6.0]
    # Changes of 1, 2 and 5.
    assert found["change"] == pytest.approx([8 / 3, math.sqrt(26 / 9)])
    assert found["change percentiles"] == [2.0]
    assert found["log level"] == pytest.approx([math.log(3.1), math.log(math.sqrt(9.5) + 0.1)])
    assert found["spans"] == [0.0, 4.0]


def test_a_correlation_is_one_of_columns_that_rise_together_and_zero_of_what_never_varies() -> None:
    steps = torch.stack([torch.arange(6.0), 3 * torch.arange(6.0), -torch.arange(6.0), torch.ones(6)], dim=1)[None]
    for columns, expected in (((0, 1), 1.0), ((0, 2), -1.0), ((0, 3), 0.0)):
        pool = Pool(of="correlation", columns=columns, points=())
        assert pooled(pool, steps).item() == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("pool", [*ORDER_FREE, *ORDERED], ids=lambda pool: pool.of)
@pytest.mark.parametrize("steps", [1, 2, 6])
def test_a_statistic_is_as_wide_as_its_spec_says_and_finite_of_any_length(pool: Pool, steps: int) -> None:
    found = pooled(pool, drawn(steps=steps))
    assert found.shape == (3, pool.width(FEATURES))
    assert found.isfinite().all()


def test_an_items_vector_does_not_depend_on_what_else_is_in_the_batch() -> None:
    model, batch = encoder(*ORDER_FREE, *ORDERED), drawn(5)
    for number in range(5):
        torch.testing.assert_close(model(batch[number : number + 1])[0], model(batch)[number])


def test_the_order_of_the_steps_is_nothing_to_order_free_statistics_and_something_to_the_others() -> None:
    batch = drawn()
    shuffled = batch[:, [3, 0, 5, 1, 4, 2]]
    torch.testing.assert_close(encoder(*ORDER_FREE)(shuffled), encoder(*ORDER_FREE)(batch), rtol=1e-4, atol=1e-5)
    for pool in ORDERED:
        assert not torch.allclose(encoder(pool)(shuffled), encoder(pool)(batch), atol=1e-3), pool.of


def test_a_value_beyond_the_limit_counts_as_the_limit() -> None:
    model = encoder(Pool(of="mean", columns=(0,), points=()))
    high, higher = torch.full((1, 6, FEATURES), 4.0), torch.full((1, 6, FEATURES), 4000.0)
    assert torch.equal(model(high), model(higher))
    assert not torch.equal(model(high), model(high / 2))


def test_nothing_of_it_is_trained_and_all_of_it_is_saved() -> None:
    model = encoder()
    assert not list(model.parameters())
    assert set(model.state_dict()) == {"mean_S", "deviation_S", "weight_DS", "bias_D"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"of": "mean", "columns": None, "points": (1.0,)}, "mean at points"),
        ({"of": "percentiles", "columns": None, "points": ()}, "1 or more"),
        ({"of": "percentiles", "columns": None, "points": (50.0, 101.0)}, "0 to 100"),
        ({"of": "spans", "columns": None, "points": (0.5,)}, "2 or more"),
        ({"of": "spans", "columns": None, "points": (0.5, 0.5)}, "rise"),
        ({"of": "spans", "columns": None, "points": (0.0, 2.0)}, "0 to 1"),
        ({"of": "correlation", "columns": (1,), "points": ()}, "two columns"),
        ({"of": "mean", "columns": (), "points": ()}, "columns"),
    ],
)
def test_a_statistic_that_cannot_be_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Pool.model_validate(fields)
