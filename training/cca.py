"""Linear canonical correlation analysis between temporal means: the floor under every trained model.

Its two projections are written into towers of one linear layer each, so that it is stored, evaluated and served like
any other model.

Axes: N items, E width of a side's features, D components.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from app.encoders.models import TwoTowers
from app.encoders.sequence import FC
from training.batches import PairFeed
from training.pair_set import Items
from training.ridge_cca import ridge_cca

Float64Array = NDArray[np.float64]
_ITEMS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Projections:
    """x becomes (x - mean) @ weights on each side; `correlations` (D,) fall."""

    query_mean: Float64Array
    query_weights: Float64Array
    target_mean: Float64Array
    target_weights: Float64Array
    correlations: Float64Array


def canonical_projections(
    query_NE: Float64Array, target_NE: Float64Array, *, components: int, shrinkage: float
) -> Projections:
    """The D directions of either side whose values correlate most, by Hotelling's solution.

    `shrinkage` (0 to 1) moves each covariance towards a multiple of the identity. Raises ValueError where there are
    more components than the narrower side is wide.
    """
    means = [side.mean(axis=0) for side in (query_NE, target_NE)]
    query_RE, target_RE = (
        torch.from_numpy(side - mean) for side, mean in zip((query_NE, target_NE), means, strict=True)
    )
    found = ridge_cca(query_RE, target_RE, ridges=(shrinkage, shrinkage), directions=components, kept=1 - shrinkage)
    return Projections(
        means[0], found.query_EK.numpy(), means[1], found.target_EK.numpy(), found.correlations_K.numpy()
    )


def fit_cca(model: TwoTowers, feed: PairFeed, items: Items, *, shrinkage: float) -> Float64Array:
    """Solves it for the items and writes it into the model's towers; the correlations. Raises ValueError."""
    if model.query is model.target:
        raise ValueError("linear CCA needs a tower for each side")
    towers = [_linear(tower) for tower in (model.query, model.target)]
    means = [_temporal_means(feed, items, side) for side in ("query", "target")]
    found = canonical_projections(*means, components=towers[0].out_features, shrinkage=shrinkage)
    sides = ((found.query_mean, found.query_weights), (found.target_mean, found.target_weights))
    with torch.no_grad():
        for layer, (mean, weights) in zip(towers, sides, strict=True):
            layer.weight.copy_(torch.as_tensor(weights.T))
            layer.bias.copy_(torch.as_tensor(-mean @ weights))
    return found.correlations


def _temporal_means(feed: PairFeed, items: Items, side: str) -> Float64Array:
    means = []
    for first in range(0, len(items), _ITEMS_AT_ONCE):
        batch = feed.gather(feed.draw(items[first : first + _ITEMS_AT_ONCE], {}))
        steps_BTE = batch.query_BTE if side == "query" else batch.target_BTE
        means.append(steps_BTE.mean(dim=1).double().cpu().numpy())
    return np.concatenate(means)


def _linear(tower: torch.nn.Module) -> torch.nn.Linear:
    if isinstance(tower, FC) and len(tower.layers) == 1 and isinstance(tower.layers[0], torch.nn.Linear):
        return tower.layers[0]
    raise ValueError("linear CCA needs towers of kind fc with one layer")
