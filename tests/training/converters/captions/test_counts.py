from pathlib import Path

import numpy as np

from training.converters.captions.captioned_set import CaptionedItem, CaptionedSet, PaperCounts
from training.converters.captions.counts import count_lines
from training.converters.conversion import Conversion

ITEMS = (
    CaptionedItem("a", ("a",), ("x",) * 5, "train"),
    CaptionedItem("b", ("b",), ("x",) * 5, "validation"),
    CaptionedItem("c", ("c",), ("x",) * 2, "test"),
)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_papers_counts_stand_beside_those_of_the_annotations_and_of_the_pair_set(tmp_path: Path) -> None:
    np.save(tmp_path / "captions_offsets.npy", np.array([0, 5, 9]))
    captioned = CaptionedSet("clotho", "audio", ITEMS, (), PaperCounts(2_981, 1_000, 5), ("a.csv", "b.csv"))
    lines = count_lines(captioned, Conversion(tmp_path, {"train": 1, "validation": 1, "test": 0}, ()))
    assert lines[0] == "read: a.csv, b.csv"
    assert cells(lines[1]) == ["clotho", "train", "validation", "test", "captions an item"]
    assert cells(lines[3]) == ["paper", "2,981", "", "1,000", "5"]
    assert cells(lines[4]) == ["annotated", "1", "1", "1", "2 to 5, mean 4.0"]
    assert cells(lines[5]) == ["converted", "1", "1", "0", "4 to 5, mean 4.5"]


def test_a_set_without_captions_counts_none(tmp_path: Path) -> None:
    item = CaptionedItem("a", ("a",), (), "train", "001.ak47")
    captioned = CaptionedSet("caltech256", "image", (item,), (), PaperCounts(None, 512, None), ("256",))
    lines = count_lines(captioned, Conversion(tmp_path, {"train": 1, "validation": 0, "test": 0}, ()))
    assert [cells(line)[-1] for line in lines[3:]] == ["", "", ""]
