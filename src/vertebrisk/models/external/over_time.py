"""Every measure of risks by a horizon on new patients who were followed, with its interval."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.kernels.survival.censoring import CENSORED, COMPETING, EVENT
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.external.case_mix import expected_concordance
from vertebrisk.models.external.measuring import (
    GAPS,
    SCHEMA,
    Resamples,
    Row,
    limits_of,
    moved_limits_of,
)
from vertebrisk.models.external.results import ExternalHorizon
from vertebrisk.validation.results import DecisionCurve, Estimate
from vertebrisk.validation.survival.calibration import (
    CalibrationSurvival,
    calibration_survival,
    slope_of,
    slope_with_limits,
)
from vertebrisk.validation.survival.classification import classification_survival
from vertebrisk.validation.survival.concordance import Concordance, ConcordanceKind, concordance
from vertebrisk.validation.survival.decision import decision_curve_survival, incidence_by
from vertebrisk.validation.survival.groups import observed_incidence
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.over_time import brier_survival, time_dependent_auc
from vertebrisk.validation.survival.smoothing import (
    calibration_errors,
    calibration_slopes,
    smoothed_risk,
)

HELD = 400_000  # frequencies of patients held at once
FEWEST = 100  # resamples, however many patients there are
CURVED, MOST_CURVED = 300_000, 20_000  # patients under resampled curves, in all and of one
SCORED, ACTED = 5_000_000, 20_000_000  # patients under resampled scores, and decisions
FARTHEST = 50.0  # a shift of log(-log(1 - risk)) beyond this moves every risk to 0 or 1
HALVINGS = 90


def measured_by(
    exit: FloatArray,
    status: IntArray,
    risk: FloatArray,
    horizon: float,
    thresholds: FloatArray,
    resamples: Resamples,
) -> ExternalHorizon:
    """Discrimination, calibration and net benefit of risks by a horizon.

    Parameters
    ----------
    exit : array, shape (n,)
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    risk : array, shape (n,)
        Of the event by the horizon, 0 to 1.
    horizon : float
        Inside follow-up, with an event by it.
    thresholds : array, shape (k,)
        None for no decision curve.
    resamples : Resamples
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)  # findings say it
        agreement = calibration_survival(exit, status, risk, horizon, level=resamples.level)
    observed, error, low, high = observed_incidence(exit, status, horizon, resamples.level)
    z = float(normal_quantile(0.5 + resamples.level / 2.0))
    rows = [
        *_ranking(exit, status, risk, horizon, resamples.level),
        _in_the_large(risk, observed, error, z),
        ("observed_expected", *_oe(agreement), "Wald"),
        _slope(exit, status, risk, horizon, z),
        *_accuracy(exit, status, risk, horizon, agreement, resamples),
    ]
    return ExternalHorizon(
        horizon=horizon,
        n=exit.size,
        n_events=agreement.n_events,
        n_competing=int(((status == COMPETING) & (exit <= horizon)).sum()),
        n_unknown=agreement.n_unknown,
        n_followed=int((exit >= horizon).sum()),
        observed=Estimate(observed, _finite(low), _finite(high)),
        expected=agreement.expected,
        auc_expected=expected_concordance(risk),
        measures=pl.DataFrame([_named(row) for row in rows], schema=SCHEMA, orient="row"),
        smoother=agreement.smoother,
        calibration=agreement.curve,
        groups=agreement.groups.drop("low", "high"),  # they are patients' own risks
        decision=_decision(exit, status, risk, horizon, thresholds, resamples),
        classes=classification_survival(
            exit, status, risk, horizon, thresholds, level=resamples.level
        )
        if thresholds.size
        else None,
    )


