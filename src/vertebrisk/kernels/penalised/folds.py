"""Folds of a cross-validation: drawn by a seed, events spread evenly over them."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.resamples import FINEST, uniform_draws

STREAM = 2**40  # of random numbers, beyond those that resamples use


def fold_numbers(
    event: FloatArray,
    weights: FloatArray,
    folds: int,
    seed: int,
    clusters: IntArray | None = None,
) -> IntArray:
    """Fold of each row in each replicate, shape (replicates, n); -1 where it has no weight.

    Patients are dealt out in an order that the seed alone decides, first those with the
    event, then the others. All copies of a patient in a resample fall into one fold, so no
    model is judged by a patient that it was fitted to.

    Parameters
    ----------
    event : array, shape (n,)
        1 for the event.
    weights : array, shape (replicates, n)
    folds : int
    seed : int
    clusters : int array, shape (n,), optional
        Codes from 0 of the patient to whom a row belongs.
    """
    of = np.arange(event.size) if clusters is None else clusters
    units = int(of.max()) + 1
    ill = np.zeros(units, dtype=np.bool_)
    ill[of[event > 0.5]] = True
    present = np.zeros((weights.shape[0], units), dtype=np.bool_)
    rows, columns = np.nonzero(weights > 0)
    present[rows, of[columns]] = True
    order = np.argsort(uniform_draws(seed, np.array([STREAM]), units, FINEST)[0], kind="stable")
    dealt = np.concatenate([order[ill[order]], order[~ill[order]]])
    place = np.cumsum(present[:, dealt], axis=1) - 1
    fold = np.empty(present.shape, dtype=np.int64)
    fold[:, dealt] = place % folds
    return np.asarray(np.where(weights > 0, fold[:, of], -1))
