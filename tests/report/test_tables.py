"""Tables: what they hold comes from the result, and is printed as papers print it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from tests.report.example import example_result, intercept_only

from vertebrisk._types import Language
from vertebrisk.comparison.results import ComparedVariable
from vertebrisk.errors import ArgumentError
from vertebrisk.report.document.study import results_document
from vertebrisk.report.render_text import render_summary, render_text, text_width
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.tables.patients import comparison_table
from vertebrisk.report.tables.table import Cell, Column, Row, TableSpec, cell_text, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.catalogue import CATALOGUE
from vertebrisk.text.messages import say
from vertebrisk.text.numbers import PLAIN
from vertebrisk.text.plurals import agreeing, counted
from vertebrisk.validation.curves import CURVE_NAME
from vertebrisk.validation.measures import LOESS_NAME, SPLINE_NAME
from vertebrisk.validation.survival.smoothing import SMOOTHER, SMOOTHER_COMPETING


def _numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _numbers_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _numbers_in(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _texts(table: TableSpec) -> list[list[str]]:
    return [[cell_text(cell, PLAIN) for cell in row.cells] for row in table.rows]


@pytest.mark.parametrize("result", [example_result(), intercept_only()], ids=["full", "bare"])
def test_every_number_of_every_table_is_in_the_document(result: StudyResult) -> None:
    known = set(_numbers_in(results_document(result)))
    for table in build_tables(result).values():
        shown = {float(value) for value in table.numbers() if math.isfinite(value)}
        assert shown <= known, f"table {table.key} shows {sorted(shown - known)[:5]}"
        assert shown or table.key == "replication"


def test_tables_are_numbered_in_reading_order() -> None:
    tables = build_tables(example_result())
    assert [table.number for table in tables.values()] == list(range(1, 15))
    assert next(iter(tables)) == "comparison"


def test_multivariable_layout_is_that_of_the_papers() -> None:
    table = build_tables(example_result())["multivariable"]
    assert [column.label for column in table.columns] == [
        "Variable",
        "B",
        "SE",
        "Wald",
        "df",
        "P",
        "OR (95 % CI)",
    ]
    lines = _texts(table)
    assert lines[0] == [
        "Intravertebral vacuum cleft (Yes vs No)",
        "1.332",
        "0.599",
        "4.94",
        "1",
        "0.026",
        "3.79 (1.17 to 12.26)",
    ]
    assert lines[2] == ["Goutallier grade", "", "", "15.61", "2", "<0.001", ""]
    assert lines[3] == ["0-1 (reference)", "", "", "", "", "", "1"]
    assert lines[5][0] == "3-4"
    assert [row.kind for row in table.rows[2:5]] == ["heading", "reference", "body"]
    assert [row.indent for row in table.rows] == [0, 0, 0, 1, 1, 1, 0, 0]
    assert lines[-1][0] == "Constant"
    assert lines[-1][-1] == ""


def test_an_infinite_ratio_is_shown_and_explained() -> None:
    result = example_result()
    first = replace(
        result.multivariable[0], ratio=math.inf, conf_low=None, conf_high=None, p_value=None
    )
    table = build_tables(replace(result, multivariable=(first, *result.multivariable[1:])))[
        "multivariable"
    ]
    assert _texts(table)[0][-2:] == ["–", "∞"]
    assert any("no finite" in note for note in table.footnotes)


def test_table_one_counts_missing_values_and_names_the_test() -> None:
    table = build_tables(example_result())["comparison"]
    lines = _texts(table)
    bmi = next(place for place, line in enumerate(lines) if line[0].startswith("BMI"))
    assert lines[bmi][:4] == ["BMI, kg/m²", "23.88 ± 3.61", "23.92 ± 3.61", "23.66 ± 3.61"]
    assert lines[bmi + 1][:4] == ["Missing", "4", "3", "1"]
    cleft = next(line for line in lines if line[0] == "Intravertebral vacuum cleft")
    assert cleft[4:] == ["Fisher exact", "–", "–", "0.041", "0.33"]
    assert table.footnotes[1].startswith("a: ")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_note_stands_once_under_one_mark(language: Language) -> None:
    result = example_result()

    def with_note(at: int, note: str) -> ComparedVariable:
        variable = result.comparison.variables[at]
        return replace(variable, test=replace(variable.test, note=note))

    caution = "{expected_counts} {are} below 5"
    one, two = (
        say(caution, expected_counts=counted(n, "expected count"), are=agreeing(n, "is", "are"))
        for n in (1, 2)
    )
    notes = [one, two, one, "", one, *(f"note {place}" for place in range(25)), two, "note 24"]
    variables = tuple(with_note(at % 9, note) for at, note in enumerate(notes))
    comparison = replace(result.comparison, variables=variables)
    table = comparison_table(comparison, Words(language))
    at = [column.key for column in table.columns].index("test")
    heads = [row.cells[at] for row in table.rows if row.cells[at].text]
    letters = [chr(ord("a") + place) for place in range(2, 26)]
    assert [cell.mark for cell in heads] == ["a", "b", "a", "", "a", *letters, "aa", "b", "aa"]
    assert [note.split(": ")[0] for note in table.footnotes[1:]] == ["a", "b", *letters, "aa"]


def test_performance_shows_both_procedures_and_who_was_left_out() -> None:
    table = build_tables(example_result())["performance"]
    assert [spanner.label for spanner in table.spanners] == [
        "Whole procedure repeated",
        "Model held fixed",
    ]
    assert len(table.columns) == 10
    assert any("951 resamples" in note for note in table.footnotes)
    alone = build_tables(intercept_only())["performance"]
    assert len(alone.columns) == 7


def test_a_bare_result_has_no_empty_table() -> None:
    tables = build_tables(intercept_only())
    assert {"points", "total", "vif", "replication"}.isdisjoint(tables)
    assert all(table.rows for table in tables.values())


def test_variance_inflation_is_shown_by_term_or_by_column() -> None:
    result = example_result()
    assert _texts(build_tables(result)["vif"])[2] == ["Goutallier grade", "2", "1.09", "1.02"]
    plain = pl.DataFrame({"term": ["ivc", "cement"], "level": ["Yes", ""], "vif": [1.04, 1.02]})
    lines = _texts(build_tables(replace(result, vif=plain))["vif"])
    assert lines == [["Intravertebral vacuum cleft: Yes", "1.04"], ["Cement distribution", "1.02"]]


def test_decision_rows_are_the_thresholds_of_the_protocol() -> None:
    lines = _texts(build_tables(example_result())["decision"])
    assert [line[0] for line in lines] == ["10.0%", "20.0%"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (number("p_value", 0.0000001), "<0.001"),
        (number("p_value", None), "–"),
        (number("estimate", math.nan), "–"),
        (number("estimate", -0.0004), "0.000"),
        (number("risk", 0.138, decimals=1), "13.8%"),
        (number("count_percent", 37, None), "37"),
        (number("counts", 37, 268), "37/268"),
        (number("counts", None, 268), "–"),
        (number("median_iqr", 6, 5, 7, decimals=1), "6.0 [5.0, 7.0]"),
        (number("interval", 0.1, 0.2, decimals=1), "0.1 to 0.2"),
        (text("=1+1"), "=1+1"),
    ],
)
def test_cells_print_as_their_format_says(cell: Cell, shown: str) -> None:
    assert cell_text(cell, PLAIN) == shown


def test_a_row_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Row 1 of table 'x' has 1 cells; its 2 columns"):
        TableSpec("x", "", (Column("a", "A"), Column("b", "B")), (Row((text("1"),)),))


def test_plain_text_lines_up_wide_characters() -> None:
    table = TableSpec(
        "x",
        "",
        (Column("a", "变量", "start"), Column("b", "n")),
        (
            Row((text("骨水泥分布"), number("integer", 3))),
            Row((text("IVC"), number("integer", 12))),
        ),
    )
    lines = render_text(table, Words("zh")).splitlines()[2:6]
    assert len({text_width(line) for line in (lines[0], lines[2], lines[3])}) == 1


def test_the_summary_names_reconstructed_data_and_the_corrected_index() -> None:
    shown = render_summary(example_result())
    assert shown.startswith("Reconstructed data. These are not the records")
    assert "37 (13.8%)" in shown
    assert "0.753 (0.673 to 0.823)" in shown


def test_both_languages_have_every_word() -> None:
    for key, texts in CATALOGUE.items():
        assert all(texts), key


def test_chinese_joins_intervals_in_chinese() -> None:
    result = example_result()
    result = replace(result, facts=replace(result.facts, language="zh"))
    shown = render_text(build_tables(result)["multivariable"], Words("zh"))
    assert "3.79 (1.17 至 12.26)" in shown
    assert " to " not in shown


def test_the_column_of_choices_is_left_out_where_nothing_was_chosen() -> None:
    result = example_result()
    rows = tuple(replace(row, selected=None) for row in result.univariable)
    fixed = build_tables(replace(result, univariable=rows))["univariable"]
    assert "selected" in [column.key for column in build_tables(result)["univariable"].columns]
    assert "selected" not in [column.key for column in fixed.columns]


@pytest.mark.parametrize(
    "label", ["Intravertebral vacuum cleft " * 6, "术前椎体内真空裂隙征象" * 9]
)
def test_a_long_label_is_wrapped_in_plain_text(label: str) -> None:
    label = label.strip()
    columns = (Column("quantity", "Quantity", "start"), Column("value", "Value"))
    rows = (Row((text(label), text("2.95 (1.66 to 5.25)")), indent=1),)
    shown = render_text(TableSpec("t", "Caption", columns, rows), Words("en")).splitlines()
    assert max(text_width(line) for line in shown) <= 100
    body = "".join(line.strip() + " " for line in shown[4:-1])
    assert label.replace(" ", "") in body.replace(" ", "")
    assert body.endswith("2.95 (1.66 to 5.25) ")


@pytest.mark.parametrize(
    "name", [CURVE_NAME, LOESS_NAME, SPLINE_NAME, SMOOTHER, SMOOTHER_COMPETING]
)
def test_each_smoother_has_a_chinese_name(name: str) -> None:
    assert Words("en").smoother(name) == name
    chinese = Words("zh").smoother(name)
    assert "（" in chinese
    assert "{" not in chinese
