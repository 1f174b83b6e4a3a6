"""The II loss against arithmetic done by hand on two or three pairs; the working stands beside each number."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from training.losses import LossWeights, ii_loss, inter_loss, intra_loss, raw_similarity

APART = torch.tensor([0, 1])
WEIGHTS = LossWeights()
ONE = torch.tensor(1.0)


def test_the_weights_are_the_papers() -> None:
    assert LossWeights(0.5, 0.5, 0.5, 0.5, gamma_inter=1.0, gamma_intra=3.0) == WEIGHTS


def test_the_inter_loss_of_two_pairs_is_the_one_computed_by_hand() -> None:
    # Row 1: -ln(e^0.6 / (e^0.6 + e^0.8)) = ln(1 + e^0.2)  = 0.798139
    # Row 2: -ln(e^0.5 / (e^0.5 + e^-0.1)) = ln(1 + e^-0.6) = 0.437488
    # Column 1: ln(1 + e^(-0.1 - 0.6)) = 0.403186;  column 2: ln(1 + e^(0.8 - 0.5)) = 0.854355
    similarity = torch.tensor([[0.6, 0.8], [-0.1, 0.5]])
    rows, columns = (0.798139 + 0.437488) / 2, (0.403186 + 0.854355) / 2
    loss = inter_loss(similarity, scale=ONE, track_B=APART, weights=WEIGHTS)
    assert loss.item() == pytest.approx(0.5 * rows + 0.5 * columns, abs=1e-6)
    uneven = LossWeights(alpha_query_to_target=1.0, alpha_target_to_query=0.25)
    loss = inter_loss(similarity, scale=ONE, track_B=APART, weights=uneven)
    assert loss.item() == pytest.approx(rows + 0.25 * columns, abs=1e-6)


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
    loss = inter_loss(similarity, scale=ONE, track_B=torch.tensor([4, 4, 9]), weights=WEIGHTS)
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


def two_pairs() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.6, 0.8], [0.8, -0.6]])


def loss_of(weights: LossWeights, query_BD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Total, inter and intra loss of the two pairs, whose raw sides are written down here."""
    losses = ii_loss(
        query_BD,
        two_pairs()[1],
        raw_similarity_query_BB=torch.tensor([[1.0, 0.75], [0.75, 1.0]]),
        raw_similarity_target_BB=torch.tensor([[1.0, 4 / 3], [4 / 3, 1.0]]),
        scale=ONE,
        track_B=APART,
        weights=weights,
    )
    return losses.total, losses.parts["inter"], losses.parts["intra"]


def test_the_ii_loss_of_two_pairs_is_the_one_computed_by_hand() -> None:
    total, inter, intra = loss_of(WEIGHTS, two_pairs()[0])
    # Inter: S = [[0.6, 0.8], [0.8, -0.6]], (ln(1 + e^0.2) + ln(1 + e^1.4)) / 2 = (0.798139 + 1.620417) / 2 = 1.209278
    # Query: the embedded rows are orthogonal unit vectors; cos((1, 0.75), (1, 0)) = 1/1.25 = 0.8, so 0.2.
    # Target: likewise, cos((1, 4/3), (1, 0)) = 1/(5/3) = 0.6, so 0.4. Intra = 0.5·0.2 + 0.5·0.4 = 0.3.
    assert inter.item() == pytest.approx(1.209278, abs=1e-5)
    assert intra.item() == pytest.approx(0.3, abs=1e-6)
    assert total.item() == pytest.approx((1.209278 + 3 * 0.3) / 2, abs=1e-5)


def test_each_side_and_each_loss_has_its_weight() -> None:
    uneven = LossWeights(beta_query=1.0, beta_target=0.25, gamma_inter=2.0, gamma_intra=6.0)
    total, inter, intra = loss_of(uneven, two_pairs()[0])
    assert intra.item() == pytest.approx(0.2 + 0.25 * 0.4, abs=1e-6)
    assert total.item() == pytest.approx((2 * inter.item() + 6 * 0.3) / 2, abs=1e-5)


def test_gamma_two_of_zero_is_clvm_half_the_inter_loss_and_its_gradient() -> None:
    query, target = two_pairs()
    query.requires_grad_()
    without, _, intra = loss_of(LossWeights(gamma_intra=0.0), query)
    half_inter = 0.5 * inter_loss(query @ target.T, scale=ONE, track_B=APART, weights=WEIGHTS)
    assert without.item() == half_inter.item()
    assert intra.item() == pytest.approx(0.3, abs=1e-6)
    alone, moved = (torch.autograd.grad(loss, query)[0] for loss in (half_inter, loss_of(WEIGHTS, query)[0]))
    torch.testing.assert_close(torch.autograd.grad(without, query)[0], alone)
    assert not torch.allclose(moved, alone)


@pytest.mark.parametrize("gamma_intra", [0.0, 3.0])
def test_the_gradients_are_those_of_finite_differences(gamma_intra: float) -> None:
    generator = torch.Generator().manual_seed(5)
    draw = [torch.randn(3, 4, generator=generator, dtype=torch.float64) for _ in range(4)]
    query, target = (values.requires_grad_() for values in draw[:2])
    raw_query, raw_target = (raw_similarity(values) for values in draw[2:])
    exponent = torch.tensor(0.07, dtype=torch.float64, requires_grad=True)

    def loss(query_BD: Tensor, target_BD: Tensor, exponent: Tensor) -> Tensor:
        return ii_loss(
            F.normalize(query_BD, dim=1),
            F.normalize(target_BD, dim=1),
            raw_similarity_query_BB=raw_query,
            raw_similarity_target_BB=raw_target,
            scale=exponent.exp(),
            track_B=torch.tensor([0, 0, 1]),
            weights=LossWeights(gamma_intra=gamma_intra),
        ).total

    assert torch.autograd.gradcheck(loss, (query, target, exponent))


def test_descending_the_intra_loss_brings_the_embedded_angles_to_the_raw_ones() -> None:
    raw = torch.tensor([[1.0, 0.9, 0.0], [0.9, 1.0, 0.1], [0.0, 0.1, 1.0]])
    free = torch.tensor([[1.0, 0.0], [-0.9, 0.2], [0.7, 0.6]], requires_grad=True)
    optimiser = torch.optim.SGD([free], lr=0.5)
    values: list[float] = []
    for _ in range(60):
        unit = F.normalize(free, dim=1)
        loss = intra_loss(raw, unit @ unit.T)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        values.append(loss.item())
    assert values[-1] < 0.05 < values[0]
    assert all(later <= earlier + 1e-3 for earlier, later in pairwise(values))
