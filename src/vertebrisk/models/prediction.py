"""Risks of new patients from a RiskModel, with intervals, points and flags."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._checks import check_fraction, listed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.design.encode import Encoded, encode
from vertebrisk.errors import DataError, ModelError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.models.baseline import Baseline
from vertebrisk.models.flagging import Flags
from vertebrisk.models.survival.reading import stratum_label

if TYPE_CHECKING:
    from vertebrisk.models.risk_model import RiskModel

ROWS = 16_384  # patients whose columns are held at once: they stay near the processor
CHUNK = 500_000  # numbers of draws by patients held at once
MAX_THREADS = 4
GROUP = 16  # patients of one matrix product
PATTERNS = 4096  # most combinations of levels of which each is scored once

Risks = tuple[FloatArray, FloatArray, FloatArray]
Codes = Mapping[str, FloatArray]


def predict_frame(
    model: RiskModel, data: object, horizon: float | None, level: float
) -> pl.DataFrame:
    """See `RiskModel.predict`."""
    check_fraction(level, "level")
    frame = as_polars(data)
    encoded = encode(model.design, frame)
    strata = None if horizon is None or model.population.refuses_risks else _strata(model, frame)
    scores = _scored_by_pattern(model, encoded.codes, frame.height, strata, horizon, level)
    return pl.DataFrame(
        {
            "risk": scores.risks[0],
            "conf_low": scores.risks[1],
            "conf_high": scores.risks[2],
            "linear_predictor": scores.linear,
            "total_points": _points(model, scores.linear),
            "flags": _flags(model, encoded, scores.known, strata, horizon).column(),
        }
    ).fill_nan(None)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What is known of every row: can it be scored, linear predictor, risk and its limits."""

    known: BoolArray
    linear: FloatArray
    risks: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """The different strata of a table, their baselines, and which of them every row has.

    A stratum that the model does not know has the baseline None.
    """

    rows: list[tuple[object, ...]]
    baselines: list[Baseline | None]
    of: IntArray

    def within(self, part: slice, horizon: float) -> Iterator[tuple[Baseline, BoolArray]]:
        """Each baseline that reaches a horizon, with those of some rows that have it."""
        of = self.of[part]
        for place in np.unique(of):
            baseline = self.baselines[place]
            if baseline is not None and horizon <= baseline.limit:
                yield baseline, np.asarray(of == place)

    def remark(self, place: int, names: tuple[str, ...], horizon: float) -> list[str]:
        """Why a stratum has no risk by a horizon."""
        row, baseline = self.rows[place], self.baselines[place]
        absent = [name for name, value in zip(names, row, strict=True) if value is None]
        if absent:
            return [f"missing: {name}" for name in absent]
        if baseline is None:
            return [f"unknown stratum: {stratum_label(row)}"]
        return ["beyond the follow-up of its stratum"] if horizon > baseline.limit else []


def _scored_by_pattern(
    model: RiskModel,
    codes: Codes,
    size: int,
    strata: Strata | None,
    horizon: float | None,
    level: float,
) -> Scores:
    """Every row scored; where few combinations of levels are possible, each of these once."""
    patterns = None if model.strata else _patterns(model.design, codes, size)
    if patterns is None:
        return _scored(model, codes, size, strata, horizon, level)
    distinct, of, count = patterns
    if strata is not None:
        strata = Strata(strata.rows, strata.baselines, np.zeros(count, dtype=np.intp))
    scores = _scored(model, distinct, count, strata, horizon, level)
    return Scores(scores.known[of], scores.linear[of], scores.risks[:, of])


def _patterns(design: Design, codes: Codes, size: int) -> tuple[Codes, IntArray, int] | None:
    """Combinations of levels that occur, which of them each row has, and their number.

    None where a predictor is a number, or there are about as many combinations as rows.
    """
    counts = tuple(len(each.levels) + 1 for each in design.predictors)  # one for missing
    possible = math.prod(counts)
    categorical = all(each.categorical for each in design.predictors)
    if not categorical or not counts or possible > min(PATTERNS, size):
        return None
    places = [
        np.where(np.isnan(codes[each.name]), len(each.levels), codes[each.name]).astype(np.intp)
        for each in design.predictors
    ]
    pattern = np.ravel_multi_index(places, counts)
    occurs = np.bincount(pattern, minlength=possible) > 0
    present = np.flatnonzero(occurs)
    distinct = {
        each.name: np.where(place == len(each.levels), np.nan, place.astype(np.float64))
        for each, place in zip(design.predictors, np.unravel_index(present, counts), strict=True)
    }
    return distinct, (np.cumsum(occurs) - 1)[pattern], present.size


