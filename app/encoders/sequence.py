"""Sequence encoders: from the steps of a frozen feature sequence to one vector. They know neither media nor loss."""

from torch import Tensor, nn

from app.encoders.spec import SequenceEncoderSpec

# Axes: B items, T steps, E feature, W width of one direction, D embedding, K layers x directions.

DIRECTIONS = 2


class BiLSTM(nn.Module):
    """The papers' best: a bidirectional LSTM, pooled over its steps, then one linear layer to D. Output is not unit."""

    def __init__(self, spec: SequenceEncoderSpec, *, feature_dim: int, embedding_dim: int) -> None:
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
