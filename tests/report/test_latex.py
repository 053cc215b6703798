"""The tables as LaTeX: whole, of one width from row to row, and obeying no label."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.example import example_result
from tests.report.hostile import HOSTILE, hostile_table, long_table, page_of
from tests.report.table_files import TABLE, balanced, environments, row_widths

from vertebrisk._types import LANGUAGES, Language
from vertebrisk.report.latex.document import tables_latex
from vertebrisk.report.latex.escaping import escape
from vertebrisk.report.page.content import Page
from vertebrisk.report.study.page import study_page
from vertebrisk.report.tables.table import (
    EMPTY,
    Column,
    Row,
    Spanner,
    TableSpec,
    cell_text,
    number,
    text,
)
from vertebrisk.report.words import Words
from vertebrisk.text.journals import JOURNALS, Journal

RESULT = example_result()


def page(language: Language = "en") -> Page:
    facts = replace(RESULT.facts, language=language)
    return study_page(replace(RESULT, facts=facts), ())


def check_whole(source: str, widths: list[int]) -> None:
    """The structure of a document whose tables have so many columns."""
    source = re.sub(r"^%.*\n", "", source, flags=re.MULTILINE)
    assert balanced(source)
    assert environments(source)[0] == "document"
    assert not re.search(r"(?<!\\)[%#$^_]", source.partition(r"\begin{document}")[2])
    tables = TABLE.findall(source)
    assert len(tables) == len(widths)
    for table, width in zip(tables, widths, strict=True):
        assert set(row_widths(table)) == {width}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("journal", list(JOURNALS))
def test_the_report_is_whole(language: Language, journal: Journal) -> None:
    facts = replace(RESULT.facts, language=language, journal=journal)
    made = study_page(replace(RESULT, facts=facts), ())
    source = tables_latex(made)
    assert balanced(source)
    tables = tuple(made.tables())
    bodies = TABLE.findall(source)
    assert len(bodies) == len(tables)
    for table, body in zip(tables, bodies, strict=True):
        assert set(row_widths(body)) == {len(table.columns)}
        assert rf"\caption{{{escape(table.caption)}}}" in body
        assert all(escape(note) in body for note in table.footnotes)
        for row in table.rows:
            for cell in row.cells:
                assert escape(cell_text(cell, made.words.numbers)) in body
    assert made.figure_label in source
    assert environments(source).count("longtable") == len(tables)


def test_chinese_is_set_by_ctex_where_there_is_any() -> None:
    column = (Column("c", "C", "start"),)
    plain = TableSpec("t", "Caption", column, (Row((text("x"),)),))
    chinese = replace(plain, rows=(Row((text("骨水泥"),)),))
    assert "ctex" not in tables_latex(page_of(plain))
    assert r"\usepackage[scheme=plain]{ctex}" in tables_latex(page_of(chinese))
    own = page_of(plain, words=Words("zh"))
    assert r"\usepackage[scheme=chinese,heading=false]{ctex}" in tables_latex(own)
    assert tables_latex(own).startswith("% Made by vertebrisk 0.1.0.\n% For XeLaTeX or LuaLaTeX")


def test_heads_are_repeated_and_spanned() -> None:
    source = tables_latex(page_of(hostile_table(), long_table()))
    for table in TABLE.findall(source):
        assert table.count(r"\endfirsthead") == table.count(r"\endhead") == 1
        head = table.partition(r"\endfirsthead")[0].partition(r"\toprule")[2]
        assert table.count(head) == 2
    assert r"\cmidrule(lr){2-3}" in source
    check_whole(source, [3, 13])


def test_wide_tables_are_turned_and_small() -> None:
    narrow = TableSpec("t", "C", (Column("c", "C"),), (Row((number("integer", 1),)),), number=1)
    assert "landscape" not in environments(tables_latex(page_of(narrow)))
    wide = tables_latex(page_of(long_table()))
    assert environments(wide)[1:] == ["landscape", "tiny", "longtable"]


@pytest.mark.parametrize(
    ("label", "source"),
    [
        (r"50% & $x_1$", r"50\% \& \$x\_1\$"),
        ("a\\b", r"a\textbackslash{}b"),
        ("{x}~^#", r"\{x\}\textasciitilde{}\textasciicircum{}\#"),
        ("<b>", r"\textless{}b\textgreater{}"),
        ("--", "{-}{-}"),
        ("[1] *", "{[}1{]} {*}"),
        ("≥ 3 ± −1", r"\ensuremath{\geq} 3 \ensuremath{\pm} \ensuremath{-}1"),
        ("τ² 0·5", r"\ensuremath{\tau}² 0\ensuremath{\cdot}5"),
        ("a\u00a0b", "a~b"),
        ("a\nb\x00\u202e", "a b"),
        ("\u0431\u043e\u043b\u044c VAS", "\\othertext{\u0431\u043e\u043b\u044c} VAS"),
        ("x \u05d0 \u05d1!", "x \\righttoleft{\u05d0 \u05d1}!"),
    ],
)
def test_special_characters(label: str, source: str) -> None:
    assert escape(label) == source


def test_a_word_that_fills_the_line_may_break() -> None:
    assert escape("W" * 25) == r"WWWWWWWWWW\allowbreak{}WWWWWWWWWW\allowbreak{}WWWWW"
    assert escape("calibration-curve-unreliable") == (
        r"calibration{-}\allowbreak{}curve{-}\allowbreak{}unreliable"
    )
    assert escape("internal-external") == "internal{-}external"


def test_letters_of_other_scripts_have_a_font() -> None:
    column = (Column("c", "C", "start"),)
    plain = TableSpec("t", "Caption", column, (Row((text("x"),)),))
    assert "othertext" not in tables_latex(page_of(plain))
    source = tables_latex(page_of(replace(plain, caption="\u0431\u043e\u043b\u044c")))
    assert source.index(r"\newcommand{\othertext}") < source.index(r"\begin{document}")
    assert r"\IfFontExistsTF{DejaVu Sans}" in source


ANY = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE))


@given(ANY, ANY, ANY, ANY)
def test_no_text_changes_the_structure(label: str, head: str, caption: str, note: str) -> None:
    columns = (Column("a", head, "start"), Column("b", label), Column("c", note))
    rows = (
        Row((text(label, mark=note), text(caption), EMPTY)),
        Row((text(note), EMPTY, EMPTY), kind="heading"),
    )
    spanners = (Spanner(caption, 0, 2),)
    table = TableSpec(label, caption, columns, rows, spanners, (note, label), number=1)
    made = replace(page_of(table), title=label, version=note)
    check_whole(tables_latex(made), [3])


def test_two_sources_are_equal() -> None:
    assert tables_latex(page()) == tables_latex(page())
