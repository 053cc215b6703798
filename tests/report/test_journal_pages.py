"""A page in the style of a journal: every number of it, and nothing but the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.report.example import example_result

from vertebrisk._types import LANGUAGES, Language
from vertebrisk.report.document.study import results_document
from vertebrisk.report.drawn import whole_figure
from vertebrisk.report.figures import figure_texts, figure_words, plot_forest
from vertebrisk.report.narrative import narrate
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.tables.table import cell_text
from vertebrisk.report.words import Words
from vertebrisk.text.journals import JOURNALS, Journal

RESULT = example_result()
# Numbers of a paper, of a checklist's items and of publications stay as they are.
AS_PRINTED = ("replication", "checklist_")
SECTIONS = ("comparison", "univariable", "multivariable", "discrimination", "decision", "summary")
_POINT = re.compile(r"\d\.\d")


def styled(journal: Journal, language: Language = "en") -> StudyResult:
    return replace(RESULT, facts=replace(RESULT.facts, journal=journal, language=language))


def cells(result: StudyResult) -> Iterator[str]:
    numbers = Words.of(result).numbers
    for key, table in build_tables(result).items():
        if not key.startswith(AS_PRINTED):
            for row in table.rows:
                yield from (cell_text(cell, numbers) for cell in row.cells)


def prose(result: StudyResult) -> Iterator[str]:
    told = narrate(result, build_tables(result))
    return (text for key in SECTIONS for text in told[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_point_of_the_lancet_is_raised(language: Language) -> None:
    result = styled("lancet", language)
    found = [text for text in (*cells(result), *prose(result)) if _POINT.search(text)]
    assert found == []
    assert any("\u00b7" in text for text in prose(result))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("journal", list(JOURNALS))
def test_p_values_have_the_letter_and_sign_of_the_journal(
    journal: Journal, language: Language
) -> None:
    style = JOURNALS[journal]
    space = "[ \u00a0]" if style.p_spaced else ""
    zero = "0" if style.p_zero else ""
    form = re.compile(rf"\b{style.p_letter}{space}[=<>]{space}{zero}[.\u00b7]\d")
    told = " ".join(prose(styled(journal, language)))
    assert form.search(told)
    others = re.findall(r"\b[Pp][ \u00a0]?[=<>][ \u00a0]?[0.\u00b7]+\d+", told)
    assert all(form.match(each) for each in others)


@pytest.mark.parametrize("journal", list(JOURNALS))
def test_nothing_is_printed_as_zero_that_is_not(journal: Journal) -> None:
    ps = [
        text
        for table in build_tables(styled(journal)).values()
        for row in table.rows
        for cell in row.cells
        if cell.format == "p_value"
        for text in [cell_text(cell, Words("en", journal=journal).numbers)]
    ]
    assert ps
    assert not [text for text in ps if re.fullmatch(r"0?[.\u00b7]0+|1?[.\u00b7]0+", text)]
    assert not [
        text for text in cells(styled(journal)) if re.search(r"[-\u2212]0[.\u00b7]0+\b", text)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_columns_of_the_forest_are_those_of_the_table(language: Language) -> None:
    result = styled("lancet", language)
    words = figure_words(language, journal="lancet")
    shown = figure_texts(whole_figure(plot_forest(result.multivariable, words=words)))
    numbers = Words.of(result).numbers
    rows = [row for row in result.multivariable if row.kind == "estimate"]
    for row in rows:
        limits = numbers.ratio_limits(row.conf_low, row.conf_high)
        assert any(numbers.ratio(row.ratio) in each and limits in each for each in shown)
        assert any(numbers.p_value(row.p_value) in each for each in shown)


def test_the_document_keeps_raw_numbers() -> None:
    own, plain = results_document(styled("lancet")), results_document(RESULT)
    assert own["study"].pop("journal") == "lancet"
    assert plain["study"].pop("journal") == "default"
    own.pop("checklists", None), plain.pop("checklists", None)
    assert own == plain
