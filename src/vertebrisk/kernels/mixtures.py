"""Quantiles of mixtures of normal distributions."""

from __future__ import annotations

import numpy as np
from scipy import special

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import normal_quantile

LEAST_SD = 1e-9
STEPS = 200
CLOSE = 2e-15
ROOT_TWO_PI = 2.5066282746310002


def mixture_quantile(mean: FloatArray, sd: FloatArray, probability: float) -> FloatArray:
    """Where a mixture of normal distributions of equal shares has a probability below it.

    Parameters
    ----------
    mean, sd : array, shape (n, parts)
        Of every part of every mixture. An SD of 0 is taken for a billionth.
    probability : float
        Strictly between 0 and 1.

    Returns
    -------
    array, shape (n,)
        To the last digits: Newton's steps inside a bracket that only narrows.
    """
    sd = np.maximum(sd, LEAST_SD)
    ends = mean + float(normal_quantile(probability)) * sd
    low, high = ends.min(axis=1), ends.max(axis=1)
    at = ends.mean(axis=1)
    active = np.flatnonzero(high > low)
    at[low == high] = low[low == high]
    for _ in range(STEPS):
        if not active.size:
            break
        z = (at[active, None] - mean[active]) / sd[active]
        excess = special.ndtr(z).mean(axis=1) - probability
        density = (np.exp(-0.5 * z * z) / sd[active]).mean(axis=1) / ROOT_TWO_PI
        low[active] = np.where(excess < 0, at[active], low[active])
        high[active] = np.where(excess < 0, high[active], at[active])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            moved = at[active] - excess / density
        inside = (moved > low[active]) & (moved < high[active])
        moved = np.where(inside, moved, (low[active] + high[active]) / 2.0)
        done = np.abs(moved - at[active]) <= CLOSE * (1.0 + np.abs(moved))
        at[active] = moved
        active = active[~done]
    return np.asarray(at)
