"""Backward elimination by the covariance of the model of all candidates: what it begins with."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.newton import LogisticFits
from vertebrisk.kernels.stepdown import WholeFits
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.models.likelihoods import BinaryLikelihood, Likelihood, PartialLikelihood


def check_approximate(likelihood: Likelihood) -> None:
    """Refuse a model whose covariance is not the inverse of its information.

    Raises
    ------
    ArgumentError
        The model is no logistic or Cox model by maximum likelihood.
    """
    if not isinstance(likelihood, BinaryLikelihood | PartialLikelihood):
        raise ArgumentError(
            "approximate=True is backward elimination of a logistic or Cox model by maximum "
            "likelihood, and this model is another; leave it out, and each step is refitted."
        )


def whole_fits(
    likelihood: Likelihood, matrix: FloatArray, weights: FloatArray
) -> tuple[WholeFits, BoolArray]:
    """The model of all candidates in each replicate that has one, and which these are.

    A replicate that separates its outcomes, or whose candidates depend on each other, has no
    covariance; the mask, shape (replicates,), is False there.
    """
    fits = likelihood.fit(matrix, weights).fits
    assert isinstance(fits, LogisticFits | CoxFits)
    known = fits.converged & ~fits.separated & ~fits.deficient
    rows = np.flatnonzero(known)
    if isinstance(fits, LogisticFits):
        return WholeFits.of_logistic(fits, rows), known
    return WholeFits.of_cox(fits, rows), known
