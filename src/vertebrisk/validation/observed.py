"""Observed risk as a smooth function of the predicted one, with its band and its gaps.

References
----------
Austin PC, Steyerberg EW 2014 (loess), doi:10.1002/sim.5941. Van Calster B et al. 2016
(curves with bands), doi:10.1016/j.jclinepi.2015.12.005. Van Hoorde K et al. 2015, J Biomed
Inform (estimated calibration index).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy.special import expit, logit

from vertebrisk._types import FloatArray, Smoother
from vertebrisk.design.splines import Spread, basis, placed
from vertebrisk.errors import FitError
from vertebrisk.kernels.loess import loess_batch, loess_operator
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.resamples import bootstrap_weights, stratified_weights
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.kernels.tied import TiedScores, collapse_counts, collapse_ties
from vertebrisk.validation.decision import percentiles
from vertebrisk.validation.measures import (
    LOESS_NAME,
    SAME,
    calibration_errors,
    errors_of,
)

KNOTS: Final = 5
GRID: Final = 101
LINE_NAME: Final = "straight line of the log-odds"
SHARE_NAME: Final = "share with the event, all risks being one"
GAPS: Final = ("ici", "e50", "e90", "emax")
CURVE_SCHEMA: Final = dict.fromkeys(
    ("predicted", "apparent", "corrected", "conf_low", "conf_high"), pl.Float64
)
LOESS_RESAMPLED: Final = 5_000  # patients above whom no loess is resampled
HELD: Final = 400_000  # frequencies of patients held at once


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """A smooth curve.

    Attributes
    ----------
    name : str
        Of the smoother.
    frame : polars.DataFrame
        predicted, apparent, corrected (null), conf_low, conf_high, as `CalibrationCurve.frame`.
    gaps : dict
        ici, e50, e90 and emax, read from it.
    eci : float
        A hundred times the mean squared gap.
    """

    name: str
    frame: pl.DataFrame
    gaps: dict[str, float]
    eci: float


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    """Observed risk in the sample at the scores and on the grid, with limits there."""

    name: str
    at_scores: FloatArray
    curve: FloatArray
    low: FloatArray
    high: FloatArray


def observed_risk(
    linear: FloatArray,
    target: FloatArray,
    smoother: Smoother,
    sampling: ControlSampling | None,
    z: float,
) -> Observed | None:
    """Smooth the outcome over the log-odds of the risks, shape (n,).

    The grid goes from the fifth smallest to the fifth largest risk, of ten patients or fewer
    from the smallest to the largest. None where no spline has a finite estimate.
    """
    tied = collapse_ties(linear[None], np.ones((1, linear.size)), target)
    ordered = np.sort(expit(linear))
    first, last = grid_ranks(linear.size)
    grid = np.linspace(ordered[first], ordered[last], GRID)
    offset = 0.0 if sampling is None else sampling.offset
    inside = tied.map_scores(tied.scores + offset)
    at = logit(grid) + offset
    if smoother == "loess":
        values = _loess(inside, at, z)
    else:
        found = _splined(inside, at, z, 0.0 if sampling is None else sampling.intercept_variance)
        if found is None:
            return None
        values = found
    return _assembled(tied, grid, values, sampling)


def grid_ranks(size: int) -> tuple[int, int]:
    """Ranks of the risks between which the curve is drawn."""
    edge = 4 if size > 10 else 0
    return edge, size - 1 - edge


def _assembled(
    tied: TiedScores, grid: FloatArray, values: _Values, sampling: ControlSampling | None
) -> Observed:
    def moved(share: FloatArray) -> FloatArray:
        return share if sampling is None else sampling.to_population(share)

    smooth = moved(values.at_scores)
    gaps = errors_of(tied, smooth[None], sampling)
    counts = (tied if sampling is None else tied.to_population(sampling)).counts[0]
    eci = 100.0 * float(counts @ (smooth - expit(tied.scores[0])) ** 2 / counts.sum())
    frame = curve_frame(grid, *(moved(each) for each in (values.curve, values.low, values.high)))
    found = {name: float(each[0]) for name, each in gaps.items()}
    return Observed(values.name, frame, found, eci)


def curve_frame(
    grid: FloatArray, curve: FloatArray, low: FloatArray, high: FloatArray
) -> pl.DataFrame:
    """The curve with its band, as `CalibrationCurve.frame`."""
    return pl.DataFrame(
        {
            "predicted": grid,
            "apparent": curve,
            "corrected": np.full(grid.size, np.nan),
            "conf_low": low,
            "conf_high": high,
        }
    ).fill_nan(None)


def _loess(tied: TiedScores, at: FloatArray, z: float) -> _Values:
    """The band is that of the local weights and binomial variances."""
    risks = tied.map_scores(expit(tied.scores))
    smooth, operator = loess_batch(risks)[0], loess_operator(risks, expit(at))
    counts, total = tied.counts[0], float(tied.counts.sum())
    curve = operator @ tied.shares[0]
    # the variance of a share is that of the smoothed risk at its score, kept off 0 and 1
    safe = np.clip(smooth, 0.5 / total, 1.0 - 0.5 / total)
    variance = (operator**2) @ (safe * (1.0 - safe) / np.where(counts > 0, counts, 1.0))
    reach = z * np.sqrt(variance) if tied.sizes[0] >= 3 else np.full(at.size, np.nan)
    low, high = np.clip(curve - reach, 0.0, 1.0), np.clip(curve + reach, 0.0, 1.0)
    return _Values(LOESS_NAME, smooth, curve, low, high)


def _splined(tied: TiedScores, at: FloatArray, z: float, added: float) -> _Values | None:
    """The band is Wald's."""
    scores = tied.scores[0]
    found = splined_risk(scores, tied.counts[0], tied.shares[0])
    if found is None:
        return None
    curves = spline_curve(found.fit, spline_columns(at, found.places), z, added)
    return _Values(spline_name(found.places), found.at(scores), *curves)


