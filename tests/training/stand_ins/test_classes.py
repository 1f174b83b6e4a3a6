from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.training.tiny_stand_ins import digest_of_files, pictures
from training.classes import class_codes, first_two_of_classes, members_of
from training.pair_set import SPLITS
from training.stand_ins.classes import Classes, write_classes

FEW = Classes(classes=5, pictures=3, dim=6)


def test_pictures_are_one_stream_for_both_sides_with_the_class_in_the_labels(tmp_path: Path) -> None:
    pairs = pictures(tmp_path / "made")
    assert (pairs.query, pairs.target) == (("image",), ("image",))
    assert pairs.streams["image"].form.modality == "image"
    assert (pairs.streams["image"].lengths(np.arange(len(pairs.items))) == 1).all()
    assert sorted({label for item in pairs.items for label in item.labels}) == list(range(130))


def test_each_class_brings_its_pictures_to_train_with_and_one_pair_each_to_validate_and_test(tmp_path: Path) -> None:
    pairs = pictures(tmp_path / "made")
    codes = class_codes(pairs)
    for split, each in zip(SPLITS, (2, 2, 2), strict=True):
        items = pairs.items_of(split)
        assert set(Counter(codes[items].tolist()).values()) == {each}
        first, second = first_two_of_classes(codes, items)
        assert codes[first].tolist() == codes[second].tolist() == list(range(130))
    assert len(members_of(codes, pairs.items_of("train"))) == 130


def test_pictures_of_a_class_are_alike(tmp_path: Path) -> None:
    pairs = pictures(tmp_path / "made")
    codes, images = class_codes(pairs), pairs.streams["image"].values(np.arange(len(pairs.items)))
    centred = images - images.mean(axis=0)
    cosines = centred @ centred.T / np.outer(*[np.linalg.norm(centred, axis=1)] * 2)
    is_same = (codes[:, None] == codes) & ~np.eye(len(codes), dtype=bool)
    assert cosines[is_same].mean() > cosines[~is_same].mean() + 0.1


def test_the_same_seed_makes_the_same_files_and_another_seed_other_ones(tmp_path: Path) -> None:
    first, second, other = (
        digest_of_files(write_classes(tmp_path / name, replace(FEW, seed=seed)))
        for name, seed in (("first", 8), ("second", 8), ("other", 9))
    )
    assert first == second
    assert first["image.npy"] != other["image.npy"]
    assert first["items.jsonl"] == other["items.jsonl"]
