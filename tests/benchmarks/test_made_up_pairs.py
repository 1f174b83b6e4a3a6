from pathlib import Path

import numpy as np

from benchmarks.made_up_pairs import pairs_in_memory, write_pairs
from training.pair_set_reader import open_pair_set


def test_made_up_pairs_are_a_sound_pair_set_with_the_widths_and_bytes_of_the_real_one(tmp_path: Path) -> None:
    pairs = open_pair_set(write_pairs(tmp_path / "pairs", counts={"train": 3, "test": 2}, rows=5))
    assert [len(pairs.items_of(split)) for split in ("train", "validation", "test")] == [3, 0, 2]
    assert {name: stream.rows.shape for name, stream in pairs.streams.items()} == {
        "video": (25, 1024),
        "music": (25, 128),
    }
    assert all(stream.rows.dtype == np.uint8 and stream.scale is not None for stream in pairs.streams.values())
    assert len(np.unique(pairs.streams["video"].rows[:, 0])) > 1


def test_pairs_in_memory_have_lengths_between_the_two_that_are_given() -> None:
    pairs = pairs_in_memory(counts={"train": 40, "validation": 4}, rows=(3, 6))
    for stream in pairs.streams.values():
        lengths = stream.lengths(np.arange(44))
        assert (lengths.min(), lengths.max()) == (3, 6)
        assert len(stream.rows) == stream.offsets[-1]
    assert len(pairs.items_of("validation")) == 4
    assert len(set(pairs.track_codes)) == len(pairs.items)


def test_every_row_in_memory_is_filled_beyond_the_first_block() -> None:
    pairs = pairs_in_memory(counts={"train": 2}, rows=(40_000, 40_000))
    music = pairs.streams["music"].rows
    assert np.array_equal(music[: 80_000 - 65_536], music[65_536:])
