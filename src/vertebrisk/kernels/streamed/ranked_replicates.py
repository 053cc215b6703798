"""How the logistic models of many bootstrap replicates rank and foretell, from one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.kernels.streamed.classes import TOGETHER, ByClass, class_of
from vertebrisk.kernels.streamed.replicates import Drawn
from vertebrisk.kernels.streamed.rows import blocks
from vertebrisk.kernels.streamed.thresholds import Thresholds


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Sums over rows, of each replicate's own draws and of all.

    Attributes
    ----------
    rows : ByClass
        By class of the linear predictors about the intercept.
    reached : array, shape (2, r, thresholds + 1, 2)
        Rows by how many thresholds their risk reaches, without the event and with it.
    """

    rows: ByClass
    reached: FloatArray

    @classmethod
    def nothing(cls, replicates: int, thresholds: int) -> Ranked:
        """Of no rows."""
        return cls(ByClass.nothing(replicates), np.zeros((2, replicates, thresholds + 1, 2)))

    def __add__(self, other: Ranked) -> Ranked:
        return Ranked(self.rows + other.rows, self.reached + other.reached)


def ranked_replicates(
    drawn: Drawn, centre: FloatArray, beta: FloatArray, spread: float, thresholds: FloatArray
) -> Ranked:
    """Rows of a chunk by class and threshold.

    Parameters
    ----------
    drawn : Drawn
    centre : array, shape (p,)
    beta : array, shape (r, 1 + p)
    spread : float
        Of the linear predictors, about.
    thresholds : array, shape (k,)
    """
    count, cuts = drawn.replicates.size, Thresholds.of(thresholds)
    found = Ranked.nothing(count, thresholds.size)
    for some, numbers in drawn.stretches():
        happened = some.target > 0.0
        _, block = next(blocks(some, centre, some.size))
        for start in range(0, count, TOGETHER):
            replicates = np.arange(start, min(start + TOGETHER, count))
            times = drawn.times(numbers, drawn.replicates[replicates])
            linear = beta[replicates, 1:] @ block[1:]
            for replicate, eta, often in zip(replicates.tolist(), linear, times, strict=True):
                weights = often.astype(np.float64)
                found.rows.count(replicate, class_of(eta, spread), eta, happened, weights)
                cell = 2 * cuts.reached(expit(eta + beta[replicate, 0])) + happened
                for kind, own in enumerate((weights, None)):
                    counts = np.bincount(cell, own, found.reached[kind, replicate].size)
                    found.reached[kind, replicate] += counts.reshape(-1, 2)
    return found
