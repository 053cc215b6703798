"""Updating a logistic model: the methods, the closed test, the errors, the lineage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

from vertebrisk import (
    RiskModel,
    SourcePopulation,
    UpdatedModel,
    fit_logistic,
    update_model,
)
from vertebrisk.errors import ArgumentError, DataError, FitError, ModelError
from vertebrisk.models.portable.identity import model_version

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")

REFERENCE = load("updating")
INPUTS = ["npreg", "glu", "bp", "skin", "bmi", "ped", "age"]
PIMA = 'type == "Yes" ~ ' + " + ".join(INPUTS)
EVENT = 'type == "Yes"'
METHODS = ["none", "in-the-large", "recalibration", "revision"]
# Both programs iterate to the last digit; the Jacobian of the covariance is numerical in R.
EXACT, CARRIED = 1e-7, 1e-6


def developed() -> RiskModel:
    return fit_logistic(PIMA, frame("pima_tr")).model


def of_coefficients(name: str) -> RiskModel:
    values = REFERENCE[name]["original"]
    names = ["(Intercept)", *INPUTS]
    return RiskModel.from_table(dict(zip(names, values, strict=True)), patients=frame("pima_tr"))


def case(name: str) -> tuple[RiskModel, pl.DataFrame]:
    new = frame("pima_te")
    if name == "pima":
        return developed(), new
    if name == "older":
        return developed(), new.filter(pl.col("age") >= 30)
    if name == "single":
        return fit_logistic('type == "Yes" ~ glu', frame("pima_tr")).model, new
    if name == "groups":
        data = frame("pima_groups")
        formula = 'type == "Yes" ~ glu + age_group + parous'
        return fit_logistic(formula, data[:110]).model, data[110:]
    return of_coefficients(name), new


def updated(name: str, method: Any = "closed-test") -> UpdatedModel:
    model, new = case(name)
    return update_model(model, new, outcome=EVENT, method=method)


@pytest.mark.parametrize(
    "name", ["pima", "older", "groups", "single", "shifted", "stretched", "turned"]
)
def test_the_tests_and_their_choice_are_those_of_r(name: str) -> None:
    expected = REFERENCE[name]
    found = updated(name)
    assert (found.n, found.n_events) == (expected["n"], expected["n_events"])
    assert found.method == expected["chosen"]
    assert found.table.filter("chosen")["method"].to_list() == [expected["chosen"]]
    assert found.table["df"].to_list() == expected["df"]
    assert found.table["df_left"].to_list() == expected["df_left"]
    assert_allclose(found.table["log_likelihood"], expected["log_likelihood"], rtol=EXACT)
    for column, key in (("lr_original", "lr_original"), ("lr_left", "lr_revision")):
        # A difference of log-likelihoods of some 100 keeps so many digits.
        assert_allclose(found.table[column], expected[key], rtol=EXACT, atol=1e-10)
    for column, key in (("p_original", "p_original"), ("p_left", "p_revision")):
        wanted = pl.Series(expected[key], dtype=pl.Float64)
        assert found.table[column].is_null().to_list() == wanted.is_null().to_list()
        assert_allclose(found.table[column].drop_nulls(), wanted.drop_nulls(), rtol=EXACT)


@pytest.mark.parametrize(
    "name", ["pima", "older", "groups", "single", "shifted", "stretched", "turned"]
)
def test_the_coefficients_are_those_of_r(name: str) -> None:
    expected = REFERENCE[name]
    original = np.array(expected["original"])
    large = updated(name, "in-the-large")
    assert large.intercept == pytest.approx(expected["intercept"], rel=EXACT)
    assert large.slope == 1.0
    assert_allclose(large.model.intercept, original[0] + expected["intercept"], rtol=EXACT)
    assert_allclose(large.model.beta, original[1:], rtol=EXACT)
    line = updated(name, "recalibration")
    moved = expected["recalibration"]
    assert (line.intercept, line.slope) == pytest.approx(tuple(moved), rel=EXACT)
    assert_allclose(line.model.beta, moved[1] * original[1:], rtol=EXACT)
    revised = updated(name, "revision")
    assert revised.intercept is None
    assert revised.slope is None
    assert_allclose(revised.coefficients["updated"], expected["revision"], rtol=EXACT)
    assert_allclose(revised.coefficients["original"], original, rtol=EXACT)


@pytest.mark.parametrize("name", ["pima", "older", "groups", "single"])
def test_the_covariance_holds_the_errors_of_model_and_update(name: str) -> None:
    expected = REFERENCE[name]
    for method, key in (
        ("in-the-large", "large_covariance"),
        ("recalibration", "recalibration_covariance"),
        ("revision", "revision_covariance"),
    ):
        found = updated(name, method).model
        assert found.interval_kind == "model-based"
        wanted = np.array(expected[key])
        size = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
        assert found.covariance is not None
        assert_allclose(found.covariance / size, wanted / size, rtol=0.0, atol=CARRIED)


def test_without_limits_before_there_are_none_after_recalibration() -> None:
    found = updated("shifted").model
    assert (found.interval_kind, found.covariance) == ("none", None)
    assert found.predict(frame("pima_te"))["conf_low"].null_count() == 332
    assert updated("turned").model.interval_kind == "model-based"


def test_limits_of_a_repeated_procedure_are_not_carried_and_it_says_so() -> None:
    model = developed().with_draws(np.zeros((20, 8)) + 0.1)
    found = update_model(model, frame("pima_te"), outcome=EVENT, method="in-the-large")
    assert (found.model.interval_kind, found.model.draws) == ("none", None)
    assert [each.code for each in found.findings] == ["limits-not-carried"]


def test_an_updated_model_is_calibrated_in_the_new_patients() -> None:
    new = frame("pima_te")
    for method in ("in-the-large", "recalibration", "revision"):
        risk = updated("turned", method).model.predict(new)["risk"]
        assert risk.mean() == pytest.approx(109 / 332, abs=1e-12)


def test_the_lineage_travels(tmp_path: Path) -> None:
    first = updated("shifted")
    again = update_model(
        first.model, frame("pima_te"), outcome=EVENT, method="recalibration", when="2026-03"
    )  # a second step
    again.model.save(tmp_path / "model.json")
    read = RiskModel.load(tmp_path / "model.json")
    one, two = read.provenance.lineage
    assert (one.method, one.choice, one.n, one.n_events) == (
        "in-the-large",
        "closed-test",
        332,
        109,
    )
    assert one.version == model_version(of_coefficients("shifted"))
    assert (one.intercept, one.slope) == (first.intercept, 1.0)
    assert (two.method, two.choice) == ("recalibration", "named")
    assert two.version == model_version(first.model)
    assert (one.when, two.when) == ("", "2026-03")
    assert read.to_dict() == again.model.to_dict()
    assert read.performance == {}


def test_a_model_that_is_kept_is_the_same_model() -> None:
    model, new = case("pima")
    kept = update_model(model, new, outcome=EVENT)
    assert kept.model is model
    assert "lineage" not in model.to_dict()["provenance"]
    assert (kept.intercept, kept.slope) == (0.0, 1.0)


def test_notes_on_how_a_model_was_read_stay() -> None:
    model, new = case("pima")
    noted = replace(model, performance={"notes": ["misprinted"], "measures": []})
    found = update_model(noted, new, outcome=EVENT, method="in-the-large").model
    assert found.performance == {"notes": ["misprinted"]}


def test_a_revision_is_a_model_of_the_new_patients() -> None:
    model, new = case("turned")
    found = update_model(model, new, outcome=EVENT, method="revision").model
    assert (found.population.n, found.population.n_events) == (332, 109)
    assert found.provenance.estimator == "ml"
    assert found.similar_patients is not None
    plain = fit_logistic(PIMA, new).model
    assert_allclose(found.beta, plain.beta, rtol=1e-9)
    assert found.similar_patients.to_dict()["variables"]


def test_sampled_controls_take_the_prevalence_of_the_new_patients() -> None:
    source = SourcePopulation(prevalence=0.1)
    model = fit_logistic(PIMA, frame("pima_tr"), source=source).model
    found = update_model(model, frame("pima_te"), outcome=EVENT, method="in-the-large").model
    assert found.population.prevalence == pytest.approx(109 / 332)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "guess"}, "the method 'guess'"),
        ({"choice": ""}, "the method"),
        ({"version": "abc"}, "a version that is none"),
        ({"n_events": 332}, "numbers of patients that are none"),
        ({"n": True}, "numbers of patients that are none"),
        ({"slope": None}, "no number"),
        ({"model": 3}, "no text"),
        ({"extension": ["age"]}, "no terms that go with the method"),
        ({"extension": "age"}, "no list of terms"),
        ({"shrinkage": 2.0}, "a shrinkage that lies not between 0 and 1"),
        ({"when": "2026-13"}, "a date that is none"),
    ],
)
def test_a_damaged_lineage_is_refused_in_one_line(change: dict[str, Any], message: str) -> None:
    document = updated("shifted").model.to_dict()
    document["provenance"]["lineage"][0].update(change)
    with pytest.raises(ModelError, match=message) as caught:
        RiskModel.from_dict(document)
    assert "\n" not in str(caught.value)


def test_who_cannot_be_used_is_left_out_and_counted() -> None:
    new = frame("pima_groups")[110:].with_row_index()
    new = new.with_columns(
        glu=pl.when(pl.col("index") < 3).then(None).otherwise(pl.col("glu")),
        parous=pl.when(pl.col("index") == 5).then(pl.lit("maybe")).otherwise(pl.col("parous")),
        type=pl.when(pl.col("index").is_between(7, 8)).then(None).otherwise(pl.col("type")),
    )
    model, _ = case("groups")
    found = update_model(model, new, outcome=EVENT, method="in-the-large")
    assert dict(found.n_dropped) == {
        "outcome missing": 2,
        "predictor not usable": 1,
        "predictor missing": 3,
    }
    assert found.n == 84
    assert [each.code for each in found.findings] == ["values-unknown-to-the-model"]
    same = update_model(
        model, new[9:].vstack(new[3:5]).vstack(new[6:7]), outcome=EVENT, method="in-the-large"
    )
    assert_allclose(same.intercept or 0.0, found.intercept or 0.0, rtol=1e-9)


def test_few_events_for_a_revision_are_a_finding() -> None:
    model, new = case("pima")
    few = update_model(model, new[:150], outcome=EVENT)
    assert [each.code for each in few.findings] == ["few-events-for-update"]
    assert "70 are wanted" in few.findings[0].message
    named = update_model(model, new[:150], outcome=EVENT, method="recalibration")
    assert named.findings == ()


def test_a_slope_below_zero_is_a_finding() -> None:
    model, new = case("pima")
    found = update_model(model, new, outcome='type == "No"', method="recalibration")
    assert found.slope is not None
    assert found.slope < 0
    assert [each.code for each in found.findings] == ["slope-not-positive"]


def one_line(caught: pytest.ExceptionInfo[BaseException]) -> str:
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_separation_is_one_line_and_names_what_is_left() -> None:
    model, new = case("pima")
    apart = new.with_columns(skin=pl.when(pl.col("type") == "Yes").then(60.0).otherwise(20.0))
    with pytest.raises(FitError, match="skin separates") as caught:
        update_model(model, apart, outcome=EVENT)
    assert "method='in-the-large' or method='recalibration'" in one_line(caught)
    kept = update_model(model, apart, outcome=EVENT, method="in-the-large")
    note = kept.table.filter(method="revision")
    assert note["log_likelihood"].item() is None
    assert "skin separates" in note["note"].item()


def test_risks_that_separate_can_only_be_moved() -> None:
    model = RiskModel.from_table({"(Intercept)": 0.0, "x": 1.0}, ranges={"x": (0, 10)})
    new = pl.DataFrame({"x": [1.0, 2.0, 3.0, 7.0, 8.0, 9.0], "y": [0, 0, 0, 1, 1, 1]})
    with pytest.raises(FitError, match="the original risks separate") as caught:
        update_model(model, new, outcome="y", method="recalibration")
    assert "Use method='in-the-large'" in one_line(caught)
    assert update_model(model, new, outcome="y", method="in-the-large").intercept is not None


def test_too_few_patients_and_levels_that_nobody_has() -> None:
    model, new = case("pima")
    nine = pl.concat(
        [new.filter(pl.col("type") == "Yes")[:3], new.filter(pl.col("type") == "No")[:5]]
    )
    with pytest.raises(FitError, match="8 parameters for 8 patients"):
        update_model(model, nine, outcome=EVENT)
    groups, patients = case("groups")
    with pytest.raises(FitError, match=r"age_group = 36\+ is the same in all patients"):
        update_model(
            groups, patients.filter(pl.col("age_group") != "36+"), outcome=EVENT, method="revision"
        )


def test_a_model_that_tells_nobody_apart_has_no_slope() -> None:
    model = RiskModel.from_dict(developed().to_dict())
    flat = RiskModel.from_dict(
        {
            **model.to_dict(),
            "coefficients": [{**each, "estimate": 0.0} for each in model.to_dict()["coefficients"]],
        }
    )
    with pytest.raises(FitError, match="the same in all patients"):
        update_model(flat, frame("pima_te"), outcome=EVENT, method="recalibration")
    assert update_model(flat, frame("pima_te"), outcome=EVENT).method == "revision"


def test_what_cannot_be_updated_is_refused() -> None:
    model, new = case("pima")
    with pytest.raises(DataError, match="both outcomes must occur"):
        update_model(model, new.filter(pl.col("type") == "Yes"), outcome=EVENT)
    with pytest.raises(DataError, match="No patient has the outcome and every input"):
        update_model(model, new.with_columns(glu=pl.lit(None)), outcome=EVENT)
    with pytest.raises(DataError, match="The model needs glu"):
        update_model(model, new.drop("glu"), outcome=EVENT)
    with pytest.raises(ArgumentError, match="allowed are closed-test"):
        update_model(model, new, outcome=EVENT, method="revise")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="The data have no rows"):
        update_model(model, new[:0], outcome=EVENT)
    with pytest.raises(ArgumentError, match="outcome is None"):
        update_model(model, new, outcome=None)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="has no baseline hazard"):
        update_model(model, new, outcome=EVENT, method="baseline")
    with pytest.raises(ArgumentError, match="alpha is 5"):
        update_model(model, new, outcome=EVENT, alpha=5.0)
    with pytest.raises(ArgumentError, match="when is 'March'; a date is needed"):
        update_model(model, new, outcome=EVENT, when="March")
    with pytest.raises(ArgumentError, match="a RiskModel is needed"):
        update_model("model.json", new, outcome=EVENT)  # type: ignore[arg-type]


@settings(max_examples=15, deadline=None)
@given(
    shift=st.floats(-25, 25),
    order=st.permutations(range(90)),
    method=st.sampled_from(METHODS),
)
def test_neither_order_nor_a_moved_intercept_matters(
    shift: float, order: list[int], method: Any
) -> None:
    model, new = case("groups")
    document = model.to_dict()
    moved = RiskModel.from_dict({**document, "intercept": document["intercept"] + shift})
    first = update_model(model, new, outcome=EVENT, method=method)
    second = update_model(moved, new[order], outcome=EVENT, method=method)
    lost = first.table["log_likelihood"][1:]
    assert_allclose(second.table["log_likelihood"][1:], lost, rtol=1e-9)
    if method != "none":
        assert_allclose(
            second.coefficients["updated"], first.coefficients["updated"], rtol=1e-6, atol=1e-7
        )


def test_the_update_has_a_document() -> None:
    made = update_model(developed(), frame("pima_te"), outcome=EVENT, method="recalibration")
    document = json.loads(json.dumps(made.to_dict(), allow_nan=False))
    assert (document["method"], document["slope"]) == ("recalibration", made.slope)
    assert document["model_version"] == model_version(made.model)
    assert [row["method"] for row in document["tests"]] == METHODS
