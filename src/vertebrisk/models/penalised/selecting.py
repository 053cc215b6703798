"""The lasso as a way to choose predictors, which are then fitted without a penalty."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.models.likelihoods import BinaryLikelihood, Likelihood, PartialLikelihood
from vertebrisk.models.penalised.likelihoods import PenalisedBinary, PenalisedPartial
from vertebrisk.models.penalised.penalty import Penalty, Shrinkage

FEWEST_EVENTS = 3
NOT_PENALISED = (
    "Predictors are chosen by the lasso in logistic and Cox models only; prespecify those of a "
    "Fine-Gray model, or choose them backward."
)


def plain_likelihood(likelihood: Likelihood) -> BinaryLikelihood | PartialLikelihood:
    """The likelihood that a lasso penalises: the plain one, also where Firth's estimates.

    Raises
    ------
    ArgumentError
        It is that of Fine and Gray.
    """
    plain = getattr(likelihood, "plain", likelihood)
    if isinstance(plain, BinaryLikelihood | PartialLikelihood):
        return plain
    raise ArgumentError(NOT_PENALISED)


def lasso_columns(
    matrix: FloatArray,
    likelihood: Likelihood,
    penalty: Penalty,
    weights: FloatArray,
    clusters: IntArray | None = None,
) -> BoolArray:
    """Columns with a coefficient in the lasso fit of each replicate, (replicates, columns).

    Parameters
    ----------
    matrix : array, shape (n, columns)
        All candidates.
    likelihood : Likelihood
    penalty : Penalty
        Given, or found by cross-validation in every replicate.
    weights : array, shape (replicates, n)
    clusters : int array, shape (n,), optional
        Patient of each row; the rows of a patient share a fold.
    """
    plain = plain_likelihood(likelihood)
    shrinkage = Shrinkage("lasso", penalty, 1.0)
    penalised = (
        PenalisedBinary(plain, shrinkage, clusters)
        if isinstance(plain, BinaryLikelihood)
        else PenalisedPartial(plain, shrinkage, clusters)
    )
    beta = penalised.fit(matrix, weights).fits.beta[:, penalised.intercepts :]
    return np.asarray(beta != 0.0)


def check_lasso(event: FloatArray, penalty: Penalty, likelihood: Likelihood) -> None:
    """Enough of either outcome to find a penalty by cross-validation."""
    fewer = event.sum()
    if isinstance(plain_likelihood(likelihood), BinaryLikelihood):
        fewer = min(fewer, event.size - fewer)
    if penalty.value is None and fewer < FEWEST_EVENTS:
        raise FitError(
            f"The penalty of a selection by lasso cannot be found by cross-validation on "
            f"{fewer:.0f} patients of one outcome; {FEWEST_EVENTS} are the least. Give the "
            "penalty, or prespecify the predictors."
        )
