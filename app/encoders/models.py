"""II-CLVM and II-CLVTM: video (with words) and music into one space. The models know neither loss nor optimiser.

Without a text side the model is II-CLVM. With one it is II-CLVTM: text sets the initial state of the video's biLSTM.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from app.encoders.sequence import BiLSTM
from app.encoders.spec import EncoderSpec, Standardisation, TextSide

# Axes: B items, T steps, E feature, W width of one direction, D embedding, K layers x directions, C state parts.


class TextState(nn.Module):
    """The video encoder's initial state: a learned no-text state, plus a projection of the text without any bias.

    The projection's first matrix starts at zero. A hashed word that training never saw reaches only columns of it that
    no gradient ever touched (and weight decay keeps a zero at zero), so it says the same as no text at all.
    """

    def __init__(self, side: TextSide, *, state_count: int, width: int) -> None:
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


class VideoMusicModel(nn.Module):
    """Both towers. Takes features already standardised (`standardise`), gives unit rows."""

    def __init__(self, spec: EncoderSpec) -> None:
        super().__init__()
        video, music, text = spec.video, spec.music, spec.text
        width = spec.embedding_dim
        self.video = BiLSTM(video.sequence_encoder, feature_dim=video.feature_dim, embedding_dim=width)
        self.music = BiLSTM(music.sequence_encoder, feature_dim=music.feature_dim, embedding_dim=width)
        self.text_dim = text.feature_dim if text else None
        self.text_state = (
            TextState(text, state_count=self.video.state_count, width=self.video.width) if text is not None else None
        )

    def embed_video(self, video_BTE: Tensor, text_BE: Tensor | None = None, has_text_B: Tensor | None = None) -> Tensor:
        """(B, D), unit rows. Items without text: rows of zeros in `text_BE`, or False in `has_text_B`, or no text_BE.

        Raises ValueError where text is given to a model without a text side.
        """
        state_KBW = self._initial_state(len(video_BTE), text_BE, has_text_B, like=video_BTE)
        return F.normalize(self.video(video_BTE, state_KBW), dim=1)

    def embed_music(self, music_BTE: Tensor) -> Tensor:
        """(B, D), unit rows."""
        return F.normalize(self.music(music_BTE), dim=1)

    def _initial_state(
        self, count: int, text_BE: Tensor | None, has_text_B: Tensor | None, *, like: Tensor
    ) -> tuple[Tensor, Tensor] | None:
        if self.text_state is None or self.text_dim is None:
            if text_BE is not None:
                raise ValueError("this model has no text side")
            return None
        if text_BE is None:
            text_BE = like.new_zeros((count, self.text_dim))
        if has_text_B is not None:
            text_BE = text_BE * has_text_B.to(text_BE.dtype).unsqueeze(1)
        state: tuple[Tensor, Tensor] = self.text_state(text_BE)
        return state


def standardise(features_BTE: Tensor, standardisation: Standardisation | None) -> Tensor:
    """The checkpoint's standardisation, applied before anything uses the features; None leaves them as they are."""
    if standardisation is None:
        return features_BTE
    mean_E = features_BTE.new_tensor(standardisation.mean)
    deviation_E = features_BTE.new_tensor(standardisation.deviation)
    limit = standardisation.limit
    return ((features_BTE - mean_E) / deviation_E).clamp(-limit, limit)
