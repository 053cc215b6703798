"""What an imputed cohort and its pooled Cox model show over time."""

from __future__ import annotations

import math

import polars as pl

from vertebrisk.cohort.survival import CENSORED, COMPETING, SurvivalOutcome
from vertebrisk.errors import ArgumentError
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol.outcome import TimeToEventOutcome
from vertebrisk.report.results.survival import SurvivalResult
from vertebrisk.study.followed import HAZARDS
from vertebrisk.study.over_time import (
    TRANSFORM,
    cohort_curves,
    follow_up_length,
    group_tests,
    horizon_results,
)
from vertebrisk.study.steps import Prepared
from vertebrisk.validation.results import Estimate, Validation


def limited(found: tuple[float, float, float]) -> Estimate:
    """An estimate with limits, None where it has none."""
    estimate, *limits = found
    low, high = (each if math.isfinite(each) else None for each in limits)
    return Estimate(estimate, low, high)


def pooled_survival(
    prepared: Prepared,
    followed: SurvivalOutcome,
    fit: PooledFit,
    model: RiskModel,
    validation: Validation,
) -> SurvivalResult:
    """The numbers that only a study of time to event has, pooled over the tables."""
    protocol = prepared.protocol
    outcome = protocol.outcome
    assert isinstance(outcome, TimeToEventOutcome)
    hazards = pl.DataFrame(schema=HAZARDS)
    if fit.design.terms:
        hazards = fit.proportional_hazards(TRANSFORM).select(list(HAZARDS))
    return SurvivalResult(
        time_unit=followed.unit,
        ties=protocol.analysis.ties,
        competing_rule=outcome.competing or "",
        n_competing=int((followed.status == COMPETING).sum()),
        n_censored=int((followed.status == CENSORED).sum()),
        limit=model.limit,
        follow_up=follow_up_length(followed),
        horizons=horizon_results(followed, model, validation),
        uno=_uno(fit),
        groups=group_tests(prepared, followed),
        hazards=hazards,
        transform=TRANSFORM,
        curves=cohort_curves(followed, fit, model, fit.linear_predictors),
    )


def _uno(fit: PooledFit) -> Estimate | None:
    """Uno's C-index where it is defined: nobody entered late, no strata, two to compare."""
    first = fit.cox_fits[0]
    if first.times.entry is not None or first.times.strata is not None or not fit.design.terms:
        return None
    try:
        return limited(fit.c_index(kind="uno", tau=max(first.horizons)))
    except ArgumentError:  # no event by the last horizon, which is a finding
        return None
