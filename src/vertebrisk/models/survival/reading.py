"""Times, events and strata of a frame's rows, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.build import needed_columns
from vertebrisk.design.design import level_text
from vertebrisk.design.formulas import SurvivalFormula
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.times import SurvivalTimes, without_rounding
from vertebrisk.models.preparing import check_predictors
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted, in_rows


@dataclass(frozen=True, slots=True, eq=False)
class TimedRows:
    """Complete rows of a frame with their times.

    Attributes
    ----------
    frame : polars.DataFrame
        The rows that are used.
    times : SurvivalTimes
    strata_levels : tuple of str
        Name of each stratum, by code; empty without strata.
    n_dropped : mapping of reason to rows
    findings : tuple of Finding
    positions : int array
        Where the rows stand in the frame that was given, from 0.
    """

    frame: pl.DataFrame
    times: SurvivalTimes
    strata_levels: tuple[str, ...]
    n_dropped: dict[str, int]
    findings: tuple[Finding, ...]
    positions: IntArray


def outcome_name(parsed: SurvivalFormula) -> str:
    """What the event of a formula is called."""
    names = parsed.event.names
    return names[0] if len(names) == 1 else parsed.event.source


def read_rows(
    frame: pl.DataFrame,
    formula: SurvivalFormula,
    extra: Sequence[str],
    event: pl.Series | None = None,
) -> TimedRows:
    """Rows with time, event and all predictors; see `fit_cox`.

    `event` is a boolean series of all rows; the rule of the formula where it is not given.

    Raises
    ------
    DataError
        Times that are no numbers, negative or infinite, or that end before they begin.
    """
    event_names = formula.event.names
    needed_columns(frame, [*formula.times, *event_names, *formula.variables, *extra])
    check_predictors(frame, formula.variables)
    columns = [numbers_of_times(frame[name]) for name in formula.times]
    event = formula.event.rule(frame) if event is None else event
    timed = frame.select(
        pl.all_horizontal(pl.col(name).is_not_null() for name in formula.times).alias("known")
    )["known"]
    known = timed & event.is_not_null()
    needed = [pl.col(name).is_not_null() for name in dict.fromkeys([*formula.variables, *extra])]
    full = known
    if needed:
        full = known & frame.select(pl.all_horizontal(needed).alias("full"))["full"]
    counts = {
        "time missing": int((~timed).sum()),
        "outcome missing": int((timed & event.is_null()).sum()),
        "predictor missing": int((known & ~full).sum()),
    }
    if frame.height == 0:
        raise DataError("The data have no rows; one a patient is needed.")
    if not full.any():
        raise DataError(
            f"None of {counted(frame.height, 'row')} has a time, an outcome and every predictor; "
            + ", ".join(f"{reason}: {count}" for reason, count in counts.items() if count)
            + "."
        )
    keep = full.to_numpy()
    rows = np.flatnonzero(keep) + 1
    exits, entries = columns[-1][keep], columns[0][keep] if len(columns) == 2 else None
    _check_times(formula, exits, entries, rows)
    used = frame.filter(full)
    strata, levels = read_strata(used, formula.strata)
    times = SurvivalTimes(exits, event.filter(full).to_numpy().astype(np.bool_), entries, strata)
    times, moved = without_rounding(times)
    if times.entry is not None:
        _check_order(formula, times.exit, times.entry, rows)
    return TimedRows(
        frame=used,
        times=times,
        strata_levels=levels,
        n_dropped={reason: count for reason, count in counts.items() if count},
        findings=(*_at_zero(times, rows), *rounded(moved)),
        positions=np.flatnonzero(keep),
    )


def numbers_of_times(column: pl.Series) -> FloatArray:
    """The times of a column, NaN where missing; DataError where they are no numbers."""
    if len(column) and column.null_count() == len(column):
        raise DataError(f"The time '{column.name}' has no value in any row.")
    if not column.dtype.is_numeric():
        held = "true and false" if column.dtype == pl.Boolean else "labels"
        held = "dates" if column.dtype.is_temporal() else held
        raise DataError(
            f"The time '{column.name}' holds {held}, not numbers; give the days or months from "
            "the start of follow-up to the event or to the last contact."
        )
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _check_times(
    formula: SurvivalFormula, exits: FloatArray, entries: FloatArray | None, rows: IntArray
) -> None:
    for name, values in zip(reversed(formula.times), (exits, entries), strict=False):
        if values is None:
            continue
        endless = np.isinf(values)
        refuse_infinite_times(name, tuple(rows[endless]))
        negative = values < 0
        refuse_negative_times(name, int(negative.sum()), tuple(rows[negative]))
    if entries is not None:
        _check_order(formula, exits, entries, rows)


def refuse_infinite_times(name: str, rows: Sequence[int]) -> None:
    """Every time ends; `rows` are numbers of those that do not."""
    if rows:
        raise DataError(
            f"The time '{name}' is infinite in {in_rows(tuple(rows))}; give the time "
            "of the last contact."
        )


def refuse_negative_times(name: str, count: int, rows: Sequence[int]) -> None:
    """No time is below 0; `rows` are the first of so many that are."""
    if count:
        raise DataError(
            f"The time '{name}' is negative in {counted(count, 'row')} "
            f"({in_rows(tuple(rows))}); times run from 0, the start of follow-up. "
            "Compare the dates that they were made from."
        )


def _check_order(
    formula: SurvivalFormula, exits: FloatArray, entries: FloatArray, rows: IntArray
) -> None:
    wrong: BoolArray = entries >= exits
    if wrong.any():
        raise DataError(
            f"In {counted(int(wrong.sum()), 'row')} ({in_rows(tuple(rows[wrong]))}) the entry "
            f"'{formula.entry}' is not before the exit '{formula.time}': such a patient was never "
            "under observation. Correct the times, or leave the rows out."
        )


def read_strata(
    frame: pl.DataFrame, names: Sequence[str]
) -> tuple[IntArray | None, tuple[str, ...]]:
    """Stratum of each row, coded from 0, and the names of the strata."""
    if not names:
        return None, ()
    groups = frame.select(names).unique().sort(names)
    labels = tuple(stratum_label(row) for row in groups.iter_rows())
    position = {row: code for code, row in enumerate(groups.iter_rows())}
    codes = [position[row] for row in frame.select(names).iter_rows()]
    return np.array(codes, dtype=np.int64), labels


def stratum_label(row: Sequence[object]) -> str:
    """Name of a stratum: the values that make it."""
    return ", ".join(level_text(value) for value in row)


def read_case_weights(column: pl.Series) -> FloatArray:
    """Weights above 0 of the patients."""
    if not column.dtype.is_numeric():
        raise ArgumentError(f"The weights '{column.name}' are not numbers.")
    values = column.cast(pl.Float64).to_numpy()
    if not np.isfinite(values).all() or (values <= 0).any():
        raise ArgumentError(
            f"The weights '{column.name}' must be above 0 and finite; leave the rows out that are "
            "not to count."
        )
    return values


def _at_zero(times: SurvivalTimes, rows: IntArray) -> list[Finding]:
    zero = times.exit == 0
    count, events = int(zero.sum()), int((zero & times.event).sum())
    return at_zero(count, events, rows[zero])


def at_zero(count: int, events: int, rows: IntArray) -> list[Finding]:
    """So many patients have time 0, so many of them the event; the first stand in `rows`."""
    if not count:
        return []
    return [
        Finding(
            code="time-zero",
            severity="warning" if events else "note",
            message=say(
                "{patients} {have} time 0, {events} of them with the event.",
                patients=counted(count, "patient"),
                have=agreeing(count, "has", "have"),
                events=events,
            ),
            remedy=say(
                "Compare the times with the source; an event that happens at the beginning "
                "itself is a binary outcome, for fit_logistic."
            ),
            explanation=say(
                "A Cox model keeps time 0: an event there counts among all patients, and a "
                "patient censored there adds nothing."
            ),
            rows=tuple(int(row) for row in rows),
        )
    ]


def rounded(moved: int) -> list[Finding]:
    """So many times were taken as equal to another."""
    if not moved:
        return []
    return [
        Finding(
            code="times-made-equal",
            severity="note",
            message=say(
                "{times} {differs} from another by rounding alone and were taken as equal to it.",
                times=counted(moved, "time"),
                differs=agreeing(moved, "differs", "differ"),
            ),
            remedy=say("Nothing; or round the times in the file."),
        )
    ]
