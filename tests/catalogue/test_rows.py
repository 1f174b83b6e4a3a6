from dataclasses import replace

import numpy as np
import pytest

from app.catalogue.rows import row_of_embedding, row_of_track, stacked
from app.domain import TrackDetails
from app.errors import CatalogueError, InvalidParameter
from tests.catalogue.new_tracks import DIGEST, embedding, new_track


@pytest.mark.parametrize("text", ["a\0b", "caf\udce9"])
def test_text_that_no_database_can_hold_is_refused_by_the_name_of_its_field(text: str) -> None:
    for name, track in (
        ("license", new_track(1, details=TrackDetails(title="fine", license=text))),
        ("file_name", replace(new_track(1), file_name=text)),
    ):
        with pytest.raises(InvalidParameter) as refused:
            row_of_track(track)
        assert refused.value.parameter == name


def test_words_of_lists_are_looked_at_too() -> None:
    with pytest.raises(InvalidParameter) as refused:
        row_of_track(new_track(1, details=TrackDetails(moods=("calm", "dar\0k"))))
    assert refused.value.parameter == "moods"


def test_an_embedding_is_kept_as_little_endian_float32() -> None:
    row = row_of_embedding(3, DIGEST, np.array([0.0, 1.0], dtype=np.float32))
    assert row == {"number": 3, "digest": DIGEST, "dim": 2, "vector": b"\0\0\0\0\0\0\x80\x3f"}


@pytest.mark.parametrize("broken", [np.array([]), np.array([np.nan, 1.0]), np.ones((2, 2)), np.array([np.inf])])
def test_what_is_no_finite_vector_is_not_kept(broken: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    with pytest.raises(ValueError, match="track 7"):
        row_of_embedding(7, DIGEST, broken.astype(np.float32))


def test_rows_become_arrays_of_float32() -> None:
    vectors = [embedding(number) for number in (1, 2)]
    numbers, stack = stacked([(5, 8, vectors[0].tobytes()), (9, 8, vectors[1].tobytes())])
    assert numbers.tolist() == [5, 9]
    assert numbers.dtype == np.int64
    assert stack.dtype == np.float32
    np.testing.assert_array_equal(stack, np.stack(vectors))


@pytest.mark.parametrize("damaged", [(2, 8, b"\0" * 31), (2, 4, b"\0" * 16), (2, 4, b"\0" * 32)])
def test_a_damaged_embedding_is_reported_with_its_track(damaged: tuple[int, int, bytes]) -> None:
    with pytest.raises(CatalogueError, match="track 2"):
        stacked([(1, 8, b"\0" * 32), damaged])
