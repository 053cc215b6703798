"""What a model carries beside its numbers: two languages, codes, what may be changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.models.cases import quiet_fit, simulated

from vertebrisk._types import Json
from vertebrisk.design.codings import LOINC, SNOMED, Coding
from vertebrisk.errors import ModelError
from vertebrisk.evidence.export import find_model
from vertebrisk.models.portable.describing import Outcome, Population
from vertebrisk.models.portable.risk_model import RiskModel

PLAIN = quiet_fit("y ~ a + g", simulated(250, 6)).model
LEVELS = PLAIN.design.predictor("g").levels


def worded() -> RiskModel:
    """A model with a word in Chinese for everything."""
    a, g = PLAIN.design.predictors
    described = (
        replace(
            a,
            label="Age",
            unit="years",
            ucum="a",
            modifiable=True,
            codings=(Coding(LOINC, "30525-0", "Age"),),
            translations={"zh": {"label": "年龄", "unit": "岁"}},
        ),
        replace(
            g,
            level_codings={LEVELS[0]: (Coding(SNOMED, "373067005"),)},
            translations={"zh": {"level_labels": tuple(f"级{each}" for each in LEVELS)}},
        ),
    )
    return replace(
        PLAIN,
        design=replace(PLAIN.design, predictors=described),
        outcome=Outcome(
            "pain", "Pain", "vas >= 4", "1 month", translations={"zh": {"label": "疼痛"}}
        ),
        population=Population(
            250,
            60,
            include=("Age over 50", "One level"),
            exclude=("Tumour",),
            translations={"zh": {"include": ("年龄大于50岁", "单节段")}},
        ),
    )


def test_words_and_codes_survive_json() -> None:
    model = worded()
    again = RiskModel.from_dict(json.loads(json.dumps(model.to_dict())))
    assert again.to_dict() == model.to_dict()
    assert again.design.predictors == model.design.predictors
    assert (again.outcome, again.population) == (model.outcome, model.population)


def test_a_model_in_a_language_and_what_has_no_word_in_it() -> None:
    chinese = worded().in_language("zh")
    age, group = chinese.design.predictors
    assert (age.label, age.unit, age.definition) == ("年龄", "岁", "")
    assert group.level_label(LEVELS[1]) == f"级{LEVELS[1]}"
    assert chinese.outcome.label == "疼痛"
    assert chinese.outcome.time_point == "1 month"
    assert chinese.population.include == ("年龄大于50岁", "单节段")
    assert chinese.population.exclude == ("Tumour",)
    assert worded().in_language("en").to_dict() == worded().to_dict()


def test_words_change_no_risk() -> None:
    frame = simulated(20, 9)
    assert worded().in_language("zh").predict(frame).equals(PLAIN.predict(frame))


def test_a_document_without_the_words_is_read() -> None:
    document = worded().to_dict()
    for each in document["design"]["predictors"]:
        for key in ("modifiable", "ucum", "codings", "level_codings", "translations"):
            del each[key]
    for part, keys in {"outcome": ["definition"], "population": ["include", "exclude"]}.items():
        for key in [*keys, "translations"]:
            del document[part][key]
    assert RiskModel.from_dict(document).design.predictors[0].codings == ()


def broken_translation(document: Json) -> None:
    document["design"]["predictors"][0]["translations"] = {"zh": {"timing": "术前"}}


def broken_language(document: Json) -> None:
    document["outcome"]["translations"] = {"fr": {"label": "Douleur"}}


def broken_levels(document: Json) -> None:
    document["design"]["predictors"][1]["translations"]["zh"]["level_labels"].pop()


def broken_code(document: Json) -> None:
    document["design"]["predictors"][0]["codings"][0]["code"] = "30525-1"


def broken_level(document: Json) -> None:
    document["design"]["predictors"][1]["level_codings"]["none of them"] = []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (broken_translation, "its translation of 'timing' does not fit"),
        (broken_language, "its translations are in 'fr'"),
        (broken_levels, "its translation of 'level_labels' does not fit"),
        (broken_code, "'30525-1' is no code of LOINC"),
        (broken_level, "the codes of 'g' do not match its levels"),
    ],
)
def test_damaged_words_are_refused(damage: Callable[[Json], None], told: str) -> None:
    document: Any = json.loads(json.dumps(worded().to_dict()))
    damage(document)
    with pytest.raises(ModelError, match=told):
        RiskModel.from_dict(document)


def test_a_model_of_the_library_has_both_languages_and_its_codes() -> None:
    model, _ = find_model("li2021")
    cleft = model.design.predictor("ivc")
    assert cleft.label == "Intravertebral vacuum cleft"
    assert cleft.translations["zh"]["label"] == "椎体内真空裂隙"
    assert [each.code for each in cleft.level_codings["Yes"]] == ["373066001"]
    cement = model.design.predictor("cement_distribution")
    assert (cement.modifiable, cleft.modifiable) == (True, False)
    assert model.in_language("zh").outcome.label == "残留腰背痛"
    assert len(model.population.include) > 1
