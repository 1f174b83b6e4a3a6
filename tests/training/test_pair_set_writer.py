from pathlib import Path

import numpy as np
import pytest

from tests.training.pairs_at_random import write_random_pairs
from training.errors import PairSetError
from training.pair_set import Item, StreamForm
from training.pair_set_reader import open_pair_set
from training.pair_set_writer import PairSetWriter, StreamPlan

FORM = StreamForm("video", "test", dim=3, steps="any")
MUSIC = StreamForm("music", "test", dim=1, steps="any")


def writer_of(folder: Path, plan: StreamPlan) -> PairSetWriter:
    return PairSetWriter(folder, streams={"video": plan, "music": StreamPlan(MUSIC)}, query=["video"], target=["music"])


def write_one(folder: Path, plan: StreamPlan, values: np.ndarray) -> np.ndarray:
    """What the reader gives back for the one item's video."""
    with writer_of(folder, plan) as writer:
        writer.add(Item("a", "t", "train"), {"video": values, "music": np.zeros((1, 1), np.float32)})
    stream = open_pair_set(folder).streams["video"]
    return stream.values(np.arange(len(values)))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    assert np.array_equal(write_one(tmp_path / "pairs", StreamPlan(FORM), values), values)


def test_half_precision_keeps_three_digits(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    found = write_one(tmp_path / "pairs", StreamPlan(FORM, stored_as="float16"), values)
    np.testing.assert_allclose(found, values, rtol=1e-3)


def test_uint8_keeps_values_to_half_a_step_and_clips_beyond(tmp_path: Path) -> None:
    scale = np.array([[4 / 255] * 3, [4 / 512 - 2] * 3], np.float32)
    values = np.array([[-1.9, 0.0, 1.9], [-9.0, 0.5, 9.0]], np.float32)
    found = write_one(tmp_path / "pairs", StreamPlan(FORM, stored_as="uint8", scale=scale), values)
    np.testing.assert_allclose(found[0], values[0], atol=2 / 255)
    assert found[1, 0] == pytest.approx(4 / 512 - 2)
    assert found[1, 2] == pytest.approx(4 + 4 / 512 - 2)


def test_titles_and_tracks_survive_whatever_characters_they_hold(tmp_path: Path) -> None:
    item = Item("a", "t/1", "test", title="One\u2028two — ночь\n", keywords=("neon", "fast"), labels=(14, "x"))
    with writer_of(tmp_path / "pairs", StreamPlan(FORM)) as writer:
        writer.add(item, {"video": np.ones((1, 3), np.float32)})
    assert open_pair_set(tmp_path / "pairs").items == (item,)


def test_nothing_has_the_final_name_before_the_writer_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "pairs"
    with writer_of(folder, StreamPlan(FORM)) as writer:
        writer.add(Item("a", "t", "train"), {"video": np.ones((1, 3), np.float32)})
        assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["pairs"]


def test_a_writer_left_with_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writer_of(tmp_path / "pairs", StreamPlan(FORM)):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_an_earlier_writer_left_unfinished_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "pairs.tmp").mkdir()
    (tmp_path / "pairs.tmp" / "video.npy").write_bytes(b"half")
    values = np.ones((2, 3), np.float32)
    assert np.array_equal(write_one(tmp_path / "pairs", StreamPlan(FORM), values), values)


def test_a_folder_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    folder = write_random_pairs(tmp_path / "pairs")
    with pytest.raises(PairSetError, match="exists already"):
        writer_of(folder, StreamPlan(FORM))


@pytest.mark.parametrize(
    ("stream", "values"),
    [
        ("video", np.ones((2, 4), np.float32)),
        ("video", np.array([[1, np.nan, 0]], np.float32)),
        ("smell", np.ones((2, 3), np.float32)),
    ],
)
def test_features_that_do_not_fit_are_refused_by_item(tmp_path: Path, stream: str, values: np.ndarray) -> None:
    with pytest.raises(PairSetError) as caught, writer_of(tmp_path / "pairs", StreamPlan(FORM)) as writer:
        writer.add(Item("the-one", "t", "train"), {stream: values})
    assert caught.value.item == "the-one"


def test_a_scale_belongs_to_uint8_alone() -> None:
    with pytest.raises(ValueError, match="scale"):
        StreamPlan(FORM, stored_as="uint8")
    with pytest.raises(ValueError, match="scale"):
        StreamPlan(FORM, stored_as="float32", scale=np.ones((2, 3), np.float32))
