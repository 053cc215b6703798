"""Calibration and discrimination by calendar window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.validation.discrimination import roc_auc
from vertebrisk.validation.measures import in_the_large

Calendar = Literal["month", "quarter", "year"]
FEWEST = 10  # events, and non-events, of a window with a slope and a C-index
WINDOWS = {
    "window": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "complete": pl.Boolean,
    "n": pl.Int64,
    "n_events": pl.Int64,
    "expected": pl.Float64,
    "observed_expected": pl.Float64,
    "observed_expected_low": pl.Float64,
    "observed_expected_high": pl.Float64,
    "in_the_large": pl.Float64,
    "in_the_large_low": pl.Float64,
    "in_the_large_high": pl.Float64,
    "slope": pl.Float64,
    "slope_low": pl.Float64,
    "slope_high": pl.Float64,
    "c_index": pl.Float64,
    "c_index_low": pl.Float64,
    "c_index_high": pl.Float64,
}
_Limits = tuple[float | None, float | None, float | None]
_NOTHING: _Limits = (None, None, None)


def by_window(
    dates: pl.Series, event: BoolArray, risk: FloatArray, window: Calendar | float, level: float
) -> pl.DataFrame:
    """Observed against expected, calibration and C-index of each window.

    Parameters
    ----------
    dates : polars.Series of dates, shape (n,)
        Ascending.
    event : bool array, shape (n,)
    risk : array, shape (n,)
    window : {"month", "quarter", "year"} or float
        A part of the calendar, or the expected events after which a window is full. That is
        what the model expects, not what was observed: a window that ends with an event has
        more of them than it should.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        window, start, end (first and last patient), complete (False for a last window that
        is not full), n, n_events, expected, then observed_expected, in_the_large, slope and
        c_index with limits. Slope and C-index are null under 10 events or non-events.
    """
    codes, open_end = _codes(dates, risk, window)
    z = float(normal_quantile(0.5 + level / 2.0))
    rows = []
    for code in range(int(codes.max()) + 1):
        own = codes == code
        first, last = dates.filter(pl.Series(own))[[0, -1]]
        rows.append(
            (
                _name(first, last, window),
                first,
                last,
                not (open_end and code == codes.max()),
                *_measured(event[own], risk[own], level, z),
            )
        )
    return pl.DataFrame(rows, schema=WINDOWS, orient="row")


def _codes(dates: pl.Series, risk: FloatArray, window: Calendar | float) -> tuple[IntArray, bool]:
    """The window of each patient from 0, and whether the last one is not full."""
    if isinstance(window, str):
        steps = {"month": "1mo", "quarter": "1q", "year": "1y"}
        begins = dates.dt.truncate(steps[window])
        return begins.rank("dense").to_numpy().astype(np.int64) - 1, False
    codes, code, expected = np.empty(risk.size, np.int64), 0, 0.0
    for patient, chance in enumerate(risk):
        codes[patient] = code
        expected += float(chance)
        if expected >= window:
            code, expected = code + 1, 0.0
    return codes, expected > 0.0


def _name(first: object, last: object, window: Calendar | float) -> str:
    text = str(first)
    match window:
        case "year":
            return text[:4]
        case "quarter":
            return f"{text[:4]}-Q{(int(text[5:7]) + 2) // 3}"
        case "month":
            return text[:7]
        case _:
            return text[:7] if text[:7] == str(last)[:7] else f"{text[:7]} to {str(last)[:7]}"


def _measured(event: BoolArray, risk: FloatArray, level: float, z: float) -> Iterator[object]:
    n, n_events, expected = event.size, int(event.sum()), float(risk.sum())
    yield from (n, n_events, expected)
    yield from _ratio(n, n_events, expected, level, z)
    target = event.astype(np.float64)
    inside = bool(((risk > 0.0) & (risk < 1.0)).all())
    linear = np.log(risk) - np.log1p(-risk) if inside else np.empty(0)
    both = min(n_events, n - n_events)
    large: _Limits = _NOTHING
    if inside and both > 0:
        centre, error = in_the_large(linear, target)
        large = (centre, centre - z * error, centre + z * error)
    yield from large
    yield from _slope(linear, target, z) if inside and both >= FEWEST else _NOTHING
    if both < FEWEST:
        yield from _NOTHING
    else:
        area = roc_auc(event, risk, level=level)
        yield from (area.estimate, area.conf_low, area.conf_high)


def _ratio(n: int, n_events: int, expected: float, level: float, z: float) -> _Limits:
    """Observed over expected as `calibration`; with no or only events to the exact limit."""
    if expected <= 0.0:
        return _NOTHING
    farthest = ((1.0 - level) / 2.0) ** (1.0 / n)
    if n_events == 0:
        return 0.0, 0.0, n * (1.0 - farthest) / expected
    if n_events == n:
        return n / expected, n * farthest / expected, n / expected
    reach = float(np.exp(z * np.sqrt((1.0 - n_events / n) / n_events)))
    ratio = n_events / expected
    return ratio, ratio / reach, ratio * reach


def _slope(linear: FloatArray, target: FloatArray, z: float) -> _Limits:
    columns = np.column_stack([np.ones_like(linear), linear])
    fit = fit_logistic_batch(columns, target, np.ones((1, linear.size)))
    if fit.deficient[0] or not fit.converged[0]:
        return _NOTHING
    slope, error = float(fit.beta[0, 1]), float(np.sqrt(fit.covariance()[1, 1]))
    return slope, slope - z * error, slope + z * error
