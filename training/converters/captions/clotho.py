"""Reads Clotho: one CSV a split, `file_name,caption_1,…,caption_5`, rows as quoted by Python's csv module.

File names are those of Freesound, with spaces (also in front), commas and `&amp;` in them, and are taken to the letter.
Version 1 has 2,893 and 1,045 files, version 2.1 has 3,839, 1,045 (validation) and 1,045; the paper counts otherwise.
"""

from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from training.converters.captions.annotation_files import read_table
from training.converters.captions.captioned_set import CaptionedItem, CaptionedSet, PaperCounts, each_once
from training.converters.parts import LeftOut
from training.pair_set import Split

FOLDERS: dict[str, Split] = {"development": "train", "validation": "validation", "evaluation": "test"}
CAPTIONS = tuple(f"caption_{number}" for number in range(1, 6))
PAPER = PaperCounts(train=2_981, test=1_000, captions=5)


def read_clotho(folder: Path) -> CaptionedSet:
    """The validation split is in version 2 only, and may be missing. Raises PairSetError.

    An item's id is its file's name without `.wav`; where two splits have a file of one name, with the split before it.
    """
    files = {name: f"clotho_captions_{name}.csv" for name in FOLDERS}
    if not (folder / files["validation"]).exists():
        del files["validation"]
    rows = {name: read_table(folder / file, "file_name", *CAPTIONS) for name, file in files.items()}
    told: list[LeftOut] = []
    items = tuple(each_once(_items(rows), told))
    return CaptionedSet("clotho", "audio", items, tuple(told), PAPER, tuple(files.values()))


def _items(rows: dict[str, list[dict[str, str]]]) -> Iterator[CaptionedItem]:
    uses = Counter(name for table in rows.values() for name in {row["file_name"] for row in table})
    for folder, table in rows.items():
        for row in table:
            stem = row["file_name"].removesuffix(".wav")
            inside = _names(folder, stem)
            captions = tuple(row[column] for column in CAPTIONS)
            # In one flat folder the second file of a name would have taken the first one's place.
            id_, flat = (stem, (stem, unescape(stem))) if uses[row["file_name"]] == 1 else (f"{folder}/{stem}", ())
            yield CaptionedItem(id_, (*inside, *flat), captions, FOLDERS[folder])


def _names(folder: str, stem: str) -> Iterator[str]:
    for parent in (folder, f"clotho_audio_{folder}", f"clotho_audio_{folder}/{folder}"):
        # In case that whoever unpacked the sounds has put the names right.
        yield from (f"{parent}/{name}" for name in (stem, unescape(stem)))
