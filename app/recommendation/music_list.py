"""The list (CSV) that may come with a folder of music: one row a file, what people say of it. Knows no sound."""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.domain import TrackDetails
from app.errors import InvalidParameter
from app.recommendation.media_folder import same_name
from app.recommendation.track_details import checked

COLUMNS = (
    "file",
    "title",
    "artist",
    "album",
    "genre",
    "moods",
    "keywords",
    "license",
    "attribution",
    "source_url",
    "vocals",
    "explicit",
    "bpm",
)
# Some hundred thousand rows; they are held in memory, by a server too.
MOST_BYTES = 16_000_000
NO_ROW = "cannot be read as a row: a quotation mark is left open or stands within a cell, or a cell is endless"
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class ListedTrack:
    """One row: the file, in the form of `same_name`, and where the row begins, for messages."""

    line: int
    file: str
    details: TrackDetails


def read_music_list(path: Path) -> list[ListedTrack]:
    """The rows in their order; empty lines are passed over.

    UTF-8 (with or without a mark at the start); columns in any order, split by comma, semicolon or tab, as the first
    line shows (spreadsheets of many countries write semicolons). Raises InvalidParameter naming the line.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            reason = f"is larger than {MOST_BYTES // 1_000_000} MB, which no list of music is; make several of it"
            raise InvalidParameter(parameter=path.name, reason=reason)
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _refused(path, line, "is not UTF-8; save the list as UTF-8") from error
    except OSError as error:
        raise InvalidParameter(parameter=path.name, reason=f"cannot be read: {error.strerror}") from error
    records = _records(path, text)
    line, cells = next(records, (1, []))
    columns = _columns(path, line, cells)
    return _without_doubles(path, [_listed(path, line, columns, cells) for line, cells in records])


def _refused(path: Path, line: int, reason: str) -> InvalidParameter:
    return InvalidParameter(parameter=f"{path.name} line {line}", reason=reason)


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of every line that has any, trimmed, and the number of the line at which they begin."""
    # Only at the ends of lines that text files have; str.splitlines also splits at separators within a cell.
    lines = io.StringIO(text, newline="")
    heading = lines.readline()
    lines.seek(0)
    reader = csv.reader(lines, delimiter=max(",;\t", key=heading.count), strict=True)
    begins = 1
    while True:
        try:
            cells = _trimmed(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise _refused(path, begins, NO_ROW) from error
        if cells:
            yield begins, cells
        begins = reader.line_num + 1


def _trimmed(cells: list[str]) -> list[str]:
    """Without spaces around the cells, and without the empty cells that spreadsheets leave at the end of a line."""
    trimmed = [cell.strip() for cell in cells]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return trimmed


def _columns(path: Path, line: int, cells: list[str]) -> list[str]:
    names = [cell.lower() for cell in cells]
    unknown = [name for name in names if name not in COLUMNS]
    if "file" not in names:
        raise _refused(path, line, f"the first line must name the columns, 'file' among them; found {', '.join(cells)}")
    if unknown:
        raise _refused(path, line, f"unknown column '{unknown[0]}'; known: {', '.join(COLUMNS)}")
    if len(set(names)) < len(names):
        raise _refused(path, line, "a column is named twice")
    return names


def _listed(path: Path, line: int, columns: list[str], cells: list[str]) -> ListedTrack:
    if len(cells) > len(columns):
        raise _refused(path, line, f"has {len(cells)} cells where the first line has {len(columns)}")
    row = dict(zip(columns, cells, strict=False))
    if not row.get("file"):
        raise _refused(path, line, "names no file")
    try:
        details = checked(_details(row))
    except (ValueError, InvalidParameter) as error:
        raise _refused(path, line, str(error)) from error
    return ListedTrack(line, same_name(os.path.normpath(row["file"])), details)


def _details(row: dict[str, str]) -> TrackDetails:
    def said(column: str) -> str | None:
        return row.get(column) or None

    return TrackDetails(
        title=said("title"),
        artist=said("artist"),
        album=said("album"),
        genre=said("genre"),
        moods=_words(said("moods")),
        keywords=_words(said("keywords")),
        license=said("license"),
        attribution=said("attribution"),
        source_url=said("source_url"),
        vocals=_truth("vocals", said("vocals")),
        explicit=_truth("explicit", said("explicit")),
        bpm=_tempo(said("bpm")),
    )


def _words(cell: str | None) -> tuple[str, ...]:
    words = (word.strip() for word in (cell or "").replace(";", ",").split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def _truth(column: str, cell: str | None) -> bool | None:
    if cell is None:
        return None
    if cell.lower() not in TRUTH:
        raise ValueError(f"{column}: '{cell}' is neither true nor false")
    return TRUTH[cell.lower()]


def _tempo(cell: str | None) -> float | None:
    if cell is None:
        return None
    try:
        return float(cell)
    except ValueError as error:
        raise ValueError(f"bpm: '{cell}' is no number") from error


def _without_doubles(path: Path, rows: list[ListedTrack]) -> list[ListedTrack]:
    first: dict[str, int] = {}
    for row in rows:
        if first.setdefault(row.file, row.line) != row.line:
            raise _refused(path, row.line, f"'{row.file}' has a row already, at line {first[row.file]}")
    return rows
