"""Tables about the model: regression as papers print it, fit, points of the nomogram."""

from __future__ import annotations

import math
from collections.abc import Iterable

import polars as pl

from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.report.tables.naming import Names
from vertebrisk.report.tables.table import (
    EMPTY,
    Cell,
    Column,
    Row,
    RowKind,
    TableSpec,
    number,
    text,
)
from vertebrisk.report.words import Words

_MOST_TOTALS = 21
_P_VALUES = (
    "p_value",
    "wald_p_value",
    "score_p_value",
    "hosmer_lemeshow_p",
    "hosmer_lemeshow_p_value",
)
_WHOLE = ("n", "n_events", "n_sets", "n_competing", "imputations", "df", "hosmer_lemeshow_df")


def row_label(row: RegressionRow, words: Words) -> str:
    """Name of a row outside its table: ``Cement distribution: Blocky``."""
    if row.kind == "intercept":
        return words("constant")
    return f"{row.label}{words('colon')}{row.shown_level}" if row.level else row.label


def _first_cell(row: RegressionRow, inside: bool, words: Words) -> Cell:
    if row.kind == "intercept":
        return text(words("constant"))
    if row.kind == "overall":
        return text(row.label)
    if row.kind == "reference":
        return text(f"{row.shown_level}{words.bracketed(words('reference'))}")
    if inside:
        return text(row.shown_level or row.label)
    if row.level and row.reference:
        against = f"{row.shown_level} {words('versus')} {row.shown_reference}"
        return text(f"{row.label}{words.bracketed(against)}")
    return text(row_label(row, words))


def placed_rows(rows: Iterable[RegressionRow]) -> list[tuple[RegressionRow, bool]]:
    """Each row with whether it stands below the heading of its variable."""
    headed = ""
    placed = []
    for row in rows:
        if row.kind == "overall":
            headed = row.term
        placed.append((row, row.kind != "overall" and row.term == headed and bool(headed)))
    return placed


def _ratio(row: RegressionRow, words: Words) -> Cell:
    if row.kind == "reference":
        return text("1")
    if row.kind == "overall":
        return EMPTY
    return number("ratio_interval", row.ratio, row.conf_low, row.conf_high, decimals=2)


_KINDS: dict[str, RowKind] = {"overall": "heading", "reference": "reference"}


def body_row(row: RegressionRow, inside: bool, cells: tuple[Cell, ...], words: Words) -> Row:
    """A row of a regression table: the variable or level, then the cells."""
    return Row(
        (_first_cell(row, inside, words), *cells),
        kind=_KINDS.get(row.kind, "body"),
        indent=1 if inside else 0,
    )


def _wald(row: RegressionRow) -> tuple[Cell, ...]:
    if row.kind == "reference":
        return (EMPTY, EMPTY, EMPTY, EMPTY, EMPTY)
    heading = row.kind == "overall"
    return (
        EMPTY if heading else number("estimate", row.estimate),
        EMPTY if heading else number("estimate", row.std_error),
        number("estimate", row.wald, decimals=2),
        number("integer", row.df),
        number("p_value", row.p_value),
    )


def _notes(rows: tuple[RegressionRow, ...], words: Words) -> tuple[str, ...]:
    notes = [words("note.regression")]
    if any(row.kind == "overall" for row in rows):
        notes.append(words("note.joint"))
    limits = [v for row in rows for v in (row.ratio, row.conf_low, row.conf_high) if v is not None]
    absent = any(
        row.kind == "estimate" and row.conf_high is None and not _shrunken(row) for row in rows
    )
    if absent or any(not math.isfinite(value) for value in limits):
        notes.append(words("note.separated"))
    return tuple(notes)


def _shrunken(row: RegressionRow) -> bool:
    """True for an estimate that has no error and no test of any kind."""
    tests = (row.std_error, row.wald, row.p_value, row.lr_p_value)
    return row.estimate is not None and all(value is None for value in tests)


_WALD_COLUMNS = (("b", "b"), ("se", "se"), ("wald", "wald"), ("df", "df"), ("p", "p"))


def multivariable_table(rows: tuple[RegressionRow, ...], words: Words) -> TableSpec:
    """Variable, B, SE, Wald, df, P, OR (95 % CI); reference and joint rows included."""
    return regression_table("multivariable", rows, words)


def regression_table(key: str, rows: tuple[RegressionRow, ...], words: Words) -> TableSpec:
    """A fitted model as papers print it, under the caption of `key`."""
    columns = (
        Column("variable", words("variable"), "start"),
        *(Column(key, words(label)) for key, label in _WALD_COLUMNS),
        Column("ratio", words("or_ci")),
    )
    body = tuple(
        body_row(
            row,
            inside,
            (*_wald(row), EMPTY if row.kind == "intercept" else _ratio(row, words)),
            words,
        )
        for row, inside in placed_rows(rows)
    )
    return TableSpec(key, words(f"caption.{key}"), columns, body, (), _notes(rows, words))


