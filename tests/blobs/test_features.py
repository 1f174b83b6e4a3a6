from pathlib import Path

import numpy as np
import pytest

from app.blobs.features import features_bytes, features_suffix, read_features


def test_a_space_names_a_file_whatever_is_in_it() -> None:
    suffix = features_suffix("clip-image:ViT-B-32:/etc/../x" + "y" * 300)
    assert suffix.startswith(".clip-image-ViT-B-32-etc-x")
    assert suffix.endswith(".npy")
    assert len(suffix) < 80
    assert "/" not in suffix


def test_spaces_that_look_alike_have_different_files() -> None:
    assert features_suffix("signal:1") != features_suffix("signal-1")
    assert features_suffix("a" * 100) != features_suffix("a" * 101)


@pytest.mark.parametrize(
    "wrong",
    [
        np.ones(3, dtype=np.float32),
        np.ones((2, 2)),
        np.empty((0, 4), dtype=np.float32),
        np.full((1, 1), np.nan, np.float32),
    ],
)
def test_what_is_no_table_of_finite_float32_is_not_written(
    wrong: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> None:
    with pytest.raises(ValueError, match="features"):
        features_bytes(wrong)


def test_a_kept_file_is_one_that_numpy_itself_reads(tmp_path: Path) -> None:
    features = np.arange(12, dtype=np.float32).reshape(3, 4).T
    (tmp_path / "features.npy").write_bytes(features_bytes(features))
    np.testing.assert_array_equal(np.load(tmp_path / "features.npy", allow_pickle=False), features)
    np.testing.assert_array_equal(read_features(tmp_path / "features.npy"), features)


def test_no_pickle_is_ever_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([[{"a": 1}]], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        read_features(tmp_path / "objects.npy")


def test_any_damage_to_the_header_is_a_value_error_or_no_damage(tmp_path: Path) -> None:
    features = np.ones((4, 3), dtype=np.float32)
    path, random = tmp_path / "features.npy", np.random.default_rng(5)
    refused = 0
    for _ in range(200):
        damaged = bytearray(features_bytes(features))
        damaged[random.integers(0, 128)] = random.integers(0, 256)
        path.write_bytes(damaged)
        try:
            np.testing.assert_array_equal(read_features(path), features)
        except ValueError:
            refused += 1
    assert refused > 100
