"""Whole numbers of patients per covariate pattern that give a printed logistic model.

At the maximum-likelihood estimate the fitted and the observed totals agree for every
term. The observed totals are margins of the printed tables; the fitted ones are linear
in the numbers of patients per pattern, and so is the information. The search is
therefore an integer linear programme, solved again around each solution until the
covariance it was linearised at is its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.special import expit

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import FitError

COEFFICIENT_SCALE = 0.0005
STD_ERROR_SCALE = 0.002
_MAX_ROUNDS = 6
_MAX_NEWTON = 50


@dataclass(frozen=True, slots=True, eq=False)
class PrintedModel:
    """A logistic coefficient table with the margins of the cohort it was fitted to.

    Attributes
    ----------
    design : array, shape (k, p)
        One row a covariate pattern; the first column is 1 and belongs to the constant.
    patients, events : array, shape (p,)
        Patients, and patients with the event, that have each column's attribute
        (``design.T @ n`` for the numbers per pattern); the first are the totals.
    coefficients, std_errors : array, shape (p,)
        As printed, on the log-odds scale, in the order of the columns.
    """

    design: FloatArray
    patients: FloatArray
    events: FloatArray
    coefficients: FloatArray
    std_errors: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PatternFit:
    """Maximum-likelihood fit to numbers per pattern: coefficients and covariance."""

    coefficients: FloatArray
    covariance: FloatArray

    @property
    def std_errors(self) -> FloatArray:
        """Square roots of the variances, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))


def fit_patterns(design: FloatArray, counts: FloatArray, events: FloatArray) -> PatternFit:
    """Logistic regression from pattern counts and event totals, by Newton's method.

    Parameters
    ----------
    design : array, shape (k, p)
        One row a pattern.
    counts : array, shape (k,)
        Patients with each pattern; zeros are allowed.
    events : array, shape (p,)
        Sum of each column over the patients with the event. The estimate depends on the
        events through these totals alone.

    Returns
    -------
    PatternFit

    Raises
    ------
    FitError
        If there is no finite estimate.
    """
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(events[0] / (counts.sum() - events[0]))
    for _ in range(_MAX_NEWTON):
        risk = expit(design @ beta)
        information = (design.T * (counts * risk * (1 - risk))) @ design
        try:
            covariance = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            break
        step = covariance @ (events - design.T @ (counts * risk))
        beta = beta + step
        if not np.isfinite(beta).all():
            break
        if np.abs(step).max() < 1e-10:
            return PatternFit(beta, covariance)
    raise FitError(
        "These pattern counts and event totals have no finite maximum-likelihood estimate. "
        "Check that every column has patients with and without the event."
    )


def find_counts(model: PrintedModel, start: FloatArray) -> IntArray:
    """Patients per pattern whose fit is nearest to a printed coefficient table.

    Minimises the sum of absolute differences from the printed coefficients (in units of
    0.0005) and standard errors (in units of 0.002) over whole numbers with the printed
    margins. Both are linearised around the counts found last; the first round takes its
    covariance from `start`, which need be neither whole nor close.

    Parameters
    ----------
    model : PrintedModel
        What to come near to.
    start : array, shape (k,)
        Any counts with a non-singular information, such as those of independence.

    Returns
    -------
    int array, shape (k,)

    Raises
    ------
    FitError
        If no whole numbers have the printed margins.
    """
    counts = np.asarray(start, dtype=np.float64)
    best: tuple[float, FloatArray] | None = None
    for _ in range(_MAX_ROUNDS):
        solved = _linearised(model, counts)
        distance = printed_distance(model, solved)
        if best is not None and distance >= best[0]:
            break
        best, counts = (distance, solved), solved
    assert best is not None
    return best[1].astype(np.int64)


def printed_distance(model: PrintedModel, counts: FloatArray) -> float:
    """Scaled sum of absolute differences between the true fit and the print."""
    fit = fit_patterns(model.design, counts, model.events)
    return float(
        np.abs(fit.coefficients - model.coefficients).sum() / COEFFICIENT_SCALE
        + np.abs(fit.std_errors - model.std_errors).sum() / STD_ERROR_SCALE
    )


