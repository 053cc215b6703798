"""Performance of a linear predictor on weighted patients, for many replicates at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.loess import loess_batch
from vertebrisk.kernels.newton import fit_logistic_batch, log_likelihood
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.kernels.tied import TiedScores, collapse_counts, weighted_quantiles
from vertebrisk.validation.splined import spline_smoother

MEASURES = (
    "c_index",
    "dxy",
    "r2",
    "intercept",
    "slope",
    "brier",
    "emax_linear",
    "ici",
    "e50",
    "e90",
    "emax",
)
ERRORS = ("ici", "e50", "e90", "emax")  # read from a smooth curve
SAME = 1e-9  # linear predictors of one covariate pattern, summed in another order
SAME_DIRECTION = 1e-3  # a proof of separation is a direction to about this precision
WORST = -1e6  # an R2 below it says only that a patient was wrongly held for certain
LOESS_LIMIT = 10_000
LOESS_NAME = "loess (degree 2, span 0.75, direct)"
SPLINE_NAME = "restricted cubic spline (5 knots) of the log-odds"


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Linear predictors of each replicate, ready to be measured.

    Attributes
    ----------
    tied : TiedScores
        Linear predictors with ties collapsed.
    limit : TiedScores or None
        What the recalibration of separated replicates is fitted to: the direction in
        which their linear predictor runs away.
    separated : bool array, shape (replicates,)
    """

    tied: TiedScores
    separated: BoolArray
    limit: TiedScores | None

    @classmethod
    def of(
        cls,
        linear: FloatArray,
        counts: FloatArray,
        events: FloatArray,
        separated: BoolArray | None = None,
        runaway: FloatArray | None = None,
    ) -> Scored:
        """Collapse ties; all arrays but `separated` have shape (replicates, patterns)."""
        tied = collapse_counts(linear, counts, events, SAME)
        if separated is None or runaway is None or not separated.any():
            return cls(tied, np.zeros(linear.shape[0], dtype=np.bool_), None)
        limit = collapse_counts(
            runaway[separated], counts[separated], events[separated], SAME_DIRECTION
        )
        return cls(tied, separated, limit)

    def take(self, replicates: IntArray) -> Scored:
        """Some replicates only."""
        separated = self.separated[replicates]
        if self.limit is None or not separated.any():
            return Scored(self.tied.take(replicates), np.zeros_like(separated), None)
        position = np.cumsum(self.separated) - 1
        limit = self.limit.take(position[replicates[separated]])
        return Scored(self.tied.take(replicates), separated, limit)


def smoother_name(size: int) -> str:
    """Which smoother stands behind the calibration numbers for this many patients."""
    return LOESS_NAME if size <= LOESS_LIMIT else SPLINE_NAME


def smooth_observed(tied: TiedScores, sampling: ControlSampling | None = None) -> FloatArray:
    """Smoothed observed risk at each distinct linear predictor, shape (replicates, m).

    Of sampled controls the smoother sees the sample, whose odds are then moved to the
    population: sampling depends on the outcome alone, so they differ by one factor.
    """
    if sampling is not None:
        inside = tied.map_scores(tied.scores + sampling.offset)
        return sampling.to_population(smooth_observed(inside))
    if tied.counts[0].sum() > LOESS_LIMIT:
        return spline_smoother(tied)
    return loess_batch(tied.map_scores(expit(tied.scores)))


def nagelkerke(gain: FloatArray, null: FloatArray, size: FloatArray) -> FloatArray:
    """Nagelkerke's R2 from twice the gain in log-likelihood, as rms::lrm.

    Of a runaway model on other patients it is -infinite, as it is beyond `WORST`.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = (1.0 - np.exp(-gain / size)) / (1.0 - np.exp(2.0 * null / size))
    return np.where(found < WORST, -np.inf, found)


def null_log_likelihood(events: FloatArray, size: FloatArray) -> FloatArray:
    """Log-likelihood of the mean risk."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = events * np.log(events / size) + (size - events) * np.log1p(-events / size)
    return np.where((events > 0) & (events < size), value, 0.0)


def recalibrate(tied: TiedScores) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Intercept, slope and log-likelihood of the event regressed on the linear predictor.

    A constant linear predictor has the slope 1 and the intercept of the mean risk, as
    in rms::validate. The intercept is the joint one, not that at slope 1.
    """
    size, events = tied.totals, tied.events.sum(axis=1)
    with np.errstate(divide="ignore"):
        intercept = np.log(events) - np.log(size - events)
    slope = np.ones(size.size)
    likelihood = null_log_likelihood(events, size)
    varied = np.flatnonzero(tied.sizes > 1)
    if varied.size:
        joint = _joint_recalibration(tied.take(varied))
        intercept[varied], slope[varied], likelihood[varied] = joint
    return intercept, slope, likelihood


def _joint_recalibration(tied: TiedScores) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Newton's method for intercept and slope, each replicate with a predictor of its own."""
    size = tied.counts.sum(axis=1)
    mean = np.sum(tied.counts * tied.scores, axis=1) / size
    spread = np.sqrt(np.sum(tied.counts * (tied.scores - mean[:, None]) ** 2, axis=1) / size)
    scores = (tied.scores - mean[:, None]) / spread[:, None]
    share = tied.shares
    level, slope = np.zeros(size.size), np.zeros(size.size)
    current = log_likelihood(np.zeros_like(scores), share, tied.counts)
    for _ in range(60):
        risk = expit(level[:, None] + slope[:, None] * scores)
        residual = tied.events - tied.counts * risk
        weight = tied.counts * risk * (1.0 - risk)
        first, second = residual.sum(axis=1), np.sum(residual * scores, axis=1)
        a, b = weight.sum(axis=1), np.sum(weight * scores, axis=1)
        c = np.sum(weight * scores**2, axis=1)
        determinant = np.maximum(a * c - b * b, np.finfo(float).tiny)
        step = (c * first - b * second) / determinant, (a * second - b * first) / determinant
        factor = np.ones(size.size)
        for _ in range(12):
            eta = (level + factor * step[0])[:, None] + (slope + factor * step[1])[:, None] * scores
            moved = log_likelihood(eta, share, tied.counts)
            worse = ~(moved >= current - 1e-9 * (1.0 + np.abs(current)))
            if not worse.any():
                break
            factor[worse] *= 0.5
        level, slope, current = level + factor * step[0], slope + factor * step[1], moved
        if np.all(first * step[0] + second * step[1] < 1e-14 * (1.0 + np.abs(current))):
            break
    return level - slope * mean / spread, slope / spread, current


