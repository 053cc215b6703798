"""What pieces of a table must know of the whole: the types of described columns, their levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from vertebrisk.cohort.labelling import TRUTHS, guessed_levels
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol, Variable
from vertebrisk.text.messages import say


def types_of_all(protocol: Protocol, scan: PatientScan) -> dict[str, pl.DataType]:
    """Type of every described column of the file once it is labelled."""
    return {
        name: _labelled_type(variable, scan.stored[name])
        for name, variable in protocol.variables.items()
        if variable.derive is None and name in scan.stored
    }


def _labelled_type(variable: Variable, stored: StoredColumn) -> pl.DataType:
    if variable.ordered_levels:
        return pl.Enum(variable.ordered_levels)
    if stored.dtype == pl.Boolean:
        return pl.Enum(TRUTHS)
    if isinstance(stored.dtype, pl.Enum):
        return stored.dtype
    if stored.dtype == pl.String and stored.labels:
        return pl.Enum(stored.labels)
    return pl.Float64()


def levels_from_all(frame: pl.DataFrame, whole: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Texts whose levels are those that occur anywhere, as such levels."""
    texts = [
        name
        for name, dtype in frame.schema.items()
        if dtype == pl.String and name in whole and _all_within(frame[name], whole[name])
    ]
    return frame.with_columns(frame[name].cast(whole[name]) for name in texts)


def _all_within(column: pl.Series, dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Enum) and bool(
        column.is_in(dtype.categories.to_list()).fill_null(value=True).all()
    )


def check_held(scan: PatientScan, names: Iterable[str]) -> None:
    """Raise DataError where a column that is needed was left out of the scan."""
    for name in names:
        if name in scan.in_file and name not in scan.stored:
            told = [each.message for each in scan.findings if each.column == name]
            raise DataError(
                f"The protocol uses column '{name}' of '{scan.name}', which cannot be held: "
                f"{' '.join(told)}"
            )


def guessed(protocol: Protocol, scan: PatientScan) -> Iterator[Finding]:
    """Findings on texts whose levels are those that occur."""
    for name, variable in protocol.variables.items():
        stored = scan.stored.get(name)
        plain = variable.derive is None and not (
            variable.ordered_levels or variable.declared_numeric
        )
        if stored is not None and plain and stored.dtype == pl.String and stored.labels:
            yield guessed_levels(variable, stored.labels, scan.name)


def not_compared(file: str) -> Finding:
    """What is not looked for in a file that is read in pieces."""
    return Finding(
        "not-compared",
        "note",
        say(
            "The file was read in pieces, so rows that repeat an earlier one, and "
            "patients who occur twice, were not looked for."
        ),
        say("Look for them in the source if patients may have been entered twice."),
        file=file,
    )
