"""A design learnt from a scan: levels, marks, limits and knots of the patients that are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.design.build import (
    VariableInfo,
    categorical_predictor,
    check_finite,
    factor_of,
    summarised_predictor,
    with_marks,
)
from vertebrisk.design.design import Design, Predictor, level_text
from vertebrisk.design.factors import Factor, Term
from vertebrisk.design.scanned_knots import knots_of_scan
from vertebrisk.design.terms import WrittenFactor, WrittenTerm
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.engine import Chunk, Sums, added
from vertebrisk.engines.quantiles import quantiles
from vertebrisk.errors import DataError, ExpressionError
from vertebrisk.kernels.streamed.values import (
    FEW,
    ValueCounts,
    counted_together,
    counted_values,
)
from vertebrisk.models.streamed.patients import Complete, texts_of_codes

SHARES = (0.01, 0.5, 0.99)

Profile = IntArray | ValueCounts


def design_of_scan(
    scan: PatientScan,
    terms: Sequence[WrittenTerm],
    complete: Complete,
    info: Mapping[str, VariableInfo] | None = None,
) -> Design:
    """Design for the given terms, as `build_design` learns it from the complete rows.

    Two passes over the variables of the terms and two or three over those that are numbers.

    Raises
    ------
    DataError, ExpressionError, FitError
        As `build_design`; and for a fractional polynomial, which is not found over a scan.
    """
    known = info or {}
    _check_known(terms)
    factors = [factor for term in terms for factor in term.factors]
    written = {factor.variable: factor for factor in reversed(factors)}
    written |= {each.variable: each for each in factors if each.kind == "categorical"}
    names = tuple(dict.fromkeys(factor.variable for factor in factors))
    if scan.n_rows == 0:
        raise DataError("The table has no rows.")
    profiles = _profiles(scan, complete, names)
    numbers = [name for name in names if _is_number(scan.stored[name], written[name])]
    used = CompleteColumns(scan.columns, complete)
    if any(_size(profile) == 0 for profile in profiles.values()):
        raise DataError(_why_nobody(scan, names))
    for name in numbers:
        check_finite(name, _counts(profiles[name]).infinite)
    marks = quantiles(scan.engine, used, numbers, SHARES)[:, 0] if numbers else np.empty((0, 3))
    predictors: dict[str, Predictor] = {}
    for name in names:
        own = known.get(name, VariableInfo())
        if name in numbers:
            low, median, high = (float(each) for each in marks[numbers.index(name)])
            distinct = _some_values(_counts(profiles[name]))
            predictors[name] = summarised_predictor(own.of(name), distinct, (low, high), median)
        else:
            predictors[name] = _category(scan.stored[name], profiles[name], written[name], own)

    def factor(each: WrittenFactor) -> Factor:
        predictor = predictors[each.variable]
        if each.kind == "rcs" and not predictor.categorical:
            counts = _counts(profiles[each.variable])
            positions = knots_of_scan(scan.engine, used, each, counts)
            return Factor(each.variable, "rcs", knots=tuple(float(knot) for knot in positions))
        return factor_of(each, predictor, _witnesses(profiles[each.variable]))

    built = tuple(Term(tuple(factor(each) for each in term.factors)) for term in terms)
    return with_marks(Design(tuple(predictors.values()), built))


def _check_known(terms: Sequence[WrittenTerm]) -> None:
    for factor in (each for term in terms for each in term.factors):
        if factor.kind in ("fp", "powers"):
            raise ExpressionError(
                f"{factor.name} is not fitted over a scan, which is read piece by piece; enter "
                f"rcs({factor.variable}, 4), or a power such as {factor.variable}**2."
            )


def _is_number(stored: StoredColumn, written: WrittenFactor) -> bool:
    if written.kind == "categorical" or (stored.coded and written.kind == "plain"):
        return False
    if stored.coded:
        contents = "true and false" if not stored.labels else "labels"
        raise ExpressionError(
            f"'{written.name}' needs numbers, but '{written.variable}' holds {contents}."
        )
    return True


@dataclass(frozen=True, slots=True, eq=False)
class CompleteColumns:
    """Columns of numbers in which all of an incomplete row is missing."""

    columns: Columns
    complete: Complete

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.columns.size

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.columns.names

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns."""
        wanted = list(dict.fromkeys([*self.complete.names, *names]))
        values = self.columns.read(rows, wanted)
        used = self.complete.of_chunk(Chunk(rows.start, values))
        return {name: np.where(used, values[name], np.nan) for name in names}