def over_follow_up(
    exit: FloatArray,
    status: IntArray,
    linear: FloatArray,
    strata: IntArray | None,
    against: tuple[float, float] | None,
    level: float,
) -> pl.DataFrame:
    """Measures that belong to no horizon: c_index, in_the_large, observed_expected, slope.

    Parameters
    ----------
    exit, status
        As in `measured_by`.
    linear : array, shape (n,)
        The linear predictor, or log(-log(1 - risk)) by one horizon.
    strata : int array, shape (n,), or None
        Patients are compared inside these.
    against : (float, float), or None
        Events seen, and those expected: the cumulative hazards of the patients at the end of
        their follow-up.
    level : float
    """
    z = float(normal_quantile(0.5 + level / 2.0))
    rows: list[Row] = [_harrell(exit, status, linear, None, strata, level)]
    if against is not None:
        rows += _against_expected(*against, z)
    rows.append(_slope_over(exit, status, linear, strata, z))
    return pl.DataFrame([_named(row) for row in rows], schema=SCHEMA, orient="row")


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _named(row: Row) -> Row:
    """Without the name of an interval that is not there."""
    name, value, low, high, how = row
    value, low, high = _finite(value), _finite(low), _finite(high)
    known = value is not None and low is not None and high is not None
    return (name, value, low, high, how) if known else (name, value, None, None, "")


def _ranking(
    exit: FloatArray, status: IntArray, risk: FloatArray, horizon: float, level: float
) -> list[Row]:
    area = time_dependent_auc(exit, status, risk, horizon, level=level).frame.row(0, named=True)
    limits = area["estimate"], area["conf_low"], area["conf_high"]
    rows: list[Row] = [
        ("auc", *limits, "influence function"),
        _harrell(exit, status, risk, horizon, None, level),
    ]
    if not np.any(status == COMPETING):
        uno = _concordance(exit, status == EVENT, risk, horizon, None, level, "uno")
        rows.append(_of_concordance("c_index_uno", uno))
    return rows


def _harrell(
    exit: FloatArray,
    status: IntArray,
    score: FloatArray,
    horizon: float | None,
    strata: IntArray | None,
    level: float,
) -> Row:
    """Who had the competing event never has the event (Wolbers et al. 2009)."""
    never = np.where(status == COMPETING, exit.max() + 1.0, exit)
    found = _concordance(never, status == EVENT, score, horizon, strata, level, "harrell")
    return _of_concordance("c_index", found)


def _concordance(
    exit: FloatArray,
    event: BoolArray,
    score: FloatArray,
    horizon: float | None,
    strata: IntArray | None,
    level: float,
    kind: ConcordanceKind,
) -> Concordance | None:
    try:
        return concordance(exit, event, score, kind=kind, tau=horizon, strata=strata, level=level)
    except ArgumentError:  # no two patients can be compared
        return None


def _of_concordance(name: str, found: Concordance | None) -> Row:
    if found is None:
        return name, None, None, None, ""
    return name, found.estimate, found.conf_low, found.conf_high, "jackknife"


def _oe(agreement: CalibrationSurvival) -> tuple[float, float | None, float | None]:
    low, high = agreement.observed_expected_low, agreement.observed_expected_high
    return agreement.observed_expected, low, high


def _in_the_large(risk: FloatArray, observed: float, error: float, z: float) -> Row:
    """By what log(-log(1 - risk)) is to be moved so that the mean risk is the observed share."""
    hazard = -np.log1p(-np.minimum(risk, 1.0 - 1e-15))

    def mean(shift: float) -> float:
        return float(-np.expm1(-hazard * np.exp(shift)).mean())

    low, high = -FARTHEST, FARTHEST
    if not mean(low) < observed < mean(high):
        return "in_the_large", None, None, None, ""
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if mean(middle) < observed else (low, middle)
    moved = hazard * np.exp(low)
    reach = z * error / float((moved * np.exp(-moved)).mean())
    return "in_the_large", low, low - reach, low + reach, "Wald"


def _against_expected(observed: float, expected: float, z: float) -> list[Row]:
    """Events against those expected, of a Poisson model with the expected as offset."""
    if observed == 0.0 or expected <= 0.0:
        return [(name, None, None, None, "") for name in ("in_the_large", "observed_expected")]
    centre, reach = float(np.log(observed / expected)), z / float(np.sqrt(observed))
    ends = centre, centre - reach, centre + reach
    ratio, low, high = (float(np.exp(each)) for each in ends)
    return [("in_the_large", *ends, "Wald"), ("observed_expected", ratio, low, high, "Wald")]


