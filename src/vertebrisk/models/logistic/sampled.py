"""From a sample of cases and controls to the population: two corrections of one model.

Prior correction moves the intercept of the maximum-likelihood fit; weighting lets every
patient stand for as many of the population as were not sampled. Where the model is right both
estimate the same, and prior correction is the more precise; where they differ by more than
their errors, the model is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.resamples import normal_draws
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.models.inference import coefficient_table
from vertebrisk.validation.resampling import Replicates

if TYPE_CHECKING:
    from vertebrisk.models.logistic.fit import LogisticFit

ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class WeightedFit:
    """Estimates of the weighted likelihood, intercept first, and their covariance."""

    beta: FloatArray
    cov: FloatArray


def corrected_covariance(covariance: FloatArray, sampling: ControlSampling) -> FloatArray:
    """Covariance after prior correction; the intercept comes first.

    Only the variance of the intercept changes: by -(1/n1 + 1/n0), since the sampling fixed the
    numbers of cases and controls (Prentice and Pyke 1979), and by + (1/N1 + 1/N0) where the
    prevalence was estimated from that many. With everybody sampled the two cancel.
    """
    moved = covariance.copy()
    moved[0, 0] += sampling.intercept_variance
    if moved[0, 0] < ROUNDING * covariance[0, 0]:  # a constant alone, the prevalence known
        moved[0, 0] = 0.0
    return moved


def weighted_fit(columns: FloatArray, event: FloatArray, sampling: ControlSampling) -> WeightedFit:
    """Logistic regression weighted to the population, with robust errors.

    Parameters
    ----------
    columns : array, shape (n, p)
        The intercept's ones first.
    event : array, shape (n,)
        1 for cases.
    sampling : ControlSampling

    Returns
    -------
    WeightedFit
        Covariance of a sample stratified by the outcome, as ``survey::svyglm`` with
        ``svydesign(strata = ~event)``; an estimated prevalence adds its own share.

    References
    ----------
    Binder 1983, doi:10.2307/1402588
    """
    weights = sampling.weights(event)
    fit = fit_logistic_batch(columns, event, weights[None])
    bread = fit.covariance()
    risk = 1.0 / (1.0 + np.exp(-(columns @ fit.beta[0])))
    scores = (weights * (event - risk))[:, None] * columns
    meat = np.zeros_like(bread)
    for stratum in (event > 0.5, event < 0.5):
        size = int(stratum.sum())
        centred = scores[stratum] - scores[stratum].mean(axis=0)
        meat += size / max(size - 1, 1) * centred.T @ centred
    slope = bread @ scores[event > 0.5].sum(axis=0)  # by the log-odds of the prevalence
    cov = bread @ meat @ bread + sampling.source.log_odds_variance * np.outer(slope, slope)
    return WeightedFit(fit.beta[0], cov)


def with_prevalence(
    replicates: Replicates, sampling: ControlSampling | None, seed: int
) -> Replicates:
    """Each resample's intercept with a prevalence of its own, where that is an estimate."""
    variance = 0.0 if sampling is None else sampling.source.log_odds_variance
    if variance == 0.0:
        return replicates
    coefficients = replicates.coefficients.copy()
    draws = normal_draws(seed, np.arange(coefficients.shape[0]))[:, 0]
    coefficients[:, 0] += np.sqrt(variance) * draws
    return replace(replicates, coefficients=coefficients)


def population_estimates(fit: LogisticFit, level: float) -> pl.DataFrame:
    """See `LogisticFit.population_estimates`."""
    assert fit.sampling is not None  # the caller has looked
    columns = np.column_stack([np.ones(fit.n), fit.matrix])
    weighted = weighted_fit(columns, fit.development.event, fit.sampling)
    prior = WeightedFit(np.concatenate([[fit.intercept], fit.beta]), fit.cov)
    frames = [
        _frame(name, fit, each, level) for name, each in (("prior", prior), ("weighted", weighted))
    ]
    return pl.concat(frames)


def _frame(method: str, fit: LogisticFit, found: WeightedFit, level: float) -> pl.DataFrame:
    names = [("(Intercept)", ""), *((each.term, each.level) for each in fit.design.columns)]
    table = coefficient_table(names, found.beta, found.cov, level)
    return table.select(pl.lit(method).alias("method"), pl.all())
