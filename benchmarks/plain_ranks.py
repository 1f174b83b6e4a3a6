"""Ranks from the whole matrix of similarities at once, as papers' code does: what our blocks are measured against.

Axes: N pairs, D embedding width.
"""

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from training.evaluation import TIE, BothWays, recalls_of


def plain_recalls(query_ND: Float32Array, target_ND: Float32Array) -> BothWays:
    """Row i of both sides belongs together, and to no other. Nothing is sorted; the similarities are computed once."""
    score_NN = query_ND @ target_ND.T
    least_N = score_NN.diagonal() - TIE
    to_target_N: NDArray[np.int64] = (score_NN >= least_N[:, None]).sum(axis=1)
    to_query_N: NDArray[np.int64] = (score_NN >= least_N[None, :]).sum(axis=0)
    return BothWays(len(query_ND), recalls_of(to_target_N), recalls_of(to_query_N))
