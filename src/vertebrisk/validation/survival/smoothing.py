"""Smoothed observed risk by a horizon and calibration slopes, for many models at once.

The event is regressed on a restricted cubic spline of the complementary log-log of the risk
predicted, log(-log(1 - risk)): Cox's regression or, where there are competing events, Fine and
Gray's. What that regression gives for a patient is the observed risk of patients like him.

References
----------
Austin, Harrell and van Klaveren 2020, doi:10.1002/sim.8570. Austin, Putter, Giardiello and van
Klaveren 2022 (competing risks), doi:10.1186/s41512-021-00114-6.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.censoring import COMPETING, EVENT
from vertebrisk.kernels.survival.rowwise import RowwiseFits, fit_rowwise
from vertebrisk.kernels.survival.splines import spline_rows
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.kernels.tied import TiedScores, weighted_quantiles
from vertebrisk.validation.survival.horizon import AtHorizon, extent

KNOTS: Final[tuple[float, ...]] = (0.10, 0.50, 0.90)
ERRORS: Final = (0.5, 0.9)  # quantiles of the distance of observed from predicted risks
EDGE: Final = 1e-9  # risks nearer to 0 or 1 are taken as this near
SMOOTHER: Final = "Cox regression on a restricted cubic spline (3 knots) of log(-log(1 - risk))"
SMOOTHER_COMPETING: Final = (
    "Fine-Gray regression on a restricted cubic spline (3 knots) of log(-log(1 - risk))"
)


@dataclass(frozen=True, slots=True, eq=False)
class SmoothedRisk:
    """Observed risk as a function of the predicted, one function a replicate.

    Attributes
    ----------
    knots : array, shape (replicates, k)
        On the scale log(-log(1 - risk)).
    fits : RowwiseFits
        With the level at the horizon, shape (replicates, 1).
    low, high : array, shape (replicates,)
        Range of the risks predicted; nothing is said outside it.
    own : array, shape (replicates, n), optional
        Observed risks of the patients regressed, where they are known already.
    """

    knots: FloatArray
    fits: RowwiseFits
    low: FloatArray
    high: FloatArray
    own: FloatArray | None = None

    def at(self, risk: FloatArray) -> FloatArray:
        """Observed risk at predicted risks of shape (replicates or 1, k): (replicates, k)."""
        shape = self.knots.shape[0], risk.shape[1]
        values = np.broadcast_to(complementary_log_log(risk), shape)
        columns = spline_rows(values, self.knots)
        linear = np.einsum("rp,rkp->rk", self.fits.beta, columns) + self.fits.log_hazard
        observed = _as_risk(linear)
        inside = (risk >= self.low[:, None]) & (risk <= self.high[:, None])
        return np.where(inside & self.fits.usable[:, None], observed, np.nan)

    def with_replicates(self, rows: IntArray, knots: FloatArray, fits: RowwiseFits) -> SmoothedRisk:
        """The same with other regressions of some replicates."""
        changed = RowwiseFits(*(getattr(self.fits, each.name).copy() for each in fields(fits)))
        for each in fields(fits):
            getattr(changed, each.name)[rows] = getattr(fits, each.name)
        moved = self.knots.copy()
        moved[rows] = knots
        return replace(self, knots=moved, fits=changed)


def complementary_log_log(risk: FloatArray) -> FloatArray:
    """log(-log(1 - risk)): the log of a cumulative hazard, or a Cox model's linear predictor."""
    inside = np.clip(risk, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(-np.log1p(-inside)))


def _as_risk(linear: FloatArray) -> FloatArray:
    return np.asarray(-np.expm1(-np.exp(np.minimum(linear, 700.0))))


def _as_counts(values: FloatArray, weights: FloatArray) -> TiedScores:
    sizes = np.full(values.shape[0], values.shape[1])
    return TiedScores(values, weights, weights, sizes)


