"""Finds the file of an item by the names it may have. Opens none."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath


def find_file(folder: Path, names: Sequence[str], endings: Sequence[str]) -> Path | None:
    """The first of the names, with the first of the endings, that is a file in the folder; never one outside it.

    Names hold dots of their own, so an ending is put behind them, never in place of anything.
    """
    for name in names:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            continue
        for ending in endings:
            path = folder / f"{name}{ending}"
            if os.path.isfile(path):  # noqa: PTH113  pathlib's own raises where a name is longer than any file's
                return path
    return None


def file_state(path: Path | None) -> tuple[int, int] | None:
    """Size and time of a file, by which another one under its name is told; None where there is none."""
    if path is None:
        return None
    found = path.stat()
    return found.st_size, found.st_mtime_ns
