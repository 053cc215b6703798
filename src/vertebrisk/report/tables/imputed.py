"""Tables of a study with imputed values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.models import body_row, multivariable_table, placed_rows
from vertebrisk.report.tables.table import (
    EMPTY,
    Cell,
    Column,
    Row,
    Spanner,
    TableSpec,
    number,
    text,
)
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.imputed import ImputedResult
    from vertebrisk.report.results.survival import SurvivalResult


def patterns_table(found: ImputedResult | None, words: Words) -> TableSpec | None:
    """Which variables are missing together, in how many patients."""
    if found is None:
        return None
    labels = dict(found.variables.select("variable", "label").iter_rows())
    total = found.patterns["n"].sum()
    rows = tuple(
        Row(
            (
                text(_pattern(row["missing"], labels, words)),
                number("count_percent", row["n"], 100.0 * row["n"] / total),
            )
        )
        for row in found.patterns.iter_rows(named=True)
    )
    columns = (
        Column("pattern", words("imputed.pattern"), "start"),
        Column("n", words("imputed.patients")),
    )
    return TableSpec("missing_patterns", words("caption.missing_patterns"), columns, rows)


def _pattern(missing: list[str] | None, labels: Mapping[str, str], words: Words) -> str:
    if missing is None:
        return words("imputed.rare")
    return words.listed([labels[name] for name in missing]) or words("imputed.nothing")


def missingness_table(
    found: ImputedResult | None, survival: SurvivalResult | None, words: Words
) -> TableSpec | None:
    """How often each variable is missing, in whom, and how it was drawn.

    Of patients who are followed up also how long those with and without the value were.
    """
    if found is None:
        return None
    columns = [
        Column("variable", words("variable"), "start"),
        Column("role", words("imputed.role"), "start"),
        Column("method", words("imputed.method"), "start"),
        Column("all", words("imputed.all")),
        Column("event", words("imputed.event")),
        Column("none", words("imputed.none")),
        Column("p", words("p")),
    ]
    spanners = [Spanner(words("missing"), 3, 6)]
    if survival is not None:
        columns += [
            Column("follow_up_missing", words("imputed.value_missing")),
            Column("follow_up_known", words("imputed.value_known")),
        ]
        unit = words.bracketed(words.duration(survival.time_unit)) if survival.time_unit else ""
        spanners.append(Spanner(words("imputed.follow_up") + unit, 7, 9))
    rows = tuple(
        _missing_row(row, words, followed=survival is not None)
        for row in found.variables.iter_rows(named=True)
    )
    return TableSpec(
        "missingness",
        words("caption.missingness"),
        tuple(columns),
        rows,
        tuple(spanners),
        (words("note.missingness"),),
    )


def _missing_row(row: Mapping[str, Any], words: Words, *, followed: bool) -> Row:
    cells = [
        text(row["label"]),
        text(words(f"role.{row['role']}")),
        text(words(f"impute.{row['method']}")) if row["n_missing"] else EMPTY,
        *(
            EMPTY
            if row[f"share{part}"] is None
            else number("count_percent", row[f"n_missing{part}"], 100.0 * row[f"share{part}"])
            for part in ("", "_event", "_none")
        ),
        EMPTY if row["p_value"] is None else number("p_value", row["p_value"]),
    ]
    if followed:
        lengths = (row[f"follow_up_{part}"] for part in ("missing", "known"))
        cells += [
            EMPTY if each is None else number("estimate", each, decimals=1) for each in lengths
        ]
    return Row(tuple(cells))


def model_table(
    rows: tuple[RegressionRow, ...], found: ImputedResult, words: Words, note: str
) -> TableSpec:
    """The pooled model, with the fraction of missing information of each coefficient.

    `note` is the key of what is said of its tests and intervals.
    """
    plain = multivariable_table(rows, words)
    known = {
        (row["term"], row["level"]): row["missing_information"]
        for row in found.coefficients.to_dicts()
    }
    body = tuple(
        Row((*line.cells, _information(row, known)), line.kind, line.indent)
        for line, row in zip(plain.rows, rows, strict=True)
    )
    columns = (*plain.columns, Column("information", words("imputed.information")))
    return TableSpec(
        "multivariable",
        words("caption.imputed_model"),
        columns,
        body,
        (),
        (*plain.footnotes, words(note)),
    )


def _information(row: RegressionRow, known: Mapping[tuple[str, str], float]) -> Cell:
    if row.kind not in ("estimate", "intercept"):
        return EMPTY
    share = known.get((row.term, row.level), known.get((row.term, "")))
    return EMPTY if share is None else number("estimate", 100.0 * share, decimals=0)


def complete_table(result: StudyResult, words: Words) -> TableSpec | None:
    """The imputed model beside that of patients with complete data."""
    found = result.imputed
    if found is None or found.complete is None:
        return None
    alone = {(row.term, row.level, row.kind): row for row in found.complete.rows}
    body = []
    for row, inside in placed_rows(result.multivariable):
        other = alone.get((row.term, row.level, row.kind))
        cells = (*_shown(row), *(_shown(other) if other is not None else (EMPTY,) * 3))
        body.append(body_row(row, inside, cells, words))
    own = (("b", words("b")), ("ratio", words("or_ci")), ("p", words("p")))
    columns = (
        Column("variable", words("variable"), "start"),
        *(Column(key, label) for key, label in own),
        *(Column(f"complete_{key}", label) for key, label in own),
    )
    spanners = (
        Spanner(words("imputed.pooled"), 1, 4),
        Spanner(words("imputed.complete"), 4, 7),
    )
    note = words(
        "note.complete_cases",
        n=found.complete.n,
        events=found.complete.n_events,
        all=result.flow.n,
        all_events=result.flow.n_events,
    )
    return TableSpec(
        "complete_cases", words("caption.complete_cases"), columns, tuple(body), spanners, (note,)
    )


def _shown(row: RegressionRow) -> tuple[Cell, Cell, Cell]:
    if row.kind == "reference":
        return EMPTY, text("1"), EMPTY
    if row.kind == "overall":
        return EMPTY, EMPTY, number("p_value", row.p_value)
    ratio = number("ratio_interval", row.ratio, row.conf_low, row.conf_high, decimals=2)
    shown = EMPTY if row.kind == "intercept" else ratio
    return number("estimate", row.estimate), shown, number("p_value", row.p_value)
