"""Checks on the eligible patients: duplicates, gaps, levels that never occur, constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, IntArray
from vertebrisk.errors import DataError, ProtocolError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted, in_rows

MIN_IN_CLASS = 3
WIDEST, NARROWEST = 1e5, 1e-5  # standard deviations beyond which a ratio for one unit says nothing


def duplicate_rows(table: pl.DataFrame, file: str) -> tuple[Finding, ...]:
    """Rows of the file that repeat an earlier one in every column."""
    if table.width == 0:
        return ()
    repeated = ~table.to_struct().is_first_distinct()
    rows = tuple(int(row) + 1 for row in repeated.arg_true())
    if not rows:
        return ()
    return (
        Finding(
            "duplicate-rows",
            "warning",
            say(
                "{rows} {repeats} an earlier row in every column ({where}).",
                rows=counted(len(rows), "row"),
                repeats=agreeing(len(rows), "repeats", "repeat"),
                where=in_rows(rows),
            ),
            say("Look whether patients were entered twice; take the repetitions out."),
            file=file,
            rows=rows,
        ),
    )


def repeated_patients(
    identifiers: pl.Series, rows: IntArray, unit: str, file: str
) -> tuple[Finding, ...]:
    """Identifiers that are missing, or that occur twice where each row is a patient.

    Raises
    ------
    DataError
        An identifier is missing where vertebrae must be grouped by patient.
    """
    name = identifiers.name
    missing = tuple(int(row) for row in rows[identifiers.is_null().to_numpy()])
    findings: list[Finding] = []
    if missing and unit == "vertebra":
        raise DataError(
            f"Column '{name}' in '{file}' is empty in {counted(len(missing), 'row')} "
            f"({listed(missing)}), so these vertebrae belong to no patient. Fill it in; "
            "merged cells of a spreadsheet keep the first value only."
        )
    if missing:
        findings.append(
            Finding(
                "patient-missing",
                "warning",
                say(
                    "Column '{name}' is empty in {rows} ({missing}); whether these patients "
                    "occur twice cannot be told.",
                    name=name,
                    rows=counted(len(missing), "row"),
                    missing=listed(missing),
                ),
                say("Fill it in; merged cells of a spreadsheet keep the first value only."),
                file=file,
                column=name,
                rows=missing,
            )
        )
    doubled = (identifiers.is_duplicated() & identifiers.is_not_null()).to_numpy()
    if unit == "patient" and doubled.any():
        positions = tuple(int(row) for row in rows[doubled])
        texts = identifiers.filter(pl.Series(doubled)).cast(pl.String).to_list()
        findings.append(
            Finding(
                "duplicate-patients",
                "error",
                say(
                    "Column '{name}': {n} rows share their patient with another row (rows "
                    "{positions}), though each row should be one patient.",
                    name=name,
                    n=len(positions),
                    positions=listed(positions),
                ),
                say('Keep one row a patient, or set unit = "vertebra" in [study].'),
                say(
                    "Rows of one patient are not independent, so standard errors come out too "
                    "small."
                ),
                file=file,
                column=name,
                rows=positions,
                cells=tuple(texts),
            )
        )
    return tuple(findings)


def gaps(
    frame: pl.DataFrame, analysed: Sequence[str], candidates: Sequence[str], file: str
) -> tuple[Finding, ...]:
    """Missing values of the analysed variables.

    Raises
    ------
    DataError
        A candidate predictor has no value at all.
    """
    missing = {name: frame[name].null_count() for name in (*analysed, *candidates)}
    return counted_gaps(missing, frame.height, analysed, candidates, file)


def counted_gaps(
    missing: Mapping[str, int],
    n: int,
    analysed: Sequence[str],
    candidates: Sequence[str],
    file: str,
) -> tuple[Finding, ...]:
    """The same, of so many missing values among `n` rows."""
    empty = [name for name in candidates if missing[name] == n]
    if empty:
        raise DataError(
            f"The candidate '{empty[0]}' in '{file}' has no value that can be used among the "
            f"{n} eligible rows{_others(empty)}. Leave it out of the candidates, or "
            "correct the column; where the file holds codes, give their labels in 'codes'."
        )
    return tuple(_gap(name, missing[name], n, file) for name in analysed if missing[name])


def _others(names: Sequence[str]) -> str:
    rest = [f"'{name}'" for name in names[1:]]
    return f" (nor have {listed(rest)})" if rest else ""


def _gap(name: str, missing: int, total: int, file: str) -> Finding:
    if missing == total:
        return Finding(
            "all-missing",
            "error",
            say(
                "Variable '{name}' has no value that can be used among the {total} eligible rows.",
                name=name,
                total=total,
            ),
            say("Take it out of 'compare', or correct the column."),
            file=file,
            column=name,
        )
    return Finding(
        "missing-values",
        "note",
        say(
            "Variable '{name}' is missing in {missing} of {total} rows ({share:.1%}).",
            name=name,
            missing=missing,
            total=total,
            share=missing / total,
        ),
        say("Complete it from the records where that is possible."),
        file=file,
        column=name,
    )


def unused_levels(frame: pl.DataFrame, analysed: Sequence[str], file: str) -> tuple[Finding, ...]:
    """Levels of the analysed variables that no eligible row has."""
    findings: list[Finding] = []
    for name in analysed:
        series = frame[name]
        if not isinstance(series.dtype, pl.Enum) or series.null_count() == len(series):
            continue
        occurring = set(series.drop_nulls().cast(pl.String).unique().to_list())
        never = [f"'{level}'" for level in series.dtype.categories if level not in occurring]
        if never:
            findings.append(
                Finding(
                    "empty-level",
                    "warning",
                    say(
                        "Variable '{name}': no eligible row has the level {never}.",
                        name=name,
                        never=listed(never),
                    ),
                    say(
                        "Check its spelling against the file, or take the level out of the "
                        "codebook."
                    ),
                    file=file,
                    column=name,
                )
            )
    return tuple(findings)


def lonely_levels(frame: pl.DataFrame, candidates: Sequence[str], file: str) -> tuple[Finding, ...]:
    """Levels of the candidates that a single eligible row has."""
    findings: list[Finding] = []
    for name in candidates:
        series = frame[name]
        if series.dtype.is_numeric():
            continue
        counts = series.drop_nulls().cast(pl.String).value_counts(sort=True)
        once = [f"'{level}'" for level in counts.filter(pl.col("count") == 1)[name].sort()]
        if once and counts.height > 1:
            findings.append(
                Finding(
                    "lonely-level",
                    "warning",
                    say(
                        "Variable '{name}': a single row has the level {once}.",
                        name=name,
                        once=listed(once),
                    ),
                    say("Merge it with a level that is clinically like it."),
                    say(
                        "One patient says nothing about a level: its coefficient has no finite "
                        "estimate, or one that is his alone, and most resamples that leave him out "
                        "cannot estimate it."
                    ),
                    file=file,
                    column=name,
                )
            )
    return tuple(findings)


def extreme_units(frame: pl.DataFrame, candidates: Sequence[str], file: str) -> tuple[Finding, ...]:
    """Candidates in a unit that is far smaller, or far larger, than patients differ."""
    spreads = {name: frame[name].std() for name in candidates if frame[name].dtype.is_numeric()}
    known = {name: each for name, each in spreads.items() if isinstance(each, float)}
    return extreme_spreads(known, file)


def extreme_spreads(spreads: Mapping[str, float], file: str) -> tuple[Finding, ...]:
    """The same, of standard deviations."""
    findings: list[Finding] = []
    for name, spread in spreads.items():
        if spread == 0.0 or NARROWEST < spread < WIDEST:
            continue
        reads = (
            say("reads 1.00 whatever its effect")
            if spread >= WIDEST
            else say("is out of all bounds")
        )
        findings.append(
            Finding(
                "extreme-unit",
                "warning",
                say(
                    "Variable '{name}' has a standard deviation of {spread:.2g}, so that a ratio "
                    "for one unit of it {reads}.",
                    name=name,
                    spread=spread,
                    reads=reads,
                ),
                say(
                    'Derive it in a {other} unit, such as "{name} / {factor:.0e}".',
                    other=say("larger") if spread >= WIDEST else say("smaller"),
                    name=name,
                    factor=10.0 ** round(np.log10(spread)),
                ),
                say("The model itself, its risks and its nomogram do not depend on the unit."),
                file=file,
                column=name,
            )
        )
    return tuple(findings)


def constants(frame: pl.DataFrame, names: Sequence[str], file: str) -> tuple[Finding, ...]:
    """Findings on the variables that have one value only; those without any are no news here."""
    return tuple(
        Finding(
            "constant-predictor",
            "warning",
            say(
                "Variable '{name}' has the same value in every eligible row: it predicts nothing.",
                name=name,
            ),
            say("Leave it out of the candidates; it is left out of the model."),
            file=file,
            column=name,
        )
        for name in names
        if frame[name].null_count() < frame.height
    )


def few_in_class(n_events: int, n: int, outcome: str) -> tuple[Finding, ...]:
    """A finding when fewer than three patients make up one class of the outcome."""
    if min(n_events, n - n_events) >= MIN_IN_CLASS:
        return ()
    return (
        Finding(
            "few-events-in-class",
            "warning",
            say(
                "Outcome '{outcome}': {events} among {rows}. No model can rest on that.",
                outcome=outcome,
                events=counted(n_events, "event"),
                rows=counted(n, "row"),
            ),
            say("Check the outcome's rule and its threshold, or collect more patients."),
            say(
                "A model needs about ten to twenty events for each parameter at the very "
                "least (Riley 2020, doi:10.1136/bmj.m441)."
            ),
        ),
    )


def stratum_findings(
    frame: pl.DataFrame, strata: Sequence[str], event: BoolArray, file: str
) -> tuple[Finding, ...]:
    """Strata without an event, and rows that belong to none.

    Raises
    ------
    ProtocolError
        A stratum is a number.
    """
    check_strata(frame, strata)
    if not strata:
        return ()
    groups = strata_counts(frame, strata, event)
    return empty_strata(groups, strata, file)


def check_strata(frame: pl.DataFrame, strata: Sequence[str]) -> None:
    """Raise ProtocolError where a stratum is a number."""
    for name in strata:
        if frame[name].dtype.is_numeric():
            raise ProtocolError(
                f"'{name}' in 'strata' of [analysis] is a number; strata are groups. Give the "
                "variable 'levels' or 'codes', or enter it as a candidate."
            )


def added_strata(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Counts of strata in two parts of the rows, added."""
    names = [name for name in one.columns if name not in ("rows", "event")]
    both = pl.concat([one, other]).group_by(names, maintain_order=True)
    return both.agg(pl.col("rows").sum(), pl.col("event").sum())


