"""Findings as a spreadsheet, with the contents of the offending cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from vertebrisk.findings import Finding

COLUMNS = ("code", "severity", "message", "remedy", "file", "column", "row", "cell")
PRIVATE_NOTE = "# Contains contents of cells: not for sharing"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def findings_csv(findings: Iterable[Finding]) -> str:
    """CSV text, one line for each cell, or for each finding that has none.

    The first line warns that the file is private. Text that a spreadsheet would run as
    a formula is prefixed with an apostrophe.
    """
    buffer = io.StringIO()
    buffer.write(PRIVATE_NOTE + "\n")
    writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for finding in findings:
        writer.writerows(_lines(finding))
    return buffer.getvalue()


def _lines(finding: Finding) -> Iterator[list[str]]:
    head = [
        finding.code,
        finding.severity,
        finding.message,
        finding.remedy,
        finding.file,
        finding.column,
    ]
    places = list(zip_longest(finding.rows, finding.cells)) or [(None, None)]
    for row, cell in places:
        texts = [*head, "" if row is None else str(row), "" if cell is None else cell]
        yield [_harmless(text) for text in texts]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
