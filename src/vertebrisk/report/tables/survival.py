"""Tables of a study of time to event: incidence, group tests, hazards, horizons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertebrisk.nomogram.results import Nomogram
from vertebrisk.report.results.survival import Beside, GroupTest, HorizonResult, SurvivalResult
from vertebrisk.report.tables.models import regression_table, spaced_totals
from vertebrisk.report.tables.naming import Names
from vertebrisk.report.tables.performance import benefit_cell, decision_rows, measure_name
from vertebrisk.report.tables.table import (
    EMPTY,
    Cell,
    Column,
    Row,
    Spanner,
    TableSpec,
    number,
    text,
)
from vertebrisk.report.words import Words
from vertebrisk.validation.results import Estimate


def _limits(estimate: Estimate) -> Cell:
    return number(
        "estimate_interval", estimate.estimate, estimate.conf_low, estimate.conf_high, decimals=3
    )


def incidence_table(survival: SurvivalResult, words: Words) -> TableSpec:
    """Events, patients at risk and cumulative incidence at each horizon."""
    competing = bool(survival.competing_rule)
    rows = tuple(
        Row(
            (
                text(words.time(each.horizon, survival.time_unit)),
                number("integer", each.n_events),
                *((number("integer", each.n_competing),) if competing else ()),
                number("integer", each.n_censored),
                number("integer", each.n_at_risk),
                _limits(each.incidence),
            )
        )
        for each in survival.horizons
    )
    columns = (
        Column("horizon", words("horizon"), "start"),
        Column("events", words("events_by_then")),
        *((Column("competing", words("competing_by_then")),) if competing else ()),
        Column("censored", words("censored_before")),
        Column("at_risk", words("at_risk")),
        Column("incidence", words("incidence")),
    )
    return TableSpec("incidence", words("caption.incidence"), columns, rows)


def group_table(survival: SurvivalResult, names: Names, words: Words) -> TableSpec | None:
    """Cumulative incidence by the levels of each categorical variable, with its test."""
    if not survival.groups:
        return None
    first = words.time(survival.horizons[0].horizon, survival.time_unit)
    columns = (
        Column("variable", words("variable"), "start"),
        Column("events", words("events_n")),
        Column("incidence", words("incidence")),
        Column("statistic", "χ²"),
        Column("df", words("df")),
        Column("p", words("p")),
    )
    rows = tuple(row for group in survival.groups for row in _group_rows(group, names))
    notes = (words("note.group_tests", horizon=first),)
    return TableSpec("group_tests", words("caption.group_tests"), columns, rows, (), notes)


def _group_rows(group: GroupTest, names: Names) -> list[Row]:
    test = (
        number("estimate", group.statistic, decimals=2),
        number("integer", group.df),
        number("p_value", group.p_value),
    )
    rows = [Row((text(group.label), EMPTY, EMPTY, *test), kind="heading")]
    for line in group.levels.iter_rows(named=True):
        incidence = number(
            "estimate_interval", line["incidence"], line["conf_low"], line["conf_high"]
        )
        counts = number("counts", line["n_events"], line["n"])
        level = text(names.level(group.variable, line["level"]))
        rows.append(Row((level, counts, incidence, EMPTY, EMPTY, EMPTY), indent=1))
    return rows


def hazards_table(
    survival: SurvivalResult, labels: Mapping[str, str], words: Words, *, pooled: bool
) -> TableSpec | None:
    """Test of proportional hazards, term by term and of all together; `pooled` over tables."""
    if survival.hazards.height == 0:
        return None
    rows = tuple(
        Row(
            (
                text(_term_name(line["term"], labels, words)),
                number("estimate", line["statistic"], decimals=2),
                number("integer", line["df"]),
                number("p_value", line["p_value"]),
            ),
            kind="emphasis" if line["term"] == "GLOBAL" else "body",
        )
        for line in survival.hazards.iter_rows(named=True)
    )
    columns = (
        Column("variable", words("variable"), "start"),
        Column("statistic", "F" if pooled else "χ²"),
        Column("df", words("df")),
        Column("p", words("p")),
    )
    scale = words.or_plain(f"transform.{survival.transform}", survival.transform)
    notes = (
        words("note.hazards", transform=scale),
        *((words("note.hazards_pooled"),) if pooled else ()),
    )
    return TableSpec("hazards", words("caption.hazards"), columns, rows, (), notes)


def _term_name(term: str, labels: Mapping[str, str], words: Words) -> str:
    return words("global_test") if term == "GLOBAL" else labels.get(term, term)


def horizons_table(survival: SurvivalResult, words: Words) -> TableSpec | None:
    """Every measure at every horizon, apparent and corrected with its interval."""
    known = [_by_measure(each) for each in survival.horizons]
    if not any(known):
        return None
    measures = list(dict.fromkeys(name for each in known for name in each))
    columns = [Column("measure", words("measure"), "start")]
    spanners = []
    for place, each in enumerate(survival.horizons):
        columns.append(Column(f"apparent_{place}", words("apparent")))
        columns.append(Column(f"corrected_{place}", words("corrected")))
        heading = words.time(each.horizon, survival.time_unit)
        spanners.append(Spanner(heading, 1 + 2 * place, 3 + 2 * place))
    rows = tuple(
        Row(
            (
                text(measure_name(name, words)),
                *(cell for lines in known for cell in _pair(lines.get(name, {}))),
            )
        )
        for name in measures
    )
    smoother = words.or_plain(f"smoother.{words.model}", words.model)
    notes = (words("note.horizons"), words("note.smoother", smoother=smoother))
    caption = words("caption.horizons")
    return TableSpec("horizons", caption, tuple(columns), rows, tuple(spanners), notes)


def _by_measure(horizon: HorizonResult) -> dict[str, dict[str, Any]]:
    return {line["measure"]: line for line in horizon.measures.iter_rows(named=True)}


def _pair(line: Mapping[str, Any]) -> tuple[Cell, Cell]:
    corrected = number(
        "estimate_interval", line.get("corrected"), line.get("conf_low"), line.get("conf_high")
    )
    return number("estimate", line.get("apparent")), corrected


def horizon_decision_table(
    survival: SurvivalResult, thresholds: tuple[float, ...], words: Words
) -> TableSpec | None:
    """Net benefit at the protocol's thresholds, at each horizon."""
    rows = []
    for each in survival.horizons:
        found = decision_rows(each.decision, thresholds)
        if found:
            name = words.time(each.horizon, survival.time_unit)
            rows.append(Row((text(name), EMPTY, EMPTY, EMPTY), kind="heading"))
        rows += [
            Row(
                (
                    number("risk", threshold, decimals=1),
                    benefit_cell(lines.get("model", {})),
                    benefit_cell(lines.get("model_corrected", {})),
                    benefit_cell(lines.get("all", {})),
                ),
                indent=1,
            )
            for threshold, lines in found
        ]
    if not rows:
        return None
    columns = (
        Column("threshold", words("threshold"), "start"),
        Column("model", words("apparent")),
        Column("corrected", words("corrected")),
        Column("all", words("treat_all")),
    )
    spanners = (Spanner(words("model"), 1, 3),)
    return TableSpec("decision", words("caption.decision"), columns, tuple(rows), spanners)


