"""Explained variation where the event comes over time.

References
----------
Royston P, Sauerbrei W 2004, doi:10.1002/sim.1621. Nagelkerke NJD 1991,
doi:10.1093/biomet/78.3.691.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import as_indicator, as_numbers, as_times, check_fraction
from vertebrisk._types import FloatArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.partial import PartialSums
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.survival.smoothing import calibration_slopes

KAPPA = float(np.sqrt(8.0 / np.pi))
COX_VARIANCE = float(np.pi**2 / 6.0)  # of the extreme-value errors of a proportional hazards model


@dataclass(frozen=True, slots=True)
class ExplainedVariationSurvival:
    """How far apart a linear predictor sets patients, and what it explains.

    `d` is Royston and Sauerbrei's separation, the log hazard ratio between the two halves of
    patients ordered by the linear predictor; `r2_d` the variation that it explains, with the
    limits of `d` transformed. `r2_nagelkerke` is that of the partial likelihood of the linear
    predictor as it stands, as ``rms::cph`` on the patients of the model. All are None where the
    linear predictor is one for all or separates perfectly.
    """

    n: int
    n_events: int
    d: float | None
    d_std_error: float | None
    d_low: float | None
    d_high: float | None
    r2_d: float | None
    r2_d_low: float | None
    r2_d_high: float | None
    r2_nagelkerke: float | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def explained_variation_survival(
    time: ArrayLike, event: ArrayLike, linear: ArrayLike, *, level: float = 0.95
) -> ExplainedVariationSurvival:
    """How much of the variation in time to the event does a linear predictor explain?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient, 0 or more.
    event : array-like, shape (n,)
        True or 1 where the event occurred at `time`, False or 0 where censored. Competing events
        have no such measure.
    linear : array-like, shape (n,)
        Log relative hazards: the linear predictor of a Cox model. `d` and `r2_d` depend on its
        order alone, so any increasing transform, as log(-log(1 - risk)), gives the same.
    level : float
        Confidence level.

    Returns
    -------
    ExplainedVariationSurvival
        D is the coefficient of the normal scores of the linear predictor, over sqrt(8 / pi), in a
        Cox model with Efron's ties; tied linear predictors have the mean of their scores. As
        ``survival::royston``.

    Raises
    ------
    ArgumentError
        For missing values, times below 0, values that are not outcomes, and no event at all.

    References
    ----------
    Royston and Sauerbrei 2004, doi:10.1002/sim.1621
    """
    exit = as_times(time, "time")
    status = as_indicator(event, exit.size)
    values = as_numbers(linear, "linear", exit.size)
    check_fraction(level, "level")
    if not status.any():
        raise ArgumentError("event has no event; a measure of time to the event needs some.")
    times, once = SurvivalTimes(exit, status), np.ones((1, exit.size))
    found: tuple[float | None, ...] = (None,) * 4
    slopes, variances = calibration_slopes(_normal_scores(values)[None], times, once)
    if np.isfinite(slopes[0]):
        d, error = float(slopes[0]), float(np.sqrt(variances[0]))
        reach = float(normal_quantile(0.5 + level / 2.0)) * error
        found = (d, error, d - reach, d + reach)
    return ExplainedVariationSurvival(
        n=exit.size,
        n_events=int(status.sum()),
        d=found[0],
        d_std_error=found[1],
        d_low=found[2],
        d_high=found[3],
        r2_d=_share(found[0], found[0]),
        r2_d_low=_share(found[2], found[0]),
        r2_d_high=_share(found[3], found[0]),
        r2_nagelkerke=_nagelkerke(values, times),
    )


def _normal_scores(values: FloatArray) -> FloatArray:
    """Blom's scores over kappa, ties averaged over their scores."""
    size = values.size
    scores = normal_quantile((np.arange(1, size + 1) - 0.375) / (size + 0.25)) / KAPPA
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    sums = np.concatenate([[0.0], np.cumsum(scores)])
    means = (sums[ends] - sums[ends - counts]) / counts
    return np.asarray(means[place])


def _share(d: float | None, estimate: float | None) -> float | None:
    """R2 of a separation; of a limit on the other side of 0 than the estimate it is 0."""
    if d is None or estimate is None:
        return None
    if d * estimate < 0.0:
        return 0.0
    explained = d**2 / KAPPA**2
    return float(explained / (COX_VARIANCE + explained))


def _nagelkerke(linear: FloatArray, times: SurvivalTimes) -> float | None:
    once = np.ones((1, linear.size))
    own, null = (
        float(
            PartialSums.of(each[None], times, once, ties="efron", counts=once).log_likelihood()[0]
        )
        for each in (linear - linear.mean(), np.zeros_like(linear))
    )
    if np.ptp(linear) == 0.0 or null == 0.0:
        return None
    return float(-np.expm1(2.0 * (null - own) / linear.size) / -np.expm1(2.0 * null / linear.size))
