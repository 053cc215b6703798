"""Calibration of the risks of a scan, by a spline at any number of patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from scipy.special import expit, logit

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.scanned_knots import spread_of_column
from vertebrisk.design.splines import placed
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, Engine, Sums, added
from vertebrisk.engines.logistic import fit_logistic_stream
from vertebrisk.engines.logistic_passes import Regression, RowsOf
from vertebrisk.engines.quantiles import order_statistics
from vertebrisk.errors import FitError
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.streamed.rows import Rows, complete
from vertebrisk.kernels.streamed.values import ValueCounts, counted_together, counted_values
from vertebrisk.validation.agreement import (
    NO_LIMITS,
    Calibration,
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


@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """The spline of most knots that has a finite estimate, and how far it is from the risks.

    Attributes
    ----------
    places : array or None
        Knots; none of a line, None where all risks are one.
    fit : LogisticFits
    gaps : dict
        ici, e50, e90 and emax.
    squares : float
        Sum of the squared gaps.
    """

    places: FloatArray | None
    fit: LogisticFits
    gaps: dict[str, float]
    squares: float


def smooth_of(scored: Scored) -> Smooth | None:
    """The smooth curve of risks; None where no spline has a finite estimate."""
    for places in _knots(scored):
        fit = _fitted(scored, partial(_spline_rows, places=places))
        if fit.converged[0] and not fit.deficient[0]:
            return Smooth(places, fit, *_gaps(scored, fit.beta[0], places))
    return None


def joint_fit(scored: Scored) -> LogisticFits | None:
    """Of the outcome on the log-odds; None where one of these is infinite."""
    if scored.sums.extreme:
        return None
    return _fitted(scored, partial(_spline_rows, places=np.empty(0)))


def offset_fit(scored: Scored) -> LogisticFits | None:
    """Of a constant, the log-odds being an offset; None where one of these is infinite."""
    return None if scored.sums.extreme else _fitted(scored, _offset_rows)


def calibration_of(
    scored: Scored,
    fits: tuple[LogisticFits | None, LogisticFits | None],
    smooth: Smooth | None,
    drawn: tuple[tuple[float, float], pl.DataFrame],
    z: float,
) -> Calibration:
    """The calibration of its parts.

    `fits` are `joint_fit` and `offset_fit`; `drawn` the two risks between which the curve is
    drawn, and the distribution.
    """
    sums = scored.sums
    warn_few(min(sums.n_events, sums.n - sums.n_events))
    joint, alone = fits
    if sums.extreme:
        warn_extreme(sums.extreme)
    observed = None if smooth is None else _observed(smooth, drawn[0], sums.n, z)
    warn_no_curve(observed, "Collect")
    large = NO_LIMITS
    if alone is not None:
        large = around(float(alone.beta[0, 0]), float(np.sqrt(alone.covariance()[0, 0])), z)
    rate = sums.n_events / sums.n
    totals = Totals(
        n=sums.n,
        n_events=sums.n_events,
        rate=rate,
        expected=sums.risk_events + sums.risk_others,
        brier=sums.squares / sums.n,
        ratio_error=float(np.sqrt((1.0 - rate) / sums.n_events)),
    )
    pair = (NO_LIMITS, NO_LIMITS) if joint is None else joint_limits(joint, z)
    return calibrated(totals, pair, large, (observed, {}), drawn[1], z)


def _observed(smooth: Smooth, ends: tuple[float, float], size: int, z: float) -> Observed:
    first, last = expit(log_odds(np.array(ends)))
    grid = np.linspace(first, last, GRID)
    curve = spline_curve(smooth.fit, spline_columns(logit(grid), smooth.places), z)
    name, eci = spline_name(smooth.places), 100.0 * smooth.squares / size
    return Observed(name, curve_frame(grid, *curve), smooth.gaps, eci)


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
    return gap_measures(scored.engine, columns, scored.sums.n)


def gap_measures(engine: Engine, columns: Columns, size: int) -> tuple[dict[str, float], float]:
    """ICI, E50, E90 and Emax of `size` gaps in the column `GAP`, and the sum of their squares."""
    total, squares = engine.reduce(columns, (GAP,), _gap_sums, added, "gaps")
    shares = np.array([0.5, 0.9, 1.0])
    ranks = partial(_ranks, shares=shares)
    found = order_statistics(engine, columns, (GAP,), ranks).values[0, 0]
    low, high = np.split(found, 2)
    position = (size - 1) * shares
    share = position - np.floor(position + NEARLY)
    middle, ninety, largest = low + np.where(share < NEARLY, 0.0, share) * (high - low)
    values = (total / size, middle, ninety, largest)
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
