from pathlib import Path

import numpy as np
import pytest
import torch

from app.encoders.models import TwoTowers
from tests.training.pairs_at_random import (
    captioned_design,
    feed_of,
    tiny_encoder,
    write_captioned_pairs,
    write_random_pairs,
)
from training.batches import PairFeed
from training.design import ModelDesign, WordsDesign, design_of
from training.model_spec import build_model
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.preparation import completed
from training.retrieval import BRIEFS, briefs_of, embed_queries, embed_targets, recalls_by_brief, recalls_with


def untrained(pairs: PairSet, design: ModelDesign) -> tuple[TwoTowers, PairFeed]:
    spec = completed(design, pairs, pairs.items_of("train"), limit=4.0)
    torch.manual_seed(0)
    model = build_model(spec)
    if model.text_state is not None:
        # The text projection starts at zero; here words are to be heard.
        torch.nn.init.normal_(model.text_state.reduce.weight)
    return model, feed_of(pairs, spec)


@pytest.fixture
def made(tmp_path: Path) -> tuple[TwoTowers, PairFeed]:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=12))
    return untrained(pairs, design_of(tiny_encoder()))


@pytest.fixture
def captioned(tmp_path: Path) -> tuple[TwoTowers, PairFeed]:
    pairs = open_pair_set(write_captioned_pairs(tmp_path / "captioned", count=12))
    return untrained(pairs, captioned_design())


def test_embeddings_are_unit_rows_in_the_order_of_the_items(made: tuple[TwoTowers, PairFeed]) -> None:
    model, feed = made
    query, target = (
        embed_queries(model, feed, np.array([4, 1, 9]), frozenset()),
        embed_targets(model, feed, np.array([4, 1, 9])),
    )
    np.testing.assert_allclose(np.linalg.norm(query.vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        query.vectors[1], embed_queries(model, feed, np.array([1]), frozenset()).vectors[0], atol=1e-6
    )
    np.testing.assert_allclose(target.vectors[1], embed_targets(model, feed, np.array([1])).vectors[0], atol=1e-6)
    assert query.tracks.tolist() == target.tracks.tolist() == feed.pairs.track_codes[[4, 1, 9]].tolist()


def test_words_move_the_query_of_an_item_that_has_them(made: tuple[TwoTowers, PairFeed]) -> None:
    model, feed = made
    items = np.array([0, 1, 2])
    alone, told = (embed_queries(model, feed, items, frozenset(words)).vectors for words in ([], ["title"]))
    moved = np.abs(alone - told).max(axis=1)
    # Item 0 has no title.
    assert moved[0] == 0
    assert moved[1:].min() > 1e-3


def test_every_caption_is_embedded_and_knows_its_sound(captioned: tuple[TwoTowers, PairFeed]) -> None:
    model, feed = captioned
    items = feed.pairs.items_of("train", owning=["caption"])
    query, target = embed_queries(model, feed, items, frozenset()), embed_targets(model, feed, items)
    assert (len(query.vectors), len(target.vectors)) == (5, 15)
    assert target.tracks.tolist() == np.repeat(query.tracks, 3).tolist()
    assert len(np.unique(target.vectors, axis=0)) == 15


def test_captions_of_one_sound_are_one_candidate_and_each_a_query(captioned: tuple[TwoTowers, PairFeed]) -> None:
    model, feed = captioned
    found = recalls_with(model, feed, feed.pairs.items_of("train", owning=["caption"]), frozenset())
    assert found.pool == 5
    assert (found.query_to_target.r5, found.target_to_query.r5) == (1.0, 1.0)
    # Of five sounds a share is a multiple of a fifth, of fifteen captions of a fifteenth.
    assert (5 * found.query_to_target.r1) % 1 == pytest.approx(0)
    assert (15 * found.target_to_query.r1) % 1 == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("is_training", [True, False])
def test_embedding_leaves_the_model_in_the_mode_it_was_in(made: tuple[TwoTowers, PairFeed], is_training: bool) -> None:
    model, feed = made
    model.train(is_training)
    embed_queries(model, feed, np.array([0]), frozenset())
    embed_targets(model, feed, np.array([0]))
    assert model.training is is_training


def test_dropout_is_off_while_a_model_in_training_is_evaluated(made: tuple[TwoTowers, PairFeed]) -> None:
    model, feed = made
    model.train()
    first, again = (embed_queries(model, feed, np.arange(12), frozenset()).vectors for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_every_kind_of_brief_has_its_recalls(made: tuple[TwoTowers, PairFeed]) -> None:
    found = recalls_by_brief(*made, np.arange(12))
    assert list(found) == list(BRIEFS) == ["video alone", "with title", "with keywords", "with both"]
    assert {both_ways.pool for both_ways in found.values()} == {12}


def test_a_model_is_heard_with_the_words_it_can_tell_apart(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs"))
    design = design_of(tiny_encoder())
    titled = ModelDesign(5, design.query, design.target, WordsDesign(("title",), 2, "hidden"))
    assert list(briefs_of(untrained(pairs, titled)[1])) == ["video alone", "with title"]
    assert list(briefs_of(untrained(pairs, ModelDesign(5, design.query, design.target))[1])) == ["alone"]
