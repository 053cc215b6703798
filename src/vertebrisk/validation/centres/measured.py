"""What one centre says of a model of the others: measures, their errors, and why one is lacking."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import CalibrationWarning
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.meta_analysis.effects import Scale, log_observed_expected
from vertebrisk.kernels.ranks import clustered_auc_variance, delong_covariance
from vertebrisk.validation.agreement import calibration

# The measures that are pooled, each on the scale on which it is about normal between centres.
SCALES: Mapping[str, Scale] = {
    "c_index": "logit",
    "slope": "identity",
    "in_the_large": "identity",
    "observed_expected": "log",
}
LEAST_EXPECTED = 1.0  # events, of a centre whose ratio is pooled
Reason = Literal[
    "no events",
    "events only",
    "one event",
    "one non-event",
    "less than one event expected",
    "one risk",
    "scores part the outcomes",
    "a risk of 0 or 1",
    "the others have one outcome",
    "the others give no finite estimate",
    "the others lack a variable",
    "a stratum is in no other centre",
    "followed for too short a time",
    "the others were followed for too short a time",
    "no two can be compared",
]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of one centre, with what is pooled of it.

    Attributes
    ----------
    value : float
        As it is read.
    low, high : float or None
    scaled, error : float or None
        Value and standard error on the scale of pooling, see `SCALES`; None where the centre
        cannot be pooled.
    """

    value: float
    low: float | None = None
    high: float | None = None
    scaled: float | None = None
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Centre:
    """One centre.

    Attributes
    ----------
    name : str
    n, n_events : int
    measures : mapping
        By the names of `SCALES`; those that do not exist are not there.
    brier : float or None
    finite : bool or None
        Whether the others gave a finite estimate; None where they gave no model.
    reasons : tuple of str
        Why measures are lacking, or are not pooled.
    """

    name: str
    n: int
    n_events: int
    measures: Mapping[str, Measure]
    brier: float | None
    finite: bool | None
    reasons: tuple[Reason, ...]


def unmeasured(name: str, n: int, n_events: int, reason: Reason) -> Centre:
    """A centre for which the others gave no model."""
    return Centre(name, n, n_events, {}, None, None, (reason,))


def binary_centre(
    name: str,
    event: BoolArray,
    linear: FloatArray,
    clusters: IntArray | None,
    level: float,
    *,
    finite: bool,
) -> Centre:
    """A centre by log-odds that were made without it.

    Parameters
    ----------
    event : bool array, shape (n,)
    linear : array, shape (n,)
        Log-odds.
    clusters : int array, shape (n,), or None
        Patient of each row, for the error of C.
    level : float
    finite : bool
        Whether the model that gave `linear` has a finite estimate; without one neither slope nor
        calibration in the large is meaningful.
    """
    risk = np.asarray(expit(linear))
    n, n_events = event.size, int(event.sum())
    brier = float(np.mean((event - risk) ** 2))
    expected = float(risk.sum())
    reasons: list[Reason] = [] if finite else ["the others give no finite estimate"]
    if expected < LEAST_EXPECTED:
        reasons.append("less than one event expected")
    if n_events in (0, n):
        reasons.append("events only" if n_events else "no events")
        ratio = one_sided_ratio(n_events, expected, n)
        measures = {"observed_expected": with_enough_expected(ratio, expected)}
        return Centre(name, n, n_events, measures, brier, finite, tuple(reasons))
    area = _area(event, linear, clusters, level)
    measures = {"c_index": area, **_agreement(event, risk, level, finite=finite)}
    ratio = measures["observed_expected"]
    measures["observed_expected"] = with_enough_expected(ratio, expected)
    reasons += _lacking(event, risk, measures, finite=finite)
    return Centre(name, n, n_events, measures, brier, finite, tuple(reasons))


def logit_measure(value: float, error: float, level: float) -> Measure:
    """A C-index with limits on its own scale, cut to [0, 1], ready to be pooled as a logit."""
    if not error > 0.0:
        return Measure(value)
    reach = float(normal_quantile(0.5 + level / 2)) * error
    low, high = max(value - reach, 0.0), min(value + reach, 1.0)
    if not 0.0 < value < 1.0:
        return Measure(value, low, high)
    spread = value * (1.0 - value)
    return Measure(value, low, high, math.log(value / (1.0 - value)), error / spread)


def one_sided_ratio(n_events: int, expected: float, n: int) -> Measure:
    """Observed over expected where none or all have the event.

    Where none has it, half an event is added to both and one patient to all for pooling: left out,
    such centres would draw the pooled ratio upwards. Where all have it the error is that of
    no sampling at all, so the ratio is not pooled.
    """
    if n_events:
        return Measure(n_events / expected)
    half = np.array([0.5])
    scaled, variance = log_observed_expected(half, expected + half, np.array([n + 1.0]))
    return Measure(0.0, scaled=float(scaled[0]), error=math.sqrt(variance[0]))


def with_enough_expected(ratio: Measure, expected: float) -> Measure:
    """The ratio, not to be pooled where less than one event is expected.

    There it is 0 or large, and neither its logarithm nor the error of that is of any use.
    Whether a centre is so small does not depend on its outcomes.
    """
    if expected >= LEAST_EXPECTED:
        return ratio
    return replace(ratio, scaled=None, error=None)


def _area(event: BoolArray, linear: FloatArray, clusters: IntArray | None, level: float) -> Measure:
    """C with DeLong's error, Obuchowski's where rows are clustered."""
    areas, covariance = delong_covariance(event, linear[None])
    variance = float(covariance[0, 0])
    if clusters is not None:
        variance = clustered_auc_variance(event, linear, clusters)
    error = math.sqrt(variance) if variance > 0.0 and np.ptp(linear) > 0.0 else 0.0
    return logit_measure(float(areas[0]), error, level)


def _agreement(
    event: BoolArray, risk: FloatArray, level: float, *, finite: bool
) -> dict[str, Measure]:
    with warnings.catch_warnings():  # the smoothed numbers, of which it warns, are not used
        warnings.simplefilter("ignore", CalibrationWarning)
        found = calibration(event, risk, level=level)
    width = 2.0 * float(normal_quantile(0.5 + level / 2))
    measures = {}
    wanted = ("slope", "in_the_large", "observed_expected")
    for name in wanted if finite else wanted[2:]:
        value, low, high = (getattr(found, name + end) for end in ("", "_low", "_high"))
        if value is None:
            continue
        if SCALES[name] == "log":
            error = (math.log(high) - math.log(low)) / width
            measures[name] = Measure(value, low, high, math.log(value), error)
        else:
            measures[name] = Measure(value, low, high, value, (high - low) / width)
    return measures


def _lacking(
    event: BoolArray, risk: FloatArray, measures: Mapping[str, Measure], *, finite: bool
) -> Iterator[Reason]:
    """Why a centre with both outcomes has no slope, or no C that can be pooled."""
    if np.ptp(risk) == 0.0:
        yield "one risk"
        return
    if ((risk <= 0.0) | (risk >= 1.0)).any():
        yield "a risk of 0 or 1"
    elif measures["c_index"].value in (0.0, 1.0) or (finite and "slope" not in measures):
        yield "scores part the outcomes"
    if event.sum() == 1:
        yield "one event"
    elif (~event).sum() == 1:
        yield "one non-event"
