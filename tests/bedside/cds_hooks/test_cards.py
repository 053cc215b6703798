"""Cards hold for any model and any words: short, true to the numbers, safe as Markdown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.bedside.cds_hooks.test_descriptions import named, renamed
from tests.bedside.service.serving import NAMES, model

from vertebrisk._types import Language
from vertebrisk.bedside.cds_hooks.cards import (
    Shown,
    Told,
    asking_card,
    no_risk_card,
    risk_card,
)
from vertebrisk.bedside.cds_hooks.wording import Wording, escaped, length, messages, shortened
from vertebrisk.bedside.fhir.assessment import Predicted
from vertebrisk.models.portable.describing import Consistency
from vertebrisk.models.portable.risk_model import RiskModel

EN, ZH = Wording("en"), Wording("zh")
RISK = Predicted(0.2304, 0.1499, 0.3301)
LINK = "https://risk.example.org/models/pain/calculator#age=70"


def relabelled(label: str, **fields: Any) -> RiskModel:
    made = model("plain")
    outcome = replace(made.outcome, label=label, **fields)
    population = replace(made.population, n=268, n_events=37)
    return replace(made, outcome=outcome, population=population)


def test_the_languages_have_the_same_texts() -> None:
    english, chinese = messages()["en"], messages()["zh"]
    assert list(english) == list(chinese)
    for key, text in english.items():
        places = {part.partition("}")[0] for part in text.split("{")[1:]}
        assert places == {part.partition("}")[0] for part in chinese[key].split("{")[1:]}, key


def test_a_summary_is_one_sentence_of_all_that_matters() -> None:
    made = relabelled("Residual back pain", time_point="1 month")
    card = risk_card(named(made), EN, [RISK], Told(link=LINK))
    assert card["summary"] == "Residual back pain by 1 month: 23% (15% to 33%), average 14%"
    assert card["indicator"] == "info"
    assert card["links"] == [
        {"label": "Open the calculator with these inputs", "url": LINK, "type": "absolute"}
    ]
    zh = risk_card(named(made), ZH, [RISK], Told())
    assert zh["summary"] == "Residual back pain（1 个月）：23%（15% 至 33%），平均 14%"
    assert "links" not in zh


@pytest.mark.parametrize(
    ("predicted", "told"),
    [
        (Predicted(0.0231, 0.012, 0.0449), "2.3% (1.2% to 4.5%), average 13.8%"),
        (Predicted(0.0, None, None), "0.0%, average 13.8%"),
        (Predicted(1e-9, None, None), "<0.1%, average 13.8%"),
        (Predicted(0.99999, 0.98, 1.0), ">99.9% (98.0% to 100.0%), average 13.8%"),
        (Predicted(0.5, 0.001, 0.999), "50% (<1% to >99%), average 14%"),
    ],
)
def test_no_risk_is_rounded_to_none_or_to_certainty(predicted: Predicted, told: str) -> None:
    card = risk_card(named(relabelled("Pain")), EN, [predicted], Told())
    assert card["summary"] == f"Pain: {told}"


@pytest.mark.parametrize(
    "fields", [{"design": "case-control"}, {"design": "case-control", "prevalence": 0.08}]
)
def test_an_average_is_told_where_there_is_one(fields: dict[str, Any]) -> None:
    made = relabelled("Pain")
    made = replace(made, population=replace(made.population, **fields))
    card = risk_card(named(made), EN, [RISK], Told())
    assert card["summary"].endswith(", average 8%") == ("prevalence" in fields)
    assert ("Average of the population: 8.0%." in card["detail"]) == ("prevalence" in fields)
    assert "37 of 268" not in card["detail"]


LABELS = st.text(min_size=1, max_size=300) | st.sampled_from(
    ["骨水泥渗漏" * 60, "Residual back pain " * 16, "x" * 300, "𝔓🦴" * 150]
)


@given(
    label=LABELS, time=LABELS, language=st.sampled_from(get_args(Language)), risk=st.floats(0, 1)
)
def test_a_summary_is_shorter_than_140_whatever_it_names(
    label: str, time: str, language: Language, risk: float
) -> None:
    words = Wording(language)
    made = named(relabelled(label, time_point=time))
    cards = [
        risk_card(made, words, [Predicted(risk, risk / 3, 1 - (1 - risk) / 3)], Told()),
        asking_card(made, words, [label], [], Told()),
        asking_card(made, words, [label, time], [label], Told()),
        no_risk_card(made, words, Told()),
    ]
    for card in cards:
        assert 0 < length(card["summary"]) < 140
        assert "\n" not in card["summary"]
    # The numbers are never cut off.
    assert words.percent(risk, 0 if 0.1 <= risk <= 0.9 else 1) in cards[0]["summary"]


@pytest.mark.parametrize("name", NAMES)
def test_every_horizon_has_its_line(name: str) -> None:
    made = model(name)
    horizons: tuple[float | None, ...] = made.horizons or (None,)
    card = risk_card(named(made), EN, [replace(RISK, horizon=each) for each in horizons], Told())
    assert card["detail"].count("**23.0%**") == len(horizons)
    if made.horizons:
        assert "within 6 months: 23% (15% to 33%)" in card["summary"]
        assert made.average_risks[0] is not None
        share = 100 * made.average_risks[0]
        assert card["summary"].endswith(f", average {share:.0f}%")
        assert f"study's patients by 6 months: {share:.1f}%." in card["detail"].replace("\\", "")


@given(text=st.text(max_size=60), most=st.integers(2, 40))
def test_a_shortened_text_is_a_beginning(text: str, most: int) -> None:
    found = shortened(text, most)
    assert length(found) <= most
    if found != text:
        assert found.endswith("…")
        assert text.startswith(found[:-1])


def test_a_text_is_cut_at_a_word() -> None:
    assert shortened("Residual back pain after cement", 20) == "Residual back pain…"
    assert shortened("a " + "x" * 40, 20) == "a " + "x" * 17 + "…"


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NASTY = (
    "# Heading", "- item", "+ item", "* item", "1. item", "2) item", "> quote", "    code", "---",
    "===", "```x", "~~~", "*a* _b_ **c** ~~d~~", "`code`", "[a](https://evil.example)", "<b>x</b>",
    "![a](b)", "<script>alert(1)</script>", "<!-- x", "a | b", "|-|-|", "&lt;", "&#35;", "\\",
    "https://evil.example", "www.evil.example", "<https://evil.example>", "a@b.example", "[a]: b",
    "line\nbreak", "line  \nbreak", "骨*质*疏松", "{{context}}", "$x$", "[^1]", "- [ ] x", "a\x00b",
)  # fmt: skip


def kinds(text: str) -> list[str]:
    """Kinds of everything that is not text in a list of one line."""
    tokens = MARKDOWN.parse(f"Lead:\n\n- {text}")
    inner = [child for token in tokens for child in token.children or []]
    return [each.type for each in [*tokens, *inner] if each.type not in ("text", "text_special")]


@given(st.text(max_size=40) | st.sampled_from(NASTY) | st.text(alphabet="#*_-+.1)(`~<>![]|&\\ x"))
def test_a_label_stays_what_it_is_in_markdown(text: str) -> None:
    found = escaped(text)
    assert kinds(f"a{found}") == kinds("a")
    if found:
        assert kinds(found) == kinds("a")
        shown = MARKDOWN.render(found)
        wanted = " ".join("".join(filter(str.isprintable, " ".join(text.split()))).split())
        plainly = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
        assert " ".join(plainly.replace("&amp;", "&")[3:-5].split()) == wanted


@pytest.mark.parametrize("text", NASTY)
def test_nothing_of_a_label_becomes_markup_on_a_card(text: str) -> None:
    made = renamed(relabelled(text, time_point=text), label=text)
    told = Told(inputs=[Shown(text, text)], link=LINK)
    flagged = replace(RISK, flags=("extrapolation: age",))
    plainly = [each for card in _cards("a", told=Told(inputs=[Shown("a", "a")])) for each in card]
    found = [each for card in _cards(text, made, told, flagged) for each in card]
    assert found == plainly


def _cards(
    text: str,
    made: RiskModel | None = None,
    told: Told | None = None,
    predicted: Predicted | None = None,
) -> list[list[str]]:
    made = made or renamed(relabelled("a", time_point="a"), label="a")
    predicted = predicted or replace(RISK, flags=("extrapolation: age",))
    details = [
        risk_card(named(made), EN, [predicted], told or Told())["detail"],
        asking_card(named(made), EN, [text, text], [text], told or Told())["detail"],
        no_risk_card(named(made), EN, told or Told())["detail"],
    ]
    parsed = [MARKDOWN.parse(each) for each in details]
    return [
        [
            child.type
            for token in tokens
            for child in [token, *(token.children or [])]
            if child.type not in ("text", "text_special")
        ]
        for tokens in parsed
    ]


def test_what_lies_outside_or_cannot_be_is_told_in_words() -> None:
    rule = Consistency("age > 18", "age is above 18.", {"zh": {"reason": "年龄应大于18岁。"}})
    made = replace(renamed(model("plain"), label="Age"), consistency=(rule,))
    flagged = replace(RISK, flags=("extrapolation: age", rule.flag))
    card = risk_card(named(made), EN, [flagged], Told(cautions=["Simulated data."]))
    assert (
        "- Age lies outside the range of the study; the risk is an extrapolation." in card["detail"]
    )
    assert "- These inputs cannot be together: age is above 18." in card["detail"]
    assert "- Simulated data." in card["detail"]
    assert "年龄应大于18岁。" in risk_card(named(made), ZH, [flagged], Told())["detail"]


@pytest.mark.parametrize(
    ("title", "label", "url"),
    [
        ("", "vertebrisk, model pain", None),
        ("A study. J Spine. doi:10.1000/ab(1)c.", "A study. J Spine.", "https://doi.org/10.1000/ab(1)c"),
        ("doi:10.1000/x", "vertebrisk, model pain", "https://doi.org/10.1000/x"),
        ("A study, doi:10.1000/<b>", "A study, doi:10.1000/<b>", None),
    ],
)  # fmt: skip
def test_the_source_is_the_study(title: str, label: str, url: str | None) -> None:
    made = model("plain")
    made = replace(made, provenance=replace(made.provenance, title=title))
    source = risk_card(named(made), EN, [RISK], Told())["source"]
    assert source == {"label": label, **({"url": url} if url else {})}
