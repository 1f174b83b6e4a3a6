import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from app.encoders.fitted_specs import StatisticsSpec, require_fitted_sides
from app.encoders.sequence_specs import SequenceEncoderSpec
from app.errors import CheckpointError
from tests.training.pairs_at_random import write_random_pairs
from tests.training.real_pairs_in_small import small_real_pairs_run, write_small_real_pairs
from training import evaluate, loop, train
from training.checkpoints import load_model
from training.epochs import Epoch
from training.errors import PairSetError
from training.pair_set_reader import open_pair_set
from training.progress import epoch_line
from training.real_pairs import order_free_run, real_pairs_run
from training.runs import RUNS
from training.setup import prepare


@dataclass(frozen=True)
class Side:
    sequence_encoder: SequenceEncoderSpec
    feature_dim: int
    steps: int = 100


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setitem(RUNS, "small_real_pairs_run", lambda: (small_real_pairs_run(),))
    pairs = write_small_real_pairs(tmp_path / "pairs", count=200)
    train.main(["small_real_pairs_run", "--pairs", str(pairs), "--out", str(tmp_path / "out")])
    # What it says where there is no table to show.
    assert "no unseen pairs" in capsys.readouterr().out
    return tmp_path / "out"


def test_a_run_without_validation_or_test_items_is_trained_saved_and_evaluated_on_another_set(
    checkpoint: Path, tmp_path: Path
) -> None:
    unseen = write_small_real_pairs(tmp_path / "unseen", count=40, split="test", seed=1)
    figures = tmp_path / "figures.json"
    evaluate.main([str(checkpoint), str(unseen), "--json", str(figures)])
    (found,) = json.loads(figures.read_text())["whole"].values()
    assert found["pool"] == 40
    # Chance is 5 of 40.
    assert found["query_to_target"]["r5"] > 0.7
    assert found["target_to_query"]["r5"] > 0.7


def test_its_record_says_how_it_was_fitted_and_its_epochs_have_no_validation(checkpoint: Path) -> None:
    record = json.loads((checkpoint / "run.json").read_text())
    assert record["run"]["fitted"]["statistics_power"] == 1.5
    assert record["run"]["shared_steps"] == 0.6
    assert [epoch["validation"] for epoch in record["epochs"]] == [{}] * 4
    assert record["kept_epoch"] == 4


def test_a_checkpoint_whose_ensemble_has_another_width_is_refused(checkpoint: Path) -> None:
    document = json.loads((checkpoint / "model.json").read_text())
    document["query"]["sequence_encoder"]["members"][0]["encoder"]["width"] = 2
    (checkpoint / "model.json").write_text(json.dumps(document))
    with pytest.raises(CheckpointError, match="wide"):
        load_model(checkpoint)


def test_an_epoch_that_was_not_validated_has_a_line_and_no_score() -> None:
    epoch = Epoch(3, 0.5, {"inter": 1.0}, {}, {})
    assert epoch_line(epoch).endswith("loss 0.5000 (inter 1.0000)")
    with pytest.raises(ValueError, match="epoch 3"):
        epoch.score()


def test_a_run_that_chooses_its_epoch_still_needs_validation(tmp_path: Path) -> None:
    pairs = open_pair_set(write_small_real_pairs(tmp_path / "pairs"))
    for change in ({"keep": "best"}, {"patience": 2}):
        with pytest.raises(PairSetError, match="validation"):
            prepare(replace(small_real_pairs_run(), **change), pairs)


def test_pairs_without_the_columns_that_the_run_reads_are_refused(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=300))
    with pytest.raises(PairSetError, match="column 26") as caught:
        prepare(real_pairs_run(), pairs)
    assert caught.value.field == "streams.music.dim"


def test_the_run_is_registered_and_its_sides_fit_the_sets_streams() -> None:
    (run,) = RUNS["real_pairs_run"]()
    assert run == real_pairs_run()
    video = Side(run.design.query.sequence_encoder, 768)
    music = Side(run.design.target.sequence_encoder, 27)
    require_fitted_sides(video, music, embedding_dim=run.design.embedding_dim)


def test_the_order_free_member_alone_is_solved_and_does_not_hear_the_order_of_steps(tmp_path: Path) -> None:
    run = order_free_run()
    video, music = run.design.query.sequence_encoder, run.design.target.sequence_encoder
    require_fitted_sides(Side(video, 768), Side(music, 27), embedding_dim=run.design.embedding_dim)
    assert run.epochs == 0
    for encoder in (video, music):
        assert isinstance(encoder, StatisticsSpec)
        assert all(pool.of != "spans" for pool in encoder.pools)


def test_a_run_of_no_epochs_keeps_what_was_fitted(tmp_path: Path) -> None:
    pairs = open_pair_set(write_small_real_pairs(tmp_path / "pairs", count=100))
    run = replace(small_real_pairs_run(), epochs=0)
    prepared = prepare(run, pairs)
    fitted = {name: value.clone() for name, value in prepared.model.state_dict().items()}
    trained = loop.train(prepared)
    assert (trained.epochs, trained.kept_epoch) == ((), 0)
    assert all(torch.equal(value, fitted[name]) for name, value in trained.model.state_dict().items())
