"""The modules that compute each objective's loss; some have weights of their own. They know no model.

Axes: B pairs in a batch, E width of a frozen feature, D embedding width, L labels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.baselines import (
    cosine_pair_loss,
    hardest_negatives_loss,
    label_loss,
    soft_structure_loss,
    triplet_loss,
)
from training.losses import Losses, ii_loss, raw_similarity, raw_similarity_with_text
from training.objectives import CBVMR, CME, II, Triplet


@dataclass(frozen=True, slots=True)
class Known:
    """What a loss may know of a batch beside its embeddings: temporal means of the raw features, words, tracks."""

    query_BE: Tensor
    target_BE: Tensor
    text_BE: Tensor | None
    has_text_B: Tensor | None
    track_B: Tensor
    label_BL: Tensor | None


class LogitScale(nn.Module):
    """The learnable n_t: cosines are multiplied by e^{n_t}. Starts at 0.07 as it stands, so at a factor of 1.07."""

    def __init__(self, start: float = 0.07) -> None:
        super().__init__()
        self.exponent = nn.Parameter(torch.tensor(start))

    def forward(self) -> Tensor:
        return self.exponent.exp()


class IILoss(nn.Module):
    def __init__(self, settings: II) -> None:
        super().__init__()
        self.settings = settings
        self.learning_rate = settings.logit_scale_learning_rate
        self.scale = LogitScale(settings.logit_scale_start)

    def forward(self, query_BD: Tensor, target_BD: Tensor, known: Known) -> Losses:
        if known.text_BE is None or known.has_text_B is None:
            raw_query_BB = raw_similarity(known.query_BE)
        else:
            form = self.settings.raw_text_form
            raw_query_BB = raw_similarity_with_text(known.query_BE, known.text_BE, known.has_text_B, form=form)
        return ii_loss(
            query_BD,
            target_BD,
            raw_similarity_query_BB=raw_query_BB,
            raw_similarity_target_BB=raw_similarity(known.target_BE),
            scale=self.scale(),
            track_B=known.track_B,
            weights=self.settings.weights,
        )

    def figures(self) -> dict[str, float]:
        return {"logit_factor": self.scale().item()}


class TripletLoss(nn.Module):
    learning_rate = None

    def __init__(self, settings: Triplet) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, query_BD: Tensor, target_BD: Tensor, known: Known) -> Losses:
        margin, mining = self.settings.margin, self.settings.mining
        total = triplet_loss(query_BD @ target_BD.T, known.track_B, margin=margin, mining=mining)
        return Losses(total, {"inter": total})

    def figures(self) -> dict[str, float]:
        return {}


class CBVMRLoss(nn.Module):
    learning_rate = None

    def __init__(self, settings: CBVMR) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, query_BD: Tensor, target_BD: Tensor, known: Known) -> Losses:
        settings, similarity_BB = self.settings, query_BD @ target_BD.T
        query_anchor, target_anchor = (
            hardest_negatives_loss(similarity, known.track_B, margin=settings.margin, count=settings.hardest)
            for similarity in (similarity_BB, similarity_BB.T)
        )
        inter = settings.weight_target_anchor * target_anchor + settings.weight_query_anchor * query_anchor
        structure = soft_structure_loss(known.query_BE, query_BD, count=settings.hardest) + soft_structure_loss(
            known.target_BE, target_BD, count=settings.hardest
        )
        return Losses(inter + settings.weight_structure * structure, {"inter": inter, "structure": structure})

    def figures(self) -> dict[str, float]:
        return {}


class CMELoss(nn.Module):
    learning_rate = None

    def __init__(self, settings: CME, *, embedding_dim: int, label_count: int) -> None:
        super().__init__()
        self.settings = settings
        self.classifier = nn.Linear(embedding_dim, label_count)

    def forward(self, query_BD: Tensor, target_BD: Tensor, known: Known) -> Losses:
        if known.label_BL is None:
            raise ValueError("the classification loss needs labels")
        margin, share = self.settings.margin, self.settings.negative_share
        inter = cosine_pair_loss(query_BD @ target_BD.T, known.track_B, margin=margin, negative_share=share)
        labels = sum(
            (label_loss(self.classifier(side), known.label_BL) for side in (query_BD, target_BD)), inter.new_zeros(())
        )
        return Losses(inter + self.settings.weight_labels * labels, {"inter": inter, "labels": labels})

    def figures(self) -> dict[str, float]:
        return {}


LossModule = IILoss | TripletLoss | CBVMRLoss | CMELoss


def loss_module(objective: II | Triplet | CBVMR | CME, *, embedding_dim: int, label_count: int) -> LossModule:
    """The module of an objective that is trained."""
    if isinstance(objective, II):
        return IILoss(objective)
    if isinstance(objective, Triplet):
        return TripletLoss(objective)
    if isinstance(objective, CBVMR):
        return CBVMRLoss(objective)
    return CMELoss(objective, embedding_dim=embedding_dim, label_count=label_count)
