"""The calculator's arithmetic in a browser against Python's."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.bedside.calculator.conftest import Engine
from tests.bedside.calculator.models import (
    CASES,
    PEOPLE,
    RULES,
    Patients,
    consistent,
    cox,
    drawn,
    logistic,
    random_patients,
    without,
)
from tests.models.cases import quiet_fit

from vertebrisk.bedside.calculator.packing import kept_draws
from vertebrisk.design.encode import encode
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.nomogram.build import patient_points

# Both compute in doubles, but not in the same order: a few units in the last place of sums
# whose parts are as large as the linear predictor, so 1e-12 of risks and 1e-12 of points.
TIGHT = 1e-12

WORDS = {
    "sample-risk": "risk in a sample of controls, not in a population",
    "unknown-level": "unknown level: {}",
    "not-a-number": "not a number: {}",
    "missing": "missing: {}",
    "extrapolation": "extrapolation: {}",
    "outside-domain": "outside the domain of a transformation",
    "impossible": "impossible: {}",
    "unknown-stratum": "unknown stratum: {}",
    "beyond-stratum": "beyond the follow-up of its stratum",
}


def on_the_page(model: RiskModel) -> RiskModel:
    """The model with its draws as the page has them."""
    return model if model.draws is None else replace(model, draws=kept_draws(model.draws))


def horizons_of(model: RiskModel) -> list[float | None]:
    if model.kind == "logistic":
        return [None]
    times = model.baselines[0].times
    return [None, *model.horizons, float(times[5]), float(times[5] + times[6]) / 2, model.limit]


def text_of(value: object) -> str | None:
    return None if value is None else str(value)


def frame_of(patients: Patients) -> pl.DataFrame:
    return pl.DataFrame(patients, infer_schema_length=None)


def numbers(values: list[float | None]) -> Any:
    return np.array([math.nan if each is None else each for each in values], dtype=np.float64)


def assert_close(found: list[float | None], expected: pl.Series, reach: float = TIGHT) -> None:
    """Equal to 1e-12, and null where the other is."""
    assert_allclose(numbers(found), expected.to_numpy(), rtol=TIGHT, atol=reach)


def told(flags: list[dict[str, str]]) -> str:
    return "; ".join(WORDS[each["kind"]].format(each["name"]) for each in flags)


def assert_same(engine: Engine, model: RiskModel, patients: Patients, level: float = 0.95) -> None:
    """Risk, interval, linear predictor, total and flags at every horizon."""
    horizons = horizons_of(model)
    answers = engine.answers(model, patients, horizons, level)
    for place, horizon in enumerate(horizons):
        at = [each["at"][place] for each in answers]
        expected = on_the_page(model).predict(frame_of(patients), horizon, level=level)
        for name in ("low", "high"):
            limits = [(each["interval"] or {name: None})[name] for each in at]
            assert_close(limits, expected[f"conf_{name}"])
        assert_close([each["risk"] for each in at], expected["risk"])
        assert [told(each["flags"]) for each in at] == expected["flags"].to_list()
        linear = [each["linear"] for each in answers]
        assert_close(linear, expected["linear_predictor"])
        totals = [each["total"] for each in answers]
        assert_close(totals, expected["total_points"], 100 * TIGHT)


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_model_answers_as_python_does(engine: Engine, name: str) -> None:
    model = CASES[name]()
    assert_same(engine, model, random_patients(model, 40))


@pytest.mark.parametrize("name", CASES)
def test_points_are_those_of_the_nomogram(engine: Engine, name: str) -> None:
    model = CASES[name]()
    patients = random_patients(model, 20, seed=2)
    found = [each["points"] for each in engine.answers(model, patients)]
    try:
        nomogram = model.nomogram()
    except ModelError:
        assert found == [None] * len(patients)
        return
    codes = encode(model.design, frame_of(patients)).codes
    for place, own in enumerate(found):
        mine = {variable: float(values[place]) for variable, values in codes.items()}
        read = patient_points(nomogram, model.design, model.beta, mine)
        assert [nomogram.axes[each["axis"]] for each in own] == [axis for axis, _ in read]
        expected = [points for _, points in read]
        assert_allclose(numbers([each["points"] for each in own]), expected, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_drivers_add_up_to_the_distance_from_the_reference_patient(
    engine: Engine, name: str
) -> None:
    model = CASES[name]()
    if not model.design.terms:
        return
    patients = random_patients(model, 10, seed=3)
    reference = {each.name: each.adjust_to for each in model.design.predictors}
    answers = engine.answers(model, [*patients, patients[0] | reference])
    base = answers.pop()
    assert all(each["contribution"] == 0.0 for each in base["drivers"])
    for each in answers:
        if each["linear"] is None:  # outside the domain of a logarithm or a root
            continue
        total = sum(driver["contribution"] for driver in each["drivers"])
        assert math.isclose(total, each["linear"] - base["linear"], abs_tol=1e-11)
        variables = [name for driver in each["drivers"] for name in driver["variables"]]
        assert sorted(variables) == sorted(model.design.variables)


@pytest.mark.parametrize("name", CASES)
def test_similar_patients_are_those_of_python(engine: Engine, name: str) -> None:
    model = CASES[name]()
    patients = random_patients(model, 60, seed=8)
    for each in model.design.predictors:  # at an edge, without a value, with one that is none
        edges = model.similar_patients.edges.get(each.name, ()) if model.similar_patients else ()
        patients += [{**patients[0], each.name: value} for value in (*edges, None, "x")]
    found = [each["similar"] for each in engine.answers(model, patients)]
    expected = model.similar(frame_of([{k: text_of(v) for k, v in p.items()} for p in patients]))
    for own, (least, most) in zip(found, expected.iter_rows(), strict=True):
        assert (own and own["least"], own and own["most"]) == (least, most)
        if own is not None:
            assert model.similar_patients is not None
            assert tuple(own["variables"]) == model.similar_patients.variables
    if model.similar_patients is not None:
        assert expected["least"].n_unique() > 1


def test_a_driver_is_one_predictor_or_those_that_interact(engine: Engine) -> None:
    model = logistic("level-interacts")
    patient = {"a": 1.0, "b": 0.5, "g": "high"}
    drivers = engine.answers(model, [patient])[0]["drivers"]
    assert [each["variables"] for each in drivers] == [["a"], ["b", "g"]]
    reference = model.design.predictor("a").adjust_to
    assert isinstance(reference, float)
    assert_allclose(drivers[0]["contribution"], model.beta[0] * (1.0 - reference), rtol=1e-12)


@pytest.mark.parametrize("name", ["level-interacts", "spline", "transformed", "cox"])
def test_inputs_that_cannot_be_used_are_flagged_and_never_assumed(
    engine: Engine, name: str
) -> None:
    model = CASES[name]()
    sound = random_patients(model, 1, seed=4)[0]
    broken = [
        {**sound, each.name: value}
        for each in model.design.predictors
        for value in (None, "x", "-1e6", "1e6", "0")
    ]
    texts = [{k: None if v is None else str(v) for k, v in one.items()} for one in broken]
    assert_same(engine, model, texts)
    for one, answer in zip(broken, engine.answers(model, broken), strict=True):
        if None in one.values():
            assert answer["at"][0]["risk"] is None
            assert answer["at"][0]["interval"] is None
            assert answer["total"] is None
            assert [each["points"] for each in answer["points"]].count(None) == 1


def test_a_whole_patient_missing_has_one_flag_a_predictor(engine: Engine) -> None:
    model = logistic("level-interacts")
    answer = engine.answers(model, [{}])[0]
    assert [each["kind"] for each in answer["at"][0]["flags"]] == ["missing"] * 3
    assert answer["linear"] is None
    assert [each["contribution"] for each in answer["drivers"]] == [None, None]


def test_codes_of_levels_and_of_missing_values_are_read(engine: Engine) -> None:
    model = logistic("levels")
    predictors = tuple(
        replace(each, codes=(("2", "high"),), missing=("9",)) if each.levels else each
        for each in model.design.predictors
    )
    coded = replace(model, design=replace(model.design, predictors=predictors))
    patients = [{"a": 0.3, "g": value} for value in ("2", "high", "9", "3")]
    assert_same(engine, coded, patients)
    answers = engine.answers(coded, [{"a": 0.3, "g": 2}, {"a": 0.3, "g": "high"}])
    assert answers[0] == answers[1]


def test_who_breaks_a_rule_is_impossible_and_still_has_a_risk(engine: Engine) -> None:
    model = consistent()
    patients = random_patients(model, 80, seed=12)
    broken = [{**patients[0], name: None} for name in ("a", "b", "g")]
    assert_same(engine, model, patients + broken)
    flags = [each["at"][0]["flags"] for each in engine.answers(model, patients + broken)]
    rules = {flag["rule"] for own in flags for flag in own if flag["kind"] == "impossible"}
    assert rules == set(range(len(RULES)))  # each is broken by somebody


def test_strata_that_are_missing_unknown_or_shorter_than_the_horizon(engine: Engine) -> None:
    model = cox("cox-strata")
    short = replace(model.baselines[0], times=model.baselines[0].times * 0.5)
    model = replace(model, baselines=(short, *model.baselines[1:]), horizons=(100.0,))
    patients = [{"age": 50.0, "nodes": 3.0, "grade": grade} for grade in ("1", "2", None, "7")]
    assert_same(engine, model, patients)


def test_a_horizon_beyond_follow_up_has_no_answer(engine: Engine) -> None:
    model = cox("cox")
    patients = random_patients(model, 1)
    for horizon in (model.limit * 1.01, 0.0, -5.0):
        answer = engine.answers(model, patients, [horizon])[0]["at"][0]
        assert (answer["risk"], answer["interval"]) == (None, None)
        assert answer["flags"][-1]["kind"] == "beyond-follow-up"


def test_controls_of_no_known_population_are_flagged(engine: Engine) -> None:
    model = without(logistic("plain"), design="case-control")
    assert_same(engine, model, random_patients(model, 3))


@pytest.mark.parametrize("level", [0.8, 0.99])
def test_draws_give_any_level_and_a_covariance_only_95(engine: Engine, level: float) -> None:
    model = drawn(logistic("plain"), 300)
    assert_same(engine, model, random_patients(model, 5), level)
    answer = engine.answers(logistic("plain"), random_patients(model, 1), level=level)
    assert answer[0]["at"][0]["interval"] is None


def test_extremes_stay_risks(engine: Engine) -> None:
    model = quiet_fit("y ~ a + b", PEOPLE).model
    wide = replace(model, beta=np.array([40.0, -1e3]))
    patients = [{"a": a, "b": b} for a in (-30.0, 0.0, 1e-9, 30.0) for b in (-1.0, 0.0, 1.0)]
    assert_same(engine, wide, patients)
    huge = replace(cox("cox"), beta=cox("cox").beta * 50)
    assert_same(engine, huge, random_patients(huge, 20))


@pytest.mark.parametrize("name", ["cox", "cox-draws"])
def test_the_smallest_risks_keep_their_digits(engine: Engine, name: str) -> None:
    model = on_the_page(CASES[name]())
    shrunk = tuple(
        replace(
            each,
            cumulative_hazard=each.cumulative_hazard * 1e-9,
            variance=each.variance * 1e-18,
            mean_integral=each.mean_integral * 1e-9,
        )
        for each in model.baselines
    )
    rare = replace(model, baselines=shrunk)
    patients = random_patients(model, 5)
    found = [each["at"][0] for each in engine.answers(rare, patients)]
    expected = rare.predict(frame_of(patients))
    # Nothing absolute: the logarithm of 1e-10 is off by an ulp of 23, which is 4e-15 of the risk.
    assert_allclose([each["risk"] for each in found], expected["risk"].to_numpy(), rtol=TIGHT)
    low = expected["conf_low"].to_numpy()
    assert_allclose([each["interval"]["low"] for each in found], low, rtol=TIGHT)


@pytest.mark.parametrize("name", ["cox", "cox-two-strata", "fine-gray", "cox-draws"])
def test_the_curve_is_the_risk_at_every_time_of_the_grid(engine: Engine, name: str) -> None:
    model = CASES[name]()
    patient = random_patients(model, 1, seed=6)[0]
    curve = engine.curve(model, patient)
    stratum = ", ".join(patient[each] for each in model.strata)
    baseline = next(each for each in model.baselines if each.stratum == stratum)
    assert curve[0] == {"time": 0, "risk": 0, "low": 0, "high": 0}
    assert [each["time"] for each in curve[1:]] == baseline.times.tolist()
    for each in (curve[1], curve[7], curve[-1]):
        predicted = on_the_page(model).predict(frame_of([patient]), each["time"])
        expected = predicted.row(0, named=True)
        found = numbers([each["risk"], each["low"], each["high"]])
        wanted = numbers([expected[name] for name in ("risk", "conf_low", "conf_high")])
        assert_allclose(found, wanted, rtol=TIGHT, atol=TIGHT)
    assert engine.curve(model, {}) == []


def test_a_logistic_model_has_no_curve(engine: Engine) -> None:
    assert engine.curve(logistic("plain"), {"a": 0.0, "b": 0.0}) == []
