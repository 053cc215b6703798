"""How many thresholds many risks reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray

BINS = 1024  # of the risks, in each of which few thresholds lie


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """Risks in ascending order, of which few lie in each of `BINS` bins.

    Attributes
    ----------
    ends : array, shape (k + 1,)
        These, and an end that no risk reaches.
    below : int array, shape (bins + 1,)
        How many of them all risks of a bin reach.
    most : int
        How many lie in one bin.
    """

    ends: FloatArray
    below: IntArray
    most: int

    @classmethod
    def of(cls, values: FloatArray) -> Thresholds:
        """Of these risks."""
        below = np.searchsorted(values, np.arange(BINS + 1) / BINS, side="right")
        return cls(np.append(values, np.inf), below, int(np.diff(below).max()))

    def reached(self, risk: FloatArray) -> IntArray:
        """How many each risk reaches; `searchsorted` would look at more of them."""
        found = self.below[(BINS * risk).astype(np.int64)]
        for _ in range(self.most):
            found += risk >= self.ends[found]
        return np.asarray(found)
