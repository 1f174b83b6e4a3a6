import csv
import json
import os
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest

from tests.training.converters.youtube8m_records import frame_record, random_steps, video_record, write_shard
from training.convert import main
from training.converters.conversion import LEFT_OUT_FILE, REPORT_FILE, Conversion, convert
from training.converters.converter import Source
from training.converters.youtube8m import add_arguments, open_source, scale
from training.converters.youtube8m_shard import Selection, ShardJob
from training.errors import PairSetError
from training.pair_set import SPLITS
from training.pair_set_reader import open_pair_set

RGB, AUDIO = random_steps(3)


def shard_of(path: Path, *ids: str) -> Path:
    return write_shard(path, [frame_record(video_id, [14, 7], RGB, AUDIO) for video_id in ids])


def source_of(*arguments: str | Path) -> Source:
    parser = ArgumentParser()
    add_arguments(parser)
    return open_source(parser.parse_args([str(argument) for argument in arguments]))


def converted(folder: Path, source: Source) -> Conversion:
    return convert(folder, source.jobs, source.plan, processes=1, on_job=lambda _: None, together=source.together)


def ids_of(folder: Path) -> list[str]:
    return [item.id for item in open_pair_set(folder).items]


def test_shards_become_a_pair_set_with_the_sets_own_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard_of(tmp_path / "train00.tfrecord", "aa", "bb")
    write_shard(tmp_path / "validate00.tfrecord", [frame_record("cc", [14], *random_steps(4))])
    write_shard(tmp_path / "test00.tfrecord", [frame_record("dd", None, RGB, AUDIO)])
    options = ["--min-steps", "2", "--processes", "2", "--validation-share", "0"]
    main(["youtube8m", str(tmp_path), "--out", str(tmp_path / "pairs"), *options])

    pairs = open_pair_set(tmp_path / "pairs")
    assert [(item.id, item.track, item.split) for item in pairs.items] == [
        ("aa", "aa", "train"),
        ("bb", "bb", "train"),
        ("cc", "cc", "test"),
    ]
    assert pairs.items[0].labels == (14, 7)
    assert (pairs.query, pairs.target) == (("video",), ("music",))
    spaces = {name: (stream.form.space, stream.form.steps) for name, stream in pairs.streams.items()}
    assert spaces == {"video": ("yt8m:inception", "1 Hz"), "music": ("yt8m:vggish", "1 Hz")}
    for name, stored in zip(("video", "music"), random_steps(4), strict=True):
        rows = pairs.streams[name].values(np.arange(6, 10))
        np.testing.assert_allclose(rows, stored * (4.0 / 255.0) + 4.0 / 512.0 - 2.0, rtol=0, atol=1e-6)
    assert "1 records without labels passed over" in capsys.readouterr().out


def test_stored_bytes_stand_for_the_values_of_the_sets_own_reader() -> None:
    lowest, highest = scale(3)[1], 255 * scale(3)[0] + scale(3)[1]
    np.testing.assert_allclose([lowest, highest], [[-1.9921875] * 3, [2.0078125] * 3], atol=1e-6)


def test_what_is_left_out_is_in_the_pair_sets_own_report(tmp_path: Path) -> None:
    short, steps = random_steps(1), random_steps(2)
    records = [frame_record("aa", [14], *short), frame_record("bb", [14], *steps), frame_record("cc", [3], *steps)]
    write_shard(tmp_path / "validate00.tfrecord", records)
    conversion = converted(tmp_path / "pairs", source_of(tmp_path, "--min-steps", "2"))
    assert conversion.items == {"train": 0, "validation": 0, "test": 1}
    report = json.loads((tmp_path / "pairs" / REPORT_FILE).read_text())
    assert report["left_out"] == {"too_few_steps": 1, "shard_has_other_labels": 1}
    assert report["settings"]["labels"] == [14]
    with (tmp_path / "pairs" / LEFT_OUT_FILE).open() as file:
        assert [row["source"] for row in csv.DictReader(file)] == [
            "validate00.tfrecord record 0",
            "validate00.tfrecord",
        ]


def test_a_video_that_two_shards_hold_is_taken_from_the_first(tmp_path: Path) -> None:
    shard_of(tmp_path / "train00.tfrecord", "aa", "bb")
    other = [frame_record(video_id, [14], *random_steps(4)) for video_id in ("bb", "cc")]
    write_shard(tmp_path / "validate00.tfrecord", other)
    source = source_of(tmp_path, "--min-steps", "2", "--validation-share", "0")
    conversion = converted(tmp_path / "pairs", source)
    pairs = open_pair_set(tmp_path / "pairs")
    assert [(item.id, item.split) for item in pairs.items] == [("aa", "train"), ("bb", "train"), ("cc", "test")]
    assert pairs.streams["video"].lengths(np.arange(3)).tolist() == [3, 3, 4]
    assert np.array_equal(pairs.streams["music"].rows[6:], random_steps(4)[1])
    assert [(left.source, left.reason) for left in conversion.left_out] == [("bb", "repeated_id")]


