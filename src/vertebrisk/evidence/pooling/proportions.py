"""Proportions of several studies pooled, with or without a normal approximation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import check_choice
from vertebrisk._types import FloatArray
from vertebrisk.errors import FitError
from vertebrisk.evidence.pooling.checking import as_counts, need_studies
from vertebrisk.evidence.pooling.options import PoolingOptions
from vertebrisk.evidence.pooling.pooling import new_study_limits, pooled_effects
from vertebrisk.evidence.pooling.remarks import few_studies, no_prediction, with_findings
from vertebrisk.evidence.pooling.results import Pooled, PoolingModel, PredictionDf
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.meta_analysis.binomial_normal import fit_binomial_normal
from vertebrisk.kernels.meta_analysis.contrasts import error_contrasts
from vertebrisk.kernels.meta_analysis.effects import logit_proportion
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.kernels.meta_analysis.synthesis import critical, inconsistency, two_sided
from vertebrisk.text.messages import say


def pool_proportions(
    events: ArrayLike,
    sizes: ArrayLike,
    *,
    model: PoolingModel = "normal",
    method: PoolingMethod = "REML",
    hartung_knapp: bool = True,
    conf_level: float = 0.95,
    prediction_df: PredictionDf | None = None,
) -> Pooled:
    """How often does the event occur, over several studies?

    Parameters
    ----------
    events, sizes : array-like, shape (k,)
        Patients with the event and patients in all, of each of two or more studies.
    model : {"normal", "binomial-normal"}
        ``"normal"``: logits with their standard errors; where none or all of a study's patients
        have the event a half is added to both its cells. ``"binomial-normal"``: the counts
        themselves, by logistic regression with a random intercept (maximum likelihood); for
        rare events.
    method, hartung_knapp : str, bool
        Of the normal model only, see `pool`.
    conf_level : float
        Coverage of every interval.
    prediction_df : {"k-1", "k-2", "normal"}, optional
        Of the prediction interval, see `pool`; by default normal in the binomial-normal model.

    Returns
    -------
    Pooled
        On the logit scale; ``natural()`` gives proportions.

    Raises
    ------
    ArgumentError
        For one study, and for counts that are not whole, missing, or above their size.
    FitError
        When the binomial-normal model has no finite maximum.

    Notes
    -----
    As ``metafor::escalc(measure = "PLO")`` with ``rma``, and as ``rma.glmm(measure = "PLO")``.

    References
    ----------
    Stijnen, Hamza and Ozdemir 2010, doi:10.1002/sim.4040

    Examples
    --------
    >>> pooled = pool_proportions([14, 18, 61, 37], [150, 120, 1120, 268])
    >>> round(pooled.natural().estimate, 3)
    0.101
    """
    check_choice(model, "model", PoolingModel)
    options = PoolingOptions(method, hartung_knapp, conf_level, prediction_df, "logit")
    x, n = as_counts(events, sizes)
    need_studies(x.size)
    if model == "normal":
        pooled = pooled_effects(*logit_proportion(x, n), options)
        return with_findings(pooled, _empty_cells(x, n))
    mixed = PoolingOptions("ML", False, conf_level, prediction_df, "logit")
    return _binomial_normal(x, n, mixed)


def _binomial_normal(x: FloatArray, n: FloatArray, options: PoolingOptions) -> Pooled:
    if x.sum() in (0.0, n.sum()):
        who = "No patient" if x.sum() == 0 else "Every patient"
        raise FitError(
            f"{who} of any study has the event, so the binomial-normal model has no finite "
            "estimate. Give an upper or lower limit of the proportion of all studies together."
        )
    fit = fit_binomial_normal(x, n)
    if fit is None:
        raise FitError(
            "The binomial-normal model has no finite maximum: nearly every study has the event in "
            "none or in all of its patients. Show the studies apart."
        )
    statistic, p_value = two_sided(fit.beta, fit.std_error, None)
    reach = critical(options.conf_level, None) * fit.std_error
    contrasts = error_contrasts(*logit_proportion(x, n), np.ones((x.size, 1)))
    i2, h2 = inconsistency(contrasts, fit.tau2, "ML")
    low, high = new_study_limits(fit.beta, fit.std_error, fit.tau2, x.size, options)
    return Pooled(
        estimate=fit.beta,
        std_error=fit.std_error,
        conf_low=fit.beta - reach,
        conf_high=fit.beta + reach,
        statistic=statistic,
        p_value=p_value,
        test="z",
        df=None,
        tau2=fit.tau2,
        tau2_std_error=None,
        tau2_low=None,
        tau2_high=None,
        i2=i2,
        i2_low=None,
        i2_high=None,
        h2=h2,
        q=fit.lr_statistic,
        q_df=x.size - 1,
        q_p_value=float(chi2_upper(fit.lr_statistic, x.size - 1)),
        prediction_low=low,
        prediction_high=high,
        prediction_df=options.prediction,
        k=x.size,
        method="ML",
        conf_level=options.conf_level,
        model="binomial-normal",
        scale="logit",
        weights=(),
        findings=(*few_studies(x.size), *no_prediction(x.size, options)),
    )


def _empty_cells(x: FloatArray, n: FloatArray) -> Iterator[Finding]:
    empty = int(((x == 0) | (x == n)).sum())
    if empty:
        yield Finding(
            "empty-cells",
            "warning",
            say(
                "{empty} of {size} studies have the event in none or in all of their "
                "patients; a half was added to both their cells, which moves the pooled "
                "proportion.",
                empty=empty,
                size=x.size,
            ),
            say("Use the binomial-normal model, which needs no such number."),
        )
