"""Checklists of every kind of study: they say what the run did, and where that stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.protocols import write_study
from tests.schemas import validate_results

from vertebrisk._types import LANGUAGES, Language
from vertebrisk.protocol import load_protocol
from vertebrisk.report.checklists.building import LISTS, build_checklists
from vertebrisk.report.checklists.content import STATUSES, Checklist, Entry
from vertebrisk.report.document.study import results_document
from vertebrisk.report.page.html import html_page
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.study.page import study_page
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.study.drawing import study_drawings
from vertebrisk.study.options import RunOptions
from vertebrisk.study.running import run_in_place
from vertebrisk.study.unfinished import Unfinished
from vertebrisk.validation.results import Estimate

FEW, MANY = 240, 1600
OPEN = {"en": "for the authors", "zh": "由作者"}
VARIABLES: dict[str, dict[str, Any]] = {
    "age": {"label": "Age", "unit": "years", "plausible": [18, 110]},
    "cement": {"label": "Cement", "unit": "ml", "definition": "Volume injected"},
    "cleft": {"label": "Cleft", "levels": ["No", "Yes"]},
    "sex": {"label": "Sex", "levels": ["Female", "Male"]},
}
CANDIDATES = ["age", "cement", "cleft"]
TIMED: dict[str, Any] = {
    "kind": "time-to-event",
    "event": "status == 1",
    "time": "months",
    "time_unit": "months",
    "horizons": [12],
}
SAMPLED = {"design": "case-control"}
VISITS = [{"column": f"vas_{at}", "label": f"Visit {at}", "time": at} for at in (0, 6)]
STUDIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "univariable": {"analysis": {"select": "univariable"}},
    "backward": {"analysis": {"select": {"method": "backward", "alpha": 0.2}}},
    "lasso": {"analysis": {"select": {"method": "lasso", "penalty": {"folds": 3}}}},
    "halves": {
        "analysis": {
            "select": {
                "method": "stability",
                "stability": {"pairs": 4, "pairs_in_resamples": 2, "learner": "univariable"},
            }
        }
    },
    "firth": {"analysis": {"estimator": "firth"}},
    "ridge": {"analysis": {"estimator": "ridge", "penalty": {"value": 0.05}}},
    "penalty": {"analysis": {"estimator": "lasso", "penalty": {"folds": 3}}},
    "shrunken": {"analysis": {"shrinkage": "heuristic"}},
    "splines": {"analysis": {"terms": ["rcs(age, 3)", "rcs(cement, 3)"]}},
    "powers": {"analysis": {"terms": ["fp(age)"]}},
    "crossed": {"analysis": {"candidates": ["age", "cleft", "age:cleft"]}},
    "cut": {"analysis": {"compare": [*VARIABLES, "old"], "candidates": ["old", "cleft"]}},
    "folds": {"validation": {"method": "cross-validation", "resamples": None, "folds": 3,
                             "repeats": 1}},
    "lacking": {"analysis": {"candidates": ["age", "bmd", "cleft"]}},
    "imputed": {
        "analysis": {"candidates": ["age", "bmd", "cleft"]},
        "missing": {"method": "imputation", "imputations": 2, "iterations": 2},
    },
    "unknown": {"outcome": {"event": "pain >= 4"}},
    "shared": {
        "outcome": {"event": "pain - age / 100 >= 4"},
        "analysis": {"candidates": ["years", "cleft"]},
    },
    "cox": {"outcome": TIMED, "analysis": {"model": "cox"}},
    "strata": {"outcome": TIMED, "analysis": {"model": "cox", "strata": ["sex"]}},
    "late": {"outcome": {**TIMED, "entry": "since"}, "analysis": {"model": "cox"}},
    "beside": {"outcome": TIMED, "analysis": {"model": "cox", "beside": "logistic"}},
    "competing": {
        "outcome": {**TIMED, "competing": "status == 2"}, "analysis": {"model": "fine-gray"}
    },
    "censored": {
        "outcome": {**TIMED, "competing": "status == 2"}, "analysis": {"model": "cox"}
    },
    "sampled": {"study": SAMPLED},
    "corrected": {"study": SAMPLED, "sampling": {"prevalence": 0.1}},
    "matched": {"study": SAMPLED, "sampling": {"matched": ["sex"]}},
    "sets": {
        "study": SAMPLED,
        "sampling": {"set": "twin", "matched": ["sex"]},
        "validation": {"thresholds": None, "threshold_range": None},
    },
    "vertebrae": {"study": {"unit": "vertebra", "patient": "patient_id"}},
    "ample": {
        "analysis": {"candidates": ["age", "cleft"], "terms": ["rcs(age, 3)"]},
        "validation": {"thresholds": [], "resamples": 20},
    },
    "afterwards": {
        "study": {"use_at": "postoperative"},
        "analysis": {"candidates": ["vas_6", "cleft"]},
        "include": [{"rule": "vas_6 >= 0", "reason": "Asked at 6 months"}],
    },
    "centres": {"validation": {"centre": "hospital"}},
    "split": {"validation": {"split": {"by": "year", "since": 2018}}},
    "pieces": {"analysis": {"engine": "stream"}},
    "chosen": {
        "include": [{"rule": "age >= 50", "reason": "Aged 50 or more"}],
        "exclude": [{"rule": "vas_6 > 9", "reason": "Pain beyond measure"}],
    },
    "scores": {
        "followup": [{"name": "vas", "label": "Pain", "scale": "vas", "time_unit": "months",
                      "visits": VISITS}],
        "agreement": [{"variable": "cleft", "first": "cleft", "second": "cleft_b",
                       "kind": "categorical", "readers": ["A", "B"]}],
    },
    "simulated": {"study": {"data_kind": "simulated", "data_note": "Drawn for a test."}},
}  # fmt: skip


def patients(n: int) -> pl.DataFrame:
    random = np.random.default_rng(12)
    age, cement = random.normal(72, 8, n).round(1), random.normal(4, 1, n).round(1)
    cleft = random.random(n) < 0.4
    risk = 1.4 * cleft + 0.08 * (age - 72)
    months = (random.exponential(25 / np.exp(risk)).round(1) + 0.1).clip(max=24)
    status = np.where(months >= 24, 0, np.where(random.random(n) < 0.75, 1, 2))
    case = status == 1
    twin = np.where(case, np.cumsum(case), np.cumsum(~case) % case.sum())
    second = np.where(random.random(n) < 0.1, ~cleft, cleft)
    return pl.DataFrame(
        {
            "patient_id": np.arange(n) // 2,
            "age": age,
            "cement": cement,
            "old": np.where(age >= 70, ">=70", "<70"),
            "bmd": random.normal(-3, 1, n).round(1),
            "cleft": np.where(cleft, "Yes", "No"),
            "cleft_b": np.where(second, "Yes", "No"),
            "sex": np.where(random.random(n) < 0.7, "Female", "Male"),
            "hospital": random.choice(["North", "South", "West"], n),
            "year": random.integers(2015, 2021, n),
            "months": months,
            "status": status,
            "pain": np.where(case, 6, 2),
            "twin": twin,
            "since": np.where(np.arange(n) % 3 == 0, (months / 4).round(1), 0.0),
            "vas_0": random.integers(6, 10, n),
            "vas_6": random.integers(0, 6, n),
        }
    ).with_columns(
        bmd=pl.when(pl.Series(random.random(n) > 0.1)).then("bmd"),
        pain=pl.when(pl.Series(random.random(n) > 0.05)).then("pain"),
    )


MORE: dict[str, dict[str, Any]] = {
    "bmd": {"label": "T score", "plausible": [-7, 3]},
    "old": {"label": "70 years or more", "levels": ["<70", ">=70"]},
    "hospital": {"label": "Hospital", "levels": ["North", "South", "West"]},
    "year": {"label": "Year"},
    "vas_6": {"label": "Pain at 6 months", "timing": "postoperative"},
    "pain": {"label": "Pain", "timing": "postoperative"},
    "years": {"label": "Age in years", "derive": "age * 1"},
}


def made(name: str, folder: Path, labels: Mapping[str, str] | None = None) -> StudyResult:
    """The result of one study with few resamples; `labels` are other ones of its variables."""
    asked = {key: dict(each) if isinstance(each, dict) else each for key, each in
             STUDIES[name].items()}  # fmt: skip
    named = {key: {"label": label} for key, label in (labels or {}).items()}
    followup = asked.pop("followup", [])
    agreement = asked.pop("agreement", [])
    analysis = {"compare": list(VARIABLES), "candidates": CANDIDATES, **asked.pop("analysis", {})}
    outcome = {"name": "fracture", "label": "New fracture", "event": "status == 1",
               "time_point": "24 months", **asked.pop("outcome", {})}  # fmt: skip
    place = folder / name
    place.mkdir()
    patients(MANY if name == "ample" else FEW).write_csv(place / "patients.csv")
    path = write_study(
        place,
        variables={
            key: {**each, **named.get(key, {})} for key, each in {**VARIABLES, **MORE}.items()
        },
        analysis=analysis,
        outcome=outcome,
        validation={"resamples": 4, **asked.pop("validation", {})},
        **asked,
    )
    lines = [_array("followup", each) for each in followup]
    lines += [_array("agreement", each) for each in agreement]
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(lines), encoding="utf-8")
    kept = Unfinished(place / "report")
    return run_in_place(load_protocol(path), RunOptions(), lambda *_: None, kept).result


def _array(name: str, table: dict[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in table.items()]
    return "\n".join([f"[[{name}]]", *lines, ""])


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_value(each)}' for key, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, StudyResult]:
    folder = tmp_path_factory.mktemp("studies")
    return {name: made(name, folder) for name in STUDIES}


@cache
def filled(result: StudyResult, language: Language = "en") -> dict[str, Checklist]:
    """The checklists of a result by key; labels stay in the language of the run."""
    asked = replace(result, facts=replace(result.facts, language=language))
    return {each.key: each for each in build_checklists(asked, build_tables(asked))}


def entries(result: StudyResult, language: Language) -> Iterator[tuple[str, Entry]]:
    for key, checklist in filled(result, language).items():
        yield from ((key, entry) for entry in checklist.entries())


# Of every study


@pytest.mark.parametrize("name", STUDIES)
def test_every_line_is_whole_in_both_languages(name: str, results: dict[str, StudyResult]) -> None:
    for language in LANGUAGES:
        for key, entry in entries(results[name], language):
            said = f"{key} {entry.number}: {entry.text}"
            assert entry.text.strip() == entry.text != "", said
            assert not re.search(
                r"  |[{}]|\.\.|。。|\(\)|（）|nan|None(?! was)|\u2013", entry.text
            ), said
            assert entry.text.endswith((".", "。")), said
            if entry.verdict in STATUSES:
                assert (OPEN[language] in entry.text) is (entry.verdict == "partly"), said
            if language == "zh":
                assert re.search("[\u4e00-\u9fff]", entry.text), said


@pytest.mark.parametrize("name", STUDIES)
def test_every_place_is_in_the_report(name: str, results: dict[str, StudyResult]) -> None:
    result = results[name]
    page = study_page(result, study_drawings(result))
    there = {("section", each.key) for each in page.sections}
    there |= {("table", each.key) for each in page.tables()}
    there |= {("figure", each.key) for each in page.figures()}
    for key, entry in entries(result, "en"):
        asked = {(each.kind, each.key) for each in entry.places if each.kind != "file"}
        assert asked <= there, (key, entry.number)


@pytest.mark.parametrize("name", STUDIES)
def test_the_document_has_them_under_the_schema(name: str, results: dict[str, StudyResult]) -> None:
    document = results_document(results[name])
    validate_results(document)
    assert [each["key"] for each in document["checklists"]] == list(LISTS)


@pytest.mark.parametrize("name", STUDIES)
def test_numbers_are_those_of_the_run(name: str, results: dict[str, StudyResult]) -> None:
    result = results[name]
    flow, tripod = result.flow, filled(result)["tripod"]
    left = sum(step.removed for step in flow.steps if step.kind == "predictor-missing")
    told = tripod.entry("11").text
    if result.imputed is not None:
        assert f"{result.imputed.n_incomplete} of {flow.n} lacked" in told
    else:
        assert ("Complete cases" in told) is (left > 0)
        assert (f"{left} of {flow.n + left} left" in told) is (left > 0)
    assert f"analysed {flow.n}: {flow.n_events} with" in tripod.entry("20a").text
    assert f"{result.validation.resamples} models" in tripod.entry("21").text
    size = result.size
    assert (size is None) is ("Riley ask for" not in tripod.entry("10").text)
    if size is not None:
        met = "is met" if size.expected.enough else "is not met"
        assert f"ask for {size.expected.n}, which {met}" in tripod.entry("10").text


@pytest.mark.parametrize("name", STUDIES)
def test_answers_are_no_where_the_run_did_it(name: str, results: dict[str, StudyResult]) -> None:
    result = results[name]
    probast = filled(result)["probast"]
    codes = {each.code for each in result.findings}
    one_at_a_time = name in ("univariable", "halves")
    assert (probast.entry("4.5").verdict == "N") is one_at_a_time
    assert (probast.entry("4.2").verdict == "N") is ("dichotomised-predictor" in codes)
    assert (probast.entry("4.4").verdict == "N") is ("complete-case-loss" in codes)
    assert (probast.entry("4.3").verdict == "Y") is (
        name not in ("lacking", "unknown", "shared", "sets")
    )
    assert (probast.entry("1.1").verdict == "N") is (name in ("sampled", "simulated"))
    assert (probast.entry("3.3").verdict == "PN") is (name == "shared")


# Of one kind of study


@pytest.mark.parametrize(
    ("name", "key", "number", "verdict", "text"),
    [
        ("plain", "tripod", "16", "none", "the same patients"),
        ("plain", "tripod", "22", "partly", "The equation in full; model.json"),
        ("plain", "strobe", "6b", "none", "Nobody was matched"),
        ("cut", "strobe", "16b", "partly", "a number was cut"),
        ("crossed", "strobe", "12b", "reported", "Age × Cleft"),
        ("halves", "tripod", "22", "reported", "mean risk"),
        ("halves", "probast", "4.2", "NA", "No predictor"),
        ("firth", "tripod", "12c", "partly", "Firth's penalised likelihood"),
        ("firth", "probast_development", "4.5", "Y", "held back"),
        ("penalty", "tripod", "12c", "partly", "lasso penalty. The penalty was found"),
        ("ridge", "tripod", "12c", "partly", "ridge penalty. The penalty was given"),
        ("shrunken", "tripod", "12c", "partly", "shrunken by the factor"),
        ("splines", "tripod", "12b", "reported", "restricted cubic spline with 3 knots"),
        ("splines", "probast", "4.2", "Y", "need not be straight"),
        ("powers", "tripod", "12b", "reported", "Age as a fractional polynomial (powers"),
        ("powers", "tripod", "9a", "partly", "with 6 parameters"),
        ("folds", "tripod", "12a", "reported", "cross-validation with 3 models"),
        ("folds", "probast_evaluation", "4.5", "Y", "no part in the model"),
        ("imputed", "tripod", "12a", "reported", "imputation and fit repeated in each"),
        ("imputed", "tripod", "21", "reported", "Complete cases beside"),
        ("imputed", "probast", "4.4", "Y", "multiple imputation, 2 tables"),
        ("unknown", "probast", "4.6", "PN", "without a known outcome"),
        ("unknown", "tripod", "11", "reported", "for want of the outcome"),
        ("shared", "probast_development", "3.3", "PN", "Age in years"),
        ("cox", "tripod", "12c", "partly", "Cox regression, maximum partial likelihood"),
        ("cox", "tripod", "20a", "reported", "Median follow-up"),
        ("cox", "probast", "4.6", "NI", "names no event that competes"),
        ("strata", "tripod", "12c", "partly", "Sex: a baseline hazard for each level"),
        ("late", "probast", "4.7", "PN", "cannot be had"),
        ("competing", "probast", "4.6", "PY", "competing events are allowed for"),
        ("censored", "probast", "4.6", "PN", "taken for censored"),
        ("sampled", "probast", "4.6", "N", "without a correction"),
        ("sampled", "tripod", "13", "none", "belongs to the design"),
        ("corrected", "probast", "1.1", "PY", "corrected to the share"),
        ("corrected", "strobe", "12e", "reported", "Weighting"),
        ("matched", "probast", "4.6", "N", "takes them for independent"),
        ("matched", "strobe", "6b", "partly", "Matched on Sex; the protocol names no sets"),
        ("sets", "strobe", "12d", "reported", "Conditional on the sets"),
        ("sets", "tripod", "15", "reported", "Odds ratios inside the matched sets"),
        ("sets", "strobe", "16c", "none", "not of risks"),
        ("vertebrae", "tripod", "12d", "reported", "240 vertebrae of 120 patients"),
        ("ample", "tripod", "10", "partly", "which is met"),
        ("ample", "tripod", "15", "reported", "No threshold of decision was fixed"),
        ("ample", "probast", "4.1", "Y", "which is met"),
        ("ample", "probast_development", "4.5", "PY", "Nothing was chosen by the data"),
        ("afterwards", "probast", "3.6", "NI", "after the operation: Pain at 6 months"),
        ("afterwards", "probast", "1.2", "NI", "does not say which comes first"),
        ("centres", "tripod", "6a", "partly", "Hospital tells 3 centres apart"),
        ("centres", "tripod", "23b", "reported", "Of each of 3 centres"),
        ("split", "tripod", "5b", "partly", "from 2015 to 2020"),
        ("split", "tripod", "16", "partly", "Earlier"),
        ("pieces", "probast", "4.8", "Y", "corrected by Harrell's optimism bootstrap"),
        ("pieces", "tripod", "18f", "partly", "repeats every number. Where"),
        ("chosen", "tripod", "6b", "reported", "Included: Aged 50 or more. Excluded: Pain"),
        ("chosen", "probast", "1.2", "PN", "Pain at 6 months"),
        ("scores", "tripod", "9c", "partly", "Agreement of two readers was measured of Cleft"),
        ("scores", "strobe", "14c", "partly", "Pain: visits"),
        ("simulated", "tripod", "5a", "partly", "they were simulated"),
    ],
)
def test_what_is_said_of_one_study(
    name: str, key: str, number: str, verdict: str, text: str, results: dict[str, StudyResult]
) -> None:
    entry = filled(results[name])[key].entry(number)
    assert entry.verdict == verdict, entry.text
    assert text in entry.text


def test_an_interval_of_the_c_index_is_told_where_there_is_one(
    results: dict[str, StudyResult],
) -> None:
    found = results["competing"]
    assert "C-index with its interval" in filled(found)["probast"].entry("4.7").text
    table = found.validation.table.with_columns(conf_low=pl.lit(None, pl.Float64))
    bare = replace(
        found,
        c_index=Estimate(found.c_index.estimate),
        validation=replace(found.validation, table=table),
    )
    assert "C-index without an interval" in filled(bare)["probast"].entry("4.7").text


def test_data_that_are_no_patients_are_told_in_every_list(
    results: dict[str, StudyResult],
) -> None:
    for each in filled(results["simulated"]).values():
        assert each.notes[0].startswith("The data were simulated")
    assert all("simulated" not in each.notes[0] for each in filled(results["plain"]).values())


def test_labels_from_a_stranger_stay_text(tmp_path: Path) -> None:
    labels = {
        "age": "<script>alert('x')</script> & {n} %s",
        "cement": r"\input{/etc/passwd} $x_1^2$ 50% " + "W" * 300,
        "cleft": "\u0634\u062f\u0629 \u05e9\u05dc\u05d5\u05dd",
    }
    result = made("plain", tmp_path, labels)
    entry = filled(result)["tripod"].entry("12b")
    assert all(label in entry.text for label in labels.values())
    drawn = dict.fromkeys(study_drawings(result), "<svg width='1pt'></svg>")
    page = html_page(study_page(result, drawn), drawn)
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page
