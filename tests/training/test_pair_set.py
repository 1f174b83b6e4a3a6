from pathlib import Path

import numpy as np
import pytest

from app.encoders.sampling import gs_pick
from tests.training.pairs_at_random import write_random_pairs
from training.pair_set import Stream, StreamForm, standardisation
from training.pair_set_reader import open_pair_set

FORM = StreamForm("video", "test", dim=2, steps="any")


def stream_of(lengths: list[int], *, scale: np.ndarray | None = None) -> Stream:
    """Rows count up from 0: row r is (r, 100 + r)."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    counting = np.arange(offsets[-1])
    rows = np.stack([counting, 100 + counting], axis=1).astype(np.float32 if scale is None else np.uint8)
    return Stream("video", FORM, rows, offsets, scale)


def test_evaluation_takes_the_row_at_the_centre_of_each_segment_as_the_sampler_does() -> None:
    lengths = [8, 3, 20, 4]
    stream = stream_of(lengths)
    found = stream.picks(np.array([2, 0, 1, 3]), 4)
    assert found.shape == (4, 4)
    for row, item in zip(found, [2, 0, 1, 3], strict=True):
        assert row.tolist() == (stream.offsets[item] + gs_pick(lengths[item], 4)).tolist()


def test_training_takes_any_row_of_each_segment_and_no_other() -> None:
    stream = stream_of([12, 12])
    rng = np.random.default_rng(1)
    drawn = np.stack([stream.picks(np.array([1]), 4, rng=rng)[0] for _ in range(200)])
    for segment in range(4):
        assert set(drawn[:, segment]) == {12 + 3 * segment + step for step in range(3)}


def test_a_sequence_as_long_as_asked_for_is_itself_in_training_and_in_evaluation() -> None:
    stream = stream_of([5, 5])
    for rng in (None, np.random.default_rng(0)):
        assert stream.picks(np.array([1]), 5, rng=rng)[0].tolist() == [5, 6, 7, 8, 9]


def test_a_sequence_shorter_than_asked_for_repeats_rows() -> None:
    assert stream_of([2]).picks(np.array([0]), 4)[0].tolist() == [0, 0, 1, 1]


def test_fixed_duration_takes_its_steps_from_a_window_around_the_centre() -> None:
    stream = stream_of([20, 5])
    assert stream.picks(np.array([0]), 4, window_rows=4)[0].tolist() == [8, 9, 10, 11]
    rng = np.random.default_rng(3)
    drawn = np.stack([stream.picks(np.array([0]), 3, rng=rng, window_rows=6)[0] for _ in range(200)])
    assert [set(column) for column in drawn.T] == [{7, 8}, {9, 10}, {11, 12}]


def test_an_item_shorter_than_the_window_gives_all_it_has() -> None:
    assert stream_of([20, 5]).picks(np.array([1]), 5, window_rows=30)[0].tolist() == [20, 21, 22, 23, 24]


def test_uint8_rows_come_back_scaled() -> None:
    scale = np.array([[0.5, 2.0], [-1.0, 10.0]], np.float32)
    assert stream_of([3], scale=scale).values(np.array([2])).tolist() == [[2 * 0.5 - 1, 102 * 2 + 10]]


def test_training_draws_one_of_an_items_captions_and_evaluation_takes_the_first() -> None:
    stream = stream_of([3, 0, 1])
    items = np.array([0, 1, 2])
    assert stream.caption_picks(items).tolist() == [0, -1, 3]
    rng = np.random.default_rng(2)
    drawn = np.stack([stream.caption_picks(items, rng=rng) for _ in range(60)])
    assert [set(column) for column in drawn.T] == [{0, 1, 2}, {-1}, {3}]


def test_every_row_is_known_with_its_owner() -> None:
    rows, owners = stream_of([2, 0, 3]).row_owners(np.array([2, 0, 1]))
    assert rows.tolist() == [2, 3, 4, 0, 1]
    assert owners.tolist() == [2, 2, 2, 0, 0]


def test_the_standardisation_is_that_of_the_named_items_alone() -> None:
    stream = stream_of([2, 3, 2])
    mean, deviation = standardisation(stream, np.array([2, 0]))
    rows = np.array([0, 1, 5, 6])
    np.testing.assert_allclose(mean, [rows.mean(), 100 + rows.mean()])
    np.testing.assert_allclose(deviation, [rows.std()] * 2, rtol=1e-5)


def test_a_feature_that_never_varies_has_deviation_one() -> None:
    rows = np.full((4, 2), 7777.7, np.float32)
    stream = Stream("video", FORM, rows, np.array([0, 4]), None)
    mean, deviation = standardisation(stream, np.array([0]))
    assert mean == pytest.approx([7777.7, 7777.7])
    assert deviation.tolist() == [1, 1]


def test_splits_and_tracks_are_found(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=8))
    assert pairs.items_of("train").tolist() == [0, 1, 2, 3]
    assert pairs.items_of("validation").tolist() == [4, 5]
    assert pairs.items_of("test").tolist() == [6, 7]
    assert len(set(pairs.track_codes.tolist())) == 8


def test_items_without_rows_in_a_stream_can_be_left_out(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=8))
    # Every third item has no title.
    assert pairs.items_of("train", owning=["title"]).tolist() == [1, 2]
