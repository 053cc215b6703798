"""`impute`: what is missing, drawn several times from what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import check_positive_int, check_seed
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray
from vertebrisk.design.build import VariableInfo, needed_columns
from vertebrisk.design.formulas import SurvivalFormula
from vertebrisk.engines.memory import keep_freed
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.kernels.imputation import chained
from vertebrisk.models.imputation.checking import check_auxiliary
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.outcomes import known_outcome, read_formula
from vertebrisk.models.imputation.variables import (
    ImputedVariable,
    as_codes,
    check_told,
    gaps,
    kernel_variables,
    plan_variables,
)

FEWEST = 2


def impute(
    formula: str,
    data: object,
    *,
    imputations: int = 20,
    iterations: int = 10,
    seed: int = 1,
    auxiliary: Sequence[str] = (),
    methods: Mapping[str, str] | None = None,
    passive: Mapping[str, str] | None = None,
    info: Mapping[str, VariableInfo] | None = None,
) -> Imputations:
    """What might the missing values be, given all that is known of each patient?

    Multiple imputation by chained equations. Every variable is imputed from all others,
    the auxiliary ones and the outcome: leaving the outcome out would draw the effects
    towards none. Of a time to event that is the event with the Nelson-Aalen hazard at the
    patient's time.

    Parameters
    ----------
    formula : str
        That of the analysis, or one with all candidates: ``residual_pain ~ ivc + age`` or
        ``Surv(months, leakage) ~ age``. All variables of the later analysis must be in it,
        or in `auxiliary`.
    data : frame
        polars, pandas or pyarrow, one row a patient. Rows with a missing outcome are left
        out and counted in `n_dropped`; outcomes are not imputed.
    imputations : int
        2 or more; about as many as the percentage of incomplete patients.
    iterations : int
    seed : int
        0 or more; with the data it decides every draw.
    auxiliary : sequence of str
        Variables that are not in the analysis and tell something of what is missing. They
        may be incomplete themselves.
    methods : mapping of variable to method
        pmm (predictive mean matching; numbers by default), linear (numbers from a normal
        distribution), logistic (two levels, by default), polytomous (levels, by default),
        ordered (levels in order).
    passive : mapping of variable to expression
        Variables computed from others, such as ``{"bmi": "weight / height**2"}``; they stay
        what they are computed from.
    info : mapping, optional
        Level orders by variable.

    Returns
    -------
    Imputations
        For `fit_imputed`, which pools by Rubin's rules.

    Raises
    ------
    DataError
        A column is missing, holds dates, is known of fewer than 10 patients or of nobody with
        the event, or nothing is missing.
    ArgumentError
        A method does not suit what a column holds, or an auxiliary variable decides the
        outcome.
    ExpressionError
        Formula or expression is not in the grammar.

    References
    ----------
    van Buuren and Groothuis-Oudshoorn 2011, doi:10.18637/jss.v045.i03. White and Royston
    2009, doi:10.1002/sim.3618. R's ``mice``.
    """
    check_positive_int(imputations, "imputations")
    check_positive_int(iterations, "iterations")
    check_seed(seed)
    if imputations < FEWEST:
        raise ArgumentError("One imputation says nothing of what is unknown; make 2 or more.")
    parsed = read_formula(formula)
    check_auxiliary(parsed, auxiliary)
    frame = as_polars(data)
    names = tuple(dict.fromkeys([*parsed.variables, *auxiliary]))
    needed_columns(frame, names)
    outcome = known_outcome(parsed, frame)
    used = frame.filter(outcome.known)
    variables = plan_variables(used, names, methods or {}, passive or {}, info or {})
    _worth_it(variables, formula)
    event = outcome.columns[:, 0] > 0.5
    followed = isinstance(parsed, SurvivalFormula)
    check_told(used, parsed.variables, event, followed=followed)
    codes = as_codes(used, variables)
    keep_freed()
    found = draw(codes, outcome.columns, variables, used, imputations, iterations, int(seed))
    rows = {
        each.name: np.flatnonzero(np.isnan(codes[:, place]))
        for place, each in enumerate(variables)
        if each.n_missing
    }
    filled = {
        each.name: np.asarray(found.values[:, rows[each.name], place])
        for place, each in enumerate(variables)
        if each.n_missing
    }
    return Imputations(
        data=used,
        variables=variables,
        outcome=formula.split("~")[0].strip(),
        imputations=imputations,
        iterations=iterations,
        seed=int(seed),
        rows=rows,
        filled=filled,
        convergence=_convergence(found, variables),
        n_dropped={"outcome missing": frame.height - used.height}
        if used.height < frame.height
        else {},
    )


def draw(
    codes: FloatArray,
    always: FloatArray,
    variables: Sequence[ImputedVariable],
    frame: pl.DataFrame,
    imputations: int,
    iterations: int,
    seed: int,
) -> chained.Imputed:
    """Chains over one table of codes, shape (n, variables); see `kernels.imputation`."""
    return chained.impute(
        codes,
        gaps(codes),
        always,
        kernel_variables(variables, frame),
        np.arange(imputations),
        seed,
        iterations,
    )


def _worth_it(variables: Sequence[ImputedVariable], formula: str) -> None:
    if not any(each.n_missing for each in variables):
        raise DataError(f"No value is missing in the variables of '{formula}'; fit it as it is.")


def _convergence(found: chained.Imputed, variables: Sequence[ImputedVariable]) -> pl.DataFrame:
    iterations, chains, _ = found.means.shape
    parts = [
        pl.DataFrame(
            {
                "variable": [each.name] * (iterations * chains),
                "iteration": np.repeat(np.arange(1, iterations + 1), chains),
                "imputation": np.tile(np.arange(1, chains + 1), iterations),
                "mean": found.means[:, :, place].ravel(),
                "sd": found.sds[:, :, place].ravel(),
            }
        )
        for place, each in enumerate(variables)
        if each.n_missing
    ]
    return pl.concat(parts).fill_nan(None)
