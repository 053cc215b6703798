"""`fit_conditional`: cases, matched controls and a formula in, a fitted model out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_sets, listed
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray, IntArray, SelectionMethod
from vertebrisk.design.build import VariableInfo, build_design, needed_columns
from vertebrisk.design.formulas import parse_formula
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, DataError, FewEventsWarning, FitError
from vertebrisk.kernels.conditional.sets import informative_rows
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.models.conditional.checking import (
    by_first_row,
    check_inside,
    find_separated,
    refusal,
    separated_sets,
)
from vertebrisk.models.conditional.firth import FirthSets, firth_conditional_fit, one_case_each
from vertebrisk.models.conditional.fit import ConditionalFit
from vertebrisk.models.conditional.likelihood import ConditionalLikelihood
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.firth.asked import Firth, asked_firth
from vertebrisk.models.objections.events import few_timed_events
from vertebrisk.models.preparing import (
    check_estimable,
    check_predictors,
    cluster_codes,
    complete_rows,
)
from vertebrisk.models.selection.choosing import check_selection, selection_findings


def fit_conditional(
    formula: str,
    data: object,
    *,
    sets: str,
    estimator: Literal["ml", "firth", "auto"] = "ml",
    select: SelectionMethod | Selection = "prespecified",
    info: Mapping[str, VariableInfo] | None = None,
) -> ConditionalFit:
    """Which factors go with being a case, where controls were matched to the cases?

    Ordinary logistic regression of matched patients draws odds ratios towards 1; here each
    case is compared with the controls of its own set only.

    Parameters
    ----------
    formula : str
        ``case ~ a + rcs(b, 4) + C(d, ref="x")``. The left side is a boolean or 0/1 column, or
        a rule: true is a case. What the sets were matched on is the same in a set and cannot
        be a predictor; its interactions with others can.
    data : frame
        polars, pandas or pyarrow, one row a patient. Rows with a missing value are left out
        and counted, and so are the sets that are then without a case or without a control.
    sets : str
        Column that names the matched set.
    estimator : {"ml", "firth", "auto"}
        Maximum conditional likelihood; Firth's penalised one, whose estimate is always finite
        (a `FirthConditionalFit`, for sets with one case); or "auto" for Firth's where cases are
        separated from controls inside the sets, with a finding that says so, in each resample
        too.
    select : {"prespecified", "univariable", "backward"} or Selection
        How predictors are chosen among the candidates.
    info : mapping, optional
        Labels, units and level orders by variable.

    Returns
    -------
    ConditionalFit

    Raises
    ------
    DataError
        A column is missing or unusable, or no set has a case and a control.
    ExpressionError
        The formula is not in the grammar.
    FitError
        No finite or unique estimate exists: a predictor that is the same in every set,
        linear dependence, or cases that have the highest values in every set; or Firth's
        estimator was asked for where a set has several cases.

    Warns
    -----
    FewEventsWarning
        Fewer than 10 cases per candidate parameter.

    References
    ----------
    Breslow and Day 1980, Statistical Methods in Cancer Research I, chapter 7. Gail, Lubin and
    Rubinstein 1981, doi:10.1093/biomet/68.3.703. R's ``survival::clogit``, exact.
    """
    if not isinstance(formula, str):
        raise ArgumentError("formula comes first and is a text, such as 'case ~ ivc + cement'.")
    check_choice(estimator, "estimator", Literal["ml", "firth", "auto"])
    selection = select if isinstance(select, Selection) else Selection(select)
    if selection.test != "lr":
        raise ArgumentError("Matched sets are screened by the likelihood-ratio test: test='lr'.")
    parsed = parse_formula(formula)
    frame = as_polars(data)
    needed_columns(frame, [*parsed.outcome.names, *parsed.variables, sets])
    if sets in parsed.variables:
        raise ArgumentError(f"'{sets}' names the matched sets, so it cannot be a predictor.")
    check_predictors(frame, parsed.variables)
    event = parsed.outcome.rule(frame)
    complete, dropped = complete_rows(frame, event, [*parsed.variables, sets])
    used, known = frame.filter(complete), event.filter(complete).to_numpy().astype(np.bool_)
    codes = cluster_codes(used[sets]) if used.height else np.empty(0, np.int64)
    told = informative_rows(known, codes)
    if not told.any():
        raise DataError(
            f"No set of '{sets}' has a case and a control with complete data; each needs one of "
            "both."
        )
    if not told.all():
        dropped = {**dropped, "set without a case or a control": int((~told).sum())}
    used, outcome = used.filter(told), known[told].astype(np.float64)
    groups = cluster_codes(used[sets])
    check_sets(outcome > 0.5, groups, sets)
    names = parsed.outcome.names
    fit = fit_sets(
        used,
        outcome,
        groups,
        parsed.terms,
        selection,
        formula=formula,
        sets=sets,
        outcome_name=names[0] if len(names) == 1 else parsed.outcome.source,
        info=info,
        n_dropped=dropped,
        firth=asked_firth(estimator),
    )
    for finding in fit.findings:
        if finding.code == "few-events":
            warnings.warn(finding.message, FewEventsWarning, stacklevel=2)
    return fit


def fit_sets(
    frame: pl.DataFrame,
    event: FloatArray,
    groups: IntArray,
    terms: Sequence[WrittenTerm],
    selection: Selection,
    *,
    formula: str,
    sets: str,
    outcome_name: str,
    info: Mapping[str, VariableInfo] | None = None,
    n_dropped: Mapping[str, int] | None = None,
    firth: Firth | None = None,
) -> ConditionalFit:
    """Fit on complete rows of sets with a case and a control. See `fit_conditional`.

    `event` has shape (n,) with 1 for a case, `groups` the code of each row's set from 0;
    `sets` is what messages call them.
    """
    groups = by_first_row(groups)
    design, codes = build_design(frame, terms, info)
    matrix = design.matrix(codes) if design.terms else np.empty((event.size, 0))
    likelihood = _likelihood(event, groups, sets, firth)
    development = Development(design, matrix, likelihood, selection, codes)
    check_estimable(design, matrix, selection)
    check_inside(design, matrix, groups, sets, selection)
    check_selection(development)
    everyone = np.ones((1, event.size))
    chosen = development.select(everyone)[0]
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    columns = development.term_columns(chosen)
    separation = find_separated(final, matrix[:, columns], event, groups)
    if separation is not None and not isinstance(likelihood, FirthSets):
        raise FitError(refusal(separation, sets))
    fits = development.subset(columns, everyone).fits
    assert isinstance(fits, CoxFits)
    if fits.deficient[0]:
        raise FitError(
            f"Inside the sets of '{sets}' the chosen predictors are linearly dependent; leave one "
            f"of {listed([term.name for term in final.terms])} out."
        )
    findings = [*few_timed_events(int(event.sum()), len(design.columns))]
    findings += selection_findings(development, len(final.terms))
    if separation is not None:
        findings.append(separated_sets(separation, sets))
    fit = ConditionalFit(
        formula=formula,
        design=final,
        beta=fits.beta[0],
        cov=fits.covariance(),
        covariance_kind="model",
        log_likelihood=float(fits.log_likelihood[0]),
        null_log_likelihood=float(fits.null_log_likelihood[0]),
        n=int(event.size),
        n_events=int(event.sum()),
        n_sets=int(groups.max()) + 1,
        n_dropped=dict(n_dropped or {}),
        development=development,
        chosen=chosen,
        sets=sets,
        findings=tuple(findings),
        outcome=outcome_name,
    )
    if firth is None or (firth.only_separated and separation is None):
        return fit
    return firth_conditional_fit(fit)


def _likelihood(
    event: FloatArray, groups: IntArray, sets: str, firth: Firth | None
) -> ConditionalLikelihood:
    """What is maximised; "auto" keeps to maximum likelihood where a set has several cases."""
    if firth is None:
        return ConditionalLikelihood(event, groups)
    if firth.only_separated and np.bincount(groups, weights=event).max() > 1:
        return ConditionalLikelihood(event, groups)
    one_case_each(event, groups, sets)
    return FirthSets(event, groups, asked=firth)
