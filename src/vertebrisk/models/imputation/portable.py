"""The RiskModel of a pooled fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.models.survival.portable import average_risks, portable_baselines
from vertebrisk.nomogram.build import linear_predictor_ticks

if TYPE_CHECKING:
    from vertebrisk.models.imputation.pooled import PooledFit


def portable_model(fit: PooledFit) -> RiskModel:
    """See `PooledFit.model`."""
    first = fit.fits[0]
    alone = first.model
    linear = fit.linear_predictors.ravel()
    kind = "none" if fit.selection.chooses else alone.interval_kind
    provenance = replace(alone.provenance, formula=fit.formula, selection=fit.selection.method)
    if isinstance(first, LogisticFit):
        return replace(
            alone,
            intercept=float(fit.pooled.estimate[0]),
            beta=fit.slopes,
            covariance=fit.covariance,
            linear_ticks=linear_predictor_ticks(linear),
            linear_spread=LinearSpread.of(linear),
            interval_kind=kind,
            provenance=provenance,
        )
    centre = float(linear.mean())
    names = first.strata_levels or ("",)
    baselines = portable_baselines(fit.baselines, names, first.horizons)
    tables = len(fit.fits)
    weights = first.likelihood.case_weights
    averages = average_risks(
        baselines,
        np.tile(first.times.groups, tables),
        linear,
        first.horizons,
        None if weights is None else np.tile(weights, tables),
    )
    return replace(
        alone,
        beta=fit.slopes,
        covariance=fit.covariance,
        linear_ticks=linear_predictor_ticks(linear - centre) + centre,
        linear_spread=LinearSpread.of(linear),
        baselines=baselines,
        average_risks=averages,
        interval_kind=kind,
        provenance=provenance,
    )
