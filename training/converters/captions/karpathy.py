"""Reads the JSON of Karpathy's splits, which COCO and Flickr30k share. Knows neither set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.converters.captions.annotation_files import read_json, records_of, value_of
from training.errors import PairSetError
from training.pair_set import Split

# "restval" are the images of COCO's validation set beyond 5,000 for validation and 5,000 for test: all train on them.
SPLITS: dict[str, Split] = {"train": "train", "restval": "train", "val": "validation", "test": "test"}


@dataclass(frozen=True, slots=True)
class KarpathyImage:
    """`folder` and `coco_id` are told of COCO's images only; `captions` are the raw sentences, by their order."""

    file_name: str
    folder: str | None
    coco_id: int | None
    split: Split
    captions: tuple[str, ...]


def read_karpathy(path: Path) -> list[KarpathyImage]:
    """All images, in the file's order. Raises PairSetError."""
    document = read_json(path)
    return [_image(path.name, record) for record in records_of(document, "images", file=path.name)]


def _image(file: str, record: Any) -> KarpathyImage:
    name = value_of(record, "filename", str, file=file, item="an image")
    split = value_of(record, "split", str, file=file, item=name)
    if split not in SPLITS:
        raise PairSetError(file=file, field="split", item=name, reason=f"'{split}' is none of {', '.join(SPLITS)}")
    sentences = value_of(record, "sentences", list, file=file, item=name)
    captions = tuple(value_of(sentence, "raw", str, file=file, item=name) for sentence in sentences)
    folder = value_of(record, "filepath", str, file=file, item=name) if "filepath" in record else None
    coco_id = value_of(record, "cocoid", int, file=file, item=name) if "cocoid" in record else None
    return KarpathyImage(name, folder, coco_id, SPLITS[split], captions)
