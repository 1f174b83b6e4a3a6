from dataclasses import replace

import pytest
import torch
from torch import nn

from app.encoders.models import TwoTowers, video_music_model
from tests.training.pairs_at_random import tiny_encoder, tiny_run
from training.loss_modules import IILoss, LossModule, loss_module
from training.objectives import CME, II, Triplet
from training.optimisation import average_of, kept_model, optimiser_of, rate_factor, schedule_of


@pytest.fixture
def model() -> TwoTowers:
    return video_music_model(tiny_encoder())


def rates_of(optimiser: torch.optim.Optimizer) -> dict[int, float]:
    listed = [(id(weight), group["lr"]) for group in optimiser.param_groups for weight in group["params"]]
    assert len(listed) == len(dict(listed)), "a weight is in two groups"
    return dict(listed)


def last_bias(model: TwoTowers) -> nn.Parameter:
    return model.get_parameter("target.projection.bias")


@pytest.mark.parametrize(
    "loss", [IILoss(II()), *(loss_module(one, embedding_dim=5, label_count=3) for one in (CME(), Triplet()))]
)
def test_every_weight_of_model_and_loss_is_in_one_group(model: TwoTowers, loss: LossModule) -> None:
    assert rates_of(optimiser_of(tiny_run(), model, loss)).keys() == {
        id(weight) for weight in [*model.parameters(), *loss.parameters()]
    }


def test_a_tower_of_both_sides_is_optimised_once(model: TwoTowers) -> None:
    shared = TwoTowers(model.query, model.query, None)
    assert rates_of(optimiser_of(tiny_run(), shared, IILoss(II()))).keys() >= {id(w) for w in model.query.parameters()}


def test_words_and_the_loss_may_learn_at_rates_of_their_own(model: TwoTowers) -> None:
    run = replace(tiny_run(), text_learning_rate=0.5, learning_rate=0.25)
    loss = IILoss(II(logit_scale_learning_rate=0.125))
    rates = rates_of(optimiser_of(run, model, loss))
    assert model.text_state is not None
    assert {rates[id(weight)] for weight in model.text_state.parameters()} == {0.5}
    assert {rates[id(weight)] for weight in [*model.query.parameters(), *model.target.parameters()]} == {0.25}
    assert {rates[id(weight)] for weight in loss.parameters()} == {0.125}


def test_a_loss_without_a_rate_of_its_own_and_words_without_one_learn_as_the_rest(model: TwoTowers) -> None:
    classes = loss_module(CME(), embedding_dim=5, label_count=3)
    assert set(rates_of(optimiser_of(replace(tiny_run(), learning_rate=0.25), model, classes)).values()) == {0.25}


def test_the_weights_of_the_loss_do_not_decay(model: TwoTowers) -> None:
    groups = optimiser_of(replace(tiny_run(), weight_decay=0.3), model, IILoss(II())).param_groups
    assert [group["weight_decay"] for group in groups] == [0.3, 0.3, 0.0]


def test_a_cosine_falls_from_one_over_its_half_to_zero_at_the_end() -> None:
    factor = rate_factor(replace(tiny_run(), epochs=5), 4)
    assert [factor(step) for step in (0, 10, 20, 21)] == pytest.approx([1.0, 0.5, 0.0, 0.0])
    assert all(factor(step) > factor(step + 1) for step in range(19))


def test_rates_rise_evenly_over_the_warm_up_and_reach_one_after_it() -> None:
    run = replace(tiny_run(), epochs=5, warmup_epochs=0.75, schedule="constant")
    assert [rate_factor(run, 4)(step) for step in range(6)] == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1])
    cosine = rate_factor(replace(run, schedule="cosine"), 4)
    assert [cosine(step) for step in (0, 1, 2, 3, 20)] == pytest.approx([0.25, 0.5, 0.75, 1, 0])


def test_the_schedule_multiplies_the_rate_of_every_group_step_by_step(model: TwoTowers) -> None:
    run = replace(tiny_run(), epochs=2, text_learning_rate=0.5)
    optimiser = optimiser_of(run, model, IILoss(II()))
    schedule = schedule_of(run, optimiser, steps_an_epoch=2)
    found = []
    for _ in range(5):
        found.append([group["lr"] for group in optimiser.param_groups])
        optimiser.step()
        schedule.step()
    shares = torch.tensor(found) / torch.tensor(found[0])
    expected = torch.tensor([rate_factor(run, 2)(step) for step in range(5)])
    torch.testing.assert_close(shares, expected[:, None].expand(5, 3))
    assert shares[-1].tolist() == [0, 0, 0]


def test_the_running_mean_follows_the_weights_by_its_decay(model: TwoTowers) -> None:
    average = average_of(replace(tiny_run(), weight_average=0.75), model)
    assert average is not None
    before = last_bias(model).detach().clone()
    average.update_parameters(model)
    with torch.no_grad():
        last_bias(model).add_(1)
    average.update_parameters(model)
    mean = kept_model(model, average)
    assert mean is not model
    torch.testing.assert_close(last_bias(mean).detach(), before + 0.25)


def test_without_a_running_mean_the_weights_themselves_are_kept(model: TwoTowers) -> None:
    assert average_of(tiny_run(), model) is None
    assert kept_model(model, None) is model


def test_a_mean_of_something_else_than_two_towers_is_refused(model: TwoTowers) -> None:
    with pytest.raises(TypeError):
        kept_model(model, torch.optim.swa_utils.AveragedModel(nn.Linear(1, 1)))
