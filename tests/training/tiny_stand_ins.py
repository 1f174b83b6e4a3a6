"""The stand-ins at the least size that still feeds every run, and towers to match, so that a run takes a moment."""

import hashlib
from dataclasses import replace
from pathlib import Path

from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.paper_runs import Size
from training.run_config import RunConfig
from training.stand_ins.captioned import CAPTIONED, write_captioned
from training.stand_ins.classes import Classes, write_classes
from training.stand_ins.video_music import VideoMusic, write_video_music

# One epoch of the tiny training split is one step.
TINY = Size(
    width=8,
    embedding_dim=4,
    steps=3,
    epochs=1,
    batch_pairs=16,
    learning_rate=1e-2,
    logit_scale_learning_rate=1e-2,
    dropout=0.1,
    heads=2,
)
VIDEOS = VideoMusic(train=16, validation=6, test=10, video_dim=6, music_dim=5, text_dim=4)
CLASSES = Classes(classes=130, pictures=2, dim=4)


def music_videos(folder: Path, *, train: int = VIDEOS.train, test: int = VIDEOS.test) -> PairSet:
    return open_pair_set(write_video_music(folder, replace(VIDEOS, train=train, test=test)))


def captioned(folder: Path, name: str) -> PairSet:
    small = replace(CAPTIONED[name], train=16, validation=6, test=10, media_dim=5, text_dim=4)
    return open_pair_set(write_captioned(folder, small))


def pictures(folder: Path) -> PairSet:
    return open_pair_set(write_classes(folder, CLASSES))


def one_step(run: RunConfig) -> RunConfig:
    """The run for a processor and the tiny sets, whatever batches and epochs it has of its own."""
    return replace(run, batch_pairs=min(run.batch_pairs, 16), epochs=1, device="cpu", threads=1, precision="fp32")


def digest_of_files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
