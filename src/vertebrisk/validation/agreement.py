"""Do predicted risks agree with what happened? The numbers of calibration."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_event,
    as_risks,
    check_choice,
    check_fraction,
    check_positive_int,
    check_seed,
)
from vertebrisk._types import BoolArray, FloatArray, Json, Smoother
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.sampling import ControlSampling, SourcePopulation
from vertebrisk.validation.curves import BAND_LIMIT, risk_distribution
from vertebrisk.validation.measures import LOESS_LIMIT, SPLINE_NAME, in_the_large
from vertebrisk.validation.observed import (
    CURVE_SCHEMA,
    GAPS,
    Observed,
    gap_limits,
    observed_risk,
)
from vertebrisk.validation.results import CalibrationCurve

if TYPE_CHECKING:
    from vertebrisk.cohort.scanning.patient_scan import PatientScan

Limits = tuple[float | None, float | None, float | None]
NO_LIMITS: Limits = (None, None, None)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of risks on patients; intervals are Wald's.

    `intercept` and `slope` are fitted jointly, `in_the_large` with the log-odds as offset;
    all three are None when a risk is exactly 0 or 1, whose log-odds are infinite, and the
    first two when all risks are equal.
    `smoother` names what ici, e50, e90 and emax were read from; their limits are bootstrapped,
    None without resamples. `eci`, the estimated calibration index, is a hundred times the mean
    squared gap between curve and risk, as CalibrationCurves. `curve` is that smoother with its
    pointwise band, drawn by `plot_calibration` above the distribution of the risks; `corrected`
    is null in it. Where risks divide the patients with the event from the others a spline has no
    finite estimate: these are None, and the curve is empty.
    """

    n: int
    n_events: int
    intercept: float | None
    intercept_low: float | None
    intercept_high: float | None
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    in_the_large: float | None
    in_the_large_low: float | None
    in_the_large_high: float | None
    observed_expected: float
    observed_expected_low: float
    observed_expected_high: float
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
    eci: float | None
    brier: float
    brier_scaled: float
    smoother: str
    curve: CalibrationCurve

    def to_dict(self) -> Json:
        """JSON form."""
        numbers = {name: getattr(self, name) for name in self.__slots__[:-1]}
        return {**numbers, "curve": self.curve.to_dict()}


