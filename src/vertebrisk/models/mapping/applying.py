"""A table in the terms of a model: columns under its names, values as it has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk.cohort.reading import RawTable, TableFile
from vertebrisk.design.encode import texts_of
from vertebrisk.errors import DataError
from vertebrisk.models.mapping.document import MappedInput


def in_model_terms(frame: pl.DataFrame, mapping: Sequence[MappedInput]) -> pl.DataFrame:
    """The table with every mapped input beside its own columns.

    A column that bears the name of an input which the mapping takes from another is replaced.
    Values of which the mapping says nothing stay as they are.

    Raises
    ------
    DataError
        A column is not there, or numbers are to be converted and it holds none.
    """
    return with_values(named(frame, mapping), mapping)


def named(frame: pl.DataFrame, mapping: Sequence[MappedInput]) -> pl.DataFrame:
    """The table with the columns of a mapping under the model's names, too."""
    for each in mapping:
        if each.column not in frame.columns:
            raise DataError(
                f"The mapping takes '{each.name}' from the column '{each.column}', which the data "
                f"do not have; their columns are {listed(frame.columns)}."
                f"{nearest(each.column, frame.columns)}"
            )
    return frame.with_columns(pl.col(each.column).alias(each.name) for each in mapping)


def named_file(
    table: TableFile, cells: RawTable, mapping: Sequence[MappedInput]
) -> tuple[TableFile, RawTable]:
    """A file as it was read, with the columns of a mapping under the model's names, too."""
    names = {each.column: each.name for each in mapping if each.column != each.name}
    untyped = [name for name in cells.untyped if name not in names.values()]
    untyped += [names[name] for name in cells.untyped if name in names]
    read = tuple(
        replace(each, column=names.get(each.column, each.column)) for each in table.findings
    )
    return (
        replace(table, frame=named(table.frame, mapping), findings=read),
        replace(cells, frame=named(cells.frame, mapping), untyped=tuple(untyped)),
    )


def with_values(frame: pl.DataFrame, mapping: Sequence[MappedInput]) -> pl.DataFrame:
    """The values of mapped inputs as the model has them."""
    return frame.with_columns(_values(frame[each.name], each) for each in mapping)


def _values(column: pl.Series, mapped: MappedInput) -> pl.Series:
    if mapped.missing:
        gone = texts_of(column).is_in(list(mapped.missing)).fill_null(value=False)
        column = column.set(gone, None)
    if mapped.levels:
        texts = texts_of(column).str.strip_chars()
        return texts.replace(dict(mapped.levels)).alias(column.name)
    if not mapped.converts:
        return column
    if not column.dtype.is_numeric():
        raise DataError(
            f"The mapping converts '{mapped.column}' to '{mapped.name}' by a factor, and the "
            "column holds no numbers. Write the cells as numbers, or give levels."
        )
    return column.cast(pl.Float64) * mapped.factor + mapped.offset
