"""Effects of studies, and their sampling variances, on the scale on which they are pooled.

A half is added to every cell of a study in which one is zero, and to no other study
(``metafor::escalc`` with ``to = "only0"``).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import special

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import normal_quantile

Scale = Literal["identity", "log", "logit"]


def to_scale(values: FloatArray, scale: Scale) -> FloatArray:
    """Values as pooled: themselves, their logarithms or their logits."""
    if scale == "identity":
        return np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(values) if scale == "log" else special.logit(values))


def from_scale(values: FloatArray, scale: Scale) -> FloatArray:
    """Values as printed: the inverse of `to_scale`."""
    if scale == "identity":
        return np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(values) if scale == "log" else special.expit(values))


def logit_proportion(events: FloatArray, sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Logit of a proportion: ``escalc(measure = "PLO")``."""
    cells = _filled(events, sizes - events)
    return np.log(cells[0] / cells[1]), (1 / cells).sum(axis=0)


def log_odds_ratio(
    events: FloatArray, sizes: FloatArray, other_events: FloatArray, other_sizes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log odds ratio of a group against another: ``escalc(measure = "OR")``."""
    cells = _filled(events, sizes - events, other_events, other_sizes - other_events)
    return np.log(cells[0] * cells[3] / (cells[1] * cells[2])), (1 / cells).sum(axis=0)


def _filled(*cells: FloatArray) -> FloatArray:
    table = np.stack(cells)
    return np.asarray(table + 0.5 * (table == 0).any(axis=0))


def error_from_limits(low: FloatArray, high: FloatArray, level: float) -> FloatArray:
    """Standard error from the limits of an interval, on the scale where it is symmetric."""
    return np.asarray((high - low) / (2 * normal_quantile(0.5 + level / 2)))


def newcombe_logit_error(
    c_statistic: FloatArray, events: FloatArray, nonevents: FloatArray
) -> FloatArray:
    """Standard error of the logit of a C-statistic from the numbers with and without the event.

    Newcombe's method 4: the variance of Hanley and McNeil with both numbers replaced, where
    they stand for sampling of the other group, by half their sum.

    References
    ----------
    Newcombe 2006, doi:10.1002/sim.2324
    """
    half = (events + nonevents) / 2 - 1
    c = c_statistic
    spread = 1 + half * (1 - c) / (2 - c) + half * c / (1 + c)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(spread / (events * nonevents * c * (1 - c))))


def log_observed_expected(
    observed: FloatArray, expected: FloatArray, sizes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Logarithm of observed over expected events; the expected number is taken for known.

    The variance is that of the logarithm of the observed share, ``(1 - O / n) / O``.

    References
    ----------
    Debray et al. 2017, doi:10.1136/bmj.i6460
    """
    return np.log(observed / expected), (1 - observed / sizes) / observed
