"""Tables of penalised coefficients: without errors, or with the spread of the procedure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import check_fraction
from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError
from vertebrisk.models.inference import COEFFICIENT_SCHEMA
from vertebrisk.validation.results import Validation

NO_TESTS = (
    "The coefficients are shrunken by a penalty, so they have no {what}. Read the spread of "
    "bootstrap_coefficients(validation), or fit by maximum likelihood with estimator='ml'."
)


def refused(what: str) -> ArgumentError:
    """The error of a question that a penalised fit cannot answer."""
    return ArgumentError(NO_TESTS.format(what=what))


def bare_coefficients(
    names: Sequence[tuple[str, str]], estimate: FloatArray, level: float
) -> pl.DataFrame:
    """Estimates alone; standard errors, tests and limits are null."""
    check_fraction(level, "level")
    known = {
        "term": [term for term, _ in names],
        "level": [name for _, name in names],
        "estimate": estimate,
    }
    missing = [name for name in COEFFICIENT_SCHEMA if name not in known]
    return pl.DataFrame(
        {**known, **{name: [None] * len(names) for name in missing}}, schema=COEFFICIENT_SCHEMA
    )


def procedure_coefficients(
    table: pl.DataFrame, validation: Validation, level: float, coefficients: int
) -> pl.DataFrame:
    """The same with percentile limits of the repeated procedure's draws."""
    draws = validation.draws
    if draws is None or draws.shape[1] < coefficients:
        raise ArgumentError(
            "The validation holds no draws of these coefficients; make it by the validate() of "
            "this fit."
        )
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws[:, :coefficients], (tail, 1.0 - tail), axis=0)
    return table.with_columns(conf_low=pl.Series(low), conf_high=pl.Series(high))


def no_tests(design: Design) -> pl.DataFrame:
    """The table of joint tests, all of them null."""
    count = len(design.terms)
    numbers = ("wald", "wald_p_value", "lr_statistic", "lr_p_value")
    widths = [part.stop - part.start for part in design.slices.values()]
    return pl.DataFrame(
        {
            "term": list(design.slices),
            "df": widths,
            **{name: [None] * count for name in numbers},
        },
        schema={
            "term": pl.String,
            "df": pl.Int64,
            "wald": pl.Float64,
            "wald_p_value": pl.Float64,
            "lr_statistic": pl.Float64,
            "lr_p_value": pl.Float64,
        },
    )
