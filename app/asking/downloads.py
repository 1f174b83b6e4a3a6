"""A file on its way from the server: whole under its name, or not there. Knows nothing of who sends it."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


class ArrivingFile:
    """Written beside `target` under a name of its own, which it loses with `keep`. Raises OSError."""

    def __init__(self, target: Path) -> None:
        if target.is_dir():
            raise IsADirectoryError(21, "is a folder", str(target))
        self._target = target
        self._path = target.with_name(f".{secrets.token_hex(8)}.part")
        self._file = self._path.open("xb")

    def write(self, piece: bytes) -> None:
        self._file.write(piece)

    def keep(self) -> None:
        """On disk under its name when this returns; what had that name is replaced."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._path.replace(self._target)

    def close(self) -> None:
        """Drops what was not kept."""
        try:
            self._file.close()
        finally:
            with suppress(FileNotFoundError):
                self._path.unlink()
