"""A folder for what is on its way between processes, on the data volume; nothing in it outlives its owner for long."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Self

OWNER_LOCK = "owner.lock"
SWEEP_LOCK = "sweep.lock"


class Scratch:
    """A context manager: a folder of its own below `parent`, removed on leaving.

    Entering removes what killed owners left: the kernel lets go of an owner's lock when its process ends. So any number
    of servers and command lines may share one `parent`.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._numbers = count(1)

    def __enter__(self) -> Self:
        self._parent.mkdir(parents=True, exist_ok=True)
        # Held until the new folder has its own lock, or another sweep would take it for a left one.
        sweeping = _lock(self._parent / SWEEP_LOCK)
        try:
            self._sweep()
            self._folder = Path(tempfile.mkdtemp(prefix="owned-", dir=self._parent))
            self._ownership = _lock(self._folder / OWNER_LOCK)
        finally:
            os.close(sweeping)
        return self

    def __exit__(self, *exception: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._ownership)

    @contextmanager
    def file(self) -> Iterator[Path]:
        """A name for a file that some process may write; whether it did or not, there is no such file afterwards."""
        path = self._folder / str(next(self._numbers))
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        for folder in self._parent.glob("owned-*"):
            try:
                os.close(_lock(folder / OWNER_LOCK, flags=fcntl.LOCK_EX | fcntl.LOCK_NB))
            except (BlockingIOError, FileNotFoundError):
                continue  # in use, or just being removed by its owner
            shutil.rmtree(folder, ignore_errors=True)


def _lock(path: Path, *, flags: int = fcntl.LOCK_EX) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, flags)
    except BlockingIOError:
        os.close(handle)
        raise
    return handle
