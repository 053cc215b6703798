"""The study of time to an event: Cox or Fine-Gray model, validation at the horizons."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.cohort.survival import EVENT, SurvivalOutcome
from vertebrisk.design.build import build_design
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, DataError, FewEventsWarning, FitError
from vertebrisk.findings import Finding, gathered
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.development import Selection
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.streamed.cox_screening import COX_SCREEN_SCHEMA
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fine_gray_fitting import fit_fine_gray_prepared
from vertebrisk.models.survival.fine_gray_screening import screen_fine_gray_term
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox_prepared
from vertebrisk.models.survival.reading import read_strata
from vertebrisk.models.survival.screening import screen_cox_term
from vertebrisk.models.tables import RegressionRow
from vertebrisk.protocol.outcome import TimeToEventOutcome
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.results.survival import Beside, SurvivalResult
from vertebrisk.study.binary import logistic_fit, validated
from vertebrisk.study.centres import centres_result
from vertebrisk.study.describing import (
    candidates_of,
    described_model,
    study_facts,
    study_objections,
)
from vertebrisk.study.example import example_patient
from vertebrisk.study.instability import instability_result
from vertebrisk.study.over_time import (
    TRANSFORM,
    cohort_curves,
    follow_up_length,
    group_tests,
    horizon_results,
    taken_for_censored,
)
from vertebrisk.study.penalised import has_errors, penalised_result, stated
from vertebrisk.study.periods import split_result
from vertebrisk.study.shapes import chosen_of, shapes_result, straight
from vertebrisk.study.shrinkage import shrinkage_result, shrunken_model
from vertebrisk.study.size import study_size, too_small
from vertebrisk.study.stability import stability_result
from vertebrisk.study.steps import (
    Prepared,
    StudyRun,
    distribution,
    nomogram_of,
    splines,
    threshold_grid,
)
from vertebrisk.text.messages import joined, reason, say
from vertebrisk.validation.results import Estimate, Validation
from vertebrisk.validation.survival.concordance import concordance

TimedFit = CoxFit | FineGrayFit


def followed_study(prepared: Prepared) -> StudyRun:
    """Fit, validate and describe the model of a prepared study of time to event."""
    protocol, cohort, clock = prepared.protocol, prepared.cohort, prepared.clock
    followed = cohort.survival
    assert followed is not None  # the protocol names a time, so the cohort has it
    with clock("fit"):
        fit = timed_fit(prepared, followed, prepared.terms, prepared.selection)
        univariable = _univariable(prepared, followed, fit)
    with clock("validate"):
        validation = _validated(fit, prepared, fixed=False)
    with clock("centres"):
        centres, about_centres = centres_result(prepared, fit)
        split, about_split = split_result(prepared, fit)
    fixed = None
    if fit.selection.chooses or fit.development.search is not None:
        with clock("validate_fixed"):
            fixed = _validated(fit, prepared, fixed=True)
    with clock("instability"):
        instability = instability_result(prepared, fit)
    size = study_size(protocol, cohort, fit.development.parameters, validation)
    shrunken = shrunken_model(fit, validation, protocol)
    linear = fit.linear_predictor * (1.0 if shrunken is None else shrunken.factor)
    model = described_model(fit, validation, protocol, cohort, prepared.options.language, shrunken)
    nomogram = nomogram_of(model)
    with clock("beside"):
        beside, about_it = _beside(prepared, followed)
    with clock("over time"):
        survival = _survival_result(prepared, followed, fit, model, validation, beside, linear)
    objections = study_objections(protocol, fit, validation)
    result = StudyResult(
        facts=study_facts(protocol, cohort, prepared.options, prepared.plan, fit, validation),
        flow=cohort.flow.said(prepared.options.language),
        comparison=prepared.comparison,
        univariable=univariable,
        multivariable=multivariable_rows(fit, intervals=protocol.analysis.intervals),
        equation=model.equation(),
        model_summary=stated(fit.summary().to_dict()),
        vif=fit.vif(),
        c_index=harrell(fit),
        roc=None,
        thresholds=None,
        validation=validation,
        validation_fixed=fixed,
        decision=validation.decision,
        nomogram=nomogram,
        total_points=distribution(nomogram, linear),
        example=example_patient(model, nomogram),
        findings=gathered(
            [
                *prepared.findings,
                *about_centres,
                *about_split,
                *not_told(fit.findings, prepared.findings),
                *objections,
                *too_small(size, fit.findings),
                *about_it,
                *changing_hazards(survival),
                *taken_for_censored(followed, fit, survival.horizons[0]),
            ],
            prepared.options.language,
        ),
        protocol=protocol,
        candidates=candidates_of(fit),
        splines=splines(fit.design),
        survival=survival,
        penalised=penalised_result(fit, validation),
        stability=stability_result(fit),
        shrinkage=shrinkage_result(shrunken),
        shapes=shapes_result(fit, model, validation),
        centres=centres,
        split=split,
        instability=instability,
        size=size,
    )
    return StudyRun(result, fit, model, cohort, prepared.needed)


def timed_fit(
    prepared: Prepared,
    followed: SurvivalOutcome,
    terms: Sequence[WrittenTerm],
    selection: Selection,
) -> TimedFit:
    """The model that the protocol names, on some candidates."""
    protocol, cohort = prepared.protocol, prepared.cohort
    outcome = protocol.outcome
    assert isinstance(outcome, TimeToEventOutcome)
    if protocol.analysis.model == "fine-gray":
        return fit_fine_gray_prepared(
            cohort.frame,
            followed.time,
            followed.status,
            terms,
            selection,
            formula=prepared.formula,
            outcome_name=outcome.name,
            competing_name=outcome.competing or "",
            clusters=cohort.clusters,
            horizons=followed.horizons,
            time_unit=followed.unit,
            info=prepared.info,
        )
    strata, levels = read_strata(cohort.frame, protocol.analysis.strata)
    times = SurvivalTimes(followed.time, followed.status == EVENT, followed.entry, strata)
    return fit_cox_prepared(
        cohort.frame,
        times,
        terms,
        selection,
        formula=prepared.formula,
        outcome_name=outcome.name,
        ties=protocol.analysis.ties,
        clusters=cohort.clusters,
        strata=protocol.analysis.strata,
        strata_levels=levels,
        horizons=followed.horizons,
        time_unit=followed.unit,
        info=prepared.info,
        shrinkage=prepared.shrinkage,
        firth=prepared.firth,
    )


def _univariable(
    prepared: Prepared, followed: SurvivalOutcome, fit: TimedFit
) -> tuple[RegressionRow, ...]:
    single = [straight(term) for term in prepared.terms if len(term.factors) == 1]
    rows = [row for term in single for row in _screened(prepared, followed, fit, term)]
    design, _ = build_design(prepared.cohort.frame, single, prepared.info)
    chosen = None
    if fit.selection.chooses:
        chosen = {term.name: chosen_of(term, fit.design) for term in single}
    table = univariable_rows(pl.DataFrame(rows, schema=COX_SCREEN_SCHEMA), design, chosen)
    if isinstance(fit, CoxFit):
        return table
    return tuple(_jointly(prepared, followed, row) for row in table)


def _jointly(prepared: Prepared, followed: SurvivalOutcome, row: RegressionRow) -> RegressionRow:
    """The heading of a variable with several levels, with Wald's test of all of them."""
    if row.kind != "overall":
        return row
    term = next(each for each in prepared.terms if each.name == row.term)
    try:
        test = timed_fit(prepared, followed, [term], Selection()).term_tests().row(0, named=True)
    except (FitError, DataError):
        return row
    return replace(row, wald=test["wald"], df=test["df"], p_value=test["wald_p_value"])


