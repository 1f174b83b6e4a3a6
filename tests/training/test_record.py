import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.pairs_at_random import (
    captioned_design,
    tiny_encoder,
    tiny_run,
    write_captioned_pairs,
    write_random_pairs,
)
from training.loop import train
from training.pair_set_reader import open_pair_set
from training.record import feature_range, record_of, save_record
from training.retrieval import recalls_by_brief
from training.run_config import RunConfig
from training.setup import prepare


def recorded(run: RunConfig, pairs_folder: Path, tmp_path: Path) -> dict[str, Any]:
    pairs = open_pair_set(pairs_folder)
    trained = train(prepare(run, pairs))
    save_record(tmp_path, record_of(run, pairs, trained, test={}))
    found: dict[str, Any] = json.loads((tmp_path / "run.json").read_text())
    return found


def test_the_record_holds_the_whole_run_and_what_came_of_it(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=64))
    run = replace(tiny_run(), encoder=tiny_encoder())
    trained = train(prepare(run, pairs))
    test = recalls_by_brief(trained.model, trained.feed, pairs.items_of("test"))
    save_record(tmp_path, record_of(run, pairs, trained, test=test))
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["run"]["objective"]["weights"]["gamma_intra"] == 3.0
    assert record["run"]["design"]["query"]["sequence_encoder"]["kind"] == "bilstm"
    assert record["run"]["encoder"]["video"]["sequence_encoder"]["kind"] == "bilstm"
    assert record["run"]["text_mix"] == {"none": 0.4, "title": 0.2, "keywords": 0.2, "both": 0.2}
    assert record["seed"] == run.seed
    assert [epoch["loss"] for epoch in record["epochs"]] == [epoch.loss for epoch in trained.epochs]
    assert record["kept_epoch"] == trained.kept_epoch
    assert record["test"]["with title"]["query_to_target"]["r10"] == test["with title"].query_to_target.r10
    assert record["pairs"] == {"name": "pairs", "train": 32, "validation": 16, "test": 16}
    assert set(record["versions"]) == {"python", "torch", "numpy"}
    assert record["machine"]["threads"] == 1


def test_what_a_record_says_of_features_is_by_stream_and_leaves_text_out(tmp_path: Path) -> None:
    run = replace(tiny_run(), design=captioned_design(), batch_pairs=8, epochs=1)
    record = recorded(run, write_captioned_pairs(tmp_path / "captioned", count=32), tmp_path)
    assert list(record["feature_range"]) == ["audio"]


def test_the_range_of_features_is_that_of_the_training_split_alone(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=12))
    rows = np.asarray(pairs.streams["video"].rows[: 6 * 8], np.float32)
    found = feature_range(pairs, "video")
    assert found["least"] == pytest.approx(rows.min(axis=0).tolist())
    assert found["greatest"] == pytest.approx(rows.max(axis=0).tolist())
