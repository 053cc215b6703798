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
    """Covariance of intercept and coefficients after in-the-large or recalibration.

    Parameters
    ----------
    original : array, shape (p + 1,)
    covariance : array, shape (p + 1, p + 1)
        Of `original`.
    update : Estimate
        With one or two numbers in `moved`.
    patients : NewPatients
        Those of the update.
    """
    columns = patients.columns
    linear = columns @ original
    slope = update.moved[1] if update.moved.size == 2 else 1.0
    risk = expit(columns @ update.coefficients)
    weight = risk * (1.0 - risk)
    own = np.column_stack([np.ones(patients.n), linear])[:, : update.moved.size]
    score = -slope * own.T @ (weight[:, None] * columns)
    if update.moved.size == 2:
        score[1] += (patients.event - risk) @ columns
    directions = np.column_stack([np.eye(original.size)[0], original])[:, : update.moved.size]
    jacobian = slope * np.eye(original.size) + directions @ update.inverse @ score
    total = jacobian @ covariance @ jacobian.T + directions @ update.inverse @ directions.T
    return np.asarray(0.5 * (total + total.T))
