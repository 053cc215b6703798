"""Tables about performance: classification, validation, calibration, net benefit, selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from vertebrisk._types import ValidationMethod
from vertebrisk.report.tables.table import Cell, Column, Row, Spanner, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    ThresholdTable,
    Validation,
)
from vertebrisk.validation.summary import BOOTSTRAPS

_SAME_THRESHOLD = 1e-6
_CURVE_ROWS = 9
_NO_CURVE = "632+"  # weighs single measures


def measure_name(measure: str, words: Words) -> str:
    """Name of a performance measure as tables and sentences print it."""
    return words.or_plain(f"measure.{measure}", measure)


def thresholds_table(thresholds: ThresholdTable | None, words: Words) -> TableSpec | None:
    """Sensitivity, specificity and predictive values at each threshold."""
    if thresholds is None or thresholds.frame.height == 0:
        return None
    measures = ("sensitivity", "specificity", "ppv", "npv")
    counts = ("tp", "fp", "fn", "tn")
    rows = tuple(
        Row(
            (
                number("risk", round(line["threshold"], 3), decimals=1),
                text(words("youden" if line["source"] == "youden" else "protocol")),
                *(number("integer", line[name]) for name in counts),
                *(_with_limits(line, name) for name in measures),
            ),
            kind="reference" if line["source"] == "youden" else "body",
        )
        for line in thresholds.frame.iter_rows(named=True)
    )
    columns = (
        Column("threshold", words("threshold")),
        Column("source", words("source"), "start"),
        *(Column(name, words(name)) for name in (*counts, *measures)),
    )
    picked = "youden" in thresholds.frame["source"]
    notes = (words("note.thresholds" if picked else "note.thresholds_stated"),)
    return TableSpec("thresholds", words("caption.thresholds"), columns, rows, (), notes)


def _with_limits(line: Mapping[str, Any], name: str) -> Cell:
    return number(
        "estimate_interval", line[name], line[f"{name}_low"], line[f"{name}_high"], decimals=2
    )


def performance_table(whole: Validation, fixed: Validation | None, words: Words) -> TableSpec:
    """Apparent value, what the method took, the estimate with interval and Monte Carlo error.

    The whole procedure and the fixed model stand side by side where both were run. Only a method
    that estimates optimism has a column of it.
    """
    own = _SHOWN.get(whole.method, ())
    repeated = ("apparent", *own)
    chance = ("corrected", *(() if whole.method == "leave-one-out" else ("mc_error",)))
    columns = [
        Column("measure", words("measure"), "start"),
        *(Column(key, words(_LABELS.get(key, key))) for key in (*repeated, *chance)),
    ]
    heading = words("whole_procedure" if "whole" in whole.procedure else "fixed_model")
    spanners = [Spanner(heading, 2, len(columns))]
    beside_it = (*(name for name in own if name == "optimism"), *chance)
    other: dict[str, dict[str, Any]] = {}
    if fixed is not None:
        other = {line["measure"]: line for line in fixed.table.iter_rows(named=True)}
        columns += [Column(f"fixed_{key}", words(key)) for key in beside_it]
        spanners.append(Spanner(words("fixed_model"), len(columns) - len(beside_it), len(columns)))
    rows = []
    for line in whole.table.iter_rows(named=True):
        cells = [text(measure_name(line["measure"], words))]
        cells += [_performance_cell(line, name) for name in (*repeated, *chance)]
        if fixed is not None:
            beside = other.get(line["measure"], {})
            cells += [_performance_cell(beside, name) for name in beside_it]
        rows.append(Row(tuple(cells)))
    return TableSpec(
        "performance",
        words("caption.performance"),
        tuple(columns),
        tuple(rows),
        tuple(spanners),
        _performance_notes(whole, fixed, words),
    )


_LABELS = {"test": "testing"}
_SHOWN: Mapping[ValidationMethod, tuple[str, ...]] = {
    "optimism-bootstrap": ("training", "test", "optimism"),
    "632": ("test",),
    "632+": ("test",),
}


def _performance_cell(line: Mapping[str, Any], name: str) -> Cell:
    if name == "corrected":
        limits = (line.get("conf_low"), line.get("conf_high"))
        return number("estimate_interval", line.get("corrected"), *limits)
    return number("estimate", line.get(name), decimals=4 if name == "mc_error" else 3)


def _performance_notes(
    whole: Validation, fixed: Validation | None, words: Words
) -> tuple[str, ...]:
    notes = [words("note.performance")]
    if whole.method in ("optimism-bootstrap", "simple-bootstrap"):
        notes.append(words("note.range"))
    if "ici" in whole.table["measure"]:
        notes.append(words("note.smoother", smoother=words.smoother(whole.smoother)))
    for validation in (whole, fixed):
        if validation is None:
            continue
        fewer: dict[int, list[str]] = {}
        most = _most_used(validation)
        for line in validation.table.iter_rows(named=True):
            used = line["n_resamples"]
            if used is not None and 0 < used < most:
                fewer.setdefault(int(used), []).append(measure_name(line["measure"], words))
        heading = words("whole_procedure" if "whole" in validation.procedure else "fixed_model")
        notes += [
            words("note.finite", measure=words.listed(names), procedure=heading, n=used)
            for used, names in fewer.items()
        ]
    return tuple(notes)


def _most_used(validation: Validation) -> int:
    """How many resamples, or rounds of folds, a measure can rest on."""
    if validation.method in BOOTSTRAPS:
        return validation.resamples
    return max(validation.table["n_resamples"].drop_nulls().to_list(), default=0)


def calibration_table(curve: CalibrationCurve, words: Words) -> TableSpec | None:
    """The calibration curve at a few predicted risks, evenly spaced along it."""
    frame = curve.frame
    if frame.height == 0:
        return None
    corrects = words.method != _NO_CURVE
    last = frame.height - 1
    steps = min(_CURVE_ROWS, frame.height)
    places = sorted({round(i * last / max(1, steps - 1)) for i in range(steps)})
    rows = tuple(
        Row(
            (
                number("estimate", round(line["predicted"], 4)),
                number(
                    "estimate_interval",
                    line["apparent"],
                    line.get("conf_low"),
                    line.get("conf_high"),
                ),
                *((number("estimate", line["corrected"]),) if corrects else ()),
            )
        )
        for line in frame[places].iter_rows(named=True)
    )
    columns = (
        Column("predicted", words("predicted")),
        Column("apparent", words("observed_apparent")),
        *((Column("corrected", words("observed_corrected")),) if corrects else ()),
    )
    return TableSpec("calibration", words("caption.calibration"), columns, rows)


def decision_rows(
    decision: DecisionCurve | None, thresholds: Sequence[float]
) -> list[tuple[float, dict[str, dict[str, Any]]]]:
    """Rows of the curve at each threshold of the protocol, in increasing order, by model."""
    grid = [] if decision is None else decision.frame["threshold"].unique().sort().to_list()
    if decision is None or not grid:
        return []
    found = []
    for wanted in sorted(thresholds):
        nearest = min(abs(value - wanted) for value in grid)
        if nearest > _SAME_THRESHOLD:
            continue
        at = (pl.col("threshold") - wanted).abs() == nearest
        lines = decision.frame.filter(at).iter_rows(named=True)
        found.append((float(wanted), {str(line["model"]): line for line in lines}))
    return found


def decision_table(
    decision: DecisionCurve | None, thresholds: Sequence[float], words: Words
) -> TableSpec | None:
    """Net benefit of the model, apparent and corrected, against treating all or none."""
    found = decision_rows(decision, thresholds)
    if not found:
        return None
    corrects = words.method != _NO_CURVE
    rows = []
    for threshold, lines in found:
        model, corrected = lines.get("model", {}), lines.get("model_corrected", {})
        shown = corrected if corrects else model
        rows.append(
            Row(
                (
                    number("risk", threshold, decimals=1),
                    benefit_cell(model),
                    *((benefit_cell(corrected),) if corrects else ()),
                    benefit_cell(lines.get("all", {})),
                    number("estimate", lines.get("none", {}).get("net_benefit")),
                    number("estimate", shown.get("interventions_avoided"), decimals=1),
                )
            )
        )
    columns = (
        Column("threshold", words("threshold")),
        Column("model", words("apparent")),
        *((Column("corrected", words("corrected")),) if corrects else ()),
        Column("all", words("treat_all")),
        Column("none", words("treat_none")),
        Column("avoided", words("avoided")),
    )
    spanners = (Spanner(words("model"), 1, 3 if corrects else 2),)
    notes = (words("note.decision"),)
    return TableSpec("decision", words("caption.decision"), columns, tuple(rows), spanners, notes)


def benefit_cell(line: Mapping[str, Any]) -> Cell:
    """Net benefit with its interval."""
    return number(
        "estimate_interval", line.get("net_benefit"), line.get("conf_low"), line.get("conf_high")
    )


def selection_table(
    validation: Validation, labels: Mapping[str, str], words: Words
) -> TableSpec | None:
    """How often each candidate was selected, most often first; None without selection."""
    if validation.selected.height == 0:
        return None
    ordered = validation.selected.sort("frequency", descending=True, maintain_order=True)
    rows = tuple(
        Row(
            (
                text(labels.get(line["predictor"], line["predictor"])),
                number("risk", line["frequency"], decimals=1),
            )
        )
        for line in ordered.iter_rows(named=True)
    )
    columns = (
        Column("predictor", words("predictor"), "start"),
        Column("frequency", words("frequency")),
    )
    return TableSpec("selection", words("caption.selection"), columns, rows)
