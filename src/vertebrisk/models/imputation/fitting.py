"""`fit_imputed`: one model from several completed tables."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray, SelectionMethod, Ties, TimeUnit
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.design import Design
from vertebrisk.design.terms import Formula, SurvivalFormula, WrittenTerm
from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.models.development import Selection
from vertebrisk.models.fit import LogisticFit
from vertebrisk.models.fitting import fit_prepared
from vertebrisk.models.imputation.developing import PooledProcedure
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.outcomes import read_formula
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox_prepared, outcome_name
from vertebrisk.models.survival.reading import read_rows

OneFit = Callable[[pl.DataFrame, Design], LogisticFit | CoxFit]


def fit_imputed(
    formula: str,
    data: Imputations,
    *,
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
        A variable was not in the imputation, or the outcome is another.
    FitError
        No finite or unique estimate exists in one of the tables.

    Warns
    -----
    FewEventsWarning
        Fewer than 10 events per candidate parameter.

    References
    ----------
    Rubin 1987, doi:10.1002/9780470316696. Wood, White and Royston 2008 on selection,
    doi:10.1002/sim.3177.
    """
    if not isinstance(data, Imputations):
        raise ArgumentError("data comes second and is what impute() gives.")
    parsed = read_formula(formula)
    _check_same(parsed, data, formula)
    selection = select if isinstance(select, Selection) else Selection(select)
    _check_selection(selection)
    fit = (
        _logistic(parsed, formula, data, info)
        if isinstance(parsed, Formula)
        else _cox(parsed, formula, data, ties, horizons, time_unit, info)
    )
    terms: Sequence[WrittenTerm] = parsed.terms
    design, _ = build_design(data.frame(1), terms, info)
    everything = tuple(fit(frame, design) for frame in data.frames())
    for finding in everything[0].findings:
        if finding.code == "few-events":
            warnings.warn(finding.message, FewEventsWarning, stacklevel=2)
    chosen = PooledProcedure(design, selection).choose([each.development for each in everything])
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    fits = everything if chosen.all() else tuple(fit(frame, final) for frame in data.frames())
    return PooledFit(
        formula=formula, imputations=data, fits=fits, selection=selection, candidates=design
    )


def _check_selection(selection: Selection) -> None:
    if selection.method not in ("prespecified", "univariable", "backward"):
        raise ArgumentError(
            f"With imputations predictors are chosen by the P values of pooled tests, and select "
            f"is '{selection.method}'; prespecify them, or use 'univariable' or 'backward'."
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
    if formula.split("~")[0].strip() != data.outcome:
        raise ArgumentError(
            f"The imputation knew the outcome '{data.outcome}', not "
            f"'{formula.split('~')[0].strip()}'; impute again with this one."
        )


def _logistic(
    parsed: Formula, formula: str, data: Imputations, info: Mapping[str, VariableInfo] | None
) -> OneFit:
    event: FloatArray = parsed.outcome.rule(data.data).cast(pl.Float64).to_numpy()
    names = parsed.outcome.names
    outcome = names[0] if len(names) == 1 else parsed.outcome.source

    def fit(frame: pl.DataFrame, design: Design) -> LogisticFit:
        return fit_prepared(
            frame, event, (), Selection(), formula=formula, outcome_name=outcome, info=info,
            n_dropped=data.n_dropped, design=design,
        )  # fmt: skip

    return fit


def _cox(
    parsed: SurvivalFormula,
    formula: str,
    data: Imputations,
    ties: Ties,
    horizons: Sequence[float] | None,
    time_unit: str,
    info: Mapping[str, VariableInfo] | None,
) -> OneFit:
    def fit(frame: pl.DataFrame, design: Design) -> CoxFit:
        rows = read_rows(frame, parsed, [])
        return fit_cox_prepared(
            rows.frame, rows.times, (), Selection(), formula=formula,
            outcome_name=outcome_name(parsed), ties=ties, strata=parsed.strata,
            strata_levels=rows.strata_levels, horizons=horizons, time_unit=time_unit, info=info,
            n_dropped=data.n_dropped, findings=rows.findings, design=design,
        )  # fmt: skip

    return fit
