"""Outcomes and scores of a scan, checked in one pass and named alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk
from vertebrisk.errors import ArgumentError, DataError


def scored_columns(scan: PatientScan, event: str, **numbers: str) -> Columns:
    """Columns `event`, of 0 and 1, and numbers under the names that they are given.

    Raises
    ------
    DataError
        Where the scan has no such column, or it holds texts or dates.
    ArgumentError
        For missing or infinite values, or an event other than 0 and 1.
    """
    wanted = {"event": event, **numbers}
    scan.check_names(list(wanted.values()))
    for own, name in wanted.items():
        check_numbers(scan.stored[name], "truths, or 0 and 1" if own == "event" else "numbers")
    made: dict[str, Made] = {"event": Made((event,), partial(_events, name=event))}
    for own, name in numbers.items():
        made[own] = Made((name,), partial(_floats, name=name))
    _check(scan, wanted)
    return DerivedColumns(scan.columns, made)


def events_of(scan: PatientScan, columns: Columns) -> int:
    """How many patients have the event; both outcomes must occur.

    Raises
    ------
    ArgumentError
        Where there is one outcome only.
    """
    found = int(scan.engine.reduce(columns, ("event",), _count, np.add, "check"))
    if found in (0, columns.size):
        raise ArgumentError(
            f"event has {found} events among {columns.size} patients; both outcomes must occur."
        )
    return found


def check_numbers(column: StoredColumn, wanted: str, *, truths: bool = True) -> None:
    """Refuse a column that holds neither numbers nor, where these will do, truths."""
    if column.dtype.is_numeric() or (truths and column.dtype == pl.Boolean):
        return
    raise DataError(
        f"Column '{column.name}' holds values of type {column.dtype}; {wanted} are needed."
    )


def known_numbers(values: Values) -> FloatArray:
    """Numbers, NaN where missing: a code below 0 is."""
    numbers = values.astype(np.float64, copy=False)
    return numbers if values.dtype.kind == "f" else np.where(values < 0, np.nan, numbers)


def _count(chunk: Chunk) -> IntArray:
    return np.asarray(chunk.values["event"].sum(dtype=np.int64))


def _events(read: Mapping[str, Values], name: str) -> Values:
    return np.asarray(read[name] == 1, dtype=np.uint8)


def _floats(read: Mapping[str, Values], name: str) -> Values:
    return np.asarray(read[name], dtype=np.float64)


def _check(scan: PatientScan, wanted: Mapping[str, str]) -> None:
    event, *numbers = wanted.values()
    work = partial(_unusable, event=event, numbers=tuple(numbers))
    names = list(dict.fromkeys(wanted.values()))
    missing, other, *bad = scan.engine.reduce(scan.columns, names, work, np.add, "check")
    if missing:
        raise ArgumentError(f"'{event}' has {missing} missing values; leave those patients out.")
    if other:
        raise ArgumentError(
            f"'{event}' holds values other than 0 and 1; say which means the event."
        )
    for name, count in zip(numbers, bad, strict=True):
        if count:
            raise ArgumentError(
                f"'{name}' has {count} missing or infinite values; leave those patients out."
            )


def _unusable(chunk: Chunk, event: str, numbers: tuple[str, ...]) -> IntArray:
    values = known_numbers(chunk.values[event])
    missing = np.isnan(values)
    other = ~missing & (values != 0) & (values != 1)
    bad = [~np.isfinite(known_numbers(chunk.values[name])) for name in numbers]
    return np.array([np.count_nonzero(each) for each in (missing, other, *bad)], dtype=np.int64)
