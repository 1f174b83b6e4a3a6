from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.training.pairs_at_random import write_labelled_images, write_random_pairs
from training.classes import (
    NOISES,
    Noise,
    batch_classes,
    class_codes,
    first_two_of_classes,
    members_of,
    pairs_within,
)
from training.errors import PairSetError
from training.pair_set_reader import open_pair_set

CALTECH_CLASSES = np.arange(1_000, 1_256)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# Figure 7: N classes with one pair; N/3 with one and N/3 with two; N/2 with two; N/4 with four. 128 has no third.
@pytest.mark.parametrize(
    ("noise", "batch", "pairs_a_class"),
    [
        ("no", 128, {1: 128}),
        ("with", 128, {1: 42, 2: 42}),
        ("with", 129, {1: 43, 2: 43}),
        ("more", 128, {2: 64}),
        ("most", 128, {4: 32}),
    ],
)
def test_a_batch_has_as_many_pairs_of_a_class_as_the_papers_noise_says(
    noise: Noise, batch: int, pairs_a_class: dict[int, int]
) -> None:
    found = batch_classes(CALTECH_CLASSES, batch_pairs=batch, noise=noise, rng=rng())
    assert Counter(Counter(found.tolist()).values()) == pairs_a_class
    assert len(found) == sum(each * count for each, count in pairs_a_class.items())
    assert set(found.tolist()) <= set(CALTECH_CLASSES.tolist())


def test_classes_are_drawn_anew_for_each_batch() -> None:
    chance = rng()
    first, second = (set(batch_classes(CALTECH_CLASSES, batch_pairs=128, noise="no", rng=chance)) for _ in range(2))
    assert first != second


@pytest.mark.parametrize(("noise", "least"), [("no", 128), ("with", 84), ("more", 64), ("most", 32)])
def test_too_few_classes_are_refused(noise: Noise, least: int) -> None:
    assert len(batch_classes(np.arange(least), batch_pairs=128, noise=noise, rng=rng())) >= 126
    with pytest.raises(PairSetError, match=f"labels: {least - 1} classes .* are too few for batches of 128 pairs"):
        batch_classes(np.arange(least - 1), batch_pairs=128, noise=noise, rng=rng())


def test_noises_go_from_none_to_most() -> None:
    assert NOISES == ("no", "with", "more", "most")


def test_a_pair_has_two_different_members_of_its_class() -> None:
    members = {7: np.array([10, 11, 12]), 9: np.array([20, 21])}
    chosen = np.array([9, 7, 7, 9] * 50)
    queries, partners = pairs_within(members, chosen, rng())
    assert (queries != partners).all()
    for side in (queries, partners):
        assert {int(number): set(side[chosen == number].tolist()) for number in (7, 9)} == {
            7: {10, 11, 12},
            9: {20, 21},
        }


def test_a_class_with_a_single_member_has_no_pairs() -> None:
    classes = np.array([0, 1, 0, 2, 1, 0])
    found = members_of(classes, np.array([0, 1, 3, 4, 5]))
    assert {number: items.tolist() for number, items in found.items()} == {0: [0, 5], 1: [1, 4]}


def test_the_first_two_of_each_class_are_taken_in_order_and_lone_ones_left_out() -> None:
    classes = np.array([2, 0, 2, 1, 0, 2, 0])
    first, second = first_two_of_classes(classes, np.arange(7))
    assert (first.tolist(), second.tolist()) == ([1, 0], [4, 2])
    first, second = first_two_of_classes(classes, np.array([2, 5, 6]))
    assert (first.tolist(), second.tolist()) == ([2], [5])
    assert [len(side) for side in first_two_of_classes(classes, np.array([3, 4]))] == [0, 0]


def test_an_items_class_is_its_label(tmp_path: Path) -> None:
    pairs = open_pair_set(write_labelled_images(tmp_path / "images", count=7))
    assert class_codes(pairs).tolist() == [0, 1, 2, 0, 1, 2, 0]


def test_an_item_without_a_class_is_named(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs"))
    with pytest.raises(PairSetError, match=r"items\.jsonl: item 'item-0': labels: names no class"):
        class_codes(pairs)
