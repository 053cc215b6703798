"""Sums over one chunk of risks and outcomes, and how those of two chunks are added."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ScoreSums:
    """What a first pass tells of risks and outcomes.

    Attributes
    ----------
    n, n_events : int
        Patients with both, and those of them with the event.
    missing : int
        Patients without a risk or without an outcome.
    strange : int
        Outcomes that are neither 0 nor 1.
    lowest, greatest : float
        Of the risks.
    extreme : int
        Risks of 0 and 1 exactly, or beyond.
    risk_events, risk_others : float
        Sum of the risks of patients with the event, and of the others.
    squares : float
        Sum of squared differences of outcome and risk.
    log_likelihood : float
        Of the outcomes, where no risk is extreme.
    """

    n: int
    n_events: int
    missing: int
    strange: int
    lowest: float
    greatest: float
    extreme: int
    risk_events: float
    risk_others: float
    squares: float
    log_likelihood: float


def score_sums(event: FloatArray, risk: FloatArray) -> ScoreSums:
    """Sums of one chunk; NaN is missing."""
    known = ~(np.isnan(event) | np.isnan(risk))
    outcome, values = event[known], risk[known]
    happened = outcome == 1.0
    extreme = (values <= 0.0) | (values >= 1.0)
    inside = np.where(extreme, 0.5, values)
    return ScoreSums(
        n=outcome.size,
        n_events=int(happened.sum()),
        missing=int((~known).sum()),
        strange=int((~happened & (outcome != 0.0)).sum()),
        lowest=float(values.min(initial=np.inf)),
        greatest=float(values.max(initial=-np.inf)),
        extreme=int(extreme.sum()),
        risk_events=float(values[happened].sum()),
        risk_others=float(values[~happened].sum()),
        squares=float(((outcome - values) ** 2).sum()),
        log_likelihood=float(np.where(happened, np.log(inside), np.log1p(-inside)).sum()),
    )


def added_scores(one: ScoreSums, other: ScoreSums) -> ScoreSums:
    """Sums of two chunks together."""
    summed = {name: getattr(one, name) + getattr(other, name) for name in ScoreSums.__slots__}
    ends = {
        "lowest": min(one.lowest, other.lowest),
        "greatest": max(one.greatest, other.greatest),
    }
    return ScoreSums(**{**summed, **ends})


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Where risks are cut.

    Attributes
    ----------
    bins : array
        Of equal width, for the distribution.
    groups : array
        Of quantile groups; an edge ends its group.
    thresholds : array
        Ascending; a risk equal to one reaches it.
    """

    bins: FloatArray
    groups: FloatArray
    thresholds: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Patients by what their risk is, without and with the event: shapes (parts, 2).

    Attributes
    ----------
    bins, groups : int arrays
    expected : array, shape (groups,)
        Sum of the risks of each group.
    reached : int array, shape (thresholds + 1, 2)
        By how many thresholds the risk reaches.
    """

    bins: IntArray
    groups: IntArray
    expected: FloatArray
    reached: IntArray


def cut_scores(event: FloatArray, risk: FloatArray, edges: Edges) -> Cut:
    """Counts of one chunk; patients without risk or outcome have NaN for both."""
    known = ~np.isnan(risk)
    values, happened = risk[known], (event[known] == 1.0).astype(np.int64)
    last = edges.bins.size - 2
    bins = np.clip(np.searchsorted(edges.bins, values, side="right") - 1, 0, last)
    below = np.searchsorted(edges.groups, values, side="left") - 1
    groups = np.clip(below, 0, max(edges.groups.size - 2, 0))
    reached = np.searchsorted(edges.thresholds, values, side="right")
    count = max(edges.groups.size - 1, 1)
    return Cut(
        _tally(bins, happened, last + 1),
        _tally(groups, happened, count),
        np.bincount(groups, values, count).astype(np.float64),
        _tally(reached, happened, edges.thresholds.size + 1),
    )


def _tally(parts: IntArray, happened: IntArray, count: int) -> IntArray:
    return np.bincount(2 * parts + happened, minlength=2 * count).reshape(count, 2)


def added_cuts(one: Cut, other: Cut) -> Cut:
    """Counts of two chunks together."""
    return Cut(
        one.bins + other.bins,
        one.groups + other.groups,
        one.expected + other.expected,
        one.reached + other.reached,
    )
