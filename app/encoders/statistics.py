"""A sequence encoder of pooled statistics through one linear map. Its values are fitted, and never learnt by steps.

Axes: B items, T steps, E features, C columns, S statistics, P points, D embedding.
"""

import math

import torch
from torch import Tensor, nn

from app.encoders.fitted_specs import Pool, StatisticsSpec

# Keeps the logarithm and the correlation of what never varies finite.
_SILENT = 0.1
_STILL = 1e-3


class Statistics(nn.Module):
    """(B, T, E) to (B, D). The statistics' means and deviations and the linear map are buffers, saved as weights are.

    A fresh one has a map of random numbers.
    """

    mean_S: Tensor
    deviation_S: Tensor
    weight_DS: Tensor
    bias_D: Tensor

    def __init__(self, spec: StatisticsSpec, *, feature_dim: int) -> None:
        super().__init__()
        self.pools, self.limit = spec.pools, spec.limit
        self.block_widths = [pool.width(feature_dim) for pool in spec.pools]
        count = sum(self.block_widths)
        self.register_buffer("mean_S", torch.zeros(count))
        self.register_buffer("deviation_S", torch.ones(count))
        self.register_buffer("weight_DS", torch.randn(spec.width, count) / math.sqrt(count))
        self.register_buffer("bias_D", torch.zeros(spec.width))

    def forward(self, steps_BTE: Tensor) -> Tensor:
        return self.standard(steps_BTE) @ self.weight_DS.T + self.bias_D

    def standard(self, steps_BTE: Tensor) -> Tensor:
        """The statistics in deviations from their means, (B, S)."""
        return ((self.pooled(steps_BTE) - self.mean_S) / self.deviation_S).clamp(-self.limit, self.limit)

    def pooled(self, steps_BTE: Tensor) -> Tensor:
        """The statistics as they come, (B, S), pool by pool."""
        return torch.cat([pooled(pool, steps_BTE) for pool in self.pools], dim=1)


def pooled(pool: Pool, steps_BTE: Tensor) -> Tensor:
    """One statistic, (B, `pool.width`)."""
    steps_BTC = steps_BTE if pool.columns is None else steps_BTE[:, :, list(pool.columns)]
    if pool.of == "mean":
        return steps_BTC.mean(dim=1)
    if pool.of == "deviation":
        return steps_BTC.std(dim=1, correction=0)
    if pool.of == "percentiles":
        return _percentiles(steps_BTC, pool.points)
    if pool.of == "spans":
        return _spans(steps_BTC, pool.points)
    if pool.of == "log level":
        levels = steps_BTC.mean(dim=1), steps_BTC.std(dim=1, correction=0)
        return (torch.cat(levels, dim=1).clamp(min=0) + _SILENT).log()
    if pool.of == "correlation":
        return _correlation(steps_BTC)
    # A sequence of one step never changes.
    change_BTC = steps_BTC.diff(dim=1) if steps_BTC.shape[1] > 1 else torch.zeros_like(steps_BTC)
    if pool.of == "change percentiles":
        return _percentiles(change_BTC, pool.points)
    return torch.cat([change_BTC.abs().mean(dim=1), change_BTC.std(dim=1, correction=0)], dim=1)


def _percentiles(steps_BTC: Tensor, points: tuple[float, ...]) -> Tensor:
    shares_P = torch.tensor(points, dtype=steps_BTC.dtype, device=steps_BTC.device) / 100
    return torch.quantile(steps_BTC, shares_P, dim=1).transpose(0, 1).flatten(start_dim=1)


def _spans(steps_BTC: Tensor, points: tuple[float, ...]) -> Tensor:
    count = steps_BTC.shape[1]
    # Each at least one step long, so that a short sequence still has all of them.
    begins = [min(round(point * count), count - 1) for point in points[:-1]]
    ends = [max(round(point * count), begin + 1) for begin, point in zip(begins, points[1:], strict=True)]
    return torch.cat([steps_BTC[:, begin:end].mean(dim=1) for begin, end in zip(begins, ends, strict=True)], dim=1)


def _correlation(steps_BT2: Tensor) -> Tensor:
    centred_BT2 = steps_BT2 - steps_BT2.mean(dim=1, keepdim=True)
    squares_B2 = centred_BT2.square().sum(dim=1)
    scale_B = (squares_B2.prod(dim=1) + _STILL).sqrt()
    return (centred_BT2.prod(dim=2).sum(dim=1) / scale_B).unsqueeze(1)
