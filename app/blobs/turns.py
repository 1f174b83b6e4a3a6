"""Turns at files, one for all threads and processes that share a folder. Knows nothing of the files."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import full_disk_named

# Files that share one wait for each other.
TURNS = 64


class Turns:
    """Locks named turn-* in `folder`, which is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def of(self, sha256: str) -> Iterator[None]:
        """Nobody else has this file's turn until the block ends. Not to be asked for within another turn.

        The system itself ends the turn of a process that ends.
        """
        path = self._folder / f"turn-{int(sha256[:8], 16) % TURNS}"
        with full_disk_named():
            path.touch()
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
