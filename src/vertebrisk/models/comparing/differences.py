"""Differences of models in measures without a formula, by resamples that all models share."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.models.external.measuring import HELD, Resamples
from vertebrisk.validation.decision import percentiles
from vertebrisk.validation.survival.decision import net_benefits
from vertebrisk.validation.survival.horizon import AtHorizon

SCHEMA = {
    "first": pl.String,
    "second": pl.String,
    "measure": pl.String,
    **dict.fromkeys(("threshold", "estimate", "conf_low", "conf_high"), pl.Float64),
}


def paired_differences(
    event: BoolArray,
    risks: Mapping[str, FloatArray],
    thresholds: FloatArray,
    resamples: Resamples,
) -> pl.DataFrame:
    """Brier score and net benefit of every pair of models: first less second, with limits.

    A resample is the same patients for all models, so what the models share in their errors falls
    out of the difference. Limits are percentiles.
    """
    names = list(risks)
    each = np.stack([_of_patients(event, risks[name], thresholds) for name in names])
    pairs = list(combinations(range(len(names)), 2))
    apart = np.stack([each[i] - each[j] for i, j in pairs])  # (pairs, measures, n)
    found = apart.mean(axis=2)
    flat = apart.reshape(-1, event.size).T
    drawn = _means(flat, resamples).reshape(-1, *found.shape)
    return _frame(names, thresholds, found, drawn, resamples.level)


def differences_by(
    time: FloatArray,
    status: IntArray,
    horizon: float,
    risks: Mapping[str, FloatArray],
    thresholds: FloatArray,
    resamples: Resamples,
) -> pl.DataFrame:
    """The same by a horizon, with censoring weighed anew in every resample."""
    names = list(risks)
    pairs = list(combinations(range(len(names)), 2))
    size = time.size
    block = max(1, HELD // size)
    values = [risks[name] for name in names]
    parts = [_by_horizon(time, status, horizon, values, thresholds, np.ones((1, size)))]
    for first in range(0, resamples.number, block):
        resamples.progress("resamples", first, resamples.number)
        number = min(block, resamples.number - first)
        weights = bootstrap_weights(size, number, resamples.seed, first=first)
        parts.append(_by_horizon(time, status, horizon, values, thresholds, weights))
    each = np.concatenate(parts)  # (1 + resamples, models, measures)
    apart = np.stack([each[:, i] - each[:, j] for i, j in pairs], axis=1)
    return _frame(names, thresholds, apart[0], apart[1:], resamples.level)


def _by_horizon(
    time: FloatArray,
    status: IntArray,
    horizon: float,
    risks: list[FloatArray],
    thresholds: FloatArray,
    weights: FloatArray,
) -> FloatArray:
    """Brier score and net benefits of every replicate and model, (replicates, models, 1 + k)."""
    at = AtHorizon.of(time, status, horizon, weights)
    found = []
    for risk in risks:
        loss = np.where(at.cases, (1.0 - risk) ** 2, risk**2)
        brier = np.where(at.known, at.stands_for @ loss / at.total, np.nan)[:, None]
        benefit = net_benefits(time, status, risk[None], horizon, thresholds, weights)
        found.append(np.concatenate([brier, benefit], axis=1))
    return np.stack(found, axis=1)


def _frame(
    names: list[str],
    thresholds: FloatArray,
    found: FloatArray,
    drawn: FloatArray,
    level: float,
) -> pl.DataFrame:
    """A row a pair and measure; `drawn` has shape (resamples, pairs, measures)."""
    low, high = percentiles(drawn.reshape(drawn.shape[0], -1), level)
    low, high = low.reshape(found.shape), high.reshape(found.shape)
    rows = []
    for place, (i, j) in enumerate(combinations(range(len(names)), 2)):
        for column, cut in enumerate((None, *thresholds.tolist())):
            measure = "brier" if cut is None else "net_benefit"
            values = (float(part[place, column]) for part in (found, low, high))
            rows.append((names[i], names[j], measure, cut, *values))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").fill_nan(None)


def _of_patients(event: BoolArray, risk: FloatArray, thresholds: FloatArray) -> FloatArray:
    """What each patient adds to the Brier score and to each net benefit, shape (1 + k, n)."""
    odds = (thresholds / (1.0 - thresholds))[:, None]
    acted = risk >= thresholds[:, None]
    benefit = np.where(event, 1.0, -odds) * acted
    return np.concatenate([((risk - event) ** 2)[None], benefit])


def _means(values: FloatArray, resamples: Resamples) -> FloatArray:
    """Means over every resample, shape (resamples, columns); values have shape (n, columns)."""
    size = values.shape[0]
    block = max(1, HELD // size)
    parts = []
    for first in range(0, resamples.number, block):
        resamples.progress("resamples", first, resamples.number)
        number = min(block, resamples.number - first)
        parts.append(bootstrap_weights(size, number, resamples.seed, first=first) @ values / size)
    return np.concatenate(parts)
