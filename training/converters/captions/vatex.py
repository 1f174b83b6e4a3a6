"""Reads VATEX: one JSON list a split, each `{"videoID", "enCap": [10 texts], "chCap"}`; only English is taken.

An id is a YouTube id with the clip's times, `Ptf_2VRj-V0_000122_000132`. 25,991 / 3,000 / 6,000 videos, of which many
can no longer be had.
"""

from collections.abc import Iterator
from pathlib import Path

from training.converters.captions.annotation_files import read_json, texts_of, value_of
from training.converters.captions.captioned_set import CaptionedItem, CaptionedSet, PaperCounts, each_once
from training.converters.parts import LeftOut
from training.errors import PairSetError
from training.pair_set import Split

FILES: dict[str, Split] = {
    "vatex_training_v1.0.json": "train",
    "vatex_validation_v1.0.json": "validation",
    "vatex_public_test_english_v1.1.json": "test",
}
VALIDATION = "vatex_validation_v1.0.json"
PAPER = PaperCounts(train=25_991, test=6_000, captions=10)


def read_vatex(folder: Path) -> CaptionedSet:
    """The validation file may be missing. Raises PairSetError."""
    files = [name for name in FILES if name != VALIDATION or (folder / name).exists()]
    told: list[LeftOut] = []
    items = tuple(each_once((item for name in files for item in _items(folder / name)), told))
    return CaptionedSet("vatex", "video", items, tuple(told), PAPER, tuple(files))


def _items(path: Path) -> Iterator[CaptionedItem]:
    records = read_json(path)
    if not isinstance(records, list):
        raise PairSetError(file=path.name, field="the document", reason="must be a list")
    for number, record in enumerate(records):
        id_ = value_of(record, "videoID", str, file=path.name, item=f"record {number + 1}")
        captions = texts_of(record, "enCap", file=path.name, item=id_)
        yield CaptionedItem(id_, (id_,), captions, FILES[path.name])
