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
    found = stream.sequences(np.array([2, 0, 1, 3]), 4)
    assert found.shape == (4, 4, 2)
    for row, item in zip(found[..., 0], [2, 0, 1, 3], strict=True):
        assert row.tolist() == (stream.offsets[item] + gs_pick(lengths[item], 4)).tolist()


def test_training_takes_any_row_of_each_segment_and_no_other() -> None:
    stream = stream_of([12, 12])
    rng = np.random.default_rng(1)
    drawn = np.stack([stream.sequences(np.array([1]), 4, rng=rng)[0, :, 0] for _ in range(200)])
    for segment in range(4):
        assert set(drawn[:, segment]) == {12.0 + 3 * segment + step for step in range(3)}


def test_a_sequence_as_long_as_asked_for_is_itself_in_training_and_in_evaluation() -> None:
    stream = stream_of([5, 5])
    for rng in (None, np.random.default_rng(0)):
        assert stream.sequences(np.array([1]), 5, rng=rng)[0, :, 0].tolist() == [5, 6, 7, 8, 9]


def test_a_sequence_shorter_than_asked_for_repeats_rows() -> None:
    assert stream_of([2]).sequences(np.array([0]), 4)[0, :, 0].tolist() == [0, 0, 1, 1]


def test_uint8_rows_come_back_scaled() -> None:
    scale = np.array([[0.5, 2.0], [-1.0, 10.0]], np.float32)
    assert stream_of([3], scale=scale).values(np.array([2])).tolist() == [[2 * 0.5 - 1, 102 * 2 + 10]]


def test_training_draws_one_of_an_items_captions_and_evaluation_takes_the_first() -> None:
    stream = stream_of([3, 0, 1])
    items = np.array([0, 1, 2])
    values, has = stream.captions(items)
    assert values[:, 0].tolist() == [0, 0, 3]
    assert has.tolist() == [True, False, True]
    rng = np.random.default_rng(2)
    drawn = [stream.captions(items, rng=rng)[0] for _ in range(60)]
    assert {float(values[0, 0]) for values in drawn} == {0.0, 1.0, 2.0}
    assert {tuple(values[1]) for values in drawn} == {(0.0, 0.0)}


def test_a_stream_that_no_item_has_gives_zeros() -> None:
    values, has = stream_of([0, 0]).captions(np.array([0, 1]))
    assert values.tolist() == [[0, 0], [0, 0]]
    assert not has.any()


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
