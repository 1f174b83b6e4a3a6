from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.pairs_at_random import tiny_encoder, write_random_pairs
from training.batches import PairFeed, TextMix, shuffled
from training.pair_set_reader import open_pair_set
from training.preparation import standardised

NEITHER = {"title": np.zeros(4, bool), "keywords": np.zeros(4, bool)}


@pytest.fixture
def feed(tmp_path: Path) -> PairFeed:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=12))
    spec = standardised(tiny_encoder(), pairs, pairs.items_of("train"), limit=2.0)
    return PairFeed(pairs, spec, torch.device("cpu"))


def test_a_batch_is_standardised_and_held_within_the_limit(feed: PairFeed) -> None:
    items = feed.pairs.items_of("train")
    batch = feed.batch(items, {name: np.zeros(len(items), bool) for name in NEITHER})
    # The raw music lies around 100.
    assert batch.music_BTE.shape == (6, 8, 5)
    assert batch.music_BTE.abs().max().item() == 2.0
    assert batch.music_BTE.mean().abs().item() < 0.2


def test_an_item_is_heard_with_the_texts_chosen_for_it(feed: PairFeed) -> None:
    items = np.array([1, 2, 4, 5])
    words = {"title": np.array([1, 0, 1, 0], bool), "keywords": np.array([0, 1, 1, 0], bool)}
    batch = feed.batch(items, words)
    title = feed.pairs.streams["title"].captions(items)[0]
    keywords = feed.pairs.streams["keywords"].captions(items)[0]
    both = title[2] + keywords[2]
    expected = np.stack([title[0], keywords[1], both / np.linalg.norm(both), np.zeros(4)])
    assert batch.text_BE is not None
    assert batch.has_text_B is not None
    np.testing.assert_allclose(batch.text_BE.numpy(), expected, atol=1e-6)
    assert batch.has_text_B.tolist() == [True, True, True, False]


def test_an_item_that_has_no_title_is_heard_without_one(feed: PairFeed) -> None:
    items = np.array([0, 1, 3, 4])
    batch = feed.batch(items, {**NEITHER, "title": np.ones(4, bool)})
    assert batch.has_text_B is not None
    assert batch.has_text_B.tolist() == [False, True, False, True]


def test_an_encoder_without_a_text_side_gets_no_text(feed: PairFeed) -> None:
    deaf = PairFeed(feed.pairs, feed.spec.model_copy(update={"text": None}), feed.device)
    assert deaf.batch(np.arange(4), NEITHER).text_BE is None


def test_a_noised_batch_is_the_batch_with_noise_of_the_given_deviation_on_both_sides(feed: PairFeed) -> None:
    items = np.repeat(feed.pairs.items_of("train"), 200)
    batch = feed.batch(items, {"title": np.ones(len(items), bool), "keywords": np.zeros(len(items), bool)})
    torch.manual_seed(1)
    noised = batch.noised(0.5)
    for before, after in ((batch.video_BTE, noised.video_BTE), (batch.music_BTE, noised.music_BTE)):
        assert (after - before).std().item() == pytest.approx(0.5, rel=0.05)
        assert (after - before).mean().item() == pytest.approx(0.0, abs=0.02)
    assert noised.text_BE is batch.text_BE
    assert batch.noised(0.0) is batch


def test_evaluation_batches_hold_every_item_once_in_order(feed: PairFeed) -> None:
    items = np.array([3, 1, 7, 5, 2])
    batches = list(feed.evaluation_batches(items, frozenset({"title"}), size=2))
    assert [len(batch.track_B) for batch in batches] == [2, 2, 1]
    assert torch.cat([batch.track_B for batch in batches]).tolist() == feed.pairs.track_codes[items].tolist()


def test_shuffled_gives_each_item_at_most_once_and_only_whole_batches() -> None:
    batches = list(shuffled(np.arange(11), size=4, rng=np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [4, 4]
    assert len(set(np.concatenate(batches).tolist())) == 8


def test_the_text_mix_keeps_its_shares() -> None:
    drawn = TextMix(none=4, title=2, keywords=1, both=3).draw(20_000, np.random.default_rng(0))
    assert drawn["title"].mean() == pytest.approx(0.5, abs=0.02)
    assert drawn["keywords"].mean() == pytest.approx(0.4, abs=0.02)
    assert (drawn["title"] & drawn["keywords"]).mean() == pytest.approx(0.3, abs=0.02)
