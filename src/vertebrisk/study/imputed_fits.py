"""The pooled models of a study: of all candidates, of each alone, of complete cases beside."""

from __future__ import annotations

import warnings
from dataclasses import replace

from vertebrisk._types import Estimator
from vertebrisk.design.build import build_design
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import DataError, FewEventsWarning, FitError
from vertebrisk.findings import Finding
from vertebrisk.models.development import Selection
from vertebrisk.models.imputation.fitting import fit_imputed
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.imputation.printing import pooled_alone
from vertebrisk.models.layout import multivariable_rows
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results.imputed import CompleteCases
from vertebrisk.study.binary import logistic_fit
from vertebrisk.study.candidates import usable_terms
from vertebrisk.study.followed import harrell, timed_fit
from vertebrisk.study.imputed_findings import no_complete_model
from vertebrisk.study.imputing import outcome_of, right_side
from vertebrisk.study.steps import Prepared, threshold_grid
from vertebrisk.validation.results import Validation

RESAMPLED_TABLES, RESAMPLED_ROUNDS = 5, 5  # of the imputation in each resample


def usable(prepared: Prepared, data: Imputations) -> Prepared:
    """The study without candidates that say exactly what others say."""
    whole = replace(prepared.cohort, frame=data.frame(1))
    together = prepared.selection.method == "prespecified"
    terms, left_out = usable_terms(whole, prepared.terms, prepared.info, together=together)
    return replace(prepared, terms=terms, findings=(*prepared.findings, *left_out))


def pooled_fit(
    prepared: Prepared,
    data: Imputations,
    terms: tuple[WrittenTerm, ...],
    selection: Selection,
    estimator: Estimator,
) -> PooledFit:
    """The model of some candidates, logistic or Cox, pooled over the tables."""
    left, _ = outcome_of(prepared)
    analysis = prepared.protocol.analysis
    followed = prepared.cohort.survival
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        fit = fit_imputed(
            f"{left} ~ {right_side(prepared, terms)}",
            data,
            estimator=estimator,
            mean_risk=None if estimator == "ml" else analysis.mean_risk,
            select=selection,
            ties=analysis.ties,
            horizons=None if followed is None else followed.horizons,
            time_unit="" if followed is None else followed.unit,
            info=prepared.info,
        )
    return replace(fit, formula=prepared.formula)


def alone(prepared: Prepared, data: Imputations, fit: PooledFit) -> tuple[RegressionRow, ...]:
    """Each candidate's own pooled model, by maximum likelihood whatever the final one's."""
    single = [term for term in prepared.terms if len(term.factors) == 1]
    fits = [(term.name, _alone(prepared, data, term)) for term in single]
    design, _ = build_design(data.frame(1), single, prepared.info)
    names = {term.name for term in fit.design.terms}
    chosen = {term.name: term.name in names for term in single} if fit.selection.chooses else None
    followed = prepared.cohort.survival is not None
    return pooled_alone(fits, design, fit.n, fit.n_events, chosen, followed=followed)


def _alone(prepared: Prepared, data: Imputations, term: WrittenTerm) -> PooledFit | None:
    try:
        return pooled_fit(prepared, data, (term,), Selection(), "ml")
    except FitError:
        return None


def validated(fit: PooledFit, prepared: Prepared, *, fixed: bool) -> Validation:
    """The bootstrap with the imputation in every resample."""
    return fit.validate(
        imputations=RESAMPLED_TABLES,
        iterations=RESAMPLED_ROUNDS,
        thresholds=threshold_grid(prepared.protocol),
        **prepared.validating(fixed=fixed),
    )


def complete_cases(
    prepared: Prepared, fit: PooledFit
) -> tuple[CompleteCases | None, tuple[Finding, ...]]:
    """The same terms in the patients of whom every candidate is known."""
    kept = {term.name for term in fit.design.terms}
    terms = tuple(term for term in prepared.terms if term.name in kept)
    if not terms:
        return None, ()
    try:
        cohort = prepared.cohort.complete(prepared.needed)
        known = replace(prepared, cohort=cohort, terms=terms)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewEventsWarning)
            if cohort.survival is None:
                logistic = logistic_fit(known, Selection())
                rows, c_index = multivariable_rows(logistic), logistic.roc().auc
            else:
                timed = timed_fit(known, cohort.survival, terms, Selection())
                rows, c_index = multivariable_rows(timed), harrell(timed)
    except (DataError, FitError) as error:
        return None, (no_complete_model(error),)
    return CompleteCases(rows, cohort.n, cohort.n_events, c_index), ()
