"""Any table reads back to the same normal form, in whichever layout it is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vertebrisk.evidence.audit.subject import Comparison, Group, Level, Row
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import Coefficient
from vertebrisk.evidence.tables import read_tables

Cells = list[list[str]]


class Written(NamedTuple):
    """A table as texts, with what it says."""

    title: str
    cells: Cells
    rows: tuple[Row, ...] = ()
    coefficients: tuple[Coefficient, ...] = ()


def delimited(table: Written, separator: str) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    writer.writerow([table.title])
    writer.writerows(table.cells)
    return stream.getvalue()


def with_decimal_commas(table: Written) -> str:
    head, *body = table.cells
    body = [
        [line[0], *(cell.replace(",", ";").replace(".", ",") for cell in line[1:])] for line in body
    ]
    return delimited(table._replace(cells=[head, *body]), ";")


def piped(table: Written) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in table.cells]
    lines.insert(1, "|" + "---|" * len(table.cells[0]))
    return "\n".join([f"**{table.title}**", "", *lines])


def spaced(table: Written) -> str:
    """Columns below one another, all but the first set to the right."""
    widths = [max(len(line[k]) for line in table.cells) for k in range(len(table.cells[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table.cells
    ]
    return "\n".join([table.title, "-" * sum(widths), *lines])


def flowing(table: Written) -> str:
    lines = [" ".join(cell for cell in line if cell) for line in table.cells]
    return "\n".join([table.title, *lines])


LAYOUTS: dict[str, Callable[[Written], str]] = {
    "comma": lambda table: delimited(table, ","),
    "semicolon": lambda table: delimited(table, ";"),
    "tab": lambda table: delimited(table, "\t"),
    "decimal comma": with_decimal_commas,
    "pipes": piped,
    "spaces": spaced,
    "one space": flowing,
}


def printed(low: int, high: int, decimals: int) -> st.SearchStrategy[str]:
    scale = 10**decimals
    return st.integers(low * scale, high * scale).map(lambda value: f"{value / scale:.{decimals}f}")


P_VALUES = st.one_of(printed(0, 1, 3), st.just("<0.001"))
LABELS = ("Age", "Body mass index", "Cobb angle", "Bone density", "Operation time", "Vacuum cleft")
LEVELS = ("Low", "Medium", "High")


@st.composite
def comparisons(draw: st.DrawFn) -> Written:
    sizes = draw(st.lists(st.integers(10, 400), min_size=2, max_size=2))
    head = ["Variable", f"Pain (n = {sizes[0]})", f"No pain (n = {sizes[1]})", "t/χ2", "P value"]
    cells, rows = [head], []
    for label in draw(st.lists(st.sampled_from(LABELS), min_size=2, unique=True)):
        statistic, p = draw(printed(0, 30, 3)), draw(P_VALUES)
        tail: dict[str, Any] = {"statistic": Printed.parse(statistic), "p_value": Printed.parse(p)}
        kind = draw(st.sampled_from(["mean", "median", "levels"]))
        if kind == "mean":
            means, sds = [draw(st.tuples(*[printed(1, 99, 2)] * 2)) for _ in range(2)]
            pairs = [f"{mean} ± {sd}" for mean, sd in zip(means, sds, strict=True)]
            cells.append([label, *pairs, statistic, p])
            rows.append(Row(label, "Table 1", mean=_all(means), sd=_all(sds), **tail))
        elif kind == "median":
            parts = [draw(st.tuples(*[printed(1, 99, 1)] * 3)) for _ in range(2)]
            cells.append([label, *(f"{m} ({a}-{b})" for m, a, b in parts), statistic, p])
            middle, low, high = (_all(column) for column in zip(*parts, strict=True))
            quartiles: dict[str, Any] = {"lower_quartile": low, "upper_quartile": high}
            rows.append(Row(label, "Table 1", median=middle, **quartiles, **tail))
        else:
            cells.append([label, "", "", statistic, p])
            levels = []
            for name in LEVELS[: draw(st.integers(2, 3))]:
                counts = draw(st.tuples(*[st.integers(0, 400).map(str)] * 2))
                shares = draw(st.tuples(*[printed(0, 100, 1)] * 2))
                pairs = [f"{n} ({share}%)" for n, share in zip(counts, shares, strict=True)]
                cells.append([name, *pairs, "", ""])
                levels.append(Level(name, _all(counts), _all(shares)))
            rows.append(Row(label, "Table 1", levels=tuple(levels), **tail))
    return Written("Table 1. Comparison", cells, rows=tuple(rows))


@st.composite
def regressions(draw: st.DrawFn) -> Written:
    cells, coefficients = [["Variable", "B", "SE", "Wald", "P", "OR (95% CI)"]], []
    for label in draw(st.lists(st.sampled_from(LABELS), min_size=2, unique=True)):
        values = {
            "estimate": draw(printed(-9, 9, 3)), "std_error": draw(printed(0, 3, 3)),
            "wald": draw(printed(0, 90, 3)), "p_value": draw(P_VALUES),
            "ratio": draw(printed(0, 90, 2)), "conf_low": draw(printed(0, 90, 2)),
            "conf_high": draw(printed(0, 900, 2)),
        }  # fmt: skip
        level = draw(st.sampled_from(["", "yes"]))
        *first, ratio, low, high = values.values()
        name = f"{label} ({level})" if level else label
        cells.append([name, *first, f"{ratio} ({low}-{high})"])
        parsed: dict[str, Any] = {name: Printed.parse(value) for name, value in values.items()}
        coefficients.append(Coefficient(term=label, level=level, **parsed))
    return Written("Table 2. Multivariable regression", cells, coefficients=tuple(coefficients))


def _all(texts: tuple[str, ...]) -> tuple[Printed, ...]:
    return tuple(Printed.parse(text) for text in texts)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=12, deadline=None)
@given(table=comparisons())
def test_a_comparison_reads_back(layout: str, table: Written) -> None:
    read = read_tables(LAYOUTS[layout](table))
    groups = tuple(
        Group(name, "Table 1", Printed.parse(head.split("= ")[1].rstrip(")")), event)
        for name, head, event in zip(
            ("Pain", "No pain"), table.cells[0][1:3], (True, False), strict=True
        )
    )
    assert read.subject.comparisons == (Comparison("comparison", "Table 1", groups, table.rows),)
    assert read.findings == ()


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=12, deadline=None)
@given(table=regressions())
def test_a_regression_reads_back(layout: str, table: Written) -> None:
    read = read_tables(LAYOUTS[layout](table))
    assert [model.id for model in read.subject.models] == ["multivariable"]
    assert read.subject.models[0].coefficient == table.coefficients
    assert read.findings == ()
