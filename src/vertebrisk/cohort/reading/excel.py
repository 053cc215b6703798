"""Excel and OpenDocument workbooks: every cell raw, and what Excel hides said aloud."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort.reading.delimited import ragged_findings
from vertebrisk.cohort.reading.headers import clean_headers
from vertebrisk.cohort.reading.notes import excel_errors
from vertebrisk.cohort.reading.patterns import WHITE
from vertebrisk.cohort.reading.table_file import RawTable
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import counted

_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>/]*>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*?)?(?:/>|>([^<]*)<)")
_REFERENCE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_ODS_ERROR = re.compile(rb'calcext:value-type="error"')


def read_excel(path: Path, content: bytes) -> RawTable:
    """Read the first visible sheet as cells of text; numbers and dates are typed later.

    Raises
    ------
    DataError
        When the workbook is damaged, protected, or its sheet holds no table.
    """
    sheet, rows, findings = _first_sheet(path, content)
    if not rows:
        raise DataError(f"The sheet '{sheet.name}' of '{path.name}' is empty.")
    header = [_text(cell) for cell in rows[0]]
    body = rows[1:]
    n_rows = len(body)
    while body and not any(_text(cell).strip(WHITE) for cell in body[-1]):
        body.pop()
    if not body:
        raise DataError(
            f"The sheet '{sheet.name}' of '{path.name}' has names of columns but no rows of data."
        )
    columns = [[_text(cell) for cell in column] for column in zip(*body, strict=True)]
    kept = [i for i, column in enumerate(columns) if header[i].strip(WHITE) or any(column)]
    names, header_findings = clean_headers([header[i] for i in kept], path.name)
    frame = pl.DataFrame(
        [pl.Series(n, columns[i], dtype=pl.String) for n, i in zip(names, kept, strict=True)]
    )
    blank = [at for at, row in enumerate(body, 1) if not any(_text(cell) for cell in row)]
    findings += header_findings
    findings += ragged_findings(path.name, [], blank, n_rows - len(body))
    origin = sheet.start or (0, 0)
    place = {i + origin[1]: name for i, name in zip(kept, names, strict=True)}
    findings += _merged(path.name, sheet.merged_cell_ranges or [], origin[0], place, len(body))
    findings += _hidden_cells(path, content, sheet.name, origin[0], place, len(body))
    return RawTable(frame=frame, findings=tuple(findings), untyped=tuple(names))


def _first_sheet(path: Path, content: bytes) -> tuple[Any, list[list[Any]], list[Finding]]:
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        kinds = calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible
        sheets = [m.name for m in book.sheets_metadata if (m.typ, m.visible) == kinds]
        if not sheets:
            raise DataError(f"'{path.name}' has no visible sheet.")
        sheet = book.get_sheet_by_name(sheets[0])
        rows = sheet.to_python(skip_empty_area=True)
    except calamine.PasswordError:
        raise DataError(
            f"'{path.name}' is protected by a password. Save it without one, and retry."
        ) from None
    except DataError:
        raise
    except BaseException as error:
        # A panic of calamine's parser derives from BaseException directly.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise _damaged(path) from None
    others = [m.name for m in book.sheets_metadata if m.name != sheet.name]
    return sheet, rows, [_other_sheets(path.name, sheet.name, others)] if others else []


def _damaged(path: Path) -> DataError:
    return DataError(
        f"'{path.name}' is damaged or not a workbook. Open it in Excel and save it again."
    )


def _other_sheets(file: str, name: str, others: Sequence[str]) -> Finding:
    return Finding(
        code="other-sheets",
        severity="note",
        message=say(
            "The sheet '{name}' was read, but not {other_sheets}: {others}.",
            name=name,
            other_sheets=counted(len(others), "other sheet"),
            others=listed(others),
        ),
        remedy=say("If the patients are on another sheet, move it to the front."),
        file=file,
    )


def _text(cell: object) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case dt.datetime():
            midnight = cell.time() == dt.time()
            return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
        case dt.date():
            return cell.isoformat()
        case dt.time():
            return cell.isoformat("seconds")
        case None:
            return ""
        case _:
            return str(cell)


def _merged(
    file: str,
    ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    header_row: int,
    place: dict[int, str],
    n_rows: int,
) -> list[Finding]:
    """One finding a column: a merged range keeps a value in its first cell only."""
    rows_of: dict[str, set[int]] = {}
    for (top, left), (bottom, right) in ranges:
        for row in range(max(top, header_row + 1), min(bottom, header_row + n_rows) + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left) and column in place:
                    rows_of.setdefault(place[column], set()).add(row - header_row)
    return [
        Finding(
            code="merged-cells",
            severity="warning",
            message=say(
                "Merged cells leave {cells} of '{name}' empty: only the first cell of a "
                "merged range keeps its value.",
                cells=counted(len(rows), "cell"),
                name=name,
            ),
            remedy=say("Unmerge the cells in Excel and fill in the value in each row."),
            explanation=say("A patient whose number stands in a merged cell above has none here."),
            file=file,
            column=name,
            rows=tuple(sorted(rows)),
        )
        for name, rows in rows_of.items()
    ]


def _hidden_cells(
    path: Path, content: bytes, sheet: str, header_row: int, place: dict[int, str], n_rows: int
) -> list[Finding]:
    """Findings on error values and formulas without a result, both of which read as empty."""
    if not content.startswith(b"PK"):
        return [_unseen_errors(path.name)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "content.xml" in archive.namelist():
                count = len(_ODS_ERROR.findall(archive.read("content.xml")))
                return [_ods_errors(path.name, count)] if count else []
            xml = _sheet_xml(archive, sheet)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError):
        raise _damaged(path) from None
    if b't="e"' not in xml and b"<f" not in xml and b":f>" not in xml:
        return []
    errors: dict[str, list[tuple[int, str]]] = {}
    formulas: dict[str, list[tuple[int, str]]] = {}
    for attributes, inner in _CELL.findall(xml):
        value = _VALUE.search(inner)
        formula = _FORMULA.search(inner)
        at = _REFERENCE.search(attributes)
        is_error = b't="e"' in attributes
        # Some programs write an empty value for none; only a text's may be the result itself.
        stored = value is not None and (value.group(1) != b"" or b't="str"' in attributes)
        if at is None or not (is_error or (formula is not None and not stored)):
            continue
        column = place.get(_column_number(at.group(1).decode()))
        row = int(at.group(2)) - 1 - header_row
        if column is None or not 1 <= row <= n_rows:
            continue
        if is_error:
            shown = value.group(1) if value is not None else b"error"
            errors.setdefault(column, []).append((row, _plain(shown)))
        elif formula is not None:
            formulas.setdefault(column, []).append((row, "=" + _plain(formula.group(1) or b"")))
    return [excel_errors(path.name, name, cells) for name, cells in errors.items()] + [
        _formulas(path.name, name, cells) for name, cells in formulas.items()
    ]


def _sheet_xml(archive: zipfile.ZipFile, sheet: str) -> bytes:
    """XML of a sheet by its name, empty where the workbook is laid out in another way."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return b""
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links):
        key, target = re.search(r'\bId="([^"]*)"', tag), re.search(r'\bTarget="([^"]*)"', tag)
        if key and target:
            targets[key.group(1)] = target.group(1)
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        name, key = re.search(r'\bname="([^"]*)"', tag), re.search(r'\bid="([^"]*)"', tag)
        if name and key and html.unescape(name.group(1)) == sheet and key.group(1) in targets:
            relative = targets[key.group(1)].lstrip("/")
            inside = relative if relative.startswith("xl/") else f"xl/{relative}"
            return archive.read(inside) if inside in archive.namelist() else b""
    return b""


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _plain(xml: bytes) -> str:
    return html.unescape(xml.decode("utf-8", "replace"))


def _formulas(file: str, column: str, cells: Sequence[tuple[int, str]]) -> Finding:
    return Finding(
        code="formula-without-value",
        severity="warning",
        message=say(
            "'{column}' has {cells} with a formula whose result was never stored, now missing.",
            column=column,
            cells=counted(len(cells), "cell"),
        ),
        remedy=say("Open the workbook in Excel, let it calculate, and save it."),
        explanation=say("A program wrote the formula without calculating it."),
        file=file,
        column=column,
        rows=tuple(row for row, _ in cells),
        cells=tuple(text for _, text in cells),
    )


def _ods_errors(file: str, count: int) -> Finding:
    return Finding(
        code="excel-error",
        severity="warning",
        message=say(
            "The workbook has {cells} with an error value, now missing.",
            cells=counted(count, "cell"),
        ),
        remedy=say("Correct the formulas, or enter the values."),
        file=file,
    )


def _unseen_errors(file: str) -> Finding:
    return Finding(
        code="old-excel",
        severity="note",
        message=say(
            "In the old .xls format, error values, merged cells and formulas without a "
            "result cannot be told from empty cells."
        ),
        remedy=say("Save the workbook as .xlsx to have them listed."),
        file=file,
    )
