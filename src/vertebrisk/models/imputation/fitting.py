"""`fit_imputed`: one model from several completed tables."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from vertebrisk._checks import check_choice, listed
from vertebrisk._types import (
    BoolArray,
    Estimator,
    FloatArray,
    MeanRisk,
    SelectionMethod,
    Ties,
    TimeUnit,
)
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.design import Design
from vertebrisk.design.encode import encode
from vertebrisk.design.formulas import Formula, SurvivalFormula
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, FewEventsWarning, FitError
from vertebrisk.findings import Finding
from vertebrisk.models.development import Selection
from vertebrisk.models.firth.asked import Firth, asked_firth
from vertebrisk.models.imputation.checking import refuse_dependent_where_known
from vertebrisk.models.imputation.developing import PooledProcedure
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.outcomes import read_formula
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.imputation.separating import separated_tables
from vertebrisk.models.imputation.tables import OneTable, followed_table, logistic_table
from vertebrisk.models.preparing import check_estimable
from vertebrisk.models.selection.choosing import check_selection

OF_TABLES = ("few-events", "separation")  # findings that are made of all tables together


def fit_imputed(
    formula: str,
    data: Imputations,
    *,
    estimator: Estimator = "ml",
    mean_risk: MeanRisk | None = None,
    select: SelectionMethod | Selection = "prespecified",
    ties: Ties = "efron",
    horizons: Sequence[float] | None = None,
    time_unit: TimeUnit | str = "",
    info: Mapping[str, VariableInfo] | None = None,
) -> PooledFit:
    """Which factors go with the event, where values were missing?

    The model is fitted to each completed table, and the estimates are pooled by Rubin's
    rules. Predictors are chosen by the pooled test of each term (D1), so that all tables
    have one model.

    Parameters
    ----------
    formula : str
        As for `fit_logistic` or `fit_cox`; its left side says which. Every variable of it
        has been part of the imputation.
    data : Imputations
        From `impute`.
    estimator : {"ml", "firth", "auto"}
        Maximum likelihood; Firth's penalised likelihood in every table; or "auto": Firth's in
        all tables where one of them has no finite maximum-likelihood estimate, with a finding
        that says so, and maximum likelihood elsewhere, in each resample too.
    mean_risk : {"flic", "flac", "uncorrected"}, optional
        As for `fit_logistic`: done in each table, and pooled like any other intercept.
    select : {"prespecified", "univariable", "backward"} or Selection
        By P values of pooled tests; AIC and BIC do not exist for pooled fits.
    ties, horizons, time_unit
        As for `fit_cox`.
    info : mapping, optional
        Labels, units and level orders by variable.

    Returns
    -------
    PooledFit

    Raises
    ------
    ArgumentError
        A variable was not in the imputation, the outcome is another, or the estimator has no
        standard errors to pool.
    FitError
        No finite or unique estimate exists in one of the tables: with separation the message
        names the term, and in how many tables it separates.

    Warns
    -----
    FewEventsWarning
        Fewer than 10 events per candidate parameter.

    References
    ----------
    Rubin 1987, doi:10.1002/9780470316696. Wood, White and Royston 2008 on selection,
    doi:10.1002/sim.3177. Heinze, Ploner and Beyea 2013 on Firth's, doi:10.1002/sim.5899.
    """
    if not isinstance(data, Imputations):
        raise ArgumentError("data comes second and is what impute() gives.")
    check_choice(estimator, "estimator", Estimator)
    parsed = read_formula(formula)
    _check_same(parsed, data, formula)
    selection = select if isinstance(select, Selection) else Selection(select)
    _check_selection(selection)
    firth = _asked(estimator, mean_risk, parsed)
    table = (
        logistic_table(parsed, formula, data, info)
        if isinstance(parsed, Formula)
        else followed_table(parsed, formula, data, ties, horizons, time_unit, info)
    )
    terms: Sequence[WrittenTerm] = parsed.terms
    design, _ = build_design(data.frame(1), terms, info)
    fit = _fitted(formula, data, table, PooledProcedure(design, selection, firth))
    for finding in fit.findings:
        if finding.code == "few-events":
            warnings.warn(finding.message, FewEventsWarning, stacklevel=2)
    return fit


def _fitted(
    formula: str, data: Imputations, table: OneTable, procedure: PooledProcedure
) -> PooledFit:
    """Predictors chosen, separation looked for, and the model of every table."""
    design, selection, firth = procedure.design, procedure.selection, procedure.firth
    columns = matrices(design, data)
    for each in columns:
        check_estimable(design, each, selection)
    if not selection.chooses:
        refuse_dependent_where_known(design, columns[0], _known(design, data))
    developments = procedure.developments(columns, table.likelihood)
    check_selection(replace(developments[0], selection=selection))
    chosen = procedure.choose(developments)
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    table.check(final)
    kept = columns[:, :, developments[0].term_columns(chosen)]
    separated = separated_tables(final, list(kept), table.likelihood)
    if separated is not None and firth is None:
        raise FitError(separated.refusal(table.name))
    used = firth
    if firth is not None and firth.only_separated:
        used = None if separated is None else replace(firth, only_separated=False)
    fits = tuple(table.fit(frame, final, used) for frame in data.frames())
    findings: list[Finding] = [*table.few(len(design.columns))]
    findings += [each for each in fits[0].findings if each.code not in OF_TABLES]
    if separated is not None and firth is not None:
        findings.append(separated.finding(table.name, firth.mean_risk))
    return PooledFit(
        formula=formula, imputations=data, fits=fits, selection=selection, candidates=design,
        findings=tuple(findings), firth=firth,
    )  # fmt: skip


def _known(design: Design, data: Imputations) -> BoolArray:
    """Rows in which no variable of the terms was missing."""
    known = np.ones(data.data.height, dtype=np.bool_)
    for name in design.variables:
        known[data.rows.get(name, [])] = False
    return known


def matrices(design: Design, data: Imputations) -> FloatArray:
    """Columns of the terms in every completed table, shape (tables, n, columns)."""
    if not design.terms:
        return np.empty((data.imputations, data.data.height, 0))
    return np.array([design.matrix(encode(design, each).codes) for each in data.frames()])


def _asked(
    estimator: Estimator, mean_risk: MeanRisk | None, parsed: Formula | SurvivalFormula
) -> Firth | None:
    if estimator not in ("ml", "firth", "auto"):
        raise ArgumentError(
            f"Estimates are pooled with their standard errors, and the estimator '{estimator}' "
            "has none; use 'ml', 'firth' or 'auto'."
        )
    if mean_risk is not None and isinstance(parsed, SurvivalFormula):
        raise ArgumentError(
            "mean_risk belongs to a logistic model: the baseline hazard of a Cox model follows "
            "its coefficients. Leave it out."
        )
    return asked_firth(estimator, mean_risk)


def _check_selection(selection: Selection) -> None:
    if selection.method not in ("prespecified", "univariable", "backward"):
        raise ArgumentError(
            f"With imputations predictors are chosen by the P values of pooled tests, and select "
            f"is '{selection.method}'; prespecify them, or use 'univariable' or 'backward'."
        )
    if selection.approximate:
        raise ArgumentError(
            "approximate=True is elimination in one table, and these are several, imputed; leave "
            "it out, and each step is refitted and pooled."
        )
    if selection.chooses and (selection.criterion != "p" or selection.test != "lr"):
        raise ArgumentError(
            "With imputations predictors are chosen by the P values of pooled tests; use "
            "criterion='p' and test='lr'."
        )


def _check_same(parsed: Formula | SurvivalFormula, data: Imputations, formula: str) -> None:
    known = [each.name for each in data.variables]
    lacking = [name for name in parsed.variables if name not in known]
    if lacking:
        raise ArgumentError(
            f"{listed(lacking)} took no part in the imputation, so effects on it would be drawn "
            "towards none; impute again with it in the formula, or among the auxiliary variables."
        )
    strata = parsed.strata if isinstance(parsed, SurvivalFormula) else ()
    lacking = [name for name in strata if name in data.incomplete]
    if lacking:
        raise ArgumentError(
            f"{listed(lacking)} is a stratum and missing in some rows: a patient whose baseline "
            "hazard is unknown cannot be imputed one. Leave these rows out, or make it a term."
        )
    if formula.split("~")[0].strip() != data.outcome:
        raise ArgumentError(
            f"The imputation knew the outcome '{data.outcome}', not "
            f"'{formula.split('~')[0].strip()}'; impute again with this one."
        )
