"""Pooled effect or meta-regression of studies whose sampling variances are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import (
    chi2_upper,
    f_upper,
    normal_quantile,
    normal_two_sided,
    normal_upper,
    t_lower,
    t_quantile,
    t_two_sided,
)
from vertebrisk.kernels.meta_analysis.contrasts import Contrasts, error_contrasts
from vertebrisk.kernels.meta_analysis.heterogeneity import (
    Heterogeneity,
    PoolingMethod,
    estimate_tau2,
    q_profile,
)

_NEGLIGIBLE = float(np.finfo(np.float64).eps)  # residual spread that metafor takes for none


@dataclass(frozen=True, slots=True, eq=False)
class Synthesis:
    """Coefficients (p,) of k studies with their covariance (p, p) and heterogeneity.

    `scale` is the factor of Knapp and Hartung on the covariance (one without them), `df` the
    degrees of freedom of the t test, or None where tests are normal. `q` is Cochran's Q (QE
    with moderators) on `q_df`; `i2` (percent) and `h2` rest on it under one common effect and
    on tau2 otherwise. `weights` are those of the studies, which sum to one.
    """

    beta: FloatArray
    covariance: FloatArray
    scale: float
    df: int | None
    heterogeneity: Heterogeneity
    contrasts: Contrasts
    q: float
    q_df: int
    q_p_value: float
    i2: float
    h2: float
    weights: FloatArray

    @property
    def std_errors(self) -> FloatArray:
        """Standard errors (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def synthesise(
    estimates: FloatArray,
    variances: FloatArray,
    columns: FloatArray,
    method: PoolingMethod,
    *,
    knapp_hartung: bool,
) -> Synthesis:
    """Weighted least squares with weights ``1 / (v + tau2)``, as ``metafor::rma.uni``.

    Parameters
    ----------
    estimates, variances : array, shape (k,)
        Effects and their sampling variances, above zero.
    columns : array, shape (k, p)
        Design of full rank, its first column the intercept, p < k.
    method : str
        Estimator of the variance between studies, see `estimate_tau2`.
    knapp_hartung : bool
        Scale the covariance by the weighted residual variance and test by t on k - p degrees.

    References
    ----------
    Hartung and Knapp 2001, doi:10.1002/sim.1009; Knapp and Hartung 2003, doi:10.1002/sim.1482
    """
    k, p = columns.shape
    contrasts = error_contrasts(estimates, variances, columns)
    heterogeneity = estimate_tau2(contrasts, method)
    roots = 1 / np.sqrt(variances + heterogeneity.tau2)
    orthogonal, triangle = np.linalg.qr(roots[:, None] * columns)
    centre = float(estimates.mean())
    beta = np.linalg.solve(triangle, orthogonal.T @ (roots * (estimates - centre)))
    beta[0] += centre
    inverse = np.linalg.inv(triangle)
    scale = 1.0
    if knapp_hartung:
        spread = contrasts.generalised_q(heterogeneity.tau2)
        scale = 0.0 if spread <= _NEGLIGIBLE else spread / (k - p)
    q = contrasts.generalised_q(0.0)
    i2, h2 = inconsistency(contrasts, heterogeneity.tau2, method)
    return Synthesis(
        beta=beta,
        covariance=scale * (inverse @ inverse.T),
        scale=scale,
        df=k - p if knapp_hartung else None,
        heterogeneity=heterogeneity,
        contrasts=contrasts,
        q=q,
        q_df=k - p,
        q_p_value=float(chi2_upper(q, k - p)),
        i2=i2,
        h2=h2,
        weights=roots**2 / (roots**2).sum(),
    )


def inconsistency(contrasts: Contrasts, tau2: float, method: PoolingMethod) -> tuple[float, float]:
    """I2 in percent and H2, as metafor defines them for the estimator."""
    if method == "FE":
        q, freedom = contrasts.generalised_q(0.0), contrasts.freedom
        return (max(0.0, 100 * (q - freedom) / q) if q > 0 else 0.0), q / freedom
    typical = contrasts.typical_variance()
    return 100 * tau2 / (typical + tau2), tau2 / typical + 1


def two_sided(estimate: float, std_error: float, df: int | None) -> tuple[float, float]:
    """Statistic and p value of an effect of zero; NaN where the estimate and its error are zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(np.divide(estimate, std_error))
    p_value = normal_two_sided(statistic) if df is None else t_two_sided(statistic, df)
    return statistic, float(p_value)


def critical(level: float, df: int | None) -> float:
    """Quantile that an interval of this level reaches to on either side."""
    quantile = normal_quantile(0.5 + level / 2) if df is None else t_quantile(0.5 + level / 2, df)
    return float(quantile)


def heterogeneity_limits(
    fit: Synthesis, method: PoolingMethod, level: float
) -> tuple[float | None, float | None, float | None, float | None]:
    """Limits of tau2 and of I2 in percent; None under one common effect."""
    if method == "FE":
        return None, None, None, None
    low, high = q_profile(fit.contrasts, level)
    typical = fit.contrasts.typical_variance()
    return low, high, 100 * low / (typical + low), 100 * high / (typical + high)


def prediction_limits(
    estimate: float, std_error: float, tau2: float, df: int | None, level: float
) -> tuple[float, float]:
    """Limits for the effect of a new study, by t on `df` degrees, or normal where it is None."""
    reach = critical(level, df) * float(np.sqrt(std_error**2 + tau2))
    return estimate - reach, estimate + reach


def new_study_below(
    value: float, estimate: float, std_error: float, tau2: float, df: int | None
) -> float:
    """Probability that the effect of a new study is below a value; as `prediction_limits`."""
    spread = float(np.sqrt(std_error**2 + tau2))
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = float(np.divide(value - estimate, spread))
    return float(normal_upper(-distance) if df is None else t_lower(distance, df))


def omnibus(beta: FloatArray, covariance: FloatArray, df: int | None) -> tuple[float, int, float]:
    """Test that all of these coefficients are zero: statistic, its degrees, p value.

    The statistic is chi-square, or with `df` an F on (degrees, df), as QM of ``rma``. NaN where
    nothing varies about the fit.
    """
    if not covariance.any():
        return float("nan"), beta.size, float("nan")
    chi_square = float(beta @ np.linalg.solve(covariance, beta))
    if df is None:
        return chi_square, beta.size, float(chi2_upper(chi_square, beta.size))
    ratio = chi_square / beta.size
    return ratio, beta.size, float(f_upper(ratio, beta.size, df))


def explained(fit: Synthesis, alone: Synthesis, method: PoolingMethod) -> float:
    """R2 in percent, as metafor: the share of tau2 that the moderators take away.

    Under one common effect the adjusted R2 of weighted least squares. Never below zero, and
    zero where there is no heterogeneity to explain.
    """
    if method == "FE":
        return max(0.0, 100 * (1 - (fit.q / fit.q_df) / (alone.q / alone.q_df)) if alone.q else 0.0)
    before, after = alone.heterogeneity.tau2, fit.heterogeneity.tau2
    return max(0.0, 100 * (before - after) / before) if before > 0 else 0.0


def egger_regression(estimates: FloatArray, variances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Effects on their standard errors by weighted least squares with a free residual variance.

    Coefficients (intercept, slope) and their covariance (2, 2), as R's ``lm`` with weights.
    """
    columns = np.column_stack([np.ones(estimates.size), np.sqrt(variances)])
    fit = synthesise(estimates, variances, columns, "FE", knapp_hartung=True)
    return fit.beta, fit.covariance
