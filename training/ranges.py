"""Feature values of real files against those seen in training, and what holding them within a limit does.

Axes: N files, S steps, E features.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from app.encoders.spec import Standardisation


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """Shares of all values, and by feature (E,): outside what training saw, and beyond the limit of deviations."""

    unseen: NDArray[np.float64]
    clamped: NDArray[np.float64]

    def worst(self, names: tuple[str, ...], count: int) -> list[tuple[str, float, float]]:
        """Names of the features with most unseen values, with both shares; those with none are left out."""
        order = np.argsort(-self.unseen, kind="stable")[:count]
        return [(names[at], float(self.unseen[at]), float(self.clamped[at])) for at in order if self.unseen[at] > 0]


def out_of_range(
    features_NSE: Float32Array, *, least_E: Float32Array, greatest_E: Float32Array, standardisation: Standardisation
) -> OutOfRange:
    """`least_E` and `greatest_E`: the extremes of the training split."""
    unseen_NSE = (features_NSE < least_E) | (features_NSE > greatest_E)
    mean_E, deviation_E = np.array(standardisation.mean), np.array(standardisation.deviation)
    clamped_NSE = np.abs((features_NSE - mean_E) / deviation_E) > standardisation.limit
    return OutOfRange(unseen=unseen_NSE.mean(axis=(0, 1)), clamped=clamped_NSE.mean(axis=(0, 1)))
