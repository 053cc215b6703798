"""Rubin's rules: one answer from the answers of several imputed data sets.

Rubin 1987, Multiple Imputation for Nonresponse in Surveys (doi:10.1002/9780470316696);
degrees of freedom of Barnard and Rubin 1999 (doi:10.1093/biomet/86.4.948). The pooled
tests are Li, Raghunathan and Rubin's D1 (1991, doi:10.1080/01621459.1991.10475152) with
Reiter's degrees of freedom (2007, doi:10.1093/biomet/asm028), Li, Meng, Raghunathan and
Rubin's D2 (1991) and Meng and Rubin's D3 (1992, doi:10.1093/biomet/79.1.103), as in R's
``mice`` and ``mitml``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import chi2_upper, f_upper

_FEWEST_DF = 4  # of Reiter's equation


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Estimates pooled over imputations; every array has the shape of one estimate.

    Attributes
    ----------
    estimate : array
        Mean over the imputations.
    within, between, total : array
        Mean variance in one data set, variance between the data sets, and variance of the
        pooled estimate.
    relative_increase : array
        By how much missing values increase the variance.
    missing_share : array
        Share of the variance due to them (lambda).
    missing_information : array
        Fraction of missing information, with its degrees of freedom taken into account.
    df : array
        Degrees of freedom of the t distribution; infinite where nothing was missing and the
        complete data have infinitely many.
    """

    estimate: FloatArray
    within: FloatArray
    between: FloatArray
    total: FloatArray
    relative_increase: FloatArray
    missing_share: FloatArray
    missing_information: FloatArray
    df: FloatArray


@dataclass(frozen=True, slots=True)
class PooledTest:
    """A test pooled over imputations: F with `df1` and `df2` degrees of freedom."""

    statistic: float
    df1: int
    df2: float
    p_value: float
    relative_increase: float


def pool(estimates: FloatArray, variances: FloatArray, df_complete: float = np.inf) -> Pooled:
    """Estimates and variances, shape (imputations, ...), as one estimate.

    Parameters
    ----------
    estimates, variances : array, shape (imputations, ...)
        Two imputations or more.
    df_complete : float
        Degrees of freedom if nothing were missing: patients less parameters, or infinite.
    """
    m = estimates.shape[0]
    estimate, within = estimates.mean(axis=0), variances.mean(axis=0)
    between = estimates.var(axis=0, ddof=1)
    extra = (1.0 + 1.0 / m) * between
    total = within + extra
    with np.errstate(divide="ignore", invalid="ignore"):
        increase = np.where(extra > 0, extra / within, 0.0)
        share = np.where(extra > 0, extra / total, 0.0)
        df = _barnard_rubin(m, share, df_complete)
        information = (increase + 2.0 / (df + 3.0)) / (increase + 1.0)
    information = np.where(np.isinf(increase), 1.0, information)
    return Pooled(estimate, within, between, total, increase, share, information, df)


def _barnard_rubin(m: int, share: FloatArray, df_complete: float) -> FloatArray:
    old = (m - 1) / share**2
    if np.isinf(df_complete):
        return np.asarray(old)
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    return np.asarray(1.0 / (1.0 / old + 1.0 / observed))


def pool_covariance(
    estimates: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean, shape (p,), and total covariance, shape (p, p), of estimates of shape (m, p)."""
    m = estimates.shape[0]
    centred = estimates - estimates.mean(axis=0)
    between = centred.T @ centred / (m - 1)
    return estimates.mean(axis=0), covariances.mean(axis=0) + (1.0 + 1.0 / m) * between


def wald_test(
    estimates: FloatArray, covariances: FloatArray, df_complete: float = np.inf
) -> PooledTest:
    """D1: are coefficients of shape (m, k), with covariances (m, k, k), all zero?"""
    m, k = estimates.shape
    scale = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2).mean(axis=0))
    estimates, covariances = estimates / scale, covariances / np.outer(scale, scale)
    mean, within = estimates.mean(axis=0), covariances.mean(axis=0)
    centred = estimates - mean
    between = centred.T @ centred / (m - 1)
    increase = (1.0 + 1.0 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    statistic = float(mean @ np.linalg.solve(within, mean)) / (k * (1.0 + increase))
    if np.isinf(df_complete):
        df = _df_of_mean(k * (m - 1), k, increase)
    else:
        df = _reiter(k * (m - 1), k, increase, df_complete)
    return _tested(statistic, k, df, increase)


def statistics_test(statistics: FloatArray, k: int) -> PooledTest:
    """D2: one test from chi-square statistics of shape (m,), each with `k` degrees of freedom."""
    m = statistics.size
    increase = (1.0 + 1.0 / m) * float(np.sqrt(np.maximum(statistics, 0.0)).var(ddof=1))
    statistic = (float(statistics.mean()) / k - (m + 1) / (m - 1) * increase) / (1.0 + increase)
    df = np.inf if increase == 0 else k ** (-3.0 / m) * (m - 1) * (1.0 + 1.0 / increase) ** 2
    return _tested(max(statistic, 0.0), k, df, increase)


def likelihood_test(statistics: FloatArray, at_means: float, k: int) -> PooledTest:
    """D3: one likelihood-ratio test.

    Parameters
    ----------
    statistics : array, shape (m,)
        Likelihood-ratio statistic of each data set at its own estimates.
    at_means : float
        Mean over the data sets of the statistic at the pooled estimates of both models.
    k : int
        Difference in the number of parameters.
    """
    m = statistics.size
    increase = (m + 1) / (k * (m - 1)) * (float(statistics.mean()) - at_means)
    increase = max(increase, 0.0)
    statistic = at_means / (k * (1.0 + increase))
    return _tested(max(statistic, 0.0), k, _df_of_mean(k * (m - 1), k, increase), increase)


def _df_of_mean(t: int, k: int, increase: float) -> float:
    if increase == 0:
        return float(np.inf)
    if t > 4:
        return 4.0 + (t - 4) * (1.0 + (1.0 - 2.0 / t) / increase) ** 2
    return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / increase) ** 2 / 2.0


def _reiter(t: int, k: int, increase: float, df_complete: float) -> float:
    """Degrees of freedom of D1 in small samples; Reiter 2007, equation 3.

    The equation has no answer where complete data have hardly more than 4; Barnard and
    Rubin's harmonic sum, which it comes near to there, stands in.
    """
    if t <= 4:
        return _df_of_mean(t, k, increase)
    a = increase * t / (t - 2)
    whole = (df_complete + 1) / (df_complete + 3) * df_complete
    if whole <= _FEWEST_DF * (1 + a):
        return 1.0 / (1.0 / _df_of_mean(t, k, increase) + (1 + a) / whole)
    c0, c1, c2 = 1.0 / (t - 4), whole - 2 * (1 + a), whole - 4 * (1 + a)
    z = (
        1.0 / c2
        + c0 * (a**2 * c1 / ((1 + a) ** 2 * c2))
        + c0 * (8 * a**2 * c1 / ((1 + a) * c2**2) + 4 * a**2 / ((1 + a) * c2))
        + c0 * (4 * a**2 / (c2 * c1) + 16 * a**2 * c1 / c2**3)
        + c0 * (8 * a**2 / c2**2)
    )
    return 4.0 + 1.0 / z


def _tested(statistic: float, k: int, df: float, increase: float) -> PooledTest:
    p_value = chi2_upper(k * statistic, k) if np.isinf(df) else f_upper(statistic, k, df)
    return PooledTest(statistic, k, df, float(p_value), increase)
