"""Risks of new patients from a RiskModel, with intervals, points and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._checks import check_fraction
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.encode import Encoded, encode
from vertebrisk.errors import ModelError
from vertebrisk.kernels.distributions import normal_quantile

if TYPE_CHECKING:
    from vertebrisk.models.risk_model import RiskModel

CHUNK = 20_000_000  # numbers of draws by patients held at once


def predict_frame(model: RiskModel, data: object, level: float) -> pl.DataFrame:
    """See `RiskModel.predict`."""
    check_fraction(level, "level")
    frame = as_polars(data)
    encoded = encode(model.design, frame)
    size = frame.height
    matrix = model.design.matrix(encoded.codes) if model.design.terms else np.empty((size, 0))
    columns = np.column_stack([np.ones(size), matrix])
    known = np.asarray(~np.isnan(matrix).any(axis=1))
    linear = np.where(known, columns @ np.concatenate([[model.intercept], model.beta]), np.nan)
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    if known.any():
        low[known], high[known] = _interval(model, columns[known], linear[known], level)
    return pl.DataFrame(
        {
            "risk": expit(linear),
            "conf_low": expit(low),
            "conf_high": expit(high),
            "linear_predictor": linear,
            "total_points": _points(model, linear),
            "flags": _flags(model, encoded, known),
        },
        schema_overrides={"flags": pl.String},
    ).fill_nan(None)


def _points(model: RiskModel, linear: FloatArray) -> FloatArray:
    try:
        nomogram = model.nomogram()
    except ModelError:
        return np.full(linear.size, np.nan)
    return (linear - nomogram.intercept) * nomogram.points_per_unit


def _interval(
    model: RiskModel, columns: FloatArray, linear: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits on the log-odds scale."""
    if model.interval_kind == "model-based" and model.covariance is not None:
        variance = np.einsum("np,pq,nq->n", columns, model.covariance, columns)
        reach = float(normal_quantile(0.5 + level / 2.0)) * np.sqrt(np.maximum(variance, 0.0))
        return linear - reach, linear + reach
    if model.interval_kind == "procedure-bootstrap" and model.draws is not None:
        return _percentiles(model.draws, columns, level)
    nothing = np.full(linear.size, np.nan)
    return nothing, nothing


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


def _flags(model: RiskModel, encoded: Encoded, known: BoolArray) -> list[str]:
    flags: list[list[str]] = [[] for _ in range(known.size)]
    if model.population.design == "case-control":
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
    unscored = ~known
    for position in np.flatnonzero(unscored):
        if not flags[position]:
            flags[position].append("outside the domain of a transformation")
    return ["; ".join(each) for each in flags]


def _mark(flags: list[list[str]], where: BoolArray, text: str) -> None:
    for position in np.flatnonzero(where):
        flags[position].append(text)
