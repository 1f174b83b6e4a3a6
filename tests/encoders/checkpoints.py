"""Small encoders and made-up material for tests: the starter's backbones, with towers of a size for tests."""

from functools import cache
from pathlib import Path

import numpy as np
import torch

from app.domain import Frames, Motion, SoundMaterial, VideoMaterial
from app.encoders.backbone_specs import HashedText, SignalMusic, SignalVideo
from app.encoders.checkpoint import save_checkpoint
from app.encoders.models import TwoTowers, video_music_model
from app.encoders.sequence_specs import BiLSTMSpec
from app.encoders.signal_music import SignalMusic as SignalMusicBackbone
from app.encoders.signal_video import SignalVideo as SignalVideoBackbone
from app.encoders.spec import EncoderSpec, FrameSampling, MusicSide, SoundSampling, Standardisation, TextSide, VideoSide

RATE_HZ = 22_050
WINDOW_SAMPLES = 65_536
_WIDTH = BiLSTMSpec(kind="bilstm", width=24, layers=1, dropout=0.1, pooling="mean")


def small_spec(*, with_text: bool = True) -> EncoderSpec:
    """Like the starter's, with 6 instants, 3 windows and narrow towers."""
    return EncoderSpec(
        format_version=1,
        name="small",
        embedding_dim=16,
        video=VideoSide(
            backbone=SignalVideo(name="signal-video", version=1),
            feature_dim=SignalVideoBackbone.feature_dim,
            sampling=FrameSampling(
                instants=6,
                width=64,
                height=36,
                fit="stretch",
                interpolation="area",
                motion_instants=2,
                frame_budget=60,
            ),
            standardisation=_any_standardisation(SignalVideoBackbone.feature_dim),
            sequence_encoder=_WIDTH,
        ),
        music=MusicSide(
            backbone=SignalMusic(name="signal-music", version=1),
            feature_dim=SignalMusicBackbone.feature_dim,
            sampling=SoundSampling(rate_hz=RATE_HZ, windows=3, window_samples=WINDOW_SAMPLES),
            standardisation=_any_standardisation(SignalMusicBackbone.feature_dim),
            sequence_encoder=_WIDTH,
        ),
        text=small_text_side() if with_text else None,
        about={"note": "made for a test"},
    )


def small_text_side() -> TextSide:
    return TextSide(
        backbone=HashedText(name="hashed-text", version=1, word_buckets=6144, ngram_buckets=2048),
        feature_dim=8192,
        bottleneck=8,
        initial_state="hidden_and_cell",
    )


def small_model(spec: EncoderSpec, seed: int = 0) -> TwoTowers:
    """Random, with words that matter (as it is made, a model has yet to learn that)."""
    torch.manual_seed(seed)
    model = video_music_model(spec).eval()
    if model.text_state is not None:
        torch.nn.init.normal_(model.text_state.reduce.weight, std=5.0)
    return model


def small_checkpoint(folder: Path, *, with_text: bool = True) -> Path:
    """Saved into `folder`, which must not exist."""
    spec = small_spec(with_text=with_text)
    save_checkpoint(folder, spec, small_model(spec))
    return folder


@cache
def some_video(seed: int, *, instants: int = 6, motion_instants: int = 2) -> VideoMaterial:
    """Noise over a colour of its own, 12 s long."""
    rng = np.random.default_rng(seed)
    colour = rng.integers(0, 156, size=3)
    rgb = (colour + rng.integers(0, 100, size=(instants, 36, 64, 3))).astype(np.uint8)
    times_s = ((np.arange(instants) + 0.5) * 12 / instants).astype(np.float32)
    speed = rng.random(motion_instants).astype(np.float32)
    motion_times_s = ((np.arange(motion_instants) + 0.5) * 12 / max(motion_instants, 1)).astype(np.float32)
    return VideoMaterial(12.0, Frames(rgb, times_s), Motion(speed, motion_times_s))


@cache
def some_track(seed: int, *, windows: int = 3) -> SoundMaterial:
    """A chord with a beat, at a tempo and a level of its own, 12 s long."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(WINDOW_SAMPLES) / RATE_HZ
    chord = sum(np.sin(2 * np.pi * hz * times_s) for hz in rng.uniform(110, 880, size=3))
    beat = np.exp(-8 * ((times_s[None] + rng.random((windows, 1))) % (60 / rng.uniform(70, 160))))
    samples = (rng.uniform(0.02, 0.2) * chord * beat).astype(np.float32)
    starts_s = np.linspace(0, 9, windows, dtype=np.float32)
    return SoundMaterial(12.0, samples, starts_s, RATE_HZ, -14.0)


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Row by row."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    return np.asarray((first * second).sum(axis=-1) / lengths)


def _any_standardisation(dim: int) -> Standardisation:
    rng = np.random.default_rng(dim)
    return Standardisation(
        mean=tuple(rng.normal(size=dim).tolist()), deviation=tuple(rng.uniform(0.5, 2.0, size=dim).tolist()), limit=4.0
    )
