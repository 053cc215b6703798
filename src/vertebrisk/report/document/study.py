"""`results.json`: every number of the report, under a published schema.

The document holds no patient: no row, identifier, date or vector of single values.
What would give one away (a group's smallest and largest value, the thresholds of an
ROC curve, which are patients' own risks, and the bootstrap's draws) is left out, and the
risks at which Youden's index and the calibration curve stand are rounded.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl

from vertebrisk._types import Json
from vertebrisk.comparison.results import ComparedVariable, Comparison, NumericSummary
from vertebrisk.findings import by_severity, count_by_severity
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.report.checklists.building import build_checklists
from vertebrisk.report.document.followup import agreement_document, followup_document
from vertebrisk.report.document.survival import (
    calibration_document,
    decision_document,
    survival_document,
)
from vertebrisk.report.results.study import ExamplePatient, StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.validation.results import Roc, ThresholdTable, Validation

if TYPE_CHECKING:
    from vertebrisk.validation.temporal import TemporalSplit

SCHEMA_VERSION = "1.0"
_ROUNDING = 1e-12


def results_document(result: StudyResult) -> Json:
    """Everything that the report prints or draws, as plain JSON values.

    Parameters
    ----------
    result : StudyResult
        All numbers of one run.

    Returns
    -------
    dict
        A document that `results_schema` describes. A number that does not exist or is
        not finite is null. Timings are not part of it, so that two runs with one seed
        give the same document.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "kind": "vertebrisk-results",
        "data_kind": result.facts.data_kind,
        "study": asdict(result.facts),
        "flow": result.flow.to_dict(),
        "comparison": _comparison(result.comparison),
        "univariable": [row.to_dict() for row in result.univariable],
        "multivariable": [row.to_dict() for row in result.multivariable],
        "equation": result.equation,
        "splines": [{"variable": name, "knots": list(knots)} for name, knots in result.splines],
        "model_summary": dict(result.model_summary),
        "vif": _rows(result.vif),
        "c_index": result.c_index.to_dict(),
        "roc": None if result.roc is None else _roc(result.roc),
        "thresholds": _thresholds(result.thresholds),
        "validation": _validation(result.validation),
        "validation_fixed": None
        if result.validation_fixed is None
        else _validation(result.validation_fixed),
        "selection_cost": None if result.selection_cost is None else _rows(result.selection_cost),
        "calibration": calibration_document(result.validation.calibration),
        "decision": None if result.decision is None else decision_document(result.decision),
        "nomogram": nomogram_document(result.nomogram),
        "total_points": _rows(result.total_points),
        "example": _example(result.example),
        "findings": [finding.to_dict() for finding in by_severity(result.findings)],
        "finding_counts": count_by_severity(result.findings),
        "survival": survival_document(result.survival),
        "followup": followup_document(result.followup),
        "agreement": agreement_document(result.agreement),
        "sampling": None if result.sampling is None else result.sampling.to_dict(),
        "stability": None if result.stability is None else result.stability.to_dict(),
        "penalised": None if result.penalised is None else result.penalised.to_dict(),
        "shrinkage": None if result.shrinkage is None else result.shrinkage.to_dict(),
        "imputed": None if result.imputed is None else result.imputed.to_dict(),
        "shapes": None if result.shapes is None else result.shapes.to_dict(),
        "matched": None if result.matched is None else result.matched.to_dict(),
        "split": split_document(result.split),
        "centres": None if result.centres is None else result.centres.to_dict(),
        "instability": None if result.instability is None else result.instability.to_dict(),
        "size": None if result.size is None else result.size.to_dict(),
        "replication": [line.to_dict() for line in result.replication],
        "checklists": [each.to_dict() for each in build_checklists(result, build_tables(result))],
    }
    return {name: finite(value) for name, value in document.items()}


