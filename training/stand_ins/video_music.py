"""A made-up stand-in for YouTube-8M's music videos: the same form, a thousandth of the size, and no meaning.

Video and music of an item go through the same sections, each with its own lengths: the whole tells more than a window
around the centre. Title and keywords tell of the item, not of its course.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.pair_set import Item, Split, StreamForm
from training.pair_set_writer import Features, PairSetWriter, StreamPlan
from training.stand_ins.latents import View, World, course

ROWS = (90, 240)
# As YouTube-8M quantises: values from -2 to 2 in 8 bit.
_SCALE = (4 / 255, 4 / 512 - 2)


@dataclass(frozen=True, slots=True)
class VideoMusic:
    """How much of it there is."""

    train: int = 1_200
    validation: int = 200
    test: int = 1_100
    video_dim: int = 64
    music_dim: int = 32
    text_dim: int = 48
    seed: int = 8


WORLD = World(kinds=60, width=12, own_spread=0.2, section_spread=0.5)


def write_video_music(folder: Path, wanted: VideoMusic) -> Path:
    """The folder, with streams `video`, `title`, `keywords` and `music`."""
    rng = np.random.default_rng(wanted.seed)
    views = {
        "video": View.drawn(WORLD.width, wanted.video_dim, noise=1.5, rng=rng),
        "music": View.drawn(WORLD.width, wanted.music_dim, noise=1.5, rng=rng),
        "title": View.drawn(WORLD.width, wanted.text_dim, noise=1.0, rng=rng),
        "keywords": View.drawn(WORLD.width, wanted.text_dim, noise=1.2, rng=rng),
    }
    centres_KL = WORLD.centres(rng)
    with PairSetWriter(
        folder, streams=_streams(wanted), query=["video", "title", "keywords"], target=["music"]
    ) as writer:
        for number in range(wanted.train + wanted.validation + wanted.test):
            kind = int(rng.integers(WORLD.kinds))
            item_L = WORLD.item(centres_KL[kind], rng)
            states_SL, rows = WORLD.sections(item_L, rng), int(rng.integers(*ROWS))
            features: dict[str, Features] = {
                name: views[name].of(course(states_SL, rows, rng), rng) for name in ("video", "music")
            }
            for name in ("title", "keywords"):
                vector = views[name].of(item_L, rng)
                features[name] = (vector / np.linalg.norm(vector))[None]
            name = f"made-up-{number}"
            writer.add(Item(name, name, _split(number, wanted), labels=(kind,)), features)
    return folder


def _streams(wanted: VideoMusic) -> dict[str, StreamPlan]:
    def quantised(modality: str, dim: int) -> StreamPlan:
        scale = np.array([[_SCALE[0]] * dim, [_SCALE[1]] * dim], np.float32)
        return StreamPlan(StreamForm(modality, f"made-up:{modality}", dim, "1 Hz"), "uint8", scale)

    words = StreamPlan(StreamForm("text", "made-up:text", wanted.text_dim, "one a text"), "float16")
    return {
        "video": quantised("video", wanted.video_dim),
        "music": quantised("music", wanted.music_dim),
        "title": words,
        "keywords": words,
    }


def _split(number: int, wanted: VideoMusic) -> Split:
    if number < wanted.train:
        return "train"
    return "validation" if number < wanted.train + wanted.validation else "test"
