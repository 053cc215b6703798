"""Estimates of several studies pooled into one, with its prediction interval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._types import FloatArray
from vertebrisk.evidence.pooling.checking import as_effects
from vertebrisk.evidence.pooling.options import PoolingOptions
from vertebrisk.evidence.pooling.remarks import pooling_findings
from vertebrisk.evidence.pooling.results import Pooled, PredictionDf
from vertebrisk.kernels.meta_analysis.effects import Scale
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.kernels.meta_analysis.synthesis import (
    critical,
    heterogeneity_limits,
    prediction_limits,
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
    scale: Scale = "identity",
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
    scale : {"identity", "log", "logit"}
        Scale on which the estimates are given. It changes no number but those of
        ``Pooled.natural()``.

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
    As ``metafor::rma`` with ``test = "knha"``, ``confint`` and ``predict`` (metafor 3.8), searched
    to the last digit: metafor stops at 1e-5 of tau2, with Paule and Mandel's at 1e-4, unless its
    `control` asks for more. Where the likelihood has several maxima the highest is taken.

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
    options = PoolingOptions(method, hartung_knapp, conf_level, prediction_df, scale)
    return pooled_effects(*as_effects(estimates, std_errors), options)


def pooled_effects(effects: FloatArray, variances: FloatArray, options: PoolingOptions) -> Pooled:
    """`pool` on arrays that are known to be right."""
    method, conf_level = options.method, options.conf_level
    fit = synthesise(
        effects, variances, np.ones((effects.size, 1)), method, knapp_hartung=options.knapp_hartung
    )
    estimate, std_error = float(fit.beta[0]), float(fit.std_errors[0])
    statistic, p_value = two_sided(estimate, std_error, fit.df)
    reach = critical(conf_level, fit.df) * std_error
    tau2_low, tau2_high, i2_low, i2_high = heterogeneity_limits(fit, method, conf_level)
    tau2 = fit.heterogeneity.tau2
    low, high = new_study_limits(estimate, std_error, tau2, effects.size, options)
    return Pooled(
        estimate=estimate,
        std_error=std_error,
        conf_low=estimate - reach,
        conf_high=estimate + reach,
        statistic=None if math.isnan(statistic) else statistic,
        p_value=None if math.isnan(p_value) else p_value,
        test="z" if fit.df is None else "t",
        df=fit.df,
        tau2=tau2,
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
        prediction_df=options.prediction,
        k=effects.size,
        method=method,
        conf_level=conf_level,
        model="normal",
        scale=options.scale,
        weights=tuple(float(weight) for weight in 100 * fit.weights),
        findings=pooling_findings(fit, options, tau2_high),
    )


def new_study_limits(
    estimate: float, std_error: float, tau2: float, k: int, options: PoolingOptions
) -> tuple[float | None, float | None]:
    """Limits for the effect of a new study; none under one effect or on no degrees of freedom."""
    if options.prediction is None:
        return None, None
    df = {"k-1": k - 1, "k-2": k - 2, "normal": None}[options.prediction]
    if df == 0:
        return None, None
    return prediction_limits(estimate, std_error, tau2, df, options.conf_level)


def single_study(estimate: float, variance: float, options: PoolingOptions) -> Pooled:
    """A group of one study: its own estimate and normal interval, and no heterogeneity."""
    std_error = math.sqrt(variance)
    statistic, p_value = two_sided(estimate, std_error, None)
    reach = critical(options.conf_level, None) * std_error
    return Pooled(
        estimate=estimate,
        std_error=std_error,
        conf_low=estimate - reach,
        conf_high=estimate + reach,
        statistic=statistic,
        p_value=p_value,
        test="z",
        df=None,
        tau2=0.0,
        tau2_std_error=None,
        tau2_low=None,
        tau2_high=None,
        i2=0.0,
        i2_low=None,
        i2_high=None,
        h2=1.0,
        q=0.0,
        q_df=0,
        q_p_value=1.0,
        prediction_low=None,
        prediction_high=None,
        prediction_df=None,
        k=1,
        method=options.method,
        conf_level=options.conf_level,
        model="normal",
        scale=options.scale,
        weights=(100.0,),
    )
