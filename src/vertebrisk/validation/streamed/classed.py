"""How models do on patients that are counted by class of their linear predictor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, logit

from vertebrisk._types import FloatArray
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.streamed.ranked_replicates import Ranked
from vertebrisk.kernels.tied import TiedScores
from vertebrisk.validation.decision import DecisionPlan
from vertebrisk.validation.decision_counts import counted_benefit
from vertebrisk.validation.observed import SplinedRisk, splined_risk
from vertebrisk.validation.survival.smoothing import gap_errors

Observed = tuple[FloatArray, FloatArray]


def class_gaps(patients: FloatArray, inside: Observed, ends: Observed) -> dict[str, FloatArray]:
    """ICI, E50, E90 and Emax of classes of so many patients; the last at the ends, too.

    `inside` are the risks of the classes and the observed risks there, shape (r, classes) each,
    `ends` those of the lowest and the highest risk, shape (r, 2) each.
    """
    found = gap_errors(patients, *inside)
    farthest = np.abs(ends[1] - ends[0]).max(axis=1)
    return found | {"emax": np.maximum(found["emax"], farthest)}


@dataclass(frozen=True, eq=False)
class RankedModels:
    """Logistic models on their own patients (`kind` 0), or on all (1).

    Attributes
    ----------
    ranked : Ranked
    intercepts : array, shape (r,)
        Log-odds where the linear predictors are 0.
    kind : int
    """

    ranked: Ranked
    intercepts: FloatArray
    kind: int

    def measures(self) -> dict[str, FloatArray]:
        """C-index, Dxy and the distances of the smooth curve, shape (r,) each."""
        area, scores = auc_batch(self._tied), self._tied.scores
        lowest, highest = self.ranked.rows.reach[:, self.kind]
        ends = np.stack([lowest, -highest], axis=1) + self.intercepts[:, None]
        found = [(expit(at), self._observed(at)) for at in (scores, ends)]
        gaps = class_gaps(self._tied.counts, found[0], found[1])
        return {"c_index": area, "dxy": 2.0 * area - 1.0, **gaps}

    def curves(self, grid: FloatArray) -> FloatArray:
        """Observed risks at predicted ones of shape (positions,): (r, positions)."""
        at = np.broadcast_to(logit(grid), (self.intercepts.size, grid.size))
        return self._observed(at)

    def benefit(self, plan: DecisionPlan) -> FloatArray:
        """Net benefit at thresholds: (r, thresholds)."""
        counts = self.ranked.reached[self.kind].reshape(self.intercepts.size, -1)
        return counted_benefit(counts, plan.odds, np.ones(2))[0]

    @cached_property
    def _tied(self) -> TiedScores:
        return self.ranked.rows.tied(self.kind, self.intercepts[:, None])

    @cached_property
    def _splines(self) -> list[SplinedRisk | None]:
        tied, found = self._tied, []
        for scores, counts, shares in zip(tied.scores, tied.counts, tied.shares, strict=True):
            held = counts > 0
            found.append(splined_risk(scores[held], counts[held], shares[held]))
        return found

    def _observed(self, scores: FloatArray) -> FloatArray:
        """Observed risks at log-odds of shape (r, m); NaN without a finite estimate."""
        found = np.full(scores.shape, np.nan)
        for row, (spline, at) in enumerate(zip(self._splines, scores, strict=True)):
            if spline is not None:
                found[row] = spline.at(at)
        return found
