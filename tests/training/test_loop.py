from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.pairs_at_random import (
    LINEAR,
    captioned_design,
    image_design,
    tiny_run,
    write_captioned_pairs,
    write_labelled_images,
    write_random_pairs,
)
from training.drawing import WithinClasses
from training.errors import PairSetError, TrainingDiverged
from training.evaluation import BothWays, Recalls
from training.loop import Listener, Trained, precision_of, train
from training.losses import LossWeights
from training.objectives import CBVMR, CME, II, Objective, Triplet
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.retrieval import recalls_with
from training.setup import prepare

CPU = torch.device("cpu")


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_random_pairs(tmp_path / "pairs", count=128))


def trained_with(pairs: PairSet, **changed: Any) -> Trained:
    return train(prepare(replace(tiny_run(), **changed), pairs))


def losses_of(trained: Trained) -> list[float]:
    return [epoch.loss for epoch in trained.epochs]


def weights_of(trained: Trained) -> Tensor:
    return torch.cat([weights.flatten() for weights in trained.model.state_dict().values()])


def scores_in_turn(monkeypatch: pytest.MonkeyPatch, *scores: float) -> None:
    """Validation that finds what it is told to, epoch by epoch."""
    told = iter(scores)

    def found(*_: object) -> BothWays:
        share = next(told)
        recalls = Recalls(0.0, share, share, share, median_rank=1.0)
        return BothWays(9, recalls, recalls)

    monkeypatch.setattr("training.loop.recalls_with", found)


def test_the_same_seed_gives_the_same_losses_and_weights_and_another_seed_others(pairs: PairSet) -> None:
    first, again, other = (trained_with(pairs, seed=seed, feature_noise=0.1) for seed in (1, 1, 2))
    assert losses_of(first) == losses_of(again)
    assert torch.equal(weights_of(first), weights_of(again))
    assert set(losses_of(first)).isdisjoint(losses_of(other))


def test_training_learns_pairs_that_share_something(pairs: PairSet) -> None:
    trained = trained_with(pairs, epochs=30)
    found = recalls_with(trained.model, trained.feed, pairs.items_of("test"), frozenset())
    # Chance is 10 of 32.
    assert found.query_to_target.r10 > 0.7
    assert found.pool == 32


def test_the_model_kept_is_that_of_the_best_epoch(pairs: PairSet) -> None:
    trained = trained_with(pairs, epochs=8, learning_rate=3e-2)
    best = trained.epochs[trained.kept_epoch - 1]
    assert best.score() == max(epoch.score() for epoch in trained.epochs)
    again = recalls_with(trained.model, trained.feed, pairs.items_of("validation"), frozenset())
    assert again == best.validation["video alone"]
    assert not trained.model.training


