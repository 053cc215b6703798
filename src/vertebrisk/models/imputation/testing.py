"""Pooled tests of terms, shapes and interactions: what `PooledFit` answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk.kernels.imputation import rubin
from vertebrisk.models.anova import pooled_anova
from vertebrisk.models.imputation.one_table import likelihood_at, refitted

if TYPE_CHECKING:
    from vertebrisk.models.imputation.pooled import PooledFit


def term_tests(fit: PooledFit) -> pl.DataFrame:
    """See `PooledFit.term_tests`."""
    rows = [_tested(fit, name, part) for name, part in fit.design.slices.items()]
    schema: dict[str, type[pl.DataType]] = {
        "term": pl.String, "df": pl.Int64, "wald": pl.Float64, "wald_df": pl.Float64,
        "wald_p_value": pl.Float64, "wald_pooled": pl.Float64,
        "wald_pooled_p_value": pl.Float64, "lr": pl.Float64, "lr_df": pl.Float64,
        "lr_p_value": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def wald_tests(fit: PooledFit) -> pl.DataFrame:
    """See `PooledFit.wald_tests`."""
    rows = [
        (name, part.stop - part.start, found.statistic, found.p_value)
        for name, part in fit.design.slices.items()
        for found in [_wald(fit, part)]
    ]
    schema = {"term": pl.String, "df": pl.Int64, "wald": pl.Float64, "wald_p_value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def shape_tests(fit: PooledFit) -> pl.DataFrame:
    """See `PooledFit.anova`."""
    estimates, covariances = fit.parts
    before = estimates.shape[1] - len(fit.design.columns)
    return pooled_anova(
        fit.design, estimates[:, before:], covariances[:, before:, before:], fit.df_complete
    )


def _wald(fit: PooledFit, part: slice) -> rubin.PooledTest:
    estimates, covariances = fit.parts
    own = np.arange(part.start, part.stop) + estimates.shape[1] - len(fit.design.columns)
    return rubin.wald_test(estimates[:, own], covariances[:, own][:, :, own], fit.df_complete)


def _tested(fit: PooledFit, name: str, part: slice) -> tuple[str | int | float | None, ...]:
    estimates, covariances = fit.parts
    before = estimates.shape[1] - len(fit.design.columns)
    own = np.arange(part.start, part.stop) + before
    beta, spread = estimates[:, own], covariances[:, own][:, :, own]
    d1 = rubin.wald_test(beta, spread, fit.df_complete)
    wald = np.einsum("mk,mk->m", beta, np.linalg.solve(spread, beta[:, :, None])[:, :, 0])
    d2 = rubin.statistics_test(wald, own.size)
    d3 = None if fit.by_firth else _ratio_test(fit, part)
    ratio = (None, None, None) if d3 is None else (d3.statistic, d3.df2, d3.p_value)
    return (
        name, own.size, d1.statistic, d1.df2, d1.p_value, d2.statistic, d2.p_value, *ratio,
    )  # fmt: skip


def _ratio_test(fit: PooledFit, part: slice) -> rubin.PooledTest:
    """Meng and Rubin's test of the model without some columns."""
    everything = np.arange(len(fit.design.columns))
    left = np.delete(everything, part)
    small = [refitted(each, left) for each in fit.fits]
    likely = np.array([each.log_likelihood for each in fit.fits])
    ratios = 2.0 * (likely - np.array([value for _, value in small]))
    mean, mean_small = fit.pooled.estimate, np.mean([beta for beta, _ in small], axis=0)
    whole = np.array([likelihood_at(each, everything, mean) for each in fit.fits])
    rest = np.array([likelihood_at(each, left, mean_small) for each in fit.fits])
    at_means = float(2.0 * (whole - rest).mean())
    return rubin.likelihood_test(ratios, at_means, part.stop - part.start)