def _screened(
    prepared: Prepared, followed: SurvivalOutcome, fit: TimedFit, term: WrittenTerm
) -> list[dict[str, object]]:
    if isinstance(fit, CoxFit):
        return screen_cox_term(prepared.cohort.frame, fit.likelihood, term, fit.clusters)

    def alone() -> FineGrayFit:
        made = timed_fit(prepared, followed, [term], Selection())
        assert isinstance(made, FineGrayFit)
        return made

    return screen_fine_gray_term(term.name, alone, fit.n, fit.n_events)


def _validated(fit: TimedFit, prepared: Prepared, *, fixed: bool) -> Validation:
    return fit.validate(
        thresholds=threshold_grid(prepared.protocol), **prepared.validating(fixed=fixed)
    )


def harrell(fit: TimedFit) -> Estimate:
    """Harrell's C-index with its interval, apparent."""
    if isinstance(fit, FineGrayFit) or not fit.design.terms:
        return Estimate(fit.concordance)
    found = concordance(
        fit.times.exit,
        fit.event,
        fit.linear_predictor,
        entry=fit.times.entry,
        strata=fit.times.strata,
    )
    return Estimate(found.estimate, found.conf_low, found.conf_high)


def _uno(fit: TimedFit) -> Estimate | None:
    """Uno's C-index where it is defined: nobody entered late, no strata, two to compare."""
    if isinstance(fit, FineGrayFit) or not fit.design.terms:
        return None
    if fit.times.entry is not None or fit.times.strata is not None:
        return None
    try:
        found = concordance(
            fit.times.exit, fit.event, fit.linear_predictor, kind="uno", tau=max(fit.horizons)
        )
    except ArgumentError:  # no event by the last horizon, which is a finding
        return None
    return Estimate(found.estimate, found.conf_low, found.conf_high)


