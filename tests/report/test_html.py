"""The page: self-contained, escaped, accessible, and complete."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from tests.report.example import example_result, intercept_only
from tests.report.test_strange_labels import relabelled

from vertebrisk._types import Language
from vertebrisk.design.splines import basis
from vertebrisk.errors import ArgumentError
from vertebrisk.report.main_numbers import spline_formula
from vertebrisk.report.page.html import html_page
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.study.captions import FIGURES
from vertebrisk.report.study.page import study_page

SVG = (
    '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x" "http://www.w3.org/x.dtd">'
    '<svg xmlns="http://www.w3.org/2000/svg" width="450pt" height="300pt" viewBox="0 0 450 300">'
    '<metadata><a href="http://example.org/"/></metadata>'
    '<defs><clipPath id="p1"><rect width="450" height="300"/></clipPath></defs>'
    '<g id="axes_1" clip-path="url(#p1)"><use href="#p1"/></g></svg>'
)
SHOWN = tuple(name for name in FIGURES if name != "centres")  # the example asks for none
FIGURE_SET = dict.fromkeys(FIGURES, SVG)
VOID = {"meta", "br", "rect", "use", "link", "img", "hr"}


class _Page(HTMLParser):
    """Elements of a page, with a check that every one is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.broken: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.stack or self.stack.pop() != tag:
            self.broken.append(tag)

    def values(self, name: str) -> list[str]:
        return [str(attrs[name]) for _, attrs in self.elements if attrs.get(name)]

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def html_report(result: StudyResult, figures: dict[str, str]) -> str:
    return html_page(study_page(result, figures), figures)


@pytest.fixture(scope="module")
def page() -> str:
    return html_report(example_result(), FIGURE_SET)


def test_every_element_is_closed_and_every_name_is_unique(page: str) -> None:
    parsed = _Page(page)
    assert parsed.broken == []
    assert parsed.stack == []
    names = parsed.values("id")
    assert len(names) == len(set(names))


def test_links_lead_inside_the_page_or_to_a_publication(page: str) -> None:
    parsed = _Page(page)
    names = set(parsed.values("id"))
    for target in parsed.values("href"):
        assert target.removeprefix("#") in names or target.startswith("https://doi.org/")
    assert parsed.values("src") == []
    assert "url(http" not in page
    assert "@import" not in page


