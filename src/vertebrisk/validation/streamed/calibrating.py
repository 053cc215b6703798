"""Calibration of the risks of a scan, by a spline at any number of patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl
from scipy.special import expit, logit

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.scanned_knots import spread_of_column
from vertebrisk.design.splines import placed
from vertebrisk.engines.columns import Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, Sums, added
from vertebrisk.engines.logistic import Regression, RowsOf, fit_logistic_stream
from vertebrisk.engines.quantiles import order_statistics
from vertebrisk.errors import FitError
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.streamed.rows import Rows, complete
from vertebrisk.kernels.streamed.values import ValueCounts, counted_together, counted_values
from vertebrisk.validation.agreement import (
    NO_LIMITS,
    Calibration,
    Limits,
    Totals,
    around,
    calibrated,
    joint_limits,
    log_odds,
    warn_extreme,
    warn_few,
    warn_no_curve,
)
from vertebrisk.validation.observed import (
    GAPS,
    GRID,
    KNOTS,
    Observed,
    curve_frame,
    spline_columns,
    spline_curve,
    spline_name,
)
from vertebrisk.validation.streamed.risks import EVENT, LINEAR, RISK, Scored

GAP = "gap"
HELD = 65_536  # patients of whom a fit that is not proved is made in memory
NEARLY = 1e-12  # a quantile so near to a rank is that rank, as in `weighted_quantiles`


def calibration_of(
    scored: Scored, ends: tuple[float, float], distribution: pl.DataFrame, z: float
) -> Calibration:
    """The calibration with a spline's curve between the two risks at its ends."""
    sums = scored.sums
    warn_few(min(sums.n_events, sums.n - sums.n_events))
    joint, large = _regressions(scored, z)
    first, last = expit(log_odds(np.array(ends)))
    observed = _observed(scored, np.linspace(first, last, GRID), z)
    warn_no_curve(observed)
    rate = sums.n_events / sums.n
    totals = Totals(
        n=sums.n,
        n_events=sums.n_events,
        rate=rate,
        expected=sums.risk_events + sums.risk_others,
        brier=sums.squares / sums.n,
        ratio_error=float(np.sqrt((1.0 - rate) / sums.n_events)),
    )
    return calibrated(totals, joint, large, (observed, {}), distribution, z)


def _regressions(scored: Scored, z: float) -> tuple[tuple[Limits, Limits], Limits]:
    if scored.sums.extreme:
        warn_extreme(scored.sums.extreme)
        return (NO_LIMITS, NO_LIMITS), NO_LIMITS
    alone = _fitted(scored, _offset_rows)
    large = around(float(alone.beta[0, 0]), float(np.sqrt(alone.covariance()[0, 0])), z)
    return joint_limits(_fitted(scored, partial(_spline_rows, places=np.empty(0))), z), large


def _fitted(scored: Scored, rows_of: RowsOf) -> LogisticFits:
    """The fit; converged where its maximum is proved to be finite.

    Of few patients, whose numbers may not prove it, the kernel for patients in memory does.
    """
    names = (EVENT, LINEAR)
    found = fit_logistic_stream(Regression(scored.engine, scored.columns, names, rows_of))
    if found.finite or found.fits.separated[0] or scored.sums.n > HELD:
        return replace(found.fits, converged=np.array([found.finite]))
    parts = scored.engine.collect(scored.columns, names, partial(_held, rows_of=rows_of))
    columns, target, offset = (np.concatenate(each) for each in zip(*parts, strict=True))
    return fit_logistic_batch(columns, target, np.ones((1, target.size)), offset)


def _held(chunk: Chunk, rows_of: RowsOf) -> tuple[FloatArray, FloatArray, FloatArray]:
    rows, _, _ = complete(rows_of(chunk))
    offset = np.zeros(rows.size) if rows.offset is None else rows.offset
    return np.column_stack([np.ones(rows.size), *rows.columns]), rows.target, offset


def _offset_rows(chunk: Chunk) -> Rows:
    return Rows((), chunk.values[EVENT], offset=chunk.values[LINEAR])


def _spline_rows(chunk: Chunk, places: FloatArray | None) -> Rows:
    columns = spline_columns(chunk.values[LINEAR], places)
    return Rows(tuple(columns.T[1:]), chunk.values[EVENT])


def _observed(scored: Scored, grid: FloatArray, z: float) -> Observed | None:
    """The spline of most knots that has a finite estimate; see `observed_risk`."""
    for places in _knots(scored):
        fit = _fitted(scored, partial(_spline_rows, places=places))
        if fit.deficient[0] or not fit.converged[0]:
            continue
        curve = spline_curve(fit, spline_columns(logit(grid), places), z)
        gaps, squares = _gaps(scored, fit.beta[0], places)
        return Observed(
            spline_name(places), curve_frame(grid, *curve), gaps, 100.0 * squares / scored.sums.n
        )
    return None


def _knots(scored: Scored) -> Iterator[FloatArray | None]:
    """Five, four and three knots at Harrell's quantiles, as far as there are, and none."""
    if scored.sums.lowest == scored.sums.greatest:
        yield None
        return
    engine, columns = scored.engine, scored.columns
    counts = engine.reduce(columns, (LINEAR,), _values, counted_together, "knots")
    spread = spread_of_column(engine, columns, LINEAR, counts)
    for count in range(KNOTS, 2, -1):
        try:
            yield placed(spread, count, "the log-odds")
        except FitError:
            break
    yield np.empty(0)


def _values(chunk: Chunk) -> ValueCounts:
    return counted_values(chunk.values[LINEAR])


def _gaps(
    scored: Scored, beta: FloatArray, places: FloatArray | None
) -> tuple[dict[str, float], float]:
    """ICI, E50, E90 and Emax of the curve, and the sum of the squared gaps."""
    made = Made(
        scored.columns.made[RISK].sources,
        partial(_gap, linear=scored.columns.made[LINEAR].make, beta=beta, places=places),
    )
    columns = DerivedColumns(scored.columns.columns, {GAP: made})
    total, squares = scored.engine.reduce(columns, (GAP,), _gap_sums, added, "gaps")
    shares = np.array([0.5, 0.9, 1.0])
    ranks = partial(_ranks, shares=shares)
    found = order_statistics(scored.engine, columns, (GAP,), ranks).values[0, 0]
    low, high = np.split(found, 2)
    position = (scored.sums.n - 1) * shares
    share = position - np.floor(position + NEARLY)
    middle, ninety, largest = low + np.where(share < NEARLY, 0.0, share) * (high - low)
    values = (total / scored.sums.n, middle, ninety, largest)
    return dict(zip(GAPS, map(float, values), strict=True)), float(squares)


def _gap(
    read: Mapping[str, Values],
    linear: Callable[[Mapping[str, Values]], Values],
    beta: FloatArray,
    places: FloatArray | None,
) -> FloatArray:
    scores = linear(read)
    smooth = expit(spline_columns(scores, places) @ beta)
    return np.asarray(np.abs(smooth - expit(scores)))


def _gap_sums(chunk: Chunk) -> Sums:
    gaps = chunk.values[GAP]
    known = gaps[~np.isnan(gaps)]
    return np.asarray(known.sum()), np.asarray(known @ known)


def _ranks(size: int, shares: FloatArray) -> IntArray:
    low = np.floor((size - 1) * shares + NEARLY).astype(np.int64)
    return np.concatenate([low, np.minimum(low + 1, size - 1)])
