import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.pairs_at_random import write_random_pairs
from training.errors import PairSetError
from training.pair_set_reader import open_pair_set


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_random_pairs(tmp_path / "pairs")


def refusal(folder: Path) -> PairSetError:
    with pytest.raises(PairSetError) as caught:
        open_pair_set(folder)
    return caught.value


def change_head(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "pairs.json"
    head = json.loads(path.read_text())
    change(head)
    path.write_text(json.dumps(head))


def change_item(folder: Path, number: int, **fields: object) -> None:
    path = folder / "items.jsonl"
    lines = path.read_text().splitlines()
    lines[number] = json.dumps({**json.loads(lines[number]), **fields})
    path.write_text("\n".join(lines) + "\n")


def test_a_sound_pair_set_opens_with_its_features_memory_mapped(folder: Path) -> None:
    pairs = open_pair_set(folder)
    assert pairs.query == ("video", "title", "keywords")
    assert pairs.target == ("music",)
    assert isinstance(pairs.streams["video"].rows, np.memmap)
    assert pairs.streams["music"].form.dim == 5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda head: head.update(format_version=2), "format_version"),
        (lambda head: head.pop("format_version"), "format_version"),
        (lambda head: head.pop("count"), "count"),
        (lambda head: head.update(target=[]), "target"),
        (lambda head: head.update(query=["video", "smell"]), "query"),
        (lambda head: head["streams"]["video"].pop("space"), "streams.video.space"),
        (lambda head: head["streams"]["video"].update(dim="six"), "streams.video.dim"),
        (lambda head: head["streams"]["video"].update(modality="smell"), "streams.video.modality"),
    ],
)
def test_what_is_wrong_in_pairs_json_is_named(
    folder: Path, change: Callable[[dict[str, Any]], object], field: str
) -> None:
    change_head(folder, change)
    error = refusal(folder)
    assert (error.file, error.field) == ("pairs.json", field)


@pytest.mark.parametrize(
    ("fields", "field", "item"),
    [
        ({"split": "training"}, "split", "item-3"),
        ({"track": None}, "track", "line 4"),
        ({"title": 5}, "title", "item-3"),
        ({"keywords": "neon"}, "keywords", "item-3"),
        ({"labels": [{}]}, "labels", "item-3"),
        ({"id": "item-1"}, "id", "item-1"),
    ],
)
def test_what_is_wrong_with_an_item_is_named(folder: Path, fields: dict[str, Any], field: str, item: str) -> None:
    change_item(folder, 3, **fields)
    error = refusal(folder)
    assert (error.file, error.field, error.item) == ("items.jsonl", field, item)


def test_a_line_that_is_no_json_is_named(folder: Path) -> None:
    path = folder / "items.jsonl"
    path.write_text(path.read_text().replace('{"id": "item-2"', '{"id": item-2', 1))
    assert refusal(folder).item == "line 3"


def test_more_items_than_counted_are_refused(folder: Path) -> None:
    change_head(folder, lambda head: head.update(count=9))
    assert (refusal(folder).file, refusal(folder).field) == ("items.jsonl", "lines")


@pytest.mark.parametrize("file", ["pairs.json", "items.jsonl", "music.npy", "title_offsets.npy"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert (refusal(folder).file, refusal(folder).field) == (file, "file")


def test_a_truncated_array_is_named(folder: Path) -> None:
    whole = (folder / "video.npy").read_bytes()
    (folder / "video.npy").write_bytes(whole[:-7])
    assert refusal(folder).file == "video.npy"


def test_features_of_another_width_or_type_are_refused(folder: Path) -> None:
    rows = np.load(folder / "video.npy")
    np.save(folder / "video.npy", rows[:, :5])
    assert "(64, 5)" in str(refusal(folder))
    np.save(folder / "video.npy", rows.astype(np.float64))
    assert "float64" in str(refusal(folder))


def test_an_offset_out_of_order_names_its_item(folder: Path) -> None:
    offsets = np.load(folder / "music_offsets.npy")
    offsets[4] = offsets[5] + 1
    np.save(folder / "music_offsets.npy", offsets)
    error = refusal(folder)
    assert (error.file, error.item) == ("music_offsets.npy", "item-4")


@pytest.mark.parametrize("change", [lambda offsets: offsets[:-1], lambda offsets: offsets.astype(np.int32)])
def test_offsets_of_the_wrong_shape_or_type_are_refused(
    folder: Path, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    np.save(folder / "music_offsets.npy", change(np.load(folder / "music_offsets.npy")))
    assert (refusal(folder).file, refusal(folder).field) == ("music_offsets.npy", "array")


def test_offsets_that_do_not_cover_all_rows_are_refused(folder: Path) -> None:
    offsets = np.load(folder / "video_offsets.npy")
    offsets[-1] -= 1
    np.save(folder / "video_offsets.npy", offsets)
    assert "0 to 64" in str(refusal(folder))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_no_number_names_item_row_and_feature(folder: Path, value: float) -> None:
    rows = np.load(folder / "video.npy")
    rows[8 * 5 + 2, 3] = value
    np.save(folder / "video.npy", rows)
    error = refusal(folder)
    assert (error.file, error.item) == ("video.npy", "item-5")
    assert "row 2, feature 3" in error.reason


def test_uint8_features_need_a_sound_scale(folder: Path) -> None:
    rows = np.load(folder / "video.npy")
    np.save(folder / "video.npy", np.zeros(rows.shape, np.uint8))
    assert refusal(folder).file == "video_scale.npy"
    np.save(folder / "video_scale.npy", np.ones((2, 5), np.float32))
    assert "(2, 6)" in str(refusal(folder))
    np.save(folder / "video_scale.npy", np.full((2, 6), np.nan, np.float32))
    assert refusal(folder).file == "video_scale.npy"
    np.save(folder / "video_scale.npy", np.ones((2, 6), np.float32))
    assert open_pair_set(folder).streams["video"].values(np.array([0])).tolist() == [[1.0] * 6]


@pytest.mark.parametrize("damage", [b"(", b"'''", b"\\"])
def test_an_array_with_a_damaged_head_is_named(folder: Path, damage: bytes) -> None:
    path = folder / "music.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:11] + damage + whole[11 + len(damage) :])
    with pytest.raises(PairSetError, match=r"music\.npy: file: cannot be read"):
        open_pair_set(folder)


def test_an_archive_in_an_arrays_place_is_refused(folder: Path) -> None:
    np.savez(folder / "archive.npz", music=np.ones(3))
    (folder / "archive.npz").rename(folder / "music.npy")
    with pytest.raises(PairSetError, match=r"music\.npy: file: cannot be read: it is an archive"):
        open_pair_set(folder)


def test_lists_without_end_are_refused(folder: Path) -> None:
    (folder / "pairs.json").write_text("[" * 100_000)
    with pytest.raises(PairSetError, match=r"pairs\.json: file: cannot be read"):
        open_pair_set(folder)
