from pathlib import Path

import numpy as np
import pytest

from benchmarks.plain_youtube8m_reader import PlainReader
from tests.training.converters.youtube8m_records import frame_record, random_steps, write_shard


@pytest.mark.parametrize(("label", "found"), [(14, ["aa", "cc"]), (None, ["aa", "bb", "cc"])])
def test_the_rival_reads_what_the_shard_holds(tmp_path: Path, label: int | None, found: list[str]) -> None:
    rgb, audio = random_steps(2)
    labels = {"aa": [3, 14], "bb": [300], "cc": [14]}
    records = [frame_record(video_id, numbers, rgb, audio) for video_id, numbers in labels.items()]
    videos = list(PlainReader(label=label, checks_sums=True).videos(write_shard(tmp_path / "shard", records)))
    assert [video.id for video in videos] == found
    assert all(video.labels == labels[video.id] for video in videos)
    assert all(np.array_equal(video.rgb, rgb) and np.array_equal(video.audio, audio) for video in videos)


def test_the_rival_checks_the_sums(tmp_path: Path) -> None:
    shard = write_shard(tmp_path / "shard", [frame_record("aa", [14], *random_steps(2))])
    data = bytearray(shard.read_bytes())
    data[500] ^= 1
    shard.write_bytes(data)
    with pytest.raises(ValueError, match="sum"):
        list(PlainReader(label=14, checks_sums=True).videos(shard))
