"""Two towers into one space: II-CLVM and II-CLVTM, and every other pair of sides. Knows neither loss nor optimiser.

Without a text side the model of video and music is II-CLVM. With one it is II-CLVTM: text sets the initial state of
the video's biLSTM.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from app.encoders.ensemble import encoded
from app.encoders.sequence import BiLSTM, SequenceEncoder, sequence_encoder
from app.encoders.sequence_specs import SequenceEncoderSpec
from app.encoders.spec import EncoderSpec, Standardisation

# Axes: B items, T steps, E feature, W width of one direction, D embedding, K layers x directions or kept steps,
# C state parts.


class TextInitial(Protocol):
    """How words set the initial state: the part of a `TextSide` that the model needs."""

    @property
    def feature_dim(self) -> int: ...
    @property
    def bottleneck(self) -> int: ...
    @property
    def initial_state(self) -> Literal["hidden", "hidden_and_cell"]: ...


class TextState(nn.Module):
    """The video encoder's initial state: a learned no-text state, plus a projection of the text without any bias.

    The projection's first matrix starts at zero. A hashed word that training never saw reaches only columns of it that
    no gradient ever touched (and weight decay keeps a zero at zero), so it says the same as no text at all.
    """

    def __init__(self, side: TextInitial, *, state_count: int, width: int) -> None:
        super().__init__()
        # Part 0 is the hidden state, as the paper has it; part 1, where asked for, the cell state.
        self.shape = (2 if side.initial_state == "hidden_and_cell" else 1, state_count, width)
        size = self.shape[0] * state_count * width
        self.no_text = nn.Parameter(torch.zeros(size))
        self.reduce = nn.Linear(side.feature_dim, side.bottleneck, bias=False)
        self.expand = nn.Linear(side.bottleneck, size, bias=False)
        nn.init.zeros_(self.reduce.weight)

    def forward(self, text_BE: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden and cell state, (K, B, W) each. A row of zeros is an item without text."""
        flat_B = self.no_text + self.expand(self.reduce(text_BE))
        parts_CKBW = flat_B.unflatten(1, self.shape).permute(1, 2, 0, 3).contiguous()
        hidden_KBW = parts_CKBW[0]
        return hidden_KBW, parts_CKBW[1] if len(parts_CKBW) == 2 else torch.zeros_like(hidden_KBW)


@dataclass(frozen=True, slots=True)
class TowerPlan:
    """What a tower is built from."""

    sequence_encoder: SequenceEncoderSpec
    feature_dim: int


class TwoTowers(nn.Module):
    """A sequence encoder for each side, and where words belong to the query its text state. Gives unit rows.

    Items without text: rows of zeros in `text_BE`, or False in `has_text_B`, or no `text_BE` at all.
    """

    def __init__(self, query: SequenceEncoder, target: SequenceEncoder, text_state: TextState | None) -> None:
        super().__init__()
        if text_state is not None and not isinstance(query, BiLSTM):
            raise ValueError("only a biLSTM has a state that words could set")
        self.query, self.target, self.text_state = query, target, text_state

    def forward(
        self,
        query_BTE: Tensor,
        target_BTE: Tensor,
        text_BE: Tensor | None = None,
        has_text_B: Tensor | None = None,
        kept_K: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Both sides of a batch of pairs, for training. `kept_K`: the only steps that count, the same of both sides."""
        if kept_K is None:
            return self.embed_query(query_BTE, text_BE, has_text_B), self.embed_target(target_BTE)
        if text_BE is not None:
            raise ValueError("steps are not dropped where words set the state")
        query_BD, target_BD = encoded(self.query, query_BTE, kept_K), encoded(self.target, target_BTE, kept_K)
        return F.normalize(query_BD, dim=1), F.normalize(target_BD, dim=1)

    def embed_query(self, query_BTE: Tensor, text_BE: Tensor | None = None, has_text_B: Tensor | None = None) -> Tensor:
        """(B, D), unit rows. Raises ValueError where text is given to a model without a text side."""
        if self.text_state is None or not isinstance(self.query, BiLSTM):
            if text_BE is not None:
                raise ValueError("this model has no text side")
            return F.normalize(self.query(query_BTE), dim=1)
        if text_BE is None:
            text_BE = query_BTE.new_zeros((len(query_BTE), self.text_state.reduce.in_features))
        elif has_text_B is not None:
            text_BE = text_BE * has_text_B.to(text_BE.dtype).unsqueeze(1)
        return F.normalize(self.query(query_BTE, self.text_state(text_BE)), dim=1)

    def embed_target(self, target_BTE: Tensor) -> Tensor:
        """(B, D), unit rows."""
        return F.normalize(self.target(target_BTE), dim=1)


def video_music_model(spec: EncoderSpec) -> TwoTowers:
    """II-CLVM, or with a text side II-CLVTM, as a checkpoint describes it: video is the query, music the target."""
    video, music, width = spec.video, spec.music, spec.embedding_dim
    return two_towers(
        TowerPlan(video.sequence_encoder, video.feature_dim),
        TowerPlan(music.sequence_encoder, music.feature_dim),
        embedding_dim=width,
        text=spec.text,
    )


def two_towers(query: TowerPlan, target: TowerPlan, *, embedding_dim: int, text: TextInitial | None) -> TwoTowers:
    """Fresh towers; weights are drawn for the query, then the target, then the text state."""
    towers = [
        sequence_encoder(plan.sequence_encoder, feature_dim=plan.feature_dim, embedding_dim=embedding_dim)
        for plan in (query, target)
    ]
    state = None
    if text is not None:
        if not isinstance(towers[0], BiLSTM):
            raise ValueError("only a biLSTM has a state that words could set")
        state = TextState(text, state_count=towers[0].state_count, width=towers[0].width)
    return TwoTowers(towers[0], towers[1], state)


def standardise(features_BTE: Tensor, standardisation: Standardisation | None) -> Tensor:
    """The checkpoint's standardisation, applied before anything uses the features; None leaves them as they are."""
    if standardisation is None:
        return features_BTE
    mean_E = features_BTE.new_tensor(standardisation.mean)
    deviation_E = features_BTE.new_tensor(standardisation.deviation)
    limit = standardisation.limit
    return ((features_BTE - mean_E) / deviation_E).clamp(-limit, limit)
