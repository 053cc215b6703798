"""The summary for patients: plain words, numbers out of 100, nothing that tells of few people."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.report.example import example_result, intercept_only
from tests.text_studies import STUDIES, result_of, told

from vertebrisk._types import DataKind, Language
from vertebrisk.report.narrative import for_patients, narrate
from vertebrisk.report.render_markdown import patient_leaflet
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables

STRANGE = ("P <", "P =", "CI", "odds", "hazard", "%", "C-index", "比值比", "风险比", "置信")
LONGEST = 26  # words of a sentence
MEAN = 12.0  # words a sentence that a reader of twelve takes in


def summary(result: StudyResult) -> str:
    return " ".join(narrate(result, build_tables(result))["plain_summary"])


def with_events(events: int, n: int = 268) -> StudyResult:
    result = example_result()
    return replace(result, flow=replace(result.flow, n=n, n_events=events))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", STUDIES)
def test_no_word_of_statistics_stands_in_it(name: str, language: Language) -> None:
    text = told(name, language)["plain_summary"]
    for strange in STRANGE:
        assert strange not in text
    assert len(for_patients(result_of(name, language), {})) == 6


@pytest.mark.parametrize("name", STUDIES)
def test_sentences_are_short(name: str) -> None:
    lengths = [len(each.split()) for each in re.split(r"[.?] ", told(name)["plain_summary"])]
    assert max(lengths) <= LONGEST
    assert sum(lengths) / len(lengths) <= MEAN


def test_shares_are_out_of_a_hundred_and_make_one() -> None:
    assert "Out of 100 patients, about 14 had it and about 86 did not." in summary(with_events(37))
    assert "about 13 had it and about 87 did not" in summary(with_events(25, n=200))
    assert "fewer than 1 had it and more than 99 did not" in summary(with_events(6, n=2000))


@pytest.mark.parametrize("events", [1, 4])
def test_fewer_than_five_are_not_told(events: int) -> None:
    assert "Only very few patients had it" in summary(with_events(events))
    assert "Nearly all patients had it" in summary(with_events(268 - events))
    left = replace(example_result().flow.steps[0], removed=events)
    flow = replace(example_result().flow, steps=(left,))
    text = summary(replace(example_result(), flow=flow))
    assert "A few others could not be counted." in text


def test_levels_are_told_where_they_tell_patients_apart() -> None:
    text = summary(example_result())
    assert "Of 100 with “Cement distribution: Blocky”, about 20 had it." in text
    assert "Of 100 with “Cement distribution: Spongy”, about 9 had it." in text
    assert "Sex" not in text, "sex is not in the model"


@pytest.mark.parametrize("kind", ["reconstructed", "simulated"])
def test_data_that_are_not_real_are_named(kind: DataKind) -> None:
    result = example_result()
    text = summary(replace(result, facts=replace(result.facts, data_kind=kind)))
    assert "do not come from real patients" in text
    assert "none of these numbers is for you" in text
    real = replace(result, facts=replace(result.facts, data_kind="real", data_note=""))
    assert "real" not in summary(real)


def test_each_design_tells_what_it_can() -> None:
    assert "out of 100" in told("ml")["plain_summary"].lower()
    assert "Within 12 months, about 21 out of 100 patients had it" in told("cox")["plain_summary"]
    matched = told("matched")["plain_summary"]
    assert "cannot tell how common it is" in matched
    assert "It cannot say how large a risk is" in matched
    assert "Out of 100" not in matched
    assert "A high number" not in matched
    assert "From other records it is known that about 10 out of" in told("sampled")["plain_summary"]
    assert "bones of the spine" in told("vertebrae")["plain_summary"]
    assert "each hospital of the study" in told("centres")["plain_summary"]


def test_a_model_without_predictors_promises_nothing() -> None:
    text = summary(intercept_only())
    assert "The model is no better than a guess" in text
    assert "The model uses" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_leaflet_is_the_same_text(language: Language) -> None:
    result = result_of("ml", language)
    leaflet = patient_leaflet(result)
    assert leaflet.startswith("# ")
    for question, answer in for_patients(result, build_tables(result)):
        assert f"## {question}\n\n{answer}\n" in leaflet
