"""Measures of several centres pooled: their mean, and what a further centre would find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.kernels.meta_analysis.effects import from_scale
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.kernels.meta_analysis.synthesis import (
    Synthesis,
    critical,
    heterogeneity_limits,
    prediction_limits,
    synthesise,
)
from vertebrisk.validation.centres.measured import SCALES, Centre

METHOD: PoolingMethod = "REML"
SCHEMA = {
    "measure": pl.String,
    "scale": pl.String,
    "k": pl.Int64,
    **dict.fromkeys(
        (
            "estimate", "conf_low", "conf_high", "prediction_low", "prediction_high",
            "scaled", "std_error", "tau2", "tau2_low", "tau2_high",
            "i2", "i2_low", "i2_high", "q", "q_p_value",
        ),
        pl.Float64,
    ),
}  # fmt: skip


def pooled_centres(
    centres: Sequence[Centre], level: float
) -> tuple[pl.DataFrame, dict[str, list[float | None]], dict[str, Synthesis]]:
    """One row a measure; the weight of each centre in percent; and what was fitted.

    Random effects with REML and the errors of Hartung and Knapp, each measure on the scale of
    `SCALES`; the prediction interval by t on one degree of freedom less than there are centres.
    A measure that fewer than two centres have is not pooled.
    """
    rows: list[dict[str, Any]] = []
    weights: dict[str, list[float | None]] = {}
    fits: dict[str, Synthesis] = {}
    for measure, scale in SCALES.items():
        known = [(place, each.measures.get(measure)) for place, each in enumerate(centres)]
        use = [(place, each) for place, each in known if each is not None and each.error]
        row: dict[str, Any] = {"measure": measure, "scale": scale, "k": len(use)}
        weights[measure] = [None] * len(centres)
        if len(use) > 1:
            scaled, errors = np.array([(each.scaled, each.error) for _, each in use]).T
            fit = fitted(scaled, errors)
            fits[measure] = fit
            row |= _numbers(fit, level)
            for name in ("estimate", "conf_low", "conf_high", "prediction_low", "prediction_high"):
                row[name] = float(from_scale(np.asarray(row[name]), scale))
            for (place, _), share in zip(use, 100 * fit.weights, strict=True):
                weights[measure][place] = float(share)
        rows.append(row)
    return pl.DataFrame(rows, schema=SCHEMA), weights, fits


def fitted(scaled: FloatArray, errors: FloatArray) -> Synthesis:
    """REML with the errors of Hartung and Knapp."""
    columns = np.ones((scaled.size, 1))
    return synthesise(scaled, errors**2, columns, METHOD, knapp_hartung=True)


def _numbers(fit: Synthesis, level: float) -> dict[str, float | None]:
    """All on the scale of pooling."""
    estimate, error = float(fit.beta[0]), float(fit.std_errors[0])
    reach = critical(level, fit.df) * error
    tau2 = fit.heterogeneity.tau2
    low, high = prediction_limits(estimate, error, tau2, fit.df, level)
    tau2_low, tau2_high, i2_low, i2_high = heterogeneity_limits(fit, METHOD, level)
    return {
        "estimate": estimate,
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
        "prediction_low": low,
        "prediction_high": high,
        "scaled": estimate,
        "std_error": error,
        "tau2": tau2,
        "tau2_low": tau2_low,
        "tau2_high": tau2_high,
        "i2": fit.i2,
        "i2_low": i2_low,
        "i2_high": i2_high,
        "q": fit.q,
        "q_p_value": fit.q_p_value,
    }
