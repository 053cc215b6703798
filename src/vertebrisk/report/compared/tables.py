"""The tables of models compared on one cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from vertebrisk.models.comparing.results import ModelComparison, ModelPair
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.source import Source, made_from, predicted
from vertebrisk.report.external.tables import measure_cell
from vertebrisk.report.tables.performance import benefit_cell, decision_rows, measure_name
from vertebrisk.report.tables.table import Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING

Models = Mapping[str, RiskModel]


def compared_tables(
    found: ModelComparison, models: Models, source: Source, words: Words
) -> dict[str, TableSpec]:
    """Every table of a comparison, by key."""
    made = [
        models_table(found, models, words),
        measures_table(found, words),
        areas_table(found, words),
        benefits_table(found, words),
        differences_table(found, source, words),
        agreement_table(found, words),
        classes_table(found, words),
    ]
    return {each.key: each for each in made if each is not None}


def models_table(found: ModelComparison, models: Models, words: Words) -> TableSpec:
    """What each model predicts and was made from, and all that they do not share."""
    columns = (
        Column("quantity", words("quantity"), "start"),
        *(Column(f"model_{place}", name, "start") for place, name in enumerate(found.names)),
    )
    rows = [
        [words("compared.row.predicts"), *(predicted(each, words) for each in models.values())],
        [words("compared.row.made_from"), *(made_from(each, words) for each in models.values())],
    ]
    for each in found.differing:
        values = [words.or_plain(value, value) if value else MISSING for value in each.values]
        rows.append([words(f"compared.differs.{each.kind}"), *values])
    lost = [str(found.rows.not_scored[name]) for name in found.names]
    rows.append([words("compared.row.not_scored"), *lost])
    return TableSpec(
        "compared_models",
        words("caption.compared.models"),
        columns,
        tuple(Row(tuple(text(cell) for cell in row)) for row in rows),
    )


def measures_table(found: ModelComparison, words: Words) -> TableSpec:
    """A row a measure, a column a model."""
    first = next(iter(found.validations.values()))
    shared = found.measures_of(found.names[0])["measure"].to_list()
    columns = (
        Column("measure", words("measure"), "start"),
        *(Column(f"model_{place}", name) for place, name in enumerate(found.names)),
    )
    rows = []
    for measure in shared:
        cells = [text(measure_name(measure, words))]
        for name in found.names:
            values = found.measures_of(name).filter(measure=measure).row(0)[1:4]
            cells.append(measure_cell(measure, values, words))
        rows.append(Row(tuple(cells)))
    notes = (words("external.note.smoother", smoother=words.smoother(first.smoother)),)
    caption = words("caption.compared.measures")
    return TableSpec("compared_measures", caption, columns, tuple(rows), footnotes=notes)


def pair_name(first: str, second: str, words: Words) -> str:
    """A difference of two models."""
    return words("compared.pair", first=first, second=second)


def areas_table(found: ModelComparison, words: Words) -> TableSpec:
    """Every pair of areas, and the test of all together."""
    columns = (
        Column("pair", words("compared.column.pair"), "start"),
        Column("difference", words("compared.column.difference")),
        Column("z", words("compared.column.z")),
        Column("p", words("p")),
    )
    rows = tuple(
        Row(
            (
                text(pair_name(each["first"], each["second"], words)),
                number("estimate_interval", each["estimate"], each["conf_low"], each["conf_high"]),
                number("estimate", each["statistic"], decimals=2),
                number("p_value", each["p_value"]),
            )
        )
        for each in found.areas.pairs.iter_rows(named=True)
    )
    joint = found.areas
    notes = []
    if joint.statistic is not None:
        notes.append(
            words(
                "compared.note.joint" if found.horizon is None else "compared.note.joint_over_time",
                statistic=words.numbers.estimate(joint.statistic, 2),
                df=joint.df,
                p=words.numbers.p_statement(joint.p_value),
            )
        )
    caption = words("caption.compared.areas")
    return TableSpec("compared_areas", caption, columns, rows, footnotes=tuple(notes))


def benefits_table(found: ModelComparison, words: Words) -> TableSpec | None:
    """Net benefit of each model and of treating all, at the thresholds asked."""
    if not found.thresholds:
        return None
    by_model = [
        decision_rows(each.decision, found.thresholds) for each in found.validations.values()
    ]
    columns = (
        Column("threshold", words("threshold")),
        *(Column(f"model_{place}", name) for place, name in enumerate(found.names)),
        Column("all", words("treat_all")),
        Column("none", words("treat_none")),
    )
    rows = []
    for each in zip(*by_model, strict=True):
        lines = [told for _, told in each]
        cells = [number("risk", each[0][0], decimals=1)]
        cells += [benefit_cell(told.get("model", {})) for told in lines]
        cells += [benefit_cell(lines[0].get("all", {})), number("estimate", 0.0)]
        rows.append(Row(tuple(cells)))
    return TableSpec(
        "compared_benefits", words("caption.compared.benefits"), columns, tuple(rows),
        footnotes=(words("compared.note.benefit"),),
    )  # fmt: skip


def differences_table(found: ModelComparison, source: Source, words: Words) -> TableSpec:
    """Brier score and net benefit at each threshold, pair by pair."""
    cuts = [
        words("compared.column.benefit_at", threshold=words.numbers.risk(cut))
        for cut in found.thresholds
    ]
    columns = (
        Column("pair", words("compared.column.pair"), "start"),
        Column("brier", words("compared.column.brier")),
        *(Column(f"benefit_{place}", label) for place, label in enumerate(cuts)),
    )
    rows = []
    for pair in found.pairs:
        own = found.differences.filter(first=pair.first, second=pair.second)
        cells = [
            number("estimate_interval", each["estimate"], each["conf_low"], each["conf_high"])
            for each in own.iter_rows(named=True)
        ]
        rows.append(Row((text(pair_name(pair.first, pair.second, words)), *cells)))
    notes = (words("compared.note.bootstrap", resamples=source.resamples),)
    caption = words("caption.compared.differences")
    return TableSpec("compared_differences", caption, columns, tuple(rows), footnotes=notes)


def agreement_table(found: ModelComparison, words: Words) -> TableSpec:
    """How far the risks of the same patients lie apart."""
    first = found.pairs[0]
    columns = (
        Column("pair", words("compared.column.pair"), "start"),
        Column("bias", words("compared.column.bias")),
        Column("limits", words("compared.column.limits")),
        Column("correlation", words("compared.column.correlation")),
        *(
            Column(f"apart_{place}", words("compared.column.apart", points=f"{100 * each:g}"))
            for place, each in enumerate(first.apart["difference"].to_list())
        ),
        *(
            Column(
                f"moved_{place}", words("compared.column.moved", threshold=words.numbers.risk(each))
            )
            for place, each in enumerate(found.thresholds)
        ),
    )
    rows = tuple(
        Row((text(pair_name(pair.first, pair.second, words)), *_agreement(pair, words)))
        for pair in found.pairs
    )
    notes = (words("compared.note.agreement"),)
    caption = words("caption.compared.agreement")
    return TableSpec("compared_agreement", caption, columns, rows, footnotes=notes)


def _agreement(pair: ModelPair, words: Words) -> list[Cell]:
    limits = pair.risks
    ranks = words.numbers.estimate(pair.rank_correlation, 2)
    linear = words.numbers.estimate(pair.correlation, 2)
    counts = [
        number("count_percent", each["n"], 100.0 * each["share"])
        for frame in (pair.apart, pair.classes)
        for each in frame.iter_rows(named=True)
    ]
    return [
        number("estimate", 100.0 * limits.bias, decimals=1),
        number("interval", 100.0 * limits.lower, 100.0 * limits.upper, decimals=1),
        text(f"{linear} ({ranks})"),
        *counts,
    ]


def classes_table(found: ModelComparison, words: Words) -> TableSpec | None:
    """Patients by their class by the first model (rows) and the second; None without thresholds."""
    if not found.thresholds:
        return None
    names = found.pairs[0].reclassification.table["new"].unique(maintain_order=True).to_list()
    columns = (
        Column("class", words("risk"), "start"),
        *(Column(f"class_{place}", _class(name, words)) for place, name in enumerate(names)),
    )
    rows: list[Row] = []
    for pair in found.pairs:
        head = words("compared.pair_of", first=pair.first, second=pair.second)
        rows.append(Row((text(head), *[Cell()] * len(names)), kind="heading"))
        rows += _classes(pair.reclassification.table, names, words)
    caption = words("caption.compared.classes")
    return TableSpec("compared_classes", caption, columns, tuple(rows))


def _classes(table: pl.DataFrame, names: Sequence[str], words: Words) -> list[Row]:
    rows = []
    for old in names:
        cells = [text(_class(old, words))]
        for new in names:
            each = table.filter(old=old, new=new).row(0, named=True)
            cells.append(text(f"{each['n']} ({each['n_events']})"))
        rows.append(Row(tuple(cells), indent=1))
    return rows


def _class(name: str, words: Words) -> str:
    """A class of risk in percent: ``0.1 to < 0.2`` as ``10% to < 20%``."""
    parts = name.replace(">=", "\u2265").split(" ")
    shown = words.numbers.percent
    return " ".join(shown(100.0 * float(p), 0) if _is_number(p) else p for p in parts)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
