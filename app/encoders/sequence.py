"""Sequence encoders: from the steps of a frozen feature sequence to one vector. They know neither media nor loss.

The four here are learnt; those that are fitted have files of their own. All take (B, T, E) and give (B, D) that is not
of unit length. What the papers leave open is a choice of ours: widths, layers, dropout; the shape of the graph
convolution and of the Transformer's positions.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from app.encoders.courses import Courses
from app.encoders.ensemble import Ensemble, fitted_encoder
from app.encoders.fitted_specs import EnsembleSpec
from app.encoders.sequence_specs import AttentionSpec, BiLSTMSpec, FCSpec, GCNSpec, SequenceEncoderSpec
from app.encoders.statistics import Statistics

# Axes: B items, T steps, E feature, W width, D embedding, K layers x directions.

DIRECTIONS = 2


class BiLSTM(nn.Module):
    """The papers' best: a bidirectional LSTM, pooled over its steps, then one linear layer to D."""

    def __init__(self, spec: BiLSTMSpec, *, feature_dim: int, embedding_dim: int) -> None:
        super().__init__()
        self.pooling = spec.pooling
        self.state_count = spec.layers * DIRECTIONS
        self.width = spec.width
        # torch's own dropout stands between layers only, and warns where there is one layer.
        between_layers = spec.dropout if spec.layers > 1 else 0.0
        self.lstm = nn.LSTM(
            feature_dim, spec.width, spec.layers, batch_first=True, bidirectional=True, dropout=between_layers
        )
        self.dropout = nn.Dropout(spec.dropout)
        self.projection = nn.Linear(spec.width * DIRECTIONS, embedding_dim)

    def forward(self, steps_BTE: Tensor, state_KBW: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """(B, D). `state_KBW`: initial hidden and cell state, zeros where None."""
        outputs_BTW, (last_KBW, _) = self.lstm(steps_BTE, state_KBW)
        if self.pooling == "mean":
            pooled_BW = outputs_BTW.mean(dim=1)
        else:
            pooled_BW = last_KBW[-DIRECTIONS:].transpose(0, 1).flatten(start_dim=1)
        projected_BD: Tensor = self.projection(self.dropout(pooled_BW))
        return projected_BD


class FC(nn.Module):
    """The temporal mean through fully connected layers; with batch norm before each ReLU where asked for (CBVMR)."""

    def __init__(self, spec: FCSpec, *, feature_dim: int, embedding_dim: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*_fully_connected(spec, feature_dim=feature_dim, embedding_dim=embedding_dim))

    def forward(self, steps_BTE: Tensor) -> Tensor:
        projected_BD: Tensor = self.layers(steps_BTE.mean(dim=1))
        return projected_BD


class GCN(nn.Module):
    """Each layer mixes the steps by a softmax over their cosines (the adjacency, from its input), then maps them.

    A step's own value is added again, since a softmax over alike steps is close to their mean.
    """

    def __init__(self, spec: GCNSpec, *, feature_dim: int, embedding_dim: int) -> None:
        super().__init__()
        widths = [feature_dim, *[spec.width] * spec.layers]
        self.maps = nn.ModuleList(nn.Linear(wide, spec.width) for wide in widths[:-1])
        self.dropout = nn.Dropout(spec.dropout)
        self.projection = nn.Linear(spec.width, embedding_dim)

    def forward(self, steps_BTE: Tensor) -> Tensor:
        nodes_BTW = steps_BTE
        for layer in self.maps:
            unit_BTW = F.normalize(nodes_BTW, dim=-1)
            adjacency_BTT = (unit_BTW @ unit_BTW.transpose(1, 2) * math.sqrt(nodes_BTW.shape[-1])).softmax(dim=-1)
            nodes_BTW = self.dropout(F.relu(layer(adjacency_BTT @ nodes_BTW + nodes_BTW)))
        projected_BD: Tensor = self.projection(nodes_BTW.mean(dim=1))
        return projected_BD


class Attention(nn.Module):
    """A Transformer encoder (norm first) over steps that carry the sine positions of the original."""

    def __init__(self, spec: AttentionSpec, *, feature_dim: int, embedding_dim: int) -> None:
        super().__init__()
        self.entrance = nn.Linear(feature_dim, spec.width)
        layer = nn.TransformerEncoderLayer(
            spec.width, spec.heads, 4 * spec.width, spec.dropout, batch_first=True, norm_first=True
        )
        # Nested tensors are for padding, and there is none.
        self.layers = nn.TransformerEncoder(layer, spec.layers, nn.LayerNorm(spec.width), enable_nested_tensor=False)
        self.projection = nn.Linear(spec.width, embedding_dim)

    def forward(self, steps_BTE: Tensor) -> Tensor:
        steps_BTW = self.entrance(steps_BTE)
        steps_BTW = self.layers(steps_BTW + sine_positions(steps_BTW.shape[1], steps_BTW.shape[2], like=steps_BTW))
        projected_BD: Tensor = self.projection(steps_BTW.mean(dim=1))
        return projected_BD


SequenceEncoder = BiLSTM | FC | GCN | Attention | Statistics | Courses | Ensemble


def sequence_encoder(spec: SequenceEncoderSpec, *, feature_dim: int, embedding_dim: int) -> SequenceEncoder:
    """The encoder that a spec names, with fresh weights from torch's generator.

    What is fitted has the width that its own spec says.
    """
    if isinstance(spec, BiLSTMSpec):
        return BiLSTM(spec, feature_dim=feature_dim, embedding_dim=embedding_dim)
    if isinstance(spec, FCSpec):
        return FC(spec, feature_dim=feature_dim, embedding_dim=embedding_dim)
    if isinstance(spec, GCNSpec):
        return GCN(spec, feature_dim=feature_dim, embedding_dim=embedding_dim)
    if isinstance(spec, EnsembleSpec):
        return Ensemble(spec, feature_dim=feature_dim)
    if not isinstance(spec, AttentionSpec):
        return fitted_encoder(spec, feature_dim=feature_dim)
    return Attention(spec, feature_dim=feature_dim, embedding_dim=embedding_dim)


def sine_positions(steps: int, width: int, *, like: Tensor) -> Tensor:
    """(T, W): sines and cosines of wavelengths from 2π to 10,000 · 2π steps (Vaswani et al. 2017, section 3.5)."""
    rates_W = torch.exp(torch.arange(0, width, 2, device=like.device) * (-math.log(10_000.0) / width))
    angles_TW = torch.arange(steps, device=like.device).unsqueeze(1) * rates_W
    return torch.stack([angles_TW.sin(), angles_TW.cos()], dim=-1).flatten(start_dim=1).to(like.dtype)


def _fully_connected(spec: FCSpec, *, feature_dim: int, embedding_dim: int) -> Iterator[nn.Module]:
    wide = feature_dim
    for _ in range(spec.layers - 1):
        yield nn.Linear(wide, spec.width)
        if spec.batch_norm:
            yield nn.BatchNorm1d(spec.width)
        yield nn.ReLU()
        yield nn.Dropout(spec.dropout)
        wide = spec.width
    yield nn.Linear(wide, embedding_dim)
