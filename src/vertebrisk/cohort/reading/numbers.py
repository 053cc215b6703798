"""Numbers that are not measurements: infinite values and undeclared codes for missing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort.reading.cells import ABSURD, absurd_values, impossible
from vertebrisk.cohort.reading.notes import cell_finding
from vertebrisk.cohort.reading.table_file import Declared
from vertebrisk.findings import Finding

_CODES = (9.0, 99.0, 999.0, 9999.0, -9.0, -99.0, -999.0, -9999.0)
_UNKNOWN_LABELS = frozenset(
    {
        "missing", "unknown", "unk", "refused", "unavailable", "not known", "not recorded",
        "not available", "no data", "don't know", "na", "n/a",
        "缺失", "未知", "不详", "未测", "拒绝",
    }
)  # fmt: skip
_MIN_OTHERS = 3


def check_numbers(
    frame: pl.DataFrame, declared: Declared, file: str
) -> tuple[pl.DataFrame, list[Finding]]:
    """Null NaN, infinite and absurd values of typed columns, and point at likely missing codes."""
    findings: list[Finding] = []
    schema = frame.schema
    numeric = [name for name, dtype in schema.items() if dtype.is_numeric()]
    floats = [name for name in numeric if schema[name].is_float()]
    if floats:
        frame = frame.with_columns(pl.col(floats).fill_nan(None))
        absurd = [
            name
            for name, largest in zip(
                floats, frame.select(pl.col(floats).abs().max()).row(0), strict=True
            )
            if largest is not None and (math.isinf(largest) or largest > ABSURD)
        ]
        for name in absurd:
            where = absurd_values(frame[name])
            findings.append(impossible(frame[name], where, file))
            frame = frame.with_columns(frame[name].set(where, None))
    findings += _suspected_numbers(frame, numeric, file)
    findings += [
        finding
        for name, dtype in schema.items()
        if isinstance(dtype, pl.Enum) and name not in declared.levels
        if (finding := _suspected_label(frame[name], dtype.categories.to_list(), file))
    ]
    return frame, findings


def _suspected_numbers(frame: pl.DataFrame, names: Sequence[str], file: str) -> list[Finding]:
    if not names:
        return []
    column = pl.col(list(names)).cast(pl.Float64)
    present = frame.select(column.is_in(_CODES).any()).row(0)
    findings = []
    for name, has_code in zip(names, present, strict=True):
        if not has_code:
            continue
        values = frame[name].cast(pl.Float64)
        codes = [code for code in _CODES if _is_far(values, code)]
        if codes:
            findings.append(_suspected(frame[name], codes, file))
    return findings


def _is_far(values: pl.Series, code: float) -> bool:
    """True if `code` occurs and lies further from the other values than these spread."""
    if not (values == code).any():
        return False
    others = values.filter(~values.is_in(_CODES)).drop_nulls()
    if others.len() < _MIN_OTHERS:
        return False
    low, high = float(others.min()), float(others.max())  # type: ignore[arg-type]
    gap = max(code - high, low - code)
    return gap > high - low or (code < 0.0 <= low)


def _suspected(values: pl.Series, codes: Sequence[float], file: str) -> Finding:
    shown = listed([f"{code:g}" for code in codes])
    return cell_finding(
        "suspected-missing-code",
        "warning",
        "'{column}' has {n} with " + shown + ", far from its other values: a code for missing? "
        "Kept as numbers.",
        values,
        values.cast(pl.Float64).is_in(list(codes)),
        file,
        remedy="If it means missing, declare it in the protocol (missing = "
        + "["
        + listed([f'"{code:g}"' for code in codes])
        + "]); if it was measured, leave it.",
        explanation="A code such as 999 counted as a value distorts every mean and coefficient.",
    )


def _suspected_label(values: pl.Series, labels: Sequence[str], file: str) -> Finding | None:
    unknown = [label for label in labels if label.strip().lower() in _UNKNOWN_LABELS]
    where = values.cast(pl.String).is_in(unknown)
    if not unknown or not where.any():
        return None
    return cell_finding(
        "suspected-missing-code",
        "warning",
        "'{column}' has {n} with a label that seems to mean missing, kept as a level.",
        values,
        where,
        file,
        remedy="If it means missing, declare it in the protocol; otherwise leave it.",
    )
