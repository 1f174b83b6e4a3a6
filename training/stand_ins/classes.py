"""A made-up stand-in for Caltech-256: pictures of 256 classes, any two of one class a pair. No meaning."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.pair_set import Item, Split, StreamForm
from training.pair_set_writer import PairSetWriter, StreamPlan
from training.stand_ins.latents import View, World


@dataclass(frozen=True, slots=True)
class Classes:
    """`pictures` of each class to train with; one pair of each class more is validated on, one tested."""

    classes: int = 256
    pictures: int = 12
    dim: int = 64
    seed: int = 8


WORLD = World(kinds=256, width=24, own_spread=0.9, section_spread=0.0)
_HELD_OUT: tuple[Split, ...] = ("validation", "validation", "test", "test")


def write_classes(folder: Path, wanted: Classes) -> Path:
    """The folder, with the one stream `image`; the class stands in each item's labels."""
    rng = np.random.default_rng(wanted.seed)
    view = View.drawn(WORLD.width, wanted.dim, noise=0.5, rng=rng)
    centres_KL = rng.normal(size=(wanted.classes, WORLD.width)).astype(np.float32)
    plan = StreamPlan(StreamForm("image", "made-up:image", wanted.dim, "one a picture"))
    with PairSetWriter(folder, streams={"image": plan}, query=["image"], target=["image"]) as writer:
        for label in range(wanted.classes):
            for number in range(wanted.pictures + len(_HELD_OUT)):
                split = "train" if number < wanted.pictures else _HELD_OUT[number - wanted.pictures]
                name = f"{label:03d}-{number:04d}"
                picture = view.of(WORLD.item(centres_KL[label], rng), rng)
                writer.add(Item(name, name, split, labels=(label,)), {"image": picture[None]})
    return folder
