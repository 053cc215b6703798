"""Do risks of an event by a horizon agree with what happened?"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_risks, check_fraction, check_positive_int, check_seed
from vertebrisk._types import FloatArray, IntArray, Json
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.kernels.steps import inverse_information
from vertebrisk.kernels.survival.baseline import baseline_hazards, hazard_variance
from vertebrisk.kernels.survival.censoring import COMPETING, EVENT
from vertebrisk.kernels.survival.fine_gray_inference import fine_gray_inference
from vertebrisk.kernels.survival.moments import Moments
from vertebrisk.kernels.survival.splines import spline_rows
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.curves import BAND_LIMIT, BINS
from vertebrisk.validation.observed import GAPS, HELD, moved_limits
from vertebrisk.validation.results import CalibrationCurve, column_dict
from vertebrisk.validation.survival.groups import (
    known_distribution,
    observed_incidence,
    risk_groups,
)
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.inputs import as_followed, as_horizon
from vertebrisk.validation.survival.smoothing import (
    SMOOTHER,
    SMOOTHER_COMPETING,
    SmoothedRisk,
    calibration_errors,
    calibration_slopes,
    complementary_log_log,
    smoothed_risk,
)

GRID = 101


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationSurvival:
    """Calibration of risks by a horizon.

    `observed` is the share with the event by the horizon, censoring allowed for, `expected`
    the mean risk. `slope` is the coefficient of log(-log(1 - risk)) in a Cox model (Fine and
    Gray's with competing events): below 1, risks are too extreme; None where it does not
    exist. ici, e50, e90 and emax are read from the curve of `smoother`, None where there is
    none; their limits are bootstrapped, None without resamples. `n_events` are those seen by the
    horizon, `n_unknown` the patients censored before it. `curve` is drawn by `plot_calibration`;
    its distribution leaves those patients out.
    `groups` holds groups of equal size: low, high, n, n_events, predicted (mean risk),
    observed, conf_low, conf_high.
    """

    n: int
    n_events: int
    n_unknown: int
    horizon: float
    observed: float
    observed_low: float | None
    observed_high: float | None
    expected: float
    observed_expected: float
    observed_expected_low: float | None
    observed_expected_high: float | None
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    ici: float | None
    ici_low: float | None
    ici_high: float | None
    e50: float | None
    e50_low: float | None
    e50_high: float | None
    e90: float | None
    e90_low: float | None
    e90_high: float | None
    emax: float | None
    emax_low: float | None
    emax_high: float | None
    brier: float
    brier_scaled: float
    smoother: str
    curve: CalibrationCurve
    groups: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form, risks of the groups rounded so that none is a patient's own."""
        numbers = {name: getattr(self, name) for name in self.__slots__[:-2]}
        groups = self.groups.with_columns(pl.col("low", "high", "predicted").round(4))
        return {**numbers, "curve": self.curve.to_dict(), "groups": column_dict(groups)}


def calibration_survival(
    time: ArrayLike,
    status: ArrayLike,
    risk: ArrayLike,
    horizon: float,
    *,
    grid: ArrayLike | None = None,
    groups: int = 5,
    resamples: int = 0,
    seed: int = 1,
    level: float = 0.95,
) -> CalibrationSurvival:
    """Do risks of an event by a horizon agree with what happened?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient to the first of event, competing event and censoring.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 a competing event; or booleans, True for the event.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon, 0 to 1 (not percent).
    horizon : float
        In the unit of `time`, inside follow-up.
    grid : array-like, shape (k,), optional
        Risks at which the curve is wanted; by default 101 from the smallest to the largest.
        Outside that range the curve is null.
    groups : int
        Number of groups of equal size.
    resamples, seed
        Bootstrap resamples for the limits of ici, e50, e90 and emax, and their seed; 0 for none.
    level : float
        Confidence level. The band and the groups' intervals are pointwise, on the scale
        log(-log(1 - p)).

    Returns
    -------
    CalibrationSurvival

    Raises
    ------
    ArgumentError
        For a horizon beyond follow-up or before the first event, and for values that are
        not probabilities.

    Warns
    -----
    CalibrationWarning
        Under 200 events, where the smoothed numbers are unreliable.

    References
    ----------
    Austin, Harrell and van Klaveren 2020 (curve, ICI), doi:10.1002/sim.8570.
    Austin, Putter, Giardiello and van Klaveren 2022 (competing risks),
    doi:10.1186/s41512-021-00114-6.
    """
    exit, codes = as_followed(time, status)
    when = as_horizon(horizon, exit, codes)
    risks = as_risks(risk, "risk", exit.size)
    check_positive_int(groups, "groups")
    check_fraction(level, "level")
    check_seed(seed)
    if resamples != 0:
        check_positive_int(resamples, "resamples")
    points = _grid(grid, risks)
    at = AtHorizon.of(exit, codes, when)
    events = int(at.cases.sum())
    if events < BAND_LIMIT:
        warnings.warn(
            f"Only {events} events by the horizon: ici, e50, e90 and emax are unreliable below "
            f"{BAND_LIMIT}; read slope and observed to expected.",
            CalibrationWarning,
            stacklevel=2,
        )
    smooth = smoothed_risk(at, risks[None])
    errors = calibration_errors(at, risks[None], smooth)
    drawn = _drawn_errors(at, risks, resamples, seed)
    share, error, low, high = observed_incidence(exit, codes, when, level)
    expected = float(risks.mean())
    z = float(normal_quantile(0.5 + level / 2.0))
    ratio = share / expected if expected > 0 else float("inf")
    reach = float(np.exp(z * error / share)) if share > 0 else float("nan")
    rival = bool(np.any(codes == COMPETING))
    curve = CalibrationCurve(
        _curve_frame(at, risks, smooth, points, z),
        known_distribution(exit, codes, risks, when, BINS),
        SMOOTHER_COMPETING if rival else SMOOTHER,
        None,
    )
    return CalibrationSurvival(
        n=exit.size,
        n_events=events,
        n_unknown=int(exit.size - at.cases.sum() - at.others.sum()),
        horizon=when,
        observed=share,
        observed_low=_known(low),
        observed_high=_known(high),
        expected=expected,
        observed_expected=ratio,
        observed_expected_low=_known(ratio / reach),
        observed_expected_high=_known(ratio * reach),
        **slope_with_limits(exit, codes, risks, z),
        **_gaps({name: float(value[0]) for name, value in errors.items()}, drawn, level),
        brier=float(at.brier(risks[None])[0]),
        brier_scaled=float(at.brier_scaled(risks[None])[0]),
        smoother=curve.smoother,
        curve=curve,
        groups=risk_groups(exit, codes, risks, when, groups=groups, level=level),
    )


def _grid(grid: ArrayLike | None, risks: FloatArray) -> FloatArray:
    if grid is None:
        return np.linspace(risks.min(), risks.max(), GRID)
    points = np.unique(as_risks(np.atleast_1d(np.asarray(grid)), "grid"))
    if points.size == 0:
        raise ArgumentError("grid is empty; give at least one risk.")
    return points


def _drawn_errors(
    at: AtHorizon, risks: FloatArray, resamples: int, seed: int
) -> dict[str, FloatArray]:
    """ici, e50, e90 and emax of each resample with an event by the horizon."""
    parts: dict[str, list[FloatArray]] = {name: [np.empty(0)] for name in GAPS}
    block = max(1, HELD // risks.size)
    for first in range(0, resamples, block):
        size = min(block, resamples - first)
        weights = bootstrap_weights(risks.size, size, seed, first=first)
        weights = weights[weights @ at.cases > 0]
        if weights.shape[0]:
            again = AtHorizon.of(at.exit, at.status, at.horizon, weights)
            smooth = smoothed_risk(again, risks[None])
            for name, values in calibration_errors(again, risks[None], smooth).items():
                parts[name].append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _gaps(
    errors: dict[str, float], drawn: dict[str, FloatArray], level: float
) -> dict[str, float | None]:
    """ici, e50, e90 and emax with their limits."""
    limits = moved_limits(drawn, errors, level)
    found: dict[str, float | None] = {}
    for name, value in errors.items():
        low, high = limits.get(name, (None, None))
        found |= {name: _known(value), f"{name}_low": low, f"{name}_high": high}
    return found


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def slope_with_limits(
    exit: FloatArray, status: IntArray, risks: FloatArray, z: float
) -> dict[str, float | None]:
    """`slope_of` of log(-log(1 - risk))."""
    return slope_of(exit, status, complementary_log_log(risks), z)


def slope_of(
    exit: FloatArray, status: IntArray, linear: FloatArray, z: float
) -> dict[str, float | None]:
    """Coefficient of linear predictors over all of the follow-up, with its limits.

    `z` is their normal quantile; slope, slope_low and slope_high are None where there is none.
    """
    linear = linear - linear.mean()
    rival = status == COMPETING
    times = SurvivalTimes(exit, status == EVENT)
    slopes, variances = calibration_slopes(
        linear[None], times, np.ones((1, exit.size)), competing=rival if rival.any() else None
    )
    slope, variance = float(slopes[0]), float(variances[0])
    if not np.isfinite(slope):
        return dict.fromkeys(("slope", "slope_low", "slope_high"))
    if rival.any():
        beta, information = np.array([slope]), np.array([[1.0 / variance]])
        found = fine_gray_inference(linear[:, None], exit, status, beta, information)
        variance = float(found.covariance[0, 0])
    reach = z * float(np.sqrt(variance))
    return {"slope": slope, "slope_low": slope - reach, "slope_high": slope + reach}


def _curve_frame(
    at: AtHorizon, risks: FloatArray, smooth: SmoothedRisk, points: FloatArray, z: float
) -> pl.DataFrame:
    """The curve with its pointwise band, as `plot_calibration` reads it."""
    observed = smooth.at(points[None])[0]
    low, high = np.full(points.size, np.nan), np.full(points.size, np.nan)
    if smooth.fits.usable[0]:
        hazard, variance = _hazards(at, risks, smooth, points)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            reach = np.exp(z * np.sqrt(variance) / hazard)
            low, high = -np.expm1(-hazard / reach), -np.expm1(-hazard * reach)
        low, high = (np.where(np.isfinite(observed), limit, np.nan) for limit in (low, high))
    return pl.DataFrame(
        {
            "predicted": points,
            "apparent": observed,
            "corrected": np.full(points.size, np.nan),
            "conf_low": low,
            "conf_high": high,
        }
    ).fill_nan(None)


def _hazards(
    at: AtHorizon, risks: FloatArray, smooth: SmoothedRisk, points: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Cumulative hazard by the horizon at risks of the grid, and its variance, (k,) each."""
    columns = spline_rows(complementary_log_log(risks)[None], smooth.knots)[0]
    wanted = spline_rows(complementary_log_log(points)[None], smooth.knots)[0]
    used = np.ptp(columns, axis=0) > 0
    columns, wanted = columns[:, used], wanted[:, used]
    centre = columns.mean(axis=0)
    columns, wanted = columns - centre, wanted - centre
    beta = smooth.fits.beta[0, used]
    information = smooth.fits.information[0][np.ix_(used, used)]
    when = np.array([at.horizon])
    if np.any(at.status == COMPETING):
        found = fine_gray_inference(columns, at.exit, at.status, beta, information)
        baseline, covariance = found.baseline(when), found.covariance
    else:
        moments = Moments.of(columns, SurvivalTimes(at.exit, at.status == EVENT), beta)
        last = np.array([at.exit.max()])
        baseline = baseline_hazards(moments, beta, last)[0].at(when)
        covariance = inverse_information(information)
    hazard, variance = hazard_variance(baseline, wanted, beta, covariance)
    return hazard[:, 0], variance[:, 0]
