"""Reads Caltech-256: folders `001.ak47` with `001_0001.jpg` in them, and draws the pairs held out. Has no captions.

256 classes of 80 images and more. `257.clutter` is none; some folders of the archive hold files that are no images of
the set (`RENAME2`, a folder `greg`).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.converters.captions.captioned_set import CaptionedItem, CaptionedSet, PaperCounts
from training.converters.parts import LeftOut
from training.errors import PairSetError
from training.pair_set import Item, Split

CLASS = re.compile(r"\d{3}\..+")
IMAGE = re.compile(r"\d{3}_\d{4}\.(jpg|npy)", re.IGNORECASE)
TEST_PAIR: tuple[Split, ...] = ("test", "test")
VALIDATION_PAIR: tuple[Split, ...] = ("validation", "validation")
CLUTTER = "257.clutter"
# One random pair of each class.
PAPER = PaperCounts(train=None, test=512, captions=None)


def read_caltech256(folder: Path) -> CaptionedSet:
    """`folder` holds the images, or features of them, a folder a class; all are in "train" until pairs are drawn."""
    told: list[LeftOut] = []
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and CLASS.fullmatch(path.name))
    if not classes:
        raise PairSetError(file=folder.name, field="folder", reason="has no folders such as '001.ak47'")
    items = tuple(item for path in classes for item in _items(path, told))
    return CaptionedSet("caltech256", "image", items, tuple(told), PAPER, (folder.name,))


def draw_pairs(items: Sequence[Item], *, seed: int, validation_pairs: int) -> list[Item]:
    """The items with one pair of each class in "test" and `validation_pairs` in "validation", drawn at random.

    A class must keep a pair for "train"; one that is too small for that lends no validation pair, then no test pair.
    """
    by_label: dict[str | int, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        by_label[item.labels[0]].append(number)
    drawn = list(items)
    for label, own in by_label.items():
        # A class has its own draw, so that nothing in it depends on the classes that are there.
        rng = np.random.default_rng([seed, *str(label).encode()])
        numbers = rng.permutation(sorted(own, key=lambda number: items[number].id)).tolist()
        wanted = TEST_PAIR + VALIDATION_PAIR * validation_pairs
        room = max(0, (len(numbers) - 2) // 2 * 2)
        for number, split in zip(numbers, wanted[:room], strict=False):
            drawn[number] = replace(items[number], split=split)
    return drawn


def _items(folder: Path, told: list[LeftOut]) -> Iterator[CaptionedItem]:
    for path in sorted(folder.iterdir()):
        id_ = f"{folder.name}/{path.stem}"
        if folder.name == CLUTTER:
            told.append(LeftOut(id_, "clutter"))
        elif path.is_dir() or not IMAGE.fullmatch(path.name):
            told.append(LeftOut(f"{folder.name}/{path.name}", "not_of_the_set"))
        else:
            yield CaptionedItem(id_, (id_,), (), "train", label=folder.name)
