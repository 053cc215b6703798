"""Does an estimate prove that the likelihood has a finite maximum? Slope and curvature say.

Along any direction d the log-likelihood f of a logistic or a Cox model bends ever less, but
not much faster than it moves the linear predictors apart: |f'''| <= R f'', where R is the
greatest |x'd|, or the greatest difference of x'd within a risk set (Bach 2010,
doi:10.1214/09-EJS521). From a point with slope s and curvature c the slope thus falls by at
least c / R on the way to infinity, so where s < c / R the likelihood turns down again. With the
gradient g and the information I, s^2 <= (g'I^-1 g) c and R^2 <= c max x'I^-1 x, whatever the
direction: one number decides for all of them.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.steps import chunks, equilibrated

REGULAR = 1e-8  # smallest eigenvalue of the scaled information that can be trusted
NEAR = 0.5  # movement of a linear predictor, below 1 for the rounding of the step
MARGIN = 1e-3  # by which the number stays below 1, for the rounding of slope and curvature


def proves_maximum(
    columns: FloatArray,
    information: FloatArray,
    decrement: float,
    centre: FloatArray | None = None,
) -> bool:
    """True where a point is proved to lie near a finite maximum; False says nothing.

    Parameters
    ----------
    columns : array, shape (m, p)
        Rows whose linear predictors bound R: those of a logistic model, or twice the distances
        of the rows of a Cox model from any centre (four times the decrement says the same).
    information : array, shape (p, p)
        At the point, for these columns.
    decrement : float
        No less than g'I^-1 g there.
    centre : array, shape (p,), optional
        What is taken off each row.
    """
    if columns.size == 0:
        return True
    regular = regular_inverse(information)
    if regular is None:
        return False
    inverse, scale = regular
    reach = 0.0
    for rows in chunks(columns.shape[0]):
        part = columns[rows] if centre is None else columns[rows] - centre
        part = part / scale
        reach = max(reach, float(np.einsum("mp,mp->m", part @ inverse, part).max()))
    return settles(reach, decrement)


def step_proves_overlap(
    columns: FloatArray, eta: FloatArray, target: FloatArray, weights: FloatArray
) -> bool:
    """True where Newton's step from some risks proves that nothing separates binary outcomes.

    What the step d leaves of a patient's residual, (y - p) - p (1 - p) x'd, is orthogonal to the
    columns. Where it moves no linear predictor by 1 it has the sign of the outcome, and under
    these weights the patients of both outcomes balance: along no direction can all of them
    move towards their own.

    Parameters
    ----------
    columns : array, shape (m, p)
        Of comparable spread, the intercept's among them.
    eta, target, weights : array, shape (m,)
        Linear predictor, share of events and frequency of each row.
    """
    small = np.exp(-np.abs(eta))
    risk = np.where(eta >= 0, 1.0, small) / (1.0 + small)
    information = (columns * (weights * risk * (1.0 - risk))[:, None]).T @ columns
    regular = regular_inverse(information)
    if regular is None:
        return False
    inverse, scale = regular
    gradient = (weights * (target - risk)) @ columns
    step = inverse @ (gradient / scale) / scale
    return bool(np.abs(columns @ step).max() < NEAR)


def regular_inverse(information: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Inverse of the scaled information, and the scale; None where it cannot be trusted."""
    scaled, scale = equilibrated(information[None])
    if not _smallest(scaled[0]) > REGULAR:
        return None
    return np.linalg.inv(scaled[0]), scale[0]


def settles(reach: float, decrement: float) -> bool:
    """See `proves_maximum`; `reach` is the greatest x'I^-1 x of a row."""
    return decrement * reach < MARGIN


def proves_maximum_within(extent: FloatArray, information: FloatArray, decrement: float) -> bool:
    """The same where of the rows only the greatest size of each column is known.

    Less is proved, since no row need reach all of these: x'I^-1 x is at most x'x by the smallest
    eigenvalue.

    Parameters
    ----------
    extent : array, shape (p,)
        No smaller than any row's value of each column.
    information, decrement
        As in `proves_maximum`.
    """
    scaled, scale = equilibrated(information[None])
    smallest = _smallest(scaled[0])
    return smallest > REGULAR and decrement * float(np.sum((extent / scale[0]) ** 2)) < (
        MARGIN * smallest
    )


def _smallest(scaled: FloatArray) -> float:
    """Smallest eigenvalue of a scaled information; NaN where it is not finite."""
    if not np.isfinite(scaled).all():
        return float("nan")
    return float(np.linalg.eigvalsh(scaled).min(initial=np.inf))
