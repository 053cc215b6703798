"""Several models on one patient: what is asked once, and that the parts make up the difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit
from tests.bedside.service.serving import FORMULAS, model

from vertebrisk.bedside.comparing import Comparison, average_risk, compare, questions
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.describing import Outcome
from vertebrisk.models.portable.risk_model import RiskModel

PATIENT: dict[str, Any] = {"age": 80.0, "volume": 3.0, "cleft": "Yes", "grade": "3-4", "ward": "2"}


def with_predictor(made: RiskModel, name: str, **changes: Any) -> RiskModel:
    own = tuple(
        replace(each, **changes) if each.name == name else each for each in made.design.predictors
    )
    return replace(made, design=replace(made.design, predictors=own))


def makes_up(found: Comparison) -> None:
    """Start, parts and what is left are the log odds of each risk."""
    for place, side in enumerate(found.sides):
        start, end, rest = found.start[place], found.end[place], found.together[place]
        assert start is not None
        assert end is not None
        assert rest is not None
        parts = sum(each.adds[place] or 0.0 for each in found.parts)
        assert start + parts + rest == pytest.approx(end, abs=1e-12)
        assert side.risk is not None
        assert end == pytest.approx(logit(side.risk), rel=1e-9)  # 1 - risk loses digits
        assert start == pytest.approx(logit(side.reference), rel=1e-9)


def test_an_input_that_models_read_alike_is_asked_once() -> None:
    asked = questions({"a": model("plain"), "b": model("interaction"), "c": model("strata")})
    by_key = {each.key: each for each in asked}
    assert list(by_key) == ["age", "cleft", "grade", "volume", "ward"]
    assert by_key["age"].models == ("a", "b", "c")
    assert by_key["volume"].models == ("b",)
    assert by_key["ward"].chooses_baseline
    assert by_key["ward"].predictor.levels == ("1", "2")


@pytest.mark.parametrize(
    "change", [{"unit": "months"}, {"levels": ("old", "young")}], ids=["unit", "levels"]
)
def test_another_unit_or_other_levels_are_asked_apart(change: dict[str, Any]) -> None:
    other = with_predictor(model("plain"), "age", **change)
    asked = questions({"a": model("plain"), "b": other})
    assert [(each.key, each.models) for each in asked if each.name == "age"] == [
        ("age", ("a",)),
        ("age~2", ("b",)),
    ]


def test_levels_in_another_order_are_the_same_input() -> None:
    other = with_predictor(model("plain"), "cleft", levels=("Yes", "No"))
    asked = questions({"a": model("plain"), "b": other})
    assert [each.models for each in asked if each.name == "cleft"] == [("a", "b")]


def test_the_reference_is_that_of_the_model_with_most_patients() -> None:
    few = with_predictor(model("plain"), "age", adjust_to=50.0)
    few = replace(few, population=replace(few.population, n=40))
    asked = questions({"a": few, "b": model("plain")})
    assert asked[0].predictor.adjust_to == model("plain").design.predictor("age").adjust_to


def test_risks_are_those_of_predict_and_parts_make_up_the_difference() -> None:
    models = {name: model(name) for name in (*FORMULAS, "nobody", "spline-draws", "cox-draws")}
    found = compare(models, PATIENT, {"cox": 12.0})
    for name, side in zip(models, found.sides, strict=True):
        one = {key: [value] for key, value in PATIENT.items()}
        expected = models[name].predict(one, 12.0 if name == "cox" else None).row(0, named=True)
        assert (side.risk, side.conf_low, side.conf_high) == pytest.approx(
            (expected["risk"], expected["conf_low"], expected["conf_high"]), rel=1e-12
        )
    assert [each.horizon for each in found.sides] == [None, None, None, None, 12, 6, None, None, 6]
    makes_up(found)


def test_a_plain_model_adds_what_its_coefficients_say() -> None:
    made = model("plain")
    found = compare({"a": made, "b": model("nobody")}, PATIENT)
    betas = dict(zip(made.design.columns, made.beta, strict=True))
    by_name = {each.question.key: each for each in found.parts}
    age = next(beta for column, beta in betas.items() if column.term == "age")
    step = 80.0 - float(made.design.predictor("age").adjust_to)
    assert by_name["age"].adds == pytest.approx((age * step, None))
    assert by_name["age"].spread == pytest.approx(abs(age * step))
    cleft = next(beta for column, beta in betas.items() if column.term == "cleft")
    assert by_name["cleft"].adds[0] == pytest.approx(cleft)
    assert found.together == pytest.approx((0.0, 0.0), abs=1e-12)
    assert not found.interacts


def test_what_two_inputs_do_together_is_shared_between_them() -> None:
    found = compare({"a": model("interaction"), "b": model("plain")}, PATIENT)
    # rcs(volume, 3):grade and age:cleft are pairs, so nothing is left over.
    assert found.together == pytest.approx((0.0, 0.0), abs=1e-10)


def test_the_widest_apart_stand_first() -> None:
    found = compare({"a": model("plain"), "b": model("cox")}, PATIENT)
    spreads = [each.spread for each in found.parts]
    assert spreads == sorted(spreads, reverse=True)


def test_a_model_that_lacks_an_answer_says_what_it_needs() -> None:
    patient = {key: value for key, value in PATIENT.items() if key != "volume"}
    found = compare({"a": model("spline"), "b": model("plain")}, patient)
    lacking, given = found.sides
    assert lacking.risk is None
    assert lacking.flags == ("missing: volume",)
    assert found.start[0] is None
    assert given.risk is not None
    assert all(each.spread == 0.0 for each in found.parts)


def test_an_unknown_stratum_gives_no_risk() -> None:
    found = compare({"a": model("strata"), "b": model("plain")}, {**PATIENT, "ward": "9"})
    assert found.sides[0].risk is None
    assert found.sides[0].flags == ("unknown stratum: 9",)


def test_values_beyond_the_range_are_flagged() -> None:
    found = compare({"a": model("plain"), "b": model("cox")}, {**PATIENT, "age": 105.0})
    assert [each.flags for each in found.sides] == [("extrapolation: age",)] * 2
    makes_up(found)


def test_risks_of_one_thing_are_comparable_and_others_are_not() -> None:
    base = replace(model("plain"), outcome=Outcome("pain", "Pain", "VAS >= 4", "1 month"))
    spaced = replace(base, outcome=Outcome("pain", "Residual pain", "vas  >= 4", "1 month"))
    assert compare({"a": base, "b": spaced}, PATIENT).comparable
    assert compare({"a": base, "b": spaced}, PATIENT).differences == ()
    for change, kind in (
        ({"event": "VAS >= 3"}, "event"),
        ({"time_point": "1 year"}, "time"),
        ({"name": "leakage"}, "outcome"),
    ):
        outcome: Any = replace(base.outcome, **change)  # type: ignore[arg-type]
        other = replace(base, outcome=outcome)
        found = compare({"a": base, "b": other}, PATIENT)
        assert not found.comparable
        assert [each.kind for each in found.differences] == [kind]
    later = compare({"a": model("cox"), "b": model("cox-draws")}, PATIENT, {"b": 24.0})
    assert [each.values for each in later.differences] == [("6 months", "24 months")]


def test_another_population_is_said_and_leaves_risks_comparable() -> None:
    made = model("plain")
    other = replace(made, population=replace(made.population, data_kind="simulated"))
    found = compare({"a": made, "b": other}, PATIENT)
    assert found.comparable
    assert [(each.kind, each.values) for each in found.differences] == [
        ("data", ("real", "simulated"))
    ]


def test_the_average_is_that_of_the_population_where_it_is_known() -> None:
    made = model("plain")
    assert average_risk(made) == pytest.approx(212 / 400)
    cox = model("cox")
    assert average_risk(cox) is None
    assert average_risk(cox, cox.horizons[1]) == cox.average_risks[1]
    assert average_risk(replace(cox, average_risks=()), cox.horizons[1]) is None
    controls = replace(made.population, design="case-control")
    assert average_risk(replace(made, population=controls)) is None
    known = replace(made.population, design="case-control", prevalence=0.1)
    assert average_risk(replace(made, population=known)) == 0.1


def test_a_horizon_beyond_follow_up_is_refused() -> None:
    with pytest.raises(ModelError, match="where its follow-up ends"):
        compare({"a": model("cox"), "b": model("plain")}, PATIENT, {"a": 99.0})


@settings(max_examples=40, deadline=None)
@given(
    age=st.floats(20, 110),
    volume=st.floats(0.05, 30),
    cleft=st.sampled_from(["No", "Yes"]),
    grade=st.sampled_from(["0-1", "2", "3-4"]),
)
def test_the_parts_make_up_every_patient(age: float, volume: float, cleft: str, grade: str) -> None:
    patient: dict[str, Any] = {"age": age, "volume": volume, "cleft": cleft, "grade": grade}
    models = {name: model(name) for name in ("plain", "interaction", "spline")}
    found = compare(models, patient)
    for place, end in enumerate(found.end):
        parts = sum(each.adds[place] or 0.0 for each in found.parts)
        start, rest = found.start[place], found.together[place]
        assert end is not None
        assert start is not None
        assert rest is not None
        assert start + parts + rest == pytest.approx(end, abs=1e-9)
    turned = compare(dict(reversed(models.items())), patient)
    assert [each.risk for each in turned.sides] == [each.risk for each in found.sides][::-1]