def test_video_level_shards_become_streams_of_one_row(tmp_path: Path) -> None:
    rgb, audio = np.linspace(-2, 2, 1024, dtype=np.float32), np.linspace(2, -2, 128, dtype=np.float32)
    write_shard(tmp_path / "train00.tfrecord", [video_record("aa", [14], rgb.tolist(), audio.tolist())])
    converted(tmp_path / "pairs", source_of(tmp_path, "--level", "video"))
    streams = open_pair_set(tmp_path / "pairs").streams
    assert {name: stream.rows.dtype for name, stream in streams.items()} == {"video": np.float32, "music": np.float32}
    assert np.array_equal(streams["video"].rows, rgb[None])
    assert np.array_equal(streams["music"].rows, audio[None])


def test_a_shard_that_was_done_is_not_read_again(tmp_path: Path) -> None:
    first = shard_of(tmp_path / "train00.tfrecord", "aa")
    shard_of(tmp_path / "train01.tfrecord", "bb")
    source = source_of(tmp_path, "--min-steps", "2")

    def break_off(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "pairs", source.jobs[:1], source.plan, processes=1, on_job=break_off)
    before = first.stat()
    first.write_bytes(bytes(before.st_size))
    os.utime(first, ns=(before.st_atime_ns, before.st_mtime_ns))
    conversion = converted(tmp_path / "pairs", source_of(tmp_path, "--min-steps", "2"))
    assert ids_of(tmp_path / "pairs") == ["aa", "bb"]
    assert conversion.left_out == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs", "train00.tfrecord", "train01.tfrecord"]


def test_a_shard_fetched_anew_is_another_job(tmp_path: Path) -> None:
    shard = shard_of(tmp_path / "train00.tfrecord", "aa")
    before = source_of(shard).jobs[0].key
    shard_of(shard, "aa", "bb")
    assert source_of(shard).jobs[0].key != before


def test_the_name_of_a_shard_tells_its_split(tmp_path: Path) -> None:
    for name in ("validate-0", "testab", "trainaa"):
        shard_of(tmp_path / f"{name}.tfrecord", name)
    splits = {job.shard.stem: job.splitting.split for job in jobs_of(source_of(tmp_path))}
    assert splits == {"testab": "test", "trainaa": "train", "validate-0": "test"}
    jobs = jobs_of(source_of(tmp_path, "--validate-as", "validation"))
    assert [job.splitting.split for job in jobs] == ["test", "train", "validation"]


def test_a_link_has_the_split_of_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "train00.tfrecord").symlink_to(shard_of(tmp_path / "blob", "aa"))
    assert [job.splitting.split for job in jobs_of(source_of(tmp_path / "train00.tfrecord"))] == ["train"]


def jobs_of(source: Source) -> list[ShardJob]:
    return [job for job in source.jobs if isinstance(job, ShardJob)]


@pytest.mark.parametrize(
    ("options", "selection"),
    [
        ([], Selection("frame", frozenset({14}), 100)),
        (["--label", "7", "--label", "14"], Selection("frame", frozenset({7, 14}), 100)),
        (["--label", "any", "--min-steps", "30"], Selection("frame", None, 30)),
        (["--label", "7", "--label", "any", "--level", "video"], Selection("video", None, 100)),
    ],
)
def test_the_arguments_say_which_records_are_taken(tmp_path: Path, options: list[str], selection: Selection) -> None:
    shard_of(tmp_path / "train00.tfrecord", "aa")
    assert [job.selection for job in jobs_of(source_of(tmp_path, *options))] == [selection]


def test_every_setting_that_decides_the_pairs_is_told(tmp_path: Path) -> None:
    shard_of(tmp_path / "train00.tfrecord", "aa")
    usual = source_of(tmp_path).plan.settings
    changes = ["--label=any", "--min-steps=3", "--validate-as=validation", "--validation-share=0.2", "--seed=1"]
    assert all(source_of(tmp_path, change).plan.settings != usual for change in [*changes, "--level=video"])


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["train00.tfrecord", "train00.tfrecord"], "is named twice"),
        (["train09.tfrecord"], "is no file"),
        (["other.tfrecord"], "begins with none of train, validate, test"),
        (["empty"], "holds no \\*.tfrecord"),
    ],
)
def test_shards_that_cannot_be_converted_are_refused_before_any_work(
    tmp_path: Path, names: list[str], reason: str
) -> None:
    for name in ("train00.tfrecord", "other.tfrecord"):
        shard_of(tmp_path / name, "aa")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PairSetError, match=reason):
        source_of(*(tmp_path / name for name in names))


@pytest.mark.parametrize("option", ["--label=music", "--min-steps=0", "--validation-share=1", "--validation-share=nan"])
def test_arguments_without_sense_are_refused(tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        source_of(tmp_path, option)
    assert option.partition("=")[0] in capsys.readouterr().err


def test_a_share_of_the_train_shards_is_held_out_to_validate(tmp_path: Path) -> None:
    shard_of(tmp_path / "train00.tfrecord", *(f"v{number}" for number in range(40)))
    conversion = converted(tmp_path / "pairs", source_of(tmp_path, "--min-steps", "2", "--validation-share", "0.5"))
    assert list(conversion.items) == list(SPLITS)
    assert 8 <= conversion.items["validation"] <= 32
    assert conversion.items["train"] + conversion.items["validation"] == 40
