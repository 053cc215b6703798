"""Number formats that make a spreadsheet show a number as the report prints it.

Every rounding is that of `vertebrisk.text.numbers`: a format is read off the printed text. The
decimal point is that of the reader's own spreadsheet.
"""

from __future__ import annotations

import re

from vertebrisk.report.tables.parts import Part
from vertebrisk.report.tables.table import CellFormat

_PLAIN = re.compile(
    r"(?P<minus>[-\u2212])?(?P<whole>\d*)(?:[.\u00b7](?P<decimals>\d+))?"
    r"(?P<power>e[+-]\d+)?(?P<percent>%)?"
)
_FRACTIONS: frozenset[CellFormat] = frozenset({"risk", "risk_limits", "risk_interval"})


def number_format(part: Part, cell_format: CellFormat, mark: str = "") -> str:
    """The format of a finite number: its decimals, or as a word what no decimals can show.

    A risk is a fraction and its sign of per cent multiplies it; other percentages carry the
    sign as a letter. A number that is printed as a bound, such as ``<0.001``, stays what it is
    and is shown as that bound. `mark` is a footnote sign behind the number.
    """
    behind = _quoted(mark) if mark else ""
    found = _PLAIN.fullmatch(part.text)
    if found is None:
        return _quoted(part.text) + behind
    decimals = found["decimals"] or ""
    shown = ("0" if found["whole"] else "") + ("." + "0" * len(decimals) if decimals else "")
    if found["power"]:
        shown += "E+00"
    if found["percent"]:
        shown += "%" if cell_format in _FRACTIONS else '"%"'
    shown += behind
    lost = part.value is not None and part.value < 0 and not found["minus"]
    return f"{shown};{shown}" if lost else shown  # a rounded zero has no minus sign


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'
