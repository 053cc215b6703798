"""What is missing, together with what, and in whom: before anything is imputed or left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, IntArray
from vertebrisk.design.build import needed_columns
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError
from vertebrisk.kernels.fisher import fisher_p_value
from vertebrisk.kernels.grouptests import expected_counts, run_test

FEWEST_EXPECTED = 5.0
_COUNTS = ("n", "n_missing")


def missing_patterns(data: object, variables: Sequence[str]) -> pl.DataFrame:
    """Which values are missing together?

    Parameters
    ----------
    data : frame
        polars, pandas or pyarrow, one row a patient.
    variables : sequence of str

    Returns
    -------
    polars.DataFrame
        A row for each pattern that occurs, the most frequent first: n (patients), n_missing
        (variables), then a boolean column for each variable, true where it is missing. As
        ``mice::md.pattern``. Patterns of fewer than 5 patients are those patients' own: leave
        them out of what is shared.

    Raises
    ------
    DataError
        A column is missing, or none is named.
    """
    frame = _known(data, variables)
    names = list(dict.fromkeys(variables))
    if clash := set(names) & set(_COUNTS):
        raise DataError(f"A variable is called {listed(sorted(clash))}, as a column of the table.")
    gaps = frame.select(pl.col(name).is_null() for name in names)
    counted = gaps.group_by(names).agg(pl.len().cast(pl.Int64).alias("n"))
    return (
        counted.with_columns(pl.sum_horizontal(names).cast(pl.Int64).alias("n_missing"))
        .select(*_COUNTS, *names)
        .sort(["n", "n_missing", *names], descending=[True, False, *(True for _ in names)])
    )


def missingness(data: object, outcome: str, variables: Sequence[str]) -> pl.DataFrame:
    """Are values missing more often in patients with the event?

    If they are, patients with complete data are a selection by the outcome, and estimates
    from them alone can be biased.

    Parameters
    ----------
    data : frame
        polars, pandas or pyarrow, one row a patient; rows with an unknown outcome are left
        out.
    outcome : str
        A boolean or 0/1 column, or a rule such as ``vas_mean >= 4``: true is the event.
    variables : sequence of str

    Returns
    -------
    polars.DataFrame
        variable, n_missing, share, then n_missing_event, share_event, n_missing_none,
        share_none (patients with and without the event), test ("pearson", or "fisher" where
        an expected count is below 5), p_value; null where nothing, or everything, is missing.

    Raises
    ------
    DataError
        A column is missing, or all patients have the same outcome.
    ExpressionError
        `outcome` is no rule.
    """
    frame = _known(data, variables)
    rule = Expression.parse(outcome)
    needed_columns(frame, rule.names)
    event = rule.rule(frame)
    used, known = frame.filter(event.is_not_null()), event.drop_nulls().to_numpy()
    if known.size == 0 or known.all() or not known.any():
        raise DataError(f"All patients have the same '{outcome}', so there are no two groups.")
    rows = [_row(used[name], known) for name in dict.fromkeys(variables)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_SCHEMA = {
    "variable": pl.String,
    "n_missing": pl.Int64,
    "share": pl.Float64,
    "n_missing_event": pl.Int64,
    "share_event": pl.Float64,
    "n_missing_none": pl.Int64,
    "share_none": pl.Float64,
    "test": pl.String,
    "p_value": pl.Float64,
}


def _known(data: object, variables: Sequence[str]) -> pl.DataFrame:
    frame = as_polars(data)
    if not variables:
        raise DataError(f"No variable is named; the columns are {listed(frame.columns)}.")
    needed_columns(frame, variables)
    return frame


def _row(column: pl.Series, event: BoolArray) -> tuple[object, ...]:
    gap = column.is_null().to_numpy()
    counts = np.array([[np.sum(gap & event), np.sum(gap & ~event)],
                       [np.sum(~gap & event), np.sum(~gap & ~event)]], dtype=np.int64)  # fmt: skip
    of_event, of_none = counts.sum(axis=0)
    test, p_value = _tested(counts, gap, event)
    return (
        column.name, int(gap.sum()), float(gap.mean()),
        int(counts[0, 0]), float(counts[0, 0] / of_event),
        int(counts[0, 1]), float(counts[0, 1] / of_none), test, p_value,
    )  # fmt: skip


def _tested(counts: IntArray, gap: BoolArray, event: BoolArray) -> tuple[str | None, float | None]:
    if gap.all() or not gap.any():
        return None, None
    if expected_counts(counts[None].astype(np.float64)).min() < FEWEST_EXPECTED:
        return "fisher", fisher_p_value(counts)
    found = run_test("pearson", gap.astype(np.int64), event.astype(np.int64))
    return "pearson", float(found.p_value[0])
