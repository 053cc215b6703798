"""The audit finds nothing wrong in vertebrisk's own tables, pasted by a stranger."""

from __future__ import annotations

import pytest

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.tables.reading import TableReading, read_tables
from vertebrisk.protocol import load_protocol
from vertebrisk.report.render_markdown import render_markdown
from vertebrisk.report.render_text import render_text
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.words import Words
from vertebrisk.studies import embedded_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions

STUDIES = ("li2021", "anonymous2020", "chen2025")
TABLES = ("comparison", "univariable", "multivariable")
RENDERERS = {"markdown": render_markdown, "text": render_text}


@pytest.fixture(
    scope="module", params=[(study, lang) for study in STUDIES for lang in ("en", "zh")]
)
def result(request: pytest.FixtureRequest) -> StudyResult:
    study, lang = request.param
    options = RunOptions(resamples=2, language=lang)
    with embedded_protocol(study) as path:
        return run_study(load_protocol(path), options).result


def read(result: StudyResult, key: str, renderer: str) -> TableReading:
    tables = build_tables(result)
    words = Words(result.facts.language, result.facts.model)
    return read_tables(RENDERERS[renderer](tables[key], words) + "\n")


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("key", TABLES)
def test_own_tables_are_read_and_found_consistent(
    result: StudyResult, key: str, renderer: str
) -> None:
    if key not in build_tables(result):
        pytest.skip(f"this study has no table '{key}'")
    reading = read(result, key, renderer)
    made = audit_subjects([reading.subject])
    assert [finding.message for finding in reading.findings] == []
    assert [check.message for check in made.inconsistent] == []
    assert made.counts["consistent"] > 5