def _survival_result(
    prepared: Prepared,
    followed: SurvivalOutcome,
    fit: TimedFit,
    model: RiskModel,
    validation: Validation,
    beside: Beside | None,
    linear: FloatArray,
) -> SurvivalResult:
    protocol = prepared.protocol
    outcome = protocol.outcome
    assert isinstance(outcome, TimeToEventOutcome)
    hazards = pl.DataFrame(schema=HAZARDS)
    if isinstance(fit, CoxFit) and has_errors(fit) and fit.design.terms:
        hazards = fit.proportional_hazards(TRANSFORM).select(list(HAZARDS))
    return SurvivalResult(
        time_unit=followed.unit,
        ties=protocol.analysis.ties,
        competing_rule=outcome.competing or "",
        n_competing=int((followed.status == 2).sum()),
        n_censored=int((followed.status == 0).sum()),
        limit=model.limit,
        follow_up=follow_up_length(followed),
        horizons=horizon_results(followed, model, validation),
        uno=_uno(fit),
        groups=group_tests(prepared, followed),
        hazards=hazards,
        transform=TRANSFORM,
        curves=cohort_curves(followed, fit, model, linear),
        beside=beside,
    )


HAZARDS = {
    "term": pl.String,
    "statistic": pl.Float64,
    "df": pl.Int64,
    "p_value": pl.Float64,
}


def _beside(
    prepared: Prepared, followed: SurvivalOutcome
) -> tuple[Beside | None, tuple[Finding, ...]]:
    """The logistic model of whether the event was seen, where the protocol asks for it."""
    if prepared.protocol.analysis.beside != "logistic":
        return None, ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewEventsWarning)
            fit = logistic_fit(prepared, prepared.selection)
    except FitError as error:
        return None, (
            Finding(
                "beside-not-fitted",
                "warning",
                say(
                    "The logistic model beside the model of time to event has no estimate: {error}",
                    error=reason(error),
                ),
                say("Merge rare levels, or leave the term out."),
            ),
        )
    validation = validated(fit, prepared, fixed=False, step="validation of the logistic model")
    row = validation.table.filter(measure="c_index").row(0, named=True)
    ends = max(followed.horizons)
    return (
        Beside(
            rows=multivariable_rows(fit),
            n=fit.n,
            n_events=fit.n_events,
            n_censored=int(((followed.status == 0) & (followed.time < ends)).sum()),
            c_index=fit.roc().auc,
            corrected=Estimate(
                float(np.nan if row["corrected"] is None else row["corrected"]),
                row["conf_low"],
                row["conf_high"],
            ),
            resamples=validation.resamples,
        ),
        (),
    )


def not_told(findings: Sequence[Finding], known: Sequence[Finding]) -> list[Finding]:
    """Findings of the fit, without what the cohort has told already."""
    told = {each.code for each in known} & {"no-competing-event", "time-zero"}
    return [each for each in findings if each.code not in told]


def changing_hazards(survival: SurvivalResult) -> list[Finding]:
    """Terms whose hazard ratio is not constant."""
    rows = survival.hazards.filter(pl.col("term") != "GLOBAL", pl.col("p_value") < _ALPHA)
    if rows.is_empty():
        return []
    return [
        Finding(
            "changing-hazard-ratio",
            "warning",
            say(
                "The hazard ratio of {terms} changes over follow-up (P < {alpha:g}, scaled "
                "Schoenfeld residuals).",
                terms=joined(rows["term"].to_list()),
                alpha=_ALPHA,
            ),
            say("Stratify by it, or restrict the horizon; read its hazard ratio as an average."),
            say(
                "A Cox model holds each hazard ratio constant over time (Grambsch and "
                "Therneau 1994, doi:10.1093/biomet/81.3.515)."
            ),
        )
    ]


_ALPHA = 0.05
