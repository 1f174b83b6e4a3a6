"""Files that are whole or absent, whatever happens in between; knows nothing of what is in them."""

import os
from pathlib import Path


def move(temporary: Path, target: Path) -> None:
    """Gives a file that was flushed its lasting name, on the same disk; replaces what has that name.

    Flushed first: otherwise a loss of power may leave the name with nothing behind it.
    """
    make_folder(target.parent)
    temporary.replace(target)
    flush(target.parent)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each on disk under its name before the next is made in it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush(folder.parent)


def flush(path: Path) -> None:
    """Waits until a file's content, or a folder's list of names, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
