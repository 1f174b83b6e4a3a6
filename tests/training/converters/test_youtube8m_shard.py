from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.training.converters.youtube8m_records import (
    context_of,
    frame_record,
    framed,
    random_steps,
    sequence_example,
    step_list,
    video_record,
    write_shard,
)
from training.converters.parts import Converted, LeftOut
from training.converters.youtube8m_shard import Level, Selection, ShardJob, Splitting, passed_over
from training.errors import PairSetError
from training.pair_set import Split

RGB, AUDIO = random_steps(3)


def record(video_id: str | None, labels: Sequence[int] | None = (14,)) -> bytes:
    return frame_record(video_id, labels, RGB, AUDIO)


def job_of(
    shard: Path, *, labels: frozenset[int] | None = frozenset({14}), level: Level = "frame", min_steps: int = 2
) -> ShardJob:
    return ShardJob(shard, "key", Selection(level, labels, min_steps), Splitting("test", 0, 0))


def converted(folder: Path, payloads: Sequence[bytes]) -> Converted:
    return job_of(write_shard(folder / "test00.tfrecord", payloads)).convert()


def ids(made: Converted) -> list[str]:
    return [item.id for item in made.items]


def test_a_music_video_becomes_an_item_with_its_own_bytes(tmp_path: Path) -> None:
    made = converted(tmp_path, [record("aa", [3, 14])])
    (item,) = made.items
    assert (item.id, item.track, item.labels, item.split) == ("aa", "aa", (3, 14), "test")
    assert np.array_equal(made.features["video"], [RGB])
    assert np.array_equal(made.features["music"], [AUDIO])
    assert made.left_out == ()


def test_older_records_name_the_video_by_another_key(tmp_path: Path) -> None:
    made = converted(tmp_path, [record("aa"), frame_record("bb", [14], RGB, AUDIO, id_key="video_id")])
    assert ids(made) == ["aa", "bb"]


def test_records_of_other_labels_or_none_are_told_in_one_line_a_shard(tmp_path: Path) -> None:
    made = converted(tmp_path, [record("aa", [1]), record("bb"), record("cc", [2, 3]), record("dd", None)])
    assert ids(made) == ["bb"]
    assert made.left_out == (
        LeftOut("test00.tfrecord", "shard_has_other_labels", "2 records"),
        LeftOut("test00.tfrecord", "shard_has_records_without_labels", "1 records"),
    )
    assert passed_over(made.left_out * 2, "shard_has_other_labels") == 4


@pytest.mark.parametrize(
    ("labels", "taken"), [(frozenset({1}), "a"), (frozenset({2, 14}), "bc"), (frozenset({9}), ""), (None, "abcd")]
)
def test_the_wanted_labels_decide_what_is_taken(tmp_path: Path, labels: frozenset[int] | None, taken: str) -> None:
    payloads = [record("a", [1]), record("b"), record("c", [2, 3]), record("d", None)]
    shard = write_shard(tmp_path / "test00.tfrecord", payloads)
    assert ids(job_of(shard, labels=labels).convert()) == list(taken)


def test_what_is_wrong_with_a_record_is_told_and_the_others_are_kept(tmp_path: Path) -> None:
    rgb, audio = random_steps(4)
    narrow = sequence_example(context_of("narrow", [14]), {"rgb": step_list([bytes(1023)] * 3)})
    made = converted(
        tmp_path,
        [
            record("aa"),
            frame_record("short", [14], RGB[:1], AUDIO[:1]),
            frame_record("uneven", [14], rgb, AUDIO),
            frame_record("silent", [14], RGB, audio[:0]),
            narrow,
            record("aa"),
            record(None),
            b"\xff" * 10,
            record("zz"),
        ],
    )
    assert ids(made) == ["aa", "zz"]
    assert [(left.source, left.reason, left.detail) for left in made.left_out[:6]] == [
        ("test00.tfrecord record 1", "too_few_steps", "video short: 1, fewer than 2"),
        ("test00.tfrecord record 2", "unequal_steps", "video uneven: 4 of rgb, 3 of audio"),
        ("test00.tfrecord record 3", "missing_feature", "video silent: audio"),
        ("test00.tfrecord record 4", "wrong_width", "video narrow: step 0 of rgb has 1023 bytes, not 1024"),
        ("test00.tfrecord record 5", "repeated_id", "video aa: its first record is kept"),
        ("test00.tfrecord record 6", "no_id", "none of id, video_id holds a name"),
    ]
    assert [(left.source, left.reason) for left in made.left_out[6:]] == [("test00.tfrecord record 7", "unparsable")]


