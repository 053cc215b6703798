"""A split by time of a model of time to event, measured by one horizon."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import DataError, FitError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models.external import remarks
from vertebrisk.models.external.following import few_followed, reached
from vertebrisk.models.external.measuring import Resamples
from vertebrisk.models.external.over_time import measured_by
from vertebrisk.models.external.results import ExternalHorizon
from vertebrisk.models.validating.periods import Split, split_findings, terms_of
from vertebrisk.models.validating.plan import procedure_name
from vertebrisk.models.validating.scheme import repeated_procedure
from vertebrisk.models.validating.timed_centres import (
    AskedOverTime,
    TimedFit,
    no_model,
    others_reached,
)
from vertebrisk.validation.survival.resampling import risks_by
from vertebrisk.validation.temporal import TemporalSplit


def split_over_time(
    fit: TimedFit,
    asked: AskedOverTime,
    split: Split,
    thresholds: FloatArray,
    settings: Resamples,
    *,
    fixed: bool,
) -> TemporalSplit:
    """See `CoxFit.temporal_split`."""
    later, horizon, patients = split.later, asked.horizon, asked.patients
    _check_sides(fit, asked, later)
    development, final = repeated_procedure(fit, fixed=fixed)
    weights = (~later)[None].astype(np.float64)
    made = development(weights, final)
    if made.separated[0]:
        raise FitError(
            "The procedure gives no finite estimate on the earlier patients: at every event "
            "whoever has it has the most extreme predictors. Choose a later date."
        )
    linear = made.linear[:, made.patterns.of]
    hazards = asked.model.log_hazards(linear, weights, np.array([horizon]))[0, :, 0]
    own, score = patients.take(later), linear[0]
    risk = risks_by(score[later], hazards[own.strata])
    found = measured_by(own.exit, own.status, risk, horizon, thresholds, settings)
    earlier_part = split.period(~later, fit.event, score)
    chosen = made.selected[0] if made.selected.shape[1] else final
    return TemporalSplit(
        outcome=fit.outcome,
        by=split.by,
        since=split.since,
        kind=asked.kind,
        procedure=procedure_name(fit.development, fixed=fixed),
        terms=terms_of([term.name for term in development.design.terms], chosen),
        earlier=earlier_part,
        later=split.period(later, fit.event, score),
        horizon=horizon,
        time_unit=fit.time_unit,
        level=settings.level,
        measures=found.measures,
        smoother=found.smoother,
        calibration=found.calibration,
        decision=found.decision,
        findings=_findings(
            fit,
            found,
            risk,
            earlier_part.n_events,
            development.parameters,
            deficient=bool(made.deficient[0]),
        ),
    )


def _check_sides(fit: TimedFit, asked: AskedOverTime, later: BoolArray) -> None:
    """The earlier patients give risks by the horizon, and the later ones reach it."""
    horizon, patients = asked.horizon, asked.patients
    by = f"{horizon:g} {fit.time_unit}".strip()
    reason = no_model(patients, later, horizon)
    if reason is not None:
        lacking = "with the event" if reason == "the others have one outcome" else "of a stratum"
        raise DataError(
            f"Among the earlier patients nobody {lacking} is seen by {by}, so their model gives no "
            "risks by then. Choose a later date or horizon."
        )
    if not others_reached(patients, later, horizon):
        raise DataError(
            f"The earlier patients are not followed to {by}, so their model gives no risks by "
            "then. Choose an earlier horizon."
        )
    own = patients.take(later)
    reached([horizon], own.exit, own.status, fit.time_unit)


def _findings(
    fit: TimedFit,
    found: ExternalHorizon,
    risk: FloatArray,
    earlier: int,
    parameters: int,
    *,
    deficient: bool,
) -> tuple[Finding, ...]:
    return by_severity(
        (
            *remarks.of_events_over_time([found], fit.time_unit),
            *few_followed(found.horizon, found.n_followed, fit.time_unit),
            *remarks.of_risks_over_time(found.horizon, risk, fit.time_unit),
            *split_findings(
                earlier,
                found.n_events,
                parameters,
                deficient=deficient,
                clustered=fit.clusters is not None,
                timed=True,
            ),
        )
    )