@dataclass(frozen=True, slots=True, eq=False)
class SplinedRisk:
    """Logistic regression on a spline of the log-odds.

    Attributes
    ----------
    places : array or None
        Its knots; none of a line, None where all scores are one.
    fit : LogisticFits
    """

    places: FloatArray | None
    fit: LogisticFits

    def at(self, scores: FloatArray) -> FloatArray:
        """Observed risk at log-odds of shape (m,)."""
        return np.asarray(expit(spline_columns(scores, self.places) @ self.fit.beta[0]))


def splined_risk(scores: FloatArray, counts: FloatArray, shares: FloatArray) -> SplinedRisk | None:
    """Observed risk as a spline; fewer knots, and a line, where more have no finite estimate.

    Parameters
    ----------
    scores : array, shape (m,)
        Different log-odds, ascending.
    counts, shares : array, shape (m,)
        How many patients have each, a whole number, and the share of these with the event.
    """
    for places in _knots(scores, counts) if scores.size > 1 else (None,):
        fit = fit_logistic_batch(spline_columns(scores, places), shares, counts[None])
        if fit.converged[0] and not fit.deficient[0]:
            return SplinedRisk(places, fit)
    return None


def spline_curve(
    fit: LogisticFits, columns: FloatArray, z: float, added: float = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Risk of a logistic model at rows of its columns, shape (k, p), with Wald's limits."""
    variance = np.einsum("kp,pq,kq->k", columns, fit.covariance(), columns) + added
    eta, reach = columns @ fit.beta[0], z * np.sqrt(np.maximum(variance, 0.0))
    return expit(eta), expit(eta - reach), expit(eta + reach)


def _knots(scores: FloatArray, counts: FloatArray) -> list[FloatArray]:
    """Five, four and three knots at Harrell's quantiles, as far as there are, and none."""
    found, spread = [], Spread.of(scores, counts.astype(np.int64))
    for count in range(KNOTS, 2, -1):
        try:
            found.append(placed(spread, count, "the log-odds"))
        except FitError:
            break
    return [*found, np.empty(0)]


def spline_name(places: FloatArray | None) -> str:
    """Of a spline with knots at these places, of a line where there are none, or of neither."""
    if places is None:
        return SHARE_NAME
    if places.size == 0:
        return LINE_NAME
    return f"restricted cubic spline ({places.size} knots) of the log-odds"


def spline_columns(scores: FloatArray, places: FloatArray | None) -> FloatArray:
    """Columns of such a spline, the ones of the intercept before them."""
    constant = np.ones((scores.size, 1))
    if places is None:
        return constant
    curved = basis(scores, places) if places.size else scores[:, None]
    return np.column_stack([constant, curved])


def gap_limits(
    linear: FloatArray,
    target: FloatArray,
    smoother: Smoother,
    sampling: ControlSampling | None,
    found: dict[str, float],
    draws: tuple[int, int, float],
) -> dict[str, tuple[float, float]]:
    """Bootstrap limits of the gaps, by name; `draws` are resamples, seed and level.

    A resample doubles the noise of its curve, so gaps are larger there: the percentile interval
    is moved so that its mean lies on the estimate. Empty where there are no resamples of both
    outcomes, and of loess past 5,000 patients.
    """
    resamples, seed, level = draws
    drawn: dict[str, list[FloatArray]] = {name: [np.empty(0)] for name in GAPS}
    if smoother == "loess" and linear.size > LOESS_RESAMPLED:
        return {}
    block = max(1, HELD // linear.size)
    for first in range(0, resamples, block):
        size = min(block, resamples - first)
        if sampling is None:
            weights = bootstrap_weights(linear.size, size, seed, first=first)
        else:
            weights = stratified_weights(target > 0, size, seed, first=first)
        events = weights @ target
        weights = weights[(events > 0) & (events < linear.size)]
        for name, values in _drawn(linear, target, weights, smoother, sampling).items():
            drawn[name].append(values)
    return moved_limits({name: np.concatenate(drawn[name]) for name in GAPS}, found, level)


def moved_limits(
    drawn: dict[str, FloatArray], found: dict[str, float], level: float
) -> dict[str, tuple[float, float]]:
    """Percentile intervals moved onto the estimates; none from fewer than two resamples."""
    limits = {}
    for name, value in found.items():
        values = drawn[name][np.isfinite(drawn[name])]
        if np.isfinite(value) and values.size > 1:
            low, high = percentiles((values + (value - values.mean()))[:, None], level)
            limits[name] = max(float(low[0]), 0.0), float(high[0])
    return limits


def _drawn(
    linear: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    smoother: Smoother,
    sampling: ControlSampling | None,
) -> dict[str, FloatArray]:
    if weights.shape[0] == 0:
        return {}
    if smoother == "loess":
        scores = np.broadcast_to(linear, weights.shape)
        tied = collapse_counts(scores, weights, weights * target, SAME)
        return calibration_errors(tied, sampling)
    rows = []
    for each in weights:
        own = np.repeat(linear, each.astype(np.int64)), np.repeat(target, each.astype(np.int64))
        curve = observed_risk(*own, smoother, sampling, 1.0)
        if curve is not None:
            rows.append(curve.gaps)
    return {name: np.array([row[name] for row in rows]) for name in GAPS}
