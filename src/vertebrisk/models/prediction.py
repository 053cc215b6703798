"""Risks of new patients from a RiskModel, with intervals, points and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._checks import check_fraction, listed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.encode import Encoded, encode
from vertebrisk.errors import DataError, ModelError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.models.baseline import Baseline
from vertebrisk.models.survival.reading import stratum_label

if TYPE_CHECKING:
    from vertebrisk.models.risk_model import RiskModel

CHUNK = 20_000_000  # numbers of draws by patients held at once

Risks = tuple[FloatArray, FloatArray, FloatArray]


def predict_frame(
    model: RiskModel, data: object, horizon: float | None, level: float
) -> pl.DataFrame:
    """See `RiskModel.predict`."""
    check_fraction(level, "level")
    frame = as_polars(data)
    encoded = encode(model.design, frame)
    size = frame.height
    matrix = model.design.matrix(encoded.codes) if model.design.terms else np.empty((size, 0))
    known = np.asarray(~np.isnan(matrix).any(axis=1))
    linear = np.where(known, model.intercept + matrix @ model.beta, np.nan)
    flags = _flags(model, encoded, known)
    risks = np.full((3, size), np.nan)
    if model.population.refuses_risks:
        linear = np.full(size, np.nan)
    elif horizon is None:
        risks[:, known] = _logistic(model, matrix[known], linear[known], level)
    else:
        for baseline, rows in _strata(model, frame, flags):
            use = rows & known
            if horizon > baseline.limit:
                _mark(flags, use, "beyond the follow-up of its stratum")
            elif use.any():
                risks[:, use] = _by_horizon(model, baseline, matrix[use], horizon, level)
    return pl.DataFrame(
        {
            "risk": risks[0],
            "conf_low": risks[1],
            "conf_high": risks[2],
            "linear_predictor": linear,
            "total_points": _points(model, linear),
            "flags": ["; ".join(each) for each in flags],
        },
        schema_overrides={"flags": pl.String},
    ).fill_nan(None)


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
        variance = np.einsum("np,pq,nq->n", columns, model.covariance, columns)
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
        spread = variance / hazard**2 + np.einsum("np,pq,nq->n", gap, model.covariance, gap)
        reach = float(normal_quantile(0.5 + level / 2.0)) * np.sqrt(np.maximum(spread, 0.0))
        low, high = log_hazard - reach, log_hazard + reach
    elif model.interval_kind == "procedure-bootstrap" and model.draws is not None:
        draws = _draws_at(model, baseline, horizon)
        if draws is not None:
            columns = np.column_stack([np.ones(matrix.shape[0]), matrix])
            low, high = _percentiles(draws, columns, level)
    return _risk_of(log_hazard), _risk_of(low), _risk_of(high)


def _risk_of(log_hazard: FloatArray) -> FloatArray:
    return np.asarray(-np.expm1(-np.exp(np.minimum(log_hazard, 700.0))))


def _draws_at(model: RiskModel, baseline: Baseline, horizon: float) -> FloatArray | None:
    """Log baseline hazard and coefficients of every draw; only the horizons have one."""
    if model.draws is None or horizon not in model.horizons:
        return None
    size = model.beta.size
    place = model.baselines.index(baseline) * len(model.horizons) + model.horizons.index(horizon)
    return np.column_stack([model.draws[:, size + place], model.draws[:, :size]])


def _strata(
    model: RiskModel, frame: pl.DataFrame, flags: list[list[str]]
) -> list[tuple[Baseline, BoolArray]]:
    """Every baseline with the rows that it belongs to; rows of no stratum are flagged."""
    size = frame.height
    if not model.strata:
        return [(model.baselines[0], np.ones(size, np.bool_))]
    lacking = [name for name in model.strata if name not in frame.columns]
    if lacking:
        raise DataError(
            f"The model needs {listed(lacking)} to choose a baseline, which the data do not have."
        )
    rows = list(frame.select(model.strata).iter_rows())
    own = ["" if None in row else stratum_label(row) for row in rows]
    known = {baseline.stratum for baseline in model.baselines}
    for position, row in enumerate(rows):
        absent = [name for name, level in zip(model.strata, row, strict=True) if level is None]
        flags[position] += [f"missing: {name}" for name in absent]
        if not absent and own[position] not in known:
            flags[position].append(f"unknown stratum: {own[position]}")
    return [
        (baseline, np.array([name == baseline.stratum for name in own], dtype=np.bool_))
        for baseline in model.baselines
    ]


def _percentiles(
    draws: FloatArray, columns: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    tail = (1.0 - level) / 2.0
    distinct, of = np.unique(columns, axis=0, return_inverse=True)
    block = max(1, CHUNK // draws.shape[0])
    parts = [
        np.quantile(draws @ distinct[start : start + block].T, (tail, 1.0 - tail), axis=0)
        for start in range(0, distinct.shape[0], block)
    ]
    low, high = np.concatenate(parts, axis=1)[:, of.reshape(-1)]
    return low, high


def _flags(model: RiskModel, encoded: Encoded, known: BoolArray) -> list[list[str]]:
    flags: list[list[str]] = [[] for _ in range(known.size)]
    population = model.population
    if population.refuses_risks:
        _mark(flags, known, f"no risk: controls were matched on {listed(population.matched)}")
    elif population.design == "case-control" and population.prevalence is None:
        _mark(flags, known, "risk in a sample of controls, not in a population")
    for predictor in model.design.predictors:
        values, unusable = encoded.codes[predictor.name], encoded.unusable[predictor.name]
        word = "unknown level" if predictor.categorical else "not a number"
        _mark(flags, unusable, f"{word}: {predictor.name}")
        _mark(flags, np.isnan(values) & ~unusable, f"missing: {predictor.name}")
        if not predictor.categorical and predictor.limits is not None:
            with np.errstate(invalid="ignore"):
                beyond = (values < predictor.limits[0]) | (values > predictor.limits[1])
            _mark(flags, beyond, f"extrapolation: {predictor.name}")
    for position in np.flatnonzero(~known):
        if not flags[position]:
            flags[position].append("outside the domain of a transformation")
    return flags


def _mark(flags: list[list[str]], where: BoolArray, text: str) -> None:
    for position in np.flatnonzero(where):
        flags[position].append(text)
