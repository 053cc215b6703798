"""The nomogram of a paper, with the points that rms gives, and its decision curve."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from tests.honest_papers.cohorts import Column
from tests.honest_papers.printing import Style
from tests.honest_papers.regressions import Regression

from vertebrisk._types import FloatArray, Json


def nomogram(fitted: Regression, columns: list[Column], rng: np.random.Generator) -> list[Json]:
    """Points of every level, and of some values of a number; the widest variable has 0 to 100."""
    scales = [_effects(fitted, column) for column in columns]
    widest = max(float(np.ptp(effects)) for _, effects in scales)
    decimals = int(rng.choice([0, 1], p=[0.8, 0.2]))
    points: list[Json] = []
    for column, (values, effects) in zip(columns, scales, strict=True):
        key = "level" if column.levels else "value"
        points += [
            {"variable": column.name, key: value, "place": "Figure 2", "model": "final",
             "points": f"{100 * (effect - effects.min()) / widest:.{decimals}f}"}
            for value, effect in zip(values, effects, strict=True)
        ]  # fmt: skip
    return points


def _effects(fitted: Regression, column: Column) -> tuple[list[str], FloatArray]:
    """Values of a variable as the axis shows them, and what each adds to the predictor."""
    beta = fitted.beta[fitted.spans[column.name]]
    if column.levels:
        return list(column.levels), np.concatenate([[0.0], beta])
    known = column.values[column.known]
    low, high = float(known.min()), float(known.max())
    marks = np.round(np.linspace(low, high, 4), column.decimals)
    return [f"{mark:.{column.decimals}f}" for mark in marks], beta[0] * marks


def decision_curve(fitted: Regression, style: Style) -> list[Json]:
    """The thresholds over which treating by the model does better than treating none."""
    risk, event = expit(fitted.eta), fitted.event
    grid = np.arange(0.01, 0.99, 0.01)
    benefit = [
        float((risk >= cut)[event].sum() - (risk >= cut)[~event].sum() * cut / (1 - cut))
        for cut in grid
    ]
    useful = grid[np.array(benefit) > 0]
    if useful.size == 0:
        return []
    text = style.number(round(float(useful.max()), 2), 2)
    return [{"name": "net_benefit_high", "value": text, "place": "Figure 3"}]
