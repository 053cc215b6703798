"""Tables of what changed between two runs: before, after, and the change."""

from __future__ import annotations

from collections.abc import Iterable

from vertebrisk.report.difference.changes import (
    Difference,
    Fact,
    Line,
    Pair,
    chance,
    moved,
    risen,
    unlike,
)
from vertebrisk.report.difference.reading import Benefit, Coefficient, Measure, Remark, Step
from vertebrisk.report.tables.checklists import verdict_words
from vertebrisk.report.tables.performance import measure_name
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

_SHORT = 12  # characters of a hash that tell two files apart


def difference_tables(found: Difference, words: Words) -> dict[str, TableSpec]:
    """Tables by key, those without content left out."""
    tables = (
        facts_table(found, words),
        _flow_table(found, words),
        _coefficients_table(found, words),
        _candidates_table(found, words),
        _performance_table(found, words),
        _decision_table(found, words),
        _findings_table(found, words),
        _checklists_table(found, words),
        _parts_table(found, words),
    )
    return {table.key: table for table in tables if table is not None}


def facts_table(found: Difference, words: Words) -> TableSpec | None:
    """What was asked, where the runs differ in it."""
    rows = [
        Row((text(fact_name(fact, words)), text(_brief(fact.before)), text(_brief(fact.after))))
        for fact in found.facts
    ]
    columns = (
        Column("fact", words("difference.fact"), "start"),
        Column("before", words("difference.before"), "start"),
        Column("after", words("difference.after"), "start"),
    )
    return _table("facts", columns, rows, words)


def fact_name(fact: Fact, words: Words) -> str:
    """A fact's name, as it is in the document where there is no other."""
    return words.or_plain(f"difference.fact.{fact.name}", fact.name)


def row_name(row: Coefficient, words: Words) -> str:
    """What a coefficient is called."""
    if row.kind == "intercept":
        return words("constant")
    level = row.level_label or row.level
    return f"{row.label or row.term}: {level}" if level else row.label or row.term


def _brief(value: str) -> str:
    """A hash is shown by its beginning."""
    is_hash = len(value) == 64 and all(sign in "0123456789abcdef" for sign in value)
    return f"{value[:_SHORT]}…" if is_hash else value


def _flow_table(found: Difference, words: Words) -> TableSpec | None:
    rows = [
        Row((text(pair.either.reason), *_sides(pair, "removed"), *_sides(pair, "remaining")))
        for pair in found.steps
        if unlike(pair, "removed", "remaining")
    ]
    columns = (
        Column("step", words("difference.step"), "start"),
        *_before_after(words, "removed"),
        *_before_after(words, "remaining"),
    )
    spanners = (
        Spanner(words("difference.removed"), 1, 3),
        Spanner(words("analysed"), 3, 5),
    )
    return _table("flow", columns, rows, words, spanners=spanners)


def _sides(pair: Pair[Step], name: str) -> tuple[Cell, Cell]:
    """One whole number on both sides."""
    return _whole(pair.before, name), _whole(pair.after, name)


def _whole(side: Step | None, name: str) -> Cell:
    return EMPTY if side is None else number("integer", getattr(side, name))


def _before_after(words: Words, what: str) -> tuple[Column, Column]:
    return (
        Column(f"{what}_before", words("difference.before")),
        Column(f"{what}_after", words("difference.after")),
    )


def _coefficients_table(found: Difference, words: Words) -> TableSpec | None:
    if not any(unlike(pair, "estimate", "conf_low", "conf_high") for pair in found.coefficients):
        return None
    rows = [
        Row((*_ratio_cells(pair, words), number("estimate", moved(pair))))
        for pair in found.coefficients
    ]
    columns = (*_ratio_columns(words), Column("change", words("difference.coefficient")))
    return _table("coefficients", columns, rows, words, ("difference.note.ratio",), _ratios(words))


def _candidates_table(found: Difference, words: Words) -> TableSpec | None:
    rows = [
        Row(_ratio_cells(pair, words))
        for pair in found.candidates
        if unlike(pair, "estimate", "conf_low", "conf_high", "p_value")
    ]
    return _table(
        "candidates", _ratio_columns(words), rows, words, ("difference.note.ratio",), _ratios(words)
    )


def _ratio_columns(words: Words) -> tuple[Column, ...]:
    return (
        Column("variable", words("variable"), "start"),
        *_before_after(words, "ratio"),
        *_before_after(words, "p"),
    )


def _ratios(words: Words) -> tuple[Spanner, ...]:
    return Spanner(words("difference.ratio"), 1, 3), Spanner(words("p"), 3, 5)


def _ratio_cells(pair: Pair[Coefficient], words: Words) -> tuple[Cell, ...]:
    sides = (pair.before, pair.after)
    return (
        text(row_name(pair.either, words)),
        *(ratio_cell(side) for side in sides),
        *(EMPTY if side is None else _p_cell(side) for side in sides),
    )


def ratio_cell(row: Coefficient | None) -> Cell:
    """A ratio with its interval, or the coefficient where it has none."""
    if row is None:
        return EMPTY
    if row.ratio is None or row.kind == "intercept":
        return number("estimate", row.estimate)
    return number("ratio_interval", row.ratio, row.conf_low, row.conf_high, decimals=2)


def _p_cell(row: Coefficient) -> Cell:
    return number("p_value", row.p_value if row.p_value is not None else row.lr_p_value)


