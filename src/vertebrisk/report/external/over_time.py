"""What the page of a validation says by each horizon, of a model of time to event."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.models.external.results import ExternalHorizon, ExternalValidation, FollowedBy
from vertebrisk.report.external.summary import ratio_text, verdict
from vertebrisk.report.external.tables import (
    benefit_columns,
    benefit_rows,
    class_columns,
    class_rows,
    measure_cell,
)
from vertebrisk.report.tables.performance import measure_name
from vertebrisk.report.tables.table import Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING


def numbered(key: str, place: int) -> str:
    """The key of a figure by a horizon: ``external_calibration``, ``external_calibration_2``."""
    return key if place == 1 else f"{key}_{place}"


def followed_text(followed: FollowedBy | None, words: Words) -> list[str]:
    """How long the patients were followed, and what competed."""
    if followed is None:
        return []
    longest = words.time(followed.longest, followed.unit)
    if followed.median is None:
        told = words("external.followed.unreached", longest=longest)
    else:
        median = words.time(round(followed.median, 2), followed.unit)
        told = words("external.followed", longest=longest, median=median)
    rivals = words("external.followed.competing", n=followed.n_competing)
    return [words.joined([told, rivals if followed.competing else ""])]


def expected_sentences(found: ExternalValidation, unit: str, words: Words) -> list[str]:
    """By each horizon, whether the risks are right on average."""
    told = []
    for each in found.horizons:
        ratio = each.estimate("observed_expected")
        share = words.numbers.risk_interval(
            each.observed.estimate, each.observed.conf_low, each.observed.conf_high
        )
        values = {
            "time": words.time(each.horizon, unit),
            "expected": words.numbers.risk(each.expected),
            "observed": share,
        }
        if ratio.estimate > 0.0:
            values |= {"verdict": verdict(ratio, words), "oe": ratio_text(ratio, words)}
            told.append(words("external.summary.by", **values))
    return told


def horizon_tables(
    found: ExternalValidation, thresholds: Sequence[float], unit: str, words: Words
) -> dict[str, TableSpec]:
    """Counts, measures and net benefit by horizon."""
    made = [followed_table(found, unit, words), horizon_measures(found, unit, words)]
    for table in (
        horizon_benefits(found, thresholds, unit, words),
        horizon_classes(found, thresholds, unit, words),
    ):
        made += [] if table is None else [table]
    return {each.key: each for each in made}


def followed_table(found: ExternalValidation, unit: str, words: Words) -> TableSpec:
    """Who had the event by each horizon, who left before, and what was observed and expected."""
    rivals = found.followed is not None and bool(found.followed.competing)
    counts = ["n_events", *(["n_competing"] if rivals else []), "n_unknown", "n_followed"]
    columns = (
        Column("horizon", words("horizon"), "start"),
        *(Column(name, words(f"external.column.{name}")) for name in counts),
        Column("observed", words("external.column.observed")),
        Column("expected", words("external.column.expected")),
    )
    rows = []
    for each in found.horizons:
        share = each.observed
        cells = [text(words.time(each.horizon, unit))]
        cells += [number("integer", getattr(each, name)) for name in counts]
        cells += [
            number("risk_interval", share.estimate, share.conf_low, share.conf_high, decimals=1),
            number("risk", each.expected, decimals=1),
        ]
        rows.append(Row(tuple(cells)))
    notes = (words("external.note.observed_competing" if rivals else "external.note.observed"),)
    caption = words("caption.external.followed")
    return TableSpec("external_followed", caption, columns, tuple(rows), footnotes=notes)


def horizon_measures(found: ExternalValidation, unit: str, words: Words) -> TableSpec:
    """A row a measure, a column a horizon, and what each says."""
    columns = (
        Column("measure", words("measure"), "start"),
        *(
            Column(f"horizon_{place}", words.time(each.horizon, unit))
            for place, each in enumerate(found.horizons)
        ),
        Column("says", words("external.column.question"), "start"),
    )
    named = dict.fromkeys(
        name for each in found.horizons for name in each.measures["measure"].to_list()
    )
    rows = []
    for name in named:
        cells = [text(measure_name(name, words))]
        cells += [_cell(each, name, words) for each in found.horizons]
        cells.append(text(words(f"external.says.{name}")))
        rows.append(Row(tuple(cells)))
    notes = (words("external.note.smoother", smoother=words.smoother(found.smoother)),)
    caption = words("caption.external.horizons")
    return TableSpec("external_horizons", caption, columns, tuple(rows), footnotes=notes)


def _cell(each: ExternalHorizon, name: str, words: Words) -> Cell:
    rows = each.measures.filter(measure=name)
    return measure_cell(name, rows.row(0)[1:4], words) if rows.height else text(MISSING)


def horizon_benefits(
    found: ExternalValidation, thresholds: Sequence[float], unit: str, words: Words
) -> TableSpec | None:
    """Net benefit at the thresholds asked, horizon by horizon; None without any."""
    by = [(each, benefit_rows(each.decision, thresholds)) for each in found.horizons]
    return _by_horizon("decision", benefit_columns(words), by, unit, words)


def horizon_classes(
    found: ExternalValidation, thresholds: Sequence[float], unit: str, words: Words
) -> TableSpec | None:
    """What acting at those thresholds finds and misses, horizon by horizon; None without any."""
    by = [
        (each, [] if each.classes is None else class_rows(each.classes.frame, thresholds))
        for each in found.horizons
    ]
    return _by_horizon("classes", class_columns(words), by, unit, words)


def _by_horizon(
    key: str,
    columns: tuple[Column, ...],
    by: Sequence[tuple[ExternalHorizon, list[Row]]],
    unit: str,
    words: Words,
) -> TableSpec | None:
    """Rows of every horizon under its time; None where there are none."""
    rows: list[Row] = []
    for each, own in by:
        if own:
            head = text(words.time(each.horizon, unit))
            rows.append(Row((head, *[Cell()] * (len(columns) - 1)), kind="heading"))
            rows += own
    if not rows:
        return None
    caption = words(f"caption.external.{key}")
    notes = (words(f"external.note.{key}"),)
    return TableSpec(f"external_{key}", caption, columns, tuple(rows), footnotes=notes)
