"""The run that makes the checkpoint that ships. Its settings are explained where they were measured, in STARTER.md."""

from dataclasses import replace

from app.encoders.backbone_specs import HashedText, SignalMusic, SignalVideo
from app.encoders.sequence_specs import BiLSTMSpec
from app.encoders.signal_music import FEATURE_NAMES as MUSIC_FEATURES
from app.encoders.signal_video import FEATURE_NAMES as VIDEO_FEATURES
from app.encoders.spec import EncoderSpec, FrameSampling, MusicSide, SoundSampling, TextSide, VideoSide
from training.batches import TextMix
from training.design import design_of
from training.losses import LossWeights
from training.objectives import II
from training.run_config import ProceduralPairs, RunConfig


def starter_run() -> RunConfig:
    """The checkpoint that ships: no weights to fetch, made on two cores in minutes."""
    return RunConfig(
        name="starter_run",
        design=design_of(starter_encoder()),
        encoder=starter_encoder(),
        text_mix=TextMix(none=0.4, title=0.2, keywords=0.2, both=0.2),
        # From the literal 0.07 so few steps leave the softmax flat: see STARTER.md.
        objective=II(LossWeights(gamma_intra=0.0), logit_scale_start=2.3),
        epochs=15,
        batch_pairs=256,
        learning_rate=2e-3,
        text_learning_rate=2e-2,
        weight_decay=1e-2,
        feature_noise=0.4,
        procedural_pairs=ProceduralPairs(train=6_400, validation=300, test=1_000, first_seed=0),
        threads=2,
        device="cpu",
    )


def starter_with_intra_run() -> RunConfig:
    """The same with the paper's γ2 = 3 (II-CLVTM), to see what the intra loss does."""
    objective = II(LossWeights(gamma_intra=3.0), logit_scale_start=2.3)
    return replace(starter_run(), name="starter_with_intra_run", objective=objective)


def starter_encoder() -> EncoderSpec:
    """Signal backbones and hashed words, so that nothing has to be fetched; two small biLSTMs."""
    sequence = BiLSTMSpec(kind="bilstm", width=96, layers=1, dropout=0.3, pooling="mean")
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
