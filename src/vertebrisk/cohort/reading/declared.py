"""What the protocol declares of a column that its file has typed: codes for missing, levels."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from vertebrisk.cohort.reading.cells import as_levels
from vertebrisk.cohort.reading.missing import declared_missing, same_code
from vertebrisk.cohort.reading.table_file import Code, Declared
from vertebrisk.findings import Finding


def declared_column(
    column: pl.Series, declared: Declared, file: str, *, missing_known: bool = False
) -> tuple[pl.Series, list[Finding], list[Code]]:
    """A typed column with what the protocol says of it; what changed is found.

    Parameters
    ----------
    column : Series
    declared : Declared
    file : str
        For messages.
    missing_known : bool
        Whether the file itself says which codes mean missing.
    """
    name = column.name
    findings: list[Finding] = []
    codes: list[Code] = []
    if name in declared.missing and not missing_known:
        column, findings, codes = _without_declared(column, declared.missing[name], file)
    if name in declared.levels:
        made = as_levels(_as_text(column), list(declared.levels[name]), file)
        return made.values, [*findings, *made.findings], codes
    if name in declared.texts:
        column = _as_text(column)
    return column, findings, codes


def _without_declared(
    column: pl.Series, wanted: Sequence[str], file: str
) -> tuple[pl.Series, list[Finding], list[Code]]:
    texts = _as_text(column)
    found = same_code(texts, [str(code) for code in wanted])
    codes = [Code(column.name, str(c), "", "declared missing in the protocol") for c in wanted]
    if not found.any():
        return column, [], codes
    return column.set(found, None), [declared_missing(texts, found, file)], codes


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        if (whole == column).all():
            return whole.cast(pl.String)
    return column.cast(pl.String)
