from pathlib import Path

import numpy as np

from benchmarks.made_up_shards import frame_record, write_shard
from tests.training.converters import youtube8m_records
from training.converters.youtube8m_shard import Selection, ShardJob, Splitting


def test_one_record_in_so_many_carries_the_label_and_none_is_damaged(tmp_path: Path) -> None:
    shard = write_shard(tmp_path / "train00.tfrecord", records=7, steps=20, label=14, one_in=3)
    made = ShardJob(shard, "key", Selection("frame", frozenset({14}), 20), Splitting("train", 0, 0)).convert()
    assert [item.id for item in made.items] == ["train00-0", "train00-3", "train00-6"]
    assert [(left.reason, left.detail) for left in made.left_out] == [("shard_has_other_labels", "4 records")]


def test_a_made_up_record_has_the_bytes_of_one_written_by_hand() -> None:
    rgb, audio = youtube8m_records.random_steps(3)
    lists = {"rgb": youtube8m_records.step_list(map(np.ndarray.tobytes, rgb))}
    lists["audio"] = youtube8m_records.step_list(map(np.ndarray.tobytes, audio))
    by_hand = youtube8m_records.sequence_example(youtube8m_records.context_of("v", [14, 300]), lists)
    assert frame_record("v", [14, 300], rgb, audio) == by_hand
