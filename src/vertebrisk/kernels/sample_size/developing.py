"""How many parameters a number of patients can carry: the criteria of Riley and others.

`r2` is always Cox and Snell's, which cannot reach 1: its largest value follows from the
outcome alone. Where nothing is known of it, 15 % of the largest is the cautious guess.

References
----------
Riley RD et al. 2019, doi:10.1002/sim.7992 (binary and time to event).
Riley RD et al. 2020, doi:10.1136/bmj.m441 (the criteria, and the 15 %).
"""

from __future__ import annotations

import math

from vertebrisk._checks import check_fraction, check_positive_int
from vertebrisk.errors import ArgumentError

SHRINKAGE = 0.9
OPTIMISM = 0.05
MARGIN = 0.05
SHARE_OF_LARGEST = 0.15
_Z = 1.96
_HALVINGS = 200


def largest_r2_binary(prevalence: float) -> float:
    """The largest R² of Cox and Snell for a binary outcome: 1 - exp(2 lnL0 / n)."""
    check_fraction(prevalence, "prevalence")
    null = prevalence * math.log(prevalence) + (1 - prevalence) * math.log1p(-prevalence)
    return -math.expm1(2 * null)


def largest_r2_survival(events_per_patient: float) -> float:
    """The largest R² of Cox and Snell for events over follow-up, by an exponential model."""
    check_fraction(events_per_patient, "events_per_patient")
    null = events_per_patient * math.log(events_per_patient) - events_per_patient
    return -math.expm1(2 * null)


def n_for_shrinkage(parameters: int, r2: float, shrinkage: float = SHRINKAGE) -> int:
    """Patients with whom coefficients need be shrunk no further than by `shrinkage`.

    Parameters
    ----------
    parameters : int
        Candidate parameters: those of a spline and of every level but the reference counted.
    r2 : float
        Cox and Snell's R² that is expected of the model, more than 0 and less than `shrinkage`.
    """
    check_positive_int(parameters, "parameters")
    _check_r2(r2, shrinkage)
    return math.ceil(parameters / _per_patient(r2, shrinkage))


def n_for_optimism(
    parameters: int, r2: float, largest_r2: float, optimism: float = OPTIMISM
) -> int:
    """Patients with whom the apparent Nagelkerke R² is too high by `optimism` at most."""
    check_positive_int(parameters, "parameters")
    return n_for_shrinkage(parameters, r2, _shrinkage_of_optimism(r2, largest_r2, optimism))


def n_for_overall_risk(prevalence: float, margin: float = MARGIN) -> int:
    """Patients with whom the overall risk is known to plus or minus `margin`, at 95 %."""
    check_fraction(prevalence, "prevalence")
    check_fraction(margin, "margin")
    return math.ceil((_Z / margin) ** 2 * prevalence * (1 - prevalence))


def margin_of_overall_risk(n: int, prevalence: float) -> float:
    """Half the width of the 95 % interval of the overall risk of `n` patients."""
    check_positive_int(n, "n")
    check_fraction(prevalence, "prevalence")
    return _Z * math.sqrt(prevalence * (1 - prevalence) / n)


def most_parameters(n: float, r2: float, largest_r2: float) -> int:
    """The most candidate parameters with which shrinkage and optimism stay within bounds.

    Parameters
    ----------
    n : float
        Patients; may be fractional, as an expected number is.
    r2, largest_r2 : float
        The R² that is expected of the model and the largest that is possible.
    """
    if not n > 0:
        raise ArgumentError(f"n is {n:g}; it must be more than 0.")
    wanted = max(SHRINKAGE, _shrinkage_of_optimism(r2, largest_r2, OPTIMISM))
    return math.floor(n * _per_patient(r2, wanted))


def expected_shrinkage(n: float, parameters: int, r2: float) -> float:
    """By how much coefficients of a model with these parameters are expected to be too large.

    The S that solves ``n = P / ((S - 1) ln(1 - r2 / S))``: 1 for none, less for more of it.
    """
    if not n > 0:
        raise ArgumentError(f"n is {n:g}; it must be more than 0.")
    check_positive_int(parameters, "parameters")
    check_fraction(r2, "r2")
    low, high = r2, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if n * _per_patient(r2, middle) > parameters:
            low = middle
        else:
            high = middle
    return high


def _per_patient(r2: float, shrinkage: float) -> float:
    """Parameters that one patient carries at a shrinkage."""
    return (shrinkage - 1) * math.log1p(-r2 / shrinkage)


def _shrinkage_of_optimism(r2: float, largest_r2: float, optimism: float) -> float:
    check_fraction(optimism, "optimism")
    if not 0 < r2 < largest_r2 <= 1:
        raise ArgumentError(
            f"r2 is {r2:g}; it lies between 0 and the largest that is possible, {largest_r2:g}."
        )
    return r2 / (r2 + optimism * largest_r2)


def _check_r2(r2: float, shrinkage: float) -> None:
    check_fraction(shrinkage, "shrinkage")
    if not 0 < r2 < shrinkage:
        raise ArgumentError(f"r2 is {r2:g}; it lies between 0 and the shrinkage, {shrinkage:g}.")
