import argparse
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from training.convert import main
from training.converters.conversion import REPORT_FILE, Conversion, convert
from training.converters.converter import Source
from training.converters.npz import MUSIC_SPACE, VIDEO_SPACE, add_arguments, open_source
from training.errors import PairSetError
from training.pair_set_reader import open_pair_set

Arrays = dict[str, NDArray[Any]]
COUNT, STEPS, VIDEO_DIM, MUSIC_DIM = 6, 4, 3, 2


class Mark:
    """Leaves a file behind where a pickle of it is executed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def arrays_of(**changed: NDArray[Any] | None) -> Arrays:
    """Quantised videos with music, ids and titles; those that are None are left out."""
    rng = np.random.default_rng(0)
    found: dict[str, NDArray[Any] | None] = {
        "video_u8": rng.integers(0, 256, (COUNT, STEPS, VIDEO_DIM)).astype(np.uint8),
        "video_scale": np.array([0.1, 0.2, 0.3], np.float32),
        "video_offset": np.array([-1.0, 0.0, 2.0], np.float32),
        "music": rng.normal(size=(COUNT, STEPS, MUSIC_DIM)).astype(np.float32),
        "ids": np.array([f"id-{number}" for number in range(COUNT)]),
        "titles": np.array([f"Title {number}, Ω" for number in range(COUNT)]),
    }
    return {name: values for name, values in (found | changed).items() if values is not None}


def as_floats(**changed: NDArray[Any] | None) -> Arrays:
    video = np.random.default_rng(1).normal(size=(COUNT, STEPS, VIDEO_DIM))
    quantised = dict.fromkeys(("video_u8", "video_scale", "video_offset"))
    return arrays_of(**{**quantised, "video": video, **changed})


def stored(path: Path, arrays: Arrays) -> Path:
    np.savez(path, allow_pickle=True, **arrays)
    return path


def source_of(path: Path, *arguments: str) -> Source:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return open_source(parser.parse_args([str(path), *arguments]))


def converted(path: Path, *arguments: str) -> Conversion:
    source = source_of(path, *arguments)
    return convert(path.with_suffix(""), source.jobs, source.plan, processes=1, on_job=lambda _: None)


def test_quantised_videos_keep_their_bytes_and_stand_for_the_same_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrays = arrays_of()
    main(["npz", str(stored(tmp_path / "mine.npz", arrays)), "--out", str(tmp_path / "pairs"), "--processes", "1"])
    assert "6 pairs (6 train, 0 validation, 0 test)" in capsys.readouterr().out
    pairs = open_pair_set(tmp_path / "pairs")
    video, music = pairs.streams["video"], pairs.streams["music"]
    assert video.rows.dtype == np.uint8
    assert np.array_equal(video.rows, arrays["video_u8"].reshape(-1, VIDEO_DIM))
    expected = arrays["video_u8"] * arrays["video_scale"] + arrays["video_offset"]
    np.testing.assert_allclose(video.values(np.arange(COUNT * STEPS)), expected.reshape(-1, VIDEO_DIM), rtol=1e-6)
    assert np.array_equal(music.rows, arrays["music"].reshape(-1, MUSIC_DIM))
    assert video.offsets.tolist() == music.offsets.tolist() == list(range(0, (COUNT + 1) * STEPS, STEPS))


def test_videos_as_floats_are_stored_as_floats(tmp_path: Path) -> None:
    arrays = as_floats(music=arrays_of()["music"].astype(np.float16))
    converted(stored(tmp_path / "mine.npz", arrays))
    streams = open_pair_set(tmp_path / "mine").streams
    assert {name: stream.rows.dtype for name, stream in streams.items()} == {"video": np.float32, "music": np.float16}
    assert np.array_equal(streams["video"].rows, arrays["video"].astype(np.float32).reshape(-1, VIDEO_DIM))
    assert np.array_equal(streams["music"].rows, arrays["music"].reshape(-1, MUSIC_DIM))


def test_items_have_their_ids_and_titles_and_are_their_own_tracks(tmp_path: Path) -> None:
    items = source_of(stored(tmp_path / "mine.npz", arrays_of())).jobs[0].convert().items
    assert [(item.id, item.track, item.title) for item in items[:2]] == [
        ("id-0", "id-0", "Title 0, Ω"),
        ("id-1", "id-1", "Title 1, Ω"),
    ]


def test_titles_may_be_missing(tmp_path: Path) -> None:
    converted(stored(tmp_path / "mine.npz", arrays_of(titles=None, ids=np.arange(COUNT))))
    assert [(item.id, item.title) for item in open_pair_set(tmp_path / "mine").items[:2]] == [("0", None), ("1", None)]


def test_spaces_and_steps_are_named(tmp_path: Path) -> None:
    path = stored(tmp_path / "mine.npz", arrays_of())
    plan = source_of(path).plan
    assert (plan.query, plan.target) == (("video",), ("music",))
    assert {name: (stream.form.space, stream.form.steps) for name, stream in plan.streams.items()} == {
        "video": (VIDEO_SPACE, "4 segments"),
        "music": (MUSIC_SPACE, "4 segments"),
    }
    named = source_of(path, "--video-space", "mine:v", "--music-space", "mine:m").plan.streams
    assert [stream.form.space for stream in named.values()] == ["mine:v", "mine:m"]


def test_a_share_is_held_out_by_the_seed(tmp_path: Path) -> None:
    found = []
    for name, seed in (("first", "7"), ("second", "7"), ("third", "8")):
        source = source_of(stored(tmp_path / f"{name}.npz", arrays_of()), "--test-share", "0.34", "--seed", seed)
        found.append([item.split for item in source.jobs[0].convert().items])
        assert (found[-1].count("train"), found[-1].count("test")) == (4, 2)
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_all_others_are_of_the_split_that_is_named(tmp_path: Path) -> None:
    converted(stored(tmp_path / "mine.npz", arrays_of()), "--split", "validation", "--test-share", "0.5")
    splits = [item.split for item in open_pair_set(tmp_path / "mine").items]
    assert sorted(splits) == ["test"] * 3 + ["validation"] * 3
    report = json.loads((tmp_path / "mine" / REPORT_FILE).read_text())
    assert report["settings"] == {"source": "mine.npz", "split": "validation", "test_share": 0.5, "seed": 2024}


@pytest.mark.parametrize("share", ["1", "-0.1", "2", "nan"])
def test_a_share_that_is_none_is_refused(tmp_path: Path, share: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        source_of(stored(tmp_path / "mine.npz", arrays_of()), "--test-share", share)
    assert "is no share from 0 to 1" in capsys.readouterr().err


def test_an_id_that_occurs_twice_is_taken_once(tmp_path: Path) -> None:
    ids = np.array(["a", "b", "a", "c", "d", "e"])
    conversion = converted(stored(tmp_path / "mine.npz", arrays_of(ids=ids)))
    assert [(left.source, left.reason) for left in conversion.left_out] == [("a", "repeated_id")]
    assert open_pair_set(tmp_path / "mine").streams["music"].offsets.tolist() == [0, 4, 8, 12, 16, 20]


@pytest.mark.parametrize("name", ["video_scale", "video_offset", "music", "ids"])
def test_a_missing_array_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(PairSetError, match=rf"^mine\.npz: {name}: is missing$"):
        source_of(stored(tmp_path / "mine.npz", arrays_of(**{name: None})))


def test_a_file_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PairSetError, match=r"^mine\.npz: video: is missing$"):
        source_of(stored(tmp_path / "mine.npz", as_floats(video=None)))


MUSIC = np.zeros((COUNT, STEPS, MUSIC_DIM), np.float32)
VIDEO_U8 = np.zeros((COUNT, STEPS, VIDEO_DIM), np.uint8)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("video_u8", VIDEO_U8[0], r"has shape \(4, 3\); \(items, steps, width\) is due"),
        ("video_u8", VIDEO_U8.astype(np.float32), "is float32; uint8 is due"),
        ("video_scale", np.ones(2, np.float32), r"has shape \(2,\); \(3,\) is due"),
        ("video_offset", np.ones((3, 1), np.float32), r"has shape \(3, 1\); \(3,\) is due"),
        ("music", MUSIC[0], r"has shape \(4, 2\); \(items, steps, width\) is due"),
        ("music", MUSIC[:5], r"has shape \(5, 4, 2\); \(6, 4, 2\) is due"),
        ("music", MUSIC.astype(str), "is <U.*; numbers are due"),
        ("ids", np.array(["a", "b"]), r"has shape \(2,\); \(6,\) is due"),
        ("ids", np.array("a"), r"has shape \(\); \(6,\) is due"),
        ("titles", np.array(["one"]), r"has shape \(1,\); \(6,\) is due"),
    ],
)
def test_an_array_of_another_shape_or_type_is_named(
    tmp_path: Path, name: str, values: NDArray[Any], reason: str
) -> None:
    with pytest.raises(PairSetError, match=rf"^mine\.npz: {name}: {reason}$"):
        source_of(stored(tmp_path / "mine.npz", arrays_of(**{name: values})))


@pytest.mark.parametrize("name", ["video_u8", "video_scale", "music", "ids", "titles"])
def test_a_pickled_array_is_named_and_never_executed(tmp_path: Path, name: str) -> None:
    mark = tmp_path / "executed"
    pickled = np.array([Mark(mark)] * COUNT, dtype=object)
    path = stored(tmp_path / "mine.npz", arrays_of(**{name: pickled}))
    with pytest.raises(PairSetError, match=rf"^mine\.npz: {name}: cannot be read: .*allow_pickle"):
        source_of(path)
    assert not mark.exists()


def test_a_pickle_with_the_name_of_an_archive_is_never_executed(tmp_path: Path) -> None:
    mark, path = tmp_path / "executed", tmp_path / "mine.npz"
    path.write_bytes(pickle.dumps(Mark(mark)))
    with pytest.raises(PairSetError, match=r"^mine\.npz: file: cannot be read: File is not a zip file"):
        source_of(path)
    assert not mark.exists()


def test_one_array_is_no_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", MUSIC)
    with pytest.raises(PairSetError, match=r"^mine\.npy: file: cannot be read: File is not a zip file"):
        source_of(tmp_path / "mine.npy")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"a thesis"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.npz").write_bytes(content)
    with pytest.raises(PairSetError, match=r"^mine\.npz: file: cannot be read"):
        source_of(tmp_path / "mine.npz")


def test_a_damaged_array_is_named(tmp_path: Path) -> None:
    arrays = arrays_of()
    path = stored(tmp_path / "mine.npz", arrays)
    content, inside = path.read_bytes(), arrays["music"].tobytes()[8:16]
    assert content.count(inside) == 1
    path.write_bytes(content.replace(inside, bytes(8)))
    with pytest.raises(PairSetError, match=r"^mine\.npz: music: cannot be read: Bad CRC-32"):
        source_of(path)


def test_a_missing_file_is_told_of_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["npz", str(tmp_path / "none.npz"), "--out", str(tmp_path / "pairs")])
    assert ended.value.code == 2
    assert "none.npz: file: cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "pairs").exists()


def test_a_value_that_is_no_number_is_refused_with_its_item(tmp_path: Path) -> None:
    music = MUSIC.copy()
    music[2, 1, 0] = np.nan
    with pytest.raises(PairSetError, match=r"^music\.npy: item 'id-2': values"):
        converted(stored(tmp_path / "mine.npz", arrays_of(music=music)))
    assert not (tmp_path / "mine").exists()
