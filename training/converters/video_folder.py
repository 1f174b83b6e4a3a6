"""Finds the files below a folder of videos, and tells equal ones and those that cannot be opened. Decodes none.

Reasons for which something is passed over: `duplicate`, `not_a_file`, `unreadable_file`, `unlisted_folder`,
`name_not_unicode`.
"""

import hashlib
import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from training.converters.parts import LeftOut


@dataclass(frozen=True, slots=True)
class FoundFile:
    """`name`: the path below the folder, split by slashes. `passed_over`: why it is not worth a try, if it is not."""

    name: str
    path: Path
    size_bytes: int = 0
    modified_ns: int = 0
    passed_over: LeftOut | None = None


def files_below(folder: Path) -> list[FoundFile]:
    """Every file in the order of names, through links too, each real folder once; hidden ones are not looked at.

    Of files with the same bytes all but the first are passed over; only files of one size are compared.
    """
    found = list(_walk(folder))
    sizes = Counter(file.size_bytes for file in found if file.passed_over is None)
    first: dict[str, str] = {}
    return [_told_equal(file, first) if sizes[file.size_bytes] > 1 else file for file in found]


def same_name(name: str) -> str:
    """A form in which two spellings of one name are equal: macOS takes accents apart, most editors do not."""
    return unicodedata.normalize("NFC", os.path.normpath(name))


def _walk(folder: Path) -> Iterator[FoundFile]:
    seen: set[tuple[int, int]] = set()
    unlisted: list[OSError] = []
    for place, folders, names in os.walk(folder, followlinks=True, onerror=unlisted.append):
        known = Path(place).stat()
        if (known.st_dev, known.st_ino) in seen:
            folders.clear()
            continue
        seen.add((known.st_dev, known.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (_found(folder, Path(place) / name) for name in sorted(names) if not name.startswith("."))
    for error in unlisted:
        yield _passed_over(folder, Path(error.filename), "unlisted_folder", error.strerror or "")


def _found(folder: Path, path: Path) -> FoundFile:
    try:
        known = path.stat()
    except OSError as error:
        return _passed_over(folder, path, "unreadable_file", error.strerror or "")
    if not stat.S_ISREG(known.st_mode):
        return _passed_over(folder, path, "not_a_file")
    name = path.relative_to(folder).as_posix()
    if _readable(name) != name:
        return _passed_over(folder, path, "name_not_unicode")
    return FoundFile(name, path, known.st_size, known.st_mtime_ns)


def _passed_over(folder: Path, path: Path, reason: str, detail: str = "") -> FoundFile:
    name = _readable(path.relative_to(folder).as_posix())
    return FoundFile(name, path, passed_over=LeftOut(name, reason, detail))


def _readable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")


def _told_equal(file: FoundFile, first: dict[str, str]) -> FoundFile:
    if file.passed_over is not None:
        return file
    try:
        with file.path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        return replace(file, passed_over=LeftOut(file.name, "unreadable_file", error.strerror or ""))
    same = first.setdefault(digest, file.name)
    return file if same == file.name else replace(file, passed_over=LeftOut(file.name, "duplicate", f"of {same}"))
