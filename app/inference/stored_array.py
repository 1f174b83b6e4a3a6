"""Arrays in plain files, for the way between processes; a message then carries a path and a shape.

Files instead of shared memory: a container's /dev/shm holds 64 MB, and file size limits reach POSIX shared memory too.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import full_disk_named


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array in a file of its own, as plain values in C order."""

    path: Path
    dtype: str
    shape: tuple[int, ...]


def store_array(array: NDArray[Any], path: Path) -> StoredArray:
    """Raises DiskFull. Not by a memory map: that answers a full disk by ending the process."""
    plain = np.ascontiguousarray(array)
    with full_disk_named():
        path.write_bytes(plain.data)
    return StoredArray(path, plain.dtype.str, plain.shape)


def load_array(stored: StoredArray) -> NDArray[Any]:
    """A private, writable copy."""
    return np.fromfile(stored.path, np.dtype(stored.dtype)).reshape(stored.shape)