def test_a_record_with_a_wrong_sum_is_left_out_and_the_next_is_kept(tmp_path: Path) -> None:
    damaged = bytearray(framed(record("bb")))
    damaged[100] ^= 1
    shard = tmp_path / "test00.tfrecord"
    shard.write_bytes(framed(record("aa")) + damaged + framed(record("cc")))
    made = job_of(shard).convert()
    assert ids(made) == ["aa", "cc"]
    assert [(left.source, left.reason) for left in made.left_out] == [("test00.tfrecord record 1", "bad_payload_crc")]


@pytest.mark.parametrize("damage", ["length", "cut"])
def test_where_the_rest_of_a_shard_is_lost_what_came_before_is_kept_and_the_loss_is_told(
    tmp_path: Path, damage: str
) -> None:
    first, second = framed(record("aa")), bytearray(framed(record("bb")))
    if damage == "length":
        second[0] ^= 1
        rest = bytes(second) + framed(record("cc"))
    else:
        rest = bytes(second[:-1])
    shard = tmp_path / "test00.tfrecord"
    shard.write_bytes(first + rest)
    made = job_of(shard).convert()
    reason = "bad_length_crc" if damage == "length" else "truncated"
    detail = f"at byte {len(first)}: nothing of the {len(rest)} bytes from there on can be read"
    assert ids(made) == ["aa"]
    assert made.left_out == (LeftOut("test00.tfrecord record 1", reason, detail),)


def test_an_empty_shard_is_told(tmp_path: Path) -> None:
    assert converted(tmp_path, []).left_out == (LeftOut("test00.tfrecord", "shard_is_empty"),)


def test_a_shard_that_the_disk_does_not_give_ends_the_conversion(tmp_path: Path) -> None:
    with pytest.raises(PairSetError, match=r"gone\.tfrecord: shard: cannot be read"):
        job_of(tmp_path / "gone.tfrecord").convert()


def test_means_of_video_level_records_are_rows_of_one_step(tmp_path: Path) -> None:
    rgb, audio = np.linspace(-2, 2, 1024, dtype=np.float32), np.linspace(2, -2, 128, dtype=np.float32)
    shard = write_shard(tmp_path / "test00.tfrecord", [video_record("aa", [14], rgb.tolist(), audio.tolist())])
    made = job_of(shard, level="video", min_steps=100).convert()
    assert ids(made) == ["aa"]
    assert np.array_equal(made.features["video"], [rgb[None]])
    assert np.array_equal(made.features["music"], [audio[None]])


@pytest.mark.parametrize(("level", "missing"), [("frame", "rgb"), ("video", "mean_rgb")])
def test_a_shard_of_the_other_level_gives_nothing_and_says_what_is_missing(
    tmp_path: Path, level: Level, missing: str
) -> None:
    means = video_record("aa", [14], [0.0] * 1024, [0.0] * 128)
    shard = write_shard(tmp_path / "test00.tfrecord", [means if level == "frame" else record("aa")])
    made = job_of(shard, level=level).convert()
    assert made.items == ()
    assert [(left.reason, left.detail) for left in made.left_out] == [("missing_feature", f"video aa: {missing}")]


def test_the_share_held_out_is_drawn_by_id_and_seed_and_from_the_train_shards_alone() -> None:
    names = [f"v{number}" for number in range(2000)]

    def held_out(split: Split, share: float, seed: int = 0) -> list[str]:
        splitting = Splitting(split, share, seed)
        return [name for name in names if splitting.split_of(name) != split]

    assert 150 < len(held_out("train", 0.1)) < 250
    assert set(held_out("train", 0.1)) < set(held_out("train", 0.3))
    assert held_out("train", 0.1, seed=1) != held_out("train", 0.1)
    assert held_out("train", 0) == held_out("test", 0.5) == held_out("validation", 0.5) == []
    assert Splitting("train", 0.5, 0).split_of(held_out("train", 0.5)[0]) == "validation"
