"""Profiles of a penalised likelihood: limits at which it has fallen by a given amount.

A limit is where the gradient in the other coefficients vanishes and the likelihood is that of
the limit; both are solved for together, with the information for the curvature (Venzon and
Moolgavkar). Where that does not settle, the signed root of twice the fall, nearly a straight
line in the coefficient, is followed outwards between bounds, the other coefficients at their
maximum in every step. All limits are sought at once, each as a replicate of its own.

References
----------
Heinze and Schemper 2002, doi:10.1002/sim.1047. Venzon and Moolgavkar 1988,
doi:10.2307/2347496.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.firth.climbing import Objective, climb, steps
from vertebrisk.kernels.firth.problem import Problem

STEPS = 60
TOLERANCE = 1e-10  # of the signed root
LAST = 1e-8  # joint step in standard errors, taken, whose error is a small part of it
FORESEEN = 1e-10  # the step after it, that is left untaken where steps shrink fast
FAST = 1e-3  # each to this share of the one before
JOINT_STEPS = 15
FALLEN = 1e-6  # log-likelihood below what was seen before: such a step went astray
NEARLY = 1e-9  # squared distance of the others from their maximum: its half is in the limit
WIDEST = 8.0  # distance, relative to Wald's, within which the joint steps are trusted
ASTRAY = np.errstate(over="ignore", invalid="ignore", divide="ignore")  # such steps are given up
FARTHEST = 1e4  # standard errors beyond which a limit is taken for infinite


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """A penalised likelihood and its maximum, in the units of the problem's columns.

    Attributes
    ----------
    problem : Objective
        Of one replicate.
    beta : array, shape (p,)
        The maximum.
    value : float
        Penalised log-likelihood there.
    covariance : array, shape (p, p)
        Inverse information there, by which the way outwards is chosen.
    scale : array, shape (p,)
        What a coefficient is multiplied with to be in these units.
    tangents, bends : arrays, shape (p, p)
        How all coefficients follow where one moves by its standard error: first and second
        derivatives. The second are zero where third derivatives of the likelihood are not known.
    third : array, shape (p,)
        Third derivative of each profile along its tangent.
    """

    problem: Objective
    beta: FloatArray
    value: float
    covariance: FloatArray
    scale: FloatArray
    tangents: FloatArray
    bends: FloatArray
    third: FloatArray

    @classmethod
    @ASTRAY
    def of(cls, problem: Objective, beta: FloatArray, scale: FloatArray) -> Peak:
        """From the maximum, in the units of the problem's columns."""
        here = problem.at(beta[None])
        covariance = here.inverse[0]
        tangents = covariance / np.sqrt(np.diag(covariance))[:, None]
        bends, third = np.zeros_like(tangents), np.zeros(beta.size)
        if isinstance(problem, Problem):
            bend = problem.bend(beta, tangents)
            third = np.einsum("pq,pq->p", bend, tangents)
            bends = bend @ covariance - third[:, None] * tangents
        return cls(problem, beta, float(here.value[0]), covariance, scale, tangents, bends, third)

    def repeated(self, count: int) -> Objective:
        """The problem with a replicate for each of several searches."""
        return self.problem.take(np.zeros(count, dtype=np.int64))


@ASTRAY
def profile_limits(peak: Peak, wanted: BoolArray, root: float) -> FloatArray:
    """Limits of some coefficients, shape (k, 2), in their own units.

    Parameters
    ----------
    peak : Peak
    wanted : bool array, shape (p,)
        The k coefficients.
    root : float
        Signed root at the limits: the square root of the chi-square quantile.

    Returns
    -------
    array, shape (k, 2)
        Infinite where the likelihood does not fall so far.
    """
    chosen = np.flatnonzero(wanted)
    columns = np.concatenate([chosen, chosen])
    side = np.repeat([-1.0, 1.0], chosen.size)
    # steps beyond the range of doubles are seen by their value, and not trusted
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        limits, found = _together(peak, columns, side, root)
    if not found.all():
        rest = np.flatnonzero(~found)
        limits[rest] = _outwards(peak, columns[rest], side[rest], root)
    return np.asarray((limits / peak.scale[columns]).reshape(2, -1).T)


