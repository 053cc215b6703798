"""Workbooks: dates in three forms, merged cells, errors, formulas, sheets."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from vertebrisk.cohort.reading import TableFile, read_file
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding


def workbook(
    folder: Path, rows: Sequence[Any], merge: str = "", others: Sequence[str] = ()
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    for name in others:
        book.create_sheet(name)
    path = folder / "patients.xlsx"
    book.save(path)
    return path


def finding(file: TableFile, code: str) -> Finding:
    (found,) = (f for f in file.findings if f.code == code)
    return found


def test_types(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["编号", "age", "bmi", "ivc", "op", "cement type"],
            ["P1", 71, 22.5, True, dt.date(2024, 3, 5), "Spongy"],
            ["P2", 65, 23, False, dt.datetime(2024, 3, 6), "=x"],
            ["P3", None, 24.25, None, None, "Blocky"],
        ],
    )
    book = openpyxl.load_workbook(path)
    book.active["F3"].data_type = "s"  # a text that begins with =, not a formula
    book.save(path)
    file = read_file(path)
    assert file.format == "excel"
    assert list(file.frame.dtypes) == [
        pl.String,
        pl.Int64,
        pl.Float64,
        pl.Boolean,
        pl.Date,
        pl.String,
    ]
    assert file.frame["op"].to_list() == [dt.date(2024, 3, 5), dt.date(2024, 3, 6), None]
    assert file.frame["ivc"].to_list() == [True, False, None]
    assert file.frame["cement type"][1] == "=x"
    assert file.findings == ()


def test_dates_as_date_text_and_serial_number(tmp_path: Path) -> None:
    rows = [["op"], [dt.date(2024, 3, 4)], ["2024-03-05"], [45357], ["2024/3/7"]]
    file = read_file(workbook(tmp_path, rows))
    assert file.frame["op"].to_list() == [dt.date(2024, 3, day) for day in (4, 5, 6, 7)]
    assert finding(file, "date-forms").rows == (3,)


def test_late_text_in_a_numeric_column(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["crp"], *[[i / 2] for i in range(150)], ["<5"]]
    file = read_file(workbook(tmp_path, rows))
    found = finding(file, "unreadable-cell")
    assert (found.rows, found.cells) == ((151,), ("<5",))
    assert file.frame["crp"].null_count() == 1


def test_merged_cells_are_not_filled(tmp_path: Path) -> None:
    rows = [["id", "level"], ["P1", "T12"], [None, "L1"], [None, "L2"], ["P2", "L3"]]
    file = read_file(workbook(tmp_path, rows, merge="A2:A4"))
    found = finding(file, "merged-cells")
    assert (found.column, found.rows, found.severity) == ("id", (2, 3), "warning")
    assert file.frame["id"].to_list() == ["P1", None, None, "P2"]


def test_errors_and_formulas_without_a_result(tmp_path: Path) -> None:
    rows = [["a", "b"], [1, 2], ["#N/A", "=A2*2"], [3, 4], ["#DIV/0!", 5]]
    file = read_file(workbook(tmp_path, rows))
    errors = finding(file, "excel-error")
    assert (errors.column, errors.rows, errors.cells) == ("a", (2, 4), ("#N/A", "#DIV/0!"))
    formulas = finding(file, "formula-without-value")
    assert (formulas.column, formulas.rows, formulas.cells) == ("b", (2,), ("=A2*2",))
    assert file.frame["a"].to_list() == [1, None, 3, None]


@pytest.mark.parametrize(
    ("cell", "missing"),
    [
        (b'<c r="B3"><f>A2*2</f></c>', True),
        (b'<c r="B3"><f>A2*2</f><v/></c>', True),
        (b'<c r="B3"><f>A2*2</f><v></v></c>', True),
        (b'<c r="B3"><f>A2*2</f><v>6</v></c>', False),
        (b'<c r="B3" t="str"><f>IF(A2&gt;0,"","x")</f><v></v></c>', False),
    ],
)
def test_results_that_were_never_stored(tmp_path: Path, cell: bytes, missing: bool) -> None:
    path = workbook(tmp_path, [["a", "b"], [1, 2], [3, "=A2*2"], [5, 6]])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    start = members[sheet].index(b'<c r="B3"')
    end = members[sheet].index(b"</c>", start) + len(b"</c>")
    members[sheet] = members[sheet][:start] + cell + members[sheet][end:]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    codes = [each.code for each in read_file(path).findings]
    assert ("formula-without-value" in codes) == missing


def test_other_sheets_are_named(tmp_path: Path) -> None:
    file = read_file(workbook(tmp_path, [["a"], [1]], others=["说明", "old"]))
    assert "说明, old" in finding(file, "other-sheets").message


def test_hidden_first_sheet_is_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["secret"], [1]], others=["data"])
    book = openpyxl.load_workbook(path)
    book["Sheet"].sheet_state = "hidden"
    book["data"].append(["a"])
    book["data"].append([7])
    book.active = 1
    book.save(path)
    assert read_file(path).frame.rows() == [(7,)]


def test_table_that_does_not_begin_in_the_first_cell(tmp_path: Path) -> None:
    rows = [[], [None, "a", "b"], [None, 1, "x"], [None, "#N/A", "y"], [None, 3, None]]
    file = read_file(workbook(tmp_path, rows, merge="C4:C5"))
    assert file.frame.rows() == [(1, "x"), (None, "y"), (3, None)]
    assert finding(file, "excel-error").rows == (2,)
    assert (finding(file, "merged-cells").column, finding(file, "merged-cells").rows) == ("b", (3,))


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([], "is empty"),
        ([["a", "b"]], "no rows of data"),
        ([["Patients 2020"], ["id", "age"], [1, 2]], r"columns without a name .*position 2"),
        ([["a", "a "], [1, 2]], "more than one column named a"),
    ],
)
def test_sheets_that_are_no_table(tmp_path: Path, rows: list[list[Any]], match: str) -> None:
    with pytest.raises(DataError, match=match):
        read_file(workbook(tmp_path, rows))


def test_damaged_workbooks(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a"], [1]])
    whole = path.read_bytes()
    for content in (whole[:200], whole[: len(whole) // 2], b"PK\x03\x04" + b"x" * 99):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"damaged"):
            read_file(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not closed")
    with pytest.raises(DataError, match="damaged or not a workbook"):
        read_file(path)


def test_protected_workbook(tmp_path: Path) -> None:
    path = tmp_path / "patients.xlsx"
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    path.write_bytes(magic + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600)
    with pytest.raises(DataError, match="protected by a password"):
        read_file(path)


def opendocument(path: Path, rows: str) -> Path:
    office = "urn:oasis:names:tc:opendocument:xmlns"
    namespaces = (
        f'xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" '
        f'xmlns:text="{office}:text:1.0" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {namespaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<?xml version="1.0"?><manifest:manifest xmlns:manifest="m"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


def test_opendocument(tmp_path: Path) -> None:
    def text(value: str) -> str:
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )

    def number(value: str) -> str:
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    rows = "".join(
        f"<table:table-row>{cells}</table:table-row>"
        for cells in (
            text("id") + text("age"),
            text("P1") + number("71"),
            text("P2") + text("&lt;5"),
        )
    )
    file = read_file(opendocument(tmp_path / "patients.ods", rows))
    assert file.frame.rows() == [("P1", "71"), ("P2", "<5")]
    assert finding(file, "mixed-column").column == "age"


def test_workbook_named_xls(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a"], [1]])
    file = read_file(path.rename(tmp_path / "patients.xls"))
    assert file.frame.rows() == [(1,)]
    assert ".xlsx" in finding(file, "file-extension").message


def test_workbook_with_a_wrong_checksum(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a"], ["#N/A"], [2]])
    parts = zipfile.ZipFile(path)
    stored = tmp_path / "stored.xlsx"
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        for name in parts.namelist():
            archive.writestr(name, parts.read(name))
    stored.write_bytes(stored.read_bytes().replace(b"#N/A", b"#X/A"))
    with pytest.raises(DataError, match="damaged"):
        read_file(stored)
