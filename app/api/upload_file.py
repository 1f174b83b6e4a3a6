"""The file an upload becomes: written, counted and hashed bit by bit. Blocking; call it from threads."""

import hashlib
from pathlib import Path

from app.errors import UploadTooLarge, full_disk_named


class UploadFile:
    """A file being received at `path`, which must not exist yet or be empty; to be closed, whatever happens."""

    def __init__(self, path: Path, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        # Unbuffered: what comes is gathered into large pieces already.
        self._file = path.open("wb", buffering=0)

    def write(self, piece: bytes | bytearray) -> None:
        """Raises UploadTooLarge before the first byte beyond the limit is written, and DiskFull."""
        if self.size_bytes + len(piece) > self._limit_bytes:
            raise UploadTooLarge(limit_bytes=self._limit_bytes)
        rest = memoryview(piece)
        with full_disk_named():
            while rest:
                rest = rest[self._file.write(rest) :]
        self._hash.update(piece)
        self.size_bytes += len(piece)

    def close(self) -> str:
        """The SHA-256 of all that was written, 64 hex digits."""
        self._file.close()
        return self._hash.hexdigest()
