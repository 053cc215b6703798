"""The report as data: every section, table and figure once, numbered as a reader meets them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.example import example_result

from vertebrisk._types import Language
from vertebrisk.report.narrative import SECTIONS as TOLD
from vertebrisk.report.narrative import narrate, referring
from vertebrisk.report.page.content import Page, Paragraph
from vertebrisk.report.page.references import Reference, marked, pieces, plain
from vertebrisk.report.study.captions import figure_captions
from vertebrisk.report.study.page import study_page
from vertebrisk.report.study.sections import SECTIONS, Part
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.words import Words


def made(language: Language = "en") -> Page:
    result = example_result()
    result = replace(result, facts=replace(result.facts, language=language))
    return study_page(result, figure_captions(result, Words.of(result)))


def test_tables_have_on_the_page_the_numbers_that_sentences_give_them() -> None:
    told = {key: table.number for key, table in build_tables(example_result()).items()}
    shown = {table.key: table.number for table in made().tables()}
    assert {key: shown[key] for key in told} == told
    assert all(key.startswith("checklist_") for key in set(shown) - set(told))
    assert list(shown.values()) == list(range(1, len(shown) + 1))


def test_figures_are_numbered_as_they_come() -> None:
    figures = list(made().figures())
    assert [each.number for each in figures] == list(range(1, len(figures) + 1))
    assert all(each.caption for each in figures)


def test_every_section_is_told_and_stands_once() -> None:
    keys = [section.key for section in made().sections]
    assert len(set(keys)) == len(keys)
    known = [part.key for part in SECTIONS if isinstance(part, Part)]
    assert len(set(known)) == len(known)
    assert set(TOLD) - {"summary", "statistical_methods", "plain_summary", "limits"} == set(known)


@pytest.mark.parametrize(("language", "word"), [("en", "Table "), ("zh", "表")])
def test_sentences_refer_to_tables_that_there_are(language: Language, word: str) -> None:
    page = made(language)
    numbers = {table.number for table in page.tables()}
    found = [
        piece
        for section in page.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
        for piece in pieces(block.text)
        if isinstance(piece, Reference)
    ]
    assert len(found) > 5
    assert {each.number for each in found} <= numbers
    assert {each.word.replace("\u00a0", " ") for each in found} == {word}


def test_a_reference_is_what_the_report_refers_to_and_nothing_else() -> None:
    text = f"See Table {marked(3)} and 表{marked(12)}; Table 2 of the paper \ufdd0x\ufdd1."
    assert list(pieces(text)) == [
        "See ", Reference(3, "Table "), " and ", Reference(12, "表"), "; Table 2 of the paper x.",
    ]  # fmt: skip
    assert plain(text) == "See Table 3 and 表12; Table 2 of the paper x."
    assert "".join(each if isinstance(each, str) else each.text for each in pieces(text)) == plain(
        text
    )


def test_marks_leave_the_prose_as_it_reads() -> None:
    result = example_result()
    tables = build_tables(result)
    told = narrate(result, tables)
    assert "\ufdd0" not in str(told)
    assert {key: [plain(text) for text in texts] for key, texts in told.items()} == told
    assert "\ufdd0" in "".join(referring(result, tables)["multivariable"])


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Not drawn, for want of a difference: Sex, Age, years and BMI."),
        ("zh", "因无标准化均数差而未绘出：Sex、Age, years、BMI。"),
    ],
)
def test_the_plot_of_differences_names_whom_it_leaves_out(language: Language, told: str) -> None:
    result = example_result()
    words = Words(language)
    assert (
        words("figure.balance_without", variables="")[:4]
        not in (figure_captions(result, words)["balance"])
    )
    left = [replace(each, smd=None) for each in result.comparison.variables[:3]]
    compared = replace(result.comparison, variables=(*left, *result.comparison.variables[3:]))
    assert figure_captions(replace(result, comparison=compared), words)["balance"].endswith(told)


def test_a_figure_that_is_not_drawn_is_not_on_the_page() -> None:
    assert list(study_page(example_result(), ()).figures()) == []
    assert [each.key for each in study_page(example_result(), {"roc", "other"}).figures()] == [
        "roc"
    ]
