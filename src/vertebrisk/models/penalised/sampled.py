"""Sampled controls and a penalty: the intercept moved, or every patient weighted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.penalised.likelihoods import PenalisedBinary
from vertebrisk.models.penalised.reporting import bare_coefficients

if TYPE_CHECKING:
    from vertebrisk.models.penalised.fit import PenalisedLogisticFit


def penalised_corrections(fit: PenalisedLogisticFit, level: float) -> pl.DataFrame:
    """See `LogisticFit.population_estimates`; terms that either of the two keeps."""
    development = fit.development
    prior = np.zeros(1 + development.matrix.shape[1])
    prior[0] = fit.intercept
    prior[1 + development.term_columns(fit.chosen)] = fit.beta
    weighted = _weighted(fit)
    kept = fit.chosen | development.terms_of((weighted[1:] != 0.0)[None])[0]
    columns = development.term_columns(kept)
    names = [(INTERCEPT, ""), *((each.term, each.level) for each in development.design.columns)]
    rows = [0, *(1 + columns)]
    frames = [
        bare_coefficients([names[row] for row in rows], beta[rows], level).select(
            pl.lit(method).alias("method"), pl.all()
        )
        for method, beta in (("prior", prior), ("weighted", weighted))
    ]
    return pl.concat(frames)


def _weighted(fit: PenalisedLogisticFit) -> FloatArray:
    """Coefficients of all candidates at the same penalty, the intercept first."""
    development = fit.development
    assert fit.sampling is not None
    assert isinstance(development.likelihood, PenalisedBinary)
    asked = replace(fit.shrinkage.penalty, value=fit.penalty)
    given = replace(development.likelihood, shrinkage=replace(fit.shrinkage, penalty=asked))
    weights = fit.sampling.weights(development.event)
    return np.asarray(given.fit(development.matrix, weights[None]).fits.beta[0])
