"""Cells of text become typed columns, and no cell becomes missing in silence.

A column is numeric when all its cells are numbers, or at least 80 % of them and at
least three; the others are then findings. Dates follow the same share.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk.cohort.reading.dates import as_dates
from vertebrisk.cohort.reading.missing import without_missing
from vertebrisk.cohort.reading.notes import cell_finding, column_finding, unknown_levels
from vertebrisk.cohort.reading.patterns import COMMA_NUMBER, NUMBER, POINT_NUMBER, WHITE
from vertebrisk.cohort.reading.table_file import Code, Declared
from vertebrisk.findings import Finding

WHOLE = r"^[+-]?[0-9]{1,18}$"
LEADING_ZERO = r"^0[0-9]+$"
TOO_LONG = r"^[0-9]{16,}$"
CODE_LIKE = rf"{LEADING_ZERO}|{TOO_LONG}"
INFINITE = r"^(?i)[+-]?(?:inf|infinity|∞)$"
SHARE = 0.8
_FULL_WIDTH = dict(zip("０１２３４５６７８９．－＋，。−％", "0123456789.-+,.-%", strict=True))
_QUANTITY = r"^[<>≤≥约~]?\s*[+-]?[0-9]+(?:[.,][0-9]+)?\s*(?:%|[^0-9\s+\-/]{0,6})$"
ABSURD = 1e12


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A typed column with what was found on the way."""

    values: pl.Series
    findings: tuple[Finding, ...] = ()
    codes: tuple[Code, ...] = ()


def type_frame(
    cells: pl.DataFrame, declared: Declared, file: str, *, decimal_comma: bool = False
) -> tuple[pl.DataFrame, list[Finding], list[Code]]:
    """Type every column of a frame of texts; numeric columns all at once, the rest one by one."""
    if not cells.width:
        return cells, [], []
    stripped = cells.select(pl.all().str.strip_chars(WHITE))
    blanked = stripped.select(pl.when(pl.all() != "").then(pl.all()))
    plain = [
        name
        for name in _plain_numbers(blanked)
        if name not in declared.texts
        and name not in declared.levels
        and name not in declared.missing
        and not (decimal_comma and cells[name].str.contains(r"\.").any())
    ]
    numbers = _numbers_at_once(blanked.select(plain))
    columns: list[pl.Series] = []
    findings: list[Finding] = []
    codes: list[Code] = []
    for column in blanked.iter_columns():
        if column.name in numbers:
            columns.append(numbers[column.name])
            continue
        typed = type_column(column, declared, file, decimal_comma=decimal_comma)
        columns.append(typed.values)
        findings += typed.findings
        codes += typed.codes
    return pl.DataFrame(columns), findings, codes


def _plain_numbers(frame: pl.DataFrame) -> list[str]:
    """Columns in which every cell is an ordinary number, without codes such as 007."""
    every = pl.all()
    good = every.str.contains(NUMBER) & ~every.str.contains(CODE_LIKE)
    checks = frame.select(good.all() & every.is_not_null().any())
    return [name for name, passed in zip(frame.columns, checks.row(0), strict=True) if passed]


def _numbers_at_once(frame: pl.DataFrame) -> dict[str, pl.Series]:
    if not frame.width:
        return {}
    whole = frame.select(pl.all().str.contains(WHOLE).all()).row(0)
    types = {
        name: pl.Int64() if is_whole else pl.Float64()
        for name, is_whole in zip(frame.columns, whole, strict=True)
    }
    typed = frame.cast(types)  # type: ignore[arg-type]
    large = typed.select((pl.all().abs() > ABSURD).any()).row(0)
    return {
        column.name: column
        for column, is_large in zip(typed.iter_columns(), large, strict=True)
        if not is_large
    }


def type_column(
    cells: pl.Series, declared: Declared, file: str, *, decimal_comma: bool = False
) -> TypedColumn:
    """Type one column of stripped texts, in which an empty cell is null."""
    levels = list(declared.levels.get(cells.name, ()))
    cells, findings, codes = without_missing(cells, declared, levels, file)
    rest = cells.drop_nulls()
    if levels:
        typed = as_levels(cells, levels, file)
    elif rest.is_empty():
        typed = TypedColumn(cells, (_all_missing(cells.name, file),))
    elif cells.name in declared.texts:
        typed = TypedColumn(cells)
    elif rest.str.to_lowercase().is_in(["true", "false"]).all():
        typed = TypedColumn(cells.str.to_lowercase() == "true")
    else:
        typed = _as_dates_or_numbers(cells, file, decimal_comma=decimal_comma)
    return TypedColumn(typed.values, (*findings, *typed.findings), tuple(codes))


def _all_missing(name: str, file: str) -> Finding:
    return column_finding(
        "empty-column", "note", f"Every value of '{name}' is missing.", name, file
    )


def as_levels(cells: pl.Series, levels: list[str], file: str) -> TypedColumn:
    """Enum of the given levels; a cell that holds none of them is a finding and null."""
    levels = list(dict.fromkeys(levels))
    matched = cells.set(~cells.is_in(levels).fill_null(False), None)
    left = cells.is_not_null() & matched.is_null()
    if left.any():
        values = {float(n): n for n in levels if pl.Series([n]).str.contains(NUMBER).item()}
        if values:
            numbers = cells.cast(pl.Float64, strict=False)
            by_number = numbers.replace_strict(values, default=None, return_dtype=pl.String)
            matched = matched.fill_null(by_number)
            left = cells.is_not_null() & matched.is_null()
    findings = (unknown_levels(cells, left, levels, file),) if left.any() else ()
    return TypedColumn(matched.cast(pl.Enum(levels)), findings)


