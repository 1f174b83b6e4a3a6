from pathlib import Path

import numpy as np
import torch

from app.encoders.models import VideoMusicModel
from tests.training.pairs_at_random import tiny_encoder, write_random_pairs
from training.batches import PairFeed
from training.pair_set_reader import open_pair_set
from training.preparation import standardised
from training.retrieval import BRIEFS, embed_items, recalls_by_brief


def untrained(tmp_path: Path) -> tuple[VideoMusicModel, PairFeed]:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=12))
    spec = standardised(tiny_encoder(), pairs, pairs.items_of("train"), limit=4.0)
    torch.manual_seed(0)
    model = VideoMusicModel(spec)
    assert model.text_state is not None
    # The text projection starts at zero; here words are to be heard.
    torch.nn.init.normal_(model.text_state.reduce.weight)
    return model, PairFeed(pairs, spec, torch.device("cpu"))


def test_embeddings_are_unit_rows_in_the_order_of_the_items(tmp_path: Path) -> None:
    model, feed = untrained(tmp_path)
    videos, tracks = embed_items(model, feed, np.array([4, 1, 9]), frozenset())
    alone_video, alone_track = embed_items(model, feed, np.array([1]), frozenset())
    np.testing.assert_allclose(np.linalg.norm(videos, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(videos[1], alone_video[0], atol=1e-6)
    np.testing.assert_allclose(tracks[1], alone_track[0], atol=1e-6)


def test_words_move_the_video_and_leave_the_track(tmp_path: Path) -> None:
    model, feed = untrained(tmp_path)
    items = np.array([1, 2])
    videos, tracks = embed_items(model, feed, items, frozenset())
    videos_told, tracks_told = embed_items(model, feed, items, frozenset({"title"}))
    assert np.abs(videos - videos_told).max() > 1e-3
    np.testing.assert_array_equal(tracks, tracks_told)


def test_embedding_leaves_the_model_in_the_mode_it_was_in(tmp_path: Path) -> None:
    model, feed = untrained(tmp_path)
    for is_training in (True, False):
        model.train(is_training)
        embed_items(model, feed, np.array([0]), frozenset())
        assert model.training is is_training


def test_every_kind_of_brief_has_its_recalls(tmp_path: Path) -> None:
    model, feed = untrained(tmp_path)
    found = recalls_by_brief(model, feed, np.arange(12))
    assert list(found) == list(BRIEFS) == ["video alone", "with title", "with keywords", "with both"]
    assert {both_ways.pool for both_ways in found.values()} == {12}
