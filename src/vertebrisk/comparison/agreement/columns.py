"""The two columns of readings, and who is missing from them."""

from __future__ import annotations

import polars as pl

from vertebrisk._checks import nearest
from vertebrisk._frames import as_polars
from vertebrisk.errors import ArgumentError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted


def reader_columns(data: object, first: str, second: str) -> tuple[pl.Series, pl.Series]:
    """The columns of both readers, one row a patient."""
    frame = as_polars(data)
    for name in (first, second):
        if name not in frame.columns:
            raise ArgumentError(f"There is no column '{name}'.{nearest(name, frame.columns)}")
    if first == second:
        raise ArgumentError(f"Both readers are column '{first}'; name two columns.")
    return frame[first], frame[second]


def need_readings(n: int, first: str, second: str, least: int) -> None:
    """At least so many patients must have both readings."""
    if n < least:
        raise ArgumentError(
            f"{counted(n, 'patient')} {agreeing(n, 'was', 'were')} read in both '{first}' and "
            f"'{second}'; at least {least} {agreeing(least, 'is', 'are')} needed."
        )


def missing_readings(missing: int, first: str, second: str) -> tuple[Finding, ...]:
    """A finding on rows that one reader left empty."""
    if not missing:
        return ()
    return (
        Finding(
            "readings-missing",
            "note",
            say(
                "{rows} without both readings ('{first}', '{second}') {takes} no part in the "
                "agreement.",
                rows=counted(missing, "row"),
                first=first,
                second=second,
                takes=agreeing(missing, "takes", "take"),
            ),
            say("Say how many were read by both, and how they were chosen."),
        ),
    )
