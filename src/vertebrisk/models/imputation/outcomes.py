"""What the imputation knows of the outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.design.build import needed_columns
from vertebrisk.design.formulas import (
    Formula,
    SurvivalFormula,
    parse_formula,
    parse_survival_formula,
)
from vertebrisk.design.nodes import Call
from vertebrisk.design.syntax import parse_two_sides
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.survival.reading import read_rows


@dataclass(frozen=True, slots=True, eq=False)
class KnownOutcome:
    """Rows with an outcome, and what of it enters every regression, shape (known rows, k)."""

    known: pl.Series
    columns: FloatArray


def read_formula(formula: str) -> Formula | SurvivalFormula:
    """A formula of either kind, by its left side."""
    if not isinstance(formula, str):
        raise ArgumentError("formula comes first and is a text, such as 'pain ~ ivc + cement'.")
    _, left, _ = parse_two_sides(formula)
    timed = isinstance(left, Call) and left.function == "Surv"
    return parse_survival_formula(formula) if timed else parse_formula(formula)


def known_outcome(formula: Formula | SurvivalFormula, frame: pl.DataFrame) -> KnownOutcome:
    """The event; of a time to event the event and the Nelson-Aalen hazard at its time."""
    if isinstance(formula, Formula):
        needed_columns(frame, formula.outcome.names)
        event = formula.outcome.rule(frame)
        known = event.is_not_null()
        return KnownOutcome(known, event.filter(known).to_numpy().astype(np.float64)[:, None])
    place = "row of the imputation"
    alone = replace(formula, terms=(), strata=())
    rows = read_rows(frame.with_row_index(place), alone, [])
    known = frame.with_row_index(place)[place].is_in(rows.frame[place].implode())
    columns = np.column_stack([rows.times.event.astype(np.float64), nelson_aalen(rows.times)])
    return KnownOutcome(known, columns)


def nelson_aalen(times: SurvivalTimes) -> FloatArray:
    """Cumulative hazard of all patients together at each patient's own time, shape (n,).

    With late entry, from the entry on.
    """
    moments = np.unique(times.exit[times.event])
    leaving = np.sort(times.exit)
    at_risk = times.size - np.searchsorted(leaving, moments, side="left")
    if times.entry is not None:
        at_risk = at_risk - (times.size - np.searchsorted(np.sort(times.entry), moments, "left"))
    events = np.bincount(np.searchsorted(moments, times.exit[times.event]), minlength=moments.size)
    hazard = np.concatenate([[0.0], np.cumsum(events / at_risk)])
    reached = hazard[np.searchsorted(moments, times.exit, side="right")]
    if times.entry is None:
        return np.asarray(reached)
    return np.asarray(reached - hazard[np.searchsorted(moments, times.entry, side="right")])