def test_the_page_runs_nothing(page: str) -> None:
    parsed = _Page(page)
    assert parsed.named("script") == []
    assert not any(name.startswith("on") for _, attrs in parsed.elements for name in attrs)
    policy = next(a["content"] for a in parsed.named("meta") if a.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'")
    assert "script-src" not in str(policy)


def test_tables_and_figures_are_labelled(page: str) -> None:
    parsed = _Page(page)
    tables = parsed.named("table")
    assert len(tables) == 20
    assert page.count("<caption>") == len(tables)
    assert all(attrs.get("scope") for attrs in parsed.named("th"))
    figures = parsed.named("figure")
    assert len(figures) == len(SHOWN) == page.count("<figcaption>")
    drawings = parsed.named("svg")
    assert all(a.get("role") == "img" and a.get("aria-labelledby") for a in drawings)


def test_the_banner_and_every_figure_name_reconstructed_data(page: str) -> None:
    assert page.count("Reconstructed data") == 1 + len(SHOWN)
    assert "Rebuilt from Tables 1-4" in page[page.index('id="statistical_methods"') :]
    real = replace(example_result().facts, data_kind="real", data_note="")
    shown = html_report(replace(example_result(), facts=real), FIGURE_SET)
    assert "Reconstructed data" not in shown
    assert 'class="banner"' not in shown


def _hostile(result: StudyResult) -> StudyResult:
    bad = '<img src=x onerror="alert(1)">&"\''
    comparison = replace(
        result.comparison,
        by=bad,
        variables=tuple(replace(v, label=bad, unit=bad) for v in result.comparison.variables),
    )
    return replace(
        result,
        facts=replace(
            result.facts, title=bad, outcome_label=bad, id=bad, data_name=bad, event_rule=bad
        ),
        comparison=comparison,
        multivariable=tuple(
            replace(row, label=bad, level=bad, reference=bad) for row in result.multivariable
        ),
        univariable=tuple(replace(row, label=bad, level=bad) for row in result.univariable),
        findings=tuple(
            replace(
                f, message=bad, column=bad, remedy=bad, explanation=f"{bad} https://x.org/{bad}"
            )
            for f in result.findings
        ),
        equation=bad,
        replication=tuple(replace(line, quantity=bad, remark=bad) for line in result.replication),
    )


def test_labels_from_strangers_are_shown_never_run() -> None:
    parsed = _Page(html_report(_hostile(example_result()), FIGURE_SET))
    assert parsed.named("img") == []
    assert parsed.broken == []
    assert not any(name.startswith("on") for _, attrs in parsed.elements for name in attrs)


def test_no_label_turns_the_words_after_it() -> None:
    turned = html_report(relabelled("Cleft \u202efo gnol\u2066", "en"), FIGURE_SET)
    assert "Cleft fo gnol" in turned
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", turned)


def test_contents_of_cells_never_reach_the_page(page: str) -> None:
    assert "secret cell" not in page
    assert "Concerns 3 rows." in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_language_is_declared(language: Language) -> None:
    facts = replace(example_result().facts, language=language)
    shown = html_report(replace(example_result(), facts=facts), {})
    assert f'<html lang="{ {"en": "en-GB", "zh": "zh-Hans"}[language] }"' in shown
    assert ("校准度" in shown) == (language == "zh")


def test_a_bare_result_gives_a_whole_page() -> None:
    parsed = _Page(html_report(intercept_only(), {}))
    assert parsed.broken == []
    assert parsed.named("figure") == []
    assert "replication" not in parsed.values("id")


def test_contents_list_every_section(page: str) -> None:
    listed = re.findall(r'<li><a href="#([a-z_]+)">', page)
    assert listed[:2] == ["summary", "participants"]
    assert listed[-1] == "provenance"
    assert len(listed) == 17


def test_two_pages_of_one_result_are_the_same(page: str) -> None:
    assert html_report(example_result(), FIGURE_SET) == page


def test_a_drawing_stands_beside_others() -> None:
    shown = html_report(example_result(), {"roc": SVG, "flow": SVG})
    assert 'width="450pt"' not in shown
    for name in ("roc", "flow"):
        assert shown.count(f'id="drawing-{name}-p1"') == 1
        assert f"url(#drawing-{name}-p1)" in shown
    assert "<metadata" not in shown
    assert "w3.org/x.dtd" not in shown


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<rect onclick="x"/>',
        '<image href="https://example.org/a.png"/>',
        "<style>@import 'x'</style>",
        '<rect fill="url(http://example.org)"/>',
    ],
)
def test_an_active_drawing_is_refused(inside: str) -> None:
    with pytest.raises(ArgumentError, match="script or an address outside"):
        html_report(example_result(), {"roc": f"<svg>{inside}</svg>"})


def test_what_is_not_a_drawing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'flow' is not an SVG drawing"):
        html_report(example_result(), {"flow": "hello"})


def test_a_spline_can_be_computed_from_the_page() -> None:
    result = replace(example_result(), splines=(("age", (50.25, 65.0, 80.0)),))
    page = html_report(result, FIGURE_SET)
    assert "Knots of" in page
    assert "50.25, 65, 80" in page
    knots, x = (50.25, 65.0, 80.0), 78.0
    formula = spline_formula().replace("[", "(").replace("]", ")").replace("3 (t", "3 * (t")
    formula = re.sub(r"\((x - t(?:\w|\(k-1\)))\)\+\^3", r"max(\1, 0) ** 3", formula)
    formula = formula.replace("t(k-1)", str(knots[1])).replace("^", "**")
    formula = formula.replace("tj", str(knots[0])).replace("tk", str(knots[2]))
    formula = formula.replace("t1", str(knots[0]))
    found = eval(formula, {"x": x, "max": max})
    # The same cubes in another order: a few units in the last place.
    assert found == pytest.approx(basis(np.array([x]), np.array(knots))[0, 1], rel=1e-12)


def test_the_data_label_of_a_figure_file_is_said_once_on_the_page() -> None:
    titled = SVG.replace("<metadata>", "<title>Reconstructed data</title><metadata>")
    page = _Page(html_report(example_result(), dict.fromkeys(FIGURES, titled)))
    assert len(page.named("title")) == 1 + len(SHOWN)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_of_a_table_pushes_its_numbers_off_the_page(language: Language) -> None:
    result = relabelled("L" * 300, language)
    tables = re.findall("<table.*?</table>", html_report(result, FIGURE_SET), re.DOTALL)
    words = re.split(r"<[^>]*>|\s", "".join(tables))
    assert "L" * 24 in words
    assert max(map(len, words)) < 60  # entities and words of the report itself are shorter


def test_a_long_word_is_not_broken_before_a_joining_letter() -> None:
    result = relabelled("A" * 24 + "\u0301" + "B" * 30, "en")
    page = html_report(result, FIGURE_SET)
    assert "<wbr>\u0301" not in page
    assert "A\u0301B<wbr>" in page or "A\u0301<wbr>B" in page
