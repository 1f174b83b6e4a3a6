"""A small pair set of random features, written as any source would write it."""

from pathlib import Path

import numpy as np

from training.pair_set import Item, Split, StreamForm
from training.pair_set_writer import PairSetWriter, StreamPlan

VIDEO = StreamForm("video", "signal-video:test", dim=6, steps="8 instants")
MUSIC = StreamForm("music", "signal-music:test", dim=5, steps="8 windows")
WORDS = StreamForm("text", "hashed-text:test", dim=4, steps="one a text")


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
