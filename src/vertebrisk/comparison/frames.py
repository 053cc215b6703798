"""A comparison as a tidy frame and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import polars as pl

from vertebrisk._types import Json
from vertebrisk.comparison.results import ComparedVariable, Comparison, NumericSummary

SCHEMA_VERSION = "1.0"
OVERALL = "overall"
COLUMNS: dict[str, type[pl.DataType]] = {
    "variable": pl.String,
    "level": pl.String,
    "group": pl.String,
    "n": pl.Int64,
    "missing": pl.Int64,
    "count": pl.Int64,
    "percent": pl.Float64,
    "mean": pl.Float64,
    "sd": pl.Float64,
    "median": pl.Float64,
    "q1": pl.Float64,
    "q3": pl.Float64,
    "minimum": pl.Float64,
    "maximum": pl.Float64,
    "test": pl.String,
    "statistic_name": pl.String,
    "statistic": pl.Float64,
    "df": pl.Float64,
    "df2": pl.Float64,
    "p_value": pl.Float64,
    "smd": pl.Float64,
    "summary": pl.String,
    "label": pl.String,
    "level_label": pl.String,
    "group_label": pl.String,
    "unit": pl.String,
    "note": pl.String,
}


def comparison_frame(comparison: Comparison) -> pl.DataFrame:
    """One row per variable, level and group, numbers as numbers.

    Returns
    -------
    polars.DataFrame
        ``variable, level`` (empty for a numeric variable), ``group`` (its value; the last
        row of each level is ``overall``), ``n`` and ``missing`` (patients with and without
        a value), ``count, percent`` (0 to 100, of those with a value; null for a numeric
        variable), ``mean, sd, median, q1, q3, minimum, maximum`` (null for a categorical
        one), and, the same on all rows of a variable, ``test, statistic_name, statistic,
        df, df2, p_value, smd``; then ``summary, label, level_label, group_label, unit,
        note`` for print.
    """
    rows = [
        row for variable in comparison.variables for row in _variable_rows(comparison, variable)
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


def comparison_dict(comparison: Comparison) -> Json:
    """JSON form with a schema version, safe to share.

    Smallest and largest values are left out: they belong to single patients.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "by": comparison.by,
        "ungrouped": comparison.ungrouped,
        "groups": [asdict(group) for group in comparison.groups],
        "variables": [_variable_dict(variable) for variable in comparison.variables],
    }


def _variable_rows(comparison: Comparison, variable: ComparedVariable) -> Iterator[Json]:
    columns = [(group.value, group.label) for group in comparison.groups]
    shared = {
        "variable": variable.variable,
        "label": variable.label,
        "unit": variable.unit,
        "summary": variable.summary,
        "smd": variable.smd,
        **variable.test.to_dict(),
    }
    heads = [{"group": value, "group_label": label} for value, label in (*columns, (OVERALL,) * 2)]
    if variable.overall is not None:
        for head, numbers in zip(heads, (*variable.cells, variable.overall), strict=True):
            yield shared | {"level": "", "level_label": ""} | head | asdict(numbers)
        return
    missing = (*variable.missing, sum(variable.missing))
    sizes = [group.n for group in comparison.groups]
    n = [size - gone for size, gone in zip((*sizes, sum(sizes)), missing, strict=True)]
    for level in variable.levels:
        named = shared | {"level": level.level, "level_label": level.label}
        for i, (head, cell) in enumerate(zip(heads, (*level.cells, level.overall), strict=True)):
            yield named | head | asdict(cell) | {"n": n[i], "missing": missing[i]}


def _variable_dict(variable: ComparedVariable) -> Json:
    document: dict[str, Any] = asdict(variable)
    document["test"] = variable.test.to_dict()
    document["overall"] = None if variable.overall is None else _shareable(variable.overall)
    document["cells"] = [_shareable(cell) for cell in variable.cells]
    return document


def _shareable(summary: NumericSummary) -> Json:
    hidden = ("minimum", "maximum")
    return {name: value for name, value in asdict(summary).items() if name not in hidden}