@ASTRAY
def held_values(peak: Peak, held: BoolArray) -> FloatArray:
    """Penalised log-likelihoods where coefficients are zero, shape (k,).

    Parameters
    ----------
    peak : Peak
    held : bool array, shape (k, p)
        The coefficients of each.
    """
    values = np.full(held.shape[0], np.nan)
    alone = held.sum(axis=1) == 1
    column = held.argmax(axis=1)
    distance = -peak.beta[column] / np.sqrt(np.diag(peak.covariance))[column]
    where = _bent(peak, column, distance)
    for row in np.flatnonzero(~alone):
        own = held[row]
        spread = peak.covariance[np.ix_(own, own)]
        way = peak.covariance[:, own] @ np.linalg.lstsq(spread, peak.beta[own])[0]
        where[row] = peak.beta - way
    where[held] = 0.0
    moving, seen = np.arange(held.shape[0]), np.full(held.shape[0], -np.inf)
    for _ in range(JOINT_STEPS):
        part, free = peak.repeated(moving.size), ~held[moving]
        here = part.at(where[moving])
        gradient = here.gradient * free
        if alone.all() and part.full.all():
            step, _, _ = _others(here.inverse, here.gradient, column[moving])
        else:
            step = steps(here, gradient, free, part.full)
        gain = np.einsum("rp,rp->r", gradient, step)
        good = np.isfinite(here.value) & (gain >= 0.0)
        good &= here.value >= seen[moving] - FALLEN * (1.0 + np.abs(seen[moving]))
        settled = good & (gain < NEARLY)
        values[moving[settled]] = (here.value + 0.5 * gain)[settled]
        seen[moving] = here.value
        where[moving] += step
        moving = moving[good & ~settled]
        if moving.size == 0:
            break
    rest = np.flatnonzero(np.isnan(values))
    if rest.size:
        start = np.where(held[rest], 0.0, peak.beta)
        values[rest] = climb(peak.repeated(rest.size), start, ~held[rest]).point.value
    return values


def _together(
    peak: Peak, columns: IntArray, side: FloatArray, root: float
) -> tuple[FloatArray, BoolArray]:
    """Limits by steps of all coefficients together, and which of them settled."""
    goal = peak.value - 0.5 * root * root
    errors = np.sqrt(np.diag(peak.covariance))[columns]
    where = _start(peak, columns, side, root)
    before, gained = np.zeros((2, columns.size))
    limits, found = np.full(columns.size, np.nan), np.zeros(columns.size, dtype=np.bool_)
    moving = np.arange(columns.size)
    for _ in range(JOINT_STEPS):
        rows = np.arange(moving.size)
        own, sides, beta = columns[moving], side[moving], where[moving]
        part = peak.repeated(moving.size)
        here = part.at(beta)
        step, tangent, curvature = _others(here.inverse, here.gradient, own)
        gain = np.einsum("rp,rp->r", here.gradient, step)
        slope = np.einsum("rp,rp->r", here.gradient, tangent)
        above = here.value + 0.5 * gain - goal
        under = np.maximum(slope * slope + 2.0 * curvature * above, 0.0)
        further = (slope + sides * np.sqrt(under)) / curvature
        size = np.abs(further) / errors[moving]
        settled = (size < LAST) & (gain < NEARLY)
        settled |= _foreseen(size, before[moving], gain, gained[moving])
        before[moving], gained[moving] = size, gain
        settled &= np.abs(above) < FALLEN  # far out the likelihood is flat, too
        distance = sides * (beta[rows, own] + further - peak.beta[own])
        good = np.isfinite(here.value) & np.isfinite(further)
        good &= (distance > 0.0) & (distance < WIDEST * root * errors[moving])
        limits[moving] = beta[rows, own] + further
        found[moving] = settled & good
        where[moving] = beta + step + tangent * further[:, None]
        moving = moving[good & ~settled]
        if moving.size == 0:
            break
    return limits, found


def _others(
    inverse: FloatArray, gradient: FloatArray, own: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The others' way to their maximum, how they follow one, and the curvature of its profile."""
    rows = np.arange(own.size)
    step = np.einsum("rpq,rq->rp", inverse, gradient)
    tangent = inverse[rows, own]
    curvature = 1.0 / tangent[rows, own]
    tangent = tangent * curvature[:, None]
    step -= tangent * step[rows, own][:, None]
    return step, tangent, curvature


def _foreseen(
    size: FloatArray, before: FloatArray, gain: FloatArray, gained: FloatArray
) -> BoolArray:
    """Where steps shrink so fast that the next is next to nothing, with what half the gain lacks.

    `before` and `gained` are size and gain of the step before; 0 for the first.
    """
    fast = (size < FAST * before) & (gain < FAST * gained)
    return np.asarray(fast & (size**2 < FORESEEN * before) & (gain**3 < FORESEEN**2 * gained))


def _start(peak: Peak, columns: IntArray, side: FloatArray, root: float) -> FloatArray:
    """Where limits are first looked for."""
    longer = 1.0 + side * root * peak.third[columns] / 6.0
    return _bent(peak, columns, side * root * np.clip(longer, 0.5, 2.0))


def _bent(peak: Peak, columns: IntArray, distance: FloatArray) -> FloatArray:
    """Coefficients where each has moved so many standard errors, and the others followed."""
    way = distance[:, None]
    followed = peak.tangents[columns] + 0.5 * way * peak.bends[columns]
    return np.asarray(peak.beta + way * followed)


def _outwards(peak: Peak, columns: IntArray, side: FloatArray, root: float) -> FloatArray:
    """Limits by way of the constrained maxima, between bounds; infinite where there is none."""
    beta, value, covariance = peak.beta, peak.value, peak.covariance
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
        found = climb(peak.repeated(moving.size), where[moving], free[moving])
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
    return np.where(distance > FARTHEST, side * np.inf, limits)


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