def _slope(exit: FloatArray, status: IntArray, risk: FloatArray, horizon: float, z: float) -> Row:
    """Of events up to the horizon; to see on afterwards adds nothing."""
    ended = np.where(exit <= horizon, status, CENSORED)
    found = slope_with_limits(exit, ended, risk, z)
    return "slope", found["slope"], found["slope_low"], found["slope_high"], "Wald"


def _slope_over(
    exit: FloatArray, status: IntArray, linear: FloatArray, strata: IntArray | None, z: float
) -> Row:
    if np.any(status == COMPETING):
        found = slope_of(exit, status, linear, z)
        return "slope", found["slope"], found["slope_low"], found["slope_high"], "Wald"
    times = SurvivalTimes(exit, status == EVENT, None, strata)
    slopes, variances = calibration_slopes(linear[None], times, np.ones((1, exit.size)))
    slope, reach = float(slopes[0]), z * float(np.sqrt(variances[0]))
    return "slope", slope, slope - reach, slope + reach, "Wald"


def _accuracy(
    exit: FloatArray,
    status: IntArray,
    risk: FloatArray,
    horizon: float,
    agreement: CalibrationSurvival,
    resamples: Resamples,
) -> list[Row]:
    brier = brier_survival(exit, status, risk, horizon, level=resamples.level).frame
    own = brier.filter(model="model").row(0, named=True)
    rows: list[Row] = [
        ("brier", own["brier"], own["conf_low"], own["conf_high"], "influence function")
    ]
    several = agreement.n_events > 1
    drawn = _drawn(exit, status, risk, horizon, resamples) if several else {}
    for name in ("brier_scaled", *GAPS):
        value = _finite(getattr(agreement, name))
        values = drawn.get(name, np.empty(0))
        values = values[np.isfinite(values)]
        if value is None or values.size < 2:
            rows.append((name, value, None, None, ""))
        elif name in GAPS:
            rows.append((name, value, *moved_limits_of(values, value, resamples.level)))
        else:
            rows.append((name, value, *limits_of(values, resamples.level), "bootstrap"))
    return rows


def _drawn(
    exit: FloatArray, status: IntArray, risk: FloatArray, horizon: float, resamples: Resamples
) -> dict[str, FloatArray]:
    """Scaled Brier score of every resample; the curve's gaps of the first ones."""
    number = min(resamples.number, max(FEWEST, SCORED // exit.size))
    curved = min(number, max(FEWEST, CURVED // exit.size)) if exit.size <= MOST_CURVED else 0
    block = max(1, HELD // exit.size)
    parts: dict[str, list[FloatArray]] = {name: [np.empty(0)] for name in ("brier_scaled", *GAPS)}
    for first in range(0, number, block):
        resamples.progress(f"resamples, horizon {horizon:g}", first, number)
        size = min(block, number - first)
        weights = bootstrap_weights(exit.size, size, resamples.seed, first=first)
        weights = weights[weights @ ((status == EVENT) & (exit <= horizon)) > 0]
        if not weights.shape[0]:
            continue
        at = AtHorizon.of(exit, status, horizon, weights)
        parts["brier_scaled"].append(at.brier_scaled(risk[None]))
        smoothed = weights[: max(curved - first, 0)]
        if smoothed.shape[0]:
            at = AtHorizon.of(exit, status, horizon, smoothed)
            found = calibration_errors(at, risk[None], smoothed_risk(at, risk[None]))
            for name, values in found.items():
                parts[name].append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _decision(
    exit: FloatArray,
    status: IntArray,
    risk: FloatArray,
    horizon: float,
    thresholds: FloatArray,
    resamples: Resamples,
) -> DecisionCurve | None:
    if thresholds.size == 0:
        return None
    most = max(FEWEST, ACTED // (exit.size * thresholds.size))
    frame = decision_curve_survival(
        exit,
        status,
        risk,
        horizon,
        thresholds,
        resamples=min(resamples.number, most),
        seed=resamples.seed,
        level=resamples.level,
    )
    everyone = np.ones((1, exit.size))
    return DecisionCurve(frame, float(incidence_by(exit, status, horizon, everyone)[0]))
