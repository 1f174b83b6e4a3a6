import csv
from dataclasses import replace
from pathlib import Path

from training.experiments.exhibit import Cell, Exhibit, Row, markdown, write_exhibit
from training.experiments.outcomes import Measured

OURS = Measured(12.345, 0.678, 3)
EXHIBIT = Exhibit(
    name="tableX",
    title="Table X: something",
    data="`made`, 3 seeds",
    rows=(
        Row("both", (Cell("R@1", 5.8, OURS), Cell("R@10", None, OURS), Cell("R@25", 46.75, None))),
        Row("published alone", (Cell("R@1", 7.5, None), Cell("R@10", None, None), Cell("R@25", None, None))),
        Row("another column", (Cell("R@1 of 10", None, Measured(3.0, 0.0, 1)),)),
    ),
    notes=("Mind this.", "And that."),
    picture="tableX.png",
)


def lines_of_table(page: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]


def test_published_and_measured_stand_side_by_side() -> None:
    head, _, *rows = lines_of_table(markdown(EXHIBIT))
    assert head == ["", "R@1, published", "R@1, measured", "R@10, measured", "R@25, published", "R@1 of 10, measured"]
    assert rows == [
        ["both", "5.8", "12.3 ± 0.7", "12.3 ± 0.7", "46.8", ""],
        ["published alone", "7.5", "", "", "", ""],
        ["another column", "", "", "", "", "3.0"],
    ]


def test_columns_with_nothing_in_them_are_left_out() -> None:
    page = markdown(EXHIBIT)
    assert "R@10, published" not in page
    assert "R@25, measured" not in page
    assert EXHIBIT.columns() == ["R@1", "R@10", "R@25", "R@1 of 10"]


def test_a_page_names_the_data_the_notes_and_the_picture() -> None:
    page = markdown(EXHIBIT)
    assert page.startswith("## Table X: something\n\nMeasured on: `made`, 3 seeds.\n\n|")
    assert "\n\nMind this.\n\nAnd that.\n\n![Table X: something](tableX.png)\n" in page
    assert "![" not in markdown(replace(EXHIBIT, picture=None))


def test_the_sheet_has_a_line_for_every_cell(tmp_path: Path) -> None:
    page, sheet = write_exhibit(EXHIBIT, tmp_path / "new" / "folder")
    assert (page.name, sheet.name) == ("tableX.md", "tableX.csv")
    assert page.read_text(encoding="utf-8") == markdown(EXHIBIT)
    with sheet.open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    assert head == ["experiment", "data", "row", "column", "published", "measured", "deviation", "seeds"]
    assert len(lines) == 7
    assert lines[0] == ["tableX", "`made`, 3 seeds", "both", "R@1", "5.8", "12.345", "0.678", "3"]
    assert lines[2] == ["tableX", "`made`, 3 seeds", "both", "R@25", "46.75", "", "", ""]
    assert lines[4] == ["tableX", "`made`, 3 seeds", "published alone", "R@10", "", "", "", ""]
    assert b"\r" not in sheet.read_bytes()


def test_what_was_written_before_is_replaced(tmp_path: Path) -> None:
    write_exhibit(EXHIBIT, tmp_path)
    page, sheet = write_exhibit(replace(EXHIBIT, rows=EXHIBIT.rows[:1]), tmp_path)
    assert "published alone" not in page.read_text() + sheet.read_text()
