"""The conditional likelihood of matched sets, as a development procedure knows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.conditional.fitting import fit_conditional_batch
from vertebrisk.kernels.conditional.sets import MatchedSets
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.models.conditional.checking import less_set_means
from vertebrisk.models.likelihoods import Reduced, SubsetFits, least_squares, refitted_without


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalLikelihood:
    """Conditional logistic regression; see `models.likelihoods.Likelihood`.

    Attributes
    ----------
    event : array, shape (n,)
        1 for a case, 0 for a control.
    groups : int array, shape (n,)
        Code of the matched set of each row.
    """

    event: FloatArray
    groups: IntArray
    intercepts: int = 0
    chooses: bool = False
    tunes: bool = False

    @property
    def sets(self) -> MatchedSets:
        """Sets with a case and a control."""
        return MatchedSets.of(self.event > 0.5, self.groups)

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`; weights are the same for all members of a set."""
        fits = fit_conditional_batch(columns, self.sets, weights, mask)
        patterns = find_patterns(columns)
        return SubsetFits(fits, patterns, patterns.rows, fits.rank)

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """See `Likelihood.null`."""
        nothing = np.empty((weights.shape[1], 0))
        return fit_conditional_batch(nothing, self.sets, weights).log_likelihood

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """See `Likelihood.without`."""
        return refitted_without(self, columns, weights, drop)

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """See `least_squares`; differences inside the sets alone count."""
        return least_squares(
            less_set_means(columns, self.groups), weights, less_set_means(linear.T, self.groups).T
        )
