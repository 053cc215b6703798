"""Tables about the patients: Table 1, and what a paper printed beside what was found."""

from __future__ import annotations

from vertebrisk.comparison.results import (
    ComparedVariable,
    Comparison,
    LevelCount,
    NumericSummary,
    TestResult,
)
from vertebrisk.report.results.study import PrintedNumber
from vertebrisk.report.tables.table import EMPTY, Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.messages import said
from vertebrisk.text.phrases import in_sentence


def with_unit(label: str, unit: str) -> str:
    """Label and unit as a table heads a row: ``BMI, kg/m2``."""
    return f"{label}, {unit}" if unit else label


def decimals_for(summary: NumericSummary) -> int:
    """Decimals that show a mean with about three figures of its SD, at most three."""
    spread = summary.sd if summary.sd else 0.0
    return 1 if spread >= 10 else 2 if spread >= 0.1 else 3


def _numeric_cell(variable: ComparedVariable, summary: NumericSummary, decimals: int) -> Cell:
    if variable.summary == "median_iqr":
        return number("median_iqr", summary.median, summary.q1, summary.q3, decimals=decimals)
    return number("mean_sd", summary.mean, summary.sd, decimals=decimals)


def _count_cell(level: LevelCount) -> Cell:
    return number("count_percent", level.count, level.percent)


def _statistic_cells(test: TestResult, words: Words, mark: str) -> tuple[Cell, Cell, Cell, Cell]:
    name = words.or_plain(f"test.{test.test}", test.test)
    df = number("estimate", test.df, decimals=0 if _whole(test.df) else 1)
    if test.df2 is not None:
        df = text(f"{test.df:g}, {test.df2:g}")
    statistic = number("estimate", test.statistic, decimals=3)
    return text(name, mark), statistic, df, number("p_value", test.p_value)


def _whole(value: float | None) -> bool:
    return value is None or float(value).is_integer()


def comparison_table(comparison: Comparison, words: Words) -> TableSpec:
    """Table 1: every compared variable by group, with test, P and SMD."""
    rows: list[Row] = []
    forms = {"mean_sd": words.mean_sd(), "median_iqr": in_sentence(words.median_iqr())}
    marks: dict[str, str] = {}
    groups = len(comparison.groups)
    for variable in comparison.variables:
        note = said(variable.test.note, words.language)
        mark = marks.setdefault(note, _mark(len(marks))) if note else ""
        rows.extend(_variable_rows(variable, groups, words, mark))
    marked = (f"{mark}: {note}" for note, mark in marks.items())
    total = sum(group.n for group in comparison.groups)
    columns = (
        Column("variable", words("variable"), "start"),
        Column("overall", f"{words('overall')} {_size(total)}"),
        *(Column(f"group{i}", f"{g.label} {_size(g.n)}") for i, g in enumerate(comparison.groups)),
        Column("test", words("test"), "start"),
        Column("statistic", words("statistic")),
        Column("df", words("df")),
        Column("p", words("p")),
        Column("smd", words("smd")),
    )
    return TableSpec(
        "comparison",
        words("caption.comparison"),
        columns,
        tuple(rows),
        (),
        (words("note.comparison", **forms), *marked),
    )


def _mark(place: int) -> str:
    """The mark of a footnote by its place from 0: a to z, then aa, bb and so on."""
    turns, letter = divmod(place, 26)
    return chr(ord("a") + letter) * (turns + 1)


def _size(n: int) -> str:
    """Size of a group, which no line break may divide."""
    return f"(n = {n})".replace(" ", "\u00a0")


def _variable_rows(variable: ComparedVariable, groups: int, words: Words, mark: str) -> list[Row]:
    label = text(with_unit(variable.label, variable.unit))
    tail = (
        *_statistic_cells(variable.test, words, mark),
        number("estimate", None if variable.smd is None else abs(variable.smd), decimals=2),
    )
    if variable.overall is not None:
        places = decimals_for(variable.overall)
        cells = (variable.overall, *variable.cells)
        rows = [Row((label, *(_numeric_cell(variable, cell, places) for cell in cells), *tail))]
    else:
        rows = [Row((label, *(EMPTY,) * (groups + 1), *tail), kind="heading")]
        for level in variable.levels:
            counts = (level.overall, *level.cells)
            head = text(level.label or level.level)
            rows.append(
                Row((head, *(_count_cell(count) for count in counts), *(EMPTY,) * 5), indent=1)
            )
    if any(variable.missing):
        counts_missing = (sum(variable.missing), *variable.missing)
        rows.append(
            Row(
                (
                    text(words("missing")),
                    *(number("integer", count) for count in counts_missing),
                    *(EMPTY,) * 5,
                ),
                kind="reference",
                indent=1,
            )
        )
    return rows


def replication_table(printed: tuple[PrintedNumber, ...], words: Words) -> TableSpec | None:
    """What the paper printed beside what was found; None where no paper is replicated."""
    if not printed:
        return None
    sign = {True: "✓", False: "✗", None: "–"}
    columns = (
        Column("place", words("place"), "start"),
        Column("quantity", words("quantity"), "start"),
        Column("printed", words("printed")),
        Column("found", words("found")),
        Column("agrees", words("agrees")),
        Column("remark", words("remark"), "start"),
    )
    rows = tuple(
        Row(
            tuple(
                text(value)
                for value in (
                    line.place,
                    line.quantity,
                    line.printed,
                    line.found,
                    sign[line.agrees],
                    line.remark,
                )
            ),
            kind="emphasis" if line.agrees is False else "body",
        )
        for line in printed
    )
    return TableSpec("replication", words("caption.replication"), columns, rows)
