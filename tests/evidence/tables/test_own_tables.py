"""vertebrisk's own tables are read like any other paper's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.report.example import example_result

from vertebrisk._types import Language
from vertebrisk.evidence.audit.subject import Subject
from vertebrisk.evidence.tables import read_tables
from vertebrisk.report.render_markdown import render_markdown
from vertebrisk.report.render_text import render_text
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.tables.table import TableSpec
from vertebrisk.report.words import Words

Renderer = Callable[[TableSpec, Words], str]
RENDERERS: dict[str, Renderer] = {"text": render_text, "markdown": render_markdown}


def result(language: Language) -> StudyResult:
    made = example_result()
    return replace(made, facts=replace(made.facts, language=language))


def reread(table: str, language: Language, renderer: str) -> Subject:
    made = result(language)
    words = Words(language, made.facts.model)
    read = read_tables(RENDERERS[renderer](build_tables(made)[table], words))
    assert read.findings == ()
    return read.subject


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_one(language: Language, renderer: str) -> None:
    compared = result(language).comparison
    assert compared is not None
    table = reread("comparison", language, renderer).comparisons[0]
    assert [(each.total, each.event) for each in table.groups] == [
        (True, None), (False, False), (False, True),
    ]  # fmt: skip
    assert [each.n and each.n.value for each in table.groups] == [268, 231, 37]
    assert len(table.rows) == len(compared.variables)
    assert table.missing_told
    for row, variable in zip(table.rows, compared.variables, strict=True):
        assert row.variable.startswith(variable.label)
        assert row.p_value is not None
        assert row.p_value.covers(variable.test.p_value or 0.0)
        counts = [[cell and cell.value for cell in level.count] for level in row.levels]
        assert counts == [
            [level.overall.count, *(cell.count for cell in level.cells)]
            for level in variable.levels
        ]
        means = [each.mean for each in variable.cells]
        assert all(
            cell is not None and cell.covers(mean or 0.0)
            for cell, mean in zip(row.mean[1:], means, strict=False)
        )
        assert len(row.mean) == (0 if variable.levels else 3)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("table", ["univariable", "multivariable"])
def test_regressions(table: str, language: Language, renderer: str) -> None:
    rows = getattr(result(language), table)
    rows = [row for row in rows if table == "multivariable" or row.kind != "intercept"]
    model = reread(table, language, renderer).models[0]
    assert (model.id, model.kind) == (table, "logistic")
    assert model.conf_level is not None
    assert model.conf_level.value == 95
    assert len(model.coefficient) == len(rows)
    for read, row in zip(model.coefficient, rows, strict=True):
        assert read.term == ("constant" if row.kind == "intercept" else row.label)
        assert read.level == (row.shown_level if row.level else "")
        pairs = [(read.wald, row.wald), (read.p_value, row.p_value)]
        if row.kind == "estimate":
            pairs += [
                (read.estimate, row.estimate), (read.std_error, row.std_error),
                (read.ratio, row.ratio), (read.conf_low, row.conf_low),
                (read.conf_high, row.conf_high),
            ]  # fmt: skip
        if row.kind == "reference":
            assert read.ratio is not None
            continue
        assert all(cell is not None and cell.covers(value or 0.0) for cell, value in pairs)
