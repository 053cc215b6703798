"""Can a printed coefficient table be what it seems? A question for linear programming.

The coefficients say what risk each covariate pattern has; the tables say how many
patients, and how many with the event, have each attribute. How the attributes go
together is not printed. At a maximum-likelihood estimate the expected number of events
equals the observed one for every term: if no joint distribution with the printed
margins achieves that, the table has been misread, or misprinted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit

from vertebrisk._types import FloatArray, Json
from vertebrisk.errors import ArgumentError


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
        Least and greatest number of events that the model can predict.
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
        return self.residual < 1e-6

    def to_dict(self) -> Json:
        """JSON form."""
        names = ("label", "observed", "events_low", "events_high", "residual", "feasible")
        return {name: getattr(self, name) for name in names}


def check_reading(
    label: str,
    design: FloatArray,
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
    patients, events : array, shape (p,)
        Patients, and patients with the event, that have each column's attribute.
    coefficients : array, shape (p,)
        The reading: log-odds in the order of the columns.

    Returns
    -------
    Reading

    Raises
    ------
    ArgumentError
        If shapes differ, or if no joint distribution has the margins at all.
    """
    k, p = design.shape
    for name, values in (
        ("patients", patients),
        ("events", events),
        ("coefficients", coefficients),
    ):
        if values.shape != (p,):
            raise ArgumentError(
                f"{name} has shape {values.shape}; the design has {p} columns, so ({p},) is needed."
            )
    risk = expit(design @ coefficients)
    low = _least(risk, design.T, patients)
    high = -_least(-risk, design.T, patients)
    slack = np.eye(p)
    matrix = np.block([[design.T, np.zeros((p, 2 * p))], [design.T * risk, slack, -slack]])
    cost = np.concatenate([np.zeros(k), np.ones(2 * p)])
    residual = _least(cost, matrix, np.concatenate([patients, events]))
    return Reading(label, float(events[0]), low, high, residual)


def _least(cost: FloatArray, matrix: FloatArray, target: FloatArray) -> float:
    result = linprog(cost, A_eq=matrix, b_eq=target, bounds=(0, None))
    if result.x is None:
        raise ArgumentError(
            "No joint distribution of the attributes has these margins. "
            "Check that every variable's counts add up to the same number of patients."
        )
    return float(result.fun)
