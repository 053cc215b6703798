"""Inputs as the model's study wrote them: codes, codes for missing, derived values, flags."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.bedside.service.serving import model, patients, predict, rows, service

from vertebrisk.bedside.service.compiled import KEPT_MOMENTS, CompiledModel
from vertebrisk.bedside.service.inputs import Reader
from vertebrisk.bedside.service.models.schemas import patient_schema
from vertebrisk.bedside.service.predicting import SAMPLED, predictions
from vertebrisk.bedside.service.problems import FieldError, Problem
from vertebrisk.bedside.service.store import served_model
from vertebrisk.design.design import Predictor
from vertebrisk.models.portable.risk_model import RiskModel


def changed(made: RiskModel, name: str, **parts: Any) -> RiskModel:
    """The model with one predictor described otherwise."""

    def described(each: Predictor) -> Predictor:
        return replace(each, **parts) if each.name == name else each

    predictors = tuple(described(each) for each in made.design.predictors)
    return replace(made, design=replace(made.design, predictors=predictors))


CODED = changed(
    changed(model("plain"), "cleft", codes=(("0", "No"), ("1", "Yes"), ("true", "Yes"))),
    "age",
    missing=("999", "-1"),
    derive="surgery_year - birth_year",
)
CODED = changed(CODED, "grade", missing=("9", "unknown"))
PLAIN: dict[str, Any] = {"age": 70, "cleft": "Yes", "grade": "2"}


def risk(patient: dict[str, Any], made: RiskModel = CODED) -> float:
    found = predictions(served_model("m", made), [patient], ["/patient"], None)
    return float(found[0]["risk"])


def code_of(patient: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Problem) as refused:
        risk(patient)
    (error,) = refused.value.errors
    return error.pointer, error.code


@pytest.mark.parametrize("value", ["Yes", "1", 1, 1.0, True])
def test_a_code_stands_for_its_level(value: Any) -> None:
    assert risk({**PLAIN, "cleft": value}) == risk(PLAIN)
    frame = {"age": [70.0], "cleft": [value], "grade": ["2"]}
    assert risk({**PLAIN, "cleft": value}) == pytest.approx(CODED.predict(frame)["risk"][0])


@pytest.mark.parametrize(
    ("name", "value"), [("age", 999), ("age", 999.0), ("age", -1), ("grade", 9), ("grade", "9")]
)
def test_a_code_for_missing_is_missing(name: str, value: Any) -> None:
    assert code_of({**PLAIN, name: value}) == (f"/patient/{name}", "missing")


def test_a_derived_input_is_given_or_made_of_its_parts() -> None:
    parts = {"cleft": "Yes", "grade": "2", "surgery_year": 2021, "birth_year": 1951}
    assert risk(parts) == risk(PLAIN)
    assert risk({**parts, "age": 80}) == risk({**PLAIN, "age": 80})
    assert code_of({**parts, "birth_year": None}) == ("/patient/age", "missing")
    assert code_of({**parts, "birth_year": "1951"}) == ("/patient/age", "type")
    assert code_of({**parts, "birth_year": 1e300}) == ("/patient/age", "type")
    assert code_of({**parts, "birth_year": [1951]}) == ("/patient/age", "type")
    assert code_of({**parts, "age": None}) == ("/patient/age", "missing")


def test_the_schema_of_a_patient_admits_what_is_read() -> None:
    schema = patient_schema(CODED)
    check = jsonschema.Draft202012Validator(schema)
    parts = {"cleft": True, "grade": "2", "surgery_year": 2021, "birth_year": 1951}
    for good in (PLAIN, parts, {**PLAIN, "cleft": 1}):
        check.validate(good)
        risk(good)
    for wrong in ({**PLAIN, "cleft": "maybe"}, {**PLAIN, "age": "70"}, {**PLAIN, "name": "x"}, {}):
        assert not check.is_valid(wrong)
        with pytest.raises(Problem):
            risk(wrong)


def test_a_sample_of_controls_is_flagged_as_predict_flags_it() -> None:
    made = model("plain")
    sampled = replace(made, population=replace(made.population, design="case-control"))
    expected = sampled.predict(patients().head(1))["flags"][0]
    found = predictions(served_model("m", sampled), list(rows(made, 1)), [""], None)
    assert "; ".join(found[0]["flags"]) == expected == SAMPLED


def test_errors_of_long_names_stay_short() -> None:
    errors: list[FieldError] = []
    patient = {**PLAIN, "x" * 10_000: 1, **{f"name {number}": 1 for number in range(100)}}
    Reader.of(CODED.design, ()).read(patient, "/patient", errors)
    assert 0 < len(errors) <= 8
    assert all(len(each.pointer) < 100 and len(each.detail) < 300 for each in errors)


def test_a_large_batch_is_answered_like_a_small_one(tmp_path: Path) -> None:
    app = service(tmp_path, "cox")
    many = rows(model("cox"), 400)
    answer = predict(app, "cox", {"patients": many * 3}).json()["predictions"]
    few = predict(app, "cox", {"patients": many[:20]}).json()["predictions"]
    assert len(answer) == 1200
    assert answer[:20] == answer[400:420] == few


def test_threads_share_the_times_that_are_kept() -> None:
    compiled = CompiledModel(model("cox"))
    codes = {"age": 70.0, "cleft": 0.0, "grade": 1.0}
    times = [1.0 + 20.0 * number / 1000 for number in range(1000)]
    alone = [compiled.score(codes, time) for time in times]
    found: list[list[object]] = []
    threads = [
        threading.Thread(target=lambda: found.append([compiled.score(codes, t) for t in times]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4
    assert len(compiled._moments) <= KEPT_MOMENTS