def _scored(
    model: RiskModel,
    codes: Codes,
    size: int,
    strata: Strata | None,
    horizon: float | None,
    level: float,
) -> Scores:
    """Every row scored, some at a time, so that memory does not grow with their columns."""
    scores = Scores(np.zeros(size, np.bool_), np.full(size, np.nan), np.full((3, size), np.nan))
    parts = [slice(start, min(start + ROWS, size)) for start in range(0, size, ROWS)]

    def score(part: slice) -> None:
        matrix = _matrix(model.design, codes, part)
        scores.known[part] = use = ~np.isnan(matrix).any(axis=1)
        if model.population.refuses_risks:
            return
        linear = np.where(use, model.intercept + matrix @ model.beta, np.nan)
        scores.linear[part] = linear
        risks = scores.risks[:, part]
        if horizon is None:
            risks[:, use] = _logistic(model, matrix[use], linear[use], level)
        elif strata is not None:
            for baseline, rows in strata.within(part, horizon):
                use_rows = use & rows
                risks[:, use_rows] = _by_horizon(model, baseline, matrix[use_rows], horizon, level)

    threads = min(MAX_THREADS, len(parts), os.cpu_count() or 1)
    if threads <= 1:
        for part in parts:
            score(part)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(score, parts))
    return scores


def _matrix(design: Design, codes: Codes, part: slice) -> FloatArray:
    """Columns of some rows."""
    if not design.terms:
        return np.empty((part.stop - part.start, 0))
    return design.matrix({name: values[part] for name, values in codes.items()})


def _points(model: RiskModel, linear: FloatArray) -> FloatArray:
    try:
        nomogram = model.nomogram()
    except ModelError:
        return np.full(linear.size, np.nan)
    return (linear - nomogram.intercept) * nomogram.points_per_unit


def _logistic(model: RiskModel, matrix: FloatArray, linear: FloatArray, level: float) -> Risks:
    """Risk and limits, these from the log-odds scale."""
    columns = np.column_stack([np.ones(matrix.shape[0]), matrix])
    low = high = np.full(linear.size, np.nan)
    if model.interval_kind == "model-based" and model.covariance is not None:
        variance = _forms(model.covariance, columns)
        reach = float(normal_quantile(0.5 + level / 2.0)) * np.sqrt(np.maximum(variance, 0.0))
        low, high = linear - reach, linear + reach
    elif model.interval_kind == "procedure-bootstrap" and model.draws is not None:
        low, high = _percentiles(model.draws, columns, level)
    return expit(linear), expit(low), expit(high)


def _by_horizon(
    model: RiskModel, baseline: Baseline, matrix: FloatArray, horizon: float, level: float
) -> Risks:
    """Risk and limits, these from the logarithm of the cumulative hazard.

    The variance of a patient's cumulative hazard is that of ``survfit`` of a ``coxph``
    model.
    """
    hazard, variance, mean = baseline.at(horizon)
    linear = matrix @ model.beta
    log_hazard = linear + (np.log(hazard) if hazard > 0 else -np.inf)
    low = high = np.full(linear.size, np.nan)
    if hazard**2 == 0.0:  # nothing happened yet, or too little for a relative error
        return _risk_of(log_hazard), low, high
    if model.interval_kind == "model-based" and model.covariance is not None:
        gap = matrix - mean / hazard
        spread = variance / hazard**2 + _forms(model.covariance, gap)
        reach = float(normal_quantile(0.5 + level / 2.0)) * np.sqrt(np.maximum(spread, 0.0))
        low, high = log_hazard - reach, log_hazard + reach
    elif model.interval_kind == "procedure-bootstrap" and model.draws is not None:
        draws = _draws_at(model, baseline, horizon)
        if draws is not None:
            columns = np.column_stack([np.ones(matrix.shape[0]), matrix])
            low, high = _percentiles(draws, columns, level)
    return _risk_of(log_hazard), _risk_of(low), _risk_of(high)


def _forms(matrix: FloatArray, rows: FloatArray) -> FloatArray:
    """Quadratic form of every row, summed term by term.

    The terms of nearly collinear columns cancel, so another order gives other digits: the
    calculator and the service sum in this one.
    """
    columns = np.ascontiguousarray(rows.T)
    found, product = np.zeros(rows.shape[0]), np.empty(rows.shape[0])
    for weights, own in zip(matrix, columns, strict=True):
        inner = np.zeros(rows.shape[0])
        for weight, column in zip(weights, columns, strict=True):
            inner += np.multiply(column, weight, out=product)
        found += np.multiply(inner, own, out=product)
    return found


