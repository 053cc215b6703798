"""A pooled fit in the form in which fits are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from vertebrisk._types import Intervals
from vertebrisk.design.design import Design
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.selection.screening import COX_RATIO, ODDS_RATIO, Ratio, screen_schema
from vertebrisk.models.tables import RegressionRow


class _Printed:
    """Joint tests of a pooled fit are D1's, an F statistic; they have no likelihood."""

    def __init__(self, fit: PooledFit, intervals: Intervals | None) -> None:
        self.fit = fit
        self.intervals = intervals

    @property
    def design(self) -> Design:
        return self.fit.design

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        return self.fit.coefficients(level, self.intervals)

    def term_tests(self) -> pl.DataFrame:
        nothing = pl.lit(None, dtype=pl.Float64)
        return self.fit.wald_tests().with_columns(
            nothing.alias("lr_statistic"), nothing.alias("lr_p_value")
        )


def pooled_rows(fit: PooledFit, intervals: Intervals | None = None) -> tuple[RegressionRow, ...]:
    """The pooled model as a table prints it: t squared for Wald's statistic, F for joint tests.

    With Firth's estimates the square of the combined profiles' normal deviate stands for t's.
    """
    return multivariable_rows(_Printed(fit, intervals))


def pooled_alone(
    alone: Sequence[tuple[str, PooledFit | None]],
    design: Design,
    n: int,
    n_events: int,
    selected: dict[str, bool] | None,
    *,
    followed: bool,
) -> tuple[RegressionRow, ...]:
    """Each candidate's own pooled model; None where it has no estimate.

    `followed` is true for hazard ratios.
    """
    ratio = COX_RATIO if followed else ODDS_RATIO
    rows = [row for name, fit in alone for row in _screened(name, fit, n, n_events, ratio)]
    table = univariable_rows(pl.DataFrame(rows, schema=screen_schema(ratio)), design, selected)
    joint = {name: fit.wald_tests().row(0, named=True) for name, fit in alone if fit is not None}
    return tuple(_jointly(row, joint) for row in table)


def _screened(
    name: str, fit: PooledFit | None, n: int, n_events: int, ratio: Ratio
) -> list[dict[str, object]]:
    shared = {"term": name, "n": n, "n_events": n_events}
    if fit is None:
        return [{**shared, "level": "", "note": "no finite estimate"}]
    ratios = fit.ratios().select("estimate", "conf_low", "conf_high")
    lines = fit.coefficients().filter(pl.col("term") == name).to_dicts()
    schema = screen_schema(ratio)
    return [
        {
            **{key: line[key] for key in schema if key in line},
            **shared,
            **dict(zip(ratio, values, strict=True)),
            "df": len(lines),
            "note": "",
        }
        for line, values in zip(lines, ratios.iter_rows(), strict=True)
    ]


def _jointly(row: RegressionRow, tests: dict[str, dict[str, float]]) -> RegressionRow:
    if row.kind != "overall" or row.term not in tests:
        return row
    test = tests[row.term]
    return replace(row, wald=test["wald"], p_value=test["wald_p_value"])
