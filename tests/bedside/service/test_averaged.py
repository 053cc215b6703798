"""Models that average over missing inputs, served: JSON, FHIR, cards, batches and comparisons."""

from __future__ import annotations

import io
from typing import Any

import jsonschema
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.bedside.cds_hooks.records import prefetched
from tests.bedside.fhir.oracle import valid as valid_fhir
from tests.bedside.service.serving import ask, model, patients, predict, rows, service
from tests.bedside.service.test_cds_cards import card, named
from tests.bedside.service.test_comparison import send
from tests.bedside.service.test_fhir import FHIR, bundle, observed, sent
from tests.bedside.service.test_predicting import refused, valid

from vertebrisk.bedside.batches import scored_batch
from vertebrisk.bedside.service import predicting
from vertebrisk.bedside.service.app import Service
from vertebrisk.cohort.reading import Bounds

NAMES = ("plain-averages", "spline-averages", "cox-averages", "strata-averages")
KNOWN: dict[str, Any] = {"age": 71.5, "grade": "2"}
TIGHT = 1e-12  # the same sums in another order


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return service(tmp_path_factory.mktemp("models"), "plain", "spline", *NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_gaps_are_averaged_as_predict_does(app: Service, name: str) -> None:
    made = model(name)
    people = rows(made, 12)
    for place, each in enumerate(people):
        each[made.design.variables[place % 2]] = None
    expected = made.predict(
        patients().select([*made.design.variables, *made.strata]).head(12).with_columns(
            pl.when(pl.int_range(12) % 2 != place).then(pl.col(column)).alias(column)
            for place, column in enumerate(made.design.variables[:2])
        )
    )  # fmt: skip
    answer = predict(app, name, {"patients": people})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    valid(document, "PredictAnswer")
    assert "not known of the patient" in document["interval"]["means"]
    for found, row in zip(document["predictions"], expected.to_dicts(), strict=True):
        for key in ("risk", "conf_low", "conf_high"):
            assert_allclose(found[key], row[key], rtol=TIGHT)
        assert found["linear_predictor"] is found["total_points"] is None
        assert sorted(found["flags"]) == sorted(row["flags"].split("; "))
    left_out = [{k: v for k, v in each.items() if v is not None} for each in people]
    assert predict(app, name, {"patients": left_out}).json() == document


def test_who_has_nothing_and_what_cannot_be_read_is_refused(app: Service) -> None:
    name = "plain-averages"
    for nobody in ({}, {"age": None, "cleft": None, "grade": None}):
        document = refused(predict(app, name, {"patient": nobody}), 422)
        assert [each["code"] for each in document["errors"]] == ["missing"] * 3
    wrong = predict(app, name, {"patient": {"age": "old", "grade": "2"}})
    assert refused(wrong, 422, "#/patient/age")["errors"][0]["code"] == "type"
    strange = predict(app, name, {"patient": {"grade": "9", "age": 70}})
    assert refused(strange, 422, "#/patient/grade")["errors"][0]["code"] == "unknown-level"
    stratum = predict(app, "strata-averages", {"patient": {"age": 70}})
    assert refused(stratum, 422, "#/patient/ward")["errors"][0]["code"] == "missing"
    asking = predict(app, "plain", {"patient": KNOWN})
    assert refused(asking, 422, "#/patient/cleft")["errors"][0]["code"] == "missing"


def test_a_stratum_ends_before_the_horizon(app: Service) -> None:
    made = model("strata-averages")
    ends = {each.stratum: each.limit for each in made.baselines}
    first = min(ends, key=lambda each: ends[each])
    if ends[first] < made.limit:
        body = {"patient": {"age": 70, "ward": first}, "horizon": made.limit}
        refused(predict(app, "strata-averages", body), 422, "#/horizon")
    body = {"patient": {"age": 70, "ward": first}, "horizon": ends[first]}
    assert predict(app, "strata-averages", body).status_code == 200


def test_too_many_gaps_are_refused(app: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicting, "MOST_AVERAGED", 3)
    gaps, whole = [KNOWN] * 4, [{**KNOWN, "cleft": "No"}] * 9
    assert predict(app, "plain-averages", {"patients": whole}).status_code == 200
    assert predict(app, "plain-averages", {"patients": [*gaps[:3], *whole]}).status_code == 200
    refused(predict(app, "plain-averages", {"patients": [*gaps, *whole]}), 413)


def test_the_schema_of_the_patient_allows_the_gaps(app: Service) -> None:
    served = app.store.get("plain-averages")
    assert served is not None
    check = jsonschema.Draft202012Validator(served.patient)
    for patient in (KNOWN, {**KNOWN, "cleft": None}, {"age": None, "cleft": "Yes"}):
        check.validate(patient)
    assert not check.is_valid({"age": "old"})
    whole = ask(app, "GET", "/api/v1/models/plain-averages").json()
    valid(whole, "Model")
    assert [each["required"] for each in whole["inputs"]] == [False] * 3
    plain = ask(app, "GET", "/api/v1/models/plain").json()
    assert [each["required"] for each in plain["inputs"]] == [True] * 3


def test_an_assessment_in_fhir_names_what_it_averaged_over(app: Service) -> None:
    expected = predict(app, "plain-averages", {"patient": KNOWN}).json()["predictions"][0]
    for body in (bundle(*observed("plain-averages", KNOWN)),):
        answer = sent(app, "plain-averages", body)
        assert answer.status_code == 200, answer.text
        document = answer.json()
        valid_fhir(document)
        (prediction,) = document["prediction"]
        assert_allclose(prediction["probabilityDecimal"], 100 * expected["risk"], rtol=TIGHT)
        assert "Averaged over cleft, which" in prediction["rationale"]
        assert "over what is not known of this one" in prediction["rationale"]
    form = ask(
        app, "GET", "/api/v1/models/plain-averages/questionnaire", headers={"Accept": FHIR}
    ).json()
    assert [each["required"] for each in form["item"]] == [False] * 3
    nobody = sent(app, "plain-averages", bundle(*observed("other", KNOWN)))
    assert nobody.status_code == 422


def test_a_card_tells_what_the_record_lacks(app: Service) -> None:
    name = "plain-averages"
    whole = {**KNOWN, "cleft": "Yes"}
    found = card(app, name, prefetched(named(app, name), KNOWN))
    risk = predict(app, name, {"patient": KNOWN}).json()["predictions"][0]["risk"]
    assert f"**{100 * risk:.1f}%**" in found["detail"].replace("\\", "")
    assert "is not in the record; the risk is the average" in found["detail"]
    assert "over what is not known of this one" in found["detail"]
    assert (
        "the average over what"
        not in card(app, name, prefetched(named(app, name), whole))["detail"]
    )
    asking = card(app, "plain", prefetched(named(app, "plain"), KNOWN))
    assert "is missing" in asking["summary"]


def test_what_the_record_has_and_cannot_be_used_is_not_averaged(app: Service) -> None:
    name = "plain-averages"
    fetched = prefetched(named(app, name), {**KNOWN, "cleft": "Yes"})
    spoilt = {
        key: _spoilt(value) if "cleft" in str(value) else value for key, value in fetched.items()
    }
    found = card(app, name, spoilt)
    assert "no risk yet" in found["summary"]
    assert "cannot be used" in found["detail"]


def _spoilt(document: Any) -> Any:
    if isinstance(document, dict):
        values = {key: _spoilt(value) for key, value in document.items()}
        if document.get("resourceType") == "Observation":
            values = {k: v for k, v in values.items() if not k.startswith("value")}
            values["valueString"] = "perhaps"
        return values
    return [_spoilt(each) for each in document] if isinstance(document, list) else document


def test_a_comparison_says_which_model_averaged(app: Service) -> None:
    form = {"in.age": "80.25", "in.grade": "3-4", "in.volume": "3"}
    text = send(app, "model=plain&model=plain-averages", form).text
    assert "Needs cleft; nothing is assumed." in text
    assert "cleft is not known: the risk is the average" in text
    chinese = send(app, "lang=zh&model=plain&model=plain-averages", form).text
    assert "cleft不详" in chinese


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_batch_averages_over_gaps_and_never_over_what_is_unreadable(kind: Any) -> None:
    made = model("plain-averages")
    people = patients().select(made.design.variables).head(20).cast(pl.String)
    gaps: dict[str, list[str | None]] = {
        "age": [None, None, "old"],
        "cleft": [None, "Yes", None],
        "grade": ["2", "2", "2"],
    }
    gaps["age"][0] = people["age"][0]
    people = pl.concat([pl.DataFrame(gaps).select(people.columns), people])
    content = io.BytesIO()
    if kind == "csv":
        people.write_csv(content)
    else:
        people.write_excel(content)
    done = scored_batch(made, content.getvalue(), kind, Bounds())
    assert (done.rows, done.unscored) == (23, 1)
    if kind == "csv":
        table = pl.read_csv(io.BytesIO(done.content), infer_schema_length=0)
        assert table["flags"].to_list()[:3] == [
            "averaged over: cleft", "averaged over: age", "unreadable: age; missing: cleft",
        ]  # fmt: skip
        assert table["risk"][2] is table["conf_low"][2] is None
        assert table["linear_predictor"][0] is table["total_points"][1] is None
