"""Scores of any table, wide or long, as a matrix of patients by visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.comparison.repeated.results import Visit
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.text.plurals import agreeing, counted, in_rows

MAX_VISITS = 50
MAX_GROUPS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Patients by visits, NaN where missing; `codes` are groups from 0, None without any."""

    matrix: FloatArray
    visits: tuple[Visit, ...]
    codes: IntArray | None = None
    groups: tuple[str, ...] = ()
    ungrouped: int = 0


def wide_scores(
    frame: pl.DataFrame, visits: Sequence[Visit], group: str | None, patient: str | None
) -> Scores:
    """One column a visit, one row a patient."""
    for name in (*(visit.name for visit in visits), *(each for each in (group, patient) if each)):
        _column(frame, name)
    if patient is not None:
        _each_once(frame[patient])
    matrix = np.column_stack([numbers_of(frame[visit.name]) for visit in visits])
    return _grouped(Scores(matrix, tuple(visits)), None if group is None else frame[group])


def long_scores(
    frame: pl.DataFrame,
    names: tuple[str, str, str],
    visits: Sequence[Visit] | None,
    group: str | None,
) -> Scores:
    """One row a patient and visit; `names` are the columns of score, visit and patient.

    A patient's group is the one that all his rows name.
    """
    score, visit, patient = names
    for name in (*names, *(each for each in (group,) if each)):
        _column(frame, name)
    for name in (visit, patient):
        empty = _positions(frame[name].is_null())
        if empty:
            raise DataError(
                f"Column '{name}' is empty in {counted(len(empty), 'row')} ({in_rows(empty)}); "
                "such a score belongs to no patient and visit. Fill it in."
            )
    order = list(visits) if visits is not None else _order(frame[visit])
    texts = _texts(frame[visit])
    known = [each.name for each in order]
    strange = texts.filter(~texts.is_in(known)).unique(maintain_order=True).to_list()
    if strange:
        raise DataError(
            f"Column '{visit}' holds {counted(len(strange), 'visit')} that visits does not list: "
            f"{listed(strange, 5)}. List it in its place, or take its rows out."
        )
    doubled = _positions(frame.select(patient, texts).is_duplicated())
    if doubled:
        raise DataError(
            f"Columns '{patient}' and '{visit}': {len(doubled)} rows share patient and visit with "
            f"another row ({in_rows(doubled)}). Keep one row for each patient at each visit."
        )
    people = frame[patient].unique(maintain_order=True)
    who = _codes(frame[patient], people)
    when = _codes(texts, pl.Series(known))
    matrix = np.full((len(people), len(order)), np.nan)
    matrix[who, when] = numbers_of(frame[score])
    own = None if group is None else _group_of_patients(frame, patient, group, people)
    return _grouped(Scores(matrix, tuple(order)), own)


