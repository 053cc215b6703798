"""Tables about performance: classification, validation, calibration, net benefit, selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from vertebrisk.report.tables.table import Cell, Column, Row, Spanner, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    ThresholdTable,
    Validation,
)

_SAME_THRESHOLD = 1e-6
_CURVE_ROWS = 9


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
    notes = (words("note.thresholds"),)
    return TableSpec("thresholds", words("caption.thresholds"), columns, rows, (), notes)


def _with_limits(line: Mapping[str, Any], name: str) -> Cell:
    return number(
        "estimate_interval", line[name], line[f"{name}_low"], line[f"{name}_high"], decimals=2
    )


def performance_table(whole: Validation, fixed: Validation | None, words: Words) -> TableSpec:
    """Apparent, training, test, optimism, corrected with interval and Monte Carlo error.

    The whole procedure and the fixed model stand side by side where both were run.
    """
    repeated = ("apparent", "training", "test", "optimism")
    labels = ("apparent", "training", "testing", "optimism")
    columns = [
        Column("measure", words("measure"), "start"),
        *(Column(key, words(label)) for key, label in zip(repeated, labels, strict=True)),
        Column("corrected", words("corrected")),
        Column("mc_error", words("mc_error")),
    ]
    heading = words("whole_procedure" if "whole" in whole.procedure else "fixed_model")
    spanners = [Spanner(heading, 2, 7)]
    other: dict[str, dict[str, Any]] = {}
    if fixed is not None:
        other = {line["measure"]: line for line in fixed.table.iter_rows(named=True)}
        columns += [
            Column("fixed_optimism", words("optimism")),
            Column("fixed_corrected", words("corrected")),
            Column("fixed_mc_error", words("mc_error")),
        ]
        spanners.append(Spanner(words("fixed_model"), 7, 10))
    rows = []
    for line in whole.table.iter_rows(named=True):
        cells = [text(measure_name(line["measure"], words))]
        cells += [number("estimate", line[name]) for name in repeated]
        cells += _corrected_cells(line)
        if fixed is not None:
            beside = other.get(line["measure"], {})
            cells.append(number("estimate", beside.get("optimism")))
            cells += _corrected_cells(beside)
        rows.append(Row(tuple(cells)))
    return TableSpec(
        "performance",
        words("caption.performance"),
        tuple(columns),
        tuple(rows),
        tuple(spanners),
        _performance_notes(whole, fixed, words),
    )


def _corrected_cells(line: Mapping[str, Any]) -> list[Cell]:
    return [
        number(
            "estimate_interval",
            line.get("corrected"),
            line.get("conf_low"),
            line.get("conf_high"),
        ),
        number("estimate", line.get("mc_error"), decimals=4),
    ]


def _performance_notes(
    whole: Validation, fixed: Validation | None, words: Words
) -> tuple[str, ...]:
    notes = [words("note.performance"), words("note.range")]
    if "ici" in whole.table["measure"]:
        notes.append(words("note.smoother", smoother=whole.smoother))
    for validation in (whole, fixed):
        if validation is None:
            continue
        fewer: dict[int, list[str]] = {}
        for line in validation.table.iter_rows(named=True):
            used = line["n_resamples"]
            if used is not None and 0 < used < validation.resamples:
                fewer.setdefault(int(used), []).append(measure_name(line["measure"], words))
        heading = words("whole_procedure" if "whole" in validation.procedure else "fixed_model")
        notes += [
            words("note.finite", measure=words.listed(names), procedure=heading, n=used)
            for used, names in fewer.items()
        ]
    return tuple(notes)


def calibration_table(curve: CalibrationCurve, words: Words) -> TableSpec | None:
    """The calibration curve at a few predicted risks, evenly spaced along it."""
    frame = curve.frame
    if frame.height == 0:
        return None
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
                number("estimate", line["corrected"]),
            )
        )
        for line in frame[places].iter_rows(named=True)
    )
    columns = (
        Column("predicted", words("predicted")),
        Column("apparent", words("observed_apparent")),
        Column("corrected", words("observed_corrected")),
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
    rows = []
    for threshold, lines in found:
        model, corrected = lines.get("model", {}), lines.get("model_corrected", {})
        rows.append(
            Row(
                (
                    number("risk", threshold, decimals=1),
                    benefit_cell(model),
                    benefit_cell(corrected),
                    benefit_cell(lines.get("all", {})),
                    number("estimate", lines.get("none", {}).get("net_benefit")),
                    number("estimate", corrected.get("interventions_avoided"), decimals=1),
                )
            )
        )
    columns = (
        Column("threshold", words("threshold")),
        Column("model", words("apparent")),
        Column("corrected", words("corrected")),
        Column("all", words("treat_all")),
        Column("none", words("treat_none")),
        Column("avoided", words("avoided")),
    )
    spanners = (Spanner(words("model"), 1, 3),)
    notes = (words("note.decision"),)
    return TableSpec("decision", words("caption.decision"), columns, tuple(rows), spanners, notes)


def benefit_cell(line: Mapping[str, Any]) -> Cell:
    """Net benefit with its interval."""
    return number(
        "estimate_interval", line.get("net_benefit"), line.get("conf_low"), line.get("conf_high")
    )


def selection_table(
    validation: Validation, labels: dict[str, str], words: Words
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
