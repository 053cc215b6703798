"""Outcomes and scores of a scan, checked in one pass and named alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._types import IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk
from vertebrisk.errors import ArgumentError


def scored_columns(scan: PatientScan, event: str, **numbers: str) -> Columns:
    """Columns `event`, of 0 and 1, and numbers under the names that they are given.

    Raises
    ------
    DataError
        Where the scan has no such column.
    ArgumentError
        For missing or infinite values, an event other than 0 and 1, or a column of texts.
    """
    wanted = {"event": event, **numbers}
    scan.check_names(list(wanted.values()))
    for name in wanted.values():
        kind = scan.stored[name].dtype
        if not (kind.is_numeric() or kind == pl.Boolean):
            raise ArgumentError(f"'{name}' holds values that are not numbers ({kind}).")
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


def _count(chunk: Chunk) -> IntArray:
    return np.asarray(chunk.values["event"].sum(dtype=np.int64))


def _events(read: Mapping[str, Values], name: str) -> Values:
    return np.asarray(read[name] == 1, dtype=np.uint8)


def _floats(read: Mapping[str, Values], name: str) -> Values:
    return np.asarray(read[name], dtype=np.float64)


def _check(scan: PatientScan, wanted: Mapping[str, str]) -> None:
    event, *numbers = wanted.values()
    coded = tuple(name for name in numbers if scan.stored[name].dtype == pl.Boolean)
    work = partial(_unusable, event=event, numbers=tuple(numbers), coded=coded)
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


def _unusable(
    chunk: Chunk, event: str, numbers: tuple[str, ...], coded: tuple[str, ...]
) -> IntArray:
    values = chunk.values[event]
    missing = np.isnan(values) if values.dtype.kind == "f" else values < 0
    other = ~missing & (values != 0) & (values != 1)
    bad = [
        chunk.values[name] < 0 if name in coded else ~np.isfinite(chunk.values[name])
        for name in numbers
    ]
    return np.array([np.count_nonzero(each) for each in (missing, other, *bad)], dtype=np.int64)
