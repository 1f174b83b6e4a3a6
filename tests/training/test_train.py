import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.encoders.spec import digest_of, read_spec
from tests.training.pairs_at_random import tiny_run, write_random_pairs
from training import train
from training.losses import LossWeights
from training.runs import RunConfig


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    without = replace(tiny_run(), name="tiny_without_intra_run", loss=LossWeights(gamma_intra=0.0))

    def runs() -> tuple[RunConfig, ...]:
        return tiny_run(), without

    monkeypatch.setitem(train.RUNS, "tiny_run", runs)
    return write_random_pairs(tmp_path / "pairs", count=96)


def test_a_run_leaves_a_checkpoint_with_its_record(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train.main(["tiny_run", "--pairs", str(pairs), "--out", str(out)])
    record = json.loads((out / "run.json").read_text())
    assert read_spec(out).about == record
    assert record["run"]["name"] == "tiny_run"
    assert read_spec(out).video.standardisation is not None


def test_the_table_shows_every_kind_of_words_with_and_without_the_intra_loss(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    train.main(["tiny_run", "--pairs", str(pairs), "--out", str(out)])
    report = (out / "report.md").read_text()
    assert report.strip() in capsys.readouterr().out
    for words in ("video alone", "with title", "with keywords", "with both"):
        assert report.count(words) == 4
    assert report.count("tiny_without_intra_run (γ2 = 0)") == report.count("tiny_run (γ2 = 3)") == 8


def test_the_same_run_twice_gives_the_same_digest_and_replaces_the_first(pairs: Path, tmp_path: Path) -> None:
    digests = []
    for _ in range(2):
        train.main(["tiny_run", "--pairs", str(pairs), "--out", str(tmp_path / "out")])
        digests.append(digest_of(tmp_path / "out"))
    assert digests[0] == digests[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "pairs"]


def test_a_run_that_draws_no_pairs_asks_for_some(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        train.main(["tiny_run", "--out", str(tmp_path / "out")])
    assert "--pairs" in capsys.readouterr().err


def test_a_folder_that_is_no_checkpoint_is_never_replaced(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(SystemExit):
        train.main(["tiny_run", "--pairs", str(pairs), "--out", str(out)])
    assert "is no checkpoint" in capsys.readouterr().err
    assert (out / "thesis.txt").read_text() == "years of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "pairs"]


def test_folders_beside_the_checkpoint_are_left_alone(pairs: Path, tmp_path: Path) -> None:
    for name in ("out", "out.old", "out.new"):
        (tmp_path / name).mkdir()
    (tmp_path / "out.old" / "mine.txt").write_text("kept")
    (tmp_path / "out.new" / "mine.txt").write_text("kept")
    train.main(["tiny_run", "--pairs", str(pairs), "--out", str(tmp_path / "out")])
    assert read_spec(tmp_path / "out").about
    assert [(tmp_path / name / "mine.txt").read_text() for name in ("out.old", "out.new")] == ["kept", "kept"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.new", "out.old", "pairs"]
