"""Inference of a Cox model beyond its likelihood: robust errors, joint and trend tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.survival import residuals
from vertebrisk.kernels.survival.moments import Moments
from vertebrisk.kernels.survival.residuals import (
    ProportionalityTest,
    TimeTransform,
    proportionality,
    score,
)
from vertebrisk.models.likelihoods import PartialLikelihood

if TYPE_CHECKING:
    from vertebrisk.models.survival.fit import CoxFit

GLOBAL = "GLOBAL"
ResidualKind = Literal[
    "martingale", "deviance", "score", "dfbeta", "schoenfeld", "scaled_schoenfeld"
]


def moments_at(matrix: FloatArray, beta: FloatArray, likelihood: PartialLikelihood) -> Moments:
    """Risk-set sums at some coefficients."""
    return Moments.of(
        matrix, likelihood.times, beta, weights=likelihood.case_weights, ties=likelihood.ties
    )


def influence(
    matrix: FloatArray, beta: FloatArray, covariance: FloatArray, likelihood: PartialLikelihood
) -> FloatArray:
    """Approximate change of the coefficients by each patient (dfbeta), shape (n, p)."""
    scores = score(moments_at(matrix, beta, likelihood), matrix.shape[0])
    if likelihood.case_weights is not None:
        scores = scores * likelihood.case_weights[:, None]
    return np.asarray(scores @ covariance)


def robust_covariance(
    matrix: FloatArray,
    beta: FloatArray,
    covariance: FloatArray,
    likelihood: PartialLikelihood,
    clusters: IntArray | None,
) -> FloatArray:
    """Sandwich covariance (Lin and Wei), over clusters where there are any, as ``coxph``."""
    change = influence(matrix, beta, covariance, likelihood)
    if clusters is not None:
        total = np.zeros((int(clusters.max()) + 1, change.shape[1]))
        np.add.at(total, clusters, change)
        change = total
    return np.asarray(change.T @ change)


def wald_statistic(beta: FloatArray, covariance: FloatArray) -> float:
    """Joint Wald statistic."""
    return float(beta @ np.linalg.solve(covariance, beta)) if beta.size else 0.0


def score_statistic(matrix: FloatArray, likelihood: PartialLikelihood) -> float:
    """Score (log-rank) statistic of all coefficients, from the derivatives at zero."""
    if matrix.shape[1] == 0:
        return 0.0
    moments = moments_at(matrix, np.zeros(matrix.shape[1]), likelihood)
    gradient = moments.gradient()
    return float(gradient @ np.linalg.solve(moments.information(), gradient))


def trend_test(fit: CoxFit, transform: TimeTransform) -> ProportionalityTest:
    """Tests of proportional hazards; see `CoxFit.proportional_hazards`."""
    return proportionality(
        fit.moments, fit.times, fit.beta, list(fit.design.slices.values()), transform
    )


def trend_table(fit: CoxFit, transform: TimeTransform) -> pl.DataFrame:
    """See `CoxFit.proportional_hazards`."""
    test = trend_test(fit, transform)
    return trend_frame(fit.design, test.statistic, test.df)


def trend_frame(design: Design, statistic: FloatArray, df: IntArray) -> pl.DataFrame:
    """See `CoxFit.proportional_hazards`."""
    return pl.DataFrame(
        {
            "term": [*design.slices, GLOBAL],
            "df": df,
            "statistic": statistic,
            "p_value": chi2_upper(statistic, df),
        },
        schema={"term": pl.String, "df": pl.Int64, "statistic": pl.Float64, "p_value": pl.Float64},
    )


def schoenfeld_frame(fit: CoxFit, transform: TimeTransform) -> pl.DataFrame:
    """See `CoxFit.schoenfeld`."""
    test = trend_test(fit, transform)
    names = list(fit.design.slices)
    events = test.time.size
    return pl.DataFrame(
        {
            "term": np.repeat(names, events).tolist(),
            "stratum": [fit.strata_levels[code] if fit.strata else "" for code in test.stratum]
            * len(names),
            "time": np.tile(test.time, len(names)),
            "x": np.tile(test.x, len(names)),
            "residual": test.residuals.T.reshape(-1),
        },
        schema={
            "term": pl.String,
            "stratum": pl.String,
            "time": pl.Float64,
            "x": pl.Float64,
            "residual": pl.Float64,
        },
    )


def residual_frame(fit: CoxFit, kind: ResidualKind) -> pl.DataFrame:
    """See `CoxFit.residuals`."""
    if kind in ("martingale", "deviance"):
        values = getattr(residuals, kind)(fit.moments, fit.times)
        return pl.DataFrame({"residual": values}, schema={"residual": pl.Float64})
    if kind == "score":
        return _by_column(fit, score(fit.moments, fit.n))
    if kind == "dfbeta":
        return _by_column(fit, influence(fit.matrix, fit.beta, fit.naive_cov, fit.likelihood))
    sets = fit.moments.risk_sets
    values = residuals.schoenfeld(fit.moments)
    if kind == "scaled_schoenfeld":
        values = values @ fit.naive_cov * sets.deaths.size + fit.beta
    time = pl.Series("time", sets.times[sets.last[sets.deaths]])
    return _by_column(fit, values).insert_column(0, time)


def _by_column(fit: CoxFit, values: FloatArray) -> pl.DataFrame:
    names = [
        f"{column.term}[{column.level}]" if column.level else column.term
        for column in fit.design.columns
    ]
    return pl.DataFrame(values, schema=names, orient="row")