def totals_table(nomogram: Nomogram, unit: str, words: Words) -> TableSpec | None:
    """Risk by each horizon and median time at evenly spaced totals of points."""
    if not nomogram.axes or nomogram.total.height == 0:
        return None
    median = nomogram.median
    horizons = [scale.horizon or 0.0 for scale in nomogram.scales]
    columns = [Column("total_points", words("total_points"))]
    columns += [
        Column(f"risk_{each:g}", words("risk_by", time=words.time(each, unit))) for each in horizons
    ]
    notes: tuple[str, ...] = ()
    if median is not None:
        named = words.bracketed(words.duration(unit)) if unit else ""
        columns.append(Column("median", words("median_time") + named))
    if median is not None and nomogram.total["median"].null_count():
        end = words.time(median.limit, unit)
        notes = (words("note.median_beyond", end=end),)
    rows = []
    for line in spaced_totals(nomogram).iter_rows(named=True):
        cells = [number("estimate", line["total_points"], decimals=0)]
        cells += [number("risk", line[f"risk_{each:g}"], decimals=1) for each in horizons]
        if median is not None:
            cells.append(_median_cell(line["median"], median.limit))
        rows.append(Row(tuple(cells)))
    return TableSpec("total", words("caption.total"), tuple(columns), tuple(rows), (), notes)


def _median_cell(time: float | None, limit: float) -> Cell:
    if time is None:
        return text(f"> {limit:g}")
    return number("estimate", time, decimals=0 if limit >= 200.0 else 1 if limit >= 10.0 else 2)


def beside_table(beside: Beside | None, words: Words) -> TableSpec | None:
    """The logistic model beside a model of time to event."""
    if beside is None:
        return None
    plain = Words(words.language, journal=words.journal)
    return regression_table("logistic", beside.rows, plain)


def incidence_list(survival: SurvivalResult, words: Words) -> str:
    """Cumulative incidence at every horizon, for a sentence."""
    return words.listed(
        [
            words(
                "survival.at",
                risk=_risk_with_limits(each.incidence, words),
                horizon=f"{each.horizon:g}",
                unit=words.duration(survival.time_unit),
            )
            for each in survival.horizons
        ]
    )


def _risk_with_limits(estimate: Estimate, words: Words) -> str:
    centre = words.numbers.risk(estimate.estimate)
    if estimate.conf_low is None or estimate.conf_high is None:
        return centre
    limits = words.numbers.risk_limits(estimate.conf_low, estimate.conf_high)
    return f"{centre}{words.bracketed(words('ci95_told') + limits)}"
