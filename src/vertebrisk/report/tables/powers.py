"""Tables of the powers that the data chose, and of those that resamples chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vertebrisk.report.tables.table import Column, Row, Spanner, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MINUS

if TYPE_CHECKING:
    from vertebrisk.report.results.shapes import PowersResult, ShapesResult

LISTED = 5  # shapes of a variable that are listed by their share


def powers_text(powers: Sequence[float] | None, words: Words) -> str:
    """A shape in words: its powers, or that there is none."""
    if powers is None:
        return ""
    if not powers:
        return words("powers.none")
    if list(powers) == [1.0]:
        return words("powers.linear")
    return ", ".join(f"{power:g}".replace("-", MINUS) for power in powers)


def powers_table(shapes: ShapesResult | None, words: Words) -> TableSpec | None:
    """The closed test of each fractional polynomial; None where no powers were found."""
    if shapes is None or not shapes.powers:
        return None
    rows = tuple(
        Row(
            (
                text(each.label),
                text(powers_text(each.powers, words)),
                number("estimate", each.linear, decimals=2),
                text(powers_text(each.fp1_powers, words)),
                number("estimate", each.fp1, decimals=2),
                text(powers_text(each.fp2_powers, words)),
                number("estimate", each.fp2, decimals=2),
                number("p_value", each.p_null),
                number("p_value", each.p_linear),
                number("p_value", each.p_fp1),
            )
        )
        for each in shapes.powers
    )
    columns = (
        Column("variable", words("variable"), "start"),
        Column("powers", words("powers.chosen"), "start"),
        Column("linear", words("powers.line")),
        Column("fp1_powers", words("powers.one"), "start"),
        Column("fp1", "χ²"),
        Column("fp2_powers", words("powers.two"), "start"),
        Column("fp2", "χ²"),
        Column("p_null", words("powers.against_none")),
        Column("p_linear", words("powers.against_linear")),
        Column("p_fp1", words("powers.against_one")),
    )
    spanners = (
        Spanner(words("powers.statistics"), 2, 7),
        Spanner(words("powers.tests"), 7, 10),
    )
    notes = [words("note.powers", alpha=f"{shapes.alpha:g}")]
    notes += [
        words("note.powers_scaled", label=each.label, scaled=_scaled(each))
        for each in shapes.powers
        if each.shift != 0 or each.scale != 1
    ]
    caption = words("caption.powers")
    return TableSpec("powers", caption, columns, rows, spanners, tuple(notes))


def _scaled(each: PowersResult) -> str:
    shifted = each.variable if each.shift == 0 else f"({each.variable} + {each.shift:g})"
    return shifted if each.scale == 1 else f"{shifted} / {each.scale:g}"


def repeated_powers_table(shapes: ShapesResult | None, words: Words) -> TableSpec | None:
    """How often resamples chose each shape, the most frequent first."""
    if shapes is None or not any(each.repeated for each in shapes.powers):
        return None
    rows = []
    for each in shapes.powers:
        rows.append(Row((text(each.label), text(""), text("")), kind="heading"))
        shown = each.repeated[:LISTED]
        rest = sum(line.share for line in each.repeated[LISTED:])
        for line in shown:
            mark = words("powers.of_the_model") if line.final else ""
            name = powers_text(line.powers, words)
            rows.append(
                Row((text(name), number("risk", line.share, decimals=1), text(mark)), indent=1)
            )
        if rest > 0:
            count = len(each.repeated) - LISTED
            name = words("powers.others", n=count)
            rows.append(Row((text(name), number("risk", rest, decimals=1), text("")), indent=1))
    columns = (
        Column("shape", words("powers.shape"), "start"),
        Column("share", words("powers.share")),
        Column("final", "", "start"),
    )
    notes = (words("note.powers_repeated"),)
    caption = words("caption.powers_repeated")
    return TableSpec("powers_repeated", caption, columns, tuple(rows), (), notes)
