"""Funnel and Egger's test: do small studies find something else than large ones?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import check_choice
from vertebrisk._types import FloatArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.pooling.checking import as_effects, need_studies
from vertebrisk.evidence.pooling.options import PoolingOptions
from vertebrisk.evidence.pooling.results import SCHEMA_VERSION, TestKind, plain
from vertebrisk.findings import Finding
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.kernels.meta_analysis.synthesis import (
    critical,
    egger_regression,
    synthesise,
    two_sided,
)
from vertebrisk.text.messages import say

EggerModel = Literal["classical", "random-effects"]
ENOUGH_STUDIES = 10
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Egger:
    """Egger's regression test of an asymmetric funnel; made by `egger`.

    `slope` is the change of the effect by one unit of its standard error, tested against zero;
    `limit` the effect of a study without any error, with its interval.
    """

    slope: float
    std_error: float
    statistic: float | None
    df: int | None
    p_value: float | None
    test: TestKind
    limit: float
    limit_low: float
    limit_high: float
    k: int
    model: EggerModel
    method: str
    conf_level: float
    findings: tuple[Finding, ...]

    def to_dict(self) -> Json:
        """JSON form."""
        return {"schema_version": SCHEMA_VERSION, "kind": "egger", **plain(self)}


@dataclass(frozen=True, slots=True)
class Funnel:
    """Points and lines of a funnel plot: effects against their standard errors.

    `centre` is the pooled estimate; at the error ``line_errors[i]`` a study of that effect lies
    between ``line_low[i]`` and ``line_high[i]`` with probability `conf_level`, if there is no
    variance between studies.
    """

    estimates: tuple[float, ...]
    std_errors: tuple[float, ...]
    centre: float
    line_errors: tuple[float, ...]
    line_low: tuple[float, ...]
    line_high: tuple[float, ...]
    conf_level: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {"schema_version": SCHEMA_VERSION, "kind": "funnel", **plain(self)}


def egger(
    estimates: ArrayLike,
    std_errors: ArrayLike,
    *,
    model: EggerModel = "classical",
    method: PoolingMethod = "REML",
    hartung_knapp: bool = False,
    conf_level: float = 0.95,
) -> Egger:
    """Do smaller studies give larger effects, as when small ones without one stay unpublished?

    Parameters
    ----------
    estimates, std_errors : array-like, shape (k,)
        As for `pool`, of three or more studies whose standard errors differ.
    model : {"classical", "random-effects"}
        ``"classical"``: weighted regression of the effects on their standard errors with a free
        residual variance, by t on k - 2 degrees of freedom. ``"random-effects"``:
        meta-regression on the standard error.
    method, hartung_knapp : str, bool
        Of the random-effects model only, see `pool`.
    conf_level : float
        Coverage of the interval of the limit.

    Returns
    -------
    Egger
        As ``metafor::regtest`` with ``model = "lm"`` or ``"rma"``. Under ten studies a finding
        says that the test has hardly any power.

    Raises
    ------
    ArgumentError
        For fewer than three studies, equal standard errors, and what `pool` refuses.

    References
    ----------
    Egger et al. 1997, doi:10.1136/bmj.315.7109.629; Sterne et al. 2011, doi:10.1136/bmj.d4002
    """
    check_choice(model, "model", EggerModel)
    options = PoolingOptions(method, hartung_knapp, conf_level)
    effects, variances = as_effects(estimates, std_errors)
    need_studies(effects.size, 3)
    errors = np.sqrt(variances)
    if np.ptp(errors) <= 1e-10 * errors.max():
        raise ArgumentError(
            "std_errors are the same in all studies; Egger's test compares small studies with "
            "large ones."
        )
    beta, covariance, df = _fitted(effects, variances, model, options)
    slope, std_error = float(beta[1]), math.sqrt(covariance[1, 1])
    statistic, p_value = two_sided(slope, std_error, df)
    limit, reach = float(beta[0]), critical(conf_level, df) * math.sqrt(covariance[0, 0])
    return Egger(
        slope=slope,
        std_error=std_error,
        statistic=None if math.isnan(statistic) else statistic,
        df=df,
        p_value=None if math.isnan(p_value) else p_value,
        test="z" if df is None else "t",
        limit=limit,
        limit_low=limit - reach,
        limit_high=limit + reach,
        k=effects.size,
        model=model,
        method="" if model == "classical" else method,
        conf_level=conf_level,
        findings=_caveat(effects.size),
    )


def _fitted(
    effects: FloatArray, variances: FloatArray, model: EggerModel, options: PoolingOptions
) -> tuple[FloatArray, FloatArray, int | None]:
    if model == "classical":
        beta, covariance = egger_regression(effects, variances)
        return beta, covariance, effects.size - 2
    columns = np.column_stack([np.ones(effects.size), np.sqrt(variances)])
    fit = synthesise(
        effects, variances, columns, options.method, knapp_hartung=options.knapp_hartung
    )
    return fit.beta, fit.covariance, fit.df


def funnel(
    estimates: ArrayLike,
    std_errors: ArrayLike,
    *,
    method: PoolingMethod = "REML",
    conf_level: float = 0.95,
) -> Funnel:
    """What does a funnel plot of these studies show?

    Parameters
    ----------
    estimates, std_errors : array-like, shape (k,)
        As for `pool`.
    method : str
        Of the pooled estimate about which the lines are drawn, see `pool`.
    conf_level : float
        Share of studies between the lines where there is no variance between studies.

    Returns
    -------
    Funnel

    Raises
    ------
    ArgumentError
        For what `pool` refuses.
    """
    options = PoolingOptions(method, False, conf_level)
    effects, variances = as_effects(estimates, std_errors)
    fit = synthesise(
        effects, variances, np.ones((effects.size, 1)), options.method, knapp_hartung=False
    )
    centre = float(fit.beta[0])
    errors = np.linspace(0.0, float(np.sqrt(variances.max())), _STEPS + 1)
    reach = critical(conf_level, None) * errors
    return Funnel(
        estimates=_floats(effects),
        std_errors=_floats(np.sqrt(variances)),
        centre=centre,
        line_errors=_floats(errors),
        line_low=_floats(centre - reach),
        line_high=_floats(centre + reach),
        conf_level=conf_level,
    )


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _caveat(k: int) -> tuple[Finding, ...]:
    if k >= ENOUGH_STUDIES:
        return ()
    return (
        Finding(
            "egger-few-studies",
            "warning",
            say(
                "Egger's test of {k} studies has hardly any power; {enough_studies} or more "
                "are advised. A large P is no evidence that nothing is missing.",
                k=k,
                enough_studies=ENOUGH_STUDIES,
            ),
            say("Show the funnel, and draw no conclusion from the test."),
            say(
                "Sterne et al. 2011, doi:10.1136/bmj.d4002. Asymmetry has other causes than "
                "missing studies, heterogeneity first of all."
            ),
        ),
    )
