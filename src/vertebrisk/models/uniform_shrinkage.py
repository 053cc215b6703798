"""Uniform shrinkage: all coefficients multiplied by one factor, the intercept found anew.

The factor is the calibration slope that a validation expects in new patients, or the
heuristic one of van Houwelingen and le Cessie, (chi-square - df) / chi-square. It mends
predictions that are too extreme on average; it does not mend a bad choice of predictors.

References
----------
van Houwelingen and le Cessie 1990, doi:10.1002/sim.4780091109.
Steyerberg 2019, doi:10.1007/978-3-030-16399-0, chapter 13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.portable.describing import Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.nomogram.build import linear_predictor_ticks
from vertebrisk.validation.results import Validation

if TYPE_CHECKING:
    from vertebrisk.models.logistic.fit import LogisticFit
    from vertebrisk.models.survival.fit import CoxFit

ShrinkageKind = Literal["bootstrap", "heuristic"]
ITERATIONS = 50
CLOSE = 1e-12  # of a mean risk


@dataclass(frozen=True, slots=True, eq=False)
class ShrunkenModel:
    """A model whose coefficients are shrunken by one factor.

    Attributes
    ----------
    kind : {"bootstrap", "heuristic"}
        Whether the factor is the slope of a validation or that of the likelihood ratio.
    factor : float
        Above 0, at most 1.
    estimated : float
        The factor before it was held to 1: above it the data ask for no shrinkage.
    coefficients : DataFrame
        term, level, estimate (as fitted), shrunken; the intercept first where there is one.
    model : RiskModel
        Portable, with nomogram and calculator like any other. Its interval comes from the
        validation's draws, each shrunken by the same factor, which is taken for known; without
        draws, and for a Cox model, there is none.
    """

    kind: ShrinkageKind
    factor: float
    estimated: float
    coefficients: pl.DataFrame
    model: RiskModel


def shrunken_logistic(fit: LogisticFit, validation: Validation | None) -> ShrunkenModel:
    """See `LogisticFit.shrunken`."""
    kind, estimated = _factor(fit, validation)
    factor = min(estimated, 1.0)
    linear = factor * (fit.matrix @ fit.beta)
    design = np.ones((fit.n, 1))
    found = fit_logistic_batch(
        design, fit.development.event, design.T, offset=linear, start=np.zeros(1)
    )
    intercept = float(found.beta[0, 0]) - fit.offset
    draws = None
    if validation is not None and validation.draws is not None:
        draws = _shrunken_draws(validation.draws, fit.matrix, factor, fit.offset)
    model = replace(
        fit.model,
        intercept=intercept,
        beta=factor * fit.beta,
        covariance=None,
        draws=None,
        interval_kind="none",
        linear_ticks=linear_predictor_ticks(intercept + linear),
        linear_spread=_spread(fit, intercept, factor),
        provenance=_told(fit.model, kind, factor),
    )
    before = np.concatenate([[fit.intercept], fit.beta])
    after = np.concatenate([[intercept], factor * fit.beta])
    names = [(INTERCEPT, ""), *((each.term, each.level) for each in fit.design.columns)]
    return ShrunkenModel(
        kind,
        factor,
        estimated,
        _table(names, before, after),
        model if draws is None else model.with_draws(draws),
    )


def shrunken_cox(fit: CoxFit, validation: Validation | None) -> ShrunkenModel:
    """See `CoxFit.shrunken`; the baseline hazard is that of the shrunken coefficients."""
    from vertebrisk.models.survival.portable import averages_of_cox, portable_baselines

    kind, estimated = _factor(fit, validation)
    factor = min(estimated, 1.0)
    beta = factor * fit.beta
    moved = replace(fit, beta=beta)
    linear = factor * fit.linear_predictor
    centre = float(linear.mean())
    names = fit.strata_levels or ("",)
    baselines = portable_baselines(moved.baselines, names, fit.horizons)
    model = replace(
        fit.model,
        beta=beta,
        covariance=None,
        draws=None,
        interval_kind="none",
        baselines=baselines,
        average_risks=averages_of_cox(fit, baselines, linear),
        linear_ticks=linear_predictor_ticks(linear - centre) + centre,
        linear_spread=LinearSpread.of(linear),
        provenance=_told(fit.model, kind, factor),
    )
    columns = [(each.term, each.level) for each in fit.design.columns]
    return ShrunkenModel(kind, factor, estimated, _table(columns, fit.beta, beta), model)


def _spread(fit: LogisticFit, intercept: float, factor: float) -> LinearSpread | None:
    before = fit.model.linear_spread
    return before and before.moved(intercept - factor * fit.intercept, factor)


def _factor(
    fit: LogisticFit | CoxFit, validation: Validation | None
) -> tuple[ShrinkageKind, float]:
    if fit.covariance_kind == "none":
        raise ArgumentError(
            "The coefficients are shrunken by a penalty already; a second factor would shrink them "
            "twice."
        )
    if not fit.design.terms:
        raise FitError("The model has no predictors, so there is nothing to shrink.")
    if validation is None:
        return "heuristic", _heuristic(fit)
    if validation.method != "optimism-bootstrap":
        raise ArgumentError(
            f"The validation is by {validation.method}; the factor is the slope that the optimism "
            "bootstrap corrects. Validate without method=, or shrink without a validation."
        )
    slope = validation.corrected("slope")
    if not np.isfinite(slope) or slope <= 0.0:
        raise FitError(
            f"The corrected slope of the validation is {slope:.3g}: the resamples give no sign "
            "that the model predicts anything, so no factor mends it. Prespecify fewer predictors."
        )
    return "bootstrap", float(slope)


def _heuristic(fit: LogisticFit | CoxFit) -> float:
    if fit.model.provenance.estimator != "ml":
        raise ArgumentError(
            "The heuristic factor is that of maximum likelihood, and this fit is another; give its "
            "validation, whose slope says what is left to shrink."
        )
    if fit.covariance_kind != "model":
        raise ArgumentError(
            "The heuristic factor needs the likelihood of independent patients; give the "
            "validation of this fit, whose slope needs no likelihood."
        )
    ratio = 2.0 * (fit.log_likelihood - fit.null_log_likelihood)
    df = fit.development.parameters
    if ratio <= df:
        raise FitError(
            f"The likelihood-ratio chi-square of {ratio:.3g} is no more than its {df} degrees of "
            "freedom (those of all candidates), so the model predicts no better than chance would; "
            "no factor mends it. Prespecify fewer predictors."
        )
    return (ratio - df) / ratio


def _shrunken_draws(
    draws: FloatArray, matrix: FloatArray, factor: float, offset: float
) -> FloatArray:
    """Draws with slopes times the factor, and intercepts that keep each draw's mean risk.

    `offset` is what prior correction took off the intercepts: the mean over the patients is
    kept on the scale of the sample that they are.
    """
    draws = draws.copy()
    draws[:, 0] += offset
    shrunken = draws.copy()
    shrunken[:, 1:] *= factor
    rows, count = np.unique(matrix, axis=0, return_counts=True)
    share = count / count.sum()
    slopes = shrunken[:, 1:] @ rows.T
    goal = _risks(draws[:, :1] + draws[:, 1:] @ rows.T) @ share
    intercept = draws[:, 0].copy()
    for _ in range(ITERATIONS):
        risk = _risks(intercept[:, None] + slopes)
        gap = goal - risk @ share
        intercept += np.clip(gap / np.maximum((risk * (1.0 - risk)) @ share, 1e-12), -2.0, 2.0)
        if np.abs(gap).max(initial=0.0) < CLOSE:
            break
    shrunken[:, 0] = intercept - offset
    return shrunken


def _risks(linear: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(linear, -700.0, 700.0))))


def _told(model: RiskModel, kind: ShrinkageKind, factor: float) -> Provenance:
    own = model.provenance
    return replace(own, estimator=f"{own.estimator}, coefficients times {factor:.4g} ({kind})")


def _table(names: list[tuple[str, str]], before: FloatArray, after: FloatArray) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "term": [term for term, _ in names],
            "level": [level for _, level in names],
            "estimate": before,
            "shrunken": after,
        },
        schema={
            "term": pl.String,
            "level": pl.String,
            "estimate": pl.Float64,
            "shrunken": pl.Float64,
        },
    )
