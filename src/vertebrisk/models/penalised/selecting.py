"""The lasso as a way to choose predictors, which are then fitted without a penalty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.kernels.penalised.path import Mixture, cox_paths, logistic_paths
from vertebrisk.models.likelihoods import BinaryLikelihood, Likelihood, PartialLikelihood
from vertebrisk.models.penalised.likelihoods import PenalisedBinary, PenalisedPartial
from vertebrisk.models.penalised.penalty import Penalty, Shrinkage
from vertebrisk.models.selection.stability import first_of

FEWEST_EVENTS = 3
RUNGS = ((16, 0.3), (80, 0.005))  # steps of a path and its last penalty, relative to the first
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
    factors: FloatArray | None = None,
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
    factors : array, shape (columns,), optional
        Penalty factors, as `column_factors` gives them.
    """
    plain = plain_likelihood(likelihood)
    shrinkage = Shrinkage("lasso", penalty, 1.0)
    penalised = (
        PenalisedBinary(plain, shrinkage, clusters, factors)
        if isinstance(plain, BinaryLikelihood)
        else PenalisedPartial(plain, shrinkage, clusters, factors)
    )
    beta = penalised.fit(matrix, weights).fits.beta[:, penalised.intercepts :]
    return np.asarray(beta != 0.0)


def entered_first(
    matrix: FloatArray,
    slices: Sequence[slice],
    likelihood: Likelihood,
    weights: FloatArray,
    wanted: int,
) -> BoolArray:
    """The first terms to enter the lasso path of each replicate, (replicates, terms).

    Parameters
    ----------
    matrix : array, shape (n, columns)
    slices : sequence of slice
        Columns of each term; a term enters with the first of them.
    likelihood : Likelihood
    weights : array, shape (replicates, n)
    wanted : int
        How many; of terms that enter at one step those with the larger coefficients, in
        standard deviations of their columns.
    """
    plain = plain_likelihood(likelihood)
    order = np.full((weights.shape[0], len(slices)), np.inf)
    open_ = np.arange(weights.shape[0])
    for steps, lowest in RUNGS:
        order[open_] = _entrance(matrix, slices, plain, weights[open_], steps, lowest)
        open_ = open_[np.isfinite(order[open_]).sum(axis=1) < wanted]
        if open_.size == 0:
            break
    return first_of(order, wanted)


def _entrance(
    matrix: FloatArray,
    slices: Sequence[slice],
    plain: BinaryLikelihood | PartialLikelihood,
    weights: FloatArray,
    steps: int,
    lowest: float,
) -> FloatArray:
    """Step at which each term enters, infinite for never; earlier by its size among equals."""
    if isinstance(plain, BinaryLikelihood):
        patterns = find_patterns(matrix)
        counts, events = patterns.count(weights, plain.event)
        paths = logistic_paths(
            patterns.rows, events, counts, Mixture(1.0), steps=steps, lowest=lowest
        )
    else:
        mass = weights if plain.case_weights is None else weights * plain.case_weights
        paths = cox_paths(
            matrix, plain.times, mass, Mixture(1.0), steps=steps, ties=plain.ties, counts=weights,
            lowest=lowest,
        )  # fmt: skip
    before = plain.intercepts
    sizes = np.abs(paths.beta[:, :, before:]) * paths.spread[:, None, before:]
    terms = np.stack([sizes[:, :, part].max(axis=2) for part in slices], axis=2)
    enters = (terms > 0.0).argmax(axis=1)
    size = np.take_along_axis(terms, enters[:, None, :], axis=1)[:, 0]
    earlier = size / (1.0 + size)  # between 0 and 1
    return np.where(size > 0.0, enters + 1.0 - earlier, np.inf)


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
