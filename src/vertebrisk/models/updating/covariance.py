"""Covariance of an updated model: errors of the original one and of the update together.

The original coefficients t have the covariance V. The update depends on them in two ways: it
multiplies and moves them, and its own intercept and slope were estimated for them. By the
implicit function theorem the derivative of intercept and slope is I^-1 dU/dt, with their score
U and information I in the new patients. Patients of the development and of the update are
taken for different people, so the two errors add up.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.models.updating.methods import Estimate
from vertebrisk.models.updating.patients import NewPatients


def carried_covariance(
    original: FloatArray, covariance: FloatArray, update: Estimate, patients: NewPatients
) -> FloatArray:
    """Covariance of the coefficients after in-the-large, recalibration or extension.

    Parameters
    ----------
    original : array, shape (p + 1,)
    covariance : array, shape (p + 1, p + 1)
        Of `original`.
    update : Estimate
        With intercept, slope and new coefficients in `moved`, or the first of them.
    patients : NewPatients
        Those of the update.

    Returns
    -------
    array, shape (p + 1, p + 1), or (p + 1 + q, p + 1 + q) with q new coefficients
    """
    columns = patients.columns
    size, new = original.size, max(update.moved.size - 2, 0)
    slope = update.moved[1] if update.moved.size > 1 else 1.0
    own = np.column_stack([np.ones(patients.n), columns @ original, patients.added[:, :new]])
    own = own[:, : update.moved.size]
    linear = own @ update.moved if update.moved.size > 1 else columns @ update.coefficients
    risk = expit(linear)
    score = -slope * own.T @ ((risk * (1.0 - risk))[:, None] * columns)
    if update.moved.size > 1:
        score[1] += (patients.event - risk) @ columns
    directions = np.zeros((size + new, update.moved.size))
    directions[0, 0] = 1.0
    directions[:size, 1:2] = original[:, None]
    directions[size:, 2:] = np.eye(new)
    jacobian = slope * np.eye(size + new, size) + directions @ update.inverse @ score
    total = jacobian @ covariance @ jacobian.T + directions @ update.inverse @ directions.T
    return np.asarray(0.5 * (total + total.T))
