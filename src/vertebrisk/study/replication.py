"""What a paper printed beside what was found here, number by number.

A printed number stands for all that round to it: 0.026 for [0.0255, 0.0265). A number
found agrees if it lies in there; a count must be equal. Nothing is tuned, and nothing
that differs is left out. A number that cannot be used as printed keeps its place with a
remark, and the reading of it that fits is judged on a line of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from vertebrisk._types import Language
from vertebrisk.comparison.results import ComparedVariable
from vertebrisk.errors import DataError
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results import PrintedNumber, StudyResult
from vertebrisk.text import numbers
from vertebrisk.validation.results import DecisionCurve

_CONSTANT = "constant"
_ROUNDING = 1e-12  # a curve that lies on another one is not ahead of it
_COEFFICIENT_FIELDS = ("estimate", "std_error", "wald", "p_value", "ratio", "conf_low", "conf_high")
_WORDS: Mapping[str, tuple[str, str]] = {
    "n": ("patients", "例数"),
    "count": ("n", "例数"),
    "percent": ("%", "%"),
    "mean": ("mean", "均数"),
    "sd": ("SD", "标准差"),
    "statistic": ("test statistic", "检验统计量"),
    "p_value": ("P", "P"),
    "estimate": ("B", "B"),
    "std_error": ("SE", "SE"),
    "wald": ("Wald", "Wald"),
    "ratio": ("odds ratio", "比值比"),
    "conf_low": ("lower limit", "置信下限"),
    "conf_high": ("upper limit", "置信上限"),
    "constant": ("Constant", "常数项"),
    "absent": ("Not among the results of this run.", "本次结果中没有该项。"),
    "cut": (
        "The range of thresholds fixed by the protocol ends here.",
        "方案规定的阈值范围到此为止。",
    ),
}


def replicate(result: StudyResult, printed: Mapping[str, Any]) -> tuple[PrintedNumber, ...]:
    """Compare a run with the numbers that a paper printed.

    Parameters
    ----------
    result : StudyResult
        The run. Its language is that of the quantities' names and of the remarks.
    printed : mapping
        The paper's numbers, as text: tables ``groups`` (n in print order: without the
        event first), ``compared`` (one a variable of a group comparison: ``mean``,
        ``sd``, ``levels`` with ``count`` and ``percent``, ``statistic``, ``p_value``),
        ``coefficient`` (one a row of a regression table, with ``remarks`` by column and
        a ``reading`` where the print has to be read otherwise) and ``statistic``
        (a named ``value``: n, n_events, event_percent, auc, auc_low, auc_high,
        c_index_corrected, c_index_corrected_fixed, net_benefit_low, net_benefit_high).

    Returns
    -------
    tuple of PrintedNumber
        In print order. `agrees` is None where nothing comparable was found, or where the
        found number is a bound only.

    Raises
    ------
    DataError
        If a printed entry is not a number, or a named value is not known.
    """
    return _Replication(result).lines(printed)


def agrees(printed: str, found: float) -> bool:
    """True if `found` lies where everything rounds to the printed number.

    Parameters
    ----------
    printed : str
        As printed: ``0.026``, ``-3.361``, ``<0.001``, ``268``. Halves round away from zero.
    found : float
        What was found, unrounded.
    """
    value = Decimal(repr(float(found)))
    bound = printed[:1]
    if bound in ("<", ">"):
        limit = _number(printed[1:])
        return value < limit if bound == "<" else value > limit
    number = _number(printed)
    half = Decimal(5).scaleb(-decimals_of(printed) - 1)
    if number < 0:
        return number - half < value <= number + half
    return number - half <= value < number + half


def decimals_of(printed: str) -> int:
    """Digits after the point of a printed number."""
    return len(printed.partition(".")[2])


def found_text(printed: str, found: float, field: str = "") -> str:
    """A found number with as many decimals as its printed neighbour."""
    places = decimals_of(printed)
    if field == "p_value":
        return numbers.p_value(found, places)
    return numbers.estimate(found, places)


def benefit_range(decision: DecisionCurve) -> tuple[float, float] | None:
    """Least and greatest threshold at which the model beats treating all and treating none.

    The model may do worse somewhere in between. For comparison with papers that claim
    such a range only: it is read off the data. None if it beats them nowhere.
    """
    columns = decision.frame.pivot(on="model", index="threshold", values="net_benefit")
    ahead = columns.sort("threshold").filter(
        pl.col("model") > pl.max_horizontal("all", "none") + _ROUNDING
    )["threshold"]
    if ahead.is_empty():
        return None
    return float(ahead[0]), float(ahead[-1])


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise DataError(
            f"'{text}' among the printed numbers is not a number. "
            'Write it as printed, with its decimals, such as "0.780" or "<0.001".'
        ) from None


def _localised(value: Any, language: Language) -> str:
    if isinstance(value, Mapping):
        return str(value.get(language) or value.get("en") or "")
    return str(value or "")


class _Replication:
    """One run, ready to be compared with what a paper printed."""

    def __init__(self, result: StudyResult) -> None:
        self.result = result
        self.language = result.facts.language
        self.variables = {each.variable: each for each in result.comparison.variables}
        self.rows = {
            (_CONSTANT if row.kind == "intercept" else row.term, _level(row)): row
            for row in result.multivariable
            if row.kind in ("estimate", "intercept", "overall")
        }
        self.values = _named_values(result)

    def lines(self, printed: Mapping[str, Any]) -> tuple[PrintedNumber, ...]:
        return (
            *self.groups(printed.get("groups", {})),
            *(line for entry in printed.get("compared", ()) for line in self.compared(entry)),
            *(line for entry in printed.get("coefficient", ()) for line in self.coefficient(entry)),
            *(self.statistic(entry) for entry in printed.get("statistic", ())),
        )

    def word(self, key: str) -> str:
        return _WORDS[key][1 if self.language == "zh" else 0]

    def line(
        self,
        place: str,
        quantity: str,
        printed: str,
        found: float | None,
        *,
        field: str = "",
        remark: str = "",
    ) -> PrintedNumber:
        if found is None:
            return PrintedNumber(
                place, quantity, printed, numbers.MISSING, None, remark or self.word("absent")
            )
        return PrintedNumber(
            place,
            quantity,
            printed,
            found_text(printed, found, field),
            agrees(printed, found),
            remark,
        )

    def groups(self, entry: Mapping[str, Any]) -> Iterator[PrintedNumber]:
        groups = self.result.comparison.groups
        for position, printed in enumerate(entry.get("n", ())):
            group = groups[position] if position < len(groups) else None
            label = group.label if group is not None else str(position + 1)
            found = float(group.n) if group is not None else None
            quantity = f"{label}, {self.word('n')}"
            yield self.line(entry.get("place", ""), quantity, printed, found)

    def compared(self, entry: Mapping[str, Any]) -> Iterator[PrintedNumber]:
        place = entry["place"]
        variable = self.variables.get(entry["variable"])
        label = variable.label if variable is not None else entry["variable"]
        for field in ("mean", "sd"):
            for position, printed in enumerate(entry.get(field, ())):
                quantity = f"{label}, {self.word(field)}, {self.group_label(position)}"
                yield self.line(place, quantity, printed, _moment(variable, field, position))
        for level, shown in entry.get("levels", {}).items():
            for field in ("count", "percent"):
                for position, printed in enumerate(shown.get(field, ())):
                    found, name = _level_count(variable, level, field, position)
                    quantity = f"{label}: {name}, {self.word(field)}, {self.group_label(position)}"
                    yield self.line(place, quantity, printed, found)
        remark = _localised(entry.get("remark"), self.language)
        for field in ("statistic", "p_value"):
            if field in entry:
                found = getattr(variable.test, field) if variable is not None else None
                quantity = f"{label}, {self.word(field)}"
                yield self.line(place, quantity, entry[field], found, field=field, remark=remark)

    def group_label(self, position: int) -> str:
        groups = self.result.comparison.groups
        return groups[position].label if position < len(groups) else str(position + 1)

    def coefficient(self, entry: Mapping[str, Any]) -> Iterator[PrintedNumber]:
        place = entry["place"]
        row = self.rows.get((entry["term"], entry["level"]))
        name = self.row_name(entry, row)
        remarks = entry.get("remarks", {})
        for field in _COEFFICIENT_FIELDS:
            if field in entry:
                yield self.line(
                    place,
                    f"{name}, {self.word(field)}",
                    entry[field],
                    getattr(row, field) if row is not None else None,
                    field=field,
                    remark=_localised(remarks.get(field), self.language),
                )
        if "reading" in entry:
            yield from self.reading(place, name, entry["reading"])

    def row_name(self, entry: Mapping[str, Any], row: RegressionRow | None) -> str:
        if entry["term"] == _CONSTANT:
            return self.word("constant")
        variable = self.variables.get(entry["term"])
        label = variable.label if variable is not None else entry["term"]
        if row is None or not entry["level"]:
            return str(label)
        _, level = _level_count(variable, entry["level"], "count", 0)
        return f"{label}: {level}"

    def reading(self, place: str, name: str, reading: Mapping[str, Any]) -> Iterator[PrintedNumber]:
        """A combination of the model's own terms that the printed number is said to be."""
        terms = [
            (self.rows.get((term, level)), weight) for term, level, weight in reading["weights"]
        ]
        estimates = [
            (row.estimate, weight)
            for row, weight in terms
            if row is not None and row.estimate is not None
        ]
        total = (
            sum(estimate * weight for estimate, weight in estimates)
            if len(estimates) == len(terms)
            else None
        )
        label = _localised(reading["label"], self.language)
        for field in ("estimate", "ratio"):
            if field in reading:
                found = total
                if field == "ratio" and total is not None:
                    found = math.exp(total)
                quantity = f"{name}, {self.word(field)}, {label}"
                yield self.line(place, quantity, reading[field], found)

    def statistic(self, entry: Mapping[str, Any]) -> PrintedNumber:
        value, printed = entry["value"], entry["printed"]
        if value not in self.values:
            raise DataError(
                f"'{value}' is not a value that a printed statistic can be compared with; "
                f"allowed are {', '.join(self.values)}."
            )
        label = _localised(entry["label"], self.language)
        remark = _localised(entry.get("remark"), self.language)
        line = self.line(entry["place"], label, printed, self.values[value], remark=remark)
        if value.startswith("net_benefit") and self.is_cut(value):
            note = " ".join(text for text in (remark, self.word("cut")) if text)
            return PrintedNumber(line.place, label, printed, line.found, None, note)
        return line

    def is_cut(self, value: str) -> bool:
        """True if the range of benefit runs into the end of the curve that was computed."""
        thresholds = self.result.decision.frame["threshold"]
        end = thresholds.min() if value == "net_benefit_low" else thresholds.max()
        return self.values[value] is not None and self.values[value] == end


