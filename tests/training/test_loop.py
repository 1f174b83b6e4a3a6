from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.encoders.models import VideoMusicModel
from tests.training.pairs_at_random import tiny_run, write_random_pairs
from training.errors import PairSetError, TrainingDiverged
from training.loop import optimiser_of, train
from training.losses import LogitScale, LossWeights
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.retrieval import recalls_with


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_random_pairs(tmp_path / "pairs", count=128))


def losses_of(pairs: PairSet, seed: int) -> list[float]:
    return [epoch.loss for epoch in train(replace(tiny_run(), seed=seed), pairs).epochs]


def test_the_same_seed_gives_the_same_losses_and_another_seed_others(pairs: PairSet) -> None:
    assert losses_of(pairs, 1) == losses_of(pairs, 1)
    assert losses_of(pairs, 1) != losses_of(pairs, 2)


def test_training_learns_pairs_that_share_something(pairs: PairSet) -> None:
    run = replace(tiny_run(), epochs=30)
    trained = train(run, pairs)
    found = recalls_with(trained.model, trained.feed, pairs.items_of("test"), frozenset())
    # Chance is 10 of 32.
    assert found.video_to_music.r10 > 0.7
    assert found.pool == 32


def test_the_model_kept_is_that_of_the_best_epoch(pairs: PairSet) -> None:
    trained = train(replace(tiny_run(), epochs=8, learning_rate=3e-2), pairs)
    best = trained.epochs[trained.best_epoch - 1]
    assert best.score() == max(epoch.score() for epoch in trained.epochs)
    again = recalls_with(trained.model, trained.feed, pairs.items_of("validation"), frozenset())
    assert again == best.video_alone
    assert not trained.model.training


def test_without_gamma_two_the_intra_loss_is_reported_and_not_learnt(pairs: PairSet) -> None:
    without, with_intra = (
        train(replace(tiny_run(), epochs=15, loss=LossWeights(gamma_intra=gamma)), pairs).epochs[-1]
        for gamma in (0.0, 3.0)
    )
    assert without.loss == pytest.approx(0.5 * without.inter, rel=1e-5)
    assert with_intra.loss == pytest.approx(0.5 * (with_intra.inter + 3 * with_intra.intra), rel=1e-5)
    assert with_intra.intra < without.intra


def test_every_step_and_every_epoch_is_reported(pairs: PairSet) -> None:
    steps: list[int] = []
    epochs: list[int] = []
    train(tiny_run(), pairs, on_step=steps.append, on_epoch=lambda epoch: epochs.append(epoch.number))
    assert steps == [16] * 4 * 3
    assert epochs == [1, 2, 3]


def test_the_factor_of_the_logits_starts_at_the_literal_value_and_is_learnt(pairs: PairSet) -> None:
    still = train(replace(tiny_run(), epochs=1, logit_scale_learning_rate=0.0), pairs)
    assert still.epochs[0].logit_factor == pytest.approx(float(np.exp(0.07)))
    moved = train(replace(tiny_run(), epochs=12), pairs)
    assert moved.epochs[-1].logit_factor > 1.2


def test_words_may_learn_at_a_rate_of_their_own_and_no_weight_is_left_out() -> None:
    run = replace(tiny_run(), text_learning_rate=0.5)
    model, scale = VideoMusicModel(run.encoder), LogitScale()
    optimiser, _ = optimiser_of(run, model, scale, steps=10)
    rates = {id(weight): group["lr"] for group in optimiser.param_groups for weight in group["params"]}
    assert model.text_state is not None
    assert {rates[id(weight)] for weight in model.text_state.parameters()} == {0.5}
    assert {rates[id(weight)] for weight in model.music.parameters()} == {run.learning_rate}
    assert rates.keys() == {id(weight) for weight in [*model.parameters(), *scale.parameters()]}


def test_noise_on_the_features_changes_what_is_learnt(pairs: PairSet) -> None:
    plain, noised = (train(replace(tiny_run(), feature_noise=noise), pairs).epochs[-1].loss for noise in (0.0, 0.5))
    assert plain != noised


def test_pairs_that_do_not_fit_are_refused_before_the_first_step(pairs: PairSet) -> None:
    with pytest.raises(PairSetError):
        train(replace(tiny_run(), batch_pairs=65), pairs, on_step=lambda count: pytest.fail("it trained"))


def test_a_loss_that_is_no_number_stops_the_run(pairs: PairSet) -> None:
    with pytest.raises(TrainingDiverged) as caught:
        train(replace(tiny_run(), logit_scale_start=float("inf")), pairs)
    assert (caught.value.epoch, caught.value.step) == (1, 1)


def test_a_run_without_words_trains_the_video_alone(pairs: PairSet) -> None:
    run = tiny_run()
    trained = train(replace(run, encoder=run.encoder.model_copy(update={"text": None})), pairs)
    assert trained.epochs[-1].video_alone == trained.epochs[-1].with_both
    assert all(torch.isfinite(weights).all() for weights in trained.model.state_dict().values())
