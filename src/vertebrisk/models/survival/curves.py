"""Survival curves of a fitted model, with intervals."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_numbers, listed
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.design.encode import encode
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.baseline import BaselineHazard, hazard_variance
from vertebrisk.models.survival.reading import stratum_label

CURVE = ("time", "survival", "conf_low", "conf_high", "cumulative_hazard", "std_error")


class Fitted(Protocol):
    """What a curve needs of a fit."""

    @property
    def design(self) -> Design:
        """Terms of the model."""

    @property
    def beta(self) -> FloatArray:
        """Coefficients, shape (p,)."""

    @property
    def cov(self) -> FloatArray:
        """Their covariance, shape (p, p)."""

    @property
    def strata(self) -> tuple[str, ...]:
        """Columns that make the strata."""

    @property
    def strata_levels(self) -> tuple[str, ...]:
        """Name of each stratum."""

    @property
    def baselines(self) -> tuple[BaselineHazard, ...]:
        """Baseline hazard of each stratum."""


def baseline_frame(fit: Fitted, level: float) -> pl.DataFrame:
    """See `CoxFit.baseline`."""
    zero = np.zeros((1, fit.beta.size))
    schema = {"stratum": pl.String, **dict.fromkeys(CURVE, pl.Float64)}
    parts = [
        pl.DataFrame(
            {
                "stratum": [name] * each.times.size,
                "time": each.times,
                **_curve(fit, zero, each, each.times, level),
            },
            schema=schema,
        )
        for name, each in zip(fit.strata_levels or ("",), fit.baselines, strict=True)
    ]
    return pl.concat(parts).fill_nan(None)


def predicted_curves(
    fit: Fitted, frame: pl.DataFrame, times: ArrayLike | None, level: float
) -> pl.DataFrame:
    """See `CoxFit.survival_curve`."""
    wanted = None if times is None else as_numbers(np.atleast_1d(np.asarray(times)), "times")
    if wanted is not None and (wanted < 0).any():
        raise ArgumentError("times holds negative times; they run from 0.")
    encoded = encode(fit.design, frame)
    matrix = fit.design.matrix(encoded.codes) if fit.design.terms else np.empty((frame.height, 0))
    strata = stratum_codes(fit, frame)
    schema = {"patient": pl.Int64, "stratum": pl.String, **dict.fromkeys(CURVE, pl.Float64)}
    parts = [pl.DataFrame(schema=schema)]
    for row, code in enumerate(strata):
        baseline = fit.baselines[code]
        moments = baseline.times if wanted is None else wanted
        columns = {
            "patient": [row] * moments.size,
            "stratum": [fit.strata_levels[code] if fit.strata else ""] * moments.size,
            "time": moments,
            **_curve(fit, matrix[row : row + 1], baseline, moments, level),
        }
        parts.append(pl.DataFrame(columns, schema=schema))
    return pl.concat(parts).fill_nan(None)


def stratum_codes(fit: Fitted, frame: pl.DataFrame) -> IntArray:
    """Stratum of each row of new data."""
    if not fit.strata:
        return np.zeros(frame.height, dtype=np.int64)
    lacking = [name for name in fit.strata if name not in frame.columns]
    if lacking:
        raise DataError(f"The model needs the stratum '{lacking[0]}', which the data do not have.")
    position = {name: code for code, name in enumerate(fit.strata_levels)}
    codes = [position.get(stratum_label(row), -1) for row in frame.select(fit.strata).iter_rows()]
    if -1 in codes:
        raise DataError(
            f"{codes.count(-1)} rows are in a stratum that the model does not know; its strata "
            f"are {listed(fit.strata_levels)}."
        )
    return np.array(codes, dtype=np.int64)


def survival_limits(
    hazard: FloatArray, variance: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of exp(-hazard) on the log(-log) scale; NaN before the first event."""
    z = float(normal_quantile(0.5 + level / 2.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.exp(z * np.sqrt(variance) / hazard)
        return np.exp(-hazard * reach), np.exp(-hazard / reach)


def _curve(
    fit: Fitted, columns: FloatArray, baseline: BaselineHazard, times: FloatArray, level: float
) -> dict[str, FloatArray]:
    """Survival of patients of one stratum at some times, flattened patient by patient."""
    hazard, variance = hazard_variance(baseline.at(times), columns, fit.beta, fit.cov)
    low, high = survival_limits(hazard, variance, level)
    beyond = np.where(times > baseline.last_time, np.nan, 0.0)
    values = {
        "survival": np.exp(-hazard),
        "conf_low": low,
        "conf_high": high,
        "cumulative_hazard": hazard,
        "std_error": np.sqrt(variance),
    }
    return {name: np.asarray((each + beyond).reshape(-1)) for name, each in values.items()}