def _performance_table(found: Difference, words: Words) -> TableSpec | None:
    numbers = ("apparent", "corrected", "conf_low", "conf_high")
    rows = [_measure_row(pair, words) for pair in found.measures if unlike(pair, *numbers)]
    columns = (
        Column("measure", words("measure"), "start"),
        *_before_after(words, "apparent"),
        *_before_after(words, "corrected"),
        Column("change", words("difference.change")),
        Column("mc_error", words("mc_error")),
    )
    spanners = (Spanner(words("apparent"), 1, 3), Spanner(words("corrected"), 3, 7))
    return _table("performance", columns, rows, words, ("difference.note.mc",), spanners)


def _measure_row(pair: Pair[Measure], words: Words) -> Row:
    sides = (pair.before, pair.after)
    cells = [
        *(EMPTY if side is None else number("estimate", side.apparent) for side in sides),
        *(corrected_cell(side) for side in sides),
    ]
    change = (number("estimate", risen(pair)), number("estimate", chance(pair), decimals=4))
    return Row((text(name_of(pair.either, words)), *cells, *change))


def corrected_cell(side: Measure | None) -> Cell:
    """The corrected value of a measure with its interval."""
    if side is None:
        return EMPTY
    return number("estimate_interval", side.corrected, side.conf_low, side.conf_high)


def name_of(measure: Measure, words: Words) -> str:
    """A measure's name, with its horizon where it has one."""
    name = measure_name(measure.measure, words)
    return name if measure.horizon is None else f"{name}, {measure.horizon:g}"


def _decision_table(found: Difference, words: Words) -> TableSpec | None:
    limits = ("net_benefit", "conf_low", "conf_high")
    rows = [_benefit_row(pair) for pair in found.benefits if unlike(pair, *limits)]
    columns = (
        Column("threshold", words("threshold")),
        *_before_after(words, "net_benefit"),
        Column("change", words("difference.change")),
    )
    spanners = (Spanner(words("net_benefit"), 1, 3),)
    return _table("decision", columns, rows, words, spanners=spanners)


def _benefit_row(pair: Pair[Benefit]) -> Row:
    sides = (pair.before, pair.after)
    values = [None if side is None else side.net_benefit for side in sides]
    change = None if None in values else (values[1] or 0.0) - (values[0] or 0.0)
    cells = [
        EMPTY
        if side is None
        else number("estimate_interval", side.net_benefit, side.conf_low, side.conf_high)
        for side in sides
    ]
    return Row(
        (number("risk", pair.either.threshold, decimals=1), *cells, number("estimate", change))
    )


def _findings_table(found: Difference, words: Words) -> TableSpec | None:
    rows = [
        Row(
            (
                text(pair.either.code),
                text(words(f"severity.{pair.either.severity}.short")),
                text(words(state_of(pair))),
                text(pair.either.message),
            )
        )
        for pair in found.remarks
    ]
    columns = (
        Column("code", words("difference.finding"), "start"),
        Column("severity", words("difference.weight"), "start"),
        Column("state", words("difference.state"), "start"),
        Column("message", words("difference.message"), "start"),
    )
    return _table("findings", columns, rows, words)


def state_of(pair: Pair[Remark]) -> str:
    """Key of what happened to a finding."""
    if pair.before is None:
        return "difference.new"
    return "difference.gone" if pair.after is None else "difference.changed"


def _checklists_table(found: Difference, words: Words) -> TableSpec | None:
    rows = [
        Row(
            (
                text(f"{pair.either.checklist} {pair.either.entry.number}"),
                text(pair.either.entry.name),
                text(_verdict(pair.before, words)),
                text(_verdict(pair.after, words)),
            )
        )
        for pair in found.lines
    ]
    columns = (
        Column("number", words("checklist.item"), "start"),
        Column("name", words("difference.message"), "start"),
        Column("before", words("difference.before"), "start"),
        Column("after", words("difference.after"), "start"),
    )
    return _table("checklists", columns, rows, words)


def _verdict(line: Line | None, words: Words) -> str:
    return "" if line is None else verdict_words(line.entry.verdict, words)


def _parts_table(found: Difference, words: Words) -> TableSpec | None:
    counted = ("changed", "gone", "added", "texts")
    rows = [
        Row(
            (
                text(tally.part),
                number("integer", tally.same + tally.changed),
                *(number("integer", getattr(tally, name)) for name in counted),
                number("risk", tally.largest, decimals=1) if tally.changed else EMPTY,
                text(tally.where),
            )
        )
        for tally in found.tallies
        if tally.differs
    ]
    columns = (
        Column("part", words("difference.part"), "start"),
        Column("numbers", words("difference.numbers")),
        Column("changed", words("difference.numbers_changed")),
        Column("gone", words("difference.only_before")),
        Column("added", words("difference.only_after")),
        Column("texts", words("difference.texts")),
        Column("largest", words("difference.largest")),
        Column("where", words("difference.where"), "start"),
    )
    return _table("parts", columns, rows, words, ("difference.note.largest",))


def _table(
    key: str,
    columns: tuple[Column, ...],
    rows: Iterable[Row],
    words: Words,
    notes: tuple[str, ...] = (),
    spanners: tuple[Spanner, ...] = (),
) -> TableSpec | None:
    """A table of the difference; None without rows."""
    body = tuple(rows)
    if not body:
        return None
    caption = words(f"difference.caption.{key}")
    footnotes = tuple(words(note) for note in notes)
    return TableSpec(f"difference_{key}", caption, columns, body, spanners, footnotes)
