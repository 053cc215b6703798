"""No sentence of a report claims a cause: a list of causal words, with reasoned exceptions."""

from __future__ import annotations

import re

import pytest

from vertebrisk.report.sentences import SENTENCES

ENGLISH = re.compile(
    r"\b(caus(e|es|ed|ing|al|ality)|effects?|due to|leads? to|led to|results? in|because of|"
    r"reduc(e|es|ed|ing|tion)|prevent(s|ed|ing|ion)?|protect(s|ed|ing|ion|ive)?|impact(s|ed)?|"
    r"influenc(e|es|ed|ing)|affect(s|ed|ing)?|risk factors?|(increas|decreas)(e|es|ed|ing)|"
    r"(lowers|raises) (the|a) risk)\b",
    re.IGNORECASE,
)
CHINESE = re.compile(
    "导致|引起|造成|影响|致使|使得|预防|保护|危险因素|效应|降低(?!.{0,4}偏)|减少|疗效|作用"
)
# what the word is about, where it is not a predictor and its outcome
MEANT = {
    "plain.ask": "what a reader is not to do",
    "comparison.caution": "a measure and the number of patients",
    "validation.separated": "a level by which data are separated",
    "split.caution": "a split and the patients of a model",
    "discrimination.uno": "an estimator and the censoring",
    "sampling.correction": "arithmetic on an intercept; sampling and odds ratios",
    "no_risk.what": "what matching takes away",
    "followup.effect": "the name of a term of an analysis of variance",
    "followup.size": "effect size, the name of a measure",
    "followup.test.mixed": "the name of the mixed model in Chinese",
    "caption.followup_mixed": "the name of the mixed model in Chinese",
    "figure.followup_mixed": "the name of the mixed model in Chinese",
    "followup.missing": "the name of the mixed model in Chinese",
    "followup.caution": "says that a change is not the effect of treatment",
    "caption.shapes": "interaction, whose name in Chinese holds the word",
    "difference.looks": "what two pages differ in",
    "external.interval.influence function": "the name of a function",
    "external.methods.over_time": "the name of a function",
    "watch.limits.acted": "warns that acting on risks changes what is counted",
    "pool.funnel": "small-study effect, the name of a bias",
    "pool.test": "the name of a test in meta-analysis",
    "pool.model.normal": "random effects, the name of a model",
    "pool.model.common": "common effect, the name of a model",
    "pool.caption.regression": "effects, the estimates of a meta-analysis",
    "figure.funnel": "effects, the estimates of a meta-analysis",
    "checklist.title.strobe": "what STROBE calls the studies that it is for",
    "checklist.title.strobe_controls": "what STROBE calls the studies that it is for",
    "fill.crossed": "interaction, whose name in Chinese holds the word",
    "fill.interactions": "interaction, whose name in Chinese holds the word",
    "fill.no_interactions": "interaction, whose name in Chinese holds the word",
    "fill.centres_apart": "random effects, the name of a model",
    "fill.raised": "findings and what the authors make of them",
}


def causal(key: str) -> list[str]:
    english, chinese = SENTENCES[key]
    found = [match[0] for match in ENGLISH.finditer(re.sub(r"{\w+}", "", english))]
    return found + CHINESE.findall(chinese)


def test_no_sentence_claims_a_cause() -> None:
    found = {key: causal(key) for key in SENTENCES if key not in MEANT}
    assert {key: words for key, words in found.items() if words} == {}


def test_every_exception_is_needed() -> None:
    assert [key for key in MEANT if key not in SENTENCES or not causal(key)] == []


@pytest.mark.parametrize(
    "text",
    ["Cement leakage led to pain.", "The cleft increases pain", "Age is a risk factor"],
)
def test_a_claim_is_seen(text: str) -> None:
    assert ENGLISH.search(text)


@pytest.mark.parametrize("text", ["骨水泥渗漏导致疼痛", "裂隙影响预后", "年龄是危险因素"])
def test_a_claim_in_chinese_is_seen(text: str) -> None:
    assert CHINESE.search(text)
