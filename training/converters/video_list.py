"""The list (CSV) that may come with a folder of videos: one row a file, what people say of it. Opens no video."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.converters.video_folder import same_name
from training.errors import PairSetError
from training.pair_set import SPLITS, Split

COLUMNS = ("file", "title", "keywords", "track", "split")


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """One row; `line` is where it ends, for messages. None or empty: nothing is said."""

    line: int
    title: str | None = None
    keywords: tuple[str, ...] = ()
    track: str | None = None
    split: Split | None = None


def read_video_list(path: Path) -> dict[str, ListedVideo]:
    """Rows by the file's name in the form of `same_name`. Raises PairSetError naming the line.

    UTF-8, the columns of COLUMNS in any order, of which only `file` must be there; keywords are split by semicolons.
    """
    rows: dict[str, ListedVideo] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(path, reader.fieldnames or ())
            for row in reader:
                name, listed = _listed(path, reader.line_num, row)
                if name in rows:
                    raise _refused(path, reader.line_num, "file", f"'{name}' has a row already, at {rows[name].line}")
                rows[name] = listed
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PairSetError(file=path.name, field="list", reason=f"cannot be read: {error}") from error
    return rows


def splits_by_track(path: Path, rows_of_tracks: Iterable[tuple[str, ListedVideo]]) -> dict[str, Split]:
    """The split that the rows of a track name, where any does. Raises PairSetError where two of them differ."""
    chosen: dict[str, Split] = {}
    for track, row in rows_of_tracks:
        if row.split is not None and chosen.setdefault(track, row.split) != row.split:
            reason = f"is '{row.split}', but track '{track}' is in '{chosen[track]}' already"
            raise _refused(path, row.line, "split", reason)
    return chosen


def _check_columns(path: Path, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or "file" not in names or len(set(names)) < len(names):
        reason = f"must be of {', '.join(COLUMNS)}, 'file' among them, each once; found {', '.join(names)}"
        raise _refused(path, 1, "columns", reason)


def _listed(path: Path, line: int, row: Mapping[str | None, str | list[str] | None]) -> tuple[str, ListedVideo]:
    if None in row or None in row.values():
        raise _refused(path, line, "cells", "are more or fewer than the columns")
    said = {str(column): str(cell).strip() for column, cell in row.items()}
    if not said["file"]:
        raise _refused(path, line, "file", "is empty")
    split = next((split for split in SPLITS if split == said.get("split")), None)
    if said.get("split") and split is None:
        raise _refused(path, line, "split", f"'{said['split']}' is none of {', '.join(SPLITS)}")
    words = (word.strip() for word in said.get("keywords", "").split(";"))
    keywords = tuple(dict.fromkeys(word for word in words if word))
    return same_name(said["file"]), ListedVideo(
        line, said.get("title") or None, keywords, said.get("track") or None, split
    )


def _refused(path: Path, line: int, field: str, reason: str) -> PairSetError:
    return PairSetError(file=path.name, field=f"line {line}: {field}", reason=reason)
