"""The part of `results.json` that only a study of time to event has.

Curves are drawn in the figures but not written: their steps stand at patients' own times.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

from vertebrisk._types import Json
from vertebrisk.validation.decision import BENEFIT_COLUMNS
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve

if TYPE_CHECKING:
    from vertebrisk.report.results.survival import Beside, GroupTest, HorizonResult, SurvivalResult


def survival_document(survival: SurvivalResult | None) -> Json | None:
    """Everything at the horizons, the tests, and the logistic model beside, if any."""
    if survival is None:
        return None
    return {
        "time_unit": survival.time_unit,
        "ties": survival.ties,
        "competing_rule": survival.competing_rule,
        "n_competing": survival.n_competing,
        "n_censored": survival.n_censored,
        "limit": survival.limit,
        "follow_up": asdict(survival.follow_up),
        "horizons": [_horizon(each) for each in survival.horizons],
        "uno": None if survival.uno is None else survival.uno.to_dict(),
        "groups": [_group(each) for each in survival.groups],
        "hazards": survival.hazards.to_dicts(),
        "transform": survival.transform,
        "beside": None if survival.beside is None else _beside(survival.beside),
    }


def calibration_document(curve: CalibrationCurve) -> Json:
    """A calibration curve, its predicted risks rounded so that none is a patient's own."""
    return {
        "curve": curve.frame.with_columns(pl.col("predicted").round(4)).to_dicts(),
        "distribution": curve.distribution.to_dicts(),
        "smoother": curve.smoother,
        "mean_absolute_error": curve.mean_absolute_error,
    }


def decision_document(curve: DecisionCurve) -> Json:
    """A decision curve with the prevalence that it rests on."""
    frame = curve.frame.select(BENEFIT_COLUMNS)
    return {"prevalence": curve.prevalence, "curve": frame.to_dicts()}


def _horizon(each: HorizonResult) -> Json:
    return {
        "horizon": each.horizon,
        "n_at_risk": each.n_at_risk,
        "n_events": each.n_events,
        "n_competing": each.n_competing,
        "n_censored": each.n_censored,
        "incidence": each.incidence.to_dict(),
        "baseline_hazard": each.baseline_hazard,
        "measures": each.measures.to_dicts(),
        "calibration": None if each.calibration is None else calibration_document(each.calibration),
        "decision": None if each.decision is None else decision_document(each.decision),
    }


def _group(each: GroupTest) -> Json:
    return {
        "variable": each.variable,
        "label": each.label,
        "levels": each.levels.to_dicts(),
        "statistic": each.statistic,
        "df": each.df,
        "p_value": each.p_value,
    }


def _beside(beside: Beside) -> Json:
    return {
        "rows": [row.to_dict() for row in beside.rows],
        "n": beside.n,
        "n_events": beside.n_events,
        "n_censored": beside.n_censored,
        "c_index": beside.c_index.to_dict(),
        "corrected": beside.corrected.to_dict(),
        "resamples": beside.resamples,
    }
