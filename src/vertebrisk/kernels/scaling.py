"""Columns of a logistic model centred and scaled over all replicates together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.steps import chunks


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Columns centred and scaled; centred only where a constant column takes up the centres."""

    centre: FloatArray
    scale: FloatArray
    intercept: int | None

    @classmethod
    def of(cls, design: FloatArray, weights: FloatArray) -> Scaling:
        """Means and standard deviations over all replicates together."""
        total = weights.sum(axis=0)
        total = total if total.sum() > 0 else np.ones_like(total)
        mean = total @ design / total.sum()
        squares = np.zeros_like(mean)
        for rows in chunks(total.size):
            squares += total[rows] @ (design[rows] - mean) ** 2
        spread = np.sqrt(squares / total.sum())
        constant = np.flatnonzero((design == 1.0).all(axis=0))
        intercept = int(constant[0]) if constant.size else None
        varies = spread > 1e-12 * np.abs(mean)
        scale = np.where(varies, spread, 1.0)
        centre = np.where(varies, mean, 0.0) if intercept is not None else np.zeros_like(mean)
        return cls(centre, scale, intercept)

    def apply(self, design: FloatArray) -> FloatArray:
        """The scaled columns."""
        scaled = design - self.centre
        scaled /= self.scale
        return scaled

    def back(self) -> FloatArray:
        """Matrix from coefficients of the scaled columns to those of the columns."""
        back = np.diag(1.0 / self.scale)
        if self.intercept is not None:
            back[self.intercept] -= self.centre / self.scale
            back[self.intercept, self.intercept] = 1.0
        return back

    def undo(self, beta: FloatArray) -> FloatArray:
        """Coefficients of the columns as they are, shape (replicates, p)."""
        return beta @ self.back().T