def numbers_of(column: pl.Series) -> FloatArray:
    """Values of a column of scores, NaN where missing.

    Raises
    ------
    DataError
        When a cell holds a text that is no number, or an infinite value.
    """
    if isinstance(column.dtype, pl.Enum) or not (
        column.dtype.is_numeric() or column.dtype in (pl.String, pl.Null)
    ):
        raise DataError(f"Column '{column.name}' holds no numbers; a score is one.")
    values = column.cast(pl.Float64, strict=False)
    texts = _positions(values.is_null() & column.is_not_null())
    if texts:
        raise DataError(
            f"Column '{column.name}' has {counted(len(texts), 'cell')} of text "
            f"({in_rows(texts)}); a score is a number. Correct {agreeing(len(texts), 'it', 'them')}"
            ", or leave the cell empty where the score is missing."
        )
    endless = _positions(values.is_infinite())
    if endless:
        raise DataError(
            f"Column '{column.name}' has {counted(len(endless), 'infinite value')} "
            f"({in_rows(endless)}). Correct {agreeing(len(endless), 'it', 'them')}."
        )
    return np.asarray(values.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def check_limits(scores: Scores, limits: tuple[float, float]) -> None:
    """Every score must lie within the scale's limits."""
    low, high = limits
    for at, visit in enumerate(scores.visits):
        values = scores.matrix[:, at]
        outside = values[(values < low) | (values > high)]
        if outside.size:
            raise DataError(
                f"Visit '{visit.name}' has {counted(int(outside.size), 'score')} outside the "
                f"limits {low:g} to {high:g} of the scale (from {outside.min():g} to "
                f"{outside.max():g}). Compare the cells with the source, or give other limits."
            )


def as_visits(
    given: Sequence[object] | Mapping[str, str],
    labels: Mapping[str, str],
    times: Mapping[str, float] | Sequence[float] | None,
) -> tuple[Visit, ...]:
    """Visits in the order given, the first of them the baseline."""
    if isinstance(given, str):
        raise ArgumentError(f"visits is the text '{given}'; a list of two or more is needed.")
    names = [_text(each) for each in given]
    own = dict(zip(names, given.values(), strict=True)) if isinstance(given, Mapping) else {}
    _check_visits(names)
    when = _times(names, times)
    return tuple(
        Visit(name, own.get(name, labels.get(name, name)), when.get(name)) for name in names
    )


def _check_visits(names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ArgumentError(f"The visit '{repeated[0]}' is listed twice.")
    if not 2 <= len(names) <= MAX_VISITS:
        raise ArgumentError(
            f"{counted(len(names), 'visit')} {agreeing(len(names), 'is', 'are')} given; change "
            f"over follow-up needs at least two, and at most {MAX_VISITS} are compared."
        )


def _times(
    names: Sequence[str], times: Mapping[str, float] | Sequence[float] | None
) -> dict[str, float]:
    if times is None:
        return {}
    if isinstance(times, Mapping):
        strange = [str(name) for name in times if str(name) not in names]
        if strange:
            raise ArgumentError(
                f"times names '{strange[0]}', which is no visit.{nearest(strange[0], names)}"
            )
        found = {str(name): float(value) for name, value in times.items()}
    else:
        if len(times) != len(names):
            raise ArgumentError(
                f"times has {len(times)} values for {len(names)} visits; one each is needed."
            )
        found = dict(zip(names, (float(value) for value in times), strict=True))
    ordered = [found[name] for name in names if name in found]
    if any(after <= before for before, after in pairwise(ordered)):
        raise ArgumentError("times must grow from visit to visit, in the order of visits.")
    return found


def _order(column: pl.Series) -> list[Visit]:
    """The order that the column itself knows: of its numbers, or of its levels."""
    if column.dtype.is_numeric():
        values = column.unique().sort().to_list()
        visits = [Visit(_text(value), _text(value), float(value)) for value in values]
    elif isinstance(column.dtype, pl.Enum):
        present = set(column.cast(pl.String).unique().to_list())
        visits = [Visit(level, level) for level in column.dtype.categories if level in present]
    else:
        raise ArgumentError(
            f"Column '{column.name}' holds texts, whose order is not known. Give visits, the list "
            "of them from the first to the last."
        )
    _check_visits([visit.name for visit in visits])
    return visits


def _group_of_patients(
    frame: pl.DataFrame, patient: str, group: str, people: pl.Series
) -> pl.Series:
    own = frame.select(patient, group).drop_nulls().unique(maintain_order=True)
    torn = own[patient].is_duplicated()
    if torn.any():
        number = own.filter(torn)[patient].n_unique()
        raise DataError(
            f"Column '{group}' names more than one group for {counted(number, 'patient')}; a "
            "patient belongs to one. Correct the rows."
        )
    joined = people.to_frame().join(own, on=patient, how="left", maintain_order="left")
    return joined[group]


def _grouped(scores: Scores, column: pl.Series | None) -> Scores:
    if column is None:
        return scores
    if column.dtype.is_float() and (column.drop_nulls() % 1 != 0).any():
        raise ArgumentError(f"Column '{column.name}' holds numbers that are no groups.")
    values = column.unique().drop_nulls().sort()
    if isinstance(column.dtype, pl.Enum):
        present = set(values.cast(pl.String).to_list())
        values = pl.Series([each for each in column.dtype.categories if each in present])
    if not 2 <= len(values) <= MAX_GROUPS:
        raise ArgumentError(
            f"Column '{column.name}' holds {counted(len(values), 'group')}; two to {MAX_GROUPS} "
            "can be compared."
        )
    names = values.cast(pl.String)
    known = column.is_not_null().to_numpy()
    codes = _codes(column.drop_nulls().cast(pl.String), names)
    return Scores(
        scores.matrix[known], scores.visits, codes, tuple(names.to_list()), int((~known).sum())
    )


def _codes(values: pl.Series, known: pl.Series) -> IntArray:
    texts = [str(each) for each in known.to_list()]
    places = {text: at for at, text in enumerate(texts)}
    return np.array([places[str(each)] for each in values.to_list()], dtype=np.int64)


def _text(value: object) -> str:
    """Name of a visit: 3 and 3.0 are one."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if number else str(value)


def _texts(column: pl.Series) -> pl.Series:
    if not column.dtype.is_numeric():
        return column.cast(pl.String)
    return pl.Series(column.name, [_text(value) for value in column.to_list()])


def _each_once(identifiers: pl.Series) -> None:
    doubled = _positions(identifiers.is_duplicated() & identifiers.is_not_null())
    if doubled:
        raise DataError(
            f"Column '{identifiers.name}': {len(doubled)} rows share their patient with another "
            f"row ({in_rows(doubled)}); the wide form has a row a patient and a column a visit. "
            "Keep one row, or give score and visit for the long form."
        )


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        raise ArgumentError(f"There is no column '{name}'.{nearest(name, frame.columns)}")
    return frame[name]


def _positions(mask: pl.Series) -> tuple[int, ...]:
    return tuple(int(row) + 1 for row in mask.arg_true())
