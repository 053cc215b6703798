"""The smoother for cohorts too large for loess: a spline of the log-odds."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.design.splines import basis
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.tied import TiedScores

KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)


def spline_smoother(tied: TiedScores) -> FloatArray:
    """Observed risk from a logistic model on a restricted cubic spline of the score.

    Knots at the default quantiles of Harrell. Few distinct scores are entered linearly.
    """
    smooth = np.empty(tied.scores.shape)
    for replicate, size in enumerate(tied.sizes):
        scores = tied.scores[replicate, :size]
        counts = tied.counts[replicate, :size]
        columns = np.column_stack([np.ones(size), _columns(scores, counts)])
        target = tied.events[replicate, :size] / counts
        fit = fit_logistic_batch(columns, target, counts[None])
        smooth[replicate, :size] = expit(columns @ fit.beta[0])
        smooth[replicate, size:] = smooth[replicate, size - 1]
    return smooth


def _columns(scores: FloatArray, counts: FloatArray) -> FloatArray:
    cumulative = np.cumsum(counts) / counts.sum()
    knots = np.unique(scores[np.searchsorted(cumulative, KNOTS)])
    return scores[:, None] if knots.size < 3 else basis(scores, knots)
