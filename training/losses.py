"""The II loss: inter loss, intra loss and their sum (II-CLVM, eqs. 1 to 10). Knows embeddings and features, no model.

Axes: B pairs in a batch, T steps, E width of a frozen feature, D embedding width.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class LossWeights:
    """The paper's α, β and γ with the paper's values; `gamma_intra` = 0 is CLVM."""

    alpha_query_to_target: float = 0.5
    alpha_target_to_query: float = 0.5
    beta_query: float = 0.5
    beta_target: float = 0.5
    gamma_inter: float = 1.0
    gamma_intra: float = 3.0


@dataclass(frozen=True, slots=True)
class Losses:
    """One batch's loss: `total` is what is minimised, `parts` what it is made of; scalars all."""

    total: Tensor
    parts: Mapping[str, Tensor]

    def detached(self) -> "Losses":
        """The same figures without the graph that made them."""
        return Losses(self.total.detach(), {name: part.detach() for name, part in self.parts.items()})


def ii_loss(
    query_BD: Tensor,
    target_BD: Tensor,
    *,
    raw_similarity_query_BB: Tensor,
    raw_similarity_target_BB: Tensor,
    scale: Tensor,
    track_B: Tensor,
    weights: LossWeights,
) -> Losses:
    """Eq. 10: half the weighted sum of inter and intra loss, for unit embeddings of B pairs.

    With `gamma_intra` = 0 the intra loss is still reported, and moves nothing.
    """
    inter = inter_loss(query_BD @ target_BD.T, scale=scale, track_B=track_B, weights=weights)
    intra_query = intra_loss(raw_similarity_query_BB, query_BD @ query_BD.T)
    intra_target = intra_loss(raw_similarity_target_BB, target_BD @ target_BD.T)
    intra = weights.beta_query * intra_query + weights.beta_target * intra_target
    intra = intra if weights.gamma_intra else intra.detach()
    total = 0.5 * (weights.gamma_inter * inter + weights.gamma_intra * intra)
    return Losses(total, {"inter": inter, "intra": intra})


def inter_loss(similarity_BB: Tensor, *, scale: Tensor, track_B: Tensor, weights: LossWeights) -> Tensor:
    """Eqs. 1 and 2: cross-entropy of each row and each column of the scaled cosines against its own pair.

    Pairs with one track are no negatives of each other: their logits are left out of the softmax.
    """
    same_track_BB = track_B[:, None] == track_B[None, :]
    own_BB = torch.eye(len(track_B), dtype=torch.bool, device=track_B.device)
    logits_BB = (scale * similarity_BB).masked_fill(same_track_BB & ~own_BB, float("-inf"))
    pair_B = torch.arange(len(track_B), device=track_B.device)
    query_to_target = F.cross_entropy(logits_BB, pair_B)
    target_to_query = F.cross_entropy(logits_BB.T, pair_B)
    return weights.alpha_query_to_target * query_to_target + weights.alpha_target_to_query * target_to_query


def intra_loss(raw_similarity_BB: Tensor, embedded_similarity_BB: Tensor) -> Tensor:
    """Eq. 8 over eq. 5: mean over i of 1 - cos between row i of the raw and of the embedded similarities."""
    return (1 - F.cosine_similarity(raw_similarity_BB, embedded_similarity_BB, dim=1)).mean()


def raw_similarity(mean_BE: Tensor) -> Tensor:
    """Eqs. 3 and 6, (B, B): cosines between the temporal means of the (standardised) frozen features."""
    unit_BE = F.normalize(mean_BE, dim=1)
    return unit_BE @ unit_BE.T


def raw_similarity_with_text(
    mean_BE: Tensor,
    text_BE: Tensor,
    has_text_B: Tensor,
    *,
    form: Literal["unit parts", "literal"],
) -> Tensor:
    """The raw side of a query with words, (B, B): cosines between [text, temporal mean of the query].

    "unit parts" brings each part to unit length first, so that the cosine is the mean of the parts' cosines, and
    compares two items by the parts that both have: a missing text is unknown, not unlike every other. "literal"
    concatenates the vectors as they come, with zeros for a missing text.
    """
    text_BE = text_BE * has_text_B[:, None]
    if form == "literal":
        return raw_similarity(torch.cat([text_BE, mean_BE], dim=1))
    both_have_BB = (has_text_B[:, None] & has_text_B[None, :]).to(mean_BE.dtype)
    return (raw_similarity(mean_BE) + both_have_BB * raw_similarity(text_BE)) / (1 + both_have_BB)
