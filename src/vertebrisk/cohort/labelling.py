"""Columns as the codebook describes them: levels, codes, numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort.reading.cells import absurd_values, impossible
from vertebrisk.cohort.reading.notes import near_levels
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.protocol import Variable
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording, counted, in_rows

MAX_GUESSED_LEVELS = 30
TRUTHS = ("false", "true")


def rows_where(mask: pl.Series) -> tuple[int, ...]:
    """Positions, counted from 1, where a boolean series is true."""
    return tuple(int(row) + 1 for row in mask.fill_null(value=False).arg_true())


def cells_at(series: pl.Series, rows: Sequence[int]) -> tuple[str, ...]:
    """Contents of the cells at some positions, as text."""
    return tuple(str(series[row - 1]) for row in rows)


def labelled(
    series: pl.Series, variable: Variable, file: str
) -> tuple[pl.Series, tuple[Finding, ...]]:
    """A column as its variable is described.

    Returns
    -------
    series, findings
        An Enum (reference first) or Float64 series. What cannot be a value of the
        variable is null and a finding.

    Raises
    ------
    DataError
        The column holds another kind of thing than the protocol says.
    """
    if series.null_count() == len(series):
        kind = pl.Enum(variable.ordered_levels) if variable.ordered_levels else pl.Float64()
        return pl.Series(series.name, [None] * len(series), dtype=kind), ()
    if series.dtype.is_temporal():
        raise DataError(
            f"Column '{variable.name}' in '{file}' holds dates or times; a number or levels are "
            "needed. Derive a number from it, such as the days between two dates."
        )
    if variable.ordered_levels:
        return _with_levels(series, variable, variable.ordered_levels, file)
    if series.dtype == pl.Boolean:
        return _with_levels(series, variable, TRUTHS, file)
    if series.dtype.is_numeric():
        return believable(series.cast(pl.Float64), file)
    if variable.declared_numeric:
        raise DataError(_text_for_numbers(series, variable.name, file))
    if isinstance(series.dtype, pl.Enum):
        return series, ()
    return _guessed_levels(series, variable, file)


def _text_for_numbers(series: pl.Series, name: str, file: str) -> str:
    texts = series.cast(pl.String)
    numbers = texts.str.strip_chars().cast(pl.Float64, strict=False)
    bad = rows_where(texts.is_not_null() & numbers.is_null())
    return (
        f"Column '{name}' in '{file}' holds text where numbers belong: "
        f"{counted(len(bad), 'cell')}, in {in_rows(bad)}. Correct them, list their "
        "codes in 'missing', or give it 'levels'."
    )


def _guessed_levels(
    series: pl.Series, variable: Variable, file: str
) -> tuple[pl.Series, tuple[Finding, ...]]:
    texts = series.cast(pl.String)
    levels = sorted(texts.drop_nulls().unique().to_list())
    return texts.cast(pl.Enum(levels)), (guessed_levels(variable, levels, file),)


def guessed_levels(variable: Variable, levels: Sequence[str], file: str) -> Finding:
    """Finding on a variable whose levels are those that occur.

    Raises
    ------
    DataError
        There are too many of them.
    """
    if len(levels) > MAX_GUESSED_LEVELS:
        raise DataError(
            f"Column '{variable.name}' in '{file}' holds {len(levels)} different texts. Give the "
            f"variable 'levels', or take it out of [variables]."
        )
    return Finding(
        "levels-not-stated",
        "warning",
        say(
            "Variable '{name}' states no levels; those found are used in alphabetical order.",
            name=variable.name,
        ),
        say("Write levels = [...] in [variables.{name}], the reference first.", name=variable.name),
        file=file,
        column=variable.name,
    )


def _with_levels(
    series: pl.Series, variable: Variable, levels: tuple[str, ...], file: str
) -> tuple[pl.Series, tuple[Finding, ...]]:
    values = series if series.dtype.is_numeric() else series.cast(pl.String)
    distinct = values.drop_nulls().unique(maintain_order=True).to_list()
    found = {value: _level_of(value, variable, levels) for value in distinct}
    result = pl.Series(
        series.name, [found.get(value) for value in values.to_list()], dtype=pl.Enum(levels)
    )
    unknown = rows_where(values.is_not_null() & result.is_null())
    if not unknown:
        return result, ()
    cells = cells_at(values, unknown)
    wording = Wording(
        "Column '{name}': {n} {verb} not among the levels {levels} ({rows}), now missing.",
        "value",
        ("is", "are"),
        values=(
            ("name", variable.name),
            ("levels", listed(levels)),
        ),
    )
    finding = Finding(
        "unknown-level",
        "error",
        wording.of(unknown),
        unknown_value_remedy(
            variable.name, cells, levels, empty=result.null_count() == len(result)
        ),
        file=file,
        column=variable.name,
        rows=unknown,
        cells=cells,
        wording=wording,
    )
    return result, (finding,)


def unknown_value_remedy(
    name: str, cells: Sequence[str], levels: Sequence[str], *, empty: bool
) -> str:
    """What to do about cells that hold none of the levels; `empty` where no cell holds one."""
    if empty:
        return no_level_remedy(name)
    return say(
        "Correct the cells, or add the value to the levels of [variables.{name}].{meant}",
        name=name,
        meant=near_levels(pl.Series(cells, dtype=pl.String), levels),
    )


def no_level_remedy(name: str) -> str:
    """What to do when no value of a column is one of its levels."""
    return say(
        "No value of the column is one of the levels. If the file holds codes, give "
        'their labels in [variables.{name}]: codes = {{ 0 = "No", 1 = "Yes" }}.',
        name=name,
    )


def _level_of(value: object, variable: Variable, levels: tuple[str, ...]) -> str | None:
    text = str(value).strip()
    if text in variable.codes:
        return variable.codes[text]
    if text in levels:
        return text
    number = _number(text)
    if number is None:
        return None
    for code, label in (*variable.codes.items(), *((level, level) for level in levels)):
        if _number(code) == number:
            return label
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def believable(series: pl.Series, file: str) -> tuple[pl.Series, tuple[Finding, ...]]:
    """Floats without what is beyond belief, which is null and a finding."""
    absurd = absurd_values(series)
    if not absurd.any():
        return series, ()
    return series.set(absurd, None), (impossible(series, absurd, file),)
