"""The study whose missing predictors are imputed, binary or of time to event."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk.findings import gathered
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.imputation.printing import pooled_rows
from vertebrisk.report.results.imputed import CompleteCases, ImputedResult
from vertebrisk.report.results.study import StudyResult
from vertebrisk.study.describing import (
    candidates_of,
    described_model,
    study_facts,
    study_objections,
)
from vertebrisk.study.example import example_patient
from vertebrisk.study.followed import changing_hazards, not_told
from vertebrisk.study.imputed_findings import imputation_findings
from vertebrisk.study.imputed_fits import (
    RESAMPLED_ROUNDS,
    RESAMPLED_TABLES,
    alone,
    complete_cases,
    pooled_fit,
    usable,
    validated,
)
from vertebrisk.study.imputed_survival import limited, pooled_survival
from vertebrisk.study.imputing import (
    densities,
    imputed_tables,
    incomplete,
    patterns_table,
    shown_variables,
    variables_table,
)
from vertebrisk.study.instability import instability_result
from vertebrisk.study.over_time import taken_for_censored
from vertebrisk.study.shapes import shapes_result
from vertebrisk.study.size import study_size, too_small
from vertebrisk.study.steps import (
    Prepared,
    StudyRun,
    distribution,
    nomogram_of,
    splines,
)
from vertebrisk.validation.discrimination import classify, roc_curve
from vertebrisk.validation.results import Estimate, Roc


def imputed_study(prepared: Prepared) -> StudyRun:
    """Impute, fit, validate and describe the pooled model of a prepared study."""
    protocol, clock = prepared.protocol, prepared.clock
    with clock("impute"):
        data = imputed_tables(prepared)
        prepared = usable(prepared, data)
    with clock("fit"):
        fit = pooled_fit(
            prepared, data, prepared.terms, prepared.selection, protocol.analysis.estimator
        )
        univariable = alone(prepared, data, fit)
    with clock("validate"):
        validation = validated(fit, prepared, fixed=False)
    fixed = None
    if fit.selection.chooses:
        with clock("validate_fixed"):
            fixed = validated(fit, prepared, fixed=True)
    with clock("instability"):
        instability = instability_result(
            prepared, fit, imputations=RESAMPLED_TABLES, iterations=RESAMPLED_ROUNDS
        )
    with clock("complete"):
        complete, about_it = complete_cases(prepared, fit)
    cohort = prepared.cohort
    size = study_size(protocol, cohort, len(fit.candidates.columns), validation)
    model = described_model(fit, validation, protocol, cohort, prepared.options.language)
    nomogram = nomogram_of(model)
    imputed = _told(prepared, data, fit, complete)
    c_index = limited(fit.c_index())
    findings = [
        *prepared.findings,
        *not_told(fit.findings, prepared.findings),
        *study_objections(protocol, fit, validation),
        *imputation_findings(imputed.variables, imputed.n_incomplete, protocol.missing, cohort),
        *too_small(size, fit.findings),
        *about_it,
    ]
    survival = None
    if cohort.survival is not None:
        with clock("over time"):
            survival = pooled_survival(prepared, cohort.survival, fit, model, validation)
        findings += changing_hazards(survival)
        findings += taken_for_censored(cohort.survival, fit, survival.horizons[0])
    result = StudyResult(
        facts=study_facts(protocol, cohort, prepared.options, prepared.plan, fit, validation),
        flow=replace(cohort.flow.said(prepared.options.language), n_imputed=imputed.n_incomplete),
        comparison=prepared.comparison,
        univariable=univariable,
        multivariable=pooled_rows(fit, protocol.analysis.intervals),
        equation=model.equation(),
        model_summary=fit.summary().to_dict(),
        vif=fit.vif(),
        c_index=c_index,
        roc=None if survival else _roc(fit, cohort.event, c_index),
        thresholds=None
        if survival
        else classify(
            cohort.event,
            1.0 / (1.0 + np.exp(-fit.linear_predictor)),
            protocol.validation.thresholds,
        ),
        validation=validation,
        validation_fixed=fixed,
        decision=validation.decision,
        nomogram=nomogram,
        total_points=distribution(nomogram, fit.linear_predictor),
        example=example_patient(model, nomogram),
        findings=gathered(findings, prepared.options.language),
        protocol=protocol,
        candidates=candidates_of(fit),
        splines=splines(fit.design),
        survival=survival,
        shapes=shapes_result(fit, model),
        imputed=imputed,
        instability=instability,
        size=size,
    )
    return StudyRun(result, fit, model, cohort, ())


def _roc(fit: PooledFit, event: object, c_index: Estimate) -> Roc:
    """The curve of the mean linear predictors; its area is the pooled one."""
    curve = roc_curve(event, fit.linear_predictor)  # type: ignore[arg-type]
    return replace(curve, auc=c_index)


def _told(
    prepared: Prepared, data: Imputations, fit: PooledFit, complete: CompleteCases | None
) -> ImputedResult:
    cohort = prepared.cohort
    lacking = incomplete(cohort, prepared.terms)
    shown = shown_variables(data)
    return ImputedResult(
        imputations=data.imputations,
        iterations=data.iterations,
        seed=data.seed,
        resampled=RESAMPLED_TABLES,
        resampled_iterations=RESAMPLED_ROUNDS,
        n_incomplete=int(lacking.sum()),
        n_incomplete_events=int((lacking & cohort.event).sum()),
        auxiliary=tuple(
            each.name for each in data.variables if each.name in prepared.protocol.missing.auxiliary
        ),
        variables=variables_table(prepared, data),
        patterns=patterns_table(prepared),
        convergence=data.convergence.filter(pl.col("variable").is_in(shown)),
        densities=densities(data),
        coefficients=fit.coefficients(intervals="wald").select(
            "term", "level", "df", "missing_information", "relative_increase"
        ),
        complete=complete,
    )
