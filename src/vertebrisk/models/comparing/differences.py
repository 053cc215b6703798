"""Differences of models in measures without a formula, by resamples that all models share."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.models.external.measuring import HELD, Resamples

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
    tail = (1.0 - resamples.level) / 2.0
    low, high = np.quantile(drawn, (tail, 1.0 - tail), axis=0)
    rows = []
    for place, (i, j) in enumerate(pairs):
        for column, cut in enumerate((None, *thresholds.tolist())):
            measure = "brier" if cut is None else "net_benefit"
            values = (float(part[place, column]) for part in (found, low, high))
            rows.append((names[i], names[j], measure, cut, *values))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


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
        number = min(block, resamples.number - first)
        parts.append(bootstrap_weights(size, number, resamples.seed, first=first) @ values / size)
    return np.concatenate(parts)
