"""Random unit vectors, the same every time."""

import numpy as np

from app.domain import Float32Array

DIM = 16
DIGEST = "sha256:one"


def unit_vectors(count: int, *, seed: int = 0) -> Float32Array:
    vectors = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    unit: Float32Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
