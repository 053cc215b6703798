"""Residuals of a Cox model, and the test that its hazards are proportional.

As ``residuals.coxph`` and ``cox.zph`` of R's survival, from version 3.0.

References
----------
Therneau TM, Grambsch PM, Fleming TR 1990, doi:10.1093/biomet/77.1.147.
Grambsch PM, Therneau TM 1994, doi:10.1093/biomet/81.3.515.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.moments import Moments
from vertebrisk.kernels.survival.times import SurvivalTimes

TimeTransform = Literal["km", "rank", "identity", "log"]


def martingale(moments: Moments, times: SurvivalTimes) -> FloatArray:
    """Events observed less events expected, shape (n,); before weights."""
    residual = times.event.astype(np.float64)
    residual[moments.risk_sets.rows] -= moments.expected
    return residual


def deviance(moments: Moments, times: SurvivalTimes) -> FloatArray:
    """Martingale residuals made more symmetric, shape (n,)."""
    residual = martingale(moments, times)
    expected = np.maximum(times.event - residual, np.finfo(float).tiny)
    inside = residual + np.where(times.event, np.log(expected), 0.0)
    return np.asarray(np.sign(residual) * np.sqrt(np.maximum(-2.0 * inside, 0.0)))


def score(moments: Moments, size: int) -> FloatArray:
    """Each patient's contribution to the gradient, shape (n, p); before weights."""
    sets = moments.risk_sets
    met = moments.spared(moments.increment, moments.returned)[:, None] * moments.columns
    met -= moments.spared(moments.drift, moments.drift_returned)
    own = -moments.relative[:, None] * met
    own[sets.deaths] += moments.columns[sets.deaths] - moments.mean[sets.last[sets.deaths]]
    residual = np.zeros((size, moments.columns.shape[1]))
    residual[sets.rows] = own
    return residual


def schoenfeld(moments: Moments) -> FloatArray:
    """Covariates of each event less the mean of its risk set, shape (events, p).

    In the order of the risk sets: by stratum and time.
    """
    sets = moments.risk_sets
    return np.asarray(moments.columns[sets.deaths] - moments.mean[sets.last[sets.deaths]])


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalityTest:
    """Score tests of a trend of each term's effect with time, and of all together.

    Attributes
    ----------
    statistic, df : array, shape (terms + 1,)
        The last is the global test.
    x : array, shape (events,)
        Transformed time of each event, in the order of `residuals`.
    time, stratum : array, shape (events,)
    residuals : array, shape (events, terms)
        Scaled Schoenfeld residuals plus the coefficient: their smooth is the effect over
        time. Of a term with several columns, its linear predictor, whose effect is 1.
    covariance : array, shape (terms, terms)
        Of one scaled residual.
    """

    statistic: FloatArray
    df: IntArray
    x: FloatArray
    time: FloatArray
    stratum: IntArray
    residuals: FloatArray
    covariance: FloatArray


def proportionality(
    moments: Moments,
    times: SurvivalTimes,
    beta: FloatArray,
    terms: Sequence[slice],
    transform: TimeTransform = "km",
) -> ProportionalityTest:
    """Test proportional hazards.

    Parameters
    ----------
    moments : Moments
        At the estimate.
    times : SurvivalTimes
    beta : array, shape (p,)
    terms : sequence of slices
        Columns of each term.
    transform : {"km", "rank", "identity", "log"}
        Time scale of the trend; "km" is one less the Kaplan-Meier estimate.
    """
    scale = transformed_times(times, transform)
    sets = moments.risk_sets
    moved = scale[sets.rows][sets.deaths]
    moved = moved - moved.mean()
    by = moved[sets.death_starts]
    plain, mixed, twice = (moments.information(each) for each in (None, by, by**2))
    statistic, df = trend_statistics(moments.gradient(by), (plain, mixed, twice), terms)
    residuals, covariance = _scaled(moments, beta, terms, plain)
    return ProportionalityTest(
        statistic=statistic,
        df=df,
        x=scale[sets.rows][sets.deaths],
        time=sets.times[sets.last[sets.deaths]],
        stratum=sets.stratum[sets.last[sets.deaths]],
        residuals=residuals,
        covariance=covariance,
    )


def trend_statistics(
    gradient: FloatArray,
    information: tuple[FloatArray, FloatArray, FloatArray],
    terms: Sequence[slice],
) -> tuple[FloatArray, IntArray]:
    """Chi-square of a trend of each term, and of all, with its degrees of freedom.

    Parameters
    ----------
    gradient : array, shape (p,)
        By the trends.
    information : three arrays, shape (p, p)
        Of the coefficients, with that of the trends, and of these.
    terms : sequence of slices
    """
    plain, mixed, twice = information
    size = gradient.size
    whole = np.block([[plain, mixed], [mixed, twice]])
    statistic, df = np.empty(len(terms) + 1), np.empty(len(terms) + 1, dtype=np.int64)
    for place, part in enumerate([*terms, slice(0, size)]):
        columns = np.arange(part.start, part.stop)
        kept = np.concatenate([np.arange(size), columns + size])
        score_vector = np.concatenate([np.zeros(size), gradient[columns]])
        solved = np.linalg.lstsq(whole[np.ix_(kept, kept)], score_vector, rcond=1e-12)[0]
        statistic[place], df[place] = score_vector @ solved, columns.size
    return statistic, df


def transformed_times(times: SurvivalTimes, transform: TimeTransform) -> FloatArray:
    """Time of each patient on the scale of the trend, shape (n,)."""
    if transform == "identity":
        return times.exit
    if transform == "log":
        return np.asarray(np.log(times.exit))
    if transform == "rank":
        distinct, place, count = np.unique(times.exit, return_inverse=True, return_counts=True)
        middle = np.cumsum(count) - (count - 1) / 2.0
        return np.asarray(middle[place]) if distinct.size else times.exit
    pooled = Moments.of(
        np.zeros((times.size, 1)),
        SurvivalTimes(times.exit, times.event, times.entry),
        np.zeros(1),
        ties="breslow",
    )
    survival = np.concatenate([[1.0], np.cumprod(1.0 - pooled.increment)])
    before = np.searchsorted(pooled.risk_sets.times, times.exit, side="left")
    return np.asarray(1.0 - survival[before])


def _scaled(
    moments: Moments, beta: FloatArray, terms: Sequence[slice], information: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Scaled residuals of the terms and their covariance."""
    sets = moments.risk_sets
    residual = schoenfeld(moments)
    combined = np.zeros((beta.size, len(terms)))
    centre = np.empty(len(terms))
    for place, part in enumerate(terms):
        single = part.stop - part.start == 1
        combined[part, place] = 1.0 if single else beta[part]
        centre[place] = beta[part.start] if single else 1.0
    mean = combined.T @ (information / sets.deaths.size) @ combined
    inverse = np.asarray(np.linalg.pinv(mean), dtype=np.float64)
    return residual @ combined @ inverse + centre, inverse
