import csv
from pathlib import Path

import pytest

from tests.training.pairs_at_random import write_random_pairs
from training import experiment
from training.experiment import EXPERIMENTS, main, write_report
from training.experiments.exhibit import Cell, Exhibit, Row
from training.experiments.outcomes import Laboratory, Measured
from training.pair_set import PairSet
from training.paper_runs import PAPER, SMALL, Size
from training.stand_ins.made import NAMES


@pytest.fixture(autouse=True)
def threads_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets this where it is not set."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


class Shown:
    """An experiment that trains nothing and remembers what it was made of."""

    def __init__(self) -> None:
        self.of: list[tuple[PairSet, tuple[int, ...], Size]] = []

    def __call__(self, lab: Laboratory, size: Size, folder: Path) -> Exhibit:
        self.of.append((lab.pairs, lab.seeds, size))
        folder.mkdir(exist_ok=True)
        (folder / "shown.png").write_bytes(b"a picture")
        rows = (Row("a row", (Cell("R@1", 5.8, Measured(1.0, 0.5, 2)),)),)
        return Exhibit("shown", "Shown", f"`{lab.pairs.name}`", rows, picture="shown.png")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Stands in the place of table 1, and every stand-in is one small folder."""
    made = Shown()
    monkeypatch.setitem(EXPERIMENTS, "table1", experiment.Experiment("yt8m", made))
    return made


def test_a_table_is_made_of_named_pairs_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs, out = write_random_pairs(tmp_path / "mine", count=80), tmp_path / "out"
    arguments = ["table1", "--pairs", str(pairs), "--out", str(out), "--seeds", "1", "--small"]
    main(arguments)
    assert {path.name for path in out.iterdir()} == {"results", "table1.csv", "table1.md", "table1.png"}
    page = (out / "table1.md").read_text(encoding="utf-8")
    assert "Measured on: `mine`, 40 train, 20 validation, 20 test pairs, 1 seed." in page
    assert "| biLSTM (II-CLVM) GS | 22.1 " in page
    with (out / "table1.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 4 * 3
    assert all(0 <= float(line["measured"]) <= 100 and line["seeds"] == "1" for line in lines)
    assert "bilstm_ii_clvm_gs_run, seed 1" in capsys.readouterr().out

    before = {path.name: path.read_bytes() for path in out.glob("table1.*")}
    main(arguments)
    assert "seed 1" not in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in out.glob("table1.*")} == before


def test_without_pairs_the_stand_in_is_made_and_everything_is_small(
    tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def stand_in(name: str, root: Path) -> Path:
        asked.append((name, root))
        return write_random_pairs(root / "made")

    monkeypatch.setattr(experiment, "stand_in", stand_in)
    main(["table1", "--out", str(tmp_path)])
    assert asked == [("yt8m", tmp_path / "pairs")]
    ((pairs, seeds, size),) = shown.of
    assert (pairs.name, seeds) == ("made", (1, 2, 3))
    assert size is SMALL


@pytest.mark.parametrize(("arguments", "size"), [([], PAPER), (["--small"], SMALL)])
def test_with_pairs_the_runs_have_the_papers_size_unless_small_ones_are_asked_for(
    tmp_path: Path, shown: Shown, arguments: list[str], size: Size
) -> None:
    folder = write_random_pairs(tmp_path / "mine")
    main(["table1", "--pairs", str(folder), "--out", str(tmp_path), "--seeds", "2", *arguments])
    ((pairs, seeds, found),) = shown.of
    assert (pairs.folder, seeds) == (folder, (1, 2))
    assert found is size


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["all", "--pairs", "somewhere"], "'all' is of several kinds of pairs; name one experiment with --pairs"),
        (["table1", "--seeds", "0"], "--seeds must be at least 1"),
        (["table9"], "invalid choice: 'table9'"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


def test_pairs_that_cannot_be_read_are_told_of_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["table1", "--pairs", str(tmp_path / "none"), "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("python -m training.experiment: pairs.json: file: cannot be read")
    assert told.count("\n") == 1


def test_a_figure_that_these_pairs_cannot_give_is_told_of_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_random_pairs(tmp_path / "mine")
    with pytest.raises(SystemExit) as ended:
        main(["figure5", "--pairs", str(folder), "--out", str(tmp_path / "out"), "--seeds", "1", "--small"])
    assert ended.value.code == 2
    assert "video_captions_run cannot be run" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_broken_off_by_hand_ends_with_a_word_on_going_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_off(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
        raise KeyboardInterrupt

    monkeypatch.setitem(EXPERIMENTS, "table1", experiment.Experiment("yt8m", break_off))
    with pytest.raises(SystemExit) as ended:
        main(["table1", "--pairs", str(write_random_pairs(tmp_path / "mine")), "--out", str(tmp_path / "out")])
    assert ended.value.code == 130
    assert "the same command goes on where it stood" in capsys.readouterr().err


def test_every_table_and_figure_of_the_paper_has_an_experiment_on_a_stand_in() -> None:
    assert set(EXPERIMENTS) == {
        *("table1", "table2a", "table2b", "table4", "tablevi-clotho", "tablevii-mscoco", "tablevii-flickr30k"),
        *("tableviii-msvd", "tableviii-msrvtt", "tableviii-vatex"),
        *("figure4-mscoco", "figure4-vatex", "figure4-clotho", "figure5", "figure6", "figure7"),
    }
    assert {wanted.stand_in for wanted in EXPERIMENTS.values()} == set(NAMES)


def test_all_are_put_on_one_page_with_their_pictures_in_a_folder_beside_it(
    tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(experiment, "EXPERIMENTS", {"table1": EXPERIMENTS["table1"]})
    monkeypatch.setattr(experiment, "stand_in", lambda _, root: write_random_pairs(root / "made"))
    out, page = tmp_path / "out", tmp_path / "docs" / "REPORT.md"
    main(["all", "--out", str(out), "--report", str(page)])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# The paper's tables and figures, measured on procedural pairs\n")
    assert "not** a reproduction of the published figures" in text
    assert "## Shown\n\nMeasured on: `made`." in text
    assert "![Shown](report/shown.png)" in text
    assert (tmp_path / "docs" / "report" / "shown.png").read_bytes() == b"a picture"
    assert "![Shown](shown.png)" in (out / "shown.md").read_text(encoding="utf-8")
    assert "REPORT.md" in capsys.readouterr().out


def test_the_report_lies_beside_the_tables_where_no_place_is_named(
    tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "EXPERIMENTS", {"table1": EXPERIMENTS["table1"]})
    monkeypatch.setattr(experiment, "stand_in", lambda _, root: write_random_pairs(root / "made"))
    main(["all", "--out", str(tmp_path / "out")])
    assert (tmp_path / "out" / "REPORT.md").is_file()
    assert (tmp_path / "out" / "report" / "shown.png").is_file()


def test_an_exhibit_without_a_picture_is_reported_without_one(tmp_path: Path) -> None:
    exhibit = Exhibit("bare", "Bare", "`made`", (Row("a row", (Cell("R@1", 5.8, None),)),))
    page = write_report([exhibit], tmp_path, tmp_path / "page.md")
    assert "## Bare" in page.read_text(encoding="utf-8")
    assert "![" not in page.read_text(encoding="utf-8")
