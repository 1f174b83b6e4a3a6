"""The losses that the II loss is compared with, against literal loops over anchors and negatives."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from training.baselines import (
    Mining,
    cosine_pair_loss,
    hardest_negatives_loss,
    label_loss,
    soft_structure_loss,
    triplet_loss,
)

# Two of the seven pairs share a track.
TRACKS = torch.tensor([0, 1, 2, 2, 3, 4, 5])
TRACK = TRACKS.tolist()
PAIRS = range(len(TRACKS))


def drawn(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def some_similarity(seed: int = 0) -> Tensor:
    query, target = (F.normalize(drawn(len(TRACKS), 4, seed=seed + side), dim=1) for side in (0, 1))
    return query @ F.normalize(target + query, dim=1).T


def negatives(row: Sequence[float], anchor: int) -> list[float]:
    return [row[other] for other in PAIRS if TRACK[other] != TRACK[anchor]]


def triplets_of(similarity: Tensor, margin: float, mining: Mining) -> float:
    """The rows as anchors."""
    losses: list[float] = []
    for anchor, row in enumerate(similarity.tolist()):
        own, wrong = row[anchor], negatives(row, anchor)
        if mining == "hardest":
            wrong = [max(wrong)]
        if mining == "semi-hard":
            wrong = [value for value in wrong if own - margin < value < own]
        losses += [max(0.0, margin - own + value) for value in wrong]
    return sum(losses) / len(losses)


@pytest.mark.parametrize("margin", [0.3, 2.5])
@pytest.mark.parametrize("mining", ["all", "semi-hard", "hardest"])
def test_the_triplet_loss_is_the_mean_over_the_mined_triplets_of_both_ways(mining: Mining, margin: float) -> None:
    similarity = some_similarity()
    expected = 0.5 * (triplets_of(similarity, margin, mining) + triplets_of(similarity.T, margin, mining))
    assert triplet_loss(similarity, TRACKS, margin=margin, mining=mining).item() == pytest.approx(expected)


def test_negatives_nearer_than_the_own_pair_are_too_hard_for_semi_hard_mining() -> None:
    too_hard = torch.tensor([[0.2, 0.9], [0.8, 0.1]], requires_grad=True)
    loss = triplet_loss(too_hard, torch.tensor([0, 1]), margin=0.2, mining="semi-hard")
    assert loss.item() == 0
    assert triplet_loss(too_hard, torch.tensor([0, 1]), margin=0.2, mining="hardest").item() == pytest.approx(0.9)


@pytest.mark.parametrize("mining", ["all", "semi-hard", "hardest"])
def test_a_masked_pair_sends_no_gradient_and_no_nan(mining: Mining) -> None:
    similarity = some_similarity().requires_grad_()
    triplet_loss(similarity, TRACKS, margin=0.3, mining=mining).backward()
    assert similarity.grad is not None
    assert similarity.grad.isfinite().all()
    assert similarity.grad[2, 3] == similarity.grad[3, 2] == 0
    assert (similarity.grad.diagonal() < 0).any()


@pytest.mark.parametrize("count", [1, 3, 100])
def test_cbvmr_takes_the_mean_over_the_hardest_negatives_of_each_row(count: int) -> None:
    similarity = some_similarity()
    losses = []
    for anchor, row in enumerate(similarity.tolist()):
        hardest = sorted(negatives(row, anchor), reverse=True)[:count]
        losses += [max(0.0, 0.1 - row[anchor] + value) for value in hardest]
    found = hardest_negatives_loss(similarity, TRACKS, margin=0.1, count=count)
    assert found.item() == pytest.approx(sum(losses) / len(losses))


def cosine(first: Tensor, second: Tensor) -> float:
    return float((first @ second) / (first.norm() * second.norm()))


def sign(value: float) -> int:
    return (value > 0) - (value < 0)


@pytest.mark.parametrize("count", [4, 7, 100])
def test_the_soft_structure_is_the_mean_over_the_triples_of_the_first_items(count: int) -> None:
    raw, embedded = drawn(7, 5, seed=3), drawn(7, 3, seed=4)
    first, terms = range(min(count, 7)), []
    for i in first:
        for j, k in pairwise(first):
            d_raw_ij, d_raw_ik = -cosine(raw[i], raw[j]), -cosine(raw[i], raw[k])
            d_emb_ij, d_emb_ik = -cosine(embedded[i], embedded[j]), -cosine(embedded[i], embedded[k])
            disorder = sign(d_raw_ij - d_raw_ik) - sign(d_emb_ij - d_emb_ik)
            terms.append(disorder * (d_emb_ik - d_emb_ij))
    assert max(terms) > 0
    assert soft_structure_loss(raw, embedded, count=count).item() == pytest.approx(sum(terms) / len(terms))


def test_the_soft_structure_is_zero_where_the_order_is_kept_and_twice_the_gap_where_it_is_not() -> None:
    raw = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    turned = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]])
    assert soft_structure_loss(raw, 5 * raw, count=3).item() == 0
    # i = 1: cosines (1, 0, 0.8) rise from item 2 to 3 where raw ones fall: 2·0.8. i = 2: (0, 1, 0.6) keep the order
    # of (0.8, 1, 0.6). i = 3: (0.8, 0.6, 1) fall from item 1 to 2 where (0, 0.6, 1) rise: 2·0.2. Six triples in all.
    assert soft_structure_loss(raw, turned, count=3).item() == pytest.approx((1.6 + 0.4) / 6)


def test_the_signs_of_the_soft_structure_are_constants_to_its_gradient() -> None:
    embedded = drawn(6, 3, seed=4).requires_grad_()
    raw = drawn(6, 5, seed=3)
    assert torch.autograd.gradcheck(lambda values: soft_structure_loss(raw, values, count=6), (embedded,))
    torch.autograd.backward(soft_structure_loss(raw, embedded, count=4))
    assert embedded.grad is not None
    assert embedded.grad[:4].abs().sum() > 0
    assert embedded.grad[4:].abs().sum() == 0


def test_cme_draws_own_pairs_together_and_pushes_others_below_the_margin() -> None:
    similarity = some_similarity()
    rows = similarity.tolist()
    own = sum(1 - rows[at][at] for at in PAIRS) / len(PAIRS)
    others = [max(0.0, value - 0.2) for anchor in PAIRS for value in negatives(rows[anchor], anchor)]
    expected = 0.4 * own + 0.6 * sum(others) / len(others)
    assert cosine_pair_loss(similarity, TRACKS, margin=0.2, negative_share=0.6).item() == pytest.approx(expected)


def test_the_label_loss_asks_of_each_label_by_itself() -> None:
    logits, labels = drawn(3, 4, seed=5), torch.tensor([[1.0, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]]).double()
    total = 0.0
    for logit, has in zip(logits.flatten().tolist(), labels.flatten().tolist(), strict=True):
        chance = 1 / (1 + math.exp(-logit))
        total -= math.log(chance if has else 1 - chance)
    assert label_loss(logits, labels).item() == pytest.approx(total / 3)


def test_a_batch_of_one_track_has_no_negatives_and_costs_nothing() -> None:
    similarity, one_track = some_similarity(), torch.zeros(7, dtype=torch.int64)
    for mining in ("all", "semi-hard", "hardest"):
        assert triplet_loss(similarity, one_track, margin=0.3, mining=mining).item() == 0
    assert hardest_negatives_loss(similarity, one_track, margin=0.3, count=3).item() == 0


@pytest.mark.parametrize("mining", ["all", "semi-hard", "hardest"])
def test_embeddings_that_are_no_numbers_give_a_loss_that_is_none(mining: Mining) -> None:
    lost = torch.full((7, 7), math.nan)
    assert triplet_loss(lost, TRACKS, margin=0.3, mining=mining).isnan()
    assert hardest_negatives_loss(lost, TRACKS, margin=0.3, count=3).isnan()
    assert cosine_pair_loss(lost, TRACKS, margin=0.3, negative_share=0.5).isnan()
