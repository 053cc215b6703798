"""Agreement of readers: kappa and Gwet's coefficients from a table, intraclass correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import f_quantile, f_upper, normal_quantile, t_quantile

Weighting = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimate with standard error and interval; NaN where it is undefined."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float


UNDEFINED = Coefficient(np.nan, np.nan, np.nan, np.nan)


def agreement_weights(levels: int, weighting: Weighting) -> FloatArray:
    """Weights of agreement, 1 on the diagonal: equal spacing, shape (levels, levels)."""
    if weighting == "none":
        return np.eye(levels)
    apart = np.abs(np.subtract.outer(np.arange(levels), np.arange(levels))) / (levels - 1)
    return np.asarray(1 - (apart if weighting == "linear" else apart**2))


def cohen_kappa(table: FloatArray, weights: FloatArray, level: float) -> Coefficient:
    """Cohen's kappa, weighted by agreement, with its large-sample standard error.

    As ``vcd::Kappa`` and ``psych::cohen.kappa``. Undefined where chance agreement is 1.

    Parameters
    ----------
    table : array, shape (levels, levels)
        Counts, first reader by second.
    weights : array, shape (levels, levels)
    level : float
        Coverage of the interval, which is normal and cut at -1 and 1.

    References
    ----------
    Cohen 1968, doi:10.1037/h0026256; Fleiss, Cohen and Everitt 1969, doi:10.1037/h0028106
    """
    n = float(table.sum())
    shares = table / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((weights * shares).sum())
    chance = float(rows @ weights @ columns)
    if 1 - chance < 1e-12:
        return UNDEFINED
    kappa = (observed - chance) / (1 - chance)
    expected = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    spread = float((shares * np.square(weights - expected * (1 - kappa))).sum())
    variance = (spread - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    error = float(np.sqrt(max(0.0, variance)))
    return _symmetric(kappa, error, float(normal_quantile(0.5 + level / 2)))


def gwet_coefficient(table: FloatArray, weights: FloatArray, level: float) -> Coefficient:
    """Gwet's AC1, or AC2 with weights, with its interval over patients.

    The variance is over patients for fixed readers, with ``n - 1`` degrees of freedom, as
    ``irrCAC::gwet.ac1.raw``.

    References
    ----------
    Gwet 2008, doi:10.1348/000711006X126600
    """
    n, k = float(table.sum()), table.shape[0]
    shares = table / n
    usual = (shares.sum(axis=1) + shares.sum(axis=0)) / 2
    scale = float(weights.sum()) / (k * (k - 1))
    observed = float((weights * shares).sum())
    chance = scale * float(usual @ (1 - usual))
    if 1 - chance < 1e-12 or n < 2:
        return UNDEFINED
    coefficient = (observed - chance) / (1 - chance)
    own = scale * ((1 - usual)[:, None] + (1 - usual)[None, :]) / 2
    each = (weights - chance) / (1 - chance)
    each = each - 2 * (1 - coefficient) * (own - chance) / (1 - chance)
    variance = float((table * np.square(each - coefficient)).sum()) / (n * (n - 1))
    return _symmetric(
        coefficient, float(np.sqrt(variance)), float(t_quantile(0.5 + level / 2, n - 1))
    )


def _symmetric(estimate: float, error: float, reach: float) -> Coefficient:
    low, high = estimate - reach * error, estimate + reach * error
    return Coefficient(estimate, error, max(-1.0, low), min(1.0, high))


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Two-way mean squares of n patients by k readers."""

    n: int
    k: int
    patients: float
    readers: float
    error: float


def mean_squares(scores: FloatArray) -> MeanSquares:
    """Mean squares of a complete table, shape (n, k), with n and k at least 2."""
    n, k = scores.shape
    centred = scores - scores.mean()
    by_patient, by_reader = centred.mean(axis=1), centred.mean(axis=0)
    rest = centred - by_patient[:, None] - by_reader[None, :]
    return MeanSquares(
        n,
        k,
        k * float(by_patient @ by_patient) / (n - 1),
        n * float(by_reader @ by_reader) / (k - 1),
        float(np.square(rest).sum()) / ((n - 1) * (k - 1)),
    )


@dataclass(frozen=True, slots=True)
class IntraclassForm:
    """One form of the ICC with its F interval and the test that it is zero."""

    estimate: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    df2: float
    p_value: float


def intraclass_consistency(ms: MeanSquares, level: float) -> IntraclassForm:
    """ICC(3,1) of Shrout and Fleiss, ICC(C,1) of McGraw and Wong; as ``psych::ICC``."""
    df, df2 = float(ms.n - 1), float((ms.n - 1) * (ms.k - 1))
    ratio = ms.patients / ms.error if ms.error > 0 else np.inf
    tail = 0.5 + level / 2
    low = ratio / float(f_quantile(tail, df, df2))
    high = ratio * float(f_quantile(tail, df2, df))
    icc, below, above = (_from_ratio(each, ms.k) for each in (ratio, low, high))
    return IntraclassForm(icc, below, above, ratio, df, df2, _p_value(ratio, df, df2))


def intraclass_agreement(ms: MeanSquares, level: float) -> IntraclassForm:
    """ICC(2,1) of Shrout and Fleiss, ICC(A,1) of McGraw and Wong; as ``psych::ICC``.

    References
    ----------
    Shrout and Fleiss 1979, doi:10.1037/0033-2909.86.2.420; McGraw and Wong 1996,
    doi:10.1037/1082-989X.1.1.30
    """
    n, k = ms.n, ms.k
    icc = (ms.patients - ms.error) / (
        ms.patients + (k - 1) * ms.error + k * (ms.readers - ms.error) / n
    )
    df, df2 = float(n - 1), float((n - 1) * (k - 1))
    ratio = ms.patients / ms.error if ms.error > 0 else np.inf
    p_value = _p_value(ratio, df, df2)
    if ms.error <= 0:
        return IntraclassForm(icc, np.nan, np.nan, ratio, df, df2, p_value)
    between = ms.readers / ms.error
    rest = n * (1 + (k - 1) * icc) - k * icc
    spread = (k - 1) * (n - 1) * (k * icc * between + rest) ** 2
    v = spread / ((n - 1) * k**2 * icc**2 * between**2 + rest**2)
    tail = 0.5 + level / 2
    upper, lower = float(f_quantile(tail, df, v)), float(f_quantile(tail, v, df))
    others = k * ms.readers + (k * n - k - n) * ms.error
    low = n * (ms.patients - upper * ms.error) / (upper * others + n * ms.patients)
    high = n * (lower * ms.patients - ms.error) / (others + n * lower * ms.patients)
    return IntraclassForm(icc, low, high, ratio, df, df2, p_value)


def of_the_mean(form: IntraclassForm, k: int) -> IntraclassForm:
    """The same form for the mean of k readers: Spearman and Brown's step-up."""
    limits = form.estimate, form.conf_low, form.conf_high
    icc, low, high = (_stepped(each, k) for each in limits)
    return IntraclassForm(icc, low, high, form.statistic, form.df, form.df2, form.p_value)


def _stepped(single: float, k: int) -> float:
    below = 1 + single * (k - 1)
    return single * k / below if below > 0 else np.nan


def _from_ratio(ratio: float, k: int) -> float:
    return 1.0 if np.isinf(ratio) else (ratio - 1) / (ratio + k - 1)


def _p_value(ratio: float, df: float, df2: float) -> float:
    return 0.0 if np.isinf(ratio) else float(f_upper(ratio, df, df2))