def _risk_of(log_hazard: FloatArray) -> FloatArray:
    return np.asarray(-np.expm1(-np.exp(np.minimum(log_hazard, 700.0))))


def _draws_at(model: RiskModel, baseline: Baseline, horizon: float) -> FloatArray | None:
    """Log baseline hazard and coefficients of every draw; only the horizons have one."""
    if model.draws is None or horizon not in model.horizons:
        return None
    size = model.beta.size
    place = model.baselines.index(baseline) * len(model.horizons) + model.horizons.index(horizon)
    return np.column_stack([model.draws[:, size + place], model.draws[:, :size]])


def _strata(model: RiskModel, frame: pl.DataFrame) -> Strata:
    """The stratum of every row; all are of one where the model has none."""
    if not model.strata:
        return Strata([()], [model.baselines[0]], np.zeros(frame.height, dtype=np.intp))
    lacking = [name for name in model.strata if name not in frame.columns]
    if lacking:
        raise DataError(
            f"The model needs {listed(lacking)} to choose a baseline, which the data do not have."
        )
    places: dict[tuple[object, ...], int] = {}
    rows = frame.select(model.strata).iter_rows()
    of = np.fromiter((places.setdefault(row, len(places)) for row in rows), np.intp, frame.height)
    known = {each.stratum: each for each in model.baselines}
    found = [None if None in row else known.get(stratum_label(row)) for row in places]
    return Strata(list(places), found, of)


def _percentiles(
    draws: FloatArray, columns: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of every row, as `numpy.quantile` interpolates them."""
    tail = (1.0 - level) / 2.0
    block = max(1, CHUNK // draws.shape[0] // GROUP) * GROUP
    limits = np.empty((2, columns.shape[0]))
    for start in range(0, columns.shape[0], block):
        ordered = _by_draw(draws, columns[start : start + block])
        ordered.sort(axis=1)
        for limit, share in zip(limits, (tail, 1.0 - tail), strict=True):
            place = share * (draws.shape[0] - 1)
            below = math.floor(place)
            low, high = ordered[:, below], ordered[:, min(below + 1, draws.shape[0] - 1)]
            limit[start : start + block] = low + (high - low) * (place - below)
    return limits[0], limits[1]


def _by_draw(draws: FloatArray, columns: FloatArray) -> FloatArray:
    """Linear predictor of every row by every draw, shape (n, draws).

    A product of a few rows at a time is too small for the threads of a BLAS, which on a busy
    machine wait for one another longer than they work.
    """
    whole = columns.shape[0] // GROUP * GROUP
    found = np.empty((columns.shape[0], draws.shape[0]))
    groups = columns[:whole].reshape(-1, GROUP, columns.shape[1])
    np.matmul(groups, draws.T, out=found[:whole].reshape(-1, GROUP, draws.shape[0]))
    np.matmul(columns[whole:], draws.T, out=found[whole:])
    return found


def _flags(
    model: RiskModel,
    encoded: Encoded,
    known: BoolArray,
    strata: Strata | None,
    horizon: float | None,
) -> Flags:
    flags = Flags(known.size)
    population = model.population
    if population.refuses_risks:
        flags.mark(known, f"no risk: controls were matched on {listed(population.matched)}")
    elif population.design == "case-control" and population.prevalence is None:
        flags.mark(known, "risk in a sample of controls, not in a population")
    for predictor in model.design.predictors:
        values, unusable = encoded.codes[predictor.name], encoded.unusable[predictor.name]
        word = "unknown level" if predictor.categorical else "not a number"
        flags.mark(unusable, f"{word}: {predictor.name}")
        flags.mark(np.isnan(values) & ~unusable, f"missing: {predictor.name}")
        if not predictor.categorical and predictor.limits is not None:
            with np.errstate(invalid="ignore"):
                beyond = (values < predictor.limits[0]) | (values > predictor.limits[1])
            flags.mark(beyond, f"extrapolation: {predictor.name}")
    flags.mark(~known & flags.none, "outside the domain of a transformation")
    for rule, condition in zip(model.consistency, model.conditions, strict=True):
        flags.mark(condition.broken(encoded.codes), rule.flag)
    if strata is not None and horizon is not None:
        _flag_strata(model, strata, known, horizon, flags)
    return flags


def _flag_strata(
    model: RiskModel, strata: Strata, known: BoolArray, horizon: float, flags: Flags
) -> None:
    for place, baseline in enumerate(strata.baselines):
        for remark in strata.remark(place, model.strata, horizon):
            rows = strata.of == place
            flags.mark(rows if baseline is None else rows & known, remark)
