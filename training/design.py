"""What a model is to look like, before it is known how wide the pair set's features are. Knows no pairs."""

from dataclasses import dataclass
from typing import Literal

from app.encoders.sequence_specs import SequenceEncoderSpec
from app.encoders.spec import EncoderSpec


@dataclass(frozen=True, slots=True)
class TowerDesign:
    """One side: which stream it takes, how many steps of it, and what makes one vector of them.

    `steps` None: as many as the pair set was measured with, so that the model can serve.

    `sampling` "gs" takes the steps from the whole sequence, "fd" from `window_rows` rows around its centre (30 of a
    stream of one row a second are CBVMR's 30 s). A text stream gives one row, whatever `steps` says.
    """

    stream: str
    sequence_encoder: SequenceEncoderSpec
    steps: int | None
    sampling: Literal["gs", "fd"] = "gs"
    window_rows: int = 30


@dataclass(frozen=True, slots=True)
class WordsDesign:
    """Text streams that set the query's initial state, as in `TextSide`."""

    streams: tuple[str, ...]
    bottleneck: int
    initial_state: Literal["hidden", "hidden_and_cell"]


@dataclass(frozen=True, slots=True)
class ModelDesign:
    """Two towers. `shared`: one tower for both sides, which must then take streams of one space."""

    embedding_dim: int
    query: TowerDesign
    target: TowerDesign
    words: WordsDesign | None = None
    shared: bool = False


def design_of(encoder: EncoderSpec) -> ModelDesign:
    """The design of a checkpoint that serves: video, with title and keywords where it reads words, and music."""
    words = None
    if encoder.text is not None:
        words = WordsDesign(("title", "keywords"), encoder.text.bottleneck, encoder.text.initial_state)
    return ModelDesign(
        encoder.embedding_dim,
        TowerDesign("video", encoder.video.sequence_encoder, encoder.video.steps),
        TowerDesign("music", encoder.music.sequence_encoder, encoder.music.steps),
        words,
    )
