from collections import Counter
from pathlib import Path

import pytest

from training.converters.captions.caltech256 import draw_pairs, read_caltech256
from training.errors import PairSetError
from training.pair_set import Item


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def items_of(*sizes: int) -> list[Item]:
    return [
        Item(f"{label:03d}/{number:04d}", "own", "train", labels=(f"{label:03d}.class",))
        for label, size in enumerate(sizes, start=1)
        for number in range(size)
    ]


def test_the_folder_is_the_class_and_clutter_and_strays_are_told(tmp_path: Path) -> None:
    touch(tmp_path, "145.motorbikes-101/145_0002.jpg", "145.motorbikes-101/145_0001.jpg", "001.ak47/001_0001.jpg")
    touch(tmp_path, "257.clutter/257_0001.jpg", "198.spider/RENAME2", "056.dog/greg/vision309/a.jpg", "notes/x.jpg")
    found = read_caltech256(tmp_path)
    assert [(item.id, item.label, item.captions) for item in found.items] == [
        ("001.ak47/001_0001", "001.ak47", ()),
        ("145.motorbikes-101/145_0001", "145.motorbikes-101", ()),
        ("145.motorbikes-101/145_0002", "145.motorbikes-101", ()),
    ]
    assert {(left.source, left.reason) for left in found.left_out} == {
        ("257.clutter/257_0001", "clutter"),
        ("198.spider/RENAME2", "not_of_the_set"),
        ("056.dog/greg", "not_of_the_set"),
    }


def test_a_folder_of_features_is_read_as_well(tmp_path: Path) -> None:
    touch(tmp_path, "001.ak47/001_0001.npy")
    assert [item.id for item in read_caltech256(tmp_path).items] == ["001.ak47/001_0001"]


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "256_ObjectCategories/001.ak47/001_0001.jpg")
    with pytest.raises(PairSetError, match=r"001\.ak47"):
        read_caltech256(tmp_path)


def test_each_class_lends_one_pair_to_the_test_and_one_to_validation(tmp_path: Path) -> None:
    drawn = draw_pairs(items_of(80, 9, 6), seed=1, validation_pairs=1)
    counts = Counter((item.labels[0], item.split) for item in drawn)
    for label, size in (("001.class", 80), ("002.class", 9), ("003.class", 6)):
        assert counts[label, "test"] == counts[label, "validation"] == 2
        assert counts[label, "train"] == size - 4
    assert [item.id for item in drawn] == [item.id for item in items_of(80, 9, 6)]


def test_a_small_class_keeps_a_pair_for_training() -> None:
    drawn = draw_pairs(items_of(5, 4, 3, 1), seed=1, validation_pairs=1)
    counts = Counter((item.labels[0], item.split) for item in drawn)
    assert [counts[f"{label:03d}.class", "test"] for label in (1, 2, 3, 4)] == [2, 2, 0, 0]
    assert not any(item.split == "validation" for item in drawn)


def test_a_draw_depends_on_the_seed_and_on_nothing_but_the_class_itself() -> None:
    items = items_of(80, 80)
    drawn = draw_pairs(items, seed=1, validation_pairs=1)
    assert drawn == draw_pairs(items, seed=1, validation_pairs=1)
    assert drawn != draw_pairs(items, seed=2, validation_pairs=1)
    assert {item.id for item in drawn[80:] if item.split == "test"} == {
        item.id for item in draw_pairs(items[:79:-1], seed=1, validation_pairs=1) if item.split == "test"
    }
    places = [{item.id[4:] for item in part if item.split == "test"} for part in (drawn[:80], drawn[80:])]
    assert places[0] != places[1]
