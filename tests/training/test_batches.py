from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.encoders.spec import EncoderSpec
from tests.training.pairs_at_random import (
    captioned_design,
    feed_of,
    image_design,
    tiny_encoder,
    write_captioned_pairs,
    write_labelled_images,
    write_random_pairs,
)
from training.batches import PairFeed, TextMix, shuffled
from training.design import ModelDesign, design_of
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.preparation import completed, label_table


def no_words(count: int) -> dict[str, np.ndarray]:
    return {"title": np.zeros(count, bool), "keywords": np.zeros(count, bool)}


def made(pairs: PairSet, design: ModelDesign, *, limit: float | None = None) -> PairFeed:
    return feed_of(pairs, completed(design, pairs, pairs.items_of("train"), limit=limit))


def without_text(encoder: EncoderSpec) -> EncoderSpec:
    return encoder.model_copy(update={"text": None})


@pytest.fixture
def feed(tmp_path: Path) -> PairFeed:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=12))
    return made(pairs, design_of(tiny_encoder()), limit=2.0)


@pytest.fixture
def captioned(tmp_path: Path) -> PairFeed:
    return made(open_pair_set(write_captioned_pairs(tmp_path / "captioned", count=12)), captioned_design())


def test_a_batch_is_standardised_and_held_within_the_limit(feed: PairFeed) -> None:
    items = feed.pairs.items_of("train")
    batch = feed.gather(feed.draw(items, no_words(len(items))))
    # The raw music lies around 100.
    assert batch.target_BTE.shape == (6, 8, 5)
    assert batch.target_BTE.abs().max().item() == 2.0
    assert batch.target_BTE.mean().abs().item() < 0.2


def test_a_batch_that_is_not_standardised_holds_the_rows_that_were_drawn(feed: PairFeed) -> None:
    plain = made(feed.pairs, design_of(tiny_encoder()))
    items = np.array([5, 2])
    draw = plain.draw(items, no_words(2), rng=np.random.default_rng(0))
    batch = plain.gather(draw)
    assert batch.query_BTE.tolist() == feed.pairs.streams["video"].rows[draw.query_BT].tolist()
    assert batch.target_BTE.tolist() == feed.pairs.streams["music"].rows[draw.target_BT].tolist()
    assert batch.track_B.tolist() == feed.pairs.track_codes[items].tolist()


def test_an_item_is_heard_with_the_texts_chosen_for_it(feed: PairFeed) -> None:
    items = np.array([1, 2, 4, 5])
    words = {"title": np.array([1, 0, 1, 0], bool), "keywords": np.array([0, 1, 1, 0], bool)}
    batch = feed.gather(feed.draw(items, words))
    title, keywords = (
        stream.values(stream.caption_picks(items)) for stream in (feed.pairs.streams[name] for name in words)
    )
    both = title[2] + keywords[2]
    expected = np.stack([title[0], keywords[1], both / np.linalg.norm(both), np.zeros(4)])
    assert batch.text_BE is not None
    assert batch.has_text_B is not None
    np.testing.assert_allclose(batch.text_BE.numpy(), expected, atol=1e-6)
    assert batch.has_text_B.tolist() == [True, True, True, False]


def test_an_item_that_has_no_title_is_heard_without_one(feed: PairFeed) -> None:
    items = np.array([0, 1, 3, 4])
    batch = feed.gather(feed.draw(items, {**no_words(4), "title": np.ones(4, bool)}))
    assert batch.text_BE is not None
    assert batch.has_text_B is not None
    assert batch.has_text_B.tolist() == [False, True, False, True]
    assert batch.text_BE[0].tolist() == [0.0] * 4


def test_a_model_without_words_gets_no_text(feed: PairFeed) -> None:
    deaf = made(feed.pairs, design_of(without_text(tiny_encoder())))
    batch = deaf.gather(deaf.draw(np.arange(4), no_words(4)))
    assert (batch.text_BE, batch.has_text_B) == (None, None)
    assert list(deaf.words_streams) == []


