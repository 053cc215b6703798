"""The study of a binary outcome: logistic model, validation, thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk.cohort import Cohort
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.findings import gathered
from vertebrisk.models.development import Selection
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.logistic.fitting import fit_prepared
from vertebrisk.models.selection.screening import SCREEN_SCHEMA, screen_term
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results.study import StudyResult
from vertebrisk.study.centres import centres_result
from vertebrisk.study.describing import (
    candidates_of,
    described_model,
    model_summary,
    study_facts,
    study_objections,
)
from vertebrisk.study.example import example_patient
from vertebrisk.study.instability import instability_result
from vertebrisk.study.penalised import penalised_result
from vertebrisk.study.periods import split_result
from vertebrisk.study.sampling import sampling_result
from vertebrisk.study.shapes import chosen_of, shapes_result, straight
from vertebrisk.study.shrinkage import shrinkage_result, shrunken_model
from vertebrisk.study.size import study_size, too_small
from vertebrisk.study.stability import stability_result
from vertebrisk.study.steps import (
    Prepared,
    StudyRun,
    decision_of,
    distribution,
    nomogram_of,
    splines,
    threshold_grid,
)
from vertebrisk.validation.discrimination import classify
from vertebrisk.validation.results import Validation


def binary_study(prepared: Prepared) -> StudyRun:
    """Fit, validate and describe the logistic model of a prepared study."""
    protocol, cohort, clock = prepared.protocol, prepared.cohort, prepared.clock
    with clock("fit"):
        fit = logistic_fit(prepared, prepared.selection)
        univariable = _univariable(cohort, prepared.terms, fit, prepared.info)
    with clock("validate"):
        validation = validated(fit, prepared, fixed=False)
    with clock("centres"):
        centres, about_centres = centres_result(prepared, fit)
        split, about_split = split_result(prepared, fit)
    fixed = None
    if fit.selection.chooses or fit.development.search is not None:
        with clock("validate_fixed"):
            fixed = validated(fit, prepared, fixed=True)
    with clock("instability"):
        instability = instability_result(prepared, fit)
    size = study_size(protocol, cohort, fit.development.parameters, validation)
    shrunken = shrunken_model(fit, validation, protocol)
    linear = fit.linear_predictor
    if shrunken is not None:
        linear = shrunken.model.intercept + shrunken.factor * (linear - fit.intercept)
    model = described_model(fit, validation, protocol, cohort, prepared.options.language, shrunken)
    nomogram = nomogram_of(model)
    roc = fit.roc()
    objections = study_objections(protocol, fit, validation)
    result = StudyResult(
        facts=study_facts(protocol, cohort, prepared.options, prepared.plan, fit, validation),
        flow=cohort.flow.said(prepared.options.language),
        comparison=prepared.comparison,
        univariable=univariable,
        multivariable=multivariable_rows(fit, intervals=protocol.analysis.intervals),
        equation=model.equation(),
        model_summary=model_summary(fit),
        vif=fit.vif(),
        c_index=roc.auc,
        roc=roc,
        thresholds=classify(
            fit.event,
            fit.risk if shrunken is None else expit(linear),
            protocol.validation.thresholds,
            prevalence=None if cohort.population is None else cohort.population.prevalence,
        ),
        validation=validation,
        validation_fixed=fixed,
        decision=decision_of(validation, fit.apparent, threshold_grid(protocol)),
        nomogram=nomogram,
        total_points=distribution(nomogram, linear),
        example=example_patient(model, nomogram),
        findings=gathered(
            [
                *prepared.findings,
                *about_centres,
                *about_split,
                *fit.findings,
                *objections,
                *too_small(size, fit.findings),
            ],
            prepared.options.language,
        ),
        protocol=protocol,
        candidates=candidates_of(fit),
        splines=splines(fit.design),
        sampling=sampling_result(fit),
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


def logistic_fit(prepared: Prepared, selection: Selection) -> LogisticFit:
    """The logistic model of the event, whenever it happened."""
    cohort = prepared.cohort
    return fit_prepared(
        cohort.frame,
        cohort.event.astype(np.float64),
        prepared.terms,
        selection,
        formula=prepared.formula,
        outcome_name=prepared.protocol.outcome.name,
        info=prepared.info,
        clusters=cohort.clusters,
        source=cohort.population,
        shrinkage=prepared.shrinkage,
        firth=prepared.firth,
    )


def validated(
    fit: LogisticFit, prepared: Prepared, *, fixed: bool, step: str = "validation"
) -> Validation:
    """The validation of the whole procedure, or of the model held fixed."""
    return fit.validate(
        thresholds=threshold_grid(prepared.protocol), **prepared.validating(fixed=fixed, step=step)
    )


def _univariable(
    cohort: Cohort,
    terms: Sequence[WrittenTerm],
    fit: LogisticFit,
    info: dict[str, VariableInfo],
) -> tuple[RegressionRow, ...]:
    outcome = cohort.event.astype(np.float64)
    single = [straight(term) for term in terms if len(term.factors) == 1]
    rows = [
        row for term in single for row in screen_term(cohort.frame, outcome, term, cohort.clusters)
    ]
    design, _ = build_design(cohort.frame, single, info)
    chosen = None
    if fit.selection.chooses:
        chosen = {term.name: chosen_of(term, fit.design) for term in single}
    return univariable_rows(pl.DataFrame(rows, schema=SCREEN_SCHEMA), design, chosen)
