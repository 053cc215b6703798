"""Profiles of a penalised likelihood: limits at which it has fallen by a given amount.

The signed root of twice the fall is nearly a straight line in the coefficient, and its slope
is known from the gradient at the constrained maximum, so Newton's method on it needs a few
steps. All limits are sought at once, each as a replicate of its own.

References
----------
Heinze and Schemper 2002, doi:10.1002/sim.1047. Venzon and Moolgavkar 1988,
doi:10.2307/2347496.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.firth.climbing import Objective, climb
from vertebrisk.kernels.steps import inverse_information

STEPS = 60
TOLERANCE = 1e-10  # of the signed root
FARTHEST = 1e4  # standard errors beyond which a limit is taken for infinite


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """A penalised likelihood and its maximum, in the units of the problem's columns.

    Attributes
    ----------
    problem : Objective
        One replicate for each profile that is sought at once, all of the same data.
    beta : array, shape (p,)
        The maximum.
    value : float
        Penalised log-likelihood there.
    covariance : array, shape (p, p)
        Inverse information there, by which the way outwards is chosen.
    scale : array, shape (p,)
        What a coefficient is multiplied with to be in these units.
    """

    problem: Objective
    beta: FloatArray
    value: float
    covariance: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, problem: Objective, beta: FloatArray, scale: FloatArray) -> Peak:
        """From the maximum, in the units of the problem's columns."""
        here = problem.take(np.zeros(1, dtype=np.int64)).at(beta[None])
        covariance = inverse_information(here.information[0])
        return cls(problem, beta, float(here.value[0]), covariance, scale)


def profile_limits(peak: Peak, wanted: BoolArray, root: float) -> FloatArray:
    """Limits of some coefficients, shape (k, 2), in their own units.

    Parameters
    ----------
    peak : Peak
        With a replicate for each limit, 2 k.
    wanted : bool array, shape (p,)
        The k coefficients.
    root : float
        Signed root at the limits: the square root of the chi-square quantile.

    Returns
    -------
    array, shape (k, 2)
        Infinite where the likelihood does not fall so far.
    """
    problem, beta, value, covariance = peak.problem, peak.beta, peak.value, peak.covariance
    chosen = np.flatnonzero(wanted)
    columns = np.concatenate([chosen, chosen])
    side = np.repeat([-1.0, 1.0], chosen.size)
    errors = np.sqrt(np.diag(covariance))[columns]
    rows = np.arange(columns.size)
    free = np.ones((columns.size, beta.size), dtype=np.bool_)
    free[rows, columns] = False
    outwards = side[:, None] * covariance[columns] / errors[:, None]  # one standard error
    inside = np.zeros(columns.size)  # distances from the estimate, in standard errors
    outside = np.full(columns.size, np.inf)
    distance = np.full(columns.size, root)
    where = beta + root * outwards
    moving = rows
    for _ in range(STEPS):
        found = climb(problem.take(moving), where[moving], free[moving])
        reached = np.sqrt(np.maximum(2.0 * (value - found.point.value), 0.0))
        slope = -side[moving] * errors[moving]
        slope = slope * found.point.gradient[np.arange(moving.size), columns[moving]]
        short = reached < root
        inside[moving] = np.where(
            short, np.maximum(inside[moving], distance[moving]), inside[moving]
        )
        outside[moving] = np.where(
            short, outside[moving], np.minimum(outside[moving], distance[moving])
        )
        settled = np.abs(reached - root) < TOLERANCE
        settled |= outside[moving] - inside[moving] < TOLERANCE * np.maximum(1.0, inside[moving])
        lost = distance[moving] > FARTHEST
        step = np.divide(root - reached, slope, out=np.full_like(slope, np.nan), where=slope > 0)
        # the slope of the root is that of the fall over the root
        proposed = distance[moving] + step * reached
        further = within(proposed, inside[moving], outside[moving])
        further = np.where(settled | lost, distance[moving], further)
        way = (further - distance[moving])[:, None] * outwards[moving]
        where[moving] = found.beta + way
        distance[moving] = further
        moving = moving[~(settled | lost)]
        if moving.size == 0:
            break
    limits = beta[columns] + side * distance * errors
    limits = np.where(distance > FARTHEST, side * np.inf, limits)
    return np.asarray((limits / peak.scale[columns]).reshape(2, -1).T)


def within(proposed: FloatArray, inside: FloatArray, outside: FloatArray) -> FloatArray:
    """A proposal between its bounds, or a point well between them."""
    bounded = np.isfinite(outside)
    further = np.maximum(inside, 0.0)
    middle = np.where(
        bounded, 0.5 * (inside + np.where(bounded, outside, 0.0)), 2.0 * further + 1.0
    )
    good = np.isfinite(proposed) & (proposed > inside) & (proposed < outside)
    good &= bounded | (proposed < 8.0 * (further + 1.0))
    return np.where(good, proposed, middle)
