from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.tiny_stand_ins import VIDEOS, digest_of_files, music_videos
from training.errors import PairSetError
from training.pair_set import SPLITS, PairSet
from training.stand_ins.video_music import ROWS, write_video_music


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> PairSet:
    return music_videos(tmp_path_factory.mktemp("made") / "videos", train=60)


def everything(pairs: PairSet) -> np.ndarray:
    return np.arange(len(pairs.items))


def test_it_has_the_streams_and_sides_of_music_videos_with_words(pairs: PairSet) -> None:
    assert (pairs.query, pairs.target) == (("video", "title", "keywords"), ("music",))
    forms = {name: (stream.form.modality, stream.form.dim, stream.form.steps) for name, stream in pairs.streams.items()}
    assert forms == {
        "video": ("video", 6, "1 Hz"),
        "music": ("music", 5, "1 Hz"),
        "title": ("text", 4, "one a text"),
        "keywords": ("text", 4, "one a text"),
    }
    assert pairs.streams["title"].form.space == pairs.streams["keywords"].form.space
    assert all(stream.form.space.startswith("made-up:") for stream in pairs.streams.values())


def test_splits_are_as_large_as_wanted_and_every_item_has_a_label(pairs: PairSet) -> None:
    assert [len(pairs.items_of(split)) for split in SPLITS] == [60, 6, 10]
    assert all(len(item.labels) == 1 for item in pairs.items)
    assert len({item.track for item in pairs.items}) == len(pairs.items)


def test_video_and_music_are_bytes_with_youtube_8ms_scale(pairs: PairSet) -> None:
    for name in ("video", "music"):
        stream = pairs.streams[name]
        assert stream.rows.dtype == np.uint8
        assert stream.scale is not None
        stored = np.asarray(stream.rows[:50], np.float64)
        np.testing.assert_allclose(stream.values(np.arange(50)), stored * 4 / 255 + 4 / 512 - 2, atol=1e-6)


def test_bytes_are_spread_over_their_range_and_not_cut_off_at_its_ends(pairs: PairSet) -> None:
    for name in ("video", "music"):
        rows = np.asarray(pairs.streams[name].rows)
        assert ((rows == 0) | (rows == 255)).mean() < 0.3
        assert rows.std() > 40


def test_video_and_music_of_an_item_last_equally_long(pairs: PairSet) -> None:
    video, music = (pairs.streams[name].lengths(everything(pairs)) for name in ("video", "music"))
    assert np.array_equal(video, music)
    assert ROWS[0] <= video.min() < video.max() < ROWS[1]


def test_each_item_has_one_title_and_one_text_of_keywords_of_unit_length(pairs: PairSet) -> None:
    for name in ("title", "keywords"):
        stream = pairs.streams[name]
        assert stream.rows.dtype == np.float16
        assert (stream.lengths(everything(pairs)) == 1).all()
        np.testing.assert_allclose(np.linalg.norm(stream.values(everything(pairs)), axis=1), 1, atol=1e-2)


def test_items_of_one_kind_are_nearer_to_each_other_than_to_others(tmp_path: Path) -> None:
    pairs = music_videos(tmp_path / "many", train=300)
    kinds = np.array([item.labels[0] for item in pairs.items])
    is_same = (kinds[:, None] == kinds) & ~np.eye(len(kinds), dtype=bool)
    titles = pairs.streams["title"].values(everything(pairs))
    for name, vectors in {"title": titles, "video": means(pairs, "video"), "music": means(pairs, "music")}.items():
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = unit @ unit.T
        assert cosines[is_same].mean() > cosines[~is_same].mean() + 0.1, name


def means(pairs: PairSet, name: str) -> np.ndarray:
    stream = pairs.streams[name]
    return np.stack([stream.values(np.arange(*stream.offsets[at : at + 2])).mean(axis=0) for at in everything(pairs)])


def test_the_same_seed_makes_the_same_files_and_another_seed_other_ones(tmp_path: Path) -> None:
    first, second, other = (
        digest_of_files(write_video_music(tmp_path / name, replace(VIDEOS, seed=seed)))
        for name, seed in (("first", 8), ("second", 8), ("other", 9))
    )
    assert first == second
    assert {name for name in first if first[name] != other[name]} >= {f"{name}.npy" for name in ("video", "music")}


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    write_video_music(tmp_path / "made", VIDEOS)
    with pytest.raises(PairSetError, match="exists already"):
        write_video_music(tmp_path / "made", VIDEOS)
