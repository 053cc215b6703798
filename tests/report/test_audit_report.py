"""An audit as text, page and JSON: gravest first, grouped, harmless, valid under its schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import jsonschema
import pytest
from tests.chinese import english_left
from tests.report.audit_example import FINE, SIGN, TABLE, UNKNOWN, example_audit, two_papers

from vertebrisk._files import json_text
from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.audit.subject import subject_of
from vertebrisk.evidence.audit.values import Audit, Quantity
from vertebrisk.evidence.library import find_study
from vertebrisk.findings import Finding
from vertebrisk.report.audit.arrangement import parts_of, printed_line, subject_line
from vertebrisk.report.audit.document import audit_document, audit_schema
from vertebrisk.report.audit.page import audit_page
from vertebrisk.report.audit.text import WIDTH, filled, render_audit
from vertebrisk.report.render_text import text_width

EMPTY = Audit(("a2021",), ("A",), ())
UNREADABLE = Finding(
    "unreadable-cell", "warning", "The cell 'abc' is not a number.", "Compare it with the paper."
)


def test_the_headline_comes_first_then_the_gravest() -> None:
    lines = render_audit(example_audit()).splitlines()
    assert lines[0] == "a2021: 2 of 10 checks inconsistent, 7 not checkable"
    heads = [line for line in lines if line[:2] in ("1.", "2.")]
    assert heads == [
        "1. RISK  ratio-exp-b (one number off, the others agree)",
        "2. DETAIL  p-wald (not to be reconciled from the print)",
    ]


def test_a_failure_is_told_with_numbers_arithmetic_weight_and_repair() -> None:
    text = render_audit(example_audit())
    for line in (
        "   where       Table 3, cement = Blocky",
        "   printed     B -0.800; OR 2.225",
        "   printed     P 0.004; Wald 24.018 [p. 5]",
        "   arithmetic  OR 0.449 to 0.450",
        "   changes     A patient's odds differ by a factor of 5.",
        "   to resolve  The covariance or the output of the regression.",
        "   repaired    B 0.800 in place of -0.800 (the other numbers allow 0.799800 to 0.800100)",
        "   note        Wald is (B/SE) squared here.",
    ):
        assert line in text.splitlines()


def test_a_place_is_named_where_it_is_not_that_of_the_check() -> None:
    here, row = replace(SIGN, about="age"), "Table 3, age"
    same = replace(here, quantities=(Quantity("B", "1", row), Quantity("P", "2", TABLE)))
    assert printed_line(same) == "B 1; P 2"
    words = Quantity("in words", "Older patients fare worse", "p. 2")
    two = replace(here, place="Table 3; p. 2; Table 3", quantities=(*same.quantities, words))
    assert subject_line(two) == "Table 3; p. 2, age"
    assert printed_line(two) == (
        'B 1 [Table 3, age]; P 2 [Table 3]; in words "Older patients fare worse" [p. 2]'
    )


def test_what_is_not_checkable_is_told_once_a_reason() -> None:
    many = [replace(UNKNOWN, about=f"variable {number}") for number in range(40)]
    text = render_audit(example_audit(*many))
    assert text.count(UNKNOWN.message) == 1
    assert "47 checks, grim (Table 1: age, variable 0, variable 1," in text
    assert "variable 39" not in text
    assert "variable 39" in render_audit(example_audit(*many), everything=True)


def test_what_was_found_while_reading_stands_first() -> None:
    other = replace(UNREADABLE, message="The cell 'xyz' is not a number.")
    note = Finding("left-out", "note", "A row is left out.")
    text = render_audit(example_audit(), [note, UNREADABLE, other])
    assert text.splitlines()[:6] == [
        "warning: The cell 'abc' is not a number.",
        "warning: The cell 'xyz' is not a number.",
        "    Compare it with the paper.",
        "",
        "note: A row is left out.",
        "",
    ]


def test_all_lists_every_check() -> None:
    text = render_audit(example_audit(), everything=True)
    listed = text.partition("Every check\n")[2].partition("\n\n")[0].splitlines()
    assert len(listed) == 10
    assert "inconsistent   ratio-exp-b: Table 3, cement = Blocky: B -0.800; OR 2.225" in listed[0]
    assert "Every check" not in render_audit(example_audit())


def test_checks_are_counted_by_kind() -> None:
    lines = render_audit(example_audit()).splitlines()
    table = {line.split()[0]: line.split()[1:] for line in lines[lines.index("Checks by kind") :]}
    assert table["grim"] == ["7", "0", "0", "7"]
    assert table["ratio-exp-b"] == ["2", "1", "1", "0"]


def test_several_papers_have_a_part_each_and_one_together() -> None:
    text = render_audit(two_papers())
    assert text.startswith("a2021, b2022: 3 of 12 checks inconsistent, 7 not checkable")
    assert "\nb2022: none of 1 check inconsistent\n" in text
    assert "\nAcross the papers: 1 of 1 check inconsistent\n" in text
    assert [part.name for part in parts_of(two_papers())][2] == "Across the papers"


def test_a_paper_without_a_check_says_so() -> None:
    assert render_audit(EMPTY) == "a2021: nothing to check"


def test_no_line_is_too_wide_and_no_character_acts_upon_a_console() -> None:
    strange = replace(SIGN, about="x" * 250 + "\x1b[31m 骨水泥" + "分布" * 60, changes="\u202egnp.")
    text = render_audit(example_audit(strange), everything=True)
    assert max(text_width(line) for line in text.splitlines()) <= WIDTH
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "".join(text.split()).count("分布") == 60 * 2


class _Page(HTMLParser):
    """Tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    @property
    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]


