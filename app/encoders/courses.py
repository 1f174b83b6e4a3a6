"""A sequence encoder of courses over time: what rises and falls together on both sides, step by step.

Axes: B items, T steps, K of them kept, E features, V views, C components, W values a step, D embedding (T times W).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from app.encoders.fitted_specs import CoursesSpec, LearntMap, View

# Where a course hardly varies, its own deviation says nothing.
_LEAST_DEVIATION = 0.2
# An unheard-of value cannot run away.
_GREATEST_EXPONENT = 10.0


class Courses(nn.Module):
    """(B, T, E) to (B, D), less each course's mean over time: levels count for nothing, order for everything.

    The linear map of views is a buffer that is fitted, and so is `usual_TW`, what it gives on average at each step:
    that all music is silent at its ends tells no two apart. Where the spec has a learnt part, the map leads to its
    components.
    """

    map_WV: Tensor
    usual_TW: Tensor

    def __init__(self, spec: CoursesSpec, *, feature_dim: int) -> None:
        super().__init__()
        self.spec = spec
        views = feature_dim if spec.views is None else len(spec.views)
        width = spec.width if spec.learnt is None else spec.learnt.components or views
        self.register_buffer("map_WV", torch.randn(width, views) / math.sqrt(views))
        self.register_buffer("usual_TW", torch.zeros(spec.steps, width))
        self.learnt = None if spec.learnt is None else LearntSteps(spec.learnt, width=width, out=spec.width)

    def forward(self, steps_BTE: Tensor, kept_K: Tensor | None = None) -> Tensor:
        """`kept_K`: the only steps that count, which makes the vector shorter; the views are still those of all."""
        values_BTW = self.mapped(steps_BTE)
        if kept_K is not None:
            values_BTW = values_BTW[:, kept_K]
        if self.learnt is not None:
            values_BTW = self.learnt(values_BTW)
        return centred(values_BTW).flatten(start_dim=1)

    def mapped(self, steps_BTE: Tensor) -> Tensor:
        """The views through the fitted map, less what is usual, (B, T, W); with a learnt part (B, T, C)."""
        return self.views(steps_BTE) @ self.map_WV.T - self.usual_TW

    def views(self, steps_BTE: Tensor) -> Tensor:
        """The columns as the spec reads them, less their means over time, (B, T, V)."""
        if self.spec.views is None:
            return centred(steps_BTE)
        return centred(torch.stack([_read(view, steps_BTE[:, :, view.column]) for view in self.spec.views], dim=2))


class LearntSteps(nn.Module):
    """A linear map of each step, which starts as the fitted one, plus a small network that starts with little say."""

    def __init__(self, spec: LearntMap, *, width: int, out: int) -> None:
        super().__init__()
        self.dropout, self.noise = nn.Dropout(spec.dropout), spec.noise
        self.linear = nn.Linear(width, out, bias=False)
        self.up, self.down = nn.Linear(width, spec.hidden), nn.Linear(spec.hidden, out)
        with torch.no_grad():
            self.down.weight.mul_(0.1)
            self.down.bias.zero_()

    def forward(self, steps_BTC: Tensor) -> Tensor:
        if self.training and self.noise:
            steps_BTC = steps_BTC + self.noise * torch.randn_like(steps_BTC)
        steps_BTC = self.dropout(steps_BTC)
        values_BTW: Tensor = self.linear(steps_BTC) + self.down(self.dropout(F.gelu(self.up(steps_BTC))))
        return values_BTW


def centred(steps_BTW: Tensor) -> Tensor:
    return steps_BTW - steps_BTW.mean(dim=1, keepdim=True)


def _read(view: View, course_BT: Tensor) -> Tensor:
    if view.reading == "root":
        return course_BT.clamp(min=0).sqrt()
    if view.reading == "exponential":
        return course_BT.clamp(max=_GREATEST_EXPONENT).exp()
    if view.reading == "deviations":
        return centred(course_BT) / (course_BT.std(dim=1, correction=0, keepdim=True) + _LEAST_DEVIATION)
    if view.reading == "ranks":
        return _ranks(course_BT)
    return course_BT


def _ranks(course_BT: Tensor) -> Tensor:
    """Share of the steps below each step, those equal to it by half."""
    apart_BTT = course_BT[:, :, None] - course_BT[:, None, :]
    ranks_BT: Tensor = (apart_BTT.sign().mean(dim=2) + 1) / 2
    return ranks_BT