def test_the_best_epoch_is_kept_also_where_later_ones_were_worse(
    pairs: PairSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two kinds of words are validated in each epoch.
    scores_in_turn(monkeypatch, 0.1, 0.1, 0.6, 0.6, 0.2, 0.2)
    best = trained_with(pairs, schedule="constant")
    scores_in_turn(monkeypatch, 0.1, 0.1, 0.6, 0.6)
    two_epochs = trained_with(pairs, schedule="constant", epochs=2, keep="last")
    assert (best.kept_epoch, len(best.epochs)) == (2, 3)
    assert torch.equal(weights_of(best), weights_of(two_epochs))


def test_the_last_epoch_is_kept_where_the_run_says_so(pairs: PairSet, monkeypatch: pytest.MonkeyPatch) -> None:
    scores_in_turn(monkeypatch, *[0.6] * 2, *[0.1] * 4)
    last = trained_with(pairs, keep="last")
    scores_in_turn(monkeypatch, *[0.1] * 4, *[0.6] * 2)
    best_at_last = trained_with(pairs)
    assert last.kept_epoch == best_at_last.kept_epoch == 3
    assert torch.equal(weights_of(last), weights_of(best_at_last))


def test_a_run_that_keeps_its_last_epoch_needs_nothing_to_validate_on(tmp_path: Path) -> None:
    folder = write_random_pairs(tmp_path / "all", count=32)
    items = (folder / "items.jsonl").read_text()
    (folder / "items.jsonl").write_text(items.replace('"validation"', '"train"'))
    unheld = open_pair_set(folder)
    assert [dict(epoch.validation) for epoch in trained_with(unheld, keep="last").epochs] == [{}] * 3
    for changed in ({}, {"keep": "last", "patience": 1}):
        with pytest.raises(PairSetError, match="only 0 in 'validation'"):
            trained_with(unheld, **changed)


def test_a_run_ends_when_its_patience_does(pairs: PairSet, monkeypatch: pytest.MonkeyPatch) -> None:
    scores_in_turn(monkeypatch, 0.1, 0.1, 0.6, 0.6, 0.2, 0.2, 0.6, 0.6)
    trained = trained_with(pairs, epochs=50, patience=2)
    assert (len(trained.epochs), trained.kept_epoch) == (4, 2)


def test_a_running_mean_of_the_weights_is_what_is_validated_and_kept(pairs: PairSet) -> None:
    averaged, plain = (trained_with(pairs, keep="last", weight_average=decay) for decay in (0.9, None))
    # The steps are the same, only what is looked at is not.
    assert losses_of(averaged) == losses_of(plain)
    assert not torch.equal(weights_of(averaged), weights_of(plain))
    again = recalls_with(averaged.model, averaged.feed, pairs.items_of("validation"), frozenset())
    assert again == averaged.epochs[-1].validation["video alone"]


def test_without_gamma_two_the_intra_loss_is_reported_and_not_learnt(pairs: PairSet) -> None:
    without, with_intra = (
        trained_with(pairs, epochs=15, objective=II(LossWeights(gamma_intra=gamma))).epochs[-1] for gamma in (0.0, 3.0)
    )
    assert without.loss == pytest.approx(0.5 * without.parts["inter"], rel=1e-5)
    assert with_intra.loss == pytest.approx(0.5 * (with_intra.parts["inter"] + 3 * with_intra.parts["intra"]), rel=1e-5)
    assert with_intra.parts["intra"] < without.parts["intra"]


def test_every_step_and_every_epoch_is_reported(pairs: PairSet) -> None:
    steps: list[tuple[int, float]] = []
    epochs: list[int] = []
    resumed: list[int] = []
    listener = Listener(
        lambda count, losses: steps.append((count, losses.total.item())),
        lambda epoch: epochs.append(epoch.number),
        lambda epochs: resumed.append(len(epochs)),
    )
    trained = train(prepare(tiny_run(), pairs), listener=listener)
    assert [count for count, _ in steps] == [16] * 4 * 3
    assert trained.epochs[0].loss == pytest.approx(np.mean([loss for _, loss in steps[:4]]))
    assert (epochs, resumed) == ([1, 2, 3], [0])


def test_the_factor_of_the_logits_starts_at_the_literal_value_and_is_learnt(pairs: PairSet) -> None:
    still = trained_with(pairs, epochs=1, objective=II(logit_scale_learning_rate=0.0))
    assert still.epochs[0].figures["logit_factor"] == pytest.approx(float(np.exp(0.07)))
    moved = trained_with(pairs, epochs=12)
    assert moved.epochs[-1].figures["logit_factor"] > 1.2


def test_noise_on_the_features_changes_what_is_learnt(pairs: PairSet) -> None:
    plain, noised = (losses_of(trained_with(pairs, feature_noise=noise)) for noise in (0.0, 0.5))
    assert set(plain).isdisjoint(noised)


def test_a_loss_that_is_no_number_stops_the_run(pairs: PairSet) -> None:
    with pytest.raises(TrainingDiverged) as caught:
        trained_with(pairs, objective=II(logit_scale_start=float("inf")))
    assert (caught.value.epoch, caught.value.step) == (1, 1)


def test_a_run_without_words_is_validated_without_them(pairs: PairSet) -> None:
    trained = trained_with(pairs, design=replace(tiny_run().design, words=None))
    assert [list(epoch.validation) for epoch in trained.epochs] == [["alone"]] * 3
    assert trained.model.text_state is None
    assert weights_of(trained).isfinite().all()


@pytest.mark.parametrize("objective", [Triplet(mining="semi-hard"), CBVMR(hardest=8)])
def test_other_losses_train_the_same_towers(pairs: PairSet, objective: Objective) -> None:
    losses = losses_of(trained_with(pairs, objective=objective, epochs=10))
    assert losses[-1] < losses[0]


def test_sounds_learn_from_one_of_their_captions_at_a_time(tmp_path: Path) -> None:
    sounds = open_pair_set(write_captioned_pairs(tmp_path / "captioned", count=128))
    trained = trained_with(sounds, design=captioned_design(), epochs=20)
    items = sounds.items_of("test", owning=["caption"])
    assert recalls_with(trained.model, trained.feed, items, frozenset()).query_to_target.r5 > 0.4


def test_pairs_of_one_class_train_one_tower_for_both_sides(tmp_path: Path) -> None:
    images = open_pair_set(write_labelled_images(tmp_path / "images", count=96))
    changes = {"design": image_design(), "objective": CME(), "drawing": WithinClasses(), "batch_pairs": 3, "epochs": 5}
    trained = trained_with(images, **changes)
    assert trained.epochs[-1].parts["labels"] < trained.epochs[0].parts["labels"]
    assert trained.model.query is trained.model.target


def test_every_epoch_draws_batches_steps_and_captions_of_its_own(tmp_path: Path) -> None:
    sounds = open_pair_set(write_captioned_pairs(tmp_path / "captioned", count=34))
    design = captioned_design()
    still = replace(design, query=replace(design.query, sequence_encoder=LINEAR))
    # Nothing is learnt, and one batch holds all: only what is drawn of an item differs.
    objective = II(logit_scale_learning_rate=0.0)
    trained = trained_with(sounds, design=still, learning_rate=0.0, weight_decay=0.0, objective=objective)
    assert len(set(losses_of(trained))) == 3


def test_towers_computed_in_bfloat16_learn_with_losses_in_float32(pairs: PairSet) -> None:
    seen: set[torch.dtype] = set()
    run = replace(tiny_run(), precision="bf16", epochs=6)
    trained = train(prepare(run, pairs), listener=Listener(lambda _, losses: seen.add(losses.total.dtype)))
    assert seen == {torch.float32}
    assert weights_of(trained).dtype == torch.float32
    assert weights_of(trained).isfinite().all()
    assert losses_of(trained)[-1] < losses_of(trained)[0]
    exact = losses_of(trained_with(pairs, epochs=6))
    assert losses_of(trained) != exact
    assert losses_of(trained) == pytest.approx(exact, rel=0.02)


def test_the_precision_is_float32_unless_the_run_or_the_device_says_otherwise() -> None:
    assert precision_of(tiny_run(), CPU) == torch.float32
    assert precision_of(replace(tiny_run(), precision="auto"), CPU) == torch.float32
    assert precision_of(replace(tiny_run(), precision="bf16"), CPU) == torch.bfloat16
    assert precision_of(replace(tiny_run(), precision="fp16"), CPU) == torch.float16
