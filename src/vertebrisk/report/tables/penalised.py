"""Tables of a penalised model: shrunken coefficients, and the penalties that were found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.tables.models import body_row, placed_rows
from vertebrisk.report.tables.table import EMPTY, Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.penalised import PenalisedResult
    from vertebrisk.report.results.shrinkage import ShrinkageResult


def coefficients_table(
    rows: tuple[RegressionRow, ...], penalised: PenalisedResult, words: Words
) -> TableSpec:
    """Variable, B, OR, spread over the resamples and, of a lasso, how often the term was kept."""
    known = {(row["term"], row["level"]): row for row in penalised.coefficients.to_dicts()}
    counts = penalised.coefficients["frequency"].count() > 0
    drawn = penalised.coefficients["low"].count() > 0
    columns = (
        Column("variable", words("variable"), "start"),
        Column("b", words("b")),
        Column("ratio", words("or")),
        *((Column("spread", words("spread")),) if drawn else ()),
        *((Column("kept_in", words("kept_in")),) if counts else ()),
    )
    body = []
    for row, inside in placed_rows(rows):
        own = known.get((row.term, row.level)) or known.get((row.term, "")) or {}
        cells: tuple[Cell, ...] = (EMPTY, EMPTY, EMPTY)
        if row.kind in ("estimate", "intercept"):
            cells = (
                number("estimate", row.estimate),
                EMPTY if row.kind == "intercept" else number("estimate", row.ratio, decimals=2),
                number("interval", own.get("low"), own.get("high")),
            )
        cells = cells if drawn else cells[:2]
        if counts:
            share = own.get("frequency") if row.kind == "estimate" else None
            shown = EMPTY if share is None else number("estimate", 100.0 * share, decimals=0)
            cells = (*cells, shown)
        body.append(body_row(row, inside, cells, words))
    notes = [words("note.penalised")]
    if any(row.kind == "estimate" and row.estimate == 0.0 for row in rows):
        notes.append(words("note.zero_level"))
    return TableSpec(
        "multivariable", words("caption.penalised"), columns, tuple(body), (), tuple(notes)
    )


def shrinkage_table(
    found: ShrinkageResult | None, rows: tuple[RegressionRow, ...], words: Words
) -> TableSpec | None:
    """Coefficients before and after shrinkage; None without."""
    if found is None:
        return None
    after = {(row["term"], row["level"]): row["shrunken"] for row in found.coefficients.to_dicts()}
    body = []
    for row, inside in placed_rows(rows):
        value = after.get((row.term, row.level), after.get((row.term, "")))
        cells: tuple[Cell, ...] = (EMPTY, EMPTY, EMPTY)
        if row.kind in ("estimate", "intercept") and value is not None:
            ratio = number("estimate", math.exp(value), decimals=2)
            cells = (
                number("estimate", row.estimate),
                number("estimate", value),
                ratio if row.kind == "estimate" else EMPTY,
            )
        body.append(body_row(row, inside, cells, words))
    columns = (
        Column("variable", words("variable"), "start"),
        Column("b", words("b")),
        Column("shrunken", words("shrunken")),
        Column("ratio", words("or_shrunken")),
    )
    notes = (words("note.shrinkage", factor=words.numbers.estimate(found.factor, 3)),)
    return TableSpec("shrinkage", words("caption.shrinkage"), columns, tuple(body), (), notes)


def cross_validation_table(penalised: PenalisedResult | None, words: Words) -> TableSpec | None:
    """The penalties of the two rules; None where the penalty was given."""
    if penalised is None or penalised.cross_validation.is_empty():
        return None
    lines = penalised.cross_validation.to_dicts()
    rows = tuple(
        Row(
            (
                text(words(f"rule.{line['rule']}")),
                number("estimate", line["penalty"], decimals=4),
                number("integer", line["nonzero"]),
                number("estimate", line["mean"]),
                number("estimate", line["std_error"]),
            )
        )
        for line in lines
        if line["rule"]
    )
    columns = (
        Column("rule", words("rule"), "start"),
        Column("penalty", words("penalty")),
        Column("nonzero", words("nonzero")),
        Column("mean", words("cv_mean")),
        Column("std_error", words("se")),
    )
    measure = words(f"measure.cv.{penalised.measure}")
    notes = (words("note.cross_validation", measure=measure),)
    return TableSpec(
        "cross_validation", words("caption.cross_validation"), columns, rows, (), notes
    )
