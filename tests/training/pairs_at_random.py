"""Small pair sets of random features, written as any source would write them, and runs of a size for tests."""

from pathlib import Path

import numpy as np
import torch

from app.domain import Float32Array
from app.encoders.backbone_specs import HashedText, SignalMusic, SignalVideo
from app.encoders.sequence_specs import BiLSTMSpec, FCSpec
from app.encoders.spec import EncoderSpec, FrameSampling, MusicSide, SoundSampling, TextSide, VideoSide
from training.batches import PairFeed, TextMix
from training.design import ModelDesign, TowerDesign, design_of
from training.measured_with import MEASURED_WITH_FILE, document_of, measured_by
from training.model_spec import ModelSpec
from training.objectives import II
from training.pair_set import Item, PairSet, Split, StreamForm
from training.pair_set_writer import PairSetWriter, StreamPlan
from training.rows import open_rows
from training.run_config import RunConfig

VIDEO = StreamForm("video", "signal-video:1", dim=6, steps="8 instants")
MUSIC = StreamForm("music", "signal-music:1", dim=5, steps="8 windows")
WORDS = StreamForm("text", "hashed-text:1:3+1", dim=4, steps="one a text")
AUDIO = StreamForm("audio", "made-up:audio", dim=5, steps="1 Hz")
CAPTION = StreamForm("text", "made-up:text", dim=4, steps="one a caption")
IMAGE = StreamForm("image", "made-up:image", dim=6, steps="one an image")
LSTM = BiLSTMSpec(kind="bilstm", width=6, layers=1, dropout=0.1, pooling="mean")
LINEAR = FCSpec(kind="fc", width=6, layers=1, dropout=0.0, batch_norm=False)


def split_of(number: int, count: int) -> Split:
    if number < count // 2:
        return "train"
    return "validation" if number < 3 * count // 4 else "test"


def write_random_pairs(
    folder: Path, *, count: int = 8, seed: int = 0, with_words: bool = True, measured: bool = False
) -> Path:
    """Pairs whose video and music share a hidden vector; every third item has no title, keywords have two captions.

    `measured`: with the file that says by what, which is `tiny_encoder`.
    """
    rng = np.random.default_rng(seed)
    to_video, to_music, to_words = (rng.normal(size=(3, form.dim)) for form in (VIDEO, MUSIC, WORDS))
    streams = {"video": StreamPlan(VIDEO), "music": StreamPlan(MUSIC)}
    if with_words:
        streams |= {"title": StreamPlan(WORDS), "keywords": StreamPlan(WORDS)}
    query = [name for name in streams if name != "music"]
    with PairSetWriter(folder, streams=streams, query=query, target=["music"]) as writer:
        for number in range(count):
            hidden = rng.normal(size=3)
            words = _unit(hidden @ to_words + rng.normal(size=(3, WORDS.dim)) / 4)
            features = {
                "video": (hidden @ to_video + rng.normal(size=(8, VIDEO.dim)) / 4).astype(np.float32),
                "music": (100 + hidden @ to_music + rng.normal(size=(8, MUSIC.dim)) / 4).astype(np.float32),
            }
            if with_words:
                features |= {"keywords": words[1:]} | ({"title": words[:1]} if number % 3 else {})
            writer.add(Item(id=f"item-{number}", track=f"track-{number}", split=split_of(number, count)), features)
        if measured:
            writer.attach(MEASURED_WITH_FILE, document_of(measured_by(tiny_encoder())))
    return folder


def write_captioned_pairs(folder: Path, *, count: int = 8, seed: int = 0) -> Path:
    """Sounds of 3 to 9 rows, each with three captions of its own; the last item of each split has no caption."""
    rng = np.random.default_rng(seed)
    to_audio, to_caption = (rng.normal(size=(3, form.dim)) for form in (AUDIO, CAPTION))
    streams = {"audio": StreamPlan(AUDIO), "caption": StreamPlan(CAPTION)}
    with PairSetWriter(folder, streams=streams, query=["audio"], target=["caption"]) as writer:
        for number in range(count):
            hidden = rng.normal(size=3)
            captions = _unit(hidden @ to_caption + rng.normal(size=(3, CAPTION.dim)) / 4)
            rows = (hidden @ to_audio + rng.normal(size=(rng.integers(3, 10), AUDIO.dim)) / 4).astype(np.float32)
            is_last = number + 1 == count or split_of(number + 1, count) != split_of(number, count)
            item = Item(id=f"sound-{number}", track=f"sound-{number}", split=split_of(number, count))
            writer.add(item, {"audio": rows} if is_last else {"audio": rows, "caption": captions})
    return folder


def write_labelled_images(folder: Path, *, count: int = 12, seed: int = 0) -> Path:
    """Images of three classes, `kind-0` to `kind-2` in turn, as Caltech-256 has them: one stream for both sides."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(3, IMAGE.dim))
    with PairSetWriter(folder, streams={"image": StreamPlan(IMAGE)}, query=["image"], target=["image"]) as writer:
        for number in range(count):
            image = (centres[number % 3] + rng.normal(size=(1, IMAGE.dim)) / 4).astype(np.float32)
            name, split = f"image-{number}", split_of(number, count)
            writer.add(Item(id=name, track=name, split=split, labels=(f"kind-{number % 3}",)), {"image": image})
    return folder


def tiny_encoder() -> EncoderSpec:
    """An encoder for the features of `write_random_pairs`."""
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
            sequence_encoder=LSTM,
            sampling=frames,
        ),
        music=MusicSide(
            backbone=SignalMusic(name="signal-music", version=1),
            feature_dim=MUSIC.dim,
            standardisation=None,
            sequence_encoder=LSTM,
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
    """For `write_random_pairs` of 32 items and more: three epochs of a second together."""
    return RunConfig(
        name="tiny_run",
        design=design_of(tiny_encoder()),
        objective=II(),
        epochs=3,
        batch_pairs=16,
        learning_rate=1e-2,
        weight_decay=1e-2,
        text_mix=TextMix(none=0.4, title=0.2, keywords=0.2, both=0.2),
        device="cpu",
    )


def captioned_design() -> ModelDesign:
    """For `write_captioned_pairs`: sounds, and what was written of them."""
    return ModelDesign(5, TowerDesign("audio", LSTM, 4), TowerDesign("caption", LINEAR, 1))


def image_design() -> ModelDesign:
    """For `write_labelled_images`: one tower for both sides."""
    side = TowerDesign("image", LINEAR, 1)
    return ModelDesign(4, side, side, shared=True)


def feed_of(pairs: PairSet, spec: ModelSpec) -> PairFeed:
    """Every stream from its file, to the processor."""
    device = torch.device("cpu")
    return PairFeed(pairs, spec, device, open_rows(pairs.streams, device, "file"))


def _unit(vectors: np.ndarray) -> Float32Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
