"""Repeated measures on complete rows: univariate ANOVA, sphericity, Friedman."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.distributions import chi2_upper, f_upper
from vertebrisk.kernels.ranks import midranks


@dataclass(frozen=True, slots=True)
class Stratum:
    """Sums of squares of one error stratum's effect: its F and how much it explains."""

    ss: float
    df: float
    ss_error: float
    df_error: float

    @property
    def statistic(self) -> float:
        """F; NaN where the error is zero."""
        if self.df_error <= 0 or self.ss_error <= 0:
            return np.nan
        return (self.ss / self.df) / (self.ss_error / self.df_error)

    def p_value(self, epsilon: float = 1.0) -> float:
        """Upper tail of F, both degrees of freedom multiplied by `epsilon`."""
        return float(f_upper(self.statistic, self.df * epsilon, self.df_error * epsilon))


@dataclass(frozen=True, slots=True)
class Sphericity:
    """Mauchly's test and the two epsilons; NaN where they do not exist.

    `huynh_feldt` is as computed, and may exceed 1; degrees of freedom are multiplied by
    1 then.
    """

    w: float
    statistic: float
    df: float
    p_value: float
    greenhouse_geisser: float
    huynh_feldt: float


@dataclass(frozen=True, slots=True)
class RepeatedAnova:
    """Strata of a design with visits within patients, and groups between them.

    `group` and `interaction` are None where there is one group. `total_error` is the sum
    of squares of patients within groups and of the error within patients.
    """

    visit: Stratum
    group: Stratum | None
    interaction: Stratum | None
    total_error: float
    sphericity: Sphericity


def repeated_anova(scores: FloatArray, groups: IntArray | None = None) -> RepeatedAnova:
    """Univariate repeated-measures ANOVA, with groups of patients where given.

    Sums of squares are of type III, as ``car::Anova(lm(cbind(...) ~ group), type = 3)``
    with sum contrasts: the effect of visit weighs all groups alike. With one group they
    are those of ``aov(score ~ visit + Error(patient / visit))``.

    Parameters
    ----------
    scores : array, shape (n, k)
        Patients by visits, none missing; k is at least 2.
    groups : int array, shape (n,), optional
        Codes 0 ... g - 1, each of which occurs; fewer groups than patients.

    References
    ----------
    Greenhouse and Geisser 1959, doi:10.1007/BF02289823; Huynh and Feldt 1976,
    doi:10.3102/10769986001001069, with Lecoutre's correction for groups (1991); Mauchly
    1940, doi:10.1214/aoms/1177731915
    """
    n, k = scores.shape
    codes = np.zeros(n, dtype=np.int64) if groups is None else groups
    sizes = np.bincount(codes).astype(np.float64)
    g = sizes.size
    contrasts = scores @ _orthonormal_contrasts(k)
    means = _group_means(contrasts, codes, sizes)
    residuals = contrasts - means[codes]
    error = residuals.T @ residuals
    ss_error, df_error = float(np.trace(error)), float((n - g) * (k - 1))
    grand = means.mean(axis=0)
    visit_ss = float(grand @ grand) / float((1 / sizes).sum() / g**2)
    visit = Stratum(visit_ss, float(k - 1), ss_error, df_error)
    patient = scores.sum(axis=1) / np.sqrt(k)
    patient_means = _group_means(patient[:, None], codes, sizes)[:, 0]
    ss_patients = float(np.square(patient - patient_means[codes]).sum())
    group = interaction = None
    if g > 1:
        between = np.square(patient_means - patient.mean()) @ sizes
        crossed = np.square(means - contrasts.mean(axis=0)).sum(axis=1) @ sizes
        group = Stratum(float(between), float(g - 1), ss_patients, float(n - g))
        interaction = Stratum(float(crossed), float((g - 1) * (k - 1)), ss_error, df_error)
    return RepeatedAnova(
        visit, group, interaction, ss_patients + ss_error, sphericity(error, n - g)
    )


def _orthonormal_contrasts(k: int) -> FloatArray:
    """Columns, shape (k, k - 1), that are orthonormal and orthogonal to a constant."""
    basis, _ = np.linalg.qr(np.column_stack([np.ones(k), np.eye(k)[:, :-1]]))
    return np.asarray(basis[:, 1:])


def _group_means(values: FloatArray, codes: IntArray, sizes: FloatArray) -> FloatArray:
    sums = np.zeros((sizes.size, values.shape[1]))
    np.add.at(sums, codes, values)
    return np.asarray(sums / sizes[:, None])


def sphericity(error: FloatArray, df: int) -> Sphericity:
    """Mauchly's test, as R's ``mauchly.test``, and the epsilons, as ``anova.mlm``.

    Parameters
    ----------
    error : array, shape (p, p)
        Sums of squares and products of orthonormal contrasts within groups.
    df : int
        Patients less groups. With ``df < p``, or one contrast, there is no test.

    Notes
    -----
    The second term of the p value is R's, with the number of visits where Anderson's
    expansion has that of contrasts; it differs from three contrasts on, in the fourth digit.
    """
    p = error.shape[0]
    trace = float(np.trace(error))
    if trace <= 0 or df < 1:
        return Sphericity(*[np.nan] * 6)
    gg = trace**2 / (p * float(np.square(error).sum()))
    spare = p * (df - p * gg)
    hf = ((df + 1) * p * gg - 2) / spare if spare > 0 else np.nan
    if p == 1:
        return Sphericity(np.nan, np.nan, np.nan, np.nan, 1.0, 1.0)
    sign, logarithm = np.linalg.slogdet(error / (trace / p))
    if df < p or sign <= 0 or np.linalg.matrix_rank(error, hermitian=True) < p:
        return Sphericity(np.nan, np.nan, np.nan, np.nan, gg, hf)
    rho = 1 - (2 * p**2 + p + 2) / (6 * p * df)
    second = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p**2 + 3 * (p + 1) + 2)
    second /= 288 * (df * p * rho) ** 2
    z = -df * rho * float(logarithm)
    f = p * (p + 1) / 2 - 1
    first_tail = float(chi2_upper(z, f))
    p_value = first_tail + second * (float(chi2_upper(z, f + 4)) - first_tail)
    return Sphericity(float(np.exp(logarithm)), z, f, min(1.0, max(0.0, p_value)), gg, hf)


@dataclass(frozen=True, slots=True)
class Friedman:
    """Friedman's chi-square with its degrees of freedom, and Kendall's W (0 to 1)."""

    statistic: float
    df: float
    p_value: float
    kendall_w: float


def friedman(scores: FloatArray) -> Friedman:
    """Friedman's test, corrected for ties, as R's ``friedman.test``.

    Parameters
    ----------
    scores : array, shape (n, k)
        Patients by visits, none missing. NaN where each patient's scores are all equal.

    References
    ----------
    Friedman 1937, doi:10.1080/01621459.1937.10503522
    """
    n, k = scores.shape
    ranks = np.apply_along_axis(midranks, 1, scores)
    spread = float(np.square(ranks.sum(axis=0) - n * (k + 1) / 2).sum())
    tied = 0.0
    for row in ranks:
        _, repeats = np.unique(row, return_counts=True)
        tied += float((repeats**3 - repeats).sum())
    scale = n * k * (k + 1) - tied / (k - 1)
    if scale <= 1e-9:
        return Friedman(np.nan, float(k - 1), np.nan, np.nan)
    statistic = 12 * spread / scale
    df = float(k - 1)
    return Friedman(statistic, df, float(chi2_upper(statistic, df)), statistic / (n * df))
