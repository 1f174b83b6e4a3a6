import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.pairs_at_random import tiny_run, write_random_pairs
from training.loop import train
from training.pair_set_reader import open_pair_set
from training.record import feature_ranges, record_of, save_record
from training.retrieval import recalls_by_brief


def test_the_record_holds_the_whole_run_and_what_came_of_it(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=64))
    run = tiny_run()
    trained = train(run, pairs)
    test = recalls_by_brief(trained.model, trained.feed, pairs.items_of("test"))
    save_record(tmp_path, record_of(run, pairs, trained, test=test))
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["run"]["loss"]["gamma_intra"] == 3.0
    assert record["run"]["encoder"]["video"]["sequence_encoder"]["kind"] == "bilstm"
    assert record["run"]["text_mix"] == {"none": 0.4, "title": 0.2, "keywords": 0.2, "both": 0.2}
    assert [epoch["loss"] for epoch in record["epochs"]] == [epoch.loss for epoch in trained.epochs]
    assert record["test"]["with title"]["video_to_music"]["r10"] == test["with title"].video_to_music.r10
    assert record["pairs"] == {"name": "pairs", "train": 32, "validation": 16, "test": 16}
    assert set(record["versions"]) == {"python", "torch", "numpy"}


def test_feature_ranges_are_those_of_the_training_split_alone(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=12))
    rows = np.asarray(pairs.streams["video"].rows[: 6 * 8])
    found = feature_ranges(pairs)["video"]
    assert found["least"] == pytest.approx(rows.min(axis=0).tolist())
    assert found["greatest"] == pytest.approx(rows.max(axis=0).tolist())
