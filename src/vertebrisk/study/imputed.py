"""The study of a binary outcome whose missing predictors are imputed."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk.design.build import build_design
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import DataError, FewEventsWarning, FitError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models.development import Selection
from vertebrisk.models.imputation.fitting import fit_imputed
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.imputation.printing import pooled_alone, pooled_rows
from vertebrisk.models.layout import multivariable_rows
from vertebrisk.models.tables import RegressionRow
from vertebrisk.protocol import quoted
from vertebrisk.report.results import StudyResult
from vertebrisk.report.results_imputed import CompleteCases, ImputedResult
from vertebrisk.study.binary import logistic_fit
from vertebrisk.study.candidates import usable_terms
from vertebrisk.study.describing import described_model, study_facts, study_objections
from vertebrisk.study.example import example_patient
from vertebrisk.study.imputed_findings import imputation_findings, no_complete_model
from vertebrisk.study.imputing import (
    densities,
    imputed_tables,
    patterns_table,
    shown_variables,
    variables_table,
)
from vertebrisk.study.shapes import shapes_result
from vertebrisk.study.steps import (
    Prepared,
    StudyRun,
    decision_of,
    distribution,
    nomogram_of,
    splines,
    threshold_grid,
)
from vertebrisk.validation.discrimination import classify, roc_curve
from vertebrisk.validation.results import Estimate, Roc, Validation

RESAMPLED_TABLES, RESAMPLED_ROUNDS = 5, 5  # of the imputation in each resample


def imputed_study(prepared: Prepared) -> StudyRun:
    """Impute, fit, validate and describe the pooled logistic model of a prepared study."""
    protocol, clock = prepared.protocol, prepared.clock
    with clock("impute"):
        data = imputed_tables(prepared)
        prepared = _usable(prepared, data)
    with clock("fit"):
        fit = _fitted(prepared, data, prepared.terms, prepared.selection)
        univariable = _univariable(prepared, data, fit)
    with clock("validate"):
        validation = _validated(fit, prepared, fixed=False)
    fixed = None
    if fit.selection.chooses:
        with clock("validate_fixed"):
            fixed = _validated(fit, prepared, fixed=True)
    with clock("complete"):
        complete, about_it = _complete_cases(prepared, fit)
    cohort = prepared.cohort
    model = described_model(fit, validation, protocol, cohort, prepared.options.language)
    nomogram = nomogram_of(model)
    imputed = _told(prepared, data, fit, complete)
    estimate, *limits = fit.c_index()
    c_index = Estimate(estimate, *(None if each != each else each for each in limits))
    risk = 1.0 / (1.0 + np.exp(-fit.linear_predictor))
    result = StudyResult(
        facts=study_facts(protocol, cohort, prepared.options, prepared.plan, fit),
        flow=replace(cohort.flow, n_imputed=imputed.n_incomplete),
        comparison=prepared.comparison,
        univariable=univariable,
        multivariable=pooled_rows(fit),
        equation=model.equation(),
        model_summary=fit.summary().to_dict(),
        vif=fit.vif(),
        c_index=c_index,
        roc=_roc(fit, cohort.event, c_index),
        thresholds=classify(cohort.event, risk, protocol.validation.thresholds),
        validation=validation,
        validation_fixed=fixed,
        decision=decision_of(validation),
        nomogram=nomogram,
        total_points=distribution(nomogram, fit.linear_predictor),
        example=example_patient(model, nomogram),
        findings=by_severity(
            [
                *prepared.findings,
                *fit.findings,
                *study_objections(protocol, fit, validation),
                *imputation_findings(imputed, cohort),
                *about_it,
            ]
        ),
        splines=splines(fit.design),
        shapes=shapes_result(None, model),
        imputed=imputed,
    )
    return StudyRun(result, fit, model, cohort, protocol, ())


def _usable(prepared: Prepared, data: Imputations) -> Prepared:
    """The study without candidates that say exactly what others say."""
    whole = replace(prepared.cohort, frame=data.frame(1))
    together = prepared.selection.method == "prespecified"
    terms, left_out = usable_terms(whole, prepared.terms, prepared.info, together=together)
    return replace(prepared, terms=terms, findings=(*prepared.findings, *left_out))


def _fitted(
    prepared: Prepared, data: Imputations, terms: tuple[WrittenTerm, ...], selection: Selection
) -> PooledFit:
    left = quoted(prepared.protocol.outcome.name)
    right = " + ".join(term.name for term in terms)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_imputed(f"{left} ~ {right}", data, select=selection, info=prepared.info)


def _univariable(
    prepared: Prepared, data: Imputations, fit: PooledFit
) -> tuple[RegressionRow, ...]:
    single = [term for term in prepared.terms if len(term.factors) == 1]
    alone = [(term.name, _alone(prepared, data, term)) for term in single]
    design, _ = build_design(data.frame(1), single, prepared.info)
    names = {term.name for term in fit.design.terms}
    chosen = {term.name: term.name in names for term in single} if fit.selection.chooses else None
    return pooled_alone(alone, design, fit.n, fit.n_events, chosen)


def _alone(prepared: Prepared, data: Imputations, term: WrittenTerm) -> PooledFit | None:
    try:
        return _fitted(prepared, data, (term,), Selection())
    except FitError:
        return None


def _validated(fit: PooledFit, prepared: Prepared, *, fixed: bool) -> Validation:
    return fit.validate(
        prepared.plan.resamples,
        prepared.plan.seed,
        imputations=RESAMPLED_TABLES,
        iterations=RESAMPLED_ROUNDS,
        fixed=fixed,
        thresholds=threshold_grid(prepared.protocol),
        progress=prepared.counted("validation, model held fixed" if fixed else "validation"),
    )


def _roc(fit: PooledFit, event: object, c_index: Estimate) -> Roc:
    """The curve of the mean linear predictors; its area is the pooled one."""
    curve = roc_curve(event, fit.linear_predictor)  # type: ignore[arg-type]
    return replace(curve, auc=c_index)


def _complete_cases(
    prepared: Prepared, fit: PooledFit
) -> tuple[CompleteCases | None, tuple[Finding, ...]]:
    """The same terms in the patients of whom every candidate is known."""
    kept = {term.name for term in fit.design.terms}
    terms = tuple(term for term in prepared.terms if term.name in kept)
    if not terms:
        return None, ()
    try:
        cohort = prepared.cohort.complete(prepared.needed)
        alone = replace(prepared, cohort=cohort, terms=terms)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewEventsWarning)
            found = logistic_fit(alone, Selection())
    except (DataError, FitError) as error:
        return None, (no_complete_model(error),)
    rows = multivariable_rows(found)
    return CompleteCases(rows, found.n, found.n_events, found.roc().auc), ()


def _told(
    prepared: Prepared, data: Imputations, fit: PooledFit, complete: CompleteCases | None
) -> ImputedResult:
    cohort = prepared.cohort
    names = {name for term in prepared.terms for name in term.variables}
    lacking = cohort.frame.select(
        pl.any_horizontal(pl.col(sorted(names)).is_null())
    ).to_series().to_numpy()  # fmt: skip
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
        coefficients=fit.coefficients().select(
            "term", "level", "df", "missing_information", "relative_increase"
        ),
        complete=complete,
    )
