"""Can a printed coefficient table be what it seems? A question for linear programming.

The coefficients say what risk each covariate pattern has; the tables say how many
patients, and how many with the event, have each attribute. How the attributes go
together is not printed. At a maximum-likelihood estimate the expected number of events
equals the observed one for every term: if no joint distribution with the printed
margins achieves that, the table has been misread, or misprinted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, Json
from vertebrisk.errors import ArgumentError

_POSSIBLE = 1e-6
_CONSTANTS = np.linspace(-6.0, 6.0, 25)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading of a coefficient table implies, over all joint distributions.

    Attributes
    ----------
    label : str
        Name of the reading.
    observed : float
        Events that were seen.
    events_low, events_high : float
        Least and greatest number of events that the model can predict; NaN where the
        constant is not printed.
    residual : float
        Least possible sum, over the constant and all terms, of absolute differences
        between expected and observed events. Zero if and only if the table can be a
        maximum-likelihood fit to a cohort with these margins, numbers of patients per
        pattern not being required to be whole.
    """

    label: str
    observed: float
    events_low: float
    events_high: float
    residual: float

    @property
    def feasible(self) -> bool:
        """True if some joint distribution satisfies every score equation."""
        return self.residual < _POSSIBLE

    def to_dict(self) -> Json:
        """JSON form; what is not known is null."""
        names = ("label", "observed", "events_low", "events_high", "residual", "feasible")
        values = {name: getattr(self, name) for name in names}
        return {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in values.items()
        }


def check_reading(
    label: str,
    design: FloatArray,
    members: FloatArray,
    patients: FloatArray,
    events: FloatArray,
    coefficients: FloatArray,
) -> Reading:
    """Bounds over all joint distributions of what a coefficient table predicts.

    Parameters
    ----------
    label : str
        Name of the reading.
    design : array, shape (k, p)
        One row a covariate pattern, the constant's column first.
    members : array, shape (k, m)
        The margins that each pattern belongs to, the first for all.
    patients, events : array, shape (m,)
        Patients, and patients with the event, of each margin.
    coefficients : array, shape (p,)
        The reading: log-odds in the order of the columns. A constant of NaN is one that the
        paper does not print: every constant is then tried.

    Returns
    -------
    Reading

    Raises
    ------
    ArgumentError
        If shapes differ, or if no joint distribution has the margins at all.
    """
    p = design.shape[1]
    m = members.shape[1]
    for name, values, size in (
        ("patients", patients, m), ("events", events, m), ("coefficients", coefficients, p),
    ):  # fmt: skip
        if values.shape != (size,):
            raise ArgumentError(
                f"{name} has shape {values.shape}; ({size},) is needed for this design."
            )
    mix, *_ = np.linalg.lstsq(members, design, rcond=None)
    everything = np.ones(p, dtype=np.bool_)
    problem = _Problem(design, members, patients, events, np.asarray(mix.T @ events), everything)
    if np.isnan(coefficients[0]):
        residual = _over_constants(problem, coefficients)
        return Reading(label, float(events[0]), math.nan, math.nan, residual)
    risk = expit(design @ coefficients)
    low = _least(risk, members.T, patients)
    high = -_least(-risk, members.T, patients)
    return Reading(label, float(events[0]), low, high, problem.residual(coefficients))


def conflicting_columns(
    design: FloatArray,
    members: FloatArray,
    patients: FloatArray,
    events: FloatArray,
    coefficients: FloatArray,
) -> tuple[int, ...]:
    """Columns whose observed totals no joint distribution gives together, none to spare.

    A deletion filter: each column's score equation is left out in turn, for good where the
    rest stays impossible. Parameters are those of `check_reading`.

    Returns
    -------
    tuple of int
        Positions of the columns; empty if the reading is possible.
    """
    p = design.shape[1]
    mix, *_ = np.linalg.lstsq(members, design, rcond=None)
    totals = np.asarray(mix.T @ events)

    def impossible(kept: BoolArray) -> bool:
        problem = _Problem(design, members, patients, events, totals, kept)
        if np.isnan(coefficients[0]):
            return _over_constants(problem, coefficients) >= _POSSIBLE
        return problem.residual(coefficients) >= _POSSIBLE

    kept = np.ones(p, dtype=np.bool_)
    if not impossible(kept):
        return ()
    for column in range(p):
        fewer = kept.copy()
        fewer[column] = False
        if impossible(fewer):
            kept = fewer
    return tuple(int(each) for each in np.flatnonzero(kept))


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    design: FloatArray
    members: FloatArray
    patients: FloatArray
    events: FloatArray
    totals: FloatArray
    kept: BoolArray

    def residual(self, coefficients: FloatArray) -> float:
        """Least sum of the kept absolute score equations over numbers per pattern and events."""
        k, m = self.members.shape
        columns = self.design[:, self.kept]
        p = columns.shape[1]
        risk = expit(self.design @ coefficients)
        nothing = np.zeros((m, k))
        equal = np.block(
            [
                [self.members.T, nothing, np.zeros((m, 2 * p))],
                [nothing, self.members.T, np.zeros((m, 2 * p))],
                [columns.T * risk, np.zeros((p, k)), np.eye(p), -np.eye(p)],
            ]
        )
        within = np.hstack([-np.eye(k), np.eye(k), np.zeros((k, 2 * p))])
        cost = np.concatenate([np.zeros(2 * k), np.ones(2 * p)])
        target = np.concatenate([self.patients, self.events, self.totals[self.kept]])
        return _least(cost, equal, target, within)


def _over_constants(problem: _Problem, coefficients: FloatArray) -> float:
    """Least residual over all constants: a grid about the likely one, then halved steps."""
    slopes = coefficients.copy()
    slopes[0] = 0.0
    share = problem.patients / problem.patients[0]
    mix, *_ = np.linalg.lstsq(problem.members, problem.design, rcond=None)
    odds = problem.events[0] / max(problem.patients[0] - problem.events[0], 1e-9)
    centre = math.log(odds) - float((mix.T @ share) @ slopes)

    def residual(constant: float) -> float:
        slopes[0] = constant
        return problem.residual(slopes)

    values = [(residual(centre + away), centre + away) for away in _CONSTANTS]
    best, at = min(values)
    step = float(_CONSTANTS[1] - _CONSTANTS[0])
    while best >= _POSSIBLE and step > 1e-3:
        step /= 2
        for near in (at - step, at + step):
            found = residual(near)
            if found < best:
                best, at = found, near
    return best


def _least(
    cost: FloatArray,
    matrix: FloatArray,
    target: FloatArray,
    within: FloatArray | None = None,
) -> float:
    upper = None if within is None else np.zeros(len(within))
    result = linprog(cost, within, upper, A_eq=matrix, b_eq=target, bounds=(0, None))
    if result.x is None:
        raise ArgumentError(
            "No joint distribution of the attributes has these margins. "
            "Check that every variable's counts add up to the same number of patients."
        )
    return float(result.fun)
