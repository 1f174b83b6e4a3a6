"""The II loss: inter loss, intra loss and their sum (II-CLVM, eqs. 1 to 10). Knows embeddings and features, no model.

Axes: B pairs in a batch, T steps, E width of a frozen feature, D embedding width.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class LossWeights:
    """The paper's α, β and γ with the paper's values; `gamma_intra` = 0 is CLVM."""

    alpha_video_to_music: float = 0.5
    alpha_music_to_video: float = 0.5
    beta_query: float = 0.5
    beta_music: float = 0.5
    gamma_inter: float = 1.0
    gamma_intra: float = 3.0


@dataclass(frozen=True, slots=True)
class Losses:
    """The parts of one batch's loss, each a scalar; `total` is what is minimised."""

    total: Tensor
    inter: Tensor
    intra: Tensor

    def detached(self) -> "Losses":
        """The same figures without the graph that made them."""
        return Losses(self.total.detach(), self.inter.detach(), self.intra.detach())


class LogitScale(nn.Module):
    """The learnable n_t: cosines are multiplied by e^{n_t}. Starts at 0.07 as it stands, so at a factor of 1.07."""

    def __init__(self, start: float = 0.07) -> None:
        super().__init__()
        self.exponent = nn.Parameter(torch.tensor(start))

    def forward(self) -> Tensor:
        return self.exponent.exp()


def ii_loss(
    query_BD: Tensor,
    music_BD: Tensor,
    *,
    raw_similarity_query_BB: Tensor,
    raw_similarity_music_BB: Tensor,
    scale: Tensor,
    track_B: Tensor,
    weights: LossWeights,
) -> Losses:
    """Eq. 10: half the weighted sum of inter and intra loss, for unit embeddings of B pairs.

    With `gamma_intra` = 0 the intra loss is still reported, and moves nothing.
    """
    inter = inter_loss(query_BD @ music_BD.T, scale=scale, track_B=track_B, weights=weights)
    intra_query = intra_loss(raw_similarity_query_BB, query_BD @ query_BD.T)
    intra_music = intra_loss(raw_similarity_music_BB, music_BD @ music_BD.T)
    intra = weights.beta_query * intra_query + weights.beta_music * intra_music
    intra = intra if weights.gamma_intra else intra.detach()
    return Losses(0.5 * (weights.gamma_inter * inter + weights.gamma_intra * intra), inter, intra)


def inter_loss(similarity_BB: Tensor, *, scale: Tensor, track_B: Tensor, weights: LossWeights) -> Tensor:
    """Eqs. 1 and 2: cross-entropy of each row and each column of the scaled cosines against its own pair.

    Pairs with one track are no negatives of each other: their logits are left out of the softmax.
    """
    same_track_BB = track_B[:, None] == track_B[None, :]
    own_BB = torch.eye(len(track_B), dtype=torch.bool, device=track_B.device)
    logits_BB = (scale * similarity_BB).masked_fill(same_track_BB & ~own_BB, float("-inf"))
    pair_B = torch.arange(len(track_B), device=track_B.device)
    video_to_music = F.cross_entropy(logits_BB, pair_B)
    music_to_video = F.cross_entropy(logits_BB.T, pair_B)
    return weights.alpha_video_to_music * video_to_music + weights.alpha_music_to_video * music_to_video


def intra_loss(raw_similarity_BB: Tensor, embedded_similarity_BB: Tensor) -> Tensor:
    """Eq. 8 over eq. 5: mean over i of 1 - cos between row i of the raw and of the embedded similarities."""
    return (1 - F.cosine_similarity(raw_similarity_BB, embedded_similarity_BB, dim=1)).mean()


def raw_similarity(features_BTE: Tensor) -> Tensor:
    """Eqs. 3 and 6, (B, B): cosines between the temporal means of the (standardised) frozen features."""
    return _cosines(features_BTE.mean(dim=1))


def raw_similarity_with_text(
    features_BTE: Tensor,
    text_BE: Tensor,
    has_text_B: Tensor,
    *,
    form: Literal["unit parts", "literal"],
) -> Tensor:
    """The raw side of a query with words, (B, B): cosines between [text, temporal mean of the video].

    "unit parts" brings each part to unit length first, so that the cosine is the mean of the parts' cosines, and
    compares two items by the parts that both have: a missing text is unknown, not unlike every other. "literal"
    concatenates the vectors as they come, with zeros for a missing text.
    """
    text_BE = text_BE * has_text_B[:, None]
    if form == "literal":
        return _cosines(torch.cat([text_BE, features_BTE.mean(dim=1)], dim=1))
    both_have_BB = (has_text_B[:, None] & has_text_B[None, :]).to(features_BTE.dtype)
    return (raw_similarity(features_BTE) + both_have_BB * _cosines(text_BE)) / (1 + both_have_BB)


def _cosines(vectors_BE: Tensor) -> Tensor:
    unit_BE = F.normalize(vectors_BE, dim=1)
    return unit_BE @ unit_BE.T
