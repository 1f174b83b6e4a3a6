"""Canonical correlation with ridges, and principal components: the algebra of a fitted start. Knows no towers.

Axes: R rows, N items, S statistics, E width of a side, K canonical directions.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

# Of the greatest variance; below it there is rounding and no spread.
_LEAST_SHARE = 1e-10
# Below this a block does not vary at all.
_LEAST_ENERGY = 1e-6


@dataclass(frozen=True, slots=True)
class CanonicalMaps:
    """Maps (E, K) of either side, and the correlations (K,) that fall."""

    query_EK: Tensor
    target_EK: Tensor
    correlations_K: Tensor

    def single(self) -> "CanonicalMaps":
        """The same in the precision of towers."""
        return CanonicalMaps(self.query_EK.float(), self.target_EK.float(), self.correlations_K.float())


def ridge_cca(
    query_RE: Tensor, target_RE: Tensor, *, ridges: tuple[float, float], directions: int, kept: float = 1.0
) -> CanonicalMaps:
    """Of centred rows, in double precision, by Hotelling's solution.

    A ridge is the share of a side's mean variance that is added to every variance, once the covariance was multiplied
    by `kept`: 1 - ridge makes it a shrinkage towards a multiple of the identity.

    Raises ValueError where there are more directions than the narrower side is wide.
    """
    if directions > min(query_RE.shape[1], target_RE.shape[1]):
        raise ValueError(f"{directions} directions of sides {query_RE.shape[1]} and {target_RE.shape[1]} wide")
    first, second = (_whitener(side, ridge, kept) for side, ridge in zip((query_RE, target_RE), ridges, strict=True))
    between = first @ (query_RE.T @ target_RE / len(query_RE)).double() @ second
    left, correlations, right = torch.linalg.svd(between, full_matrices=False)
    query_EK, target_EK = first @ left[:, :directions], second @ right[:directions].T
    return CanonicalMaps(query_EK, target_EK, correlations[:directions])


def principal(centred_RE: Tensor, components: int) -> Tensor:
    """(E, components): the directions of most variance. Raises ValueError where there are not so many."""
    if components > min(centred_RE.shape):
        raise ValueError(f"{components} components of {centred_RE.shape[0]} rows, {centred_RE.shape[1]} wide")
    directions_EE: Tensor
    if centred_RE.shape[0] < centred_RE.shape[1]:
        directions_EE = torch.linalg.svd(centred_RE.double(), full_matrices=False).Vh.T
    else:
        directions_EE = torch.linalg.eigh(_covariance(centred_RE)).eigenvectors.flip(1)
    return directions_EE[:, :components].float()


def block_basis(standard_NS: Tensor, widths: list[int], *, components: int) -> Tensor:
    """(S, E): each block by its principal components, or as it is where it has no more than `components` values.

    A block counts by the root of its width: its mean square length is brought to that.
    """
    parts = []
    for block_NS in standard_NS.split(widths, dim=1):
        centred_NS = block_NS - block_NS.mean(dim=0)
        basis_SE = torch.eye(block_NS.shape[1], device=block_NS.device)
        if block_NS.shape[1] > components:
            basis_SE = principal(centred_NS, min(components, len(block_NS)))
        energy = (centred_NS @ basis_SE).square().sum(dim=1).mean().clamp(min=_LEAST_ENERGY)
        parts.append(basis_SE * basis_SE.shape[1] ** 0.25 / energy.sqrt())
    basis: Tensor = torch.block_diag(*parts)
    return basis


def _whitener(rows_RE: Tensor, ridge: float, kept: float) -> Tensor:
    """The inverse root of the covariance with its ridge; directions in which nothing varies are left out."""
    covariance_EE = _covariance(rows_RE)
    mean_variance = covariance_EE.diagonal().mean()
    covariance_EE = kept * covariance_EE + ridge * mean_variance * torch.eye(
        len(covariance_EE), dtype=torch.float64, device=rows_RE.device
    )
    values_E, vectors_EE = torch.linalg.eigh(covariance_EE)
    varies_E = values_E > _LEAST_SHARE * values_E[-1]
    roots_E = torch.where(varies_E, values_E, 1).rsqrt() * varies_E
    whitener_EE: Tensor = vectors_EE * roots_E @ vectors_EE.T
    return whitener_EE


def _covariance(centred_RE: Tensor) -> Tensor:
    return (centred_RE.T @ centred_RE / len(centred_RE)).double()
