"""Whole numbers of patients per covariate pattern that give a printed logistic model.

At the maximum-likelihood estimate the fitted and the observed totals agree for every
term. The observed totals are margins of the printed tables; the fitted ones are linear
in the numbers of patients per pattern, and so is the information. The search is
therefore an integer linear programme, solved again around each solution until the
covariance it was linearised at is its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.special import expit

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import FitError
from vertebrisk.evidence.reconstruction.programmes import solve_integer

# A difference counts in halves of the last printed digit, but never in less than this.
LEAST_UNIT = 5e-4
_MAX_ROUNDS = 25
_FIRST_RADIUS = 8.0
_MAX_NEWTON = 50
_NODES = 1_000
_AREA_COST = 1e4


@dataclass(frozen=True, slots=True, eq=False)
class PrintedModel:
    """A logistic coefficient table with the margins of the cohort it was fitted to.

    Attributes
    ----------
    design : array, shape (k, p)
        One row a covariate pattern, in the columns that the print is about; the constant's
        column comes first.
    members : array, shape (k, m)
        The same patterns as margins: a column of ones, then one for every value of every
        variable but its first, 1 where the pattern has it. The design's columns are
        combinations of these.
    patients, events : array, shape (m,)
        Patients, and patients with the event, of each column of `members`.
    coefficients, std_errors : array, shape (p,)
        What is wanted, on the log-odds scale; NaN where nothing is.
    coefficient_units, error_units : array, shape (p,)
        The difference that counts as one: half of the last digit that is known.
    """

    design: FloatArray
    members: FloatArray
    patients: FloatArray
    events: FloatArray
    coefficients: FloatArray
    std_errors: FloatArray
    coefficient_units: FloatArray
    error_units: FloatArray

    def reached(self, fit: PatternFit) -> bool:
        """True if every coefficient and standard error rounds to the print or nearly so."""
        off = np.abs(fit.coefficients - self.coefficients) / self.coefficient_units
        off_error = np.abs(fit.std_errors - self.std_errors) / self.error_units
        return bool(np.nanmax(np.concatenate([off, off_error])) < 1)

    @property
    def event_totals(self) -> FloatArray:
        """Sum of each column of the design over the patients with the event, shape (p,)."""
        mix, *_ = np.linalg.lstsq(self.members, self.design, rcond=None)
        return np.asarray(mix.T @ self.events)


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
        One row a pattern, the constant's column first.
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

    Minimises the sum of absolute differences from the wanted coefficients and standard
    errors, each in its unit, over whole numbers with the printed margins. Both are
    linearised around the counts found last; the first round takes its covariance from
    `start`, which need be neither whole nor close. Coefficients that are not printed,
    such as the constant of a case-control study, follow from the counts.

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
    totals = model.event_totals
    best = _linearised(model, totals, np.asarray(start, dtype=np.float64), math.inf)
    if best is None:
        raise FitError(
            "No whole numbers of patients per pattern have the printed margins. "
            "Check the counts: each variable's must add up to the same total."
        )
    return improved_counts(model, best)


def improved_counts(model: PrintedModel, counts: FloatArray) -> IntArray:
    """Counts near those given that are nearer to the print; each step stays where it is linear.

    Parameters
    ----------
    model : PrintedModel
        What to come near to.
    counts : array, shape (k,)
        Whole numbers with the printed margins.

    Returns
    -------
    int array, shape (k,)
    """
    totals = model.event_totals
    best, distance = np.asarray(counts, dtype=np.float64), printed_distance(model, counts)
    radius = math.inf
    for _ in range(_MAX_ROUNDS):
        found = _linearised(model, totals, best, radius)
        reached = math.inf if found is None else printed_distance(model, found)
        if found is not None and reached < distance:
            best, distance = found, reached
        elif radius <= 1:
            break
        else:
            radius = min(radius / 2, _FIRST_RADIUS)
    return best.astype(np.int64)


def printed_distance(model: PrintedModel, counts: FloatArray) -> float:
    """Sum of absolute differences between the true fit and the print, each in its unit."""
    try:
        fit = fit_patterns(model.design, counts, model.event_totals)
    except FitError:
        return math.inf
    return float(
        np.nansum(np.abs(fit.coefficients - model.coefficients) / model.coefficient_units)
        + np.nansum(np.abs(fit.std_errors - model.std_errors) / model.error_units)
    )


def _linearised(
    model: PrintedModel, totals: FloatArray, around: FloatArray, radius: float
) -> FloatArray | None:
    """One integer programme: counts, events, then positive and negative slack of the targets.

    No count moves by more than `radius`; None if there are no such whole numbers.
    """
    design = model.design
    k, m = model.members.shape
    wanted_b, wanted_s = np.isfinite(model.coefficients), np.isfinite(model.std_errors)
    beta = model.coefficients
    if not wanted_b.all():
        beta = np.where(wanted_b, beta, _free_coefficients(model, totals, around))
    risk = expit(design @ beta)
    weight = risk * (1 - risk)
    covariance = np.linalg.inv((design.T * (around * weight)) @ design)
    # Coefficients are off by V (events - X' diag(risk) n): one Newton step from the print.
    steps = (covariance @ (design.T * risk)) / model.coefficient_units[:, None]
    step_target = covariance @ totals / model.coefficient_units
    # V(n) = 2 V - V I(n) V to first order, and its diagonal is linear in n.
    scale = 2 * model.std_errors * model.error_units
    variances = (covariance @ design.T) ** 2 * weight / scale[:, None]
    variance_target = (2 * np.diag(covariance) - model.std_errors**2) / scale
    aims = np.vstack([steps[wanted_b], variances[wanted_s]])
    t = len(aims)
    nothing = np.zeros((m, k))
    matrix = np.block(
        [
            [model.members.T, nothing, np.zeros((m, 2 * t))],
            [nothing, model.members.T, np.zeros((m, 2 * t))],
            [aims, np.zeros((t, k)), np.eye(t), -np.eye(t)],
            [np.eye(k), -np.eye(k), np.zeros((k, 2 * t))],
        ]
    )
    low = np.concatenate(
        [model.patients, model.events, step_target[wanted_b], variance_target[wanted_s]]
    )
    found = solve_integer(
        np.concatenate([np.zeros(2 * k), np.ones(2 * t)]),
        LinearConstraint(
            matrix,
            np.concatenate([low, np.zeros(k)]),
            np.concatenate([low, np.full(k, np.inf)]),
        ),
        np.concatenate([np.ones(k), np.zeros(k + 2 * t)]),
        Bounds(
            np.concatenate([np.maximum(around - radius, 0), np.zeros(k + 2 * t)]),
            np.concatenate([around + radius, np.full(k + 2 * t, np.inf)]),
        ),
        _NODES,
    )
    if found is None:
        return None
    return np.asarray(np.rint(found[:k]), dtype=np.float64)


def _free_coefficients(model: PrintedModel, totals: FloatArray, around: FloatArray) -> FloatArray:
    """Coefficients that are not printed, where those that are stand still: by Newton."""
    free = ~np.isfinite(model.coefficients)
    beta = np.where(free, 0.0, model.coefficients)
    for _ in range(_MAX_NEWTON):
        risk = expit(model.design @ beta)
        columns = model.design[:, free]
        information = (columns.T * (around * risk * (1 - risk))) @ columns
        step = np.linalg.solve(information, totals[free] - columns.T @ (around * risk))
        beta[free] += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-8:
            break
    return beta


def find_events(
    model: PrintedModel, counts: IntArray, area: tuple[float, float] | None = None
) -> IntArray:
    """Patients with the event per pattern, with the printed totals and area under the curve.

    Among whole numbers with the given totals and an area inside the limits (or as near to
    them as whole numbers come), takes those nearest to the numbers the model itself expects
    (absolute differences in units of their standard deviation).

    Parameters
    ----------
    model : PrintedModel
        Patterns and margins.
    counts : int array, shape (k,)
        Patients with each pattern.
    area : (float, float), optional
        Least and greatest area under the ROC curve.

    Returns
    -------
    int array, shape (k,)

    Raises
    ------
    FitError
        If no whole numbers have the totals.
    """
    k, m = model.members.shape
    fit = fit_patterns(model.design, counts.astype(np.float64), model.event_totals)
    score = model.design @ fit.coefficients
    risk = expit(score)
    expected = counts * risk
    spread = np.sqrt(np.maximum(counts * risk * (1 - risk), 0.01))
    total = model.events[0]
    pairs = total * (counts.sum() - total)
    outranked = patients_outranked(score, counts)
    least, most = area if area is not None else (0.0, 1.0)
    matrix = np.block(
        [
            [model.members.T, np.zeros((m, 2 * k + 2))],
            [np.eye(k), np.eye(k), -np.eye(k), np.zeros((k, 2))],
            [outranked, np.zeros(2 * k), np.ones(1), -np.ones(1)],
        ]
    )
    half = 0.5 * total**2
    low = np.concatenate([model.events, expected, [least * pairs + half - 1e-7]])
    high = np.concatenate([model.events, expected, [most * pairs + half + 1e-7]])
    found = solve_integer(
        np.concatenate([np.zeros(k), 1 / spread, 1 / spread, np.full(2, _AREA_COST)]),
        LinearConstraint(matrix, low, high),
        np.concatenate([np.ones(k), np.zeros(2 * k + 2)]),
        Bounds(0, np.concatenate([counts, np.full(2 * k + 2, np.inf)])),
        _NODES,
    )
    if found is None:
        raise FitError(
            "No whole numbers of events per pattern have these totals. "
            "Check the counts of the patients with the event."
        )
    return np.asarray(np.rint(found[:k]), dtype=np.int64)


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
