"""What a paper printed beside what was found here, number by number.

A printed number stands for all that round to it: 0.026 for [0.0255, 0.0265). A number
found agrees if it lies in there; a count must be equal. Nothing is tuned, and nothing
that differs is left out. A number that cannot be used as printed keeps its place with a
remark, and the reading of it that fits is judged on a line of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.comparison.results import ComparedVariable
from vertebrisk.evidence.library import library_ids, library_study
from vertebrisk.evidence.loading import load_study
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import (
    COEFFICIENT_FIELDS,
    CONSTANT,
    Coefficient,
    CoefficientReading,
    Compared,
    Group,
    PublishedStudy,
    Statistic,
)
from vertebrisk.models.tables import RegressionRow
from vertebrisk.protocol import Localised, Protocol
from vertebrisk.report.results.study import PrintedNumber, StudyResult
from vertebrisk.text.numbers import MISSING, PLAIN
from vertebrisk.validation.results import DecisionCurve

if TYPE_CHECKING:
    from vertebrisk.report.results.sampling import SamplingResult

_ROUNDING = 1e-12  # a curve that lies on another one is not ahead of it
_UNSIGNED = ("wald", "p_value")  # the same whichever of two levels is the reference
_WORDS: Mapping[str, tuple[str, str]] = {
    "n": ("patients", "例数"),
    "count": ("n", "例数"),
    "percent": ("%", "%"),
    "mean": ("mean", "均数"),
    "sd": ("SD", "标准差"),
    "median": ("median", "中位数"),
    "q1": ("lower quartile", "下四分位数"),
    "q3": ("upper quartile", "上四分位数"),
    "statistic": ("test statistic", "检验统计量"),
    "p_value": ("P", "P"),
    "estimate": ("B", "B"),
    "std_error": ("SE", "SE"),
    "wald": ("Wald", "Wald"),
    "ratio": ("odds ratio", "比值比"),
    "ratio@cox": ("hazard ratio", "风险比"),
    "ratio@fine-gray": ("subdistribution hazard ratio", "次分布风险比"),
    "conf_low": ("lower limit", "置信下限"),
    "conf_high": ("upper limit", "置信上限"),
    "constant": ("Constant", "常数项"),
    "absent": ("Not among the results of this run.", "本次结果中没有该项。"),
    "cut": (
        "The range of thresholds fixed by the protocol ends here.",
        "方案规定的阈值范围到此为止。",
    ),
}


def published_study(protocol: Protocol) -> PublishedStudy | None:
    """The paper that the protocol replicates: a library id, or a file beside the protocol.

    None where it replicates none.

    Raises
    ------
    DataError, PaperError
        If there is no such paper, or its file cannot be understood.
    """
    name, path = protocol.study.printed, protocol.printed_path
    if name is None or path is None:
        return None
    if name in library_ids() or not (name.endswith(".toml") or path.is_file()):
        return library_study(name)
    return load_study(path)


def replicate(result: StudyResult, study: PublishedStudy) -> tuple[PrintedNumber, ...]:
    """Compare a run with the numbers that a paper printed.

    Parameters
    ----------
    result : StudyResult
        The run. Its language is that of the quantities' names and of the remarks.
    study : PublishedStudy
        The paper. Its groups are matched to those of the run by the event, its regression
        rows by term and level, its statistics by name; the number of another name keeps
        its line, with nothing found beside it.

    Returns
    -------
    tuple of PrintedNumber
        In print order. `agrees` is None where nothing comparable was found, or where the
        found number is a bound only.
    """
    return _Replication(result, study).lines()


def found_text(printed: Printed, found: float, field: str = "") -> str:
    """A found number with as many decimals as its printed neighbour."""
    if field == "p_value":
        return PLAIN.p_value(found, printed.decimals)
    return PLAIN.estimate(found, printed.decimals)


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


class _Replication:
    """One run, ready to be compared with what a paper printed."""

    def __init__(self, result: StudyResult, study: PublishedStudy) -> None:
        self.result = result
        self.study = study
        self.language = result.facts.language
        self.model = result.facts.model
        self.variables = {each.variable: each for each in result.comparison.variables}
        self.rows = {
            (CONSTANT if row.kind == "intercept" else row.term, _level(row)): row
            for row in result.multivariable
            if row.kind in ("estimate", "intercept", "overall")
        }
        self.values = _named_values(result)

    def lines(self) -> tuple[PrintedNumber, ...]:
        study = self.study
        return (
            *(self.group(group) for group in study.groups),
            *(line for entry in study.compared for line in self.compared(entry)),
            *(
                line
                for model in study.model
                for entry in model.coefficient
                for line in self.coefficient(model.place, entry)
            ),
            *(self.statistic(entry) for entry in study.statistic),
        )

    def word(self, key: str) -> str:
        key = f"{key}@{self.model}" if f"{key}@{self.model}" in _WORDS else key
        return _WORDS[key][1 if self.language == "zh" else 0]

    def text(self, text: Localised | None) -> str:
        return text.text(self.language) if text is not None else ""

    def line(
        self,
        place: str,
        quantity: str,
        printed: Printed,
        found: float | None,
        *,
        field: str = "",
        remark: str = "",
    ) -> PrintedNumber:
        if found is None:
            return PrintedNumber(
                place, quantity, printed.text, MISSING, None, remark or self.word("absent")
            )
        return PrintedNumber(
            place,
            quantity,
            printed.text,
            found_text(printed, found, field),
            printed.covers(found),
            remark,
        )

    def place_of(self, group: Group) -> int:
        """Position among the groups of the run, which has those without the event first."""
        return int(group.event) if len(self.study.groups) == 2 else self.study.groups.index(group)

    def group_label(self, position: int) -> str:
        """Label of the paper's group at `position`, as the run has it."""
        place = self.place_of(self.study.groups[position])
        groups = self.result.comparison.groups
        return groups[place].label if place < len(groups) else self.study.groups[position].name

    def group(self, group: Group) -> PrintedNumber:
        groups, place = self.result.comparison.groups, self.place_of(group)
        found = float(groups[place].n) if place < len(groups) else None
        label = self.group_label(self.study.groups.index(group))
        return self.line(group.place, f"{label}, {self.word('n')}", group.n, found)

    def compared(self, entry: Compared) -> Iterator[PrintedNumber]:
        variable = self.variables.get(entry.variable)
        label = self.variable_label(entry.variable)
        places = [self.place_of(group) for group in self.study.groups]
        moments = {"mean": entry.mean, "sd": entry.sd, "median": entry.median}
        moments |= {"q1": entry.lower_quartile, "q3": entry.upper_quartile}
        for field, values in moments.items():
            for position, printed in enumerate(values):
                quantity = f"{label}, {self.word(field)}, {self.group_label(position)}"
                found = _moment(variable, field, places[position])
                yield self.line(entry.place, quantity, printed, found)
        for level, cells in entry.levels.items():
            for field, values in (("count", cells.count), ("percent", cells.percent)):
                for position, printed in enumerate(values):
                    found, name = _level_count(variable, level, field, places[position])
                    quantity = f"{label}: {name}, {self.word(field)}, {self.group_label(position)}"
                    yield self.line(entry.place, quantity, printed, found)
        remark = self.text(entry.remark)
        if entry.statistic is not None:
            found = self.test_statistic(variable) if variable is not None else None
            quantity = f"{label}, {self.word('statistic')}"
            yield self.line(entry.place, quantity, entry.statistic, found, remark=remark)
        if entry.p_value is not None:
            p_value, found = entry.p_value, variable.test.p_value if variable is not None else None
            quantity = f"{label}, {self.word('p_value')}"
            yield self.line(entry.place, quantity, p_value, found, field="p_value", remark=remark)

    def test_statistic(self, variable: ComparedVariable) -> float | None:
        """The statistic, signed as the first printed group less the second."""
        value = variable.test.statistic
        signed = variable.test.statistic_name in ("t", "z") and len(self.study.groups) == 2
        return -value if value is not None and signed and self.study.groups[0].event else value

    def variable_label(self, name: str) -> str:
        variable = self.variables.get(name)
        return variable.label if variable is not None else self.study.label(name, self.language)

    def coefficient(self, place: str, entry: Coefficient) -> Iterator[PrintedNumber]:
        row = self.rows.get((entry.term, entry.level))
        name = self.row_name(entry, row)
        for field in COEFFICIENT_FIELDS:
            printed: Printed | None = getattr(entry, field)
            if printed is not None:
                judged = self.only_row(entry) if row is None and field in _UNSIGNED else row
                yield self.line(
                    place,
                    f"{name}, {self.word(field)}",
                    printed,
                    getattr(judged, field) if judged is not None else None,
                    field=field,
                    remark=self.text(entry.remarks.get(field)),
                )
        if entry.reading is not None:
            yield from self.reading(place, name, entry.reading)

    def only_row(self, entry: Coefficient) -> RegressionRow | None:
        """The row of a factor of two levels whose level the paper does not name."""
        rows = [row for (term, _), row in self.rows.items() if term == entry.term]
        return rows[0] if len(rows) == 1 and not entry.level else None

    def row_name(self, entry: Coefficient, row: RegressionRow | None) -> str:
        if entry.term == CONSTANT:
            return self.word("constant")
        label = self.variable_label(entry.term)
        if not entry.level:
            return label
        level = _level_count(self.variables.get(entry.term), entry.level, "count", 0)[1]
        return f"{label}: {row.shown_level if row is not None and row.level_label else level}"

    def reading(
        self, place: str, name: str, reading: CoefficientReading
    ) -> Iterator[PrintedNumber]:
        """A combination of the model's own terms that the printed number is said to be."""
        rows = [(self.rows.get((term, level)), weight) for term, level, weight in reading.weights]
        estimates = [
            (row.estimate, weight)
            for row, weight in rows
            if row is not None and row.estimate is not None
        ]
        total = (
            sum(estimate * weight for estimate, weight in estimates)
            if len(estimates) == len(rows)
            else None
        )
        label = self.text(reading.label)
        yield self.line(place, f"{name}, {self.word('estimate')}, {label}", reading.estimate, total)
        if reading.ratio is not None:
            ratio = math.exp(total) if total is not None else None
            quantity = f"{name}, {self.word('ratio')}, {label}"
            yield self.line(place, quantity, reading.ratio, ratio)

    def statistic(self, entry: Statistic) -> PrintedNumber:
        label, remark = self.statistic_label(entry), self.text(entry.remark)
        found = self.values.get(entry.name)
        if entry.variable is not None:
            found = self.counted(entry)
        line = self.line(entry.place, label, entry.value, found, remark=remark)
        if entry.name.startswith("net_benefit") and self.is_cut(entry.name):
            note = " ".join(text for text in (remark, self.word("cut")) if text)
            return PrintedNumber(line.place, label, line.printed, line.found, None, note)
        return line

    def statistic_label(self, entry: Statistic) -> str:
        if entry.label is not None:
            return self.text(entry.label)
        if entry.variable is None:
            return entry.name.replace("_", " ")
        level = _level_count(self.variables.get(entry.variable), entry.level, "count", 0)[1]
        variable = self.variable_label(entry.variable)
        parts = [f"{variable}: {level}" if level else variable]
        parts.append(self.word(entry.name) if entry.name in _WORDS else entry.name)
        names = [group.name for group in self.study.groups]
        parts += [self.group_label(names.index(entry.group))] if entry.group is not None else []
        return ", ".join(parts)

    def counted(self, entry: Statistic) -> float | None:
        """Patients with a level, or their percentage, in one group or in all."""
        variable = self.variables.get(entry.variable or "")
        levels = variable.levels if variable is not None else ()
        row = next((row for row in levels if row.level == entry.level), None)
        if row is None or entry.name not in ("count", "percent"):
            return None
        cell = row.overall
        if entry.group is not None:
            group = next(group for group in self.study.groups if group.name == entry.group)
            cell = row.cells[self.place_of(group)]
        return float(cell.count) if entry.name == "count" else cell.percent

    def is_cut(self, value: str) -> bool:
        """True if the range of benefit runs into the end of the curve that was computed."""
        if self.result.decision is None:
            return False
        thresholds = self.result.decision.frame["threshold"]
        end = thresholds.min() if value == "net_benefit_low" else thresholds.max()
        return self.values[value] is not None and self.values[value] == end


