"""Fits the towers that have a solution in closed form: ridge CCA between two sides' statistics, or between their steps.

What it finds is written into the towers, which are then evaluated, saved and, where a part is learnt, trained as any.

Axes: N items, T steps, R steps of all items, S statistics, V views, C components, E width of a side, K directions.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from app.encoders.courses import Courses
from app.encoders.ensemble import Ensemble
from app.encoders.models import TwoTowers
from app.encoders.statistics import Statistics
from training.batches import PairFeed
from training.fitted_start import FittedStart
from training.pair_set import Items
from training.ridge_cca import block_basis, principal, ridge_cca

_ITEMS_AT_ONCE = 64
# A value that never varies is left where it is.
_LEAST_DEVIATION = 1e-6
# Of views read from the signal; what varies less hardly varies.
_LEAST_VIEW_DEVIATION = 1e-3

# What a function makes of the steps of all items of a side, in their order.
Collect = Callable[[Callable[[Tensor], Tensor]], Tensor]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Both sides of the items that are fitted to."""

    query: Collect
    target: Collect


def fit_towers(model: TwoTowers, feed: PairFeed, items: Items, start: FittedStart) -> None:
    """Raises ValueError where the towers are of kinds that are not fitted, or wider than what they are fitted to."""
    parts = [items[first : first + _ITEMS_AT_ONCE] for first in range(0, len(items), _ITEMS_AT_ONCE)]
    batches = [feed.gather(feed.draw(part, {})) for part in parts]
    pairs = Pairs(
        lambda make: torch.cat([make(batch.query_BTE) for batch in batches]),
        lambda make: torch.cat([make(batch.target_BTE) for batch in batches]),
    )
    with torch.no_grad():
        fit_pair(model.query, model.target, pairs, start)


def fit_pair(query: nn.Module, target: nn.Module, pairs: Pairs, start: FittedStart) -> None:
    """Fits two encoders to each other, ensembles member by member."""
    if isinstance(query, Ensemble) and isinstance(target, Ensemble):
        for one, other in zip(query.members, target.members, strict=True):
            fit_pair(one, other, pairs, start)
    elif isinstance(query, Statistics) and isinstance(target, Statistics):
        fit_statistics(query, target, pairs, start)
    elif isinstance(query, Courses) and isinstance(target, Courses):
        fit_courses(query, target, pairs, start)
    else:
        raise ValueError(f"{type(query).__name__} and {type(target).__name__} are not fitted to each other")


def fit_statistics(query: Statistics, target: Statistics, pairs: Pairs, start: FittedStart) -> None:
    """Blocks cut down to principal components, then CCA; both linear, so the encoder holds their product."""
    standards = [_standardise(query, pairs.query), _standardise(target, pairs.target)]
    bases = [
        block_basis(standard_NS, encoder.block_widths, components=start.components)
        for standard_NS, encoder in zip(standards, (query, target), strict=True)
    ]
    means = [standard_NS.mean(dim=0) for standard_NS in standards]
    rows = [(values - mean) @ basis for values, mean, basis in zip(standards, means, bases, strict=True)]
    ridges, directions = (start.statistics_ridge, start.statistics_ridge), query.weight_DS.shape[0]
    maps = ridge_cca(rows[0], rows[1], ridges=ridges, directions=directions).single()
    weights_K = maps.correlations_K**start.statistics_power
    for encoder, mean_S, basis_SE, map_EK in zip(
        (query, target), means, bases, (maps.query_EK, maps.target_EK), strict=True
    ):
        weight_SK = basis_SE @ (map_EK * weights_K)
        encoder.weight_DS.copy_(weight_SK.T)
        encoder.bias_D.copy_(-mean_S @ weight_SK)


def fit_courses(query: Courses, target: Courses, pairs: Pairs, start: FittedStart) -> None:
    """CCA of all steps of all items, each with its own partner at the same time."""
    bases = _Basis.of(query, pairs.query), _Basis.of(target, pairs.target)
    query_RC = bases[0].applied(pairs.query(query.views)).flatten(0, 1)
    target_RC = bases[1].applied(pairs.target(target.views)).flatten(0, 1)
    is_whitened = query.spec.learnt is not None and query.spec.learnt.components is not None
    query_ridge = start.query_components_ridge if is_whitened else start.query_courses_ridge
    ridges = (query_ridge, start.target_courses_ridge)
    maps = ridge_cca(query_RC, target_RC, ridges=ridges, directions=query.spec.width).single()
    bases[0].write(query, maps.query_EK * maps.correlations_K)
    bases[1].write(target, maps.target_EK)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What is usual of a side's views, by step, and the map that brings the rest to unit deviations."""

    usual_TV: Tensor
    map_VC: Tensor

    @classmethod
    def of(cls, encoder: Courses, collect: Collect) -> "_Basis":
        """Principal components where the encoder's learnt part has some, else the views themselves."""
        views_NTV = collect(encoder.views)
        usual_TV = views_NTV.mean(dim=0)
        rows_RV = (views_NTV - usual_TV).flatten(0, 1)
        map_VC = torch.diag(1 / (rows_RV.std(dim=0, correction=0) + _LEAST_VIEW_DEVIATION))
        learnt = encoder.spec.learnt
        if learnt is not None and learnt.components is not None:
            map_VC = map_VC @ principal(rows_RV @ map_VC, learnt.components)
            map_VC = map_VC / ((rows_RV @ map_VC).std(dim=0, correction=0) + _LEAST_DEVIATION)
        return cls(usual_TV, map_VC)

    def applied(self, views_BTV: Tensor) -> Tensor:
        return (views_BTV - self.usual_TV) @ self.map_VC

    def write(self, encoder: Courses, map_CK: Tensor) -> None:
        """The whole map into an encoder without a learnt part; else the basis, and the map where training starts."""
        map_VW = self.map_VC if encoder.learnt is not None else self.map_VC @ map_CK
        encoder.map_WV.copy_(map_VW.T)
        encoder.usual_TW.copy_(self.usual_TV @ map_VW)
        if encoder.learnt is not None:
            encoder.learnt.linear.weight.copy_(map_CK.T)


def _standardise(encoder: Statistics, collect: Collect) -> Tensor:
    """Sets mean and deviation; the items' statistics in these terms, (N, S)."""
    raw_NS = collect(encoder.pooled)
    encoder.mean_S.copy_(raw_NS.mean(dim=0))
    encoder.deviation_S.copy_(raw_NS.std(dim=0, correction=0) + _LEAST_DEVIATION)
    return collect(encoder.standard)
