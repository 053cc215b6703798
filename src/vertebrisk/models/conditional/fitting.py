"""`fit_conditional`: cases, matched controls and a formula in, a fitted model out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray, SelectionMethod
from vertebrisk.design.build import VariableInfo, build_design, needed_columns
from vertebrisk.design.design import Design
from vertebrisk.design.terms import parse_formula
from vertebrisk.errors import ArgumentError, DataError, FewEventsWarning, FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.models.conditional.fit import ConditionalFit
from vertebrisk.models.conditional.likelihood import ConditionalLikelihood
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.objections import few_timed_events, univariable_screening
from vertebrisk.models.preparing import (
    check_estimable,
    check_predictors,
    cluster_codes,
    complete_rows,
    guilty_columns,
)

MOST_CASES = 50  # in one set; beyond, sets are strata and not matches


def fit_conditional(
    formula: str,
    data: object,
    *,
    sets: str,
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
        linear dependence, or cases that have the highest values in every set.

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
    told = _informative(known, cluster_codes(used[sets]) if used.height else np.empty(0, np.int64))
    if not told.any():
        raise DataError(
            f"No set of '{sets}' has a case and a control with complete data; each needs one of "
            "both."
        )
    if not told.all():
        dropped = {**dropped, "set without a case or a control": int((~told).sum())}
    used, outcome = used.filter(told), known[told].astype(np.float64)
    groups = cluster_codes(used[sets])
    _check_cases(outcome, groups, sets)
    design, codes = build_design(used, parsed.terms, info)
    matrix = design.matrix(codes)
    likelihood = ConditionalLikelihood(outcome, groups)
    development = Development(design, matrix, likelihood, selection, codes)
    check_estimable(design, matrix, selection)
    everyone = np.ones((1, outcome.size))
    chosen = development.select(everyone)[0]
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    columns = development.term_columns(chosen)
    fits = development.subset(columns, everyone).fits
    assert isinstance(fits, CoxFits)
    _check_found(final, fits, matrix[:, columns], sets)
    found: list[Finding] = [*few_timed_events(int(outcome.sum()), len(design.columns))]
    if selection.method == "univariable":
        found.append(univariable_screening(len(design.terms), len(final.terms)))
    for finding in found:
        if finding.code == "few-events":
            warnings.warn(finding.message, FewEventsWarning, stacklevel=2)
    names = parsed.outcome.names
    return ConditionalFit(
        formula=formula,
        design=final,
        beta=fits.beta[0],
        cov=fits.covariance(),
        log_likelihood=float(fits.log_likelihood[0]),
        null_log_likelihood=float(fits.null_log_likelihood[0]),
        n=int(outcome.size),
        n_events=int(outcome.sum()),
        n_sets=int(groups.max()) + 1,
        n_dropped=dropped,
        development=development,
        chosen=chosen,
        sets=sets,
        findings=tuple(found),
        outcome=names[0] if len(names) == 1 else parsed.outcome.source,
    )


def _informative(case: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Rows of sets with a case and a control."""
    size = int(groups.max(initial=-1)) + 1
    cases = np.bincount(groups, weights=case, minlength=size)
    count = np.bincount(groups, minlength=size)
    return np.asarray(((cases > 0) & (cases < count))[groups])


def _check_cases(outcome: FloatArray, groups: np.ndarray, sets: str) -> None:
    most = int(np.bincount(groups, weights=outcome).max())
    if most > MOST_CASES:
        raise DataError(
            f"A set of '{sets}' has {most} cases; matched sets have a few (at most {MOST_CASES} "
            "here). For large strata use fit_logistic with the stratum as a predictor."
        )


def _check_found(design: Design, fits: CoxFits, matrix: FloatArray, sets: str) -> None:
    if fits.separated[0]:
        guilty = guilty_columns(design, fits.direction[0] * matrix.std(axis=0))
        raise FitError(
            f"No finite estimate exists: by {listed(guilty)} the cases have the highest, or the "
            f"lowest, values in every set of '{sets}'. Merge levels, or leave the predictor out."
        )
    if fits.deficient[0]:
        raise FitError(
            f"Inside the sets of '{sets}' the predictors are constant or linearly dependent: what "
            "the sets were matched on has no estimate. Leave one of "
            f"{listed([term.name for term in design.terms])} out."
        )