def _linearised(model: PrintedModel, around: FloatArray) -> FloatArray:
    """One integer programme: counts, then positive and negative slack of 2p targets."""
    design = model.design
    k, p = design.shape
    risk = expit(design @ model.coefficients)
    weight = risk * (1 - risk)
    covariance = np.linalg.inv((design.T * (around * weight)) @ design)
    # Coefficients are off by V (events - X' diag(risk) n): one Newton step from the print.
    steps = covariance @ (design.T * risk) / COEFFICIENT_SCALE
    step_target = covariance @ model.events / COEFFICIENT_SCALE
    # V(n) = 2 V - V I(n) V to first order, and its diagonal is linear in n.
    scale = 2 * model.std_errors * STD_ERROR_SCALE
    variances = (covariance @ design.T) ** 2 * weight / scale[:, None]
    variance_target = (2 * np.diag(covariance) - model.std_errors**2) / scale
    matrix = np.block(
        [
            [design.T, np.zeros((p, 4 * p))],
            [np.vstack([steps, variances]), np.eye(2 * p), -np.eye(2 * p)],
        ]
    )
    target = np.concatenate([model.patients, step_target, variance_target])
    result = milp(
        np.concatenate([np.zeros(k), np.ones(4 * p)]),
        constraints=LinearConstraint(matrix, target, target),
        integrality=np.concatenate([np.ones(k), np.zeros(4 * p)]),
        bounds=Bounds(0, np.inf),
    )
    if result.x is None:
        raise FitError(
            "No whole numbers of patients per pattern have the printed margins. "
            "Check the counts: each variable's must add up to the same total."
        )
    return np.asarray(np.rint(result.x[:k]), dtype=np.float64)


def find_events(
    design: FloatArray, counts: IntArray, events: FloatArray, concordance: float | None
) -> IntArray:
    """Patients with the event per pattern, with the printed totals and area under the curve.

    Among whole numbers with the given totals and exactly the wanted concordance, takes
    those nearest to the numbers the model itself expects (absolute differences in units
    of their standard deviation).

    Parameters
    ----------
    design : array, shape (k, p)
        One row a pattern.
    counts : int array, shape (k,)
        Patients with each pattern.
    events : array, shape (p,)
        Totals that the events must have.
    concordance : float or None
        Area under the ROC curve times the number of pairs, a multiple of one half; or
        None to leave it free.

    Returns
    -------
    int array, shape (k,)

    Raises
    ------
    FitError
        If no whole numbers meet the demands.
    """
    k = len(counts)
    fit = fit_patterns(design, counts.astype(np.float64), events)
    score = design @ fit.coefficients
    risk = expit(score)
    expected = counts * risk
    spread = np.sqrt(np.maximum(counts * risk * (1 - risk), 0.01))
    rows = [np.hstack([design.T, np.zeros((design.shape[1], 2 * k))])]
    rows.append(np.hstack([np.eye(k), np.eye(k), -np.eye(k)]))
    target = [events, expected]
    if concordance is not None:
        rows.append(np.concatenate([patients_outranked(score, counts), np.zeros(2 * k)])[None, :])
        target.append(np.array([concordance + 0.5 * events[0] ** 2]))
    bounds = np.concatenate(target)
    result = milp(
        np.concatenate([np.zeros(k), 1 / spread, 1 / spread]),
        constraints=LinearConstraint(np.vstack(rows), bounds, bounds),
        integrality=np.concatenate([np.ones(k), np.zeros(2 * k)]),
        bounds=Bounds(0, np.concatenate([counts, np.full(2 * k, np.inf)])),
    )
    if result.x is None:
        raise FitError(
            "No whole numbers of events per pattern have these totals and this area under "
            "the curve. Leave the area free, or check the totals."
        )
    return np.asarray(np.rint(result.x[:k]), dtype=np.int64)


def patients_outranked(score: FloatArray, counts: IntArray) -> FloatArray:
    """Patients with a lower score than each pattern, ties by half, shape (k,).

    The pairs of an event and a non-event that are concordant (ties by half) number
    ``events @ patients_outranked(score, counts) - events.sum() ** 2 / 2``: pairs of two
    events cancel, so the area under the curve is linear in the events per pattern.
    """
    difference = score[:, None] - score[None, :]
    ahead = np.where(np.abs(difference) < 1e-9, 0.5, (difference > 0).astype(np.float64))
    return np.asarray(ahead @ counts, dtype=np.float64)


def area_under_curve(score: FloatArray, counts: IntArray, events: IntArray) -> float:
    """Area under the ROC curve of a score over patterns, ties by half."""
    total = float(events.sum())
    pairs = total * float(counts.sum() - total)
    concordant = float(events @ patients_outranked(score, counts)) - 0.5 * total**2
    return concordant / pairs
