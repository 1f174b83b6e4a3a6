"""How the encoder's score and that of the words become one. Pure: arrays in, arrays out."""

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array

Scores = NDArray[np.float64]
Numbers = NDArray[np.int64]
# Share of the words where nobody says otherwise: training/TEXT_WEIGHT.md.
USUAL_TEXT_WEIGHT = 0.1


def brought_to_one(cosines: Float32Array) -> Scores:
    """Cosines, -1 to 1, as scores from 0 to 1: 0.5 is a track that has nothing to do with the video."""
    return np.clip((np.asarray(cosines, dtype=np.float64) + 1) / 2, 0.0, 1.0)


def to_one(cosine: float) -> float:
    """One cosine, as `brought_to_one` does it."""
    return min(max((cosine + 1) / 2, 0.0), 1.0)


def fused(encoder: Scores, lexical: Scores, *, weight: float) -> Scores:
    """(1 - weight) · encoder + weight · lexical: at 0 the encoder alone, at 1 the words alone."""
    return (1 - weight) * encoder + weight * lexical
