"""Reads MSCOCO: Karpathy's `dataset_coco.json` where it is there, else the captions as they were given out.

Karpathy's split is the paper's 113,287 / 5,000, with 5,000 more for validation. `captions_train2017.json` (118,287) and
`captions_val2017.json` (5,000) name no third split: the first is for training, the second is the test.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from training.converters.captions.annotation_files import read_json, records_of, value_of
from training.converters.captions.captioned_set import CaptionedItem, CaptionedSet, PaperCounts, each_once
from training.converters.captions.karpathy import KarpathyImage, read_karpathy
from training.converters.parts import LeftOut
from training.errors import PairSetError
from training.pair_set import Split

KARPATHY = "dataset_coco.json"
RAW: dict[str, Split] = {"train2017": "train", "val2017": "test"}
PAPER = PaperCounts(train=113_287, test=5_000, captions=5)


def read_coco(folder: Path) -> CaptionedSet:
    """Ids are COCO's numbers of its images; captions are in the order of the file. Raises PairSetError."""
    told: list[LeftOut] = []
    if (folder / KARPATHY).exists():
        files: tuple[str, ...] = (KARPATHY,)
        items = tuple(each_once(map(_karpathy_item, read_karpathy(folder / KARPATHY)), told))
    else:
        files = tuple(f"captions_{name}.json" for name in RAW)
        found = (item for name, split in RAW.items() for item in _raw_items(folder, name, split, told))
        items = tuple(each_once(found, told))
    return CaptionedSet("coco", "image", items, tuple(told), PAPER, files)


def _karpathy_item(image: KarpathyImage) -> CaptionedItem:
    if image.coco_id is None:
        raise PairSetError(file=KARPATHY, field="cocoid", item=image.file_name, reason="must be an int, and there")
    stem = image.file_name.removesuffix(".jpg")
    first = (stem,) if image.folder is None else (f"{image.folder}/{stem}", stem)
    # The images of 2014 were given out again in 2017, under the number alone.
    return CaptionedItem(str(image.coco_id), (*first, *_names_of_2017(image.coco_id)), image.captions, image.split)


def _names_of_2017(number: int) -> tuple[str, ...]:
    return (*(f"{name}/{number:012d}" for name in RAW), f"{number:012d}")


def _raw_items(folder: Path, name: str, split: Split, told: list[LeftOut]) -> Iterator[CaptionedItem]:
    file = f"captions_{name}.json"
    document = read_json(folder / file)
    captions: dict[int, list[str]] = defaultdict(list)
    for record in records_of(document, "annotations", file=file):
        number = value_of(record, "image_id", int, file=file, item="an annotation")
        captions[number].append(value_of(record, "caption", str, file=file, item=str(number)))
    for record in records_of(document, "images", file=file):
        number = value_of(record, "id", int, file=file, item="an image")
        stem = value_of(record, "file_name", str, file=file, item=str(number)).removesuffix(".jpg")
        yield CaptionedItem(str(number), (f"{name}/{stem}", stem), tuple(captions.pop(number, ())), split)
    told += [LeftOut(str(number), "caption_of_no_item", f"in {file}") for number in captions]