def finite(value: Any) -> Any:
    """The same value with every NaN and infinity, however deep, as None.

    What is nothing but rounding error of a zero (below 1e-12) becomes 0.
    """
    if isinstance(value, dict):
        return {str(name): finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    number = float(value)
    if not math.isfinite(number):
        return None
    return number if abs(number) >= _ROUNDING else 0.0


def results_schema() -> Json:
    """The JSON Schema (draft 2020-12) of `results_document`, as it is shipped."""
    from importlib import resources

    path = resources.files("vertebrisk.report") / "schema" / "results.schema.json"
    schema: Json = json.loads(path.read_text(encoding="utf-8"))
    return schema


def split_document(found: TemporalSplit | None) -> Json | None:
    """A split by time without its curves, which stand at risks of the later patients."""
    if found is None:
        return None
    document = found.to_dict()
    return {name: document[name] for name in document if name not in ("calibration", "decision")}


def _rows(frame: pl.DataFrame) -> list[Json]:
    return list(frame.iter_rows(named=True))


def _roc(roc: Roc) -> Json:
    return {
        "auc": roc.auc.to_dict(),
        "std_error": roc.std_error,
        "curve": _rows(roc.curve.select("sensitivity", "specificity")),
    }


def _thresholds(thresholds: ThresholdTable | None) -> list[Json]:
    if thresholds is None:
        return []
    return _rows(thresholds.frame.with_columns(pl.col("threshold").round(3)))


def _comparison(comparison: Comparison) -> Json:
    return {
        "by": comparison.by,
        "groups": [asdict(group) for group in comparison.groups],
        "variables": [_variable(variable) for variable in comparison.variables],
    }


def _variable(variable: ComparedVariable) -> Json:
    return {
        "variable": variable.variable,
        "label": variable.label,
        "unit": variable.unit,
        "summary": variable.summary,
        "overall": None if variable.overall is None else _numeric(variable.overall),
        "cells": [_numeric(cell) for cell in variable.cells],
        "levels": [asdict(level) for level in variable.levels],
        "missing": list(variable.missing),
        "missing_total": sum(variable.missing),
        "test": variable.test.to_dict(),
        "smd": variable.smd,
    }


def _numeric(summary: NumericSummary) -> Json:
    names = ("n", "missing", "mean", "sd", "median", "q1", "q3")
    return {name: getattr(summary, name) for name in names}


def _validation(validation: Validation) -> Json:
    default = validation.method == "optimism-bootstrap"
    shifted = validation.interval == "location-shifted"
    return {
        "procedure": validation.procedure,
        **({} if default else {"method": validation.method}),
        **({"interval": validation.interval} if shifted else {}),
        "resamples": validation.resamples,
        "seed": validation.seed,
        "n_separated": validation.n_separated,
        "n_deficient": validation.n_deficient,
        "n_failed": validation.n_failed,
        "smoother": validation.smoother,
        "table": _rows(validation.table),
        "selected": _rows(validation.selected),
        "choices": None if validation.choices is None else validation.choices.to_dict(),
    }


def nomogram_document(nomogram: Nomogram) -> Json:
    """Axes and scales; `later` are the risks by the horizons after the first."""
    return {
        "axes": [axis.to_dict() for axis in nomogram.axes],
        "total": _rows(nomogram.total.select("total_points", "risk")),
        "risk_ticks": _rows(nomogram.risk_ticks.select("risk", "total_points")),
        "intercept": nomogram.intercept,
        "points_per_unit": nomogram.points_per_unit,
        "max_total": nomogram.max_total,
        "horizon": nomogram.scales[0].horizon,
        "later": _later_scales(nomogram),
        "median": _median_scale(nomogram),
    }


def _later_scales(nomogram: Nomogram) -> list[Json]:
    """The scales of risk after the first, each with its risk at every total of points."""
    return [
        {
            "horizon": scale.horizon,
            "risk": nomogram.total[f"risk_{scale.horizon:g}"].to_list(),
            "risk_ticks": _rows(ticks.select("risk", "total_points")),
        }
        for scale, ticks in zip(nomogram.scales[1:], nomogram.later_ticks, strict=True)
    ]


def _median_scale(nomogram: Nomogram) -> Json | None:
    """Median time at every total of points, None where it lies beyond the limit."""
    if nomogram.median is None or nomogram.median_ticks is None:
        return None
    return {
        "limit": nomogram.median.limit,
        "time": nomogram.total["median"].to_list(),
        "time_ticks": _rows(nomogram.median_ticks.select("time", "total_points")),
    }


def _example(example: ExamplePatient) -> Json:
    return {
        "values": [{"variable": name, "value": value} for name, value in example.values],
        "points": list(example.points),
        "total_points": example.total_points,
        "risk": example.risk,
        "conf_low": example.conf_low,
        "conf_high": example.conf_high,
    }
