"""Concordance as rank sums: exact, ties by half, weights allowed."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.tied import TiedScores


def auc_batch(tied: TiedScores) -> FloatArray:
    """Area under the ROC curve of every replicate; NaN where only one class is present.

    Equal to pROC's ``auc`` of the repeated rows.
    """
    events = tied.events
    others = tied.counts - events
    below = np.cumsum(others, axis=1) - others
    concordant = np.sum(events * (below + 0.5 * others), axis=1)
    pairs = events.sum(axis=1) * others.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, concordant / pairs, np.nan)


def midranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, ties sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - 0.5 * (counts - 1))[inverse], dtype=np.float64)


def delong_components(event: BoolArray, score: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Placement values of events among non-events, and the reverse.

    Their means are the AUC; their variances give its standard error (DeLong 1988,
    doi:10.2307/2531595, by the ranks of Sun and Xu 2014, doi:10.1109/LSP.2014.2337313).
    """
    cases, controls = score[event], score[~event]
    pooled = midranks(np.concatenate([cases, controls]))
    over_controls = (pooled[: cases.size] - midranks(cases)) / controls.size
    under_cases = 1.0 - (pooled[cases.size :] - midranks(controls)) / cases.size
    return over_controls, under_cases


def clustered_auc_variance(event: BoolArray, score: FloatArray, clusters: IntArray) -> float:
    """Variance of an AUC whose rows come in clusters (Obuchowski 1997, doi:10.2307/2533958).

    `clusters` holds codes from 0. NaN with fewer than two clusters of events or of
    non-events.
    """
    over, under = delong_components(event, score)
    area = float(over.mean())
    number = int(clusters.max()) + 1
    cases = np.bincount(clusters[event], minlength=number)
    controls = np.bincount(clusters[~event], minlength=number)
    with_cases, with_controls = int((cases > 0).sum()), int((controls > 0).sum())
    if with_cases < 2 or with_controls < 2 or number < 2:
        return float("nan")
    from_cases = np.bincount(clusters[event], over, number) - cases * area
    from_controls = np.bincount(clusters[~event], under, number) - controls * area
    m, n = cases.sum(), controls.sum()
    s10 = with_cases / ((with_cases - 1) * m) * float(from_cases @ from_cases)
    s01 = with_controls / ((with_controls - 1) * n) * float(from_controls @ from_controls)
    s11 = number / (number - 1) * float(from_cases @ from_controls)
    return float(s10 / m + s01 / n + 2.0 * s11 / (m * n))


def delong_covariance(event: BoolArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """AUCs of several scores on the same patients, and their covariance.

    Parameters
    ----------
    event : bool array, shape (n,)
    scores : array, shape (k, n)

    Returns
    -------
    array, shape (k,), and array, shape (k, k). With a single event or non-event the
    covariance is NaN: it cannot be estimated.
    """
    parts = [delong_components(event, score) for score in scores]
    events = np.stack([part[0] for part in parts])
    others = np.stack([part[1] for part in parts])
    size = scores.shape[0]
    if events.shape[1] < 2 or others.shape[1] < 2:
        return events.mean(axis=1), np.full((size, size), np.nan)
    spread = np.cov(events) / events.shape[1] + np.cov(others) / others.shape[1]
    return events.mean(axis=1), np.asarray(spread, dtype=np.float64).reshape(size, size)