def test_a_part_of_a_draw_gathers_to_that_part_of_the_batch(feed: PairFeed) -> None:
    labelled = replace(feed, labels=np.arange(24).reshape(12, 2) % 3 == 0)
    items = feed.pairs.items_of("train")
    words = TextMix(none=1, title=1, keywords=1, both=1).draw(len(items), np.random.default_rng(1))
    draw = labelled.draw(items, words, rng=np.random.default_rng(2))
    whole, part = labelled.gather(draw), labelled.gather(draw.part(slice(2, 5)))
    for name in ("query_BTE", "target_BTE", "text_BE", "has_text_B", "track_B", "label_BL"):
        assert getattr(part, name).tolist() == getattr(whole, name)[2:5].tolist()


def test_training_draws_other_steps_and_other_captions_each_time(feed: PairFeed) -> None:
    items, rng = np.repeat(feed.pairs.items_of("train"), 20), np.random.default_rng(0)
    narrow = replace(feed, spec=feed.spec.model_copy(update={"query": feed.spec.query.model_copy(update={"steps": 2})}))
    words = {**no_words(len(items)), "keywords": np.ones(len(items), bool)}
    draw = narrow.draw(items, words, rng=rng)
    begins = feed.pairs.streams["video"].offsets[items]
    assert set((draw.query_BT - begins[:, None])[:, 0].tolist()) == {0, 1, 2, 3}
    assert set((draw.query_BT - begins[:, None])[:, 1].tolist()) == {4, 5, 6, 7}
    assert set((draw.words_CB[1] - feed.pairs.streams["keywords"].offsets[items]).tolist()) == {0, 1}
    assert set(draw.words_CB[0].tolist()) == {-1}
    assert (
        narrow.draw(items[:4], no_words(4)).query_BT.tolist() == narrow.draw(items[:4], no_words(4)).query_BT.tolist()
    )


def test_fixed_duration_takes_its_steps_around_the_centre_and_global_sparse_from_the_whole(feed: PairFeed) -> None:
    def sampled(sampling: str) -> PairFeed:
        tower = feed.spec.query.model_copy(update={"steps": 2, "window_rows": 4, "sampling": sampling})
        return replace(feed, spec=feed.spec.model_copy(update={"query": tower}))

    items = np.array([0, 3])
    assert (sampled("gs").draw(items, no_words(2)).query_BT % 8).tolist() == [[2, 6]] * 2
    assert (sampled("fd").draw(items, no_words(2)).query_BT % 8).tolist() == [[3, 5]] * 2
    drawn = sampled("fd").draw(np.repeat(items, 50), no_words(100), rng=np.random.default_rng(0)).query_BT % 8
    assert set(drawn[:, 0].tolist()) == {2, 3}
    assert set(drawn[:, 1].tolist()) == {4, 5}


def test_a_text_side_draws_one_of_its_captions_for_training(captioned: PairFeed) -> None:
    items = np.repeat(captioned.pairs.items_of("train", owning=["caption"]), 30)
    draw = captioned.draw(items, {}, rng=np.random.default_rng(0))
    assert draw.target_BT.shape == (150, 1)
    assert set((draw.target_BT[:, 0] - captioned.pairs.streams["caption"].offsets[items]).tolist()) == {0, 1, 2}
    assert captioned.gather(draw).target_BTE.shape == (150, 1, 4)


def test_a_text_side_is_evaluated_with_every_caption_and_any_other_with_every_item(captioned: PairFeed) -> None:
    items = captioned.pairs.items_of("train", owning=["caption"])[::-1]
    targets = list(captioned.target_batches(items, size=4))
    queries = list(captioned.query_batches(items, frozenset(), size=4))
    assert [len(owners) for owners, _ in targets] == [4, 4, 4, 3]
    assert np.concatenate([owners for owners, _ in targets]).tolist() == np.repeat(items, 3).tolist()
    assert np.concatenate([owners for owners, *_ in queries]).tolist() == items.tolist()
    caption = captioned.pairs.streams["caption"]
    rows = np.concatenate([caption.values(np.arange(*caption.offsets[[item, item + 1]])) for item in items])
    np.testing.assert_array_equal(torch.cat([steps for _, steps in targets])[:, 0].numpy(), rows)


