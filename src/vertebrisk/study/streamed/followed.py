"""The study of time to an event of patients that are read in pieces: a Cox model."""

from __future__ import annotations

import numpy as np

from vertebrisk.design.formulas import SurvivalFormula
from vertebrisk.design.rules import Expression
from vertebrisk.design.syntax import quoted
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.findings import gathered
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.cox_fitting import fit_cox_parsed
from vertebrisk.models.streamed.cox_screening import screen_cox_terms
from vertebrisk.models.streamed.designing import design_of_scan
from vertebrisk.models.streamed.follow_up import FollowUp
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.results.survival import SurvivalResult
from vertebrisk.study.describing import (
    candidates_of,
    described_model,
    study_facts,
    study_objections,
)
from vertebrisk.study.example import example_patient
from vertebrisk.study.followed import HAZARDS, changing_hazards, not_told
from vertebrisk.study.over_time import TRANSFORM, follow_up_length, horizon_results
from vertebrisk.study.penalised import stated
from vertebrisk.study.shapes import straight
from vertebrisk.study.size import study_size, too_small
from vertebrisk.study.steps import formula_of, nomogram_of, splines, threshold_grid
from vertebrisk.study.streamed.over_time import CountedFollowUp, curves_of
from vertebrisk.study.streamed.points import total_points
from vertebrisk.study.streamed.preparing import PreparedScan, ScannedRun
from vertebrisk.study.streamed.validating import followed_validation
from vertebrisk.validation.results import Estimate, Validation
from vertebrisk.validation.streamed.followed_scores import FollowedScores
from vertebrisk.validation.streamed.uno import uno_concordance
from vertebrisk.validation.survival.concordance import concordance


def streamed_followed_study(prepared: PreparedScan) -> ScannedRun:
    """Fit, measure and describe the Cox model of a prepared study."""
    protocol, cohort, clock = prepared.protocol, prepared.cohort, prepared.clock
    language = prepared.options.language
    formula = _formula(prepared)
    with clock("fit"):
        fit = _fit(prepared, formula)
        univariable = _univariable(prepared, formula)
    with clock("measure"), fit.scores() as scores, ScratchFolder() as scratch:
        ordered = FollowedScores.of(scores, scratch)
        found = concordance("time", "event", "linear_predictor", scan=scores)
        c_index = Estimate(found.estimate, found.conf_low, found.conf_high)
        validation = followed_validation(
            fit, ordered, c_index, threshold_grid(protocol), prepared.plan
        )
        model = described_model(fit, validation, protocol, cohort, language)
        nomogram = nomogram_of(model)
        spread = total_points(nomogram, scores)
        with clock("over time"):
            survival = _survival_result(prepared, ordered, fit, model, validation)
    size = study_size(protocol, cohort, len(fit.design.columns), validation)
    result = StudyResult(
        facts=study_facts(
            protocol, cohort, prepared.options, prepared.plan, fit, validation, prepared.place.name
        ),
        flow=cohort.flow.said(language),
        comparison=prepared.comparison,
        univariable=univariable,
        multivariable=multivariable_rows(fit),
        equation=model.equation(),
        model_summary=stated(fit.summary().to_dict()),
        vif=fit.vif(),
        c_index=c_index,
        roc=None,
        thresholds=None,
        validation=validation,
        validation_fixed=None,
        decision=validation.decision,
        nomogram=nomogram,
        total_points=spread,
        example=example_patient(model, nomogram),
        findings=gathered(
            [
                *prepared.findings,
                *not_told(fit.findings, prepared.findings),
                *changing_hazards(survival),
                *study_objections(protocol, fit, validation),
                *too_small(size, fit.findings),
            ],
            language,
        ),
        protocol=protocol,
        candidates=candidates_of(fit),
        splines=splines(fit.design),
        survival=survival,
        size=size,
        timings=tuple(clock.spent.items()),
    )
    return ScannedRun(result, fit, model, cohort)


def _formula(prepared: PreparedScan) -> SurvivalFormula:
    cohort = prepared.cohort
    assert cohort.followed is not None  # the protocol names a time, so the cohort has it
    return SurvivalFormula(
        source=formula_of(prepared.protocol, prepared.terms),
        time=cohort.followed.time,
        event=Expression.parse(quoted(cohort.event_column)),
        entry=None,
        terms=prepared.terms,
        strata=(),
    )


def _fit(prepared: PreparedScan, formula: SurvivalFormula) -> StreamedCoxFit:
    protocol, cohort = prepared.protocol, prepared.cohort
    assert cohort.followed is not None
    return fit_cox_parsed(
        formula,
        cohort.patients,
        name=protocol.outcome.name,
        ties=protocol.analysis.ties,
        horizons=cohort.followed.horizons,
        time_unit=cohort.followed.unit,
        info=prepared.info,
    )


def _univariable(prepared: PreparedScan, formula: SurvivalFormula) -> tuple[RegressionRow, ...]:
    patients = prepared.cohort.patients
    single = tuple(straight(term) for term in prepared.terms if len(term.factors) == 1)
    rows = screen_cox_terms(patients, formula, single, prepared.protocol.analysis.ties)
    used = FollowUp.of(patients, formula).complete
    return univariable_rows(rows, design_of_scan(patients, single, used, prepared.info), None)


def _survival_result(
    prepared: PreparedScan,
    scores: FollowedScores,
    fit: StreamedCoxFit,
    model: RiskModel,
    validation: Validation,
) -> SurvivalResult:
    protocol, cohort = prepared.protocol, prepared.cohort
    counted = CountedFollowUp.of(cohort, protocol.analysis.compare)
    followed, weights = counted.everyone()
    return SurvivalResult(
        time_unit=followed.unit,
        ties=protocol.analysis.ties,
        competing_rule="",
        n_competing=0,
        n_censored=int(np.sum(weights)) - cohort.n_events,
        limit=model.limit,
        follow_up=follow_up_length(followed, weights),
        horizons=horizon_results(followed, model, validation, weights),
        uno=uno_concordance(scores, max(fit.horizons)),
        groups=counted.group_tests(prepared.info),
        hazards=fit.proportional_hazards(TRANSFORM).select(list(HAZARDS)),
        transform=TRANSFORM,
        curves=curves_of(counted, scores),
    )
