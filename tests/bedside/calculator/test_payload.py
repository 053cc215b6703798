"""The payload of the calculator: what is in it, what is not, how large it is."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.bedside.calculator.models import (
    CASES,
    PEOPLE,
    cox,
    drawn,
    fine_gray,
    logistic,
    random_patients,
    without,
)
from tests.models.cases import quiet_fit

from vertebrisk.bedside.calculator.packing import (
    CHARACTERS,
    DRAW_CHARACTERS,
    kept_draws,
    packed_draws,
)
from vertebrisk.bedside.calculator.payload import calculator_payload, payload_text
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.risk_model import RiskModel

LARGEST = 90_000  # of a page of 150 kB; the rest is its words, style and arithmetic


@pytest.mark.parametrize("name", CASES)
def test_it_is_small_ascii_and_the_same_for_the_same_model(name: str) -> None:
    model = CASES[name]()
    text = payload_text(calculator_payload(model))
    again = RiskModel.from_dict(json.loads(json.dumps(model.to_dict())))
    assert text.isascii()
    assert text == payload_text(calculator_payload(again))
    assert len(text) < LARGEST


def test_it_says_what_the_model_is() -> None:
    payload = calculator_payload(cox("cox-strata"))
    assert payload["schema"] == "vertebrisk/calculator"
    assert payload["kind"] == "cox"
    assert payload["version"] == model_version(cox("cox-strata"))
    assert payload["strata"] == [{"name": "grade", "levels": ["1", "2", "3"]}]
    assert payload["nomogram"] is None
    assert "strata" in payload["no_nomogram"]
    assert payload["horizons"] == [730.0, 1500.0]


def test_two_strata_are_two_inputs() -> None:
    strata = calculator_payload(cox("cox-two-strata"))["strata"]
    assert [each["name"] for each in strata] == ["grade", "hormon"]
    assert [sorted(each["levels"]) for each in strata] == [["1", "2", "3"], ["0", "1"]]


def test_another_number_is_another_version() -> None:
    model = logistic("plain")
    assert model_version(replace(model, intercept=model.intercept + 1e-9)) != model_version(model)


def test_marks_of_every_scale_are_those_of_the_nomogram() -> None:
    model = cox("cox")
    nomogram, marks = model.nomogram(), calculator_payload(model)["nomogram"]
    assert [each["horizon"] for each in marks["scales"]] == [730.0, 1500.0]
    assert marks["scales"][1]["ticks"] == [
        [risk, total]
        for risk, total in nomogram.later_ticks[0].select("risk", "total_points").iter_rows()
    ]
    assert nomogram.median_ticks is not None
    assert len(marks["median"]) == nomogram.median_ticks.height
    assert calculator_payload(fine_gray())["nomogram"]["median"] is None


def test_intervals_that_are_not_given_leave_nothing_behind() -> None:
    model = replace(logistic("plain"), interval_kind="none")
    assert not {"covariance", "draws"} & set(calculator_payload(model))
    followed = replace(cox("cox"), interval_kind="none")
    assert set(calculator_payload(followed)["baselines"][0]) == {"stratum", "times", "hazard"}


def test_matched_controls_have_no_calculator() -> None:
    model = without(logistic("plain"), design="case-control", matched=("age", "sex"))
    with pytest.raises(ModelError, match=r"no calculator: its controls were matched on .*age"):
        calculator_payload(model)


def test_a_model_that_reads_nothing_has_no_calculator() -> None:
    model = logistic("plain")
    empty = replace(model, design=model.design.keep([]), beta=model.beta[:0])
    with pytest.raises(ModelError, match="reads nothing of a patient"):
        calculator_payload(empty)


def test_a_comma_in_one_of_several_strata_is_refused() -> None:
    model = cox("cox-two-strata")
    first = replace(model.baselines[0], stratum="1, or less, 0")
    with pytest.raises(ModelError, match="has a comma"):
        calculator_payload(replace(model, baselines=(first, *model.baselines[1:])))


def test_what_json_cannot_hold_is_one_clear_line() -> None:
    model = replace(logistic("plain"), performance={"auc": float("nan")})
    with pytest.raises(ModelError, match="what JSON cannot"):
        calculator_payload(model)
    with pytest.raises(ModelError, match="what JSON cannot"):
        payload_text({"intercept": float("inf")})


def test_draws_move_by_less_than_a_ten_millionth_of_their_range() -> None:
    model = drawn(logistic("spline"), 1000)
    assert model.draws is not None
    kept = kept_draws(model.draws)
    assert kept.shape == model.draws.shape
    assert (np.abs(kept - model.draws) <= 1e-7 * np.ptp(model.draws, axis=0)).all()
    patients = PEOPLE.head(100)
    full, page = model.predict(patients), replace(model, draws=kept).predict(patients)
    for name in ("conf_low", "conf_high"):  # far below the digits that anybody is shown
        assert_allclose(page[name], full[name], rtol=0.0, atol=1e-6)


def test_draws_that_do_not_fit_are_left_out_and_counted() -> None:
    rng = np.random.default_rng(8)
    draws = rng.normal(size=(1000, 40))
    packed = packed_draws(draws)
    assert (packed["count"], packed["of"]) == (DRAW_CHARACTERS // (CHARACTERS * 40), 1000)
    assert len(packed["codes"]) <= DRAW_CHARACTERS
    assert kept_draws(draws).shape == (packed["count"], 40)


def test_fewer_draws_move_a_limit_by_the_noise_of_resampling_alone() -> None:
    """375 of 1,000 draws (40 coefficients): the limits move by a fraction of their width."""
    model = drawn(logistic("three-interact"), 1000)
    assert model.draws is not None
    few = replace(model, draws=model.draws[:375])
    patients = PEOPLE.head(200)
    full, kept = model.predict(patients), few.predict(patients)
    width = (full["conf_high"] - full["conf_low"]).to_numpy()
    moved = np.abs((kept["conf_low"] - full["conf_low"]).to_numpy()) / width
    # A limit of 375 draws has an error of 0.14 SDs, 0.035 of a width of 3.92 SDs; of that,
    # the root of 1 - 375/1000 is not shared with 1,000. Three times as much is chance.
    assert float(np.sqrt((moved**2).mean())) < 3 * 0.035


def test_a_coefficient_that_never_moved_is_kept_as_it_is() -> None:
    draws = np.column_stack([np.full(20, 0.123), np.linspace(0.0, 1.0, 20)])
    assert_allclose(kept_draws(draws), draws, rtol=0.0, atol=1e-7)
    assert (kept_draws(draws)[:, 0] == 0.123).all()


def test_nothing_of_a_patient_is_in_it() -> None:
    """No number of the payload is a value of one patient alone, but for ends of an axis."""
    frame = PEOPLE.with_columns(a=PEOPLE["a"] + 0.1234567891)
    text = payload_text(calculator_payload(quiet_fit("y ~ a + b + g", frame).model))
    assert not any(repr(value) in text for value in frame["a"].to_list())
    assert "linear_predictor" not in text


def test_random_patients_are_within_reach() -> None:
    """The generator of the tests covers both sides of the limits."""
    model = logistic("plain")
    limits = model.design.predictor("a").limits
    assert limits is not None
    values = [patient["a"] for patient in random_patients(model, 200)]
    assert min(values) < limits[0] < limits[1] < max(values)