def _profiles(scan: PatientScan, complete: Complete, names: Sequence[str]) -> dict[str, Profile]:
    """One pass: how often each code, or value of a number, occurs in complete rows."""
    coded = {name: len(texts_of_codes(scan.stored[name])) for name in names}
    numbers = {name for name in names if not scan.stored[name].coded}

    def work(chunk: Chunk) -> list[Profile]:
        used = complete.of_chunk(chunk)
        return [
            counted_values(chunk.values[name][used])
            if name in numbers
            else np.bincount(chunk.values[name][used], minlength=coded[name])
            for name in names
        ]

    read = list(dict.fromkeys([*complete.names, *names]))
    found = scan.engine.reduce(scan.columns, read, work, _together, "values")
    return dict(zip(names, found, strict=True))


def _together(one: list[Profile], other: list[Profile]) -> list[Profile]:
    return [
        counted_together(a, b)
        if isinstance(a, ValueCounts) and isinstance(b, ValueCounts)
        else np.asarray(a) + np.asarray(b)
        for a, b in zip(one, other, strict=True)
    ]


def _why_nobody(scan: PatientScan, names: Sequence[str]) -> str:
    """Which variables are empty, by a pass; or that no row has all."""
    coded = {name for name in names if scan.stored[name].coded}

    def work(chunk: Chunk) -> Sums:
        known = (
            chunk.values[name] >= 0 if name in coded else ~np.isnan(chunk.values[name])
            for name in names
        )
        return (np.array([each.sum() for each in known]),)

    (counts,) = scan.engine.reduce(scan.columns, names, work, added, "values")
    empty = [name for name, count in zip(names, counts, strict=True) if not count]
    if empty:
        return f"'{empty[0]}' has no value in any row; leave it out."
    return "No patient has the outcome and a value of every predictor."


def _size(profile: Profile) -> int:
    if isinstance(profile, ValueCounts):
        return profile.size + profile.infinite
    return int(profile.sum())


def _counts(profile: Profile) -> ValueCounts:
    assert isinstance(profile, ValueCounts)
    return profile


def _some_values(counts: ValueCounts) -> FloatArray:
    """All different values where they are few, else as many between the ends."""
    return counts.values if counts.few else np.linspace(counts.lowest, counts.greatest, FEW)


def _category(
    stored: StoredColumn, profile: Profile, written: WrittenFactor, info: VariableInfo
) -> Predictor:
    if not isinstance(profile, ValueCounts):
        texts = texts_of_codes(stored)
        counts = dict(zip(texts, profile.tolist(), strict=True))
        return categorical_predictor(stored.name, texts, counts, written, info)
    check_finite(stored.name, profile.infinite)
    if not profile.few:
        raise DataError(
            f"'{stored.name}' has more than {FEW} different values, too many for a category; "
            "group them, or enter the number as it is."
        )
    order = [level_text(float(value)) for value in profile.values]
    counts = dict(zip(order, profile.counts.tolist(), strict=True))
    return categorical_predictor(stored.name, order, counts, written, info)


def _witnesses(profile: Profile) -> FloatArray:
    """Values by which it is known where a logarithm, a root or a power has none."""
    if not isinstance(profile, ValueCounts):
        return np.empty(0)
    zero = [0.0] if profile.zeros else []
    return np.array([profile.lowest, *zero, profile.greatest])
