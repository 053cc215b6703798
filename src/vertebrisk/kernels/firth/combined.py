"""Profiles of several completed tables as one: the combination of likelihood profiles (CLIP).

In each table the signed root of twice the fall of its profile, from the maximum to a value of
the coefficient, is a standard normal deviate; the mean over the tables of its distribution
function is that of the coefficient. Limits are its quantiles. Unlike Rubin's rules this takes
no estimate for normal, which it is not where patients are nearly separated.

References
----------
Heinze, Ploner and Beyea 2013, doi:10.1002/sim.5899.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.firth.climbing import climb
from vertebrisk.kernels.firth.profiles import FARTHEST, STEPS, TOLERANCE, Peak, within

BEHIND = -10.0  # standard errors from the mean estimate, where a limit is never sought
FLAT = 1e-5  # signed root below which its own rounding is more than its curvature


def combined_limits(peaks: Sequence[Peak], wanted: BoolArray, root: float) -> FloatArray:
    """Limits of some coefficients, shape (k, 2), in their own units.

    Parameters
    ----------
    peaks : sequence of Peak
        One a table.
    wanted : bool array, shape (p,)
        The k coefficients.
    root : float
        Quantile of the standard normal distribution at the limits.

    Returns
    -------
    array, shape (k, 2)
        Infinite where the likelihood does not fall so far.
    """
    chosen = np.flatnonzero(wanted)
    columns = np.concatenate([chosen, chosen])
    side = np.repeat([-1.0, 1.0], chosen.size)
    middle, error = _centre(peaks, columns)
    where = [_start(peak, columns, side * root) for peak in peaks]
    inside = np.full(columns.size, BEHIND)
    outside = np.full(columns.size, np.inf)
    distance = np.full(columns.size, root)
    moving = np.arange(columns.size)
    for _ in range(STEPS):
        at = middle[moving] + side[moving] * distance[moving] * error[moving]
        reached, slope = _combined(peaks, columns, side, at, where, moving)
        slope = slope * error[moving]
        short = reached < root
        here = distance[moving]
        inside[moving] = np.where(short, np.maximum(inside[moving], here), inside[moving])
        outside[moving] = np.where(short, outside[moving], np.minimum(outside[moving], here))
        settled = np.abs(reached - root) < TOLERANCE
        settled |= outside[moving] - inside[moving] < TOLERANCE * np.maximum(1.0, np.abs(here))
        lost = here > FARTHEST
        with np.errstate(divide="ignore", invalid="ignore"):
            proposed = here + (root - reached) / slope
        further = within(proposed, inside[moving], outside[moving])
        distance[moving] = np.where(settled | lost, here, further)
        moving = moving[~(settled | lost)]
        if moving.size == 0:
            break
    limits = middle + side * distance * error
    limits = np.where(distance > FARTHEST, side * np.inf, limits)
    return limits.reshape(2, -1).T


def combined_deviates(peaks: Sequence[Peak], wanted: BoolArray) -> FloatArray:
    """Standard normal deviates of the hypotheses that coefficients are zero, shape (k,).

    Positive where the coefficient is; twice the smaller tail is the P value.
    """
    columns = np.flatnonzero(wanted)
    below = np.full(columns.size, -1.0)
    where = [np.repeat(peak.beta[None], columns.size, axis=0) for peak in peaks]
    rows = np.arange(columns.size)
    return _combined(peaks, columns, below, np.zeros(columns.size), where, rows)[0]


def _centre(peaks: Sequence[Peak], columns: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean estimate, and the standard error by Rubin's rules."""
    estimates = np.array([(peak.beta / peak.scale)[columns] for peak in peaks])
    within_one = np.array([np.diag(peak.covariance) / peak.scale**2 for peak in peaks])[:, columns]
    between = estimates.var(axis=0, ddof=1) if len(peaks) > 1 else np.zeros(columns.size)
    total = within_one.mean(axis=0) + (1.0 + 1.0 / len(peaks)) * between
    return estimates.mean(axis=0), np.sqrt(total)


def _start(peak: Peak, columns: IntArray, distance: FloatArray) -> FloatArray:
    """Where the profiles of a table begin: some standard errors along the tangent."""
    errors = np.sqrt(np.diag(peak.covariance))[columns]
    return peak.beta + (distance / errors)[:, None] * peak.covariance[columns]


def _combined(
    peaks: Sequence[Peak],
    columns: IntArray,
    side: FloatArray,
    at: FloatArray,
    where: list[FloatArray],
    moving: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """The combined deviate of some profiles outwards, and its slope in the coefficient.

    `where` holds the other coefficients of each table, and is brought to their maximum.
    """
    found = [
        _profiled(peak, columns[moving], side[moving], at, own, moving)
        for peak, own in zip(peaks, where, strict=True)
    ]
    roots, slopes = (np.array(each) for each in zip(*found, strict=True))
    tail = ndtr(-roots).mean(axis=0)
    deviate = -ndtri(tail)
    density = np.exp(0.5 * (np.minimum(deviate, 38.0) ** 2 - roots**2))
    return deviate, (density * slopes).mean(axis=0)


def _profiled(
    peak: Peak,
    columns: IntArray,
    side: FloatArray,
    at: FloatArray,
    where: FloatArray,
    moving: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Signed roots of one table outwards, and their slopes in the coefficient."""
    rows = np.arange(columns.size)
    held = at * peak.scale[columns]
    free = np.ones((columns.size, peak.beta.size), dtype=np.bool_)
    free[rows, columns] = False
    start = where[moving]
    errors = np.sqrt(np.diag(peak.covariance))[columns]
    way = (held - start[rows, columns]) / errors**2
    start = start + way[:, None] * peak.covariance[columns]
    start[rows, columns] = held
    found = climb(peak.repeated(rows.size), start, free)
    where[moving] = found.beta
    distance = side * (held - peak.beta[columns])
    root = np.sign(distance) * np.sqrt(np.maximum(2.0 * (peak.value - found.point.value), 0.0))
    flat = np.abs(distance) < FLAT * errors
    root = np.where(flat, distance / errors, root)
    fall = -side * found.point.gradient[rows, columns]
    slope = np.divide(fall, root, out=1.0 / errors, where=~flat & (root != 0.0))
    return root, slope * peak.scale[columns]
