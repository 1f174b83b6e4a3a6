"""Reads JSON, CSV and line files so that every complaint names file, field and item. Knows no set's layout."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from training.errors import PairSetError

T = TypeVar("T")


def read_json(path: Path) -> Any:
    text = _text(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PairSetError(file=path.name, field="file", reason=f"is no JSON: {error}") from error
    _require_characters(path, document)
    return document


def read_table(path: Path, *columns: str) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, empty lines passed over; `columns` must be in it, and filled in each row.

    Values are kept to the letter: names of files may begin with a space.
    """
    reader = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise PairSetError(
            file=path.name, field=f"line {reader.reader.line_num}", reason=f"is no CSV: {error}"
        ) from error
    for column in columns:
        if column not in (reader.fieldnames or ()):
            raise PairSetError(file=path.name, field=column, reason=f"no such column; there are {reader.fieldnames}")
        for number, row in enumerate(rows):
            if row[column] is None:
                raise PairSetError(file=path.name, field=column, item=f"row {number + 1}", reason="is missing")
    return rows


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, with its number from 1 on, without its end."""
    # A caption may hold any of the characters that `splitlines` would also split at.
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            yield number, line.removesuffix("\r")


def read_ids(path: Path, *, ending: str = "") -> list[str]:
    """One id a line, without the ending of the file it names."""
    return [line.strip().removesuffix(ending) for _, line in read_lines(path)]


def value_of(record: Any, field: str, kind: type[T], *, file: str, item: str) -> T:
    """`record[field]`, which must be there and of that kind."""
    value = record.get(field) if isinstance(record, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise PairSetError(file=file, field=field, item=item, reason=f"must be a {kind.__name__}, and there")
    return value


def texts_of(record: Any, field: str, *, file: str, item: str) -> tuple[str, ...]:
    """`record[field]` as a list of texts; none where it is missing, as it is for items that nobody described."""
    values = record.get(field, []) if isinstance(record, dict) else None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise PairSetError(file=file, field=field, item=item, reason="must be a list of texts")
    return tuple(values)


def records_of(document: Any, field: str, *, file: str) -> list[Any]:
    """The list that a JSON document holds in its top field."""
    return value_of(document, field, list, file=file, item="the document")


def _require_characters(path: Path, document: Any) -> None:
    """JSON can name half a character ("\\ud83d"), which no file of text can hold."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        told = error.object[max(0, error.start - 30) : error.start]
        reason = f"holds half a character, after {told!r}"
        raise PairSetError(file=path.name, field="text", reason=reason) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise PairSetError(file=path.name, field="file", reason=f"cannot be read: {error}") from error
