"""What an experiment shows: rows of cells, published beside measured, and what is to be said of them. Writes files."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.experiments.outcomes import Measured
from training.report import table


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure in per cent: the paper's, where it has one, and ours, where it could be measured."""

    column: str
    published: float | None
    measured: Measured | None


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A table or figure of the paper. `data` names what was measured on, `notes` what must be known to read it.

    `sheet_rows`: what only the CSV has, where it would flood a page.
    """

    name: str
    title: str
    data: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    picture: str | None = None
    sheet_rows: tuple[Row, ...] = ()

    def columns(self) -> list[str]:
        return list(dict.fromkeys(cell.column for row in self.rows for cell in row.cells))


def write_exhibit(exhibit: Exhibit, folder: Path) -> list[Path]:
    """`NAME.md` and `NAME.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    page, sheet = folder / f"{exhibit.name}.md", folder / f"{exhibit.name}.csv"
    page.write_text(markdown(exhibit), encoding="utf-8")
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["experiment", "data", "row", "column", "published", "measured", "deviation", "seeds"])
        for row in (*exhibit.rows, *exhibit.sheet_rows):
            writer.writerows(_line(exhibit, row, cell) for cell in row.cells)
    return [page, sheet]


def markdown(exhibit: Exhibit) -> str:
    """The table: what the paper published on its data, where it did, beside what was measured on the data named."""
    columns = _shown(exhibit)
    head = ["", *(f"{column}, {whose}" for column, whose in columns)]
    lines = [f"## {exhibit.title}", "", f"Measured on: {exhibit.data}.", ""]
    lines += [table(head, [[row.label, *_pairs(row, columns)] for row in exhibit.rows])]
    lines += [f"\n{note}" for note in exhibit.notes]
    if exhibit.picture is not None:
        lines += ["", f"![{exhibit.title}]({exhibit.picture})"]
    return "\n".join(lines) + "\n"


def _shown(exhibit: Exhibit) -> list[tuple[str, str]]:
    """Columns with something in them."""
    cells = [cell for row in exhibit.rows for cell in row.cells]
    published = {cell.column for cell in cells if cell.published is not None}
    measured = {cell.column for cell in cells if cell.measured is not None}
    return [
        (column, whose)
        for column in exhibit.columns()
        for whose, shown in (("published", published), ("measured", measured))
        if column in shown
    ]


def _pairs(row: Row, columns: Sequence[tuple[str, str]]) -> list[str]:
    by_column = {cell.column: cell for cell in row.cells}
    return [_text(by_column.get(column), whose) for column, whose in columns]


def _text(cell: Cell | None, whose: str) -> str:
    if cell is None:
        return ""
    if whose == "published":
        return "" if cell.published is None else f"{cell.published:.1f}"
    return "" if cell.measured is None else str(cell.measured)


def _line(exhibit: Exhibit, row: Row, cell: Cell) -> list[str]:
    ours = ["", "", ""]
    if cell.measured is not None:
        ours = [f"{cell.measured.mean:.3f}", f"{cell.measured.deviation:.3f}", str(cell.measured.seeds)]
    published = "" if cell.published is None else f"{cell.published:g}"
    return [exhibit.name, exhibit.data, row.label, cell.column, published, *ours]
