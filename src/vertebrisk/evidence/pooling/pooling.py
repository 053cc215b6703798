"""Estimates of several studies pooled into one, with its prediction interval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._types import FloatArray
from vertebrisk.evidence.pooling.checking import as_effects, check_flag
from vertebrisk.evidence.pooling.remarks import pooling_findings
from vertebrisk.evidence.pooling.results import Pooled, PredictionDf
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod, q_profile
from vertebrisk.kernels.meta_analysis.synthesis import (
    Synthesis,
    critical,
    synthesise,
    two_sided,
)


def pool(
    estimates: ArrayLike,
    std_errors: ArrayLike,
    *,
    method: PoolingMethod = "REML",
    hartung_knapp: bool = True,
    conf_level: float = 0.95,
    prediction_df: PredictionDf | None = None,
) -> Pooled:
    """What do several studies say together, and what would a new one find?

    Parameters
    ----------
    estimates : array-like, shape (k,)
        Effect of each of two or more studies, on a scale where it is about normal: the log of
        an odds, hazard or observed-expected ratio, the logit of a proportion or C-statistic.
    std_errors : array-like, shape (k,)
        Standard errors on that scale, above zero. No missing values in either.
    method : str
        ``"REML"`` (restricted maximum likelihood), ``"DL"`` (DerSimonian and Laird), ``"PM"``
        (Paule and Mandel, the same as empirical Bayes), ``"ML"``, ``"HE"`` (Hedges), ``"SJ"``
        (Sidik and Jonkman), or ``"FE"``: one common effect.
    hartung_knapp : bool
        Scale the standard error by the spread found and test by t on k - 1 degrees of freedom.
        Not done under one common effect, where the test is normal.
    conf_level : float
        Coverage of every interval.
    prediction_df : {"k-1", "k-2", "normal"}, optional
        Of the prediction interval. By default that of the test, as metafor: ``"k-1"`` with
        Hartung and Knapp, else ``"normal"``. ``"k-2"`` is the older convention.

    Returns
    -------
    Pooled

    Raises
    ------
    ArgumentError
        For one study, missing values, standard errors not above zero, differing lengths or an
        unknown method.

    Notes
    -----
    As ``metafor::rma`` with ``test = "knha"``, ``confint`` and ``predict`` (metafor 3.8). Where
    the likelihood has several maxima the highest is taken.

    References
    ----------
    IntHout, Ioannidis and Borm 2014, doi:10.1186/1471-2288-14-25; Higgins, Thompson and
    Spiegelhalter 2009, doi:10.1111/j.1467-985X.2008.00552.x

    Examples
    --------
    >>> pooled = pool([-2.27, -1.73, -2.85, -1.83], [0.28, 0.26, 0.13, 0.18])
    >>> round(pooled.estimate, 2), round(pooled.i2)
    (-2.18, 88)
    """
    check_choice(method, "method", PoolingMethod)
    check_flag(hartung_knapp, "hartung_knapp")
    check_fraction(conf_level, "conf_level")
    if prediction_df is not None:
        check_choice(prediction_df, "prediction_df", PredictionDf)
    effects, variances = as_effects(estimates, std_errors)
    return pooled_effects(
        effects, variances, method, hartung_knapp and method != "FE", conf_level, prediction_df
    )


def pooled_effects(
    effects: FloatArray,
    variances: FloatArray,
    method: PoolingMethod,
    knapp_hartung: bool,
    conf_level: float,
    prediction_df: PredictionDf | None,
) -> Pooled:
    """`pool` on arrays that are known to be right."""
    fit = synthesise(
        effects, variances, np.ones((effects.size, 1)), method, knapp_hartung=knapp_hartung
    )
    estimate, std_error = float(fit.beta[0]), float(fit.std_errors[0])
    statistic, p_value = two_sided(estimate, std_error, fit.df)
    reach = critical(conf_level, fit.df) * std_error
    tau2_low, tau2_high, i2_low, i2_high = heterogeneity_limits(fit, method, conf_level)
    convention = _convention(method, knapp_hartung, prediction_df)
    low, high = _prediction(fit, estimate, std_error, convention, conf_level)
    return Pooled(
        estimate=estimate,
        std_error=std_error,
        conf_low=estimate - reach,
        conf_high=estimate + reach,
        statistic=None if math.isnan(statistic) else statistic,
        p_value=None if math.isnan(p_value) else p_value,
        test="z" if fit.df is None else "t",
        df=fit.df,
        tau2=fit.heterogeneity.tau2,
        tau2_std_error=fit.heterogeneity.std_error,
        tau2_low=tau2_low,
        tau2_high=tau2_high,
        i2=fit.i2,
        i2_low=i2_low,
        i2_high=i2_high,
        h2=fit.h2,
        q=fit.q,
        q_df=fit.q_df,
        q_p_value=fit.q_p_value,
        prediction_low=low,
        prediction_high=high,
        prediction_df=convention,
        k=effects.size,
        method=method,
        conf_level=conf_level,
        weights=tuple(float(weight) for weight in 100 * fit.weights),
        findings=pooling_findings(fit, method, convention, tau2_high),
    )


def heterogeneity_limits(
    fit: Synthesis, method: PoolingMethod, conf_level: float
) -> tuple[float | None, float | None, float | None, float | None]:
    """Limits of tau2 and of I2 in percent; None under one common effect."""
    if method == "FE":
        return None, None, None, None
    low, high = q_profile(fit.contrasts, conf_level)
    typical = fit.contrasts.typical_variance()
    return low, high, 100 * low / (typical + low), 100 * high / (typical + high)


def _convention(
    method: PoolingMethod, knapp_hartung: bool, asked: PredictionDf | None
) -> PredictionDf | None:
    if method == "FE":
        return None
    return asked or ("k-1" if knapp_hartung else "normal")


def _prediction(
    fit: Synthesis,
    estimate: float,
    std_error: float,
    convention: PredictionDf | None,
    conf_level: float,
) -> tuple[float | None, float | None]:
    """Limits for the effect of a new study; none on no degrees of freedom."""
    if convention is None:
        return None, None
    df = {"k-1": fit.q_df, "k-2": fit.q_df - 1, "normal": None}[convention]
    if df == 0:
        return None, None
    reach = critical(conf_level, df) * math.sqrt(std_error**2 + fit.heterogeneity.tau2)
    return estimate - reach, estimate + reach
