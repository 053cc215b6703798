"""Rows by class of the linear predictors that the models of bootstrap replicates give them.

An exact order of all rows by every replicate's model would need a sort for each. Instead linear
predictors are put into `CLASSES` of about equal size: rows of one class are tied. What is counted
by class adds up over rows in any bracketing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.tied import TiedScores, weighted_quantiles

CLASSES = 1024  # what is lost of a C-index is of the order of one over its square
LOGISTIC = 1.7  # spread of a normal distribution to that of the logistic that lies next to it
TOGETHER = 8  # replicates whose linear predictors are made at once


def class_of(linear: FloatArray, spread: float) -> IntArray:
    """Class of linear predictors about 0, which are spread so much."""
    share = expit(LOGISTIC * linear / spread)
    return np.asarray(np.minimum((CLASSES * share).astype(np.int64), CLASSES - 1))


@dataclass(frozen=True, slots=True, eq=False)
class ByClass:
    """Sums by class of the rows that each replicate draws, and of all rows.

    Attributes
    ----------
    patients, events, linear : array, shape (2, r, classes)
        How many, how many with the event, and their linear predictors: of each replicate's own
        draws, and of all rows.
    reach : array, shape (2, 2, r)
        The lowest linear predictor, and the highest with its sign turned, of rows that count: of
        each replicate's own draws, and of all rows.
    """

    patients: FloatArray
    events: FloatArray
    linear: FloatArray
    reach: FloatArray

    @classmethod
    def nothing(cls, replicates: int) -> ByClass:
        """Of no rows."""
        patients, events, linear = (np.zeros((2, replicates, CLASSES)) for _ in range(3))
        return cls(patients, events, linear, np.full((2, 2, replicates), np.inf))

    def __add__(self, other: ByClass) -> ByClass:
        return ByClass(
            self.patients + other.patients,
            self.events + other.events,
            self.linear + other.linear,
            np.minimum(self.reach, other.reach),
        )

    def count(
        self,
        replicate: int,
        cell: IntArray,
        linear: FloatArray,
        event: BoolArray,
        weights: FloatArray,
    ) -> None:
        """Add rows, shape (m,) each: their class, and how often the replicate draws them."""
        pairs = 2 * cell + event
        for kind, often in enumerate((weights, None)):
            mine = kind, replicate
            others, events = np.bincount(pairs, often, 2 * CLASSES).reshape(-1, 2).T
            self.patients[mine] += others + events
            self.events[mine] += events
            shares = linear if often is None else often * linear
            self.linear[mine] += np.bincount(cell, shares, CLASSES)
            present = linear if often is None else linear[often > 0]
            ends = present.min(initial=np.inf), -present.max(initial=-np.inf)
            for end, value in enumerate(ends):
                self.reach[(end, *mine)] = min(self.reach[(end, *mine)], value)

    def centres(self, kind: int) -> FloatArray:
        """Mean linear predictor of each class, shape (r, classes); 0 where nobody is."""
        patients = self.patients[kind]
        return np.asarray(self.linear[kind] / np.where(patients > 0, patients, 1.0))

    def tied(self, kind: int, level: FloatArray | float = 0.0) -> TiedScores:
        """Classes as scores, those that hold nobody among them; `level` is added to each."""
        scores = self.centres(kind) + level
        sizes = np.full(scores.shape[0], scores.shape[1])
        return TiedScores(scores, self.patients[kind], self.events[kind], sizes)

    def quantiles(self, kind: int, shares: tuple[float, ...]) -> FloatArray:
        """Quantiles of the linear predictors, in classes, shape (r, shares)."""
        tied = self.tied(kind)
        return weighted_quantiles(tied, tied.scores, shares).T
