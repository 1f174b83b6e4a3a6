from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.training.pairs_at_random import (
    captioned_design,
    feed_of,
    image_design,
    tiny_encoder,
    write_captioned_pairs,
    write_labelled_images,
    write_random_pairs,
)
from training.batches import Draw, PairFeed, TextMix
from training.classes import Noise, class_codes
from training.design import ModelDesign, design_of
from training.drawing import Drawing, OwnTargets, WithinClasses
from training.errors import PairSetError
from training.pair_set import Items
from training.pair_set_reader import open_pair_set
from training.preparation import completed
from training.run_config import NO_WORDS

WORDY = TextMix(none=0.0, title=0.0, keywords=0.0, both=1.0)


def feed_for(folder: Path, design: ModelDesign) -> PairFeed:
    pairs = open_pair_set(folder)
    return feed_of(pairs, completed(design, pairs, pairs.items_of("train"), limit=None))


@pytest.fixture
def images(tmp_path: Path) -> PairFeed:
    return feed_for(write_labelled_images(tmp_path / "images", count=48), image_design())


def drawn(
    drawing: Drawing, feed: PairFeed, *, batch: int, mix: TextMix = NO_WORDS, seed: int = 0, items: Items | None = None
) -> list[Draw]:
    items = feed.pairs.items_of("train") if items is None else items
    return list(drawing.draws(feed, items, mix, batch_pairs=batch, rng=np.random.default_rng(seed)))


def owners(feed: PairFeed, stream: str, rows: np.ndarray) -> list[int]:
    """The items that own the first of the rows of each pair."""
    found: list[int] = (np.searchsorted(feed.pairs.streams[stream].offsets, rows[:, 0], side="right") - 1).tolist()
    return found


def test_an_epoch_takes_each_item_once_with_its_own_target(tmp_path: Path) -> None:
    feed = feed_for(write_random_pairs(tmp_path / "pairs", count=24), design_of(tiny_encoder()))
    batches = drawn(OwnTargets(), feed, batch=4)
    assert [len(draw.query_BT) for draw in batches] == [4, 4, 4]
    taken = [number for draw in batches for number in owners(feed, "video", draw.query_BT)]
    assert sorted(taken) == list(range(12))
    assert taken != sorted(taken)
    for draw in batches:
        assert owners(feed, "video", draw.query_BT) == owners(feed, "music", draw.target_BT)
        assert draw.track_B.tolist() == feed.pairs.track_codes[owners(feed, "video", draw.query_BT)].tolist()


def test_what_does_not_fill_a_batch_is_left_out_of_the_epoch(tmp_path: Path) -> None:
    feed = feed_for(write_random_pairs(tmp_path / "pairs", count=24), design_of(tiny_encoder()))
    assert [len(draw.query_BT) for draw in drawn(OwnTargets(), feed, batch=5)] == [5, 5]


def test_items_are_heard_with_the_words_of_the_mix(tmp_path: Path) -> None:
    feed = feed_for(write_random_pairs(tmp_path / "pairs", count=24), design_of(tiny_encoder()))
    assert all((draw.words_CB == -1).all() for draw in drawn(OwnTargets(), feed, batch=4))
    assert all((draw.words_CB[1] >= 0).all() for draw in drawn(OwnTargets(), feed, batch=4, mix=WORDY))


def test_each_epoch_draws_another_of_the_captions(tmp_path: Path) -> None:
    feed = feed_for(write_captioned_pairs(tmp_path / "sounds", count=24), captioned_design())
    items = feed.pairs.items_of("train", owning=["caption"])[:10]
    chosen = []
    for seed in (0, 1):
        batches = drawn(OwnTargets(), feed, batch=10, seed=seed, items=items)
        chosen.append(sorted(batches[0].target_BT[:, 0].tolist()))
        assert owners(feed, "audio", batches[0].query_BT) == owners(feed, "caption", batches[0].target_BT)
    assert chosen[0] != chosen[1]


def test_pairs_within_classes_are_two_different_items_of_one_class(images: PairFeed) -> None:
    classes = class_codes(images.pairs)
    batches = drawn(WithinClasses(), images, batch=3)
    assert len(batches) == 24 // 3
    for draw in batches:
        first, second = owners(images, "image", draw.query_BT), owners(images, "image", draw.target_BT)
        assert all(one != other for one, other in zip(first, second, strict=True))
        assert classes[first].tolist() == classes[second].tolist()
        assert set(first + second) <= set(images.pairs.items_of("train").tolist())


def test_all_other_pairs_of_a_batch_count_as_negatives_though_they_may_share_a_class(images: PairFeed) -> None:
    (draw, *_) = drawn(WithinClasses("most"), images, batch=12)
    assert draw.track_B.tolist() == list(range(12))
    assert len(set(class_codes(images.pairs)[owners(images, "image", draw.query_BT)])) == 3


@pytest.mark.parametrize(
    ("noise", "batch", "sizes"), [("no", 3, [1, 1, 1]), ("with", 3, [1, 2]), ("more", 6, [2] * 3), ("most", 8, [4, 4])]
)
def test_a_batch_holds_as_many_pairs_of_a_class_as_the_noise_says(
    images: PairFeed, noise: Noise, batch: int, sizes: list[int]
) -> None:
    for draw in drawn(WithinClasses(noise), images, batch=batch):
        found = Counter(class_codes(images.pairs)[owners(images, "image", draw.query_BT)].tolist())
        assert sorted(found.values()) == sizes


def test_a_class_with_one_training_item_is_never_drawn(images: PairFeed) -> None:
    classes = class_codes(images.pairs)
    items = images.pairs.items_of("train")
    alone = items[(classes[items] != 1) | (items == items[classes[items] == 1][0])]
    taken = [number for draw in drawn(WithinClasses(), images, batch=2, items=alone) for number in draw.query_BT[:, 0]]
    assert taken
    assert 1 not in classes[taken]


@pytest.mark.parametrize("drawing", [OwnTargets(), WithinClasses("more")])
def test_the_same_chance_draws_the_same_batches(images: PairFeed, drawing: Drawing) -> None:
    first, second, other = (
        [draw.query_BT.tolist() for draw in drawn(drawing, images, batch=6, seed=seed)] for seed in (5, 5, 6)
    )
    assert first == second
    assert first != other


def test_items_without_classes_are_refused(tmp_path: Path) -> None:
    feed = feed_for(write_random_pairs(tmp_path / "pairs"), design_of(tiny_encoder()))
    with pytest.raises(PairSetError, match="names no class"):
        drawn(WithinClasses(), feed, batch=2)