def test_the_page_is_whole_and_its_links_lead_somewhere() -> None:
    page = _Page(audit_page(two_papers(), [UNREADABLE]))
    targets = [str(each["href"]) for _, each in page.tags if "href" in each]
    assert len(page.ids) == len(set(page.ids))
    assert {target.lstrip("#") for target in targets} <= set(page.ids)
    text = " ".join(page.words)
    assert "Together: 3 of 12 checks inconsistent, 7 not checkable." in text
    assert text.index("The cell 'abc' is not a number.") < text.index("10 of 3 kinds")
    assert text.count("Every check of") == 2
    assert sum(tag == "details" for tag, _ in page.tags) == 3


def test_the_page_tells_severity_by_word_and_sign() -> None:
    text = " ".join(_Page(audit_page(example_audit())).words)
    assert "\u25b2 risk" in text
    assert "\u2717 inconsistent" in text
    assert "B 0.800 in place of -0.800" in text
    assert "1 risk, 1 detail" in text


def test_the_page_loads_and_runs_nothing_and_escapes_the_paper() -> None:
    evil = replace(SIGN, about="<script>alert(1)</script>", message='"><img src=x onerror=y>')
    text = audit_page(Audit(("<b>",), ("<i>",), (evil,)))
    page = _Page(text)
    assert {"script", "img", "b", "i", "link", "iframe"}.isdisjoint(tag for tag, _ in page.tags)
    assert "default-src 'none'" in text
    assert not re.search(r"url\(|@import|https?://", text)


def test_a_page_of_nothing_says_so() -> None:
    text = " ".join(_Page(audit_page(EMPTY)).words)
    assert "There was nothing to check." in text
    passed = Audit(("a2021",), ("A",), (FINE,))
    assert "only that they can be" in " ".join(_Page(audit_page(passed)).words)


def test_filling_loses_no_word() -> None:
    sentence = " ".join(f"word{number}" for number in range(80))
    lines = filled(sentence, "- ", "  ")
    assert " ".join(lines[2:].split()) == sentence
    assert all(line.startswith("  ") for line in lines.splitlines()[1:])


@pytest.mark.parametrize(
    "audit", [example_audit(), two_papers(), EMPTY], ids=["one", "two", "none"]
)
def test_the_document_is_valid_and_survives_json(audit: Audit) -> None:
    document = audit_document(audit, [UNREADABLE])
    jsonschema.Draft202012Validator(audit_schema()).validate(document)
    assert json.loads(json_text(document)) == document


def test_the_document_holds_every_check_and_the_reading() -> None:
    document = audit_document(example_audit(), [UNREADABLE])
    assert len(document["checks"]) == 10
    assert document["counts"] == {"consistent": 1, "inconsistent": 2, "not checkable": 7}
    assert document["consistent"] is False
    assert document["reading"][0]["code"] == "unreadable-cell"
    fine = next(each for each in document["checks"] if each["verdict"] == "consistent")
    assert fine["interval"] == [3.787, None]


def test_the_schema_is_valid_and_closed() -> None:
    schema = audit_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError, match="patients"):
        jsonschema.validate({**audit_document(EMPTY), "patients": []}, schema)
    broken = audit_document(example_audit())
    broken["checks"][0]["severity"] = "grave"
    with pytest.raises(jsonschema.ValidationError, match="grave"):
        jsonschema.validate(broken, schema)


def test_the_frame_of_text_and_page_is_in_chinese() -> None:
    text = render_audit(example_audit(), language="zh")
    assert text.splitlines()[0] == "a2021：10项核查中2项不一致，7项无法核查"
    assert "   位置        Table 3" in text
    assert max(text_width(line) for line in text.splitlines()) <= WIDTH
    page = audit_page(two_papers(), [UNREADABLE], "zh")
    assert '<html lang="zh-Hans">' in page
    words = " ".join(_Page(page).words)
    assert "▲ 风险" in words
    assert "论文之间" in words
    assert not re.search(r"Checks|Inconsistent|checkable|Notes|Contents", words)


@pytest.mark.parametrize("paper", ["li2021", "chen2025"])
def test_the_chinese_page_of_a_paper_keeps_only_what_the_paper_prints(paper: str) -> None:
    subject = subject_of(find_study(paper))
    made = audit_subjects([subject])
    # How a table can be read is told in English.
    told = replace(made, checks=tuple(each for each in made.checks if each.id != "possible-fit"))
    rows = [row for model in subject.models for row in model.coefficient]
    printed = {
        *(subject.label(name) for name in subject.variables),
        *(f"{row.term} {row.level}" for row in rows),
        *(claim.text for claim in subject.statements),
        *(quantity.text for check in told.checks for quantity in check.quantities),
        *(check.place for check in told.checks),
        *(each.place for check in told.checks for each in check.quantities),
        *(place for check in told.checks for place in check.place.split("; ")),
        "C-index, lower limit",
        "C-index, upper limit",
        subject.study.outcome.label.text("en") if subject.study is not None else "",
    } - {""}
    assert english_left(audit_page(told, (), "zh"), printed) == []


def test_the_chinese_document_says_its_sentences_in_chinese() -> None:
    made = audit_subjects([subject_of(find_study("li2021"))])
    english, chinese = audit_document(made), audit_document(made, (), "zh")
    codes = ("id", "verdict", "severity", "failure", "interval", "repair")
    for one, other in zip(english["checks"], chinese["checks"], strict=True):
        assert [one[name] for name in codes] == [other[name] for name in codes]
        assert re.search("[\u4e00-\u9fff]", other["message"])
