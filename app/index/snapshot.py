"""An index in one file: written whole or not at all, and believed only when every byte and every stamp is right.

A line of JSON (what the index belongs to), FAISS's bytes, and the SHA-256 of both. FAISS's own `write_index` would hide
a full disk, so the bytes are written here.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from app.errors import IndexDamaged, full_disk_named
from app.index.track_index import TrackIndex

SNAPSHOT = "tracks.index"
LOCK = "tracks.index.lock"
FORMAT_VERSION = 1
HASH_BYTES = 32
CHUNK_BYTES = 1 << 20


@contextmanager
def snapshot_writer(folder: Path) -> Iterator[bool]:
    """Whether this caller alone, of all threads and processes, may save here until the block ends; never waits."""
    with full_disk_named():
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("ab")
    with lock:
        try:
            # Released by the system itself when this process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_ours = False
        else:
            is_ours = True
        yield is_ours


def save_snapshot(index: TrackIndex, folder: Path) -> None:
    """Replaces the snapshot in `folder`; call it as the one `snapshot_writer`. The old one stays until the new is safe.

    Raises DiskFull, and IndexDamaged where the disk does not give back what was written.
    """
    packed, count, last_change = index.packed()
    manifest = {
        "format_version": FORMAT_VERSION,
        "digest": index.digest,
        "library": index.library,
        "dim": index.dim,
        "count": count,
        "last_change": last_change,
    }
    temporary = folder / f"{SNAPSHOT}.tmp"
    try:
        with full_disk_named():
            _write(temporary, json.dumps(manifest).encode() + b"\n", packed.data)
        _read_back(temporary)
        temporary.replace(folder / SNAPSHOT)
    finally:
        temporary.unlink(missing_ok=True)
    _flush(folder)


def load_snapshot(folder: Path, *, digest: str, dim: int, library: str | None = None) -> TrackIndex:
    """The index that was saved for this checkpoint (and library, where it was given one).

    Raises IndexDamaged with the reason for whatever cannot be trusted, a missing snapshot included.
    """
    manifest, packed = _read(folder / SNAPSHOT)
    expected = {"format_version": FORMAT_VERSION, "digest": digest, "library": library, "dim": dim}
    for name, value in expected.items():
        if manifest.get(name) != value:
            raise IndexDamaged(reason=f"its {name} is {manifest.get(name)!r}; {value!r} is needed")
    index = TrackIndex(dim, digest, library=library)
    try:
        index.unpack(np.frombuffer(packed, dtype=np.uint8))
    except ValueError as error:
        raise IndexDamaged(reason=str(error)) from error
    if len(index) != manifest["count"]:
        raise IndexDamaged(reason=f"it holds {len(index)} embeddings; {manifest['count']} were saved")
    index.last_change = manifest["last_change"]
    return index


def _write(path: Path, header: bytes, packed: memoryview) -> None:
    checksum = hashlib.sha256(header)
    checksum.update(packed)
    with path.open("wb") as file:
        for part in (header, packed, checksum.digest()):
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
        # What is read back then comes from the disk, not from the memory it was written from.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _read_back(path: Path) -> None:
    with path.open("rb") as file:
        size = path.stat().st_size - HASH_BYTES
        if _checksum(file, size) != file.read():
            raise IndexDamaged(reason="the disk does not give back what was written")


def _checksum(file: BinaryIO, size: int) -> bytes:
    checksum = hashlib.sha256()
    while size > 0 and (chunk := file.read(min(size, CHUNK_BYTES))):
        checksum.update(chunk)
        size -= len(chunk)
    return checksum.digest()


def _read(path: Path) -> tuple[dict[str, Any], memoryview]:
    try:
        content = memoryview(path.read_bytes())
    except FileNotFoundError:
        raise IndexDamaged(reason="there is none") from None
    except OSError as error:
        raise IndexDamaged(reason=f"it cannot be read: {error.strerror}") from error
    body, checksum = content[:-HASH_BYTES], content[-HASH_BYTES:]
    if hashlib.sha256(body).digest() != checksum:
        raise IndexDamaged(reason="it is not what was written")
    header, _, _ = bytes(body[:CHUNK_BYTES]).partition(b"\n")
    try:
        manifest: dict[str, Any] = json.loads(header)
    except ValueError as error:
        raise IndexDamaged(reason="it does not begin with its manifest") from error
    return manifest, body[len(header) + 1 :]


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