def _as_dates_or_numbers(cells: pl.Series, file: str, *, decimal_comma: bool) -> TypedColumn:
    dates = as_dates(cells, file, SHARE)
    if dates is not None:
        return TypedColumn(*dates)
    findings: list[Finding] = []
    plain = cells
    if cells.str.contains("[０-９]").any():
        plain = cells.str.replace_many(_FULL_WIDTH)
    if decimal_comma:
        plain, notes = _with_points(plain, file)
        findings += notes
    is_number = plain.str.contains(NUMBER)
    is_infinite = plain.str.contains(INFINITE)
    n, n_numbers = cells.len() - cells.null_count(), int((is_number | is_infinite).sum())
    if n_numbers < n and (n_numbers < 3 or n_numbers < SHARE * n):
        return TypedColumn(cells, _mixed(cells, n_numbers, n, file))
    if note := _identifiers(cells, plain, file):
        return TypedColumn(cells, (note,))
    changed = is_number & (plain != cells) & cells.str.contains("[０-９]")
    if changed.any():
        findings.append(_full_width(cells, changed, file))
    unread = cells.is_not_null() & ~is_number & ~is_infinite
    if unread.any():
        findings.append(_unreadable(cells, unread, file))
    numbers = plain.set(~is_number.fill_null(True), None)
    if numbers.drop_nulls().str.contains(WHOLE).all():
        if is_infinite.any():
            findings.append(impossible(cells, is_infinite, file))
        return TypedColumn(numbers.cast(pl.Int64), tuple(findings))
    values, absurd = _finite(numbers.cast(pl.Float64), is_infinite)
    if absurd.any():
        findings.append(impossible(cells, absurd, file))
    return TypedColumn(values, tuple(findings))


def _with_points(cells: pl.Series, file: str) -> tuple[pl.Series, list[Finding]]:
    """Numbers of a file with decimal commas, written with points.

    A column that has points only keeps them, with a warning; beside commas a point may
    part thousands, so such a cell is not read.
    """
    has_comma = cells.str.contains(COMMA_NUMBER)
    has_point = cells.str.contains(POINT_NUMBER)
    if has_point.any() and not has_comma.any():
        return cells, [
            cell_finding(
                "decimal-point",
                "warning",
                "'{column}' has {n} with a decimal point although the file uses decimal commas; "
                "the point was read as decimal.",
                cells,
                has_point,
                file,
                remedy="If the points part thousands, remove them.",
            )
        ]
    swapped = cells.str.replace(",", ".", literal=True).set(~has_comma.fill_null(False), None)
    return swapped.fill_null(cells.set(has_point.fill_null(False), "?")), []


def _finite(values: pl.Series, is_infinite: pl.Series) -> tuple[pl.Series, pl.Series]:
    absurd = absurd_values(values) | is_infinite.fill_null(False)
    return values.set(absurd, None), absurd


def absurd_values(values: pl.Series) -> pl.Series:
    """True where a float is infinite, not a number, or too large to be a measurement."""
    return (values.is_nan() | (values.abs() > ABSURD)).fill_null(False)


def impossible(cells: pl.Series, where: pl.Series, file: str) -> Finding:
    """Finding on infinite or absurdly large numbers."""
    return cell_finding(
        "absurd-value",
        "error",
        "'{column}' has {n} with an infinite number or one beyond " + f"{ABSURD:g}, now missing.",
        cells,
        where,
        file,
        remedy="Correct the cells; a division by zero is the usual cause.",
    )


def _unreadable(cells: pl.Series, where: pl.Series, file: str) -> Finding:
    return cell_finding(
        "unreadable-cell",
        "warning",
        "The numeric column '{column}' has {n} not readable as a number, now missing.",
        cells,
        where,
        file,
        remedy="Enter a number in each, or leave it empty. For a value below a detection limit, "
        "decide on a rule and state it in the paper.",
        explanation="Texts such as '<5', '3,5' or '12 ml' carry information that a guess would "
        "distort.",
    )


def _full_width(cells: pl.Series, where: pl.Series, file: str) -> Finding:
    return cell_finding(
        "full-width-digits",
        "note",
        "'{column}' has {n} written with full-width digits, read as the numbers they show.",
        cells,
        where,
        file,
    )


def _identifiers(cells: pl.Series, plain: pl.Series, file: str) -> Finding | None:
    """Note when digits are codes, not numbers: padded with zeros, or too long for a number."""
    digits = plain.drop_nulls()
    padded = digits.str.contains(LEADING_ZERO)
    if not padded.any():
        if not digits.str.contains(TOO_LONG).any():
            return None
        reason = "some have 16 digits or more, which numbers cannot hold exactly"
    else:
        share = float(padded.mean() or 0.0)  # type: ignore[arg-type]
        width = digits.str.len_chars()
        if share < 0.1 and not (width.n_unique() == 1 and width[0] >= 3):
            return None
        reason = "they begin with zeros"
    return column_finding(
        "digits-as-text",
        "note",
        f"The digits of '{cells.name}' were kept as text: {reason}.",
        cells.name,
        file,
    )


def _mixed(cells: pl.Series, n_numbers: int, n: int, file: str) -> tuple[Finding, ...]:
    """Warning when a column of text looks like a measurement: half numbers, or all with units."""
    n_quantities = int(cells.str.contains(_QUANTITY).sum())
    if n_numbers < n / 2 and n_quantities < SHARE * n:
        return ()
    return (
        column_finding(
            "mixed-column",
            "warning",
            f"'{cells.name}' was kept as text: {n_numbers} of its {n} values are numbers, "
            f"{n_quantities} are numbers with a sign or unit.",
            cells.name,
            file,
            "If it is a measurement, leave only numbers in its cells (no units, no signs).",
        ),
    )
