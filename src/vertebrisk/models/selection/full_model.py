"""The model of all candidates: what a selection is compared with."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.fine_gray_inference import fine_gray_inference
from vertebrisk.models import inference
from vertebrisk.models.development import Development
from vertebrisk.models.likelihoods import (
    Likelihood,
    PartialLikelihood,
    SubdistributionLikelihood,
    SubsetFits,
)
from vertebrisk.models.penalised.likelihoods import PenalisedBinary, PenalisedPartial
from vertebrisk.models.survival.inference import robust_covariance
from vertebrisk.validation.coefficients import FullModel


def full_model(
    development: Development, clusters: IntArray | None, *, robust: bool = False
) -> FullModel | None:
    """Estimates and errors of all candidates together; None where no predictors are chosen.

    Nor are there such where powers are found: resamples have other columns.

    By the estimator of the final model, under a penalty by maximum likelihood. `robust` asks
    for a sandwich in a Cox model without `clusters`, too.
    """
    if not development.selects or development.search is not None:
        return None
    names = tuple((column.term, column.level) for column in development.design.columns)
    likelihood, matrix = development.likelihood, development.matrix
    if isinstance(likelihood, PenalisedBinary | PenalisedPartial):
        likelihood = likelihood.plain
    before = likelihood.intercepts
    if len(names) + before >= matrix.shape[0]:
        return FullModel.unknown(names)
    model = likelihood.fit(matrix, np.ones((1, matrix.shape[0])))
    if model.fits.separated[0] or model.fits.deficient[0]:
        return FullModel.unknown(names)
    covariance = _covariance(likelihood, model, matrix, clusters, robust=robust)
    errors = np.sqrt(np.diag(covariance))
    return FullModel(names, model.fits.beta[0, before:], errors[before:])


def _covariance(
    likelihood: Likelihood,
    model: SubsetFits,
    matrix: FloatArray,
    clusters: IntArray | None,
    *,
    robust: bool,
) -> FloatArray:
    """Of all coefficients, an intercept first, as the errors of a final model."""
    beta, inverse = model.fits.beta[0], model.fits.covariance()
    if isinstance(likelihood, SubdistributionLikelihood):
        assert isinstance(model.fits, CoxFits)
        return fine_gray_inference(
            matrix,
            likelihood.exit,
            likelihood.status,
            beta,
            model.fits.information[0],
            censoring_strata=likelihood.censoring_strata,
            clusters=clusters,
        ).covariance
    plain = getattr(likelihood, "plain", likelihood)
    if isinstance(plain, PartialLikelihood) and (robust or clusters is not None):
        return robust_covariance(matrix, beta, inverse, plain, clusters)
    if clusters is None:
        return np.asarray(inverse)
    risk = 1.0 / (1.0 + np.exp(-model.linear()[0, model.patterns.of]))
    columns = np.column_stack([np.ones(matrix.shape[0]), matrix])
    return inference.clustered_covariance(columns, likelihood.event - risk, inverse, clusters)
