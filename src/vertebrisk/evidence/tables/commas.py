"""Is a comma a decimal point in this file? Decided once for all its cells, never for one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vertebrisk.evidence.printed import plain

_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d+)(?![\d,])")
_POINT = re.compile(r"(?<![\d,])\d*\.\d+(?![\d.])")
_BRACKETED = re.compile(r"[(\[]\s*\d+,\d+\s*[)\]]")


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """True if commas stand before decimals more often than points do.

    ``1,234`` and the two whole numbers of ``(58,72)`` say nothing.
    """
    commas = points = 0
    for cell in cells:
        bare = _BRACKETED.sub("", plain(cell))
        points += len(_POINT.findall(bare))
        commas += len(_COMMA.findall(_THOUSANDS.sub("", bare)))
    return commas > points


def with_points(cell: str, *, decimal_commas: bool) -> str:
    """A cell with points before its decimals and nothing between its thousands."""
    if "," not in cell and "，" not in cell:
        return cell
    bare = plain(cell)
    if decimal_commas:
        return re.sub(r"(?<=\d),(?=\d)", ".", bare)
    return _THOUSANDS.sub(lambda match: match[0].replace(",", ""), bare)
