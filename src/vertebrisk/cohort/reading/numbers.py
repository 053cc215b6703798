"""Numbers that are not measurements: infinite values and undeclared codes for missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort.reading.cells import ABSURD, absurd_values, impossible
from vertebrisk.cohort.reading.notes import cell_finding
from vertebrisk.cohort.reading.table_file import Declared
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording

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
    frame, findings = finite_numbers(frame, file)
    findings += _suspected_numbers(frame, file)
    return frame, [*findings, *suspected_labels(frame, declared, file)]


def finite_numbers(frame: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[Finding]]:
    """Null NaN, infinite and absurd values of the columns of floats."""
    findings: list[Finding] = []
    floats = [name for name, dtype in frame.schema.items() if dtype.is_float()]
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
    return frame, findings


@dataclass(frozen=True, slots=True)
class CodesAndOthers:
    """Which of the usual codes for missing occur among some numbers, and how the others lie."""

    codes: frozenset[float]
    n: int
    low: float
    high: float

    @classmethod
    def of(cls, values: pl.Series) -> CodesAndOthers:
        """Those of a numeric column."""
        numbers = values.cast(pl.Float64)
        is_code = numbers.is_in(_CODES)
        others = numbers.filter(~is_code).drop_nulls().to_numpy()
        found = frozenset(numbers.filter(is_code.fill_null(value=False)).unique().to_list())
        if others.size == 0:
            return cls(found, 0, math.inf, -math.inf)
        return cls(found, others.size, float(others.min()), float(others.max()))

    def __add__(self, other: CodesAndOthers) -> CodesAndOthers:
        return CodesAndOthers(
            self.codes | other.codes,
            self.n + other.n,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def suspected(self) -> list[float]:
        """Codes that lie further from the other values than these spread."""
        if self.n < _MIN_OTHERS:
            return []
        return [code for code in _CODES if code in self.codes and self._is_far(code)]

    def _is_far(self, code: float) -> bool:
        gap = max(code - self.high, self.low - code)
        return gap > self.high - self.low or (code < 0.0 <= self.low)


def _suspected_numbers(frame: pl.DataFrame, file: str) -> list[Finding]:
    names = [name for name, dtype in frame.schema.items() if dtype.is_numeric()]
    if not names:
        return []
    column = pl.col(names).cast(pl.Float64)
    present = frame.select(column.is_in(_CODES).any()).row(0)
    findings = []
    for name, has_code in zip(names, present, strict=True):
        codes = CodesAndOthers.of(frame[name]).suspected() if has_code else []
        if codes:
            findings.append(suspected_codes(frame[name], codes, file))
    return findings


def suspected_labels(frame: pl.DataFrame, declared: Declared, file: str) -> list[Finding]:
    """Findings on levels that seem to mean missing."""
    return [
        finding
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Enum) and name not in declared.levels
        if (finding := _suspected_label(frame[name], dtype.categories.to_list(), file))
    ]


def suspected_codes(values: pl.Series, codes: Sequence[float], file: str) -> Finding:
    """Finding on the cells of a column that hold codes which may mean missing."""
    shown = listed([f"{code:g}" for code in codes])
    return cell_finding(
        "suspected-missing-code",
        "warning",
        Wording(
            "'{column}' has {n} with {codes}, far from its other values: a code for missing? "
            "Kept as numbers.",
            values=(("codes", shown),),
        ),
        values,
        values.cast(pl.Float64).is_in(list(codes)),
        file,
        remedy=say(
            "If it means missing, declare it in the protocol (missing = [{codes}]); if it was "
            "measured, leave it.",
            codes=", ".join(f'"{code:g}"' for code in codes),
        ),
        explanation=say(
            "A code such as 999 counted as a value distorts every mean and coefficient."
        ),
    )


def _suspected_label(values: pl.Series, labels: Sequence[str], file: str) -> Finding | None:
    unknown = [label for label in labels if label.strip().lower() in _UNKNOWN_LABELS]
    where = values.cast(pl.String).is_in(unknown)
    if not unknown or not where.any():
        return None
    return cell_finding(
        "suspected-missing-code",
        "warning",
        Wording("'{column}' has {n} with a label that seems to mean missing, kept as a level."),
        values,
        where,
        file,
        remedy=say("If it means missing, declare it in the protocol; otherwise leave it."),
    )
