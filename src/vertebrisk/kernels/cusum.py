"""Risk-adjusted CUSUM charts of binary outcomes, with limits that follow the case mix.

A chart adds up the log-likelihood ratio of each patient's outcome for odds that are multiplied
by a factor, against the odds of his own risk, and is cut at 0 (Steiner et al. 2000,
doi:10.1093/biostatistics/1.4.441). Its limit at a patient is the quantile of charts that were
drawn under the very risks of the patients so far, none of which has crossed before: so the
chance of a false alarm at each patient, given none before, is the same whatever the case mix
(Zhang and Woodall 2016, doi:10.1002/qre.2044, dynamic probability control limits).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray

SAME = 1e-9  # charts no further apart are equal: sums of the same scores in another order


@dataclass(frozen=True, slots=True, eq=False)
class CusumChart:
    """A chart after each patient, shape (n,) each.

    Attributes
    ----------
    value : array
        The sum, from 0 up; after a signal it begins at 0 again.
    limit : array
        What it must exceed for a signal.
    signal : bool array
    """

    value: FloatArray
    limit: FloatArray
    signal: BoolArray


def scores(risk: FloatArray, odds: float) -> tuple[FloatArray, FloatArray]:
    """What a patient adds with the event, and without it; shape (n,) each."""
    without = -np.log1p((odds - 1.0) * risk)
    return without + np.log(odds), without


def risk_adjusted_chart(
    event: BoolArray,
    risk: FloatArray,
    odds: float,
    rate: float,
    simulations: int,
    seed: int,
    progress: Callable[[int], object] = int,
) -> CusumChart:
    """The chart for one change of the odds.

    Parameters
    ----------
    event : bool array, shape (n,)
        In the order of time.
    risk : array, shape (n,)
        As the model gives it.
    odds : float
        The change to be found: above 1 for more events, below 1 for fewer.
    rate : float
        Chance of a false alarm at each patient, given none before.
    simulations : int
        Charts that are drawn; some tens of them should lie beyond the limit.
    seed : int
    progress : callable
        Called with how many patients are done, before each.
    """
    drawing = np.random.default_rng(seed)
    with_event, without = scores(risk, odds)
    value, limit = np.empty(risk.size), np.empty(risk.size)
    signal = np.zeros(risk.size, np.bool_)
    paths, at = np.zeros(simulations), 0.0
    kept = int(np.ceil(simulations * (1.0 - rate))) - 1
    for patient, chance in enumerate(risk):
        progress(patient)
        drawn = drawing.random(simulations) < chance
        paths += np.where(drawn, with_event[patient], without[patient])
        np.maximum(paths, 0.0, out=paths)
        limit[patient] = np.partition(paths, kept)[kept]
        at = max(at + float((with_event if event[patient] else without)[patient]), 0.0)
        value[patient] = at
        if at > limit[patient] + SAME:
            signal[patient], at = True, 0.0
            paths[:] = 0.0
        else:
            _replace(paths, limit[patient], drawing)
    return CusumChart(value, limit, signal)


def _replace(paths: FloatArray, limit: float, drawing: np.random.Generator) -> None:
    """Put charts that have not crossed in place of those that have."""
    crossed = np.flatnonzero(paths > limit + SAME)
    while crossed.size:
        paths[crossed] = paths[drawing.integers(paths.size, size=crossed.size)]
        crossed = crossed[paths[crossed] > limit + SAME]
