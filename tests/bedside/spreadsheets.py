"""Workbooks of the tests: good ones, and those that a stranger would send."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import python_calamine
import xlsxwriter

CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook as Excel would write it."""
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = book.add_worksheet()
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif cell is not None:
                sheet.write(row, column, cell)
    book.close()
    return packed.getvalue()


def table(content: bytes, sheet: int = 0) -> list[list[Any]]:
    """The cells of a workbook."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(sheet).to_python()


def by_hand(
    sheet: str,
    strings: str = "",
    method: int = zipfile.ZIP_DEFLATED,
    more: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """A workbook of these parts: `sheet` is what stands in sheetData and after it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
            'Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
            f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</worksheet>',
        )
        if strings:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
        for path, content in (more or {}).items():
            archive.writestr(path, content)
    return packed.getvalue()


def small(*cells: str) -> str:
    """Two rows, of which the first has names: age and cleft and grade."""
    named = "".join(f'<c t="inlineStr"><is><t>{n}</t></is></c>' for n in ("age", "cleft", "grade"))
    return f"<row>{named}</row><row>{''.join(cells)}</row></sheetData>"


GOOD_CELLS = (
    "<c><v>71.5</v></c>",
    '<c t="inlineStr"><is><t>Yes</t></is></c>',
    '<c t="inlineStr"><is><t>2</t></is></c>',
)


@cache
def bomb(megabytes: int) -> bytes:
    """A small file that holds a large one."""
    cell = "<c><v>1</v></c>"
    return by_hand(small(*GOOD_CELLS) + " " * (megabytes << 20) + cell[:0])


def lying(content: bytes, said: int = 10) -> bytes:
    """The same archive whose parts are said to be small once unpacked."""
    changed = bytearray(content)
    place = changed.find(b"PK\x01\x02")
    while place >= 0:
        struct.pack_into("<I", changed, place + 24, said)
        place = changed.find(b"PK\x01\x02", place + 4)
    return bytes(changed)
