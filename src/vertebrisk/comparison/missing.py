"""What is missing, together with what, and in whom: before anything is imputed or left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, IntArray
from vertebrisk.comparison.survival import kaplan_meier
from vertebrisk.design.build import needed_columns
from vertebrisk.design.formulas import parse_survival_formula
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.fisher import fisher_p_value
from vertebrisk.kernels.grouptests import expected_counts, run_test
from vertebrisk.kernels.survival.logrank import rank_test
from vertebrisk.kernels.survival.times import SurvivalTimes

FEWEST_EXPECTED = 5.0
_ROUNDING = 1e-12
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
        A boolean or 0/1 column, or a rule such as ``vas_mean >= 4``: true is the event. Or
        ``Surv(time, event)``, ``Surv(entry, exit, event)`` of patients who are followed up.
    variables : sequence of str

    Returns
    -------
    polars.DataFrame
        variable, n_missing, share, then n_missing_event, share_event, n_missing_none,
        share_none (patients with and without the event), test ("pearson", or "fisher" where
        an expected count is below 5), p_value; null where nothing, or everything, is missing.
        Of patients who are followed up, "without the event" means not seen to have it, so a
        patient who left early counts there. Shares would then go with the length of follow-up,
        so the test is the log-rank test of patients with and without the value ("log-rank"), and
        two columns more have the median follow-up (reverse Kaplan-Meier, null where not
        reached) of both: follow_up_missing, follow_up_known.

    Raises
    ------
    DataError
        A column is missing, or all patients have the same outcome.
    ExpressionError
        `outcome` is no rule.
    """
    frame = _known(data, variables)
    names = list(dict.fromkeys(variables))
    if outcome.lstrip().startswith("Surv("):
        return _followed(frame, outcome, names)
    rule = Expression.parse(outcome)
    needed_columns(frame, rule.names)
    event = rule.rule(frame)
    used, known = frame.filter(event.is_not_null()), event.drop_nulls().to_numpy()
    if known.size == 0 or known.all() or not known.any():
        raise DataError(f"All patients have the same '{outcome}', so there are no two groups.")
    rows = []
    for name in names:
        gap = used[name].is_null().to_numpy()
        counts = _counted(gap, known)
        rows.append((name, *_shares(counts), *_tested(counts, gap, known)))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _followed(frame: pl.DataFrame, outcome: str, names: Sequence[str]) -> pl.DataFrame:
    """The same of patients who are followed up."""
    formula = parse_survival_formula(f"{outcome} ~ 1")
    needed_columns(frame, [*formula.times, *formula.event.names])
    event = formula.event.rule(frame)
    known = event.is_not_null()
    for name in formula.times:
        known &= frame[name].is_not_null()
    used, seen = frame.filter(known), event.filter(known).to_numpy()
    if seen.size == 0 or not seen.any():
        raise DataError(f"No patient has the event of '{outcome}', so there are no two groups.")
    columns = [used[name].cast(pl.Float64).to_numpy() for name in formula.times]
    times = SurvivalTimes(columns[-1], seen, columns[0] if len(columns) > 1 else None)
    rows = []
    for name in names:
        gap = used[name].is_null().to_numpy()
        lengths = [_follow_up(times.take(part)) for part in (gap, ~gap)]
        rows.append((name, *_shares(_counted(gap, seen)), *_ranked(gap, times), *lengths))
    schema = {**_SCHEMA, "follow_up_missing": pl.Float64, "follow_up_known": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _ranked(gap: BoolArray, times: SurvivalTimes) -> tuple[str | None, float | None]:
    """Log-rank test of patients without and with a value."""
    if gap.all() or not gap.any():
        return None, None
    test = rank_test(times, gap.astype(np.int64), 2)
    return "log-rank", float(chi2_upper(test.statistic, test.df)) if test.df else None


def _follow_up(times: SurvivalTimes) -> float | None:
    """Median follow-up: Kaplan-Meier with the end of follow-up for the event."""
    if times.size == 0 or times.event.all():
        return None
    curve = kaplan_meier(times.exit, ~times.event, entry=times.entry).frame
    reached = curve.filter(pl.col("survival") <= 0.5 + _ROUNDING)
    return None if reached.is_empty() else float(reached["time"][0])


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


def _counted(gap: BoolArray, event: BoolArray) -> IntArray:
    """Missing and known, with and without the event."""
    return np.array([[np.sum(gap & event), np.sum(gap & ~event)],
                     [np.sum(~gap & event), np.sum(~gap & ~event)]], dtype=np.int64)  # fmt: skip


def _shares(counts: IntArray) -> tuple[float | None, ...]:
    of_event, of_none = (int(each) for each in counts.sum(axis=0))
    with_event, without = int(counts[0, 0]), int(counts[0, 1])
    missing = with_event + without
    return (
        missing, missing / (of_event + of_none),
        with_event, with_event / of_event, without, without / of_none if of_none else None,
    )  # fmt: skip


def _tested(counts: IntArray, gap: BoolArray, event: BoolArray) -> tuple[str | None, float | None]:
    if gap.all() or not gap.any():
        return None, None
    if expected_counts(counts[None].astype(np.float64)).min() < FEWEST_EXPECTED:
        return "fisher", fisher_p_value(counts)
    found = run_test("pearson", gap.astype(np.int64), event.astype(np.int64))
    return "pearson", float(found.p_value[0])
