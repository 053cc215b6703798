"""The results document: valid under its schema, free of patients, complete."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from tests.report.example import example_result, intercept_only

from vertebrisk._files import json_text
from vertebrisk.report.document.study import finite, results_document, results_schema
from vertebrisk.report.results.study import StudyResult


def _objects(schema: Any) -> list[dict[str, Any]]:
    found = []
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            found.append(schema)
        for each in schema.values():
            found += _objects(each)
    elif isinstance(schema, list):
        for each in schema:
            found += _objects(each)
    return found


@pytest.mark.parametrize("result", [example_result(), intercept_only()], ids=["full", "bare"])
def test_the_document_is_valid_and_survives_json(result: StudyResult) -> None:
    document = results_document(result)
    jsonschema.Draft202012Validator(results_schema()).validate(document)
    assert json.loads(json_text(document)) == document


def test_the_schema_is_valid_and_closed() -> None:
    schema = results_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    objects = _objects(schema)
    assert len(objects) > 20
    assert all("additionalProperties" in each for each in objects)


def test_an_unknown_key_is_refused() -> None:
    document = {**results_document(example_result()), "patients": []}
    with pytest.raises(jsonschema.ValidationError, match="patients"):
        jsonschema.validate(document, results_schema())


def test_what_would_give_a_patient_away_is_left_out() -> None:
    text = json_text(results_document(example_result()))
    assert "secret cell" not in text
    assert "0.123456789" not in text, "bootstrap draws"
    assert "minimum" not in text
    document = results_document(example_result())
    assert set(document["roc"]["curve"][0]) == {"sensitivity", "specificity"}


def test_the_kind_of_data_stands_at_the_top() -> None:
    document = results_document(example_result())
    assert document["data_kind"] == "reconstructed"
    assert document["schema_version"] == "1.0"


def test_numbers_that_are_not_finite_become_null() -> None:
    assert finite({"a": [float("nan"), (float("-inf"), 1, True, "x", None)]}) == {
        "a": [None, [None, 1, True, "x", None]]
    }
    summary = results_document(example_result())["model_summary"]
    assert summary["hosmer_lemeshow_p"] is None


def test_the_rounding_error_of_a_zero_is_zero() -> None:
    assert finite({"ici": 2.8e-17, "p": [3e-11, -4e-15]}) == {"ici": 0.0, "p": [3e-11, 0.0]}


def test_splines_are_part_of_the_document() -> None:
    result = replace(example_result(), splines=(("age", (50.0, 65.0, 80.0)),))
    document = results_document(result)
    jsonschema.validate(document, results_schema())
    assert document["splines"] == [{"variable": "age", "knots": [50.0, 65.0, 80.0]}]
