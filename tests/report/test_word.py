"""The report as a document of Word: its package, its marks, and what reads it back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace

import docx
import pytest
from docx.enum.section import WD_ORIENT
from tests.report.example import example_result, intercept_only
from tests.report.word_package import W, WordFile, problems

from vertebrisk._types import Language
from vertebrisk.errors import ArgumentError
from vertebrisk.report import printing
from vertebrisk.report.page.content import Page, Paragraph, References, Section, Tables
from vertebrisk.report.printing import Printing
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.study.captions import figure_captions
from vertebrisk.report.study.page import study_page
from vertebrisk.report.tables.table import Column, Row, Spanner, TableSpec, text
from vertebrisk.report.word.document import in_order, word_document
from vertebrisk.report.word.markup import legal
from vertebrisk.report.word.tables import table_xml
from vertebrisk.report.word.widths import ACROSS, UPRIGHT, layout, text_em
from vertebrisk.report.words import Words


def png(width: int = 1200, height: int = 900) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(stream, "PNG")
    return stream.getvalue()


PICTURE = png()


def in_language(language: Language, result: StudyResult | None = None) -> StudyResult:
    found = example_result() if result is None else result
    return replace(found, facts=replace(found.facts, language=language))


def made(result: StudyResult) -> tuple[Page, bytes]:
    keys = figure_captions(result, Words.of(result))
    page = study_page(result, keys)
    return page, word_document(page, dict.fromkeys(keys, PICTURE))


@pytest.fixture(scope="module", params=["en", "zh"])
def document(request: pytest.FixtureRequest) -> tuple[Page, bytes]:
    return made(in_language(request.param))


@pytest.fixture(scope="module")
def in_english() -> bytes:
    return made(example_result())[1]


def strange(result: StudyResult) -> StudyResult:
    """Labels that are markup, TeX, control characters, halves of a pair, or run the other way."""
    bad = (
        '<w:b/>]]>&"\x00\x0b\ud800\ufffe 100 % $\\alpha$ \\textbf{x} גב כאב 3 שלב {a}\n\t'
        + "ظهر" * 20
    )
    return replace(
        result,
        facts=replace(result.facts, title=bad, outcome_label=bad, data_name=bad, event_rule=bad),
        comparison=replace(
            result.comparison,
            by=bad,
            variables=tuple(replace(each, label=bad) for each in result.comparison.variables),
        ),
        multivariable=tuple(replace(row, label=bad * 3, level=bad) for row in result.multivariable),
        findings=tuple(replace(each, message=bad, explanation=bad) for each in result.findings),
        equation=bad,
    )


def test_word_has_nothing_to_repair(document: tuple[Page, bytes]) -> None:
    assert problems(document[1]) == []


def test_strange_labels_come_out_as_they_are() -> None:
    _, content = made(strange(example_result()))
    assert problems(content) == []
    shown = WordFile.of(content).texts()
    assert '<w:b/>]]>&" 100 % $\\alpha$ \\textbf{x} גב כאב 3 שלב {a} ظهر' in shown
    assert "\x0b" not in shown
    runs = list(WordFile.of(content).body.iter(f"{W}r"))
    turned = {run.findtext(f"{W}t") for run in runs if run.find(f"{W}rPr/{W}rtl") is not None}
    assert "גב כאב 3 שלב" in turned


def test_no_label_turns_the_words_after_it() -> None:
    assert legal("a\u202eb\u2066c\u200fd") == "abc\u200fd"


def test_two_documents_of_one_page_are_the_same_bytes(document: tuple[Page, bytes]) -> None:
    page, content = document
    assert word_document(page, {each.key: PICTURE for each in page.figures()}) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_python_docx_reads_headings_captions_and_properties(document: tuple[Page, bytes]) -> None:
    page, content = document
    read = docx.Document(io.BytesIO(content))
    styled = [(each.style.name, each.text) for each in read.paragraphs if each.style]
    headings = [text for style, text in styled if style == "Heading 1"]
    assert headings == [section.heading for section, _ in in_order(page.sections)]
    words, label = page.words, page.figure_label
    expected = [f"{words('table')} {t.number}. {t.caption}" for t in page.tables()]
    expected += [f"{words('figure')} {f.number}. {f.caption} {label}" for f in page.figures()]
    assert sorted(text for style, text in styled if style == "Caption") == sorted(expected)
    about = read.core_properties
    assert about.title == page.title
    assert about.created == about.modified
    assert about.language == {"en": "en-GB", "zh": "zh-CN"}[words.language]
    assert len(read.inline_shapes) == len(list(page.figures()))


def test_every_number_is_a_field_that_word_counts(document: tuple[Page, bytes]) -> None:
    page, content = document
    codes = [each.text or "" for each in WordFile.of(content).body.iter(f"{W}instrText")]
    words = page.words
    assert codes.count(f" SEQ {words('table')} \\* ARABIC ") == len(list(page.tables()))
    assert codes.count(f" SEQ {words('figure')} \\* ARABIC ") == len(list(page.figures()))
    references = [code for code in codes if code.startswith(" REF ")]
    assert len(references) > 5
    assert " REF table_3 \\h " in references
    assert " REF section_participants \\h " in references


def test_heads_repeat_and_rules_lie() -> None:
    _, content = made(example_result())
    body = WordFile.of(content).body
    head = f"{W}tr/{W}trPr/{W}tblHeader"
    numbered = [each for each in body.iter(f"{W}tbl") if each.find(head) is not None]
    assert len(numbered) == len(list(study_page(example_result(), ()).tables()))
    for table in body.iter(f"{W}tbl"):
        sides = {each.tag.removeprefix(W) for each in table.iterfind(f"{W}tblPr/{W}tblBorders/*")}
        assert sides == {"top", "bottom"}
        cells = {each.tag.removeprefix(W) for each in table.iterfind(f".//{W}tcBorders/*")}
        assert cells <= {"bottom"}


def test_data_that_are_not_real_are_named_on_every_page(document: tuple[Page, bytes]) -> None:
    page, content = document
    file = WordFile.of(content)
    header = next(name for name in file.members if name.startswith("word/header"))
    assert page.figure_label in "".join(file.xml(header).itertext())
    assert page.banners[0].text in file.texts()
    facts = replace(example_result().facts, data_kind="real", data_note="")
    real = WordFile.of(made(replace(example_result(), facts=facts))[1])
    assert "Reconstructed data" not in real.texts()


def test_a_bare_result_is_a_whole_document() -> None:
    page = study_page(intercept_only(), ())
    assert problems(word_document(page, {})) == []


def test_a_picture_that_could_not_be_drawn_is_named() -> None:
    page = study_page(example_result(), {"roc"})
    assert "figures/roc.svg" in WordFile.of(word_document(page, {})).texts()
    with pytest.raises(ArgumentError, match="picture of Figure 1 is not a PNG"):
        word_document(page, {"roc": b"GIF89a"})


@pytest.mark.parametrize(("width", "height"), [(5000, 400), (400, 9000), (300, 300)])
def test_no_picture_is_larger_than_a_page(width: int, height: int) -> None:
    page = study_page(example_result(), {"roc"})
    read = docx.Document(io.BytesIO(word_document(page, {"roc": png(width, height)})))
    shape = read.inline_shapes[0]
    assert shape.width.mm <= 174.1
    assert shape.height.mm <= 220.1
    assert shape.width / shape.height == pytest.approx(width / height, rel=0.02)


def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "find_spec", lambda name: None)
    with pytest.raises(ArgumentError, match=r"docx needs the package python-docx: .*\[paper\]"):
        Printing(documents=("docx",))
    assert Printing(formats=("png",)).documents == ()


def table(columns: int, rows: int, label: str, spanners: tuple[Spanner, ...] = ()) -> TableSpec:
    heads = tuple(
        Column(f"c{place}", f"Column {place}", "end" if place else "start")
        for place in range(columns)
    )
    cell = text("0.123 (0.100 to 0.150)")
    body = tuple(Row((text(label), *[cell] * (columns - 1))) for _ in range(rows))
    return TableSpec("wide", "Wide", heads, body, spanners, number=1)


WORDS = Words("en")


@pytest.mark.parametrize(
    ("columns", "label", "across"),
    [(4, "Age", False), (4, "A long label of a variable " * 12, False), (9, "Age", True)],
)
def test_a_table_stands_upright_while_it_fits(columns: int, label: str, across: bool) -> None:
    found = layout(table(columns, 3, label), WORDS)
    assert found.across == across
    assert sum(found.columns) <= (ACROSS if across else UPRIGHT)


def test_a_table_wider_than_any_page_is_made_to_fit() -> None:
    found = layout(table(40, 2, "Age"), WORDS)
    assert sum(found.columns) <= ACROSS
    assert min(found.columns) > 0


def test_pages_turn_for_a_wide_table_and_back() -> None:
    page = study_page(example_result(), ())
    wide = Section("wide", "Wide", (Tables((table(9, 3, "Age"),)),))
    after = Section("after", "After", (Paragraph("Upright again."),))
    page = replace(page, sections=(page.sections[1], wide, after))
    read = docx.Document(io.BytesIO(word_document(page, {})))
    assert [each.orientation for each in read.sections] == [
        WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT,
    ]  # fmt: skip
    for section in read.sections:
        lies = section.orientation == WD_ORIENT.LANDSCAPE
        size = (section.page_width, section.page_height)
        assert [round(each.mm) for each in size if each] == ([297, 210] if lies else [210, 297])
        assert not section.header.is_linked_to_previous


def test_spanners_are_merged_cells_with_a_rule() -> None:
    spec = table(5, 2, "Age", (Spanner("Apparent", 1, 3), Spanner("Corrected", 3, 5)))
    xml, _ = table_xml(spec, WORDS, iter(range(9)))
    head = xml.split("</w:tr>")[0]
    assert re.findall(r'gridSpan w:val="(\d)"', head) == ["2", "2"]
    assert head.count("<w:tcBorders><w:bottom") == 2


def broken(content: bytes, member: str, before: str, after: str) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(stream, "w") as changed,
    ):
        for name in given.namelist():
            found = given.read(name)
            if name == member:
                assert before.encode() in found
                found = found.replace(before.encode(), after.encode(), 1)
            changed.writestr(name, found)
    return stream.getvalue()


FAULTS: Mapping[str, tuple[str, str, str]] = {
    "row of": ("word/document.xml", '<w:gridSpan w:val="', '<w:gridSpan w:val="1'),
    "without its end": ("word/document.xml", '<w:bookmarkEnd w:id="2"/>', ""),
    "reference to nothing": ("word/document.xml", "REF table_", "REF chart_"),
    "out of order": ("word/document.xml", "<w:b/><w:bCs/>", "<w:bCs/><w:b/>"),
    "no relationship": ("word/document.xml", 'r:embed="rId', 'r:embed="rId9'),
    "leads nowhere": ("word/_rels/document.xml.rels", "styles.xml", "style.xml"),
    "no content type": ("[Content_Types].xml", 'Extension="png"', 'Extension="gif"'),
    "end with a paragraph": ("word/document.xml", "</w:p></w:tc>", "</w:p><w:tbl/></w:tc>"),
    "broken field": ("word/document.xml", 'w:fldCharType="separate"', 'w:fldCharType="end"'),
    "twice": ("word/document.xml", '<w:bookmarkStart w:id="2"', '<w:bookmarkStart w:id="1"'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen(fault: str, in_english: bytes) -> None:
    found = problems(broken(in_english, *FAULTS[fault]))
    assert any(fault in each for each in found), found


def test_papers_are_listed_by_number(document: tuple[Page, bytes]) -> None:
    page, content = document
    papers = [
        text
        for section in page.sections
        for block in section.blocks
        if isinstance(block, References)
        for text, _ in block.items
    ]
    read = docx.Document(io.BytesIO(content)).paragraphs
    listed = [each.text for each in read if each.style and each.style.name == "List Number"]
    assert len(papers) > 5
    assert listed == papers


def test_a_few_long_remarks_do_not_crowd_out_a_column_that_every_row_fills() -> None:
    heads = (Column("what", "Quantity", "start"), Column("remark", "Remark", "start"))
    label, remark = "Fractured level: T11 to L2, %, no residual back pain", "A long remark. " * 30
    rows = tuple(Row((text(label), text(remark if place == 7 else ""))) for place in range(90))
    found = layout(TableSpec("remarks", "Remarks", heads, rows), WORDS)
    assert found.columns[0] >= text_em(label) * found.half_points * 10
    assert found.columns[1] > found.columns[0]
    assert sum(found.columns) <= UPRIGHT


def test_methods_come_first_and_lists_last_and_no_number_moves(
    document: tuple[Page, bytes],
) -> None:
    page, content = document
    keys = [section.key for section, _ in in_order(page.sections)]
    assert keys[:3] == ["summary", "statistical_methods", "participants"]
    assert keys[-2:] == ["replication", "checklists"]
    assert sorted(keys) == sorted(section.key for section in page.sections)
    text = WordFile.of(content).texts()
    words = page.words
    for kind, captions in (
        ("table", [table.caption for table in page.tables()]),
        ("figure", [figure.caption for figure in page.figures()]),
    ):
        places = [
            text.index(f"{words(kind)} {number}. {caption}")
            for number, caption in enumerate(captions, start=1)
        ]
        assert places == sorted(places)
