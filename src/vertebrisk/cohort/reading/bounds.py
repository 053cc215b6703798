"""Files from strangers, bounded before they are taken apart: cells, unpacked bytes, and parts.

A workbook is a ZIP archive of XML, so a small file can hold a huge one, and a table with
two cells at its far corners can ask for more memory than there is. What may be read is
unpacked here within bounds and packed again without compression, so that the reader sees no
byte that was not counted.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from vertebrisk.errors import DataError

MOST_MEMBERS = 500
LONGEST_CELL = 32_767  # characters, Excel's own limit
_MAGIC = b"PK\x03\x04"
_BROKEN = re.compile(rb"<[^<>]*<")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_PLACE = re.compile(rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^<>]*?\br="([0-9]{1,7})"')
_ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s/>]")
_SHARED = re.compile(rb't="s"[^<>]*>\s*<(?:\w+:)?v[^<>]*>([0-9]{1,9})<')
_MERGED = re.compile(
    rb'mergeCell\s[^<>]*?\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"'
)
_STRING_END = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si/>")
_FORBIDDEN = (
    ("xl/vbaproject.bin", "macros"),
    ("xl/macrosheets/", "macros"),
    ("xl/externallinks/", "links to other files"),
    ("xl/embeddings/", "embedded files"),
    ("xl/activex/", "active contents"),
)


class TooLarge(DataError):
    """A table beyond its bounds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a table may be.

    Attributes
    ----------
    rows : int
        Rows of data.
    cells : int
        Rows by columns.
    unpacked : int
        Bytes of a workbook once it is unpacked, and of its texts once they stand in cells.
    """

    rows: int = 10_000
    cells: int = 2_000_000
    unpacked: int = 64 * 1024 * 1024

    def check_rows(self, name: str, rows: int, width: int) -> None:
        """Refuse a table of so many rows and columns where that is too many.

        Raises
        ------
        TooLarge
        """
        if rows > self.rows:
            raise TooLarge(
                f"'{name}' has more than {self.rows} rows of data, which is the most that is read "
                "at once. Divide it into several files."
            )
        if rows * width > self.cells:
            raise TooLarge(
                f"'{name}' has more than {self.cells} cells, which is the most that is read at "
                "once. Keep the columns that are needed, or divide it into several files."
            )


def bounded_workbook(name: str, content: bytes, bounds: Bounds) -> bytes:
    """The same workbook, unpacked within bounds and without all that is no table.

    Raises
    ------
    DataError
        When it is no .xlsx workbook, is damaged, larger than the bounds, or holds macros,
        links to other files or embedded ones.
    """
    if not content.startswith(_MAGIC):
        raise DataError(f"'{name}' is no .xlsx workbook. Save it as .xlsx or as CSV UTF-8.")
    try:
        parts = _unpacked(name, content, bounds)
    except DataError:
        raise
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError,
        ValueError,
    ):  # fmt: skip
        raise _damaged(name) from None
    if "xl/workbook.xml" not in parts:
        raise DataError(f"'{name}' is no .xlsx workbook. Save it as .xlsx or as CSV UTF-8.")
    lengths = _string_lengths(parts)
    for xml in parts.values():
        if _BROKEN.search(xml) or b"<!" in xml[:4096]:
            raise _damaged(name)
        if b"sheetData" in xml:
            _check_sheet(name, xml, lengths, bounds)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path, xml in parts.items():
            archive.writestr(path, xml)
    return packed.getvalue()


def _unpacked(name: str, content: bytes, bounds: Bounds) -> dict[str, bytes]:
    """The parts that make up a table, by path; every byte is counted as it comes."""
    parts: dict[str, bytes] = {}
    left = bounds.unpacked
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        paths = [each.filename.lower() for each in members]
        for path in paths:
            for start, what in _FORBIDDEN:
                if path.startswith(start):
                    raise DataError(
                        f"'{name}' holds {what}, which are not taken. Copy the values of the table "
                        "into a new workbook, or save it as CSV UTF-8."
                    )
        if len(members) > MOST_MEMBERS or len(set(paths)) != len(paths):
            raise _damaged(name)
        if sum(each.file_size for each in members) > bounds.unpacked:
            raise _too_large(name, bounds)
        for each in members:
            if not each.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(each) as member:
                part = member.read(left + 1)
            left -= len(part)
            if left < 0:
                raise _too_large(name, bounds)
            parts[each.filename] = part
    return parts


def _string_lengths(parts: dict[str, bytes]) -> list[int]:
    """Bytes of every shared text, markup with it."""
    for path, xml in parts.items():
        if path.lower().endswith("sharedstrings.xml"):
            ends = [match.end() for match in _STRING_END.finditer(xml)]
            return [end - start for start, end in zip([0, *ends], ends, strict=False)]
    return []


def _check_sheet(name: str, xml: bytes, lengths: list[int], bounds: Bounds) -> None:
    """Rows, cells and texts of one sheet within bounds, whatever its cells say of their places."""
    count = sum(1 for _ in _CELL.finditer(xml))
    rows = [int(row) for row in _ROW.findall(xml)]
    rows.append(sum(1 for _ in _ROW_TAG.finditer(xml)))
    width = 1
    for letters, row in _PLACE.findall(xml):
        rows.append(int(row))
        width = max(width, _column(letters))
    bounds.check_rows(name, max(rows) - 1, width)
    bounds.check_rows(name, 1, count)
    area = sum(
        (_column(right) - _column(left) + 1) * (int(bottom) - int(top) + 1)
        for left, top, right, bottom in _MERGED.findall(xml)
    )
    bounds.check_rows(name, 1, max(area, 1))
    after = xml[max(xml.rfind(b"</c>"), xml.rfind(b":c>"), xml.rfind(b"/>")) :]
    if len(_CELL.findall(after)) > 1:
        raise _damaged(name)
    texts = 0
    for place in _SHARED.findall(xml):
        index = int(place)
        texts += lengths[index] if index < len(lengths) else 0
    if texts > bounds.unpacked:
        raise _too_large(name, bounds)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _damaged(name: str) -> DataError:
    return DataError(
        f"'{name}' is damaged or not a workbook. Open it in Excel and save it again as .xlsx."
    )


def _too_large(name: str, bounds: Bounds) -> TooLarge:
    return TooLarge(
        f"'{name}' has more than {bounds.unpacked} bytes once it is unpacked, which is the most "
        "that is read. Keep the sheet and the columns that are needed, or save it as CSV."
    )
