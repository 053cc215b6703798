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
from collections.abc import Iterator
from dataclasses import dataclass

from vertebrisk.errors import DataError

MOST_MEMBERS = 500
WINDOW = 1 << 18  # bytes that are searched at a time
LONGEST_CELL = 32_767  # characters, Excel's own limit
_MAGIC = b"PK\x03\x04"
_BROKEN = re.compile(rb"<[^<>]*<")
_CELL = re.compile(rb"<(?:[^\s<>/:]+:)?c[\s/>]")
_PLACE = re.compile(rb"<(?:[^\s<>/:]+:)?c\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]+)([0-9]+)[\"']")
_ROW = re.compile(rb"<(?:[^\s<>/:]+:)?row\s[^<>]*?\br\s*=\s*[\"']([0-9]+)[\"']")
_ROW_TAG = re.compile(rb"<(?:[^\s<>/:]+:)?row[\s/>]")
_OF_SHARED = re.compile(rb"\bt\s*=\s*[\"']s[\"']")
_SHARED = re.compile(
    _OF_SHARED.pattern + rb"[^<>]*>\s*<(?:[^\s<>/:]+:)?v[^<>]*>\s*([0-9]{1,9})\s*<"
)
_MERGED = re.compile(
    rb"mergeCell\s[^<>]*?\bref\s*=\s*[\"']([A-Za-z]+)([0-9]+):([A-Za-z]+)([0-9]+)[\"']"
)
_STRING_END = re.compile(rb"</(?:[^\s<>/:]+:)?si>|<(?:[^\s<>/:]+:)?si/>")
_NEVER = (b"\x00", b"<!DOCTYPE", b"<!ENTITY")  # another encoding, or texts that grow
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
        if any(each in xml for each in _NEVER) or any(
            _BROKEN.search(part) for part in _windows(name, xml)
        ):
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


def _windows(name: str, xml: bytes) -> Iterator[bytes]:
    """A part in pieces that end with a tag, of a cell where there is one.

    A search of the whole would let no other thread of the process do anything meanwhile.
    """
    start = 0
    while start < len(xml):
        end = min(start + WINDOW, len(xml))
        if end < len(xml):
            cell = xml.rfind(b"</c>", start, end) + 4
            end = cell if cell > start + 4 else xml.rfind(b">", start, end) + 1
            if end <= start:
                raise _damaged(name)
        yield xml[start:end]
        start = end


def _check_sheet(name: str, xml: bytes, lengths: list[int], bounds: Bounds) -> None:
    """Rows, cells and texts of one sheet within bounds, whatever its cells say of their places."""
    cells = count = rows = area = texts = 0
    width = 1
    for part in _windows(name, xml):
        cells += len(_CELL.findall(part))
        count += len(_ROW_TAG.findall(part))
        places = _PLACE.findall(part)
        rows = max([rows, *map(_whole, _ROW.findall(part)), *(_whole(row) for _, row in places)])
        width = max([width, *{_column(letters) for letters in {each for each, _ in places}}])
        area += sum(_area(*corners) for corners in _MERGED.findall(part))
        indices = [int(each) for each in _SHARED.findall(part)]
        texts += sum(lengths[each] for each in indices if each < len(lengths))
        texts += (len(_OF_SHARED.findall(part)) - len(indices)) * max(lengths, default=0)
        bounds.check_rows(name, 1, max(cells, area))
        if texts > bounds.unpacked:
            raise _too_large(name, bounds)
    bounds.check_rows(name, max(rows, count) - 1, width)
    after = xml[max(xml.rfind(b"</c>"), xml.rfind(b":c>"), xml.rfind(b"/>")) :]
    if len(_CELL.findall(after)) > 1:
        raise _damaged(name)


def _area(left: bytes, top: bytes, right: bytes, bottom: bytes) -> int:
    return (_column(right) - _column(left) + 1) * (_whole(bottom) - _whole(top) + 1)


def _whole(digits: bytes) -> int:
    return int(digits.lstrip(b"0")[:9] or b"0")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:6]:
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