def smoothed_risk(
    at: AtHorizon,
    risk: FloatArray,
    before: SmoothedRisk | None = None,
    between: tuple[FloatArray, FloatArray] | None = None,
) -> SmoothedRisk:
    """Regress the event on the risks, shape (replicates or 1, n), of every replicate.

    Knots lie at the 10th, 50th and 90th percentile; where these are not three distinct
    values the regression is linear. The search begins at the risks as they are, or where that
    at another horizon ended, `before`. They lie `between` two, if that is known already.
    """
    values = complementary_log_log(np.broadcast_to(risk, at.weights.shape))
    when = np.array([at.horizon])
    knots, fits, _ = _regressed(values, at.exit, at.status, at.weights, when, before)
    low, high = extent(at.weights, risk) if between is None else between
    return SmoothedRisk(knots, fits, low, high)


def _regressed(
    values: FloatArray,
    exit: FloatArray,
    status: IntArray,
    weights: FloatArray,
    horizons: FloatArray,
    before: SmoothedRisk | None = None,
) -> tuple[FloatArray, RowwiseFits, FloatArray]:
    """Knots, the regression of the event on a spline of values (replicates, n), its columns."""
    values = np.ascontiguousarray(values)
    knots = weighted_quantiles(_as_counts(values, weights), values, KNOTS).T
    columns = spline_rows(values, knots)
    rival = status == COMPETING
    fits = fit_rowwise(
        columns,
        SurvivalTimes(exit, status == EVENT),
        weights,
        competing=rival if rival.any() else None,
        mask=_in_use(columns),
        horizons=horizons,
        start=_beginning(columns.shape[2], before),
    )
    return knots, fits, columns


@dataclass(frozen=True, slots=True, eq=False)
class SharedRegression:
    """The regression behind the smoothed risks of all horizons.

    Where each model has one baseline hazard, log(-log(1 - risk)) at any horizon is its linear
    predictor, moved by the logarithm of the baseline there. The columns of the spline move, or
    stay as they are, so that one regression serves all horizons.

    Attributes
    ----------
    levels : array, shape (replicates, horizons)
        Logarithms of the models' own cumulative hazards.
    knots, fits
        Of the linear predictor, with the levels of the regression at all horizons.
    heights : array, shape (replicates, n)
        What the regression gives for each patient, without a level.
    apart : int array
        Replicates some of whose risks are too near to 0 or 1 to be told from their linear
        predictor; each horizon has a regression of its own.
    """

    levels: FloatArray
    knots: FloatArray
    fits: RowwiseFits
    heights: FloatArray
    apart: IntArray

    @classmethod
    def of(
        cls,
        linear: FloatArray,
        levels: FloatArray,
        exit: FloatArray,
        status: IntArray,
        weights: FloatArray,
        horizons: FloatArray,
    ) -> SharedRegression:
        """Regress the event on linear predictors of shape (replicates, n)."""
        low, high = complementary_log_log(np.array([0.0, 1.0]))
        inside = linear.min(axis=1) + levels.min(axis=1) > low
        inside &= linear.max(axis=1) + levels.max(axis=1) < high
        knots, fits, columns = _regressed(linear, exit, status, weights, horizons)
        heights = np.einsum("rp,rkp->rk", fits.beta, columns)
        return cls(levels, knots, fits, heights, np.flatnonzero(~inside))

    def at(
        self, place: int, at: AtHorizon, risk: FloatArray, between: tuple[FloatArray, FloatArray]
    ) -> SmoothedRisk:
        """The smoothed risk at the horizon of a place, where risks have shape (replicates, n)."""
        level, risen = (each[:, place : place + 1] for each in (self.levels, self.fits.log_hazard))
        with np.errstate(invalid="ignore"):
            moved = replace(self.fits, log_hazard=risen - self.fits.beta[:, :1] * level)
        own = np.where(self.fits.usable[:, None], _as_risk(self.heights + risen), np.nan)
        found = SmoothedRisk(self.knots + level, moved, *between, own)
        if self.apart.size == 0:
            return found
        risks, rows = risk[self.apart], self.apart
        values, when = complementary_log_log(risks), np.array([at.horizon])
        knots, fits, _ = _regressed(values, at.exit, at.status, at.weights[rows], when)
        low, high = (each[rows] for each in between)
        own[rows] = SmoothedRisk(knots, fits, low, high).at(risks)
        return found.with_replicates(rows, knots, fits)


def _beginning(size: int, before: SmoothedRisk | None) -> FloatArray:
    identity = np.eye(size)[:1]
    if before is None:
        return identity
    return np.where(before.fits.usable[:, None], before.fits.beta, identity)


