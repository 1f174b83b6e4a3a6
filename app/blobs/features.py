"""One array of features in a NumPy file: named after its feature space, written, and checked when it is read."""

import hashlib
import io
import re
from pathlib import Path
from tokenize import TokenError

import numpy as np

from app.domain import Float32Array


def features_suffix(space: str) -> str:
    """What a feature space adds to a file's name. The hash tells spaces apart that look alike once made harmless."""
    harmless = re.sub(r"[^A-Za-z0-9_-]+", "-", space)[:60]
    return f".{harmless}.{hashlib.sha256(space.encode()).hexdigest()[:8]}.npy"


def features_bytes(features: Float32Array) -> bytes:
    """The content of a NumPy file. Raises ValueError for what is not finite float32 of shape (S, E): a caller's defect.

    Not written by NumPy: it hides a full disk behind an error of its own.
    """
    reason = _fault(features)
    if reason:
        raise ValueError(f"features: the array {reason}")
    content = io.BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(features), allow_pickle=False)
    return content.getvalue()


def read_features(path: Path) -> Float32Array:
    """Features of shape (S, E). Raises ValueError with the reason where the file holds no such thing."""
    with path.open("rb") as file:
        try:
            features = np.lib.format.read_array(file, allow_pickle=False)
        except (EOFError, TokenError, MemoryError) as error:
            # NumPy reads the header with Python's own tokenizer, and makes room for whatever size it claims.
            raise ValueError(f"it is no NumPy file any more: {error}") from error
        if file.read(1):
            raise ValueError("it goes on after its array")
    reason = _fault(features)
    if reason:
        raise ValueError(f"its array {reason}")
    found: Float32Array = features
    return found


def _fault(features: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str | None:
    if features.dtype != np.float32 or features.ndim != 2 or features.size == 0:
        return f"is {features.dtype} of shape {features.shape}, not float32 of shape (S, E)"
    return None if np.isfinite(features).all() else "is not finite"
