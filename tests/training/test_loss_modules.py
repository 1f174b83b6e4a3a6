"""Each objective's module: what its total is made of, and what of it learns."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from training.baselines import cosine_pair_loss, hardest_negatives_loss, soft_structure_loss
from training.loss_modules import CBVMRLoss, CMELoss, IILoss, Known, LogitScale, TripletLoss, loss_module
from training.losses import LossWeights, raw_similarity, raw_similarity_with_text
from training.objectives import CBVMR, CME, II, Triplet

PAIRS, WIDTH, LABELS = 8, 5, 3


def drawn(width: int, seed: int) -> Tensor:
    return torch.randn(PAIRS, width, generator=torch.Generator().manual_seed(seed))


def sides() -> tuple[Tensor, Tensor]:
    query, target = (F.normalize(drawn(WIDTH, seed), dim=1).requires_grad_() for seed in (1, 2))
    return query, target


def known(*, with_text: bool = False, with_labels: bool = False) -> Known:
    return Known(
        query_BE=drawn(6, 3),
        target_BE=drawn(4, 4),
        text_BE=drawn(7, 5) if with_text else None,
        has_text_B=torch.arange(PAIRS) % 3 > 0 if with_text else None,
        track_B=torch.tensor([0, 0, 1, 2, 3, 4, 5, 6]),
        label_BL=(drawn(LABELS, 6) > 0).float() if with_labels else None,
    )


def gradients(total: Tensor, *of: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad(total, of, retain_graph=True)


def test_the_logit_scale_starts_at_e_to_the_literal_0_07() -> None:
    scale = LogitScale()
    assert scale.exponent.item() == pytest.approx(0.07)
    assert scale().item() == pytest.approx(1.0725082)
    module = IILoss(II())
    assert module.figures() == {"logit_factor": pytest.approx(1.0725082)}
    assert [weight.item() for weight in module.parameters()] == [pytest.approx(0.07)]
    assert IILoss(II(logit_scale_start=2.3)).figures()["logit_factor"] == pytest.approx(math.exp(2.3))


def test_the_scale_learns_from_the_loss_at_a_rate_of_its_own() -> None:
    module = IILoss(II(logit_scale_learning_rate=0.5))
    assert module.learning_rate == 0.5
    (moved,) = gradients(module(*sides(), known()).total, module.scale.exponent)
    assert moved.item() != 0


def test_the_ii_total_is_half_of_inter_and_three_times_intra() -> None:
    losses = IILoss(II())(*sides(), known())
    inter, intra = losses.parts["inter"], losses.parts["intra"]
    torch.testing.assert_close(losses.total, 0.5 * (inter + 3 * intra))
    assert intra.item() > 0.01


def test_a_gamma_intra_of_zero_reports_the_intra_loss_and_moves_nothing_by_it() -> None:
    query, target = sides()
    without = IILoss(II(LossWeights(gamma_intra=0.0)))(query, target, known())
    with_it = IILoss(II())(query, target, known())
    torch.testing.assert_close(without.parts["intra"], with_it.parts["intra"])
    assert not without.parts["intra"].requires_grad
    half_inter = 0.5 * with_it.parts["inter"]
    for found, alone in zip(gradients(without.total, query, target), gradients(half_inter, query, target), strict=True):
        assert torch.equal(found, alone)


@pytest.mark.parametrize("form", ["unit parts", "literal"])
def test_words_are_part_of_the_querys_raw_side_alone(form: str) -> None:
    query, target = sides()
    told = known(with_text=True)
    assert told.text_BE is not None
    assert told.has_text_B is not None
    settings = II(raw_text_form="literal" if form == "literal" else "unit parts")
    losses = IILoss(settings)(query, target, told)
    raw_query = raw_similarity_with_text(told.query_BE, told.text_BE, told.has_text_B, form=settings.raw_text_form)
    by_row = [
        1 - F.cosine_similarity(raw, embedded @ embedded.T, dim=1)
        for raw, embedded in ((raw_query, query), (raw_similarity(told.target_BE), target))
    ]
    torch.testing.assert_close(losses.parts["intra"], 0.5 * by_row[0].mean() + 0.5 * by_row[1].mean())
    assert losses.parts["intra"].item() != pytest.approx(IILoss(settings)(query, target, known()).parts["intra"].item())


def test_cbvmr_weighs_the_target_anchor_three_and_each_structure_a_fifth() -> None:
    query, target = sides()
    batch, similarity = known(), query @ target.T
    losses = CBVMRLoss(CBVMR())(query, target, batch)
    query_anchor, target_anchor = (
        hardest_negatives_loss(values, batch.track_B, margin=0.1, count=100) for values in (similarity, similarity.T)
    )
    structures = [
        soft_structure_loss(raw, embedded, count=100)
        for raw, embedded in ((batch.query_BE, query), (batch.target_BE, target))
    ]
    torch.testing.assert_close(losses.parts["inter"], 3 * target_anchor + query_anchor)
    torch.testing.assert_close(losses.parts["structure"], structures[0] + structures[1])
    torch.testing.assert_close(losses.total, losses.parts["inter"] + 0.2 * losses.parts["structure"])
    assert structures[0].item() != structures[1].item()
    assert query_anchor.item() != target_anchor.item()


def test_cbvmr_with_its_weights_on_one_anchor_hears_that_one_alone() -> None:
    query, target = sides()
    settings = CBVMR(hardest=2, weight_target_anchor=0.0, weight_query_anchor=2.0, weight_structure=0.0)
    expected = 2 * hardest_negatives_loss(query @ target.T, known().track_B, margin=0.1, count=2)
    torch.testing.assert_close(CBVMRLoss(settings)(query, target, known()).total, expected)


def test_cme_classifies_both_embeddings_by_one_layer() -> None:
    query, target = sides()
    batch = known(with_labels=True)
    assert batch.label_BL is not None
    torch.manual_seed(0)
    module = CMELoss(CME(), embedding_dim=WIDTH, label_count=LABELS)
    losses = module(query, target, batch)
    torch.testing.assert_close(losses.total, losses.parts["inter"] + 0.02 * losses.parts["labels"])
    pairs_apart = cosine_pair_loss(query @ target.T, batch.track_B, margin=0.2, negative_share=0.6)
    torch.testing.assert_close(losses.parts["inter"], pairs_apart)
    sums = [
        F.binary_cross_entropy_with_logits(module.classifier(side), batch.label_BL, reduction="sum")
        for side in (query, target)
    ]
    torch.testing.assert_close(losses.parts["labels"], (sums[0] + sums[1]) / PAIRS)
    assert {tuple(weight.shape) for weight in module.parameters()} == {(LABELS, WIDTH), (LABELS,)}
    with pytest.raises(ValueError, match="needs labels"):
        module(query, target, replace(batch, label_BL=None))


def test_the_triplet_module_has_one_part_and_it_is_the_total() -> None:
    query, target = sides()
    losses = TripletLoss(Triplet(margin=0.4, mining="hardest"))(query, target, known())
    assert losses.parts.keys() == {"inter"}
    assert torch.equal(losses.total, losses.parts["inter"])
    assert losses.total.item() != TripletLoss(Triplet(margin=0.4))(query, target, known()).total.item()


@pytest.mark.parametrize(
    ("objective", "kind"), [(II(), IILoss), (Triplet(), TripletLoss), (CBVMR(), CBVMRLoss), (CME(), CMELoss)]
)
def test_each_objective_has_its_module(objective: II | Triplet | CBVMR | CME, kind: type) -> None:
    module = loss_module(objective, embedding_dim=WIDTH, label_count=LABELS)
    assert type(module) is kind
    losses = module(*sides(), known(with_labels=True))
    detached = losses.detached()
    assert not any(value.requires_grad for value in (detached.total, *detached.parts.values()))
    assert detached.total.item() == losses.total.item()
    assert losses.total.requires_grad