def _in_use(columns: FloatArray) -> BoolArray:
    return np.asarray(np.ptp(columns, axis=1) > 0)


def calibration_errors(
    at: AtHorizon, risk: FloatArray, smooth: SmoothedRisk
) -> dict[str, FloatArray]:
    """Mean, median, 90th percentile and maximum of |observed - predicted| over the patients.

    ICI, E50, E90 and Emax; shape (replicates,) each. NaN where there is no smooth curve.
    """
    shape = at.weights.shape
    risks = risk if risk.shape == shape else np.broadcast_to(risk, shape)
    return gap_errors(at.weights, risks, smooth.at(risks) if smooth.own is None else smooth.own)


def gap_errors(
    weights: FloatArray, risks: FloatArray, observed: FloatArray
) -> dict[str, FloatArray]:
    """See `calibration_errors`; all of shape (replicates, n)."""
    if compiled.enabled():
        from vertebrisk.kernels.compiled.horizon import missed

        (mean, most, *levels), whole = missed(risks, observed, weights, ERRORS)
        named = {"ici": mean, "e50": levels[0], "e90": levels[1], "emax": most}
        return {name: np.where(whole, values, np.nan) for name, values in named.items()}
    gap = np.abs(observed - risks)
    present = weights > 0
    usable = np.isfinite(np.where(present, gap, 0.0)).all(axis=1)
    gap = np.where(np.isfinite(gap), gap, 0.0)
    middle, ninety = weighted_quantiles(_as_counts(gap, weights), gap, ERRORS)
    found = {
        "ici": np.sum(weights * gap, axis=1) / weights.sum(axis=1),
        "e50": middle,
        "e90": ninety,
        "emax": np.where(present, gap, 0.0).max(axis=1),
    }
    return {name: np.where(usable, values, np.nan) for name, values in found.items()}


def calibration_slopes(
    linear: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    *,
    competing: BoolArray | None = None,
    ties: Ties = "efron",
    before: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Coefficient of each replicate's linear predictor, and its variance, (replicates,) each.

    Parameters
    ----------
    linear : array, shape (replicates or 1, n)
    times : SurvivalTimes
        With the strata and late entries of the model; both must be none with competing
        events.
    weights : array, shape (replicates, n)
        Frequencies, equal to repeated rows.
    competing : bool array, shape (n,), optional
        Who left by a competing event: the slope is then that of a Fine-Gray model, whose
        variance here is the model's and not the robust one.
    ties : {"efron", "breslow"}
    before : array, shape (replicates,), optional
        Coefficients, some of them NaN, near which these are expected; 1 by default.

    Returns
    -------
    NaN where there is no event, the linear predictor is constant, or it separates perfectly.
    """
    columns = np.broadcast_to(linear, weights.shape)[:, :, None]
    start = np.ones((1, 1))
    if before is not None:
        start = np.where(np.isfinite(before), before, 1.0)[:, None]
    fits = fit_rowwise(columns, times, weights, competing=competing, ties=ties, start=start)
    information = fits.information[:, 0, 0]
    usable = fits.usable & (information > 0) & (fits.beta[:, 0] != 0.0)
    safe = np.where(usable, information, 1.0)
    return np.where(usable, fits.beta[:, 0], np.nan), np.where(usable, 1.0 / safe, np.nan)


def measures_at_horizon(at: AtHorizon, risk: FloatArray) -> dict[str, FloatArray]:
    """Every measure by the horizon, shape (replicates,) each.

    Parameters
    ----------
    at : AtHorizon
        Patients and weightings: ``AtHorizon.of(exit, status, horizon, weights)``.
    risk : array, shape (replicates, n) or (1, n)
        Risks by the horizon that each replicate's model gives to the patients.

    Returns
    -------
    dict
        auc, brier, brier_scaled, observed_expected, ici, e50, e90, emax. NaN where a
        replicate does not allow the measure: nobody followed up to the horizon, no event
        before it.
    """
    found = at.performance(risk)
    smooth = smoothed_risk(at, risk, between=(found.low, found.high))
    return {**found.measures, **calibration_errors(at, risk, smooth)}
