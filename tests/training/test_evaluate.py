import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from app.encoders.models import video_music_model
from tests.training.pairs_at_random import (
    captioned_design,
    tiny_encoder,
    write_captioned_pairs,
    write_random_pairs,
)
from training import evaluate
from training.checkpoints import load_model, save_model, save_serving
from training.evaluation import recalls_both_ways
from training.model_spec import build_model
from training.pair_set_reader import open_pair_set
from training.preparation import completed
from training.retrieval import embed_queries, embed_targets


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """Untrained, with words that matter."""
    torch.manual_seed(0)
    encoder = tiny_encoder()
    model = video_music_model(encoder)
    assert model.text_state is not None
    torch.nn.init.normal_(model.text_state.reduce.weight)
    save_serving(tmp_path / "checkpoint", encoder, model, about={})
    return tmp_path / "checkpoint"


@pytest.fixture
def unseen(tmp_path: Path) -> Path:
    return write_random_pairs(tmp_path / "unseen", count=64, seed=9)


def figures(where: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(where.read_text())
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    with pytest.raises(SystemExit) as ended:
        evaluate.main([str(argument) for argument in arguments])
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err


def test_pairs_that_were_never_seen_are_evaluated_both_ways_with_every_kind_of_words(
    checkpoint: Path, unseen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "figures.json"
    evaluate.main([str(checkpoint), str(unseen), "--pools", "8", "--draws", "3", "--json", str(where)])
    found, shown = figures(where), capsys.readouterr().out
    assert (found["pairs"], found["split"], found["items"]) == ("unseen", "test", 16)
    assert found["checkpoint"] == load_model(checkpoint).digest
    assert list(found["whole"]) == list(found["pools"]) == ["video alone", "with title", "with keywords", "with both"]
    assert found["whole"]["with both"]["pool"] == 16
    assert [(pool["size"], pool["draws"]) for pool in found["pools"]["with title"]] == [(8, 3)]
    assert shown.count("video → music") == shown.count("music → video") == 4 * 2
    assert f"figures in {where}" in shown.replace("\n", "")


def test_the_figures_are_those_of_the_items_of_the_split_and_repeat_themselves(
    checkpoint: Path, unseen: Path, tmp_path: Path
) -> None:
    for name in ("first.json", "again.json"):
        arguments = ["--split", "validation", "--pools", "8", "--json", str(tmp_path / name)]
        evaluate.main([str(checkpoint), str(unseen), *arguments])
    assert figures(tmp_path / "first.json") == figures(tmp_path / "again.json")
    pairs, loaded = open_pair_set(unseen), load_model(checkpoint)
    feed, items = evaluate.feed_of(loaded, pairs, "cpu"), pairs.items_of("validation")
    words = frozenset({"title"})
    expected = recalls_both_ways(
        embed_queries(loaded.model, feed, items, words), embed_targets(loaded.model, feed, items)
    )
    found = figures(tmp_path / "first.json")["whole"]["with title"]
    assert found["query_to_target"]["median_rank"] == expected.query_to_target.median_rank
    assert found["target_to_query"]["r5"] == expected.target_to_query.r5


def test_pools_larger_than_the_split_are_left_out_and_told(
    checkpoint: Path, unseen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main([str(checkpoint), str(unseen), "--json", str(tmp_path / "figures.json")])
    assert "No pools of 1000, 1024: there are 16 tracks." in capsys.readouterr().out
    assert figures(tmp_path / "figures.json")["pools"]["with both"] == []


def test_without_a_name_for_them_the_figures_go_to_evaluation_json(
    checkpoint: Path, unseen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    evaluate.main([str(checkpoint), str(unseen)])
    assert figures(tmp_path / "here" / "evaluation.json")["items"] == 16


def test_every_caption_of_a_research_checkpoint_is_asked_and_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = open_pair_set(write_captioned_pairs(tmp_path / "seen"))
    spec = completed(captioned_design(), seen, seen.items_of("train"), limit=4.0)
    save_model(tmp_path / "research", spec, build_model(spec), about={})
    unseen = write_captioned_pairs(tmp_path / "unseen", count=40, seed=3)
    evaluate.main([str(tmp_path / "research"), str(unseen), "--json", str(tmp_path / "figures.json")])
    found = figures(tmp_path / "figures.json")
    # Of the ten sounds one has no caption.
    assert (found["items"], found["whole"]["alone"]["pool"]) == (9, 9)
    assert "audio → caption" in capsys.readouterr().out


def test_pairs_of_another_feature_space_are_refused_with_both_named(
    checkpoint: Path, unseen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = (unseen / "pairs.json").read_text()
    (unseen / "pairs.json").write_text(head.replace("signal-music:1", "vggish:yt8m"))
    complaint = refusal(capsys, checkpoint, unseen, "--json", tmp_path / "figures.json")
    assert "pairs.json: streams.music.space: is vggish:yt8m, 5 wide, where signal-music:1, 5 wide" in complaint
    assert not (tmp_path / "figures.json").exists()


def test_pairs_without_a_stream_of_the_model_are_refused(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wordless = write_random_pairs(tmp_path / "wordless", with_words=False)
    assert "pairs.json: streams.title: is missing" in refusal(capsys, checkpoint, wordless)


def test_an_item_without_rows_is_named(checkpoint: Path, unseen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    offsets = np.load(unseen / "video_offsets.npy")
    offsets[1] = 0
    np.save(unseen / "video_offsets.npy", offsets)
    assert "video_offsets.npy: item 'item-0': offsets: owns no rows" in refusal(capsys, checkpoint, unseen)


def test_a_split_without_items_is_refused(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = write_random_pairs(tmp_path / "pairs")
    items = (pairs / "items.jsonl").read_text()
    (pairs / "items.jsonl").write_text(items.replace('"test"', '"train"'))
    assert "no item of 'test' can be evaluated" in refusal(capsys, checkpoint, pairs)


def test_a_folder_that_holds_no_checkpoint_or_no_pairs_is_refused(
    checkpoint: Path, unseen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "model.json" in refusal(capsys, tmp_path, unseen)
    assert "pairs.json: file: cannot be read" in refusal(capsys, checkpoint, tmp_path)
