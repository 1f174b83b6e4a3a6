from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.converters.captions.sides import rows_of
from training.converters.captions.captioned_set import CaptionedItem
from training.converters.captions.jobs import Taken
from training.converters.captions.stored import StoredFeatures, form_of_first
from training.errors import PairSetError
from training.pair_set import StreamForm

ITEM = CaptionedItem("a.b", ("in/a.b",), ("one", " ", "three"), "train")


def taken(folder: Path, *, of_captions: bool = False) -> Taken:
    form = StreamForm("text" if of_captions else "video", "given", 2, "any")
    return StoredFeatures(folder, form, of_captions=of_captions).open()(ITEM)


def save(folder: Path, values: NDArray[np.generic], name: str = "a.b.npy") -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    np.save(folder / name, values)


def reason(found: Taken) -> str:
    assert found.rows is None
    return found.left_out[0].reason


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int64, np.uint8])
def test_a_sequence_of_any_numbers_is_taken_as_float32(tmp_path: Path, kind: type) -> None:
    save(tmp_path, np.array([[1, 2], [3, 4], [5, 6]], kind))
    rows = rows_of(taken(tmp_path))
    assert rows.dtype == np.float32
    assert rows.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_a_single_vector_is_one_row_and_may_lie_where_the_media_would(tmp_path: Path) -> None:
    save(tmp_path, np.array([1.0, 2.0]), "in/a.b.npy")
    rows = rows_of(taken(tmp_path))
    assert rows.tolist() == [[1, 2]]


@pytest.mark.parametrize("shape", [(3,), (2, 3), (0, 2), (1, 2, 2), ()])
def test_features_of_another_shape_are_told(tmp_path: Path, shape: tuple[int, ...]) -> None:
    save(tmp_path, np.ones(shape))
    assert reason(taken(tmp_path)) == "features_of_other_shape"


def test_missing_and_unreadable_features_are_told(tmp_path: Path) -> None:
    assert reason(taken(tmp_path)) == "missing_features"
    for values in (np.array(["x"]), np.array([{}], dtype=object), np.array([1j])):
        np.save(tmp_path / "a.b.npy", values, allow_pickle=True)
        assert reason(taken(tmp_path)) == "unreadable_features"
    save(tmp_path, np.ones((4, 2)))
    (tmp_path / "a.b.npy").write_bytes((tmp_path / "a.b.npy").read_bytes()[:-8])
    assert reason(taken(tmp_path)) == "unreadable_features"
    (tmp_path / "a.b.npy").write_bytes(b"")
    assert reason(taken(tmp_path)) == "unreadable_features"


def test_an_archive_under_the_name_of_an_array_is_told(tmp_path: Path) -> None:
    with (tmp_path / "a.b.npy").open("wb") as file:
        np.savez(file, rows=np.ones((3, 2)))
    assert reason(taken(tmp_path)) == "unreadable_features"


def test_captions_have_a_row_each_and_empty_ones_lose_theirs(tmp_path: Path) -> None:
    save(tmp_path, np.array([[1, 2], [3, 4], [5, 6]]))
    rows = rows_of(taken(tmp_path, of_captions=True))
    assert rows.tolist() == [[1, 2], [5, 6]]


def test_as_many_rows_as_captions_are_due(tmp_path: Path) -> None:
    save(tmp_path, np.ones((2, 2)))
    assert reason(taken(tmp_path, of_captions=True)) == "caption_rows_differ"


def test_the_form_is_that_of_the_first_features_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.npy").write_bytes(b"x")
    np.save(tmp_path / "good.npy", np.ones((3, 7)))
    items = [CaptionedItem(name, (name,), (), "train") for name in ("gone", "bad", "good")]
    form = form_of_first(tmp_path, items, modality="video", space="given", steps="1 Hz")
    assert form == StreamForm("video", "given", 7, "1 Hz")
    with pytest.raises(PairSetError, match=r"ID\.npy"):
        form_of_first(tmp_path, items[:2], modality="video", space="given", steps="1 Hz")
