"""Cells of text become typed columns, and no cell becomes missing in silence.

A column is numeric when all its cells are numbers, or at least 80 % of them and at
least three; the others are then findings. Dates follow the same share.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk.cohort.reading.dates import ambiguous_dates, as_dates
from vertebrisk.cohort.reading.forms import (
    CODE_LIKE,
    INFINITE,
    WHOLE,
    WIDE_DIGIT,
    Form,
    Tally,
    Traits,
    plain_cells,
)
from vertebrisk.cohort.reading.missing import without_missing
from vertebrisk.cohort.reading.notes import cell_finding, column_finding, unknown_levels
from vertebrisk.cohort.reading.patterns import NUMBER, POINT_NUMBER, WHITE
from vertebrisk.cohort.reading.table_file import Code, Declared
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording

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
    if levels:
        typed = as_levels(cells, levels, file)
    elif cells.name in declared.texts:
        form = Form("text" if cells.null_count() < cells.len() else "empty")
        typed = TypedColumn(cells, column_notes(cells.name, form, Tally(), file))
    else:
        traits = Traits.of(cells, decimal_comma=decimal_comma)
        plain = plain_cells(cells, traits, decimal_comma=decimal_comma)
        tally = Tally.of(cells, plain)
        form = tally.form()
        typed = read_as(form, cells, plain, file, points=decimal_comma and traits.points_only)
        notes = column_notes(cells.name, form, tally, file)
        typed = TypedColumn(typed.values, (*notes, *typed.findings))
    return TypedColumn(typed.values, (*findings, *typed.findings), tuple(codes))


def read_as(
    form: Form, cells: pl.Series, plain: pl.Series, file: str, *, points: bool = False
) -> TypedColumn:
    """Cells of a column of this form, or some of them.

    Parameters
    ----------
    form : Form
    cells, plain : Series
        As they stand in the file, and as `plain_cells`.
    file : str
        For messages.
    points : bool
        Whether points were read as decimal in a file with decimal commas.
    """
    match form.kind:
        case "truth":
            return TypedColumn(cells.str.to_lowercase() == "true")
        case "date":
            return TypedColumn(
                *as_dates(cells, file, day_first=form.day_first, several=form.several)
            )
        case "number":
            return _as_numbers(cells, plain, file, whole=form.whole, points=points)
        case _:
            return TypedColumn(cells)


def column_notes(name: str, form: Form, tally: Tally, file: str) -> tuple[Finding, ...]:
    """What the form of a column says about it as a whole."""
    if form.kind == "empty":
        return (_all_missing(name, file),)
    match form.why:
        case "ambiguous":
            return (ambiguous_dates(name, file),)
        case "padded":
            return (_codes_kept(name, say("they begin with zeros"), file),)
        case "too-long":
            reason = say("some have 16 digits or more, which numbers cannot hold exactly")
            return (_codes_kept(name, reason, file),)
        case "mixed":
            return (_mixed(name, tally, file),)
        case _:
            return ()


def _all_missing(name: str, file: str) -> Finding:
    return column_finding(
        "empty-column", "note", say("Every value of '{name}' is missing.", name=name), name, file
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


def _as_numbers(
    cells: pl.Series, plain: pl.Series, file: str, *, whole: bool, points: bool
) -> TypedColumn:
    findings: list[Finding] = []
    is_number = plain.str.contains(NUMBER)
    is_infinite = plain.str.contains(INFINITE)
    if points and (has_point := plain.str.contains(POINT_NUMBER)).any():
        findings.append(_decimal_points(cells, has_point, file))
    changed = is_number & cells.str.contains(WIDE_DIGIT)
    if changed.any():
        findings.append(_full_width(cells, changed, file))
    unread = cells.is_not_null() & ~is_number & ~is_infinite
    if unread.any():
        findings.append(_unreadable(cells, unread, file))
    numbers = plain.set(~is_number.fill_null(True), None)
    if whole:
        if is_infinite.any():
            findings.append(impossible(cells, is_infinite, file))
        return TypedColumn(numbers.cast(pl.Int64), tuple(findings))
    values, absurd = _finite(numbers.cast(pl.Float64), is_infinite)
    if absurd.any():
        findings.append(impossible(cells, absurd, file))
    return TypedColumn(values, tuple(findings))


def _decimal_points(cells: pl.Series, where: pl.Series, file: str) -> Finding:
    return cell_finding(
        "decimal-point",
        "warning",
        Wording(
            "'{column}' has {n} with a decimal point although the file uses decimal "
            "commas; the point was read as decimal."
        ),
        cells,
        where,
        file,
        remedy=say("If the points part thousands, remove them."),
    )


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
        Wording(
            "'{column}' has {n} with an infinite number or one beyond {absurd:g}, now missing.",
            values=(("absurd", ABSURD),),
        ),
        cells,
        where,
        file,
        remedy=say("Correct the cells; a division by zero is the usual cause."),
    )


def _unreadable(cells: pl.Series, where: pl.Series, file: str) -> Finding:
    return cell_finding(
        "unreadable-cell",
        "warning",
        Wording("The numeric column '{column}' has {n} not readable as a number, now missing."),
        cells,
        where,
        file,
        remedy=say(
            "Enter a number in each, or leave it empty. For a value below a detection "
            "limit, decide on a rule and state it in the paper."
        ),
        explanation=say(
            "Texts such as '<5', '3,5' or '12 ml' carry information that a guess would distort."
        ),
    )


def _full_width(cells: pl.Series, where: pl.Series, file: str) -> Finding:
    return cell_finding(
        "full-width-digits",
        "note",
        Wording(
            "'{column}' has {n} written with full-width digits, read as the numbers they show."
        ),
        cells,
        where,
        file,
    )


def _codes_kept(name: str, reason: str, file: str) -> Finding:
    """Note on digits that are codes, not numbers: padded with zeros, or too long for a number."""
    return column_finding(
        "digits-as-text",
        "note",
        say("The digits of '{name}' were kept as text: {reason}.", name=name, reason=reason),
        name,
        file,
    )


def _mixed(name: str, tally: Tally, file: str) -> Finding:
    """Warning on a column of text that looks like a measurement."""
    return column_finding(
        "mixed-column",
        "warning",
        say(
            "'{name}' was kept as text: {numbers} of its {n} values are numbers, "
            "{quantities} are numbers with a sign or unit.",
            name=name,
            numbers=tally.numbers + tally.infinite,
            n=tally.n,
            quantities=tally.quantities,
        ),
        name,
        file,
        say("If it is a measurement, leave only numbers in its cells (no units, no signs)."),
    )
