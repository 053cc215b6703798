"""The tables of an external validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from vertebrisk.models.external.results import ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.developed import developed_text
from vertebrisk.report.external.source import Source
from vertebrisk.report.tables.performance import benefit_cell, decision_rows, measure_name
from vertebrisk.report.tables.table import Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING
from vertebrisk.validation.results import DecisionCurve

SHARES = ("sensitivity", "specificity", "ppv", "npv")


def external_tables(
    found: ExternalValidation, model: RiskModel, source: Source, words: Words
) -> dict[str, TableSpec]:
    """Every table of a validation, by key."""
    made = (
        measures_table(found, model, words),
        case_mix_table(found, model, words),
        benefit_table(found, source, words),
        classes_table(found, source, words),
    )
    return {each.key: each for each in made if each is not None}


def labels(model: RiskModel) -> dict[str, str]:
    """From the name of each predictor to what a page prints."""
    return {each.name: each.label or each.name for each in model.design.predictors}


def measures_table(found: ExternalValidation, model: RiskModel, words: Words) -> TableSpec:
    """Each measure with its interval, what it was when developed, and what it says."""
    developed = {
        name: developed_text(model, name, words) for name in found.measures["measure"].to_list()
    }
    known = any(each != MISSING for each in developed.values())
    columns = [
        Column("measure", words("measure"), "start"),
        Column("estimate", words("external.column.estimate")),
    ]
    columns += [Column("developed", words("external.column.developed"))] if known else []
    columns += [
        Column("interval", words("external.column.interval"), "start"),
        Column("says", words("external.column.question"), "start"),
    ]
    rows = []
    for name, value, low, high, how in found.measures.iter_rows():
        cells = [text(measure_name(name, words)), measure_cell(name, (value, low, high), words)]
        cells += [text(developed[name])] if known else []
        cells += [text(words(f"external.interval.{how}") if how else MISSING)]
        cells += [text(words(f"external.says.{name}"))]
        rows.append(Row(tuple(cells)))
    notes = [words("external.note.developed")] if known else []
    if "ici" in developed:
        notes.append(words("external.note.smoother", smoother=words.smoother(found.smoother)))
    return TableSpec(
        "external_measures", words("caption.external.measures"), tuple(columns), tuple(rows),
        footnotes=tuple(notes),
    )  # fmt: skip


def measure_cell(
    measure: str, values: tuple[float | None, float | None, float | None], words: Words
) -> Cell:
    """A measure with its limits; what does not exist says so."""
    if values[0] is None:
        return text(words("external.absent"))
    if measure == "observed_expected":
        return number("ratio_interval", *values, decimals=3)
    return number("estimate_interval", *values)


def reason_text(reason: str, names: Mapping[str, str], words: Words) -> str:
    """A reason such as ``missing: age``, with the label of what it names."""
    kind, _, name = reason.partition(": ")
    key = f"external.reason.{kind}"
    return words(key, label=names.get(name, name)) if words.has(key) else reason


def case_mix_table(found: ExternalValidation, model: RiskModel, words: Words) -> TableSpec:
    """Those whom the model was made from, and these, side by side."""
    population, counts, mix = model.population, found.counts, found.case_mix
    known = population.n > 0
    rows = [
        (
            words("external.mix.n"),
            number("integer", population.n if known else None),
            number("integer", counts.n),
        ),
        (
            words("external.mix.events"),
            _events(population.n_events, population.n) if known else text(MISSING),
            _events(counts.n_events, counts.n),
        ),
    ]
    developed, found_here = mix.developed, mix.here
    for name in ("mean", "sd"):
        ends = [
            _mean(None if each is None else getattr(each, name)) for each in (developed, found_here)
        ]
        rows.append((words(f"external.mix.{name}"), ends[0], ends[1]))
    bins, ticks = found.linear_predictors, model.linear_ticks
    rows.append(
        (
            words("external.mix.range"),
            _range(float(ticks[0]), float(ticks[-1])) if ticks.size > 1 else text(MISSING),
            text(MISSING)
            if bins is None
            else _range(float(bins["low"][0]), float(bins["high"][-1])),
        )
    )
    if mix.c_expected is not None:
        rows.append((words("external.mix.c_expected"), text(MISSING), _mean(mix.c_expected)))
    columns = (
        Column("quantity", words("quantity"), "start"),
        Column("developed", words("external.column.developed")),
        Column("here", words("external.column.here")),
    )
    return TableSpec(
        "external_case_mix",
        words("caption.external.case_mix"),
        columns,
        tuple(Row((text(name), there, here)) for name, there, here in rows),
    )


def _events(count: int, total: int) -> Cell:
    return number("count_percent", count, 100.0 * count / total if total else None)


def _range(low: float, high: float) -> Cell:
    return number("interval", low, high, decimals=2)


def _mean(value: float | None) -> Cell:
    return number("estimate", value)


def benefit_table(found: ExternalValidation, source: Source, words: Words) -> TableSpec | None:
    """Net benefit at the thresholds asked; None without any."""
    rows = benefit_rows(found.decision, source.thresholds)
    if not rows:
        return None
    return TableSpec(
        "external_decision", words("caption.external.decision"), benefit_columns(words),
        tuple(rows), footnotes=(words("external.note.decision"),),
    )  # fmt: skip


def benefit_columns(words: Words) -> tuple[Column, ...]:
    """Columns of net benefits."""
    return (
        Column("threshold", words("threshold")),
        Column("model", words("model")),
        Column("all", words("treat_all")),
        Column("none", words("treat_none")),
        Column("avoided", words("avoided")),
    )


def benefit_rows(decision: DecisionCurve | None, thresholds: Sequence[float]) -> list[Row]:
    """A row a threshold: the model, treating all and none, interventions avoided."""
    rows = []
    for threshold, lines in decision_rows(decision, thresholds):
        model = lines.get("model", {})
        cells = (
            number("risk", threshold, decimals=1),
            benefit_cell(model),
            benefit_cell(lines.get("all", {})),
            number("estimate", lines.get("none", {}).get("net_benefit")),
            number("estimate", model.get("interventions_avoided"), decimals=1),
        )
        rows.append(Row(cells))
    return rows


def classes_table(found: ExternalValidation, source: Source, words: Words) -> TableSpec | None:
    """What acting at the thresholds asked finds and misses; None without any."""
    if found.classes is None:
        return None
    rows = class_rows(found.classes.frame, source.thresholds)
    if not rows:
        return None
    return TableSpec(
        "external_classes", words("caption.external.classes"), class_columns(words), tuple(rows),
        footnotes=(words("external.note.classes"),),
    )  # fmt: skip


def class_columns(words: Words) -> tuple[Column, ...]:
    """Columns of a classification."""
    return (
        Column("threshold", words("threshold")),
        Column("flagged", words("external.column.flagged")),
        *(Column(name, words(name)) for name in SHARES),
    )


def class_rows(frame: pl.DataFrame, thresholds: Sequence[float]) -> list[Row]:
    """A row a threshold that was asked: who is above it, and how many of whom have the event."""
    rows = []
    for line in frame.sort("threshold").iter_rows(named=True):
        if line["threshold"] in thresholds:
            cells = [number("risk", line["threshold"], decimals=1)]
            cells.append(number("risk", line["flagged"], decimals=1))
            cells += [
                number(
                    "estimate_interval",
                    line[name],
                    line[f"{name}_low"],
                    line[f"{name}_high"],
                    decimals=2,
                )
                for name in SHARES
            ]
            rows.append(Row(tuple(cells)))
    return rows
