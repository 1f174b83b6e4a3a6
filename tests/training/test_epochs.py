import pytest
import torch

from training.epochs import Epoch, best_of, epoch_of, is_over
from training.errors import TrainingDiverged
from training.evaluation import BothWays, Recalls
from training.losses import Losses


def found(r10: float) -> BothWays:
    """R@10 of the way from query to target; the other way has half of it."""
    there, back = (Recalls(0.0, 0.0, share, 0.0, median_rank=3.0) for share in (r10, r10 / 2))
    return BothWays(7, there, back)


def scored(*scores: float) -> list[Epoch]:
    return [Epoch(number, 1.0, {}, {}, {"alone": found(score)}) for number, score in enumerate(scores, start=1)]


def step(total: float, inter: float) -> Losses:
    return Losses(torch.tensor(total), {"inter": torch.tensor(inter)})


def test_an_epoch_holds_the_means_over_its_steps() -> None:
    epoch = epoch_of(3, [step(1.0, 4.0), step(2.0, 6.0)], {"logit_factor": 1.5}, {"alone": found(0.5)})
    assert (epoch.number, epoch.loss, epoch.parts, epoch.figures) == (3, 1.5, {"inter": 5.0}, {"logit_factor": 1.5})


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), float("-inf")])
def test_a_loss_that_is_no_number_is_named_by_the_first_step_that_has_it(broken: float) -> None:
    with pytest.raises(TrainingDiverged) as caught:
        epoch_of(2, [step(1.0, 1.0), step(broken, 1.0), step(1.0, 1.0), step(broken, 1.0)], {}, {})
    assert (caught.value.epoch, caught.value.step) == (2, 2)


def test_the_score_takes_recalls_at_5_10_and_25_both_ways_and_every_kind_of_words_alike() -> None:
    one = BothWays(7, Recalls(1.0, 0.1, 0.2, 0.3, 1.0), Recalls(1.0, 0.3, 0.4, 0.5, 1.0))
    other = BothWays(7, Recalls(0.0, 0.7, 0.8, 0.9, 1.0), Recalls(0.0, 0.7, 0.8, 0.9, 1.0))
    assert Epoch(1, 0.0, {}, {}, {"alone": one}).score() == pytest.approx(0.3)
    assert Epoch(1, 0.0, {}, {}, {"video alone": one, "with words": other}).score() == pytest.approx((0.3 + 0.8) / 2)


def test_an_epoch_that_was_not_validated_has_no_score() -> None:
    with pytest.raises(ValueError, match="epoch 4 was not validated"):
        Epoch(4, 0.0, {}, {}, {}).score()


def test_of_epochs_that_are_equally_good_the_first_is_the_best() -> None:
    assert best_of(scored(0.1, 0.4, 0.2, 0.4)) == 2


def test_a_run_is_over_when_so_many_epochs_have_brought_nothing_better() -> None:
    assert not is_over(scored(0.1, 0.4, 0.2), patience=2)
    assert is_over(scored(0.1, 0.4, 0.2, 0.3), patience=2)
    assert is_over(scored(0.1, 0.4, 0.4, 0.4), patience=2)
    assert not is_over(scored(0.4, 0.3, 0.2, 0.1), patience=None)


def test_a_run_with_patience_has_to_begin() -> None:
    assert not is_over([], patience=1)
