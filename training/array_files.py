"""Opens `.npy` files that anybody may have written or damaged. Knows nothing of what they hold."""

from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

# NumPy parses a header as Python: a damaged one can fail in every way that source can.
_FAULTS = (OSError, ValueError, EOFError, TypeError, OverflowError, SyntaxError, TokenError, RecursionError)


class UnreadableArray(Exception):
    """Says why, in NumPy's words."""


def mapped_array(path: Path) -> NDArray[Any]:
    """Memory-mapped, so that a header that claims too much is found out by the file's size. Raises UnreadableArray."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except _FAULTS as error:
        raise UnreadableArray(str(error)) from error
    if not isinstance(found, np.ndarray):
        raise UnreadableArray("it is an archive, not one array")
    return found
