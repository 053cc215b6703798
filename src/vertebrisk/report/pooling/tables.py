"""The tables of pooled studies, each as one `TableSpec` for page and terminal."""

from __future__ import annotations

import numpy as np

from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.evidence.pooling.study_estimates import NOT_STATED
from vertebrisk.kernels.meta_analysis.effects import from_scale
from vertebrisk.report.pooling.numbers import (
    counts_cell,
    definition_text,
    i2_text,
    kind_text,
    method_text,
    pooled_cell,
    prediction_cell,
    prediction_name,
    property_text,
    q_text,
    study_cell,
    tau2_cell,
    value_cell,
)
from vertebrisk.report.tables.table import Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.messages import said
from vertebrisk.text.numbers import MISSING


def pooling_tables(result: PooledPapers, words: Words) -> dict[str, TableSpec]:
    """Every table of a result, by key, in the order of the page."""
    tables = {
        "pool_studies": studies_table(result, words),
        "pool_result": result_table(result, words),
    }
    if result.subgroups is not None:
        tables["pool_groups"] = groups_table(result, words)
    if result.regression is not None:
        tables["pool_regression"] = regression_table(result, words)
    if result.omitted is not None:
        tables["pool_omitted"] = omitted_table(result, words)
    if result.evidence.unused:
        tables["pool_unused"] = unused_table(result, words)
    return tables


def studies_table(result: PooledPapers, words: Words) -> TableSpec:
    """One row a study: definition of the outcome, counts, number, weight."""
    measure = result.evidence.measure
    estimates = result.evidence.estimates
    defined = any(definition_text(each, words) for each in estimates)
    columns = [Column("study", words("pool.study"), "start")]
    columns += [Column("definition", words("pool.definition"), "start")] if defined else []
    columns += [
        Column("kind", words("pool.kind"), "start"),
        Column("events_n", words("events_n")),
        Column("estimate", words(f"pool.{measure}_ci")),
        Column("weight", words("pool.weight")),
    ]
    rows = []
    for each, weight in zip(estimates, result.weights, strict=True):
        cells = [text(each.label)]
        cells += [text(definition_text(each, words) or MISSING)] if defined else []
        cells += [
            text(kind_text(each, words)),
            counts_cell(each),
            study_cell(each, measure),
            number("percent", weight, decimals=1),
        ]
        rows.append(Row(tuple(cells)))
    notes = [words(f"pool.note.scale.{result.pooled.scale}")]
    if measure == "incidence":
        notes.append(words("pool.note.wilson"))
    if not result.pooled.weights:
        notes.append(words("pool.note.weights"))
    return TableSpec(
        "pool_studies", words("pool.caption.studies"), tuple(columns), tuple(rows),
        footnotes=tuple(notes),
    )  # fmt: skip


def result_table(result: PooledPapers, words: Words) -> TableSpec:
    """The pooled number, its prediction interval, heterogeneity and tests."""
    pooled, measure = result.pooled, result.evidence.measure
    lines = [
        (words("pool.pooled"), pooled_cell(pooled, measure)),
        (prediction_name(pooled, words), prediction_cell(pooled, measure)),
        (words("pool.tau2"), tau2_cell(pooled)),
        (words("pool.i2"), text(i2_text(pooled, words.numbers))),
        (words("pool.heterogeneity"), text(q_text(pooled, words))),
    ]
    if measure in ("odds-ratio", "oe"):
        lines.insert(2, (words("pool.test"), text(words.numbers.p_statement(pooled.p_value))))
    groups = result.subgroups
    if groups is not None and groups.q is not None:
        shown = _chi2(groups.q, groups.q_df, groups.q_p_value, words)
        lines.append((words("pool.between"), text(shown)))
    if result.egger is not None:
        shown = words.numbers.p_statement(result.egger.p_value)
        lines.append((words("pool.asymmetry"), text(shown)))
    lines += [
        (words("pool.k"), number("integer", pooled.k)),
        (words("pool.method"), text(method_text(pooled, words))),
    ]
    rows = tuple(Row((text(name), value)) for name, value in lines)
    columns = (Column("quantity", words("quantity"), "start"), Column("value", words("value")))
    return TableSpec("pool_result", words("pool.caption.result"), columns, rows)


