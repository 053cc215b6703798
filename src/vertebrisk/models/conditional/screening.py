"""Univariable conditional logistic regression: each variable alone, inside matched sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import check_fraction, check_sets
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.build import build_design, needed_columns
from vertebrisk.design.rules import Expression
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import FitError
from vertebrisk.kernels.conditional.sets import informative_rows
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.models.conditional.checking import same_in_sets
from vertebrisk.models.conditional.likelihood import ConditionalLikelihood
from vertebrisk.models.preparing import cluster_codes, complete_rows
from vertebrisk.models.selection.screening import (
    ODDS_RATIO,
    SCREEN_SCHEMA,
    asked_terms,
    screened_rows,
    untestable,
)


def screen_conditional(
    data: object, outcome: str, variables: Sequence[str], *, sets: str, level: float = 0.95
) -> pl.DataFrame:
    """How does each variable alone go with being a case, inside matched sets?

    Parameters
    ----------
    data : frame
        polars, pandas or pyarrow, one row a patient.
    outcome : str
        A boolean or 0/1 column, or a rule; true is a case.
    variables : sequence of str
        Columns, or terms such as ``rcs(age, 4)``. Each is fitted on the sets that have a case
        and a control with its value.
    sets : str
        Column that names the matched set.
    level : float
        Confidence level.

    Returns
    -------
    polars.DataFrame
        The columns of `screen_univariable`; the likelihood is conditional.

    Raises
    ------
    DataError, ExpressionError
        For columns that are missing or cannot be used.

    References
    ----------
    R's ``survival::clogit``, exact.
    """
    check_fraction(level, "level")
    frame = as_polars(data)
    rule = Expression.parse(outcome)
    needed_columns(frame, [*rule.names, sets])
    event = rule.rule(frame)
    rows: list[dict[str, object]] = []
    for term in asked_terms(variables, frame.columns):
        needed_columns(frame, term.variables)
        complete, _ = complete_rows(frame, event, [*term.variables, sets])
        used, case = frame.filter(complete), event.filter(complete).to_numpy().astype(np.float64)
        groups = cluster_codes(used[sets]) if used.height else np.empty(0, np.int64)
        check_sets(case > 0.5, groups, sets)
        rows.extend(screen_sets_term(used, case, groups, term, level=level))
    return pl.DataFrame(rows, schema=SCREEN_SCHEMA)


def screen_sets_term(
    frame: pl.DataFrame,
    event: FloatArray,
    groups: IntArray,
    term: WrittenTerm,
    level: float = 0.95,
) -> list[dict[str, object]]:
    """Rows of one variable that all rows have; see `screen_conditional`."""
    told = informative_rows(event > 0.5, groups)
    frame, event, groups = frame.filter(pl.Series(told)), event[told], groups[told]
    size = event.size
    whole: dict[str, object] = {"n": size, "n_events": int(event.sum()), "note": ""}

    def untested(note: str) -> list[dict[str, object]]:
        return [{"term": term.name, "level": "", **whole, "note": note}]

    if size == 0:
        return untested("no set has a case and a control with a value")
    design, codes = build_design(frame, [term])
    matrix = design.matrix(codes)
    problem = untestable(matrix)
    if problem:
        return untested(problem)
    if same_in_sets(design, matrix, groups):
        return untested("the same in all members of each set")
    fits = ConditionalLikelihood(event, groups).fit(matrix, np.ones((1, size))).fits
    assert isinstance(fits, CoxFits)
    if fits.deficient[0]:
        raise FitError(
            f"'{term.name}' has columns that are linearly dependent inside the matched sets; enter "
            "it more simply."
        )
    gain = max(2.0 * float(fits.log_likelihood[0] - fits.null_log_likelihood[0]), 0.0)
    df = matrix.shape[1]
    whole |= {"df": df, "lr_statistic": gain, "lr_p_value": float(chi2_upper(gain, df))}
    errors = np.sqrt(np.diag(fits.covariance()))
    run = fits.direction[0] if fits.separated[0] else None
    return screened_rows(design, fits.beta[0], errors, run, whole, level, ODDS_RATIO)
