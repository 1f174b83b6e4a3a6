"""Named runs: each is one complete dataclass made by a function, saved beside the checkpoint it made."""

from dataclasses import dataclass, replace
from typing import Literal

from app.encoders.backbone_specs import HashedText, SignalMusic, SignalVideo
from app.encoders.signal_music import FEATURE_NAMES as MUSIC_FEATURES
from app.encoders.signal_video import FEATURE_NAMES as VIDEO_FEATURES
from app.encoders.spec import (
    EncoderSpec,
    FrameSampling,
    MusicSide,
    SequenceEncoderSpec,
    SoundSampling,
    TextSide,
    VideoSide,
)
from training.batches import TextMix
from training.losses import LossWeights


@dataclass(frozen=True, slots=True)
class ProceduralPairs:
    """How many pairs are drawn for each split, from the seeds `first_seed` on: train, then validation, then test."""

    train: int
    validation: int
    test: int
    first_seed: int


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything a run depends on beside its pairs.

    `encoder` is the design; the run fills in its standardisation (values held within `standardisation_limit`
    deviations; None: none at all) and `about`. `logit_scale_start` is the paper's n_t; it has a learning rate of its
    own since a few hundred steps of the others' would leave it where it began. `text_learning_rate` is that of the
    words' way into the initial state, which a sequence forgets within some steps (None: as all others).
    `feature_noise`: normal noise on every standardised feature of a training batch, in deviations. `raw_text_form` as
    in `raw_similarity_with_text`. `procedural_pairs`: None where the run takes a pair set from disk. `threads` are
    torch's: their number decides in which order sums are rounded.
    """

    name: str
    encoder: EncoderSpec
    text_mix: TextMix
    loss: LossWeights
    epochs: int
    batch_pairs: int
    learning_rate: float
    logit_scale_learning_rate: float
    weight_decay: float
    text_learning_rate: float | None = None
    feature_noise: float = 0.0
    adam_betas: tuple[float, float] = (0.9, 0.999)
    clip_norm: float = 1.0
    logit_scale_start: float = 0.07
    standardisation_limit: float | None = 4.0
    raw_text_form: Literal["unit parts", "literal"] = "unit parts"
    procedural_pairs: ProceduralPairs | None = None
    seed: int = 2024
    threads: int = 1
    device: str = "cpu"


def starter_run() -> RunConfig:
    """The checkpoint that ships: no weights to fetch, made on two cores in minutes."""
    return RunConfig(
        name="starter_run",
        encoder=starter_encoder(),
        text_mix=TextMix(none=0.4, title=0.2, keywords=0.2, both=0.2),
        loss=LossWeights(gamma_intra=0.0),
        epochs=15,
        batch_pairs=256,
        learning_rate=2e-3,
        text_learning_rate=2e-2,
        logit_scale_learning_rate=1e-2,
        weight_decay=1e-2,
        feature_noise=0.4,
        # From the literal 0.07 so few steps leave the softmax flat: see STARTER.md.
        logit_scale_start=2.3,
        procedural_pairs=ProceduralPairs(train=6_400, validation=300, test=1_000, first_seed=0),
        threads=2,
    )


def starter_with_intra_run() -> RunConfig:
    """The same with the paper's γ2 = 3 (II-CLVTM), to see what the intra loss does."""
    return replace(starter_run(), name="starter_with_intra_run", loss=LossWeights(gamma_intra=3.0))


def starter_encoder() -> EncoderSpec:
    """Signal backbones and hashed words, so that nothing has to be fetched; two small biLSTMs."""
    sequence = SequenceEncoderSpec(kind="bilstm", width=96, layers=1, dropout=0.3, pooling="mean")
    video = VideoSide(
        backbone=SignalVideo(name="signal-video", version=1),
        feature_dim=len(VIDEO_FEATURES),
        standardisation=None,
        sequence_encoder=sequence,
        sampling=FrameSampling(
            instants=32,
            width=96,
            height=54,
            fit="stretch",
            interpolation="area",
            motion_instants=16,
            frame_budget=600,
        ),
    )
    music = MusicSide(
        backbone=SignalMusic(name="signal-music", version=1),
        feature_dim=len(MUSIC_FEATURES),
        standardisation=None,
        sequence_encoder=sequence,
        # 16 windows of 4 s: long enough for the period of 40 beats a minute, short enough for a verse to differ.
        sampling=SoundSampling(rate_hz=22_050, windows=16, window_samples=4 * 22_050),
    )
    words = HashedText(name="hashed-text", version=1, word_buckets=6144, ngram_buckets=2048)
    text = TextSide(backbone=words, feature_dim=6144 + 2048, bottleneck=16, initial_state="hidden_and_cell")
    return EncoderSpec(
        format_version=1, name="starter", embedding_dim=32, video=video, music=music, text=text, about={}
    )