def univariable_table(rows: tuple[RegressionRow, ...], words: Words) -> TableSpec | None:
    """As the multivariable table, with counts, likelihood-ratio test and, if any, the choice."""
    shown = tuple(row for row in rows if row.kind != "intercept")
    if not shown:
        return None
    selects = any(row.selected is not None for row in shown)
    tested = any(row.lr_p_value is not None for row in shown)
    columns = (
        Column("variable", words("variable"), "start"),
        Column("events", words("events_n")),
        *(Column(key, words(label)) for key, label in _WALD_COLUMNS),
        Column("ratio", words("or_ci")),
        *((Column("lr_p", words("lr_p")),) if tested else ()),
        *((Column("selected", words("selected"), "start"),) if selects else ()),
    )
    body = []
    for row, inside in placed_rows(shown):
        counts = EMPTY if row.n is None else number("counts", row.n_events, row.n)
        lr_p = EMPTY if row.lr_p_value is None else number("p_value", row.lr_p_value)
        cells = (
            counts,
            *_wald(row),
            _ratio(row, words),
            *((lr_p,) if tested else ()),
            *((_chosen(row, words),) if selects else ()),
        )
        body.append(body_row(row, inside, cells, words))
    return TableSpec(
        "univariable", words("caption.univariable"), columns, tuple(body), (), _notes(shown, words)
    )


def _chosen(row: RegressionRow, words: Words) -> Cell:
    return EMPTY if row.selected is None else text(words("yes" if row.selected else "no"))


def _summary_cell(name: str, value: float | None) -> Cell:
    if name in _P_VALUES:
        return number("p_value", value)
    if name in _WHOLE:
        return number("integer", value)
    large = value is not None and abs(value) >= 10
    return number("estimate", value, decimals=2 if large else 3)


def fit_table(
    summary: dict[str, float | None], words: Words, *, selected: bool = False
) -> TableSpec:
    """Numbers that describe the fit as a whole, one a row."""
    rows = tuple(
        Row(
            (
                text(words.or_plain(f"fit.{name}", name.replace("_", " ").capitalize())),
                _summary_cell(name, value),
            )
        )
        for name, value in summary.items()
    )
    columns = (Column("quantity", words("quantity"), "start"), Column("value", words("value")))
    notes = [words("note.fit")] if summary.get("hosmer_lemeshow") is not None else []
    if selected:
        notes.append(words("note.fit_selected"))
    return TableSpec("fit", words("caption.fit"), columns, rows, (), tuple(notes))


def vif_table(vif: pl.DataFrame, names: Names, words: Words) -> TableSpec | None:
    """Variance inflation, None with fewer than two rows.

    Takes one row a term with generalised inflation (term, df, gvif, gvif_scaled), or one
    row a column of the design (term, level, vif).
    """
    if vif.height < 2:
        return None
    shown = [name for name in ("df", "gvif", "gvif_scaled", "vif") if name in vif.columns]
    rows = tuple(
        Row(
            (
                text(names.coefficient(line["term"], line.get("level"), words)),
                *(number("estimate", line[name], decimals=2 * (name != "df")) for name in shown),
            )
        )
        for line in vif.iter_rows(named=True)
    )
    columns = (
        Column("variable", words("variable"), "start"),
        *(Column(name, words(name)) for name in shown),
    )
    return TableSpec("vif", words("caption.vif"), columns, rows)


def points_table(nomogram: Nomogram, words: Words) -> TableSpec | None:
    """Points of every value on every axis; None for a model without predictors."""
    if not nomogram.axes:
        return None
    rows: list[Row] = []
    for axis in nomogram.axes:
        name = f"{axis.label}, {axis.unit}" if axis.unit else axis.label
        name = f"{name}{words.bracketed(axis.condition)}" if axis.condition else name
        rows.append(Row((text(name), EMPTY), kind="heading"))
        rows.extend(
            Row((text(value), number("estimate", float(points), decimals=1)), indent=1)
            for value, points in zip(axis.shown_values, axis.points, strict=True)
        )
    columns = (Column("variable", words("variable"), "start"), Column("points", words("points")))
    notes = () if all(axis.categorical for axis in nomogram.axes) else (words("note.points"),)
    return TableSpec("points", words("caption.points"), columns, tuple(rows), (), notes)


def spaced_totals(nomogram: Nomogram) -> pl.DataFrame:
    """The nomogram's totals of points, every so many where there are too many for a table."""
    return nomogram.total.gather_every(max(1, math.ceil(nomogram.total.height / _MOST_TOTALS)))


def total_table(nomogram: Nomogram, words: Words) -> TableSpec | None:
    """Risk at evenly spaced totals of points; None for a model without predictors."""
    if not nomogram.axes or nomogram.total.height == 0:
        return None
    rows = tuple(
        Row(
            (
                number("estimate", line["total_points"], decimals=0),
                number("risk", line["risk"], decimals=1),
            )
        )
        for line in spaced_totals(nomogram).iter_rows(named=True)
    )
    columns = (Column("total_points", words("total_points")), Column("risk", words("risk")))
    return TableSpec("total", words("caption.total"), columns, rows)
