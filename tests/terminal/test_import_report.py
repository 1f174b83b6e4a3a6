import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from app.errors import InvalidParameter
from app.recommendation.import_folder import Outcome
from app.terminal.import_report import ImportReport, check_report_path
from tests.terminal.made_up import a_track


@pytest.fixture
def report() -> ImportReport:
    return ImportReport(
        outcomes=[
            Outcome("b/two.mp3", "added", track=a_track(2)),
            Outcome("a.mp3", "present", track=a_track(1)),
            Outcome("bad.mp3", "refused", "unreadable_media", "the file cannot be read: its data is damaged"),
            Outcome("cover.jpg", "skipped", reason="ending '.jpg' is not one to try"),
        ],
        unlisted=["a.mp3"],
    )


def printed(report: ImportReport) -> str:
    text = StringIO()
    report.show(Console(file=text, width=120))
    return text.getvalue()


def test_the_summary_counts_and_the_refused_are_told_with_their_reason(report: ImportReport) -> None:
    text = printed(report)

    assert text.endswith("added 1 (3 min of music), already there 1, refused 1, skipped 1\n")
    assert "bad.mp3: unreadable_media: the file cannot be read: its data is damaged\n" in text
    assert "skipped: cover.jpg (ending '.jpg' is not one to try)" in text
    assert "without a row in the list: a.mp3" in text


def test_of_many_skipped_files_a_few_are_named() -> None:
    report = ImportReport(outcomes=[Outcome(f"{n}.jpg", "skipped", reason="photo") for n in range(9)])

    assert "and 4 more" in printed(report)


def test_the_report_as_json_has_every_file(report: ImportReport, tmp_path: Path) -> None:
    report.write(tmp_path / "report.json")

    told = json.loads((tmp_path / "report.json").read_text())
    assert {name: told[name] for name in ("added", "present", "refused", "skipped")} == {
        "added": 1,
        "present": 1,
        "refused": 1,
        "skipped": 1,
    }
    assert told["without_row"] == ["a.mp3"]
    assert told["files"][0] == {
        "file": "a.mp3",
        "result": "present",
        "code": None,
        "reason": None,
        "id": a_track(1).id,
    }


def test_the_report_as_csv_has_every_file(report: ImportReport, tmp_path: Path) -> None:
    report.write(tmp_path / "report.CSV")

    rows = list(csv.DictReader(StringIO((tmp_path / "report.CSV").read_text())))
    assert [(row["file"], row["result"], row["code"]) for row in rows] == [
        ("a.mp3", "present", ""),
        ("b/two.mp3", "added", ""),
        ("bad.mp3", "refused", "unreadable_media"),
        ("cover.jpg", "skipped", ""),
    ]


@pytest.mark.parametrize("name", ["report.txt", "report", "no-folder/report.csv"])
def test_a_report_that_could_not_be_written_is_refused_beforehand(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="report"):
        check_report_path(tmp_path / name)