def strata_counts(frame: pl.DataFrame, strata: Sequence[str], event: BoolArray) -> pl.DataFrame:
    """Rows and events of each stratum that occurs."""
    return (
        frame.select(strata)
        .with_columns(event=pl.Series(event))
        .drop_nulls()
        .group_by(strata, maintain_order=True)
        .agg(pl.len().alias("rows"), pl.col("event").sum())
    )


def empty_strata(groups: pl.DataFrame, strata: Sequence[str], file: str) -> tuple[Finding, ...]:
    """Strata without an event, of their `strata_counts`."""
    empty = groups.filter(pl.col("event") == 0)
    if empty.is_empty():
        return ()
    return (
        Finding(
            "stratum-without-event",
            "warning",
            say(
                "{strata} of {n} by {names} ({have} {rows}) without any event: these rows "
                "say nothing about the coefficients, and no risk can be told there.",
                strata=counted(empty.height, "stratum", "strata"),
                n=groups.height,
                names=listed([repr(name) for name in strata]),
                have=agreeing(empty.height, "has", "have"),
                rows=counted(int(empty["rows"].sum()), "row"),
            ),
            say("Merge small strata."),
            file=file,
        ),
    )


def patient_codes(identifiers: pl.Series) -> IntArray:
    """A code for each identifier; equal identifiers get equal codes."""
    return np.asarray(identifiers.cast(pl.String).rank("dense").to_numpy(), dtype=np.int64)
