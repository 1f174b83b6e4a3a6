"""A small pair set of random features, written as any source would write it."""

from pathlib import Path

import numpy as np

from app.encoders.backbone_specs import HashedText, SignalMusic, SignalVideo
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
from training.pair_set import Item, Split, StreamForm
from training.pair_set_writer import PairSetWriter, StreamPlan
from training.runs import RunConfig

VIDEO = StreamForm("video", "signal-video:1", dim=6, steps="8 instants")
MUSIC = StreamForm("music", "signal-music:1", dim=5, steps="8 windows")
WORDS = StreamForm("text", "hashed-text:1:3+1", dim=4, steps="one a text")


def split_of(number: int, count: int) -> Split:
    if number < count // 2:
        return "train"
    return "validation" if number < 3 * count // 4 else "test"


def write_random_pairs(folder: Path, *, count: int = 8, seed: int = 0) -> Path:
    """Pairs whose video and music share a hidden vector; every third item has no title, keywords have two captions."""
    rng = np.random.default_rng(seed)
    to_video, to_music, to_words = (rng.normal(size=(3, form.dim)) for form in (VIDEO, MUSIC, WORDS))
    streams = {
        "video": StreamPlan(VIDEO),
        "music": StreamPlan(MUSIC),
        "title": StreamPlan(WORDS),
        "keywords": StreamPlan(WORDS),
    }
    with PairSetWriter(folder, streams=streams, query=["video", "title", "keywords"], target=["music"]) as writer:
        for number in range(count):
            hidden = rng.normal(size=3)
            words = hidden @ to_words + rng.normal(size=(3, WORDS.dim)) / 4
            words /= np.linalg.norm(words, axis=1, keepdims=True)
            features = {
                "video": (hidden @ to_video + rng.normal(size=(8, VIDEO.dim)) / 4).astype(np.float32),
                "music": (100 + hidden @ to_music + rng.normal(size=(8, MUSIC.dim)) / 4).astype(np.float32),
                "keywords": words[1:].astype(np.float32),
            }
            if number % 3:
                features["title"] = words[:1].astype(np.float32)
            writer.add(Item(id=f"item-{number}", track=f"track-{number}", split=split_of(number, count)), features)
    return folder


def tiny_encoder() -> EncoderSpec:
    """An encoder for the features above."""
    sequence = SequenceEncoderSpec(kind="bilstm", width=6, layers=1, dropout=0.1, pooling="mean")
    frames = FrameSampling(
        instants=8, width=8, height=8, fit="stretch", interpolation="area", motion_instants=0, frame_budget=0
    )
    return EncoderSpec(
        format_version=1,
        name="tiny",
        embedding_dim=5,
        video=VideoSide(
            backbone=SignalVideo(name="signal-video", version=1),
            feature_dim=VIDEO.dim,
            standardisation=None,
            sequence_encoder=sequence,
            sampling=frames,
        ),
        music=MusicSide(
            backbone=SignalMusic(name="signal-music", version=1),
            feature_dim=MUSIC.dim,
            standardisation=None,
            sequence_encoder=sequence,
            sampling=SoundSampling(rate_hz=8000, windows=8, window_samples=800),
        ),
        text=TextSide(
            backbone=HashedText(name="hashed-text", version=1, word_buckets=3, ngram_buckets=1),
            feature_dim=WORDS.dim,
            bottleneck=3,
            initial_state="hidden",
        ),
        about={},
    )


def tiny_run() -> RunConfig:
    return RunConfig(
        name="tiny_run",
        encoder=tiny_encoder(),
        text_mix=TextMix(none=0.4, title=0.2, keywords=0.2, both=0.2),
        loss=LossWeights(),
        epochs=3,
        batch_pairs=16,
        learning_rate=1e-2,
        logit_scale_learning_rate=1e-2,
        weight_decay=1e-2,
        threads=1,
    )
