"""Text tables: encoding, separator, quoting, ragged rows."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort.reading.bounds import Bounds
from vertebrisk.cohort.reading.encodings import decoded
from vertebrisk.cohort.reading.headers import clean_headers
from vertebrisk.cohort.reading.patterns import COMMA_NUMBER, POINT_NUMBER, WHITE
from vertebrisk.cohort.reading.table_file import RawTable
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording, counted

_SEPARATORS = {
    ",": say("comma"),
    ";": say("semicolon"),
    "\t": say("tab"),
    "|": say("vertical bar"),
}
_CHUNK = 20_000
_SHORT = Wording(
    "The table has {n} with fewer cells than columns; the cells absent at the end are missing.",
    noun="row",
)
_CHECK_SHORT = say("Check that the cells of these rows stand under the right names.")
_BLANK = Wording("The table has {n} within it, kept with every value missing.", noun="empty row")
_FIELD_LIMIT = 10_000_000
_SNIFFED_ROWS = 200


def read_delimited(path: Path, content: bytes, bounds: Bounds | None = None) -> RawTable:
    """Read a CSV-like file as cells of text, within bounds where there are any.

    Raises
    ------
    DataError
        When the bytes are not text, a quotation mark is never closed, a row holds more
        cells than there are names, no row follows the names, or a bound is passed.
    """
    text, encoding, findings = decoded(path.name, content)
    separator, text = separator_of(text)
    rows = rows_of(path.name, io.StringIO(text, newline=""), separator)
    header = header_of(path.name, rows)
    cells, ragged = _cells(path.name, header, rows, bounds)
    findings += ragged
    kept = [i for i, name in enumerate(cells.columns) if not _is_void(cells, i, header, name)]
    if len(kept) < cells.width:
        findings.append(void_columns(path.name, cells.width - len(kept)))
        cells = cells[:, kept]
    names, header_findings = clean_headers([header[i] for i in kept], path.name)
    frame = cells.rename(dict(zip(cells.columns, names, strict=True)))
    decimal_comma = separator == ";" and sum(commas_less_points(frame)) > 0
    findings += header_findings + separator_findings(path.name, separator, decimal_comma)
    return RawTable(
        frame=frame,
        findings=tuple(findings),
        untyped=tuple(names),
        encoding=encoding,
        separator=separator,
        decimal_comma=decimal_comma,
    )


def separator_of(text: str) -> tuple[str, str]:
    """Separator of the cells, and the text without a line that declares it."""
    declared = re.match(r'"?sep=(.)"?\r?\n', text)
    if declared:
        return declared.group(1), text[declared.end() :]
    scores: dict[str, tuple[float, int]] = {}
    for separator in _SEPARATORS:
        lines = io.StringIO(text[: 2_000_000 if len(text) > 2_000_000 else len(text)], newline="")
        reader = csv.reader(lines, delimiter=separator)
        try:
            widths = [len(row) for row in itertools.islice(reader, _SNIFFED_ROWS) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            share = sum(width == widths[0] for width in widths) / len(widths)
            scores[separator] = (round(share, 2), widths[0])
    return max(scores, key=lambda key: scores[key], default=","), text


def header_of(name: str, rows: Iterator[list[str]]) -> list[str]:
    """The first row that is not blank."""
    header = next((row for row in rows if any(cell.strip(WHITE) for cell in row)), None)
    if header is None:
        raise DataError(f"'{name}' holds no cells, only blank lines. Save the table again.")
    return header


def rows_of(name: str, lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Cells of each row.

    Raises
    ------
    DataError
        A quotation mark is in the wrong place or never closed.
    """
    limit = csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    begun = 1
    try:
        for row in reader:
            yield row
            begun = reader.line_num + 1
    except csv.Error:
        raise DataError(
            f"'{name}' has a quotation mark in the wrong place or never closed, in the row that "
            f"begins on line {begun}. A mark inside a quoted cell is written twice."
        ) from None
    finally:
        csv.field_size_limit(limit)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of cells; positions of those that were too short and of those that are blank."""

    cells: pl.DataFrame
    short: list[int]
    blank: list[int]


def piece_of(name: str, width: int, rows: list[list[str]], first: int) -> Piece:
    """A frame of some rows, of which the first has this number, from 0.

    Raises
    ------
    DataError
        A row holds more cells than there are names.
    """
    short: list[int] = []
    blank: list[int] = []
    too_long = []
    for position, row in enumerate(rows, start=first + 1):
        if len(row) == width:
            if not row[0] and not any(cell.strip(WHITE) for cell in row):
                blank.append(position)
            continue
        if any(cell.strip(WHITE) for cell in row[width:]):
            too_long.append(position)
        elif not any(cell.strip(WHITE) for cell in row):
            blank.append(position)
        elif len(row) < width:
            short.append(position)
        row[:] = row[:width] + [""] * (width - len(row))
    if too_long:
        raise DataError(
            f"'{name}' has more cells than column names ({width}) in data row "
            f"{listed(too_long)}. A cell that holds the separator needs quotation marks."
        )
    columns = [
        pl.Series(f"column {place}", list(column), dtype=pl.String)
        for place, column in enumerate(zip(*rows, strict=True))
    ]
    return Piece(pl.DataFrame(columns), short, blank)


def no_rows(name: str) -> DataError:
    """What is said of a table that ends below its names."""
    return DataError(f"'{name}' has names of columns but no rows of data below them.")


def _cells(
    name: str, header: list[str], rows: Iterator[list[str]], bounds: Bounds | None
) -> tuple[pl.DataFrame, list[Finding]]:
    width = len(header)
    short: list[int] = []
    blank: list[int] = []
    parts: list[pl.DataFrame] = []
    n = 0
    while chunk := list(itertools.islice(rows, _CHUNK)):
        if bounds is not None:
            bounds.check_rows(name, n + len(chunk), width)
        piece = piece_of(name, width, chunk, n)
        short += piece.short
        blank += piece.blank
        parts.append(piece.cells)
        n += len(chunk)
    trailing = set(blank)
    last = n
    while last in trailing:
        last -= 1
    if last == 0:
        raise no_rows(name)
    frame = pl.concat(parts)[:last]
    blank = [position for position in blank if position <= last]
    return frame, ragged_findings(name, short, blank, n - last if width > 1 else 0)


def ragged_findings(name: str, short: list[int], blank: list[int], dropped: int) -> list[Finding]:
    """Findings about rows with too few cells, blank rows within, and blank rows left out."""
    findings = []
    if short:
        findings.append(_of_rows("ragged-row", _SHORT, short, name, _CHECK_SHORT))
    if blank:
        findings.append(
            _of_rows("empty-row", _BLANK, blank, name, say("Delete them from the file."))
        )
    if dropped:
        findings.append(
            Finding(
                code="empty-row",
                severity="note",
                message=say(
                    "Left out: {empty_rows} below the table.",
                    empty_rows=counted(dropped, "empty row"),
                ),
                file=name,
            )
        )
    return findings


def _of_rows(code: str, wording: Wording, rows: list[int], file: str, remedy: str) -> Finding:
    return Finding(
        code=code,
        severity="warning",
        message=wording.of(rows),
        remedy=remedy,
        file=file,
        rows=tuple(rows),
        wording=wording,
    )


def _is_void(cells: pl.DataFrame, position: int, header: list[str], name: str) -> bool:
    return not header[position].strip(WHITE) and bool(
        (cells[name].str.strip_chars(WHITE) == "").all()
    )


def void_columns(name: str, count: int) -> Finding:
    """Finding on columns that are left out because they are empty and nameless."""
    return Finding(
        code="empty-column",
        severity="note",
        message=say(
            "Left out: {columns} without a name and without contents.",
            columns=counted(count, "column"),
        ),
        file=name,
    )


def commas_less_points(frame: pl.DataFrame) -> list[int]:
    """For each column, how many more cells have a decimal comma than a decimal point."""
    stripped = pl.all().str.strip_chars(WHITE)
    commas = frame.select(stripped.str.contains(COMMA_NUMBER).sum()).row(0)
    points = frame.select(stripped.str.contains(POINT_NUMBER).sum()).row(0)
    return [int(comma) - int(point) for comma, point in zip(commas, points, strict=True)]


def separator_findings(name: str, separator: str, decimal_comma: bool) -> list[Finding]:
    """Findings on how cells and decimals are separated, where it is not by comma and point."""
    findings = []
    if separator != ",":
        findings.append(
            Finding(
                code="separator-guess",
                severity="note",
                message=say(
                    "Cells are separated by a {sign}.", sign=_SEPARATORS.get(separator, say("sign"))
                ),
                file=name,
            )
        )
    if decimal_comma:
        findings.append(
            Finding(
                code="decimal-comma",
                severity="note",
                message=say("Numbers are written with a decimal comma and were read so."),
                remedy=say("Check a few values in the comparison table."),
                file=name,
            )
        )
    return findings