def _chi2(q: float, df: int, p: float | None, words: Words) -> str:
    return words(
        "pool.with_df",
        name="χ²",
        value=words.numbers.estimate(q, 2),
        df=df,
        p=words.numbers.p_statement(p),
    )


def groups_table(result: PooledPapers, words: Words) -> TableSpec:
    """Each group of studies, pooled apart."""
    assert result.subgroups is not None
    measure = result.evidence.measure
    columns = (
        Column("group", words("pool.group"), "start"),
        Column("k", words("pool.k")),
        Column("estimate", words(f"pool.{measure}_ci")),
        Column("tau2", words("pool.tau2")),
        Column("i2", words("pool.i2")),
        Column("prediction", words("pool.prediction")),
    )
    rows = []
    for each in result.subgroups.groups:
        alone = each.pooled.k == 1
        shown = pooled_cell(each.pooled, measure)
        if alone:
            shown = study_cell(result.members(each.group)[0], measure)
        cells = [
            text(words("pool.not_stated") if each.group == NOT_STATED else each.group),
            number("integer", each.pooled.k),
            shown,
            number("estimate", None if alone else each.pooled.tau2),
            number("percent", None if alone else each.pooled.i2, decimals=0),
            text(MISSING) if alone else prediction_cell(each.pooled, measure),
        ]
        rows.append(Row(tuple(cells)))
    caption = words("pool.caption.groups", name=property_text(result.subgroup, words))
    note = words("pool.note.groups")
    return TableSpec("pool_groups", caption, columns, tuple(rows), footnotes=(note,))


def regression_table(result: PooledPapers, words: Words) -> TableSpec:
    """Coefficients of the meta-regression, on the scale of pooling."""
    assert result.regression is not None
    columns = (
        Column("term", words("pool.term"), "start"),
        Column("estimate", words("pool.coefficient_ci")),
        Column("p", words("p")),
    )
    rows = tuple(
        Row(
            (
                text(f"{each.term} = {each.level}" if each.level else each.term),
                number("estimate_interval", each.estimate, each.conf_low, each.conf_high),
                number("p_value", each.p_value),
            )
        )
        for each in result.regression.coefficients
    )
    caption = words("pool.caption.regression", name=property_text(result.moderator, words))
    note = words("pool.note.regression", scale=result.pooled.scale)
    return TableSpec("pool_regression", caption, columns, rows, footnotes=(note,))


def omitted_table(result: PooledPapers, words: Words) -> TableSpec:
    """The pooled number without each study."""
    assert result.omitted is not None
    measure, scale = result.evidence.measure, result.pooled.scale
    labels = {each.study: each.label for each in result.evidence.estimates}
    columns = (
        Column("omitted", words("pool.omitted"), "start"),
        Column("estimate", words(f"pool.{measure}_ci")),
        Column("tau2", words("pool.tau2")),
        Column("i2", words("pool.i2")),
    )
    rows = []
    for each in result.omitted.iter_rows(named=True):
        ends = [each["estimate"], each["conf_low"], each["conf_high"]]
        natural = [float(value) for value in from_scale(np.array(ends), scale)]
        cells = (
            text(labels[each["omitted"]]),
            value_cell(natural[0], natural[1], natural[2], measure),
            number("estimate", each["tau2"]),
            number("percent", each["i2"], decimals=0),
        )
        rows.append(Row(cells))
    caption = words("pool.caption.leave_one_out")
    return TableSpec("pool_omitted", caption, columns, tuple(rows))


def unused_table(result: PooledPapers, words: Words) -> TableSpec:
    """Studies that were given and not pooled."""
    columns = (
        Column("study", words("pool.study"), "start"),
        Column("reason", words("pool.reason"), "start"),
    )
    rows = tuple(
        Row((text(each.label), text(said(each.reason, words.language))))
        for each in result.evidence.unused
    )
    return TableSpec("pool_unused", words("pool.caption.unused"), columns, rows)
