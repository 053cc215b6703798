"""The measures of whole replicates by the compiled kernels, where those are switched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.validation.measures import SAME, SAME_DIRECTION, Scored, nagelkerke

Measured: TypeAlias = tuple[dict[str, FloatArray], FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Unsorted:
    """Linear predictors of covariate patterns, and whom they are measured on.

    Arrays have the shape (replicates, patterns), `separated` (replicates,); see `Developed`.
    """

    linear: FloatArray
    counts: FloatArray
    events: FloatArray
    separated: BoolArray
    runaway: FloatArray

    def take(self, replicates: IntArray) -> Unsorted:
        """Some replicates only."""
        return Unsorted(*(getattr(self, name)[replicates] for name in self.__slots__))

    def scored(self) -> Scored:
        """Ready for the NumPy kernels."""
        return Scored.of(self.linear, self.counts, self.events, self.separated, self.runaway)


def measure_compiled(
    unsorted: Unsorted,
    grid: FloatArray,
    thresholds: FloatArray,
    *,
    refit: bool,
    judged: bool = True,
) -> tuple[Measured, BoolArray]:
    """Measures, calibration curves and net benefits, and for which replicates they hold.

    ICI, E50, E90 and Emax are NaN unless `judged`.

    The few that are out of the ordinary are left to the NumPy kernels.
    """
    from vertebrisk.kernels.compiled.scoring import collapse_ties, measure_scores, net_benefits
    from vertebrisk.kernels.compiled.smoothing import smooth_scores

    tied = collapse_ties(unsorted.linear, unsorted.counts, unsorted.events, SAME)
    risks = expit(tied.scores)
    found, regular = measure_scores(tied, risks, refit=refit)
    area, likelihood, null, intercept, slope, brier, size = found.T.copy()
    separated = np.flatnonzero(unsorted.separated)
    if refit and separated.size:
        part = unsorted.take(separated)
        limit = collapse_ties(part.runaway, part.counts, part.events, SAME_DIRECTION)
        at_limit, settled = measure_scores(limit, expit(limit.scores), refit=True)
        likelihood[separated] = at_limit[:, 1]
        regular[separated] = settled
        intercept[separated] = slope[separated] = np.nan
    errors, curves = smooth_scores(tied, risks, grid, judged=judged)
    measures = {
        "c_index": area,
        "dxy": 2.0 * area - 1.0,
        "r2": nagelkerke(2.0 * (likelihood - null), null, size),
        "intercept": intercept,
        "slope": slope,
        "brier": brier,
        **dict(zip(("ici", "e50", "e90", "emax"), errors.T, strict=True)),
    }
    return (measures, curves, net_benefits(tied, risks, thresholds)), regular