def recalibrate_population(
    tied: TiedScores, sampling: ControlSampling | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """`recalibrate`, with intercept and likelihood those of the population that was sampled.

    The slope does not depend on the sampling; the intercept is that of the sample less the
    offset; the likelihood is weighted.
    """
    intercept, slope, likelihood = recalibrate(tied)
    if sampling is None:
        return intercept, slope, likelihood
    intercept = intercept - sampling.offset
    whole = tied.to_population(sampling)
    eta = intercept[:, None] + slope[:, None] * tied.scores
    return intercept, slope, log_likelihood(eta, whole.shares, whole.counts)


def measure(
    scored: Scored,
    *,
    refit: bool,
    sampling: ControlSampling | None = None,
    judged: bool = True,
) -> dict[str, FloatArray]:
    """All measures of each replicate, shape (replicates,) each.

    Parameters
    ----------
    scored : Scored
    refit : bool
        False where the model was fitted to these very patients: intercept 0 and slope 1
        by construction. True elsewhere: R2, intercept and slope are those of the outcome
        regressed on the linear predictor, as in rms::validate.
    sampling : ControlSampling, optional
        Where controls were sampled: all measures are then those of the population, whose
        risks the linear predictors give.
    judged : bool
        False where nobody asks for ICI, E50, E90 and Emax, which need a smoother: they are NaN.
    """
    tied = scored.tied
    whole = tied if sampling is None else tied.to_population(sampling)
    size, events = whole.counts.sum(axis=1), whole.events.sum(axis=1)
    null = null_log_likelihood(events, size)
    area = auc_batch(tied)
    risk = expit(tied.scores)
    brier = np.sum(whole.events * (1 - risk) ** 2 + (whole.counts - whole.events) * risk**2, axis=1)
    if refit:
        intercept, slope, likelihood = recalibrate_population(tied, sampling)
        if scored.limit is not None:
            likelihood[scored.separated] = recalibrate_population(scored.limit, sampling)[2]
            intercept[scored.separated] = np.nan
            slope[scored.separated] = np.nan
    else:
        intercept, slope = np.zeros(size.size), np.ones(size.size)
        likelihood = log_likelihood(tied.scores, whole.shares, whole.counts)
    return {
        "c_index": area,
        "dxy": 2.0 * area - 1.0,
        "r2": nagelkerke(2.0 * (likelihood - null), null, size),
        "intercept": intercept,
        "slope": slope,
        "brier": brier / size,
        **(calibration_errors(tied, sampling) if judged else _unjudged(size.size)),
    }


def _unjudged(replicates: int) -> dict[str, FloatArray]:
    return {name: np.full(replicates, np.nan) for name in ERRORS}


def calibration_errors(
    tied: TiedScores, sampling: ControlSampling | None = None
) -> dict[str, FloatArray]:
    """Mean, median, 90th percentile and maximum of |smoothed observed - predicted|.

    ICI, E50, E90, Emax of Austin and Steyerberg 2019, doi:10.1002/sim.8281.
    """
    return errors_of(tied, smooth_observed(tied, sampling), sampling)


def errors_of(
    tied: TiedScores, smooth: FloatArray, sampling: ControlSampling | None = None
) -> dict[str, FloatArray]:
    """The same of a given smooth, shape (replicates, m)."""
    gap = np.abs(smooth - expit(tied.scores))
    present = tied.counts > 0
    whole = tied if sampling is None else tied.to_population(sampling)
    mean = np.sum(np.where(present, whole.counts * gap, 0.0), axis=1) / whole.counts.sum(axis=1)
    middle, ninety = weighted_quantiles(whole, gap, (0.5, 0.9))
    largest = np.where(present, gap, 0.0).max(axis=1)
    return dict(zip(ERRORS, (mean, middle, ninety, largest), strict=True))


def emax_linear(intercept: float, slope: float) -> float:
    """Largest gap between a risk and its linear recalibration, as Emax of rms::validate."""
    risk = np.arange(1, 2000) / 2000.0
    logit = np.log(risk / (1.0 - risk))
    gap = float(np.abs(risk - expit(intercept + slope * logit)).max())
    return 1.0 if slope < 0 else gap  # a falling line sends risk 0 to 1


def in_the_large(linear: FloatArray, event: FloatArray) -> tuple[float, float]:
    """Intercept with the linear predictor as offset, and its standard error."""
    fit = fit_logistic_batch(
        np.ones((linear.size, 1)), event, np.ones((1, linear.size)), offset=linear
    )
    return float(fit.beta[0, 0]), float(np.sqrt(fit.covariance()[0, 0]))
