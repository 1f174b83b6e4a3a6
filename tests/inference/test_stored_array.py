from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.errors import DiskFull
from app.inference.stored_array import load_array, store_array
from tests.disk_limits import files_at_most


@pytest.mark.parametrize("shape", [(3, 4, 2), (5,), (0, 7)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_an_array_comes_back_as_it_was(tmp_path: Path, shape: tuple[int, ...], dtype: type) -> None:
    array: NDArray[Any] = np.random.default_rng(1).uniform(0, 255, shape).astype(dtype)
    loaded = load_array(store_array(array, tmp_path / "array"))
    np.testing.assert_array_equal(loaded, array)
    assert loaded.dtype == array.dtype
    assert loaded.flags.writeable


def test_an_array_that_does_not_lie_in_one_piece_is_stored_in_its_own_order(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.float32).reshape(4, 6).T[::2]
    np.testing.assert_array_equal(load_array(store_array(array, tmp_path / "array")), array)


def test_no_room_on_the_disk_is_told_as_such(tmp_path: Path) -> None:
    with files_at_most(1024), pytest.raises(DiskFull):
        store_array(np.zeros(2000, np.uint8), tmp_path / "array")
