"""Findings of reading, and what the words about a table say of its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vertebrisk.evidence.audit.subject import Spread
from vertebrisk.evidence.printed import Printed, plain
from vertebrisk.evidence.printed_tables import Statistic
from vertebrisk.evidence.tables.grids import Grid
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say

_NUMBER = r"([<>]?=?\s*\d*\.?\d+)"
_ERROR = re.compile(r"(?:±|\+/-|\()\s*s\.?\s?e\.?\s?m?\.?\b|standard error|标准误")
_DEVIATION = re.compile(r"(?:±|\+/-|\()\s*s\.?\s?d\.?\b|standard deviation|标准差|±\s*s\b")
_QUARTILES = re.compile(r"interquartile|quartile|\biqr\b|\bq1\b|\bp\s?25\b|25th|四分位")
_RANGE = re.compile(r"\brange\b|\bmin(?:imum)?\b.*\bmax|最小|范围")
_MISSING = re.compile(
    r"missing|not available|unavailable|incomplete|缺失|\bn\s*=\s*\d+\s*(?:for|in)\b|"
    r"available (?:in|for)"
)
_FIT = re.compile(r"hosmer\W*(?:and|&|-)?\W*lemeshow", re.IGNORECASE)
_FIT_NUMBERS = (
    ("hosmer_lemeshow", re.compile(rf"(?:χ2|x2|chi-?\s?square[d]?|"
                                   rf"statistic)\s*(?:\([^)]*\))?\s*(?:=|of|:|,)?\s*{_NUMBER}")),
    ("hosmer_lemeshow_df", re.compile(r"(?:d\.?f\.?|degrees of freedom)\s*(?:=|:)?\s*(\d+)")),
    ("hosmer_lemeshow_p", re.compile(rf"\bp\s*(?:-?\s*value)?\s*(?:=|:|of)?\s*{_NUMBER}")),
)  # fmt: skip
_AREA = re.compile(
    rf"(?:\bauc\b|area under the (?:roc )?curve|曲线下面积)\D{{0,30}}?{_NUMBER}"
    rf"(?:\s*[(\[,;]\s*(?:95\s*%\s*ci\s*[:=,]?\s*)?{_NUMBER}\s*(?:-|~|to|,)\s*{_NUMBER})?"
)
_CONCORDANCE = re.compile(rf"\bc[- ]?(?:index|statistic)\b\D{{0,30}}?{_NUMBER}")


@dataclass(frozen=True, slots=True)
class Hints:
    """What title, headings and notes say of the numbers of a table.

    `quartiles` is False where they say that a range is printed, None where they are silent.
    """

    spread: Spread = "sd"
    quartiles: bool | None = None
    mean_in_brackets: bool = False
    missing_told: bool = False


def hints_of(grid: Grid) -> Hints:
    """The same of one table."""
    heads = [line.text for line in grid.heads]
    words = _lower(" ".join([grid.title, *heads, *grid.notes]))
    rows = " ".join(_lower(line.label) for line in grid.body)
    return Hints(
        spread=spread_in(words) or "sd",
        quartiles=quartiles_in(words),
        mean_in_brackets=re.search(r"mean\s*\(\s*(?:s|standard)", words) is not None,
        missing_told=_MISSING.search(f"{words} {rows}") is not None,
    )


def spread_in(text: str) -> Spread | None:
    """Standard deviation or standard error, if a text names one of them alone."""
    lower = _lower(text)
    error, deviation = _ERROR.search(lower), _DEVIATION.search(lower)
    if error and not deviation:
        return "se"
    return "sd" if deviation else None


def quartiles_in(text: str) -> bool | None:
    """True if a text speaks of quartiles, False of a range, None of neither or of both."""
    lower = _lower(text)
    quartiles = _QUARTILES.search(lower) is not None
    ranges = _RANGE.search(re.sub(r"inter-?quartile range", "", lower)) is not None
    return None if quartiles == ranges else quartiles


def _lower(text: str) -> str:
    return plain(text).lower()


def statistics_of(texts: list[str], place: str) -> Iterator[Statistic]:
    """Numbers with a name that stand in words: goodness of fit, AUC, C-index."""
    for text in texts:
        lower = _lower(text)
        fit = _FIT.search(lower)
        if fit is not None:
            for name, pattern in _FIT_NUMBERS:
                yield from _statistic(name, pattern.search(lower, fit.end()), place)
        area = _AREA.search(lower)
        yield from _statistic("auc", area, place)
        if area is not None and area[2] is not None:
            yield from _statistic("auc_low", area, place, 2)
            yield from _statistic("auc_high", area, place, 3)
        yield from _statistic("c_index", _CONCORDANCE.search(lower), place)


def _statistic(
    name: str, match: re.Match[str] | None, place: str, group: int = 1
) -> Iterator[Statistic]:
    if match is not None:
        value = Printed.parse(re.sub(r"^=\s*", "", match[group]))
        yield Statistic(name=name, value=value, place=place)


def unreadable(place: str, number: int, row: str, column: str, cell: str) -> Finding:
    """A cell that holds no number; it is left out."""
    where = say("column '{column}'", column=column) if column else say("a column without heading")
    return Finding(
        code="unreadable-cell",
        severity="warning",
        message=say(
            "{place}, line {number}, '{row}', {where}: '{cell}' cannot be read and is left out.",
            place=place,
            number=number,
            row=row,
            where=where,
            cell=cell,
        ),
        remedy=say("Compare the cell with the paper, correct it in the pasted table, and retry."),
    )


def left_out(place: str, what: str, why: str, remedy: str = "") -> Finding:
    """A row, a column or a table that says nothing to the audit."""
    return Finding(
        code="left-out",
        severity="note",
        message=say("{place}: {what} is left out: {why}.", place=place, what=what, why=why),
        remedy=remedy,
    )
