"""`vertebrisk library appraise`: text, JSON and a page of its own."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.chinese import english_left

import vertebrisk as vr
from vertebrisk.cli import main
from vertebrisk.evidence.library import library_ids, library_study
from vertebrisk.report.appraisal.page import appraisal_page


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["library", "appraise", *arguments]) == 0
    return capsys.readouterr().out


def test_without_an_id_every_study_has_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys)
    for study_id in library_ids():
        ratings, answers = (line for line in text.splitlines() if line.startswith(study_id))
        appraisal = vr.appraise(study_id)
        assert ratings.split()[3:] == [
            *(each.risk_of_bias for each in appraisal.domains),
            appraisal.overall.risk_of_bias,
        ]
        assert answers.split()[1:] == [each.answer for each in appraisal.answers]
    assert max(map(len, text.splitlines())) <= 100
    assert "Applicability is not rated" in text


def test_one_study_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    flat = re.sub(r"\s+", " ", output(capsys, "li2021"))
    for answer in vr.appraise("li2021").answers:
        assert answer.reason in flat
        assert all(f"[{place}]" in flat for place in answer.places)
    assert "Risk of bias by PROBAST" in flat
    assert "anonymous2020" not in flat


def test_several_studies_are_told_and_put_beside_each_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = output(capsys, "chen2025", "li2021")
    assert text.index("4.9") < text.index("Answers to the 20 questions")
    assert "anonymous2020" not in text


def test_json_is_the_same_appraisal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = json.loads(output(capsys, "--json"))
    assert document == {"appraisals": [each.to_dict() for each in vr.appraise_library()]}
    out = tmp_path / "page.html"
    document = json.loads(output(capsys, "li2021", "--json", "--out", str(out)))
    assert document["file"] == str(out)
    assert out.is_file()


class Page(HTMLParser):
    """Collects what a page would load and the text that it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.shown = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [str(value) for name, value in attrs if name in ("src", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        self.shown += data


def test_the_page_holds_every_answer_and_loads_nothing(tmp_path: Path) -> None:
    out = tmp_path / "appraisal.html"
    assert main(["library", "appraise", "--out", str(out)]) == 0
    page = Page(out.read_text(encoding="utf-8"))
    assert page.loaded == []
    assert not {"script", "link", "iframe"} & set(page.tags)
    for appraisal in vr.appraise_library():
        assert appraisal.citation in page.shown
        assert all(answer.reason in page.shown for answer in appraisal.answers)
        assert all(note in page.shown for note in appraisal.notes)


def test_what_a_file_says_is_escaped_on_the_page() -> None:
    study = library_study("li2021")
    title = "<script>alert(1)</script>"
    hostile = study.model_copy(
        update={"citation": study.citation.model_copy(update={"title": title})}
    )
    text = appraisal_page([vr.appraise(hostile)])
    assert title not in text
    assert title in Page(text).shown


def test_in_chinese_only_what_papers_print_is_english(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "appraisal.html"
    printed = output(capsys, *library_ids(), "--lang", "zh", "--out", str(out))
    appraisals = [vr.appraise(each) for each in library_ids()]
    papers = [library_study(each) for each in library_ids()]
    criteria = [each for paper in papers for each in (*paper.eligibility.include,
                                                      *paper.eligibility.exclude)]  # fmt: skip
    given = [
        *(each.citation for each in appraisals),
        *(place for each in appraisals for answer in each.answers for place in answer.places),
        *(each.text[0].lower() + each.text[1:] for each in criteria),
        *(level for paper in papers for each in paper.variables.values() for level in each.levels),
        *(str(paper.outcome.time_point) for paper in papers),
    ]
    assert english_left(out.read_text(encoding="utf-8"), given) == []
    told, _, table_of_codes = printed.partition("20个问题的答案")
    assert "N：否" in table_of_codes
    flat = re.sub(r"\s+", " ", told)
    assert english_left(flat, given) == []


def test_both_languages_give_the_same_answers(capsys: pytest.CaptureFixture[str]) -> None:
    english = json.loads(output(capsys, "--json"))["appraisals"]
    chinese = json.loads(output(capsys, "--json", "--lang", "zh"))["appraisals"]
    for one, other in zip(english, chinese, strict=True):
        assert one["domains"] == other["domains"]
        for mine, theirs in zip(one["answers"], other["answers"], strict=True):
            assert mine | {"reason": ""} == theirs | {"reason": ""}
            assert re.search("[\u4e00-\u9fff]", theirs["reason"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["li2012"], "Did you mean 'li2021'"),
        (["nothing.toml"], "nothing.toml"),
        (["--out", "page.pdf"], "must end with .html"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["library", "appraise", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    assert told in captured.err