def _level(row: RegressionRow) -> str:
    return "" if row.kind in ("intercept", "overall") else row.level


def _moment(variable: ComparedVariable | None, field: str, position: int) -> float | None:
    if variable is None or position >= len(variable.cells):
        return None
    cell = variable.cells[position]
    return cell.mean if field == "mean" else cell.sd


def _level_count(
    variable: ComparedVariable | None, level: str, field: str, position: int
) -> tuple[float | None, str]:
    """Count or percentage of one level in one group, and the label of the level."""
    for row in variable.levels if variable is not None else ():
        if row.level == level and position < len(row.cells):
            cell = row.cells[position]
            return (cell.percent if field == "percent" else float(cell.count)), row.label
    return None, level


def _named_values(result: StudyResult) -> dict[str, float | None]:
    auc = result.c_index
    flow = result.flow
    fixed = result.validation_fixed
    benefit = benefit_range(result.decision)
    return {
        "n": float(flow.n),
        "n_events": float(flow.n_events),
        "event_percent": 100.0 * flow.n_events / flow.n,
        "auc": auc.estimate,
        "auc_low": auc.conf_low,
        "auc_high": auc.conf_high,
        "c_index_corrected": result.validation.corrected("c_index"),
        "c_index_corrected_fixed": fixed.corrected("c_index") if fixed is not None else None,
        "net_benefit_low": benefit[0] if benefit is not None else None,
        "net_benefit_high": benefit[1] if benefit is not None else None,
    }
