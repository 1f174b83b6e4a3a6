"""A sequence encoder made of several: their unit vectors end to end, so that cosines are weighted means of theirs.

Axes: B items, T steps, K of them kept, E features, D embedding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from app.encoders.courses import Courses
from app.encoders.fitted_specs import CoursesSpec, EnsembleSpec, StatisticsSpec
from app.encoders.statistics import Statistics


class Ensemble(nn.Module):
    """(B, T, E) to (B, D): each member's unit vector times the root of its weight.

    While it trains only the members with weights to learn speak: beside members that were fitted to the very items,
    and know them too well, the others would have nothing left to learn.
    """

    def __init__(self, spec: EnsembleSpec, *, feature_dim: int) -> None:
        super().__init__()
        self.weights = [member.weight for member in spec.members]
        self.members = nn.ModuleList(fitted_encoder(member.encoder, feature_dim=feature_dim) for member in spec.members)

    def forward(self, steps_BTE: Tensor, kept_K: Tensor | None = None) -> Tensor:
        """`kept_K` as in `encoded`."""
        members = list(zip(self.weights, self.members, strict=True))
        learning = [pair for pair in members if next(pair[1].parameters(), None) is not None]
        speaking = learning if self.training and learning else members
        parts = [weight**0.5 * F.normalize(encoded(member, steps_BTE, kept_K), dim=1) for weight, member in speaking]
        return torch.cat(parts, dim=1)


def encoded(encoder: nn.Module, steps_BTE: Tensor, kept_K: Tensor | None) -> Tensor:
    """The encoder's vectors of the kept steps alone; None keeps all. Courses are read before they are cut."""
    if kept_K is None:
        vectors_BD: Tensor = encoder(steps_BTE)
    elif isinstance(encoder, Courses | Ensemble):
        vectors_BD = encoder(steps_BTE, kept_K)
    else:
        vectors_BD = encoder(steps_BTE[:, kept_K])
    return vectors_BD


def fitted_encoder(spec: StatisticsSpec | CoursesSpec, *, feature_dim: int) -> Statistics | Courses:
    """The encoder that a spec names."""
    if isinstance(spec, StatisticsSpec):
        return Statistics(spec, feature_dim=feature_dim)
    return Courses(spec, feature_dim=feature_dim)