def calibration(
    event: ArrayLike | str,
    risk: ArrayLike | str,
    *,
    prevalence: float | None = None,
    smoother: Smoother | None = None,
    resamples: int = 0,
    seed: int = 1,
    level: float = 0.95,
    scan: PatientScan | None = None,
) -> Calibration:
    """Do predicted risks agree with what happened?

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    risk : array-like, shape (n,)
        Predicted probabilities, 0 to 1 (not percent).
    prevalence : float, optional
        Where controls were sampled, the prevalence in the population for which the risks are
        meant; it is taken for known. `n` and `n_events` stay those of the sample.
    smoother : {"loess", "spline"}, optional
        What the curve, ici, e50, e90 and emax are: loess of degree 2 and span 0.75 on the risk,
        as R's with ``surface = "direct"``, or a logistic model on a restricted cubic spline of the
        log-odds with 5 knots at Harrell's quantiles, as ``rms::lrm`` and CalibrationCurves (fewer
        where the risks do not allow as many). By default loess up to 10,000 patients, the spline
        past them.
    resamples, seed
        Bootstrap resamples for the limits of ici, e50, e90 and emax, and their seed; 0 for none.
        Loess is not resampled past 5,000 patients.
    level : float
        Confidence level; the band's, too.
    scan : PatientScan, optional
        Patients that need not fit into memory (see `scan_table`); `event` and `risk` are then
        names of its columns, without missing values. The
        smoother is the spline; there are no resamples, and no `prevalence`.

    Returns
    -------
    Calibration

    Raises
    ------
    ArgumentError
        For missing values, a single class, values that are not probabilities, and loess past
        10,000 patients, whose sums grow with their square.

    Warns
    -----
    CalibrationWarning
        Under 200 events or non-events, where the smoothed numbers are unreliable (Van
        Calster 2016, doi:10.1016/j.jclinepi.2015.12.005), when a risk is 0 or 1, and where a
        spline has no finite estimate.

    References
    ----------
    Austin and Steyerberg 2019 (ICI), doi:10.1002/sim.8281
    """
    if scan is not None:
        from vertebrisk.validation.streamed.performance import scanned_calibration

        check_fraction(level, "level")
        if prevalence is not None or smoother == "loess" or resamples != 0:
            raise ArgumentError(
                "A scan is calibrated by the spline, without prevalence and resamples. Read the "
                "patients by read_table for these."
            )
        return scanned_calibration(scan, str(event), str(risk), level)
    outcome = as_event(event)
    values = as_risks(risk, "risk", outcome.size)
    check_fraction(level, "level")
    check_seed(seed)
    if resamples != 0:
        check_positive_int(resamples, "resamples")
    means = _smoother(smoother, outcome.size)
    z = float(normal_quantile(0.5 + level / 2.0))
    target = outcome.astype(np.float64)
    warn_few(int(min(outcome.sum(), (~outcome).sum())))
    sampling = None if prevalence is None else SourcePopulation(prevalence).sampled(outcome)
    joint, large = _regressions(values, target, z, sampling)
    linear = log_odds(values)
    observed = observed_risk(linear, target, means, sampling, z)
    warn_no_curve(observed)
    limits = {}
    if observed is not None and resamples:
        draws = (resamples, seed, level)
        limits = gap_limits(linear, target, means, sampling, observed.gaps, draws)
    weights = np.ones(target.size) if sampling is None else sampling.weights(target)
    rate = float(weights @ target) / target.size
    totals = Totals(
        n=target.size,
        n_events=int(target.sum()),
        rate=rate,
        expected=float(weights @ values),
        brier=float(weights @ (target - values) ** 2) / target.size,
        ratio_error=_ratio_error(values, outcome, rate, sampling),
    )
    distribution = risk_distribution(values, target)
    return calibrated(totals, joint, large, (observed, limits), distribution, z)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over patients, of the population where controls were sampled.

    `rate` is the share with the event, `expected` the sum of the risks, and `ratio_error` the
    standard error of the logarithm of observed over expected.
    """

    n: int
    n_events: int
    rate: float
    expected: float
    brier: float
    ratio_error: float


def calibrated(
    totals: Totals,
    joint: tuple[Limits, Limits],
    large: Limits,
    smooth: tuple[Observed | None, dict[str, tuple[float, float]]],
    distribution: pl.DataFrame,
    z: float,
) -> Calibration:
    """The calibration of its parts: sums, regressions, the smooth curve with limits of its gaps."""
    observed, limits = smooth
    expected, rate = totals.expected, totals.rate
    ratio = rate * totals.n / expected if expected > 0 else float("inf")
    reach = float(np.exp(z * totals.ratio_error))
    return Calibration(
        n=totals.n,
        n_events=totals.n_events,
        intercept=joint[0][0],
        intercept_low=joint[0][1],
        intercept_high=joint[0][2],
        slope=joint[1][0],
        slope_low=joint[1][1],
        slope_high=joint[1][2],
        in_the_large=large[0],
        in_the_large_low=large[1],
        in_the_large_high=large[2],
        observed_expected=ratio,
        observed_expected_low=ratio / reach,
        observed_expected_high=ratio * reach,
        **_gaps(observed, limits),
        eci=None if observed is None else observed.eci,
        brier=totals.brier,
        brier_scaled=1.0 - totals.brier / (rate * (1.0 - rate)),
        smoother=SPLINE_NAME if observed is None else observed.name,
        curve=_curve(observed, distribution),
    )


def warn_few(smallest: int) -> None:
    """Say that a smooth curve of few patients is unreliable."""
    if smallest < BAND_LIMIT:
        warnings.warn(
            f"Only {smallest} patients in the smaller outcome group: ici, e50, e90 and emax are "
            f"unreliable below {BAND_LIMIT}; read intercept and slope.",
            CalibrationWarning,
            stacklevel=3,
        )


def warn_no_curve(observed: Observed | None, way_out: str = "Use loess, or collect") -> None:
    """Say that no spline has a finite estimate, where there is no curve."""
    if observed is None:
        warnings.warn(
            "The risks divide the patients with the event from the others: no spline has a finite "
            f"estimate, so there is no curve. {way_out} more patients.",
            CalibrationWarning,
            stacklevel=3,
        )


def _smoother(asked: Smoother | None, size: int) -> Smoother:
    if asked is None:
        return "loess" if size <= LOESS_LIMIT else "spline"
    check_choice(asked, "smoother", Smoother)
    if asked == "loess" and size > LOESS_LIMIT:
        raise ArgumentError(
            f"smoother is 'loess' with {size:,} patients; its sums grow with their square, so it "
            f"is for {LOESS_LIMIT:,} at most. Use 'spline'."
        )
    return asked


def log_odds(risk: FloatArray) -> FloatArray:
    """Log-odds, those of risks of 0 and 1 finite."""
    inside = np.clip(risk, 1e-15, 1.0 - 1e-15)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _gaps(
    observed: Observed | None, limits: dict[str, tuple[float, float]]
) -> dict[str, float | None]:
    """ici, e50, e90 and emax with their limits."""
    found: dict[str, float | None] = {}
    for name in GAPS:
        low, high = limits.get(name, (None, None))
        value = None if observed is None else observed.gaps[name]
        found |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return found


def _curve(observed: Observed | None, distribution: pl.DataFrame) -> CalibrationCurve:
    if observed is None:
        return CalibrationCurve(pl.DataFrame(schema=CURVE_SCHEMA), distribution, SPLINE_NAME, None)
    return CalibrationCurve(observed.frame, distribution, observed.name, None)


def _ratio_error(
    values: FloatArray, outcome: BoolArray, rate: float, sampling: ControlSampling | None
) -> float:
    """Standard error of the logarithm of observed over expected.

    In a cohort the observed number is what varies; with a known prevalence it is the mean
    risk, from the risks of cases and of controls.
    """
    if sampling is None:
        return float(np.sqrt((1.0 - rate) / outcome.sum()))
    cases, controls = values[outcome], values[~outcome]
    mean = rate * cases.mean() + (1.0 - rate) * controls.mean()
    spread = rate**2 * cases.var() / cases.size + (1.0 - rate) ** 2 * controls.var() / controls.size
    return float(np.sqrt(spread) / mean) if mean > 0 else float("inf")


def _regressions(
    values: FloatArray, target: FloatArray, z: float, sampling: ControlSampling | None
) -> tuple[tuple[Limits, Limits], Limits]:
    extreme = int(((values <= 0.0) | (values >= 1.0)).sum())
    if extreme:
        warn_extreme(extreme)
        return (NO_LIMITS, NO_LIMITS), NO_LIMITS
    linear = np.log(values) - np.log1p(-values)
    offset = 0.0 if sampling is None else sampling.offset
    added = 0.0 if sampling is None else sampling.intercept_variance
    large = around(*in_the_large(linear + offset, target), z, added)
    columns = np.column_stack([np.ones_like(linear), linear])
    fit = fit_logistic_batch(columns, target, np.ones((1, linear.size)))
    return joint_limits(fit, z, offset, added), large


def warn_extreme(count: int) -> None:
    """Say that risks of exactly 0 or 1 have no log-odds."""
    warnings.warn(
        f"{count} risks are exactly 0 or 1; their log-odds are infinite, so calibration "
        "intercept and slope do not exist.",
        CalibrationWarning,
        stacklevel=4,
    )


def around(centre: float, error: float, z: float, added: float = 0.0) -> Limits:
    """An estimate and Wald's limits, with a variance that is added to its own."""
    reach = z * float(np.sqrt(max(error**2 + added, 0.0)))
    return centre, centre - reach, centre + reach


def joint_limits(
    fit: LogisticFits, z: float, offset: float = 0.0, added: float = 0.0
) -> tuple[Limits, Limits]:
    """Intercept and slope of the regression on the log-odds; None without a finite estimate."""
    if fit.deficient[0] or not fit.converged[0]:
        return NO_LIMITS, NO_LIMITS
    variances = np.maximum(np.diag(fit.covariance()) + np.array([added, 0.0]), 0.0)
    (intercept, slope), errors = fit.beta[0] - np.array([offset, 0.0]), np.sqrt(variances)
    return (
        around(float(intercept), float(errors[0]), z),
        around(float(slope), float(errors[1]), z),
    )
