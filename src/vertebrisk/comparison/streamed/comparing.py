"""The comparison of groups of patients that are read in pieces, to the numbers of memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, TestName
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.comparison.results import ComparedVariable, Comparison, Group
from vertebrisk.comparison.specs import (
    VariableSpec,
    check_comparable,
    check_own_test,
    compared_levels,
    no_numbers,
    stated_as_counts,
)
from vertebrisk.comparison.streamed.grouping import Grouping, codes_text, column_of, grouping_of
from vertebrisk.comparison.streamed.levels import Levels, levels_of
from vertebrisk.comparison.streamed.material import Asked, Found, material_of
from vertebrisk.comparison.streamed.numbers import Quartiles, compared_numbers, quartiles_of
from vertebrisk.engines.columns import Values
from vertebrisk.engines.derived import DerivedColumns, Made


def compare_scan(
    scan: PatientScan,
    by: str,
    variables: Sequence[VariableSpec],
    tests: Sequence[TestName],
    group_labels: Mapping[str, str],
) -> Comparison:
    """`compare_groups` of patients that are read in pieces.

    Passes over the data: one finds the groups, one tells moments and counts of all variables,
    and two to four the quartiles of all numeric ones; ranks are found by a sort on disk, of one
    column after the other.
    """
    plans = [_planned(scan, spec) for spec in variables]
    grouping = _with_numbers(grouping_of(scan, by), plans)
    found = material_of(scan.engine, grouping, [each for plan in plans for each in plan.asked])
    sizes = np.array(grouping.sizes, dtype=np.int64)
    levels = [
        levels_of(scan, plan.spec, plan.column, found[plan.asked[0]], sizes) for plan in plans
    ]
    for plan, own in zip(plans, levels, strict=True):
        check_own_test(plan.spec, own is not None, sizes.size)
        _check_numbers(plan, found)
    numeric = [plan.asked[0].column for plan, own in zip(plans, levels, strict=True) if own is None]
    table = _Table(scan, grouping, found, quartiles_of(scan.engine, grouping, numeric), tests)
    return Comparison(
        by=by,
        groups=tuple(
            Group(level, group_labels.get(level, level), size)
            for level, size in zip(grouping.levels, grouping.sizes, strict=True)
        ),
        variables=tuple(map(table.variable, plans, levels)),
        ungrouped=grouping.ungrouped,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """A variable, its column, and what one pass is asked of it, the main thing first.

    `numbers` are those that labels say, where labels are summarised as numbers: NaN where a
    label is no number.
    """

    spec: VariableSpec
    column: StoredColumn
    asked: tuple[Asked, ...]
    numbers: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """What the passes found, of all variables."""

    scan: PatientScan
    grouping: Grouping
    found: Found
    quartiles: Mapping[str, Quartiles]
    tests: Sequence[TestName]

    def variable(self, plan: _Plan, levels: Levels | None) -> ComparedVariable:
        """One row of the table."""
        spec = plan.spec
        wanted = (*((spec.test,) if spec.test else ()), *self.tests)
        if levels is not None:
            return compared_levels(spec, levels.names, levels.table, levels.missing, wanted)
        asked = plan.asked[0]
        moments = self.found[asked].moments
        assert moments is not None  # asked for wherever there may be numbers
        quartiles = self.quartiles[asked.column]
        engine = self.scan.engine
        return compared_numbers(
            engine, self.grouping, spec, asked.column, moments, quartiles, wanted
        )


def _planned(scan: PatientScan, spec: VariableSpec) -> _Plan:
    column = column_of(scan, spec.name)
    check_comparable(spec.name, column.dtype)
    counted = stated_as_counts(column.dtype, spec)
    if column.coded:
        labels = Asked(spec.name, levels=len(codes_text(column)))
        if counted:
            return _Plan(spec, column, (labels,))
        name = f"{spec.name} as numbers"
        while name in scan.stored:
            name += "'"
        return _Plan(spec, column, (Asked(name, moments=True), labels), _label_numbers(column))
    return _Plan(spec, column, (Asked(spec.name, distinct=bool(counted), moments=not counted),))


def _label_numbers(column: StoredColumn) -> FloatArray:
    if column.dtype == pl.Boolean:
        return np.array([0.0, 1.0])
    numbers = pl.Series(column.labels, dtype=pl.String).cast(pl.Float64, strict=False)
    return numbers.fill_null(float("nan")).to_numpy()


def _with_numbers(grouping: Grouping, plans: Sequence[_Plan]) -> Grouping:
    """The columns with those of labels that are read as numbers."""
    made = {
        plan.asked[0].column: Made(
            (plan.spec.name,),
            partial(_numbers, name=plan.spec.name, numbers=np.append(plan.numbers, np.nan)),
        )
        for plan in plans
        if plan.numbers is not None
    }
    columns = grouping.columns
    return replace(grouping, columns=DerivedColumns(columns.columns, {**columns.made, **made}))


def _numbers(read: Mapping[str, Values], name: str, numbers: FloatArray) -> Values:
    return numbers[read[name]]


def _check_numbers(plan: _Plan, found: Found) -> None:
    """Refuse labels that occur and are no numbers, where numbers are to be summarised."""
    if plan.numbers is None:
        return
    counts = found[plan.asked[1]].counts
    assert counts is not None  # asked for with the numbers
    if counts[:-1][np.isnan(plan.numbers)].any():
        raise no_numbers(plan.spec.name)
