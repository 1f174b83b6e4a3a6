"""The II loss against arithmetic done by hand on two or three pairs; the working stands beside each number."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from training.losses import (
    LogitScale,
    LossWeights,
    ii_loss,
    inter_loss,
    intra_loss,
    raw_similarity,
    raw_similarity_with_text,
)

APART = torch.tensor([0, 1])
WEIGHTS = LossWeights()


def test_the_logit_scale_starts_at_e_to_the_literal_0_07() -> None:
    scale = LogitScale()
    assert scale.exponent.item() == pytest.approx(0.07)
    assert scale().item() == pytest.approx(1.0725082)
    assert scale.exponent.requires_grad


def test_the_inter_loss_of_two_pairs_is_the_one_computed_by_hand() -> None:
    # Row 1: -ln(e^0.6 / (e^0.6 + e^0.8)) = ln(1 + e^0.2)  = 0.798139
    # Row 2: -ln(e^0.5 / (e^0.5 + e^-0.1)) = ln(1 + e^-0.6) = 0.437488
    # Column 1: ln(1 + e^(-0.1 - 0.6)) = 0.403186;  column 2: ln(1 + e^(0.8 - 0.5)) = 0.854355
    similarity = torch.tensor([[0.6, 0.8], [-0.1, 0.5]])
    rows, columns = (0.798139 + 0.437488) / 2, (0.403186 + 0.854355) / 2
    loss = inter_loss(similarity, scale=torch.tensor(1.0), track_B=APART, weights=WEIGHTS)
    assert loss.item() == pytest.approx(0.5 * rows + 0.5 * columns, abs=1e-6)
    one_way = LossWeights(alpha_video_to_music=1.0, alpha_music_to_video=0.0)
    loss = inter_loss(similarity, scale=torch.tensor(1.0), track_B=APART, weights=one_way)
    assert loss.item() == pytest.approx(rows, abs=1e-6)


def test_the_scale_multiplies_every_cosine() -> None:
    similarity = torch.tensor([[0.6, 0.8], [0.8, -0.6]])
    # Symmetric: rows and columns agree. ln(1 + e^(3·0.2)) = 1.037488, ln(1 + e^(3·1.4)) = 4.214885
    loss = inter_loss(similarity, scale=torch.tensor(3.0), track_B=APART, weights=WEIGHTS)
    assert loss.item() == pytest.approx((1.037488 + 4.214885) / 2, abs=1e-5)


def test_pairs_of_one_track_are_no_negatives_of_each_other() -> None:
    similarity = torch.tensor([[0.9, 0.7, 0.1], [0.8, 0.6, 0.2], [0.3, 0.4, 0.5]])
    # Pairs 1 and 2 share a track, so their rows and columns keep their own logit and that of pair 3:
    # rows ln(1+e^-0.8), ln(1+e^-0.4), ln(1+e^-0.2+e^-0.1); columns ln(1+e^-0.6), ln(1+e^-0.2), ln(1+e^-0.4+e^-0.3)
    rows = [math.log(1 + math.exp(-0.8)), math.log(1 + math.exp(-0.4)), math.log(1 + math.exp(-0.2) + math.exp(-0.1))]
    columns = [
        math.log(1 + math.exp(-0.6)),
        math.log(1 + math.exp(-0.2)),
        math.log(1 + math.exp(-0.4) + math.exp(-0.3)),
    ]
    loss = inter_loss(similarity, scale=torch.tensor(1.0), track_B=torch.tensor([4, 4, 9]), weights=WEIGHTS)
    assert loss.item() == pytest.approx(0.5 * sum(rows) / 3 + 0.5 * sum(columns) / 3, abs=1e-6)


def test_a_batch_of_one_track_only_has_nothing_to_tell_apart() -> None:
    similarity = torch.tensor([[0.1, 0.9], [0.9, 0.1]], requires_grad=True)
    loss = inter_loss(similarity, scale=torch.tensor(5.0), track_B=torch.tensor([3, 3]), weights=WEIGHTS)
    loss.backward()
    assert loss.item() == 0.0
    assert similarity.grad is not None
    assert similarity.grad.abs().max().item() == 0.0


def test_the_intra_loss_is_one_minus_the_mean_cosine_of_the_similarity_rows() -> None:
    raw = torch.tensor([[1.0, 0.6], [0.6, 1.0]])
    embedded = torch.tensor([[1.0, -0.8], [-0.8, 1.0]])
    # Row 1: (1·1 - 0.6·0.8) / (√1.36 · √1.64) = 0.52 / 1.493452 = 0.348187; row 2 the same.
    assert intra_loss(raw, embedded).item() == pytest.approx(1 - 0.348187, abs=1e-5)


def test_the_intra_loss_vanishes_where_the_embeddings_keep_the_raw_angles() -> None:
    raw = torch.tensor([[1.0, 0.3], [0.3, 1.0]])
    assert intra_loss(raw, raw).item() == pytest.approx(0.0, abs=1e-6)
    assert intra_loss(raw, -raw).item() == pytest.approx(2.0, abs=1e-6)


def test_the_raw_similarity_compares_temporal_means() -> None:
    # Means over the two steps: (1, 0), (1, 1), (0, -2).
    features = torch.tensor([[[2.0, 1.0], [0.0, -1.0]], [[1.0, 0.0], [1.0, 2.0]], [[3.0, -4.0], [-3.0, 0.0]]])
    half = math.sqrt(0.5)
    expected = torch.tensor([[1.0, half, 0.0], [half, 1.0, -half], [0.0, -half, 1.0]])
    torch.testing.assert_close(raw_similarity(features), expected)


def text_example() -> tuple[Tensor, Tensor]:
    """Video means (3, 0), (0, 4), (0.6, 0.8) with cosines 0, 0.6, 0.8; texts (1, 0), (0.6, 0.8), (0, 1)."""
    means = torch.tensor([[3.0, 0.0], [0.0, 4.0], [0.6, 0.8]])
    return means[:, None, :].repeat(1, 2, 1), torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])


def test_words_and_pictures_weigh_the_same_in_the_raw_similarity() -> None:
    features, text = text_example()
    found = raw_similarity_with_text(features, text, torch.tensor([True, True, True]), form="unit parts")
    # Means of the two cosines: (0 + 0.6)/2, (0.6 + 0)/2, (0.8 + 0.8)/2
    expected = torch.tensor([[1.0, 0.3, 0.3], [0.3, 1.0, 0.8], [0.3, 0.8, 1.0]])
    torch.testing.assert_close(found, expected)


def test_an_item_without_words_is_compared_by_its_pictures_alone() -> None:
    features, text = text_example()
    found = raw_similarity_with_text(features, text, torch.tensor([True, False, True]), form="unit parts")
    expected = torch.tensor([[1.0, 0.0, 0.3], [0.0, 1.0, 0.8], [0.3, 0.8, 1.0]])
    torch.testing.assert_close(found, expected)


def test_the_literal_form_concatenates_the_vectors_as_they_come() -> None:
    features, text = text_example()
    found = raw_similarity_with_text(features, text, torch.tensor([True, True, False]), form="literal")
    # (1, 0, 3, 0)·(0.6, 0.8, 0, 4) = 0.6 over √10·√17; item 3 is (0, 0, 0.6, 0.8): 1.8/√10 and 3.2/√17.
    first_second, first_third, second_third = 0.6 / math.sqrt(170), 1.8 / math.sqrt(10), 3.2 / math.sqrt(17)
    expected = torch.tensor(
        [[1, first_second, first_third], [first_second, 1, second_third], [first_third, second_third, 1]]
    )
    torch.testing.assert_close(found, expected)


def two_pairs() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    video = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    music = torch.tensor([[0.6, 0.8], [0.8, -0.6]])
    return video, music, torch.tensor([[1.0, 0.75], [0.75, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])


def test_the_ii_loss_of_two_pairs_is_the_one_computed_by_hand() -> None:
    video, music, raw_video, raw_music = two_pairs()
    losses = ii_loss(
        video,
        music,
        raw_similarity_query_BB=raw_video,
        raw_similarity_music_BB=raw_music,
        scale=torch.tensor(1.0),
        track_B=APART,
        weights=WEIGHTS,
    )
    # Inter: S = [[0.6, 0.8], [0.8, -0.6]], (ln(1 + e^0.2) + ln(1 + e^1.4)) / 2 = (0.798139 + 1.620417) / 2 = 1.209278
    # Video: both embedded rows are unit vectors; cos((1, 0.75), (1, 0)) = 1/1.25 = 0.8, so 0.2.
    # Music: orthogonal raw, orthogonal embedded: 0. Intra = 0.5·0.2 + 0.5·0 = 0.1. II = (1.209278 + 3·0.1) / 2
    assert losses.inter.item() == pytest.approx(1.209278, abs=1e-5)
    assert losses.intra.item() == pytest.approx(0.1, abs=1e-6)
    assert losses.total.item() == pytest.approx(0.754639, abs=1e-5)


def total_of(weights: LossWeights, video: Tensor) -> Tensor:
    _, music, raw_video, raw_music = two_pairs()
    return ii_loss(
        video,
        music,
        raw_similarity_query_BB=raw_video,
        raw_similarity_music_BB=raw_music,
        scale=torch.tensor(1.0),
        track_B=APART,
        weights=weights,
    ).total


def gradient(loss: Tensor, of: Tensor) -> Tensor:
    return torch.autograd.grad(loss, of)[0]


def test_gamma_two_of_zero_is_clvm_half_the_inter_loss_and_its_gradient() -> None:
    video, music, *_ = two_pairs()
    video.requires_grad_()
    without = total_of(LossWeights(gamma_intra=0.0), video)
    half_inter = 0.5 * inter_loss(video @ music.T, scale=torch.tensor(1.0), track_B=APART, weights=WEIGHTS)
    assert without.item() == half_inter.item()
    alone, moved = gradient(half_inter, video), gradient(total_of(WEIGHTS, video), video)
    torch.testing.assert_close(gradient(without, video), alone)
    assert not torch.allclose(moved, alone)


@pytest.mark.parametrize("gamma_intra", [0.0, 3.0])
def test_the_gradients_are_those_of_finite_differences(gamma_intra: float) -> None:
    generator = torch.Generator().manual_seed(5)
    draw = [torch.randn(3, 4, generator=generator, dtype=torch.float64) for _ in range(4)]
    video, music = (values.requires_grad_() for values in draw[:2])
    raw_video, raw_music = (raw_similarity(values[:, None, :]) for values in draw[2:])
    exponent = torch.tensor(0.07, dtype=torch.float64, requires_grad=True)

    def loss(video_BD: Tensor, music_BD: Tensor, exponent: Tensor) -> Tensor:
        return ii_loss(
            torch.nn.functional.normalize(video_BD, dim=1),
            torch.nn.functional.normalize(music_BD, dim=1),
            raw_similarity_query_BB=raw_video,
            raw_similarity_music_BB=raw_music,
            scale=exponent.exp(),
            track_B=torch.tensor([0, 0, 1]),
            weights=LossWeights(gamma_intra=gamma_intra),
        ).total

    assert torch.autograd.gradcheck(loss, (video, music, exponent))


def test_descending_the_intra_loss_brings_the_embedded_angles_to_the_raw_ones() -> None:
    raw = torch.tensor([[1.0, 0.9, 0.0], [0.9, 1.0, 0.1], [0.0, 0.1, 1.0]])
    free = torch.tensor([[1.0, 0.0], [-0.9, 0.2], [0.7, 0.6]], requires_grad=True)
    optimiser = torch.optim.SGD([free], lr=0.5)
    values: list[float] = []
    for _ in range(60):
        unit = torch.nn.functional.normalize(free, dim=1)
        loss = intra_loss(raw, unit @ unit.T)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        values.append(loss.item())
    assert values[-1] < 0.05 < values[0]
    assert all(later <= earlier + 1e-3 for earlier, later in pairwise(values))
