"""The losses that the II loss is compared with, by their own definitions. They know embeddings, no model.

Axes: B pairs in a batch, K negatives or items, E width of a frozen feature, D embedding width, L labels.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Mining = Literal["all", "semi-hard", "hardest"]


def triplet_loss(similarity_BB: Tensor, track_B: Tensor, *, margin: float, mining: Mining) -> Tensor:
    """The plain triplet loss, both ways: mean of max(0, margin - s(own) + s(negative)).

    "semi-hard" counts the negatives that lie within the margin below the own pair (FaceNet), "hardest" one an anchor.
    """
    query_anchor = _triplets(similarity_BB, track_B, margin=margin, mining=mining)
    target_anchor = _triplets(similarity_BB.T, track_B, margin=margin, mining=mining)
    return 0.5 * (query_anchor + target_anchor)


def hardest_negatives_loss(similarity_BB: Tensor, track_B: Tensor, *, margin: float, count: int) -> Tensor:
    """CBVMR's inter-modal loss with the rows as anchors: mean over the `count` hardest negatives of each."""
    negative_BB = _negatives(similarity_BB, track_B)
    hardest_BK = negative_BB.topk(min(count, len(track_B) - 1), dim=1).values
    return _mean_of_real(F.relu(margin - similarity_BB.diagonal()[:, None] + hardest_BK), hardest_BK)


def soft_structure_loss(raw_BE: Tensor, embedded_BD: Tensor, *, count: int) -> Tensor:
    """CBVMR's soft intra-modal structure over the first `count` items of the batch.

    Zero where the order of neighbours j and j + 1 around i is the raw features' own, else twice the gap. The signs
    are not differentiated. `d` is minus the cosine.
    """
    raw_KK, embedded_KK = (-_cosines(values[:count]) for values in (raw_BE, embedded_BD))
    disorder_KK = _order(raw_KK) - _order(embedded_KK.detach())
    return (disorder_KK * (embedded_KK[:, 1:] - embedded_KK[:, :-1])).mean()


def cosine_pair_loss(similarity_BB: Tensor, track_B: Tensor, *, margin: float, negative_share: float) -> Tensor:
    """CME's similarity loss: 1 - s for own pairs, max(0, s - margin) for others, drawn with `negative_share`.

    The share of negatives is taken in expectation: all others of the batch, weighed by it.
    """
    negative_BB = _negatives(similarity_BB, track_B)
    positive = (1 - similarity_BB.diagonal()).mean()
    return (1 - negative_share) * positive + negative_share * _mean_of_real(F.relu(negative_BB - margin), negative_BB)


def label_loss(logits_BL: Tensor, label_BL: Tensor) -> Tensor:
    """CME's classification loss: an item may have several labels, so each is a question of its own."""
    return F.binary_cross_entropy_with_logits(logits_BL, label_BL, reduction="sum") / len(logits_BL)


def _triplets(similarity_BB: Tensor, track_B: Tensor, *, margin: float, mining: Mining) -> Tensor:
    own_B1 = similarity_BB.diagonal()[:, None]
    negative_BB = _negatives(similarity_BB, track_B)
    if mining == "hardest":
        hardest_B1 = negative_BB.amax(dim=1, keepdim=True)
        return _mean_of_real(F.relu(margin - own_B1 + hardest_B1), hardest_B1)
    if mining == "semi-hard":
        is_outside_BB = (negative_BB >= own_B1) | (negative_BB <= own_B1 - margin)
        negative_BB = negative_BB.masked_fill(is_outside_BB, float("-inf"))
    return _mean_of_real(F.relu(margin - own_B1 + negative_BB), negative_BB)


def _negatives(similarity_BB: Tensor, track_B: Tensor) -> Tensor:
    """Minus infinity where the track is the anchor's own."""
    return similarity_BB.masked_fill(track_B[:, None] == track_B[None, :], float("-inf"))


def _mean_of_real(losses: Tensor, negative: Tensor) -> Tensor:
    """The mean over negatives that there are; one that is no number is one, so that a diverged run is noticed."""
    is_real = ~negative.isneginf()
    return torch.where(is_real, losses, 0.0).sum() / is_real.sum().clamp_min(1)


def _order(distance_KK: Tensor) -> Tensor:
    """sign(d_ij - d_ik) with k = j + 1."""
    return (distance_KK[:, :-1] - distance_KK[:, 1:]).sign()


def _cosines(vectors: Tensor) -> Tensor:
    unit = F.normalize(vectors, dim=1)
    return unit @ unit.T
