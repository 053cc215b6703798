"""Observed incidence by a horizon, with its interval: of everyone, and of groups of risk."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.censoring import CENSORED, COMPETING, EVENT
from vertebrisk.kernels.survival.cumulative_incidence import (
    aalen_johansen,
    incidence_limits,
    influence,
    risk_table,
)
from vertebrisk.kernels.survival.kaplan_meier import life_table
from vertebrisk.kernels.survival.times import SurvivalTimes


def observed_incidence(
    exit: FloatArray, status: IntArray, horizon: float, level: float
) -> tuple[float, float, float, float]:
    """Share with the event by a horizon, its standard error, and limits on the log-log scale.

    One less Kaplan-Meier with Greenwood's error; where there are competing events, Aalen and
    Johansen's estimate with the error of the infinitesimal jackknife, as survfit. NaN where
    nobody is followed up to the horizon.
    """
    lost = (exit < horizon) & (status == CENSORED)
    if lost.any() and not np.any(exit >= horizon):
        return (np.nan,) * 4
    when = np.array([horizon])
    if np.any(status == COMPETING):
        incidence = aalen_johansen(risk_table(exit, status))
        share = float(incidence.at(when)[0, EVENT - 1, 0])
        error = float(np.sqrt(np.sum(influence(incidence, exit, status, when, EVENT) ** 2)))
    else:
        table = life_table(SurvivalTimes(exit, status == EVENT))
        place = int(np.searchsorted(table.times, horizon, side="right")) - 1
        survival = float(table.survival[0, place]) if place >= 0 else 1.0
        variance = float(table.greenwood[0, place]) if place >= 0 else 0.0
        share, error = 1.0 - survival, survival * float(np.sqrt(variance))
    low, high = incidence_limits(np.array([share]), np.array([error]), level)
    return share, error, float(low[0]), float(high[0])


def risk_groups(
    exit: FloatArray,
    status: IntArray,
    risk: FloatArray,
    horizon: float,
    *,
    groups: int,
    level: float,
) -> pl.DataFrame:
    """Mean risk and observed incidence of groups of equal size, ordered by risk.

    Columns low, high (risks of the group), n, n_events (seen by the horizon), predicted,
    observed, conf_low, conf_high. Few distinct risks make a group each.
    """
    place = _places(risk, groups)
    rows = []
    for group in np.unique(place):
        inside = place == group
        own = exit[inside], status[inside], risk[inside]
        share, _, low, high = observed_incidence(own[0], own[1], horizon, level)
        events = int(((own[0] <= horizon) & (own[1] == EVENT)).sum())
        ends = float(own[2].min()), float(own[2].max())
        rows.append((*ends, int(inside.sum()), events, float(own[2].mean()), share, low, high))
    counts = {"n": pl.Int64, "n_events": pl.Int64}
    numbers = dict.fromkeys(("predicted", "observed", "conf_low", "conf_high"), pl.Float64)
    schema = {"low": pl.Float64, "high": pl.Float64, **counts, **numbers}
    return pl.DataFrame(rows, schema=schema, orient="row").fill_nan(None)


def _places(risk: FloatArray, groups: int) -> IntArray:
    distinct, place = np.unique(risk, return_inverse=True)
    if distinct.size <= groups:
        return np.asarray(place, dtype=np.int64)
    edges = np.unique(np.quantile(risk, np.linspace(0.0, 1.0, groups + 1)))
    return np.asarray(np.maximum(np.searchsorted(edges, risk, side="left") - 1, 0))


def known_distribution(
    exit: FloatArray, status: IntArray, risk: FloatArray, horizon: float, bins: int
) -> pl.DataFrame:
    """Risks of the patients whose fate at the horizon is known: low, high, n, n_events."""
    event = (exit <= horizon) & (status == EVENT)
    known = event | (exit >= horizon) | (status == COMPETING)
    top = max(float(np.ceil(risk.max() * 20) / 20), 0.05)
    edges = np.linspace(0.0, top, bins + 1)
    total, _ = np.histogram(risk[known], edges)
    events, _ = np.histogram(risk[event], edges)
    return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "n": total, "n_events": events})
