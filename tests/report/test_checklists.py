"""Checklists: their items, what a run says to them, the findings that touch them, the page."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report.example import example_result

from vertebrisk._types import Language
from vertebrisk.evidence.appraisal.questions import QUESTIONS
from vertebrisk.evidence.appraisal.questions_ai import DEVELOPMENT, EVALUATION
from vertebrisk.report.checklists.building import LISTS, build_checklists
from vertebrisk.report.checklists.content import Checklist, Item
from vertebrisk.report.checklists.strobe import CASE_CONTROL, COHORT
from vertebrisk.report.checklists.strobe_items import CASE_CONTROL_ITEMS, COHORT_ITEMS
from vertebrisk.report.checklists.touching import NAMES, TOUCHED, findings_at
from vertebrisk.report.checklists.tripod import ABSTRACT, MAIN
from vertebrisk.report.checklists.tripod_items import ABSTRACT_ITEMS, ITEMS
from vertebrisk.report.page.html import html_page
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.study.page import study_page
from vertebrisk.report.tables.numbering import build_tables

SOURCE = Path(__file__).resolve().parents[2] / "src" / "vertebrisk"
# What a run has no part in: other commands, published studies, pages, reading of a library.
NOT_A_RUN = (
    "bedside/", "cli/", "evidence/", "models/comparing/", "models/external/",
    "models/monitoring/", "models/updating/", "models/statuses.py", "report/pooling/",
    "study/planning/", "validation/learning.py", "validation/monitoring/",
    "validation/reclassification",
)  # fmt: skip
OPEN = {"en": "for the authors", "zh": "由作者"}


def lists_of(result: StudyResult) -> dict[str, Checklist]:
    return {each.key: each for each in build_checklists(result, build_tables(result))}


def in_language(language: Language) -> StudyResult:
    result = example_result()
    return replace(result, facts=replace(result.facts, language=language))


# Items


def test_the_lists_have_as_many_items_as_the_statements() -> None:
    assert len(ITEMS) == 52
    assert len({re.sub(r"[a-z]", "", item.number) for item in ITEMS}) == 27
    assert len(ABSTRACT_ITEMS) == 13
    assert len(QUESTIONS) == 20
    for items in (COHORT_ITEMS, CASE_CONTROL_ITEMS):
        assert len({re.sub(r"[a-z]", "", item.number) for item in items}) == 22
    assert Counter(each.number[0] for each in DEVELOPMENT) == {"1": 3, "2": 4, "3": 4, "4": 5}
    assert Counter(each.number[0] for each in EVALUATION) == {"1": 3, "2": 4, "3": 4, "4": 7}


@pytest.mark.parametrize(
    ("items", "fills"),
    [
        (ITEMS, MAIN),
        (ABSTRACT_ITEMS, ABSTRACT),
        (COHORT_ITEMS, COHORT),
        (CASE_CONTROL_ITEMS, CASE_CONTROL),
    ],
)
def test_every_item_is_filled_by_one_function(
    items: tuple[Item, ...], fills: Mapping[str, object]
) -> None:
    assert [item.number for item in items if item.number not in fills] == []
    assert len(items) == len({item.number for item in items})


def test_items_are_short_and_in_two_languages() -> None:
    for item in (*ITEMS, *ABSTRACT_ITEMS, *COHORT_ITEMS, *CASE_CONTROL_ITEMS):
        assert 3 < len(item.en) < 48
        assert re.search("[\u4e00-\u9fff]", item.zh)


# What the run says


@pytest.mark.parametrize("language", ["en", "zh"])
def test_only_what_is_left_to_authors_says_so(language: Language) -> None:
    found = lists_of(in_language(language))
    for key in ("tripod", "abstract", "strobe"):
        for entry in found[key].entries():
            assert (OPEN[language] in entry.text) is (entry.verdict == "partly"), entry
            assert "  " not in entry.text
            assert "{" not in entry.text


def test_counts_are_those_of_the_lines() -> None:
    for each in lists_of(example_result()).values():
        assert sum(each.counts.values()) == len(list(each.entries()))
        assert list(LISTS) == list(lists_of(example_result()))


def test_a_screen_by_single_tests_is_told() -> None:
    found = lists_of(example_result())
    assert found["probast"].entry("4.5").verdict == "N"
    assert "univariable-screening" in found["tripod"].entry("12c").findings
    assert found["tripod"].entry("12c").verdict == "partly"


def test_a_case_control_study_has_its_own_strobe() -> None:
    result = example_result()
    sampled = replace(result, facts=replace(result.facts, design="case-control"), size=None)
    found = lists_of(sampled)["strobe"]
    assert [entry.number for entry in found.entries()] == [
        item.number for item in CASE_CONTROL_ITEMS
    ]
    assert "case-control" in found.title
    assert lists_of(sampled)["probast"].entry("4.6").verdict == "N"


# Findings


def _calls(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


def _makers(nodes: Sequence[ast.AST]) -> dict[str, int]:
    """Functions that make a finding, with the place of the code among their arguments."""
    given_a_code = []
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            names = [each.arg for each in (*node.args.args, *node.args.kwonlyargs)]
            names = names[names[:1] == ["self"] :]
            if "code" in names:
                called = {name for name, _ in _calls(ast.walk(node))}
                given_a_code.append((node.name, names.index("code"), called))
    makers = {"Finding": 0}
    while True:
        more = {
            name: place for name, place, called in given_a_code if not called.isdisjoint(makers)
        }
        if more.keys() <= makers.keys():
            return makers
        makers |= more


def codes_of_a_run() -> set[str]:
    """Every code with which a module that takes part in a run makes a finding."""
    paths = [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if not path.relative_to(SOURCE).as_posix().startswith(NOT_A_RUN)
    ]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    kinds = (ast.Call, ast.FunctionDef)
    nodes = [each for tree in trees for each in ast.walk(tree) if isinstance(each, kinds)]
    makers = _makers(nodes)
    codes = set()
    for name, call in _calls(nodes):
        if name not in makers:
            continue
        given = [each.value for each in call.keywords if each.arg == "code"]
        given += call.args[makers[name] : makers[name] + 1] if not given else []
        for argument in given:
            codes |= {
                each.value
                for each in ast.walk(argument)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    return codes


def test_every_finding_of_a_run_has_its_place_in_the_table() -> None:
    codes = codes_of_a_run()
    assert {"few-events", "missing-in-one-group", "excel-error", "followup-empty"} <= codes
    known = {code for each in TOUCHED for code in each.codes.split()}
    assert sorted(codes ^ known) == []


def test_a_code_stands_once_and_touches_items_that_exist() -> None:
    codes = [code for each in TOUCHED for code in each.codes.split()]
    assert [code for code, n in Counter(codes).items() if n > 1] == []
    numbers = {
        "tripod": {item.number for item in ITEMS},
        "probast": {question.number for question in QUESTIONS},
        "strobe": {item.number for item in (*COHORT_ITEMS, *CASE_CONTROL_ITEMS)},
    }
    for each in TOUCHED:
        for key in NAMES:
            assert set(each.numbers(key)) <= numbers[key], each.codes


def test_findings_are_read_both_ways() -> None:
    page = html_page(study_page(example_result(), {}), {})
    touches = "Touches TRIPOD+AI 10, 26; PROBAST 4.1, 4.8; STROBE 10, 19."
    assert touches in page
    assert findings_at("tripod", "10", ["few-events", "optimism"]) == ("few-events",)
    assert findings_at("probast_development", "4.1", ["few-events"]) == ("few-events",)
    assert findings_at("abstract", "1", ["few-events"]) == ()


# The page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_places_are_links_to_what_is_there(language: Language) -> None:
    page = html_page(study_page(in_language(language), {}), {})
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert "table-checklist_tripod" in ids
    assert anchors <= ids
    assert len(re.findall(r'\bid="', page)) == len(ids)
    word = "Table" if language == "en" else "表"
    assert f'<a href="#table-multivariable">{word} ' in page


def test_the_checklists_are_folded_and_numbered_after_all_other_tables() -> None:
    result = example_result()
    page = study_page(result, {})
    numbers = [table.number for table in page.tables()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [table.key for table in page.tables()][-6:] == [f"checklist_{key}" for key in LISTS]
    assert html_page(page, {}).count("<details>") == 6
