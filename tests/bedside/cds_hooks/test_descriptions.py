"""Models as CDS services: every input is searched by its codes, in a form that any record takes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args
from urllib.parse import parse_qsl, unquote

import pytest
from tests.bedside.service.serving import NAMES, model

from vertebrisk._types import Language
from vertebrisk.bedside.cds_hooks.descriptions import prefetch_templates, service_description
from vertebrisk.bedside.cds_hooks.wording import Wording
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.items import items_of
from vertebrisk.design.codings import LOINC, SNOMED, Coding
from vertebrisk.models.portable.risk_model import RiskModel


def named(made: RiskModel) -> NamedModel:
    return NamedModel("pain", "0123456789abcdef", made)


def renamed(made: RiskModel, **fields: object) -> RiskModel:
    """The model with its first input as given."""
    first, *others = made.design.predictors
    changed = replace(first, **fields)  # type: ignore[arg-type]
    return replace(made, design=replace(made.design, predictors=(changed, *others)))


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("name", NAMES)
def test_every_model_is_described(name: str, language: Language) -> None:
    found = service_description(named(model(name)), Wording(language))
    assert set(found) == {"hook", "title", "description", "id", "prefetch", "usageRequirements"}
    assert (found["hook"], found["id"]) == ("patient-view", "pain")
    assert all(found.values())


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_search_for_every_input(name: str) -> None:
    templates = prefetch_templates(named(model(name)))
    assert templates.pop("patient") == "Patient/{{context.patientId}}"
    assert list(templates) == [each.name for each in items_of(named(model(name)))]
    for template in templates.values():
        path, _, query = template.partition("?")
        assert path == "Observation"
        parts = parse_qsl(query, strict_parsing=True)
        assert [each for each, _ in parts] == ["patient", "code", "_sort", "_count"]
        # The restrictions of the specification: tokens by equality, and the context's own token.
        assert re.findall(r"{{.*?}}", template) == ["{{context.patientId}}"]


def test_an_input_is_searched_by_all_its_codes() -> None:
    codings = (Coding(LOINC, "30525-0"), Coding(SNOMED, "397669002"))
    templates = prefetch_templates(named(renamed(model("plain"), codings=codings)))
    assert templates["age"] == (
        "Observation?patient={{context.patientId}}&code=http://loinc.org|30525-0,"
        "http://snomed.info/sct|397669002,urn:vertebrisk:model:pain:inputs|age"
        "&_sort=-date&_count=1"
    )


@pytest.mark.parametrize("name", ["年龄", "a&b=c#d", "x,y|z$", "patient", "two words", "{{x}}"])
def test_any_name_of_an_input_makes_a_search(name: str) -> None:
    made = renamed(model("plain"), name=name)
    templates = prefetch_templates(named(made))
    assert list(templates)[:2] == ["patient", "input-1"]
    search = templates["input-1"]
    assert search.isascii()
    assert search.count("{{") == 1
    code = dict(parse_qsl(search.partition("?")[2], strict_parsing=True))["code"]
    system, _, token = code.partition("|")
    assert system == "urn:vertebrisk:model:pain:inputs"
    assert re.sub(r"\\(.)", r"\1", token) == unquote(token).replace("\\", "") == name
