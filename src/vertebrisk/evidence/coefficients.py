"""What a printed regression table says of a model: one number a term, or what is missing.

A table is read as it stands (`printed`), or with the readings that its file records beside
the print (`consistent`). Where print contradicts print and no reading resolves it, the
table is used only by whoever asks for it as printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk.errors import PaperError
from vertebrisk.evidence.published import CONSTANT, Coefficient, PaperModel, PublishedStudy

ReadingName = Literal["consistent", "printed"]
Key = tuple[str, str]
_CONSTANT_KEY: Key = (CONSTANT, "")


@dataclass(frozen=True, slots=True)
class ReadTerm:
    """One term: its levels with the reference first (empty for a number), a beta a column."""

    variable: str
    levels: tuple[str, ...]
    beta: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A regression table, read. `constant` is None where none is printed.

    `lacking` names the terms that the table gives no coefficient for; `doubts` the rows that
    contradict themselves without a reading that resolves it; `notes` say how rows were read,
    by term.
    """

    terms: tuple[ReadTerm, ...]
    constant: float | None
    lacking: tuple[str, ...]
    doubts: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]


def read_table_of(
    study: PublishedStudy, model: PaperModel, reading: ReadingName | None = None
) -> ReadTable:
    """Coefficients of a printed model on the scale of its linear predictor.

    B is taken where it is printed, the logarithm of the ratio where it is not.

    Parameters
    ----------
    study : PublishedStudy
        The paper, whose variables give levels and order.
    model : PaperModel
        One of its regression tables.
    reading : {"consistent", "printed"}, optional
        By default "consistent": rows are read as their recorded readings say. "printed"
        takes every row as it stands, contradictions and all.

    Raises
    ------
    PaperError
        If the recorded readings do not determine the terms.
    """
    rows = [row for row in model.coefficient if not _overall(row, model)]
    as_printed = reading == "printed"
    values = _values(study, rows, as_printed)
    terms, lacking = [], []
    for variable in dict.fromkeys(row.term for row in rows if row.term != CONSTANT):
        term, missing = _term(study, variable, rows, values)
        lacking += missing
        terms += [term] if term is not None else []
    return ReadTable(
        tuple(terms),
        values.get(_CONSTANT_KEY),
        tuple(lacking),
        () if as_printed else tuple(_doubts(rows)),
        tuple(_notes(rows, as_printed)),
    )


def _overall(row: Coefficient, model: PaperModel) -> bool:
    """True for the joint test of a factor, which stands above the rows of its levels."""
    return not row.level and any(
        other.term == row.term and other.level for other in model.coefficient
    )


def _name(row: Coefficient) -> str:
    return f"{row.term} = {row.level}" if row.level else row.term


def doubt(row: Coefficient) -> str:
    """Why a row of a regression table cannot be used as it stands, or nothing."""
    for field in ("estimate", "ratio"):
        if field in row.remarks:
            return row.remarks[field].text("en")
    if row.estimate is None or row.ratio is None:
        return ""
    low, high = sorted(math.exp(min(row.per * limit, 700.0)) for limit in row.estimate.interval)
    if high < row.ratio.interval[0] or low > row.ratio.interval[1]:
        return f"B {row.estimate} and the ratio {row.ratio} are not of one number."
    return ""


def _number(row: Coefficient) -> float | None:
    """B as printed, or the logarithm of the ratio for one unit of it."""
    if row.estimate is not None and not row.estimate.bound:
        return row.estimate.value
    if row.ratio is not None and not row.ratio.bound and row.ratio.value > 0:
        return math.log(row.ratio.value) / row.per
    return None


def _values(
    study: PublishedStudy, rows: list[Coefficient], as_printed: bool
) -> Mapping[Key, float]:
    """The number of every term and level, readings solved for the model's own terms."""
    equations: list[tuple[dict[Key, float], float]] = []
    for row in rows:
        if row.reading is not None and not as_printed:
            weights = {(term, level): weight for term, level, weight in row.reading.weights}
            equations.append((weights, row.reading.estimate.value))
            continue
        number = _number(row)
        if number is not None:
            equations.append(({(row.term, row.level): 1.0}, number))
    keys = list(dict.fromkeys(key for weights, _ in equations for key in weights))
    if not keys:
        return {}
    matrix = np.array([[weights.get(key, 0.0) for key in keys] for weights, _ in equations])
    target = np.array([number for _, number in equations])
    if matrix.shape[0] != len(keys) or np.linalg.matrix_rank(matrix) < len(keys):
        raise PaperError(
            f"The readings recorded for '{study.id}' do not give one number for each of its "
            f"{len(keys)} terms. Mend them, or ask for the table as printed: --reading printed."
        )
    return dict(zip(keys, np.linalg.solve(matrix, target).tolist(), strict=True))


def _term(
    study: PublishedStudy, variable: str, rows: list[Coefficient], values: Mapping[Key, float]
) -> tuple[ReadTerm | None, list[str]]:
    """One term; where it cannot be had, what is missing of it."""
    levels = study.variables[variable].levels
    if not levels:
        if (variable, "") in values:
            return ReadTerm(variable, (), (values[variable, ""],)), []
        return None, [variable]
    named = [row.level for row in rows if row.term == variable and row.level]
    if not named:
        return None, [f"{variable} with its level"]
    others = [level for level in levels if level not in named]
    if len(others) != 1:
        absent = others[1:] if levels[0] in others else others
        lacking = [f"{variable} = {level}" for level in absent]
        return None, lacking or [f"a reference level of {variable}"]
    order = (others[0], *(level for level in levels if level in named))
    lacking = [f"{variable} = {level}" for level in order[1:]
               if (variable, level) not in values]  # fmt: skip
    if lacking:
        return None, lacking
    return ReadTerm(variable, order, tuple(values[variable, level] for level in order[1:])), []


def _doubts(rows: list[Coefficient]) -> Iterator[str]:
    """Rows in doubt, those of one reason together."""
    reasons = {doubt(row): None for row in rows if row.reading is None}
    for reason in filter(None, reasons):
        names = [_name(row) for row in rows if row.reading is None and doubt(row) == reason]
        yield f"{', '.join(names)}: {reason.rstrip('.')}"


def _notes(rows: list[Coefficient], as_printed: bool) -> Iterator[tuple[str, str]]:
    for row in rows:
        if as_printed and (row.reading is not None or doubt(row)):
            yield row.term, f"{_name(row)} is taken as printed. {doubt(row)}".strip()
        elif row.reading is not None:
            told = f"{_name(row)} is {row.reading.label.text('en')}. {doubt(row)}"
            yield row.term, told.strip()