def _level(row: RegressionRow) -> str:
    return "" if row.kind in ("intercept", "overall") else row.level


def _moment(variable: ComparedVariable | None, field: str, position: int) -> float | None:
    if variable is None or position >= len(variable.cells):
        return None
    value: float | None = getattr(variable.cells[position], field)
    return value


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
    benefit = None if result.decision is None else benefit_range(result.decision)
    return {
        "n": float(flow.n),
        "n_events": float(flow.n_events),
        "n_without": float(flow.n - flow.n_events),
        "event_percent": 100.0 * flow.n_events / flow.n,
        "auc": auc.estimate,
        "auc_low": auc.conf_low,
        "auc_high": auc.conf_high,
        "c_index_corrected": result.validation.corrected("c_index"),
        "c_index_corrected_fixed": fixed.corrected("c_index") if fixed is not None else None,
        "net_benefit_low": benefit[0] if benefit is not None else None,
        "net_benefit_high": benefit[1] if benefit is not None else None,
        **_population_values(result.sampling),
    }


def _population_values(sampling: SamplingResult | None) -> dict[str, float | None]:
    """Numbers of the population that sampled controls came from."""
    if sampling is None:
        return {}
    cases, controls = sampling.population_cases, sampling.population_controls
    return {
        "population": cases + controls if cases is not None and controls is not None else None,
        "population_events": cases,
        "population_without": controls,
        "population_event_percent": 100.0 * sampling.prevalence,
        "controls_sampled": float(sampling.n_controls),
    }
