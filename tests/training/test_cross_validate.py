import csv
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.pairs_at_random import write_random_pairs
from tests.training.tiny_stand_ins import music_videos, one_step
from training import cross_validate
from training.cross_validate import FEW_PAIRS, few_pairs_runs, main
from training.experiments.cross_validation import folds
from training.loop import train
from training.paper_runs import ENCODER_KINDS, cca_run, clvm_run
from training.real_pairs import order_free_run, real_pairs_run
from training.run_config import RunConfig
from training.setup import prepare


@pytest.fixture
def few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two models of a moment each."""

    def runs() -> dict[str, RunConfig]:
        tiny = replace(FEW_PAIRS, width=8, embedding_dim=4, steps=2, epochs=1, batch_pairs=8)
        trained = clvm_run(kind="fc", gamma_intra=0.0, size=tiny)
        cca = cca_run(components=3, shrinkage=0.5)
        return {
            label: replace(run, device="cpu", keep="last") for label, run in (("linear CCA", cca), ("fc CLVM", trained))
        }

    monkeypatch.setattr(cross_validate, "few_pairs_runs", runs)


def test_every_model_is_put_on_a_page_and_a_sheet(
    tmp_path: Path, few_runs: None, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, out = write_random_pairs(tmp_path / "mine", count=24), tmp_path / "new" / "out"
    main([str(pairs), "--folds", "3", "--seeds", "1", "2", "--out", str(out)])
    page = (out / "cross_validation.md").read_text(encoding="utf-8")
    assert page.startswith("Measured on `mine`, 24 pairs, 3 folds dealt 2 times; ranked among 8 tracks")
    assert "| linear CCA | " in page
    assert "| fc CLVM    | " in page
    assert page in capsys.readouterr().out
    with (out / "cross_validation.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 2 * 6 * 2
    assert {line["fold"] for line in lines} == {"1", "2", "3", "4", "5", "6"}
    assert all(0 <= float(line["r1"]) <= float(line["r10"]) <= 1 for line in lines)


def test_what_was_done_is_not_done_again(tmp_path: Path, few_runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(write_random_pairs(tmp_path / "mine", count=24)), "--out", str(tmp_path / "out")]
    main([*arguments, "--folds", "2", "--seeds", "1"])
    first = capsys.readouterr().out
    main([*arguments, "--folds", "2", "--seeds", "1"])
    second = capsys.readouterr().out
    assert first.count(", seed 1") == 4
    assert second.count(", seed 1") == 0
    assert first.endswith(second)


def test_some_models_may_be_asked_for_alone(tmp_path: Path, few_runs: None) -> None:
    pairs, out = write_random_pairs(tmp_path / "mine", count=24), tmp_path / "out"
    main([str(pairs), "--folds", "2", "--seeds", "1", "--out", str(out), "--only", "linear CCA"])
    page = (out / "cross_validation.md").read_text(encoding="utf-8")
    assert "linear CCA" in page
    assert "fc CLVM" not in page


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--folds", "1"], "--folds must be at least 2"),
        (["--only", "linear CCA", "magic"], "no model is named magic; there are linear CCA, fc CLVM"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    tmp_path: Path, few_runs: None, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = write_random_pairs(tmp_path / "mine")
    with pytest.raises(SystemExit) as ended:
        main([str(pairs), "--out", str(tmp_path / "out"), *arguments])
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_more_folds_than_tracks_are_refused(tmp_path: Path, few_runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = write_random_pairs(tmp_path / "mine", count=8)
    with pytest.raises(SystemExit) as ended:
        main([str(pairs), "--folds", "9", "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert "items.jsonl: track: there are 8, too few for 9 folds" in capsys.readouterr().err


def test_pairs_that_cannot_be_read_are_told_of_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "none"), "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert "pairs.json: file: cannot be read" in capsys.readouterr().err


def test_what_is_broken_off_by_hand_ends_with_a_word_on_going_on(
    tmp_path: Path, few_runs: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cross_validate, "validated", break_off)
    with pytest.raises(SystemExit) as ended:
        main([str(write_random_pairs(tmp_path / "mine")), "--folds", "2", "--out", str(tmp_path / "out")])
    assert ended.value.code == 130
    assert "the same command goes on where it stood" in capsys.readouterr().err


def test_every_model_has_a_row_and_the_one_for_real_pairs_is_as_it_is_shipped() -> None:
    runs = few_pairs_runs()
    of_kinds = [f"{kind} {loss}" for kind in ENCODER_KINDS for loss in ("CLVM", "II-CLVM")]
    assert set(runs) == {"linear CCA", *of_kinds, "CBVMR", "CME", "triplet", "order-free statistics", "real_pairs_run"}
    assert (runs["real_pairs_run"], runs["order-free statistics"]) == (real_pairs_run(), order_free_run())


def test_models_for_few_pairs_need_no_validation_split() -> None:
    for label, run in few_pairs_runs().items():
        if label not in ("linear CCA", "order-free statistics", "real_pairs_run"):
            assert not run.chooses_epoch, label
            assert run.standardisation_limit == 4.0
            assert run.device == "cpu"


@pytest.mark.parametrize(
    "label", sorted(set(few_pairs_runs()) - {"linear CCA", "order-free statistics", "real_pairs_run"})
)
def test_every_trained_model_takes_a_step_on_a_fold_that_leaves_nothing_to_validate_on(
    tmp_path: Path, label: str
) -> None:
    fold = next(folds(music_videos(tmp_path / "videos"), count=2, seed=1))
    trained = train(prepare(one_step(few_pairs_runs()[label]), fold))
    assert math.isfinite(trained.epochs[0].loss)
    assert not trained.epochs[0].validation
