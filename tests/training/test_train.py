import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.encoders.spec import digest_of, read_spec
from tests.training.pairs_at_random import tiny_run, write_random_pairs
from training import train
from training.checkpoints import load_model
from training.epochs import Epoch
from training.losses import LossWeights
from training.objectives import II
from training.run_config import RunConfig
from training.runs import RUNS
from training.watch import Watch


class Killed(Exception):
    """Stands for a signal: nothing in training catches it."""


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    objective = II(LossWeights(gamma_intra=0.0))

    def runs() -> tuple[RunConfig, ...]:
        return tiny_run(), replace(tiny_run(), name="tiny_without_intra_run", objective=objective)

    monkeypatch.setitem(RUNS, "tiny_run", runs)
    return write_random_pairs(tmp_path / "pairs", count=64, measured=True)


def trained(pairs: Path, out: Path) -> Path:
    train.main(["tiny_run", "--pairs", str(pairs), "--out", str(out)])
    return out


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_leaves_a_checkpoint_with_its_record_and_nothing_unfinished(pairs: Path, tmp_path: Path) -> None:
    out = trained(pairs, tmp_path / "out")
    record = json.loads((out / "run.json").read_text())
    assert read_spec(out).about == record
    assert record["run"]["name"] == "tiny_run"
    assert read_spec(out).video.standardisation is not None
    assert names_in(tmp_path) == ["out", "pairs"]


def test_the_table_shows_every_kind_of_words_of_every_run(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = trained(pairs, tmp_path / "out")
    report = (out / "report.md").read_text()
    shown = capsys.readouterr().out
    assert report.strip() in shown
    assert f"checkpoint {out}" in shown.replace("\n", "")
    for words in ("video alone", "with title", "with keywords", "with both"):
        assert report.count(f" {words} ") == 4
    assert report.count("| tiny_run ") == report.count("| tiny_without_intra_run ") == 8


def test_the_same_run_twice_gives_the_same_digest_and_replaces_the_first(pairs: Path, tmp_path: Path) -> None:
    digests = [digest_of(trained(pairs, tmp_path / "out")) for _ in range(2)]
    assert digests[0] == digests[1]
    assert names_in(tmp_path) == ["out", "pairs"]


def test_runs_that_were_broken_off_go_on_where_they_stood(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, heard = Watch.on_epoch, list[float]()

    def heard_and_killed(watch: Watch, epoch: Epoch) -> None:
        told(watch, epoch)
        heard.append(epoch.loss)
        if len(heard) == 5:
            raise Killed

    # Of the same name, which is part of what a digest is taken over.
    whole = digest_of(trained(pairs, tmp_path / "whole" / "out"))
    monkeypatch.setattr(Watch, "on_epoch", heard_and_killed)
    with pytest.raises(Killed):
        trained(pairs, tmp_path / "out")
    # The first run was done, the second has had two of its three epochs.
    assert names_in(tmp_path) == ["out.unfinished", "pairs", "whole"]
    assert digest_of(trained(pairs, tmp_path / "out")) == whole
    assert len(heard) == 6
    assert names_in(tmp_path) == ["out", "pairs", "whole"]


def test_pairs_of_stored_features_make_a_research_checkpoint(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pairs / "measured_with.json").unlink()
    assert load_model(trained(pairs, tmp_path / "out")).about["run"]["name"] == "tiny_run"
    assert (tmp_path / "out" / "model.json").exists()
    assert "video → music" in capsys.readouterr().out


def test_a_run_that_draws_no_pairs_asks_for_some(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        train.main(["tiny_run", "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert "--pairs" in capsys.readouterr().err


def test_pairs_that_do_not_fit_end_it_with_file_field_and_item(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (pairs / "items.jsonl").read_text().splitlines()
    lines[3] = lines[3].replace('"train"', '"practice"')
    (pairs / "items.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(SystemExit) as ended:
        trained(pairs, tmp_path / "out")
    assert ended.value.code == 2
    assert "items.jsonl: item 'item-3': split:" in capsys.readouterr().err
    assert names_in(tmp_path) == ["pairs"]


def test_a_folder_that_is_no_checkpoint_is_never_replaced(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(SystemExit):
        trained(pairs, out)
    assert "is no checkpoint" in capsys.readouterr().err
    assert (out / "thesis.txt").read_text() == "years of work"
    assert names_in(tmp_path) == ["mine", "pairs"]


def test_folders_beside_the_checkpoint_are_left_alone(pairs: Path, tmp_path: Path) -> None:
    for name in ("out", "out.old", "out.new"):
        (tmp_path / name).mkdir()
    (tmp_path / "out.old" / "mine.txt").write_text("kept")
    (tmp_path / "out.new" / "mine.txt").write_text("kept")
    assert read_spec(trained(pairs, tmp_path / "out")).about
    assert [(tmp_path / name / "mine.txt").read_text() for name in ("out.old", "out.new")] == ["kept", "kept"]
    assert names_in(tmp_path) == ["out", "out.new", "out.old", "pairs"]
