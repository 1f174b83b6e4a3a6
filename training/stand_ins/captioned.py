"""Made-up stand-ins for captioned sets: each medium with several captions an item, which tell of parts of it.

The form of Clotho, MSCOCO, Flickr30k, MSVD, MSR-VTT and VATEX, a part of their size, and no meaning.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from training.pair_set import Item, Split, StreamForm
from training.pair_set_writer import PairSetWriter, StreamPlan
from training.stand_ins.latents import View, World, course


@dataclass(frozen=True, slots=True)
class Captioned:
    """`rows`: the least and the greatest number of steps of an item, 1 and 1 for pictures."""

    name: str
    medium: Literal["audio", "image", "video"]
    train: int
    test: int
    captions: int
    rows: tuple[int, int]
    validation: int = 150
    media_dim: int = 48
    text_dim: int = 48
    seed: int = 8


# Sizes rise as those of the real sets do, from Clotho to MSCOCO; captions an item are the lists' own.
CAPTIONED = {
    made_up.name: made_up
    for made_up in (
        Captioned("clotho", "audio", train=600, test=400, captions=5, rows=(15, 31)),
        Captioned("mscoco", "image", train=3_000, test=1_000, captions=5, rows=(1, 2)),
        Captioned("flickr30k", "image", train=1_500, test=500, captions=5, rows=(1, 2)),
        Captioned("msvd", "video", train=500, test=400, captions=40, rows=(10, 40)),
        Captioned("msrvtt", "video", train=1_200, test=500, captions=20, rows=(10, 30)),
        Captioned("vatex", "video", train=2_000, test=800, captions=10, rows=(10, 11)),
    )
}
WORLD = World(kinds=80, width=16, own_spread=0.45, section_spread=0.3)
# How much of an item's latent directions one caption leaves unsaid.
_UNSAID = 0.4


def write_captioned(folder: Path, wanted: Captioned) -> Path:
    """The folder, with a stream named as the medium and the stream `captions`."""
    rng = np.random.default_rng((wanted.seed, *wanted.name.encode()))
    seen = View.drawn(WORLD.width, wanted.media_dim, noise=0.35, rng=rng)
    told = View.drawn(WORLD.width, wanted.text_dim, noise=0.35, rng=rng)
    centres_KL = WORLD.centres(rng)
    form = StreamForm(wanted.medium, f"made-up:{wanted.medium}", wanted.media_dim, "made up")
    captions = StreamForm("text", "made-up:text", wanted.text_dim, "one a caption")
    streams = {wanted.medium: StreamPlan(form), "captions": StreamPlan(captions, "float16")}
    with PairSetWriter(folder, streams=streams, query=[wanted.medium], target=["captions"]) as writer:
        for number in range(wanted.train + wanted.validation + wanted.test):
            item_L = WORLD.item(centres_KL[int(rng.integers(WORLD.kinds))], rng)
            path = course(WORLD.sections(item_L, rng), int(rng.integers(*wanted.rows)), rng)
            said_CL = item_L * (rng.random((wanted.captions, WORLD.width)) > _UNSAID)
            vectors = told.of(said_CL.astype(np.float32), rng)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            name = f"made-up-{number}"
            item = Item(name, name, _split(number, wanted))
            writer.add(item, {wanted.medium: seen.of(path, rng), "captions": vectors})
    return folder


def _split(number: int, wanted: Captioned) -> Split:
    if number < wanted.train:
        return "train"
    return "validation" if number < wanted.train + wanted.validation else "test"