def test_queries_are_heard_with_the_named_words_alone(feed: PairFeed) -> None:
    items = np.array([3, 1, 7, 5, 2])
    batches = list(feed.query_batches(items, frozenset({"title"}), size=2))
    assert [len(owners) for owners, *_ in batches] == [2, 2, 1]
    assert np.concatenate([owners for owners, *_ in batches]).tolist() == items.tolist()
    title = feed.pairs.streams["title"]
    for owners, _, text_BE, has_text_B in batches:
        assert text_BE is not None
        assert has_text_B is not None
        assert has_text_B.tolist() == (owners % 3 > 0).tolist()
        heard = title.values(title.caption_picks(owners[owners % 3 > 0]))
        np.testing.assert_allclose(text_BE[has_text_B].numpy(), heard, atol=1e-6)


def test_pairs_of_two_items_are_each_a_track_of_their_own(tmp_path: Path) -> None:
    pairs = open_pair_set(write_labelled_images(tmp_path / "images"))
    items = pairs.items_of("train")
    labelled = replace(made(pairs, image_design()), labels=label_table(pairs, items))
    draw = labelled.draw(items[:3], {}, partners=items[3:6])
    batch = labelled.gather(draw)
    rows = pairs.streams["image"].rows
    assert batch.query_BTE[:, 0].tolist() == rows[:3].tolist()
    assert batch.target_BTE[:, 0].tolist() == rows[3:6].tolist()
    assert batch.track_B.tolist() == [0, 1, 2]
    assert batch.label_BL is not None
    assert batch.label_BL.tolist() == np.eye(3).tolist()


def test_a_noised_batch_is_the_batch_with_noise_of_the_given_deviation_on_both_sides(feed: PairFeed) -> None:
    items = np.repeat(feed.pairs.items_of("train"), 200)
    batch = feed.gather(feed.draw(items, {**no_words(len(items)), "title": np.ones(len(items), bool)}))
    torch.manual_seed(1)
    noised = batch.noised(0.5)
    for before, after in ((batch.query_BTE, noised.query_BTE), (batch.target_BTE, noised.target_BTE)):
        assert (after - before).std().item() == pytest.approx(0.5, rel=0.05)
        assert (after - before).mean().item() == pytest.approx(0.0, abs=0.02)
    assert noised.text_BE is batch.text_BE
    assert batch.noised(0.0) is batch


def test_shuffled_gives_each_item_at_most_once_and_only_whole_batches() -> None:
    batches = list(shuffled(np.arange(11), size=4, rng=np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [4, 4]
    assert len(set(np.concatenate(batches).tolist())) == 8


def test_the_text_mix_keeps_its_shares() -> None:
    drawn = TextMix(none=4, title=2, keywords=1, both=3).draw(20_000, np.random.default_rng(0))
    assert drawn["title"].mean() == pytest.approx(0.5, abs=0.02)
    assert drawn["keywords"].mean() == pytest.approx(0.4, abs=0.02)
    assert (drawn["title"] & drawn["keywords"]).mean() == pytest.approx(0.3, abs=0.02)


def test_texts_of_any_length_weigh_the_same(feed: PairFeed) -> None:
    items = np.array([4, 5])
    words = {"title": np.ones(2, bool), "keywords": np.ones(2, bool)}
    plain = feed.gather(feed.draw(items, words)).text_BE
    longer = replace(feed, rows={**feed.rows, "title": lambda picked: 7 * feed.rows["title"](picked)})
    found = longer.gather(longer.draw(items, words)).text_BE
    assert plain is not None
    assert found is not None
    torch.testing.assert_close(found, plain)
