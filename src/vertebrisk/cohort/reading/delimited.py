"""Text tables: encoding, separator, quoting, ragged rows."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort.reading.bounds import Bounds
from vertebrisk.cohort.reading.headers import clean_headers
from vertebrisk.cohort.reading.patterns import COMMA_NUMBER, POINT_NUMBER, WHITE
from vertebrisk.cohort.reading.table_file import RawTable
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.plurals import counted

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_CHUNK = 20_000
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
    text, encoding, findings = _decoded(path, content)
    separator, text = _separator(text)
    rows = _rows(path.name, text, separator)
    header = next((row for row in rows if any(cell.strip(WHITE) for cell in row)), None)
    if header is None:
        raise DataError(f"'{path.name}' holds no cells, only blank lines. Save the table again.")
    cells, ragged = _cells(path.name, header, rows, bounds)
    findings += ragged
    kept = [i for i, name in enumerate(cells.columns) if not _is_void(cells, i, header, name)]
    if len(kept) < cells.width:
        findings.append(_void_columns(path.name, cells.width - len(kept)))
        cells = cells[:, kept]
    names, header_findings = clean_headers([header[i] for i in kept], path.name)
    frame = cells.rename(dict(zip(cells.columns, names, strict=True)))
    decimal_comma = separator == ";" and _has_decimal_commas(frame)
    findings += header_findings + _separator_findings(path.name, separator, decimal_comma)
    return RawTable(
        frame=frame,
        findings=tuple(findings),
        untyped=tuple(names),
        encoding=encoding,
        separator=separator,
        decimal_comma=decimal_comma,
    )


def _decoded(path: Path, content: bytes) -> tuple[str, str, list[Finding]]:
    name, encoding, codec = path.name, "UTF-8", "utf-8"
    for bom, bom_codec, bom_name in _BOMS:
        if content.startswith(bom):
            codec, encoding = bom_codec, bom_name
            break
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        if codec != "utf-8":
            raise DataError(
                f"'{name}' begins as {encoding} text but is damaged. Save it again as CSV UTF-8."
            ) from None
        text, encoding = _guessed(name, content)
    if _CONTROL.search(text):
        raise DataError(
            f"'{name}' holds control characters, so it is not a text table but a binary or damaged "
            "file. Export the table as CSV UTF-8 and retry."
        )
    return text, encoding, [] if encoding == "UTF-8" else [_encoding_finding(name, encoding)]


def _guessed(name: str, content: bytes) -> tuple[str, str]:
    """GB18030 unless most bytes beyond ASCII stand alone between letters, as in Western text."""
    pairs = len(re.findall(rb"[\x81-\xfe][\xa1-\xfe]", content))
    alone = len(re.findall(rb"[\x81-\xfe][\x00-\x7f]", content))
    order = (("gb18030", "GB18030"), ("cp1252", "Windows-1252"))
    for codec, label in order if pairs >= alone else order[::-1]:
        try:
            return content.decode(codec), label
        except UnicodeDecodeError:
            continue
    raise DataError(
        f"'{name}' is neither UTF-8 nor GB18030 nor Windows-1252 text. Save it as CSV UTF-8."
    )


def _encoding_finding(name: str, encoding: str) -> Finding:
    return Finding(
        code="encoding-guess",
        severity="note",
        message=f"The text was read as {encoding}.",
        remedy="Check that names and labels read well; if not, save the file as CSV UTF-8.",
        explanation="A text file does not say which encoding it uses; a wrong guess garbles "
        "letters beyond ASCII.",
        file=name,
    )


def _separator(text: str) -> tuple[str, str]:
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


def _rows(name: str, text: str, separator: str) -> Iterator[list[str]]:
    limit = csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
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


def _cells(
    name: str, header: list[str], rows: Iterator[list[str]], bounds: Bounds | None
) -> tuple[pl.DataFrame, list[Finding]]:
    width = len(header)
    schema = {f"column {i}": pl.String for i in range(width)}
    short: list[int] = []
    blank: list[int] = []
    parts: list[pl.DataFrame] = []
    n = 0
    while chunk := list(itertools.islice(rows, _CHUNK)):
        if bounds is not None:
            bounds.check_rows(name, n + len(chunk), width)
        too_long = []
        for position, row in enumerate(chunk, start=n + 1):
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
        columns = zip(*chunk, strict=True)
        parts.append(
            pl.DataFrame(
                [
                    pl.Series(key, list(c), dtype=pl.String)
                    for key, c in zip(schema, columns, strict=True)
                ]
            )
        )
        n += len(chunk)
    trailing = set(blank)
    last = n
    while last in trailing:
        last -= 1
    if last == 0:
        raise DataError(f"'{name}' has names of columns but no rows of data below them.")
    frame = pl.concat(parts)[:last]
    blank = [position for position in blank if position <= last]
    return frame, ragged_findings(name, short, blank, n - last if width > 1 else 0)


def ragged_findings(name: str, short: list[int], blank: list[int], dropped: int) -> list[Finding]:
    """Findings about rows with too few cells, blank rows within, and blank rows left out."""
    findings = []
    if short:
        findings.append(
            Finding(
                code="ragged-row",
                severity="warning",
                message=f"The table has {counted(len(short), 'row')} with fewer cells than "
                "columns; the cells absent at the end are missing.",
                remedy="Check that the cells of these rows stand under the right names.",
                file=name,
                rows=tuple(short),
            )
        )
    if blank:
        findings.append(
            Finding(
                code="empty-row",
                severity="warning",
                message=f"The table has {counted(len(blank), 'empty row')} within it, kept with "
                "every value missing.",
                remedy="Delete them from the file.",
                file=name,
                rows=tuple(blank),
            )
        )
    if dropped:
        findings.append(
            Finding(
                code="empty-row",
                severity="note",
                message=f"Left out: {counted(dropped, 'empty row')} below the table.",
                file=name,
            )
        )
    return findings


def _is_void(cells: pl.DataFrame, position: int, header: list[str], name: str) -> bool:
    return not header[position].strip(WHITE) and bool(
        (cells[name].str.strip_chars(WHITE) == "").all()
    )


def _void_columns(name: str, count: int) -> Finding:
    return Finding(
        code="empty-column",
        severity="note",
        message=f"Left out: {counted(count, 'column')} without a name and without contents.",
        file=name,
    )


def _has_decimal_commas(frame: pl.DataFrame) -> bool:
    stripped = pl.all().str.strip_chars(WHITE)
    commas = sum(frame.select(stripped.str.contains(COMMA_NUMBER).sum()).row(0))
    points = sum(frame.select(stripped.str.contains(POINT_NUMBER).sum()).row(0))
    return int(commas) > int(points)


def _separator_findings(name: str, separator: str, decimal_comma: bool) -> list[Finding]:
    findings = []
    if separator != ",":
        findings.append(
            Finding(
                code="separator-guess",
                severity="note",
                message=f"Cells are separated by a {_SEPARATORS.get(separator, 'sign')}.",
                file=name,
            )
        )
    if decimal_comma:
        findings.append(
            Finding(
                code="decimal-comma",
                severity="note",
                message="Numbers are written with a decimal comma and were read so.",
                remedy="Check a few values in the comparison table.",
                file=name,
            )
        )
    return findings
