"""Univariable regression: each variable alone against the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._checks import check_fraction
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.build import build_design, needed_columns
from vertebrisk.design.design import Design
from vertebrisk.design.rules import Expression
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile, normal_two_sided
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.models.inference import COEFFICIENT_SCHEMA, clustered_covariance
from vertebrisk.models.preparing import complete_rows
from vertebrisk.validation.measures import null_log_likelihood

Ratio: TypeAlias = tuple[str, str, str]

NO_VALUE = "no patient has a value"
SAME = "the same in all patients"
ONE_OUTCOME = "only one outcome among the patients who have a value"

ODDS_RATIO: Ratio = ("odds_ratio", "or_low", "or_high")
COX_RATIO: Ratio = ("hazard_ratio", "hr_low", "hr_high")


def screen_schema(ratio: Ratio) -> dict[str, type[pl.DataType]]:
    """Columns of a screen, its ratio called so."""
    return {
        **COEFFICIENT_SCHEMA,
        **dict.fromkeys(ratio, pl.Float64),
        "df": pl.Int64,
        "lr_statistic": pl.Float64,
        "lr_p_value": pl.Float64,
        "n": pl.Int64,
        "n_events": pl.Int64,
        "note": pl.String,
    }


SCREEN_SCHEMA = screen_schema(ODDS_RATIO)


def screen_univariable(
    data: object, outcome: str, variables: Sequence[str], *, level: float = 0.95
) -> pl.DataFrame:
    """How does each variable alone go with the event?

    Parameters
    ----------
    data : frame
        polars, pandas or pyarrow, one row a patient. Or a `PatientScan` of any number of
        patients, over which all variables share the passes.
    outcome : str
        A boolean or 0/1 column, or a rule; true is the event.
    variables : sequence of str
        Columns, or terms such as ``rcs(age, 4)``. Each is fitted on the rows that have
        it and the outcome.
    level : float
        Confidence level.

    Returns
    -------
    polars.DataFrame
        A row per coefficient: term, level, estimate, std_error, statistic, p_value
        (Wald), conf_low, conf_high (log scale), odds_ratio, or_low, or_high, then of the
        whole variable df, lr_statistic, lr_p_value, and n, n_events, note. Where no
        finite estimate exists, the odds ratio is 0 or infinite, its Wald columns are null,
        the likelihood-ratio test stands, and `note` says so.

    Raises
    ------
    DataError, ExpressionError
        For columns that are missing or cannot be used.
    """
    check_fraction(level, "level")
    if isinstance(data, PatientScan):
        from vertebrisk.models.streamed.screening import screen_scan

        return screen_scan(data, outcome, variables, level)
    frame = as_polars(data)
    rule = Expression.parse(outcome)
    needed_columns(frame, rule.names)
    event = rule.rule(frame)
    rows: list[dict[str, object]] = []
    for term in asked_terms(variables, frame.columns):
        needed_columns(frame, term.variables)
        complete, _ = complete_rows(frame, event, term.variables)
        outcome_values = event.filter(complete).to_numpy().astype(np.float64)
        rows.extend(screen_term(frame.filter(complete), outcome_values, term, level=level))
    return pl.DataFrame(rows, schema=SCREEN_SCHEMA)


def asked_terms(variables: Sequence[str], columns: Sequence[str]) -> tuple[WrittenTerm, ...]:
    """Terms to be fitted one by one; a column's own name is one, whatever characters it has."""
    if isinstance(variables, str):
        raise ArgumentError("variables is one text; give a list of names.")
    return parse_terms(tuple(f"`{name}`" if name in columns else name for name in variables))


def screen_term(
    frame: pl.DataFrame,
    event: FloatArray,
    term: WrittenTerm,
    clusters: IntArray | None = None,
    level: float = 0.95,
) -> list[dict[str, object]]:
    """Rows of one variable; see `screen_univariable`.

    With `clusters`, codes from 0 of the patient, errors are clustered and there is no
    likelihood-ratio test.
    """
    size, events = event.size, float(event.sum())
    whole: dict[str, object] = {"n": size, "n_events": int(events), "note": ""}
    if size == 0:
        return [{"term": term.name, "level": "", **whole, "note": NO_VALUE}]
    design, codes = build_design(frame, [term])
    matrix = design.matrix(codes)
    problem = _untestable(matrix, size, events)
    if problem:
        return [{"term": term.name, "level": "", **whole, "note": problem}]
    columns = np.column_stack([np.ones(size), matrix])
    fit = fit_logistic_batch(columns, event, np.ones((1, size)))
    if fit.deficient[0]:
        raise FitError(f"'{term.name}' has linearly dependent columns; enter it more simply.")
    null = null_log_likelihood(np.array([events]), np.array([float(size)]))[0]
    gain = max(2.0 * (float(fit.log_likelihood[0]) - float(null)), 0.0)
    df = matrix.shape[1]
    covariance = fit.covariance()
    whole["df"] = df
    if clusters is None:
        whole |= {"lr_statistic": gain, "lr_p_value": float(chi2_upper(gain, df))}
    else:
        residual = event - expit(columns @ fit.beta[0])
        covariance = clustered_covariance(columns, residual, covariance, clusters)
    errors = np.sqrt(np.diag(covariance))[1:]
    run = fit.direction[0, 1:] if fit.separated[0] else None
    return screened_rows(design, fit.beta[0, 1:], errors, run, whole, level, ODDS_RATIO)


def screened_rows(
    design: Design,
    beta: FloatArray,
    errors: FloatArray,
    runaway: FloatArray | None,
    whole: Mapping[str, object],
    level: float,
    ratio: Ratio,
) -> list[dict[str, object]]:
    """Rows of one variable from its coefficients.

    `runaway` is the direction of an infinite estimate, None where all are finite; `whole`
    holds what is said of the variable as a whole.
    """
    run = np.zeros_like(beta) if runaway is None else runaway
    infinite = np.abs(run) > 0.01 * max(float(np.abs(run).max(initial=0.0)), 1e-12)
    return [
        {
            "term": column.term,
            "level": column.level,
            **(
                _runaway(float(run[i]), ratio)
                if infinite[i]
                else _finite(beta[i], errors[i], level, ratio)
            ),
            **whole,
            **({"note": "no finite estimate"} if infinite[i] else {}),
        }
        for i, column in enumerate(design.columns)
    ]


def untestable(matrix: FloatArray) -> str:
    """Why a variable's columns cannot be tested, empty where they can."""
    if matrix.shape[1] == 0 or (np.ptp(matrix, axis=0) == 0.0).any():
        return SAME
    return ""


def _untestable(matrix: FloatArray, size: int, events: float) -> str:
    if size == 0 or events in (0.0, float(size)):
        return ONE_OUTCOME
    return untestable(matrix)


def _finite(beta: float, error: float, level: float, ratio: Ratio) -> dict[str, object]:
    reach = float(normal_quantile(0.5 + level / 2.0)) * float(error)
    estimate = float(beta)
    with np.errstate(over="ignore"):  # a ratio for a unit far larger than any difference
        ratios = np.exp(np.array([estimate, estimate - reach, estimate + reach]))
    return {
        "estimate": estimate,
        "std_error": float(error),
        "statistic": estimate / float(error),
        "p_value": float(normal_two_sided(estimate / float(error))),
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
        **dict(zip(ratio, map(float, ratios), strict=True)),
    }


def _runaway(direction: float, ratio: Ratio) -> dict[str, object]:
    limit = float(np.copysign(np.inf, direction))
    return {"estimate": limit, ratio[0]: float(np.exp(limit))}
