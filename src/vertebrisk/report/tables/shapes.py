"""Table of the tests of shapes and interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.tables.table import Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.shapes import ShapesResult


def shapes_table(
    shapes: ShapesResult | None, words: Words, *, selected: bool, pooled: bool
) -> TableSpec | None:
    """Tests of predictors, shapes and interactions; None where all lines are straight.

    Wald's, or where the model is `pooled` over imputed tables D1's.
    """
    if shapes is None or not shapes.tests.height:
        return None
    rows = []
    for line in shapes.tests.iter_rows(named=True):
        whole = line["kind"] == "overall"
        total = not line["label"]
        name = line["label"] if whole and not total else words(f"shape.{line['kind']}")
        if total:
            name = words("shape.all", kind=name)
        rows.append(
            Row(
                (
                    text(name),
                    number("estimate", line["wald"], decimals=2),
                    number("integer", line["df"]),
                    number("p_value", line["p_value"]),
                ),
                kind="emphasis" if total and whole else "body",
                indent=0 if whole or total else 1,
            )
        )
    columns = (
        Column("variable", words("variable"), "start"),
        Column("wald", "F" if pooled else words("wald")),
        Column("df", words("df")),
        Column("p", words("p")),
    )
    notes = [words("note.shapes_pooled" if pooled else "note.shapes")]
    if selected:
        notes.append(words("note.shapes_selected"))
    return TableSpec("shapes", words("caption.shapes"), columns, tuple(rows), (), tuple(notes))
