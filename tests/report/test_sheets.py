"""The workbook of tables: numbers stay numbers, and are shown as the report prints them."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.example import example_result
from tests.report.hostile import HOSTILE, NUMBERS, hostile_table, long_table, page_of

from vertebrisk._types import LANGUAGES, Language
from vertebrisk.report.page.content import Page
from vertebrisk.report.sheets.layout import lanes_of, sheet_names
from vertebrisk.report.sheets.workbook import tables_workbook
from vertebrisk.report.study.page import study_page
from vertebrisk.report.tables.parts import ROLES, cell_parts
from vertebrisk.report.tables.table import Cell, Column, Row, TableSpec, cell_text, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.journals import JOURNALS, Journal
from vertebrisk.text.numbers import Numbers

RESULT = example_result()


def page(language: Language = "en", journal: Journal = "default") -> Page:
    facts = replace(RESULT.facts, language=language, journal=journal)
    return study_page(replace(RESULT, facts=facts), ())


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(sheet: Any) -> Iterator[Any]:
    return (cell for row in sheet.iter_rows() for cell in row if cell.value is not None)


def shown(cell: Any) -> str:
    """What a spreadsheet shows of a number: its format applied to it."""
    form, value = cell.number_format, cell.value
    positive, _, negative = form.partition(";")
    literal = re.fullmatch(r'"([^"]*)"', positive)
    if literal:
        return literal[1]
    digits = re.match(r'(0?)(?:\.(0+))?(E\+00)?(%)?((?:"[^"]*")?)', positive)
    assert digits is not None, form
    assert digits[0] == positive, form
    exact = Decimal(repr(float(value))) * (100 if digits[4] else 1)
    places = len(digits[2] or "")
    if digits[3]:
        mantissa, power = f"{value:.{places}e}".split("e")
        return f"{mantissa}e{int(power):+03d}"
    rounded = abs(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    plain = f"{rounded:f}"
    plain = plain if digits[1] else plain.removeprefix("0")
    minus = "-" if value < 0 and not negative else ""
    return minus + plain + (digits[4] or "") + digits[5].strip('"')


@pytest.mark.parametrize("journal", ["default", "jama", "nejm", "bmj"])
def test_every_number_is_a_number_and_shown_as_printed(journal: Journal) -> None:
    made = page(journal=journal)
    book = opened(tables_workbook(made))
    tables = tuple(made.tables())
    assert len(book.sheetnames) == 1 + len(tables)
    for table, name in zip(tables, book.sheetnames[1:], strict=True):
        sheet = book[name]
        lanes = lanes_of(table, made.words)
        first = sheet.freeze_panes
        top = int(re.sub(r"\D", "", first))
        for line, row in enumerate(table.rows):
            for lane, cell in zip(lanes, row.cells, strict=True):
                for part in cell_parts(cell, made.words.plain_numbers):
                    found = sheet.cell(top + line, lane.place(part.role) + 1)
                    if part.value is None or not math.isfinite(part.value):
                        assert found.value == part.text
                    else:
                        assert found.data_type == "n"
                        assert found.value == pytest.approx(part.value, rel=1e-15)
                        assert shown(found) == part.text


def test_a_bound_stays_a_number() -> None:
    table = TableSpec("t", "C", (Column("p", "P"),), (Row((number("p_value", 1e-7),)),), number=1)
    sheet = opened(tables_workbook(page_of(table)))["1 t"]
    (found,) = [cell for cell in cells(sheet) if cell.data_type == "n"]
    assert (found.value, found.number_format) == (1e-7, '"<0.001"')


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_sheet_lists_the_tables_and_says_what_the_data_are(language: Language) -> None:
    made = page(language)
    book = opened(tables_workbook(made))
    first = book[book.sheetnames[0]]
    told = [str(cell.value) for cell in cells(first)]
    assert any(made.banners[0].label in each for each in told)
    for table, name in zip(made.tables(), book.sheetnames[1:], strict=True):
        assert table.caption in told
        assert name in told
        assert any(made.figure_label == cell.value for cell in cells(book[name]))
    links = {cell.hyperlink.location for cell in cells(first) if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in book.sheetnames[1:]}


def test_heads_stay_in_view_and_are_printed_again() -> None:
    made = page()
    book = opened(tables_workbook(made))
    for table, name in zip(made.tables(), book.sheetnames[1:], strict=True):
        sheet = book[name]
        assert sheet.freeze_panes.startswith("B")
        rows = sheet.print_title_rows
        assert rows is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        heads = {cell.value for cell in cells(sheet)}
        assert {column.label for column in table.columns} <= heads
        assert set(table.footnotes) <= heads


def test_words_are_never_formulas() -> None:
    content = tables_workbook(page_of(hostile_table(), long_table()))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if "worksheets" in name]
    assert not any("<f>" in sheet for sheet in sheets)
    book = opened(content)
    sheet = book["1 hostile_1"]
    kept = {cell.value for cell in cells(sheet) if cell.data_type == "s"}
    for each in HOSTILE[:9]:
        assert any(str(value).startswith(each) for value in kept), each
    assert "a\ufffdb\ufffdc\u200fd" in kept  # its U+202E would turn what follows
    quoted = [cell for cell in cells(sheet) if str(cell.value).startswith("=HYPER")]
    assert quoted
    assert all(cell.quotePrefix for cell in quoted)


def test_two_workbooks_are_equal_to_the_byte() -> None:
    content = tables_workbook(page("zh"))
    assert content == tables_workbook(page("zh"))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        times = re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", packed.read("docProps/core.xml"))
        assert set(times) == {b"2000-01-01T00:00:00Z"}
        assert {each.date_time[0] for each in packed.infolist()} == {1980}


def test_sheets_of_a_chinese_workbook_have_chinese_names() -> None:
    column = (Column("c", "C"),)
    captions = ("按结局分组的患者特征", "疼痛：" + "很长" * 20, "疼痛：" + "很长" * 20 + "？")
    tables = [TableSpec(f"t{k}", each, column, ()) for k, each in enumerate(captions)]
    first, second, third = sheet_names(tables, "zh", ("表格",))
    assert first == "1 按结局分组的患者特征"
    assert second == "2 疼痛：" + "很长" * 13
    assert third == "3 疼痛：" + "很长" * 13
    assert sheet_names(tables, "en") == ("1 t0", "2 t1", "3 t2")
    made = page("zh")
    names = opened(tables_workbook(made)).sheetnames
    assert all(re.search("[\u4e00-\u9fff]", name) for name in names)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_names_of_sheets_are_what_excel_takes(keys: list[str]) -> None:
    column = (Column("c", "C"),)
    tables = [TableSpec(key, "", column, (), number=0) for key in keys]
    names = sheet_names(tables, "en", ("Tables",))
    assert len({name.casefold() for name in (*names, "Tables")}) == len(names) + 1
    for name in names:
        assert 0 < len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\]", name)
        assert not name.startswith("'")
        assert not name.endswith("'")


FLOATS = st.one_of(
    st.none(), st.floats(allow_nan=True, allow_infinity=True), st.floats(-10, 10), st.floats(0, 1)
)
JOURNAL = st.sampled_from(tuple(JOURNALS))


@given(JOURNAL, st.sampled_from(NUMBERS), st.lists(FLOATS, min_size=3, max_size=3))
def test_the_parts_of_a_cell_are_what_the_cell_prints(
    journal: Journal, cell: Cell, values: list[float | None]
) -> None:
    if cell.format in ("integer", "counts", "count_percent"):
        return
    wanted = len(ROLES[cell.format])
    own = Cell(cell.format, values=tuple(values[:wanted]), decimals=cell.decimals)
    numbers = Numbers(JOURNALS[journal])
    printed = cell_text(own, numbers)
    for part in cell_parts(own, numbers)[: 1 if printed == "–" else None]:
        assert part.text in printed or part.text == "–"


@settings(max_examples=25, deadline=None)
@given(st.lists(FLOATS, min_size=1, max_size=5))
def test_no_number_breaks_the_workbook(values: list[float | None]) -> None:
    columns = (Column("label", "Label", "start"), Column("n", "N"))
    rows = tuple(
        Row((text("x"), Cell(form, values=(value,) * len(ROLES[form]))))
        for value in values
        for form in ("estimate", "p_value", "risk", "ratio_interval", "mean_sd")
    )
    opened(tables_workbook(page_of(TableSpec("t", "C", columns, rows, number=1))))


def test_the_words_are_of_the_language() -> None:
    made = page("zh")
    sheet = opened(tables_workbook(made))
    assert sheet.sheetnames[0] == "表格目录"
    (third,) = (sheet[name] for name in sheet.sheetnames if name.startswith("3 "))
    assert Words("zh")("part.low") in {cell.value for cell in cells(third)}
