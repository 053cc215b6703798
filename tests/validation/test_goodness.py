"""R2 of given risks, Hosmer and Lemeshow's test, and D and R2_D over time."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError

CASES: dict[str, dict[str, Any]] = loader.load("variation")["cases"]
TIMED: dict[str, dict[str, Any]] = loader.load("variation")["timed"]
Z = 1.959963984540054


@pytest.mark.parametrize("name", list(CASES))
def test_r2(name: str) -> None:
    case = CASES[name]
    found = vr.explained_variation(case["event"], case["risk"], resamples=50)
    assert found["measure"].to_list() == list(case["r2"])
    assert_allclose(found["estimate"], list(case["r2"].values()), rtol=1e-10)
    assert (found["conf_low"] < found["estimate"]).all()
    assert (found["estimate"] < found["conf_high"]).all()


def test_r2_of_the_mean_and_of_worse_risks() -> None:
    event = np.arange(40) < 10
    mean = vr.explained_variation(event, np.full(40, 0.25), resamples=5)["estimate"]
    assert_allclose(mean, 0.0, atol=1e-12)
    worse = vr.explained_variation(event, np.where(event, 0.1, 0.4), resamples=5)["estimate"]
    assert (worse < 0).all()


def test_r2_of_a_risk_of_zero() -> None:
    found = vr.explained_variation([1, 0, 1, 0, 0], [0.6, 0.0, 0.4, 0.2, 0.1], resamples=20)
    assert found["estimate"].is_null().to_list() == [True, True, True, False]
    assert_allclose(found["estimate"][3], 0.5 - 0.1, rtol=1e-12)


@pytest.mark.parametrize("name", list(CASES))
def test_hosmer_lemeshow(name: str) -> None:
    """Risks of few patterns make fewer groups."""
    case = CASES[name]
    expected = case["test"]
    new = vr.hosmer_lemeshow(case["event"], case["risk"])
    fitted = vr.hosmer_lemeshow(case["event"], case["risk"], fitted=True)
    assert new.groups["n"].to_list() == expected["n"]
    assert new.groups["n_events"].to_list() == expected["observed"]
    assert_allclose(new.groups["expected"], expected["expected"], rtol=1e-12)
    assert new.statistic is not None
    assert_allclose(new.statistic, expected["statistic"], rtol=1e-10)
    assert (new.df, fitted.df) == (len(expected["n"]), len(expected["n"]) - 2)
    assert new.p_value == pytest.approx(expected["p_new"], rel=1e-9)
    assert fitted.p_value == pytest.approx(expected["p_fitted"], rel=1e-9)
    assert [finding.code for finding in new.findings] == ["hosmer-lemeshow"]
    json.dumps(new.to_dict(), allow_nan=False)


def test_hosmer_lemeshow_of_impossible_outcomes_and_few_patients() -> None:
    risk = np.repeat([0.0, 0.3, 0.6], 10)
    event = np.arange(30) % 3 == 0
    found = vr.hosmer_lemeshow(event, risk, groups=3)
    assert found.statistic is found.p_value is None
    never = vr.hosmer_lemeshow(event & (risk > 0), risk, groups=3)
    assert never.statistic is not None
    nine = vr.hosmer_lemeshow([0, 1, 0, 0, 1, 0, 1, 1, 0], np.linspace(0.1, 0.9, 9))
    assert nine.groups["n"].sum() == 9
    same = vr.hosmer_lemeshow([0, 1, 0, 0], [0.3] * 4, fitted=True)
    assert same.groups.height == 1
    assert same.p_value is None


@pytest.mark.parametrize("name", list(TIMED))
def test_d_as_royston(name: str) -> None:
    case = TIMED[name]
    found = vr.explained_variation_survival(case["time"], case["event"], case["linear"])
    assert found.d is not None
    assert found.d_std_error is not None
    assert found.r2_d is not None
    assert_allclose([found.d, found.d_std_error], [case["d"], case["d_se"]], rtol=1e-7)
    # royston's own Cox model stops at a relative change of 1e-9 of the likelihood
    assert_allclose(found.d, case["royston"]["D"], rtol=1e-5)
    assert_allclose(found.r2_d, case["royston"]["R.D"], rtol=2e-5)
    assert found.r2_nagelkerke == pytest.approx(case["nagelkerke"], rel=1e-8)
    low = found.d - Z * found.d_std_error
    assert found.d_low == pytest.approx(low, rel=1e-9)
    explained = low**2 / (8 / np.pi)
    assert found.r2_d_low == pytest.approx(explained / (np.pi**2 / 6 + explained), rel=1e-9)
    shifted = vr.explained_variation_survival(
        case["time"], case["event"], 3.0 + np.array(case["linear"])
    )
    assert shifted.d == pytest.approx(found.d, rel=1e-9)
    assert shifted.r2_nagelkerke == pytest.approx(found.r2_nagelkerke, rel=1e-9)


def test_a_limit_beyond_zero_explains_nothing() -> None:
    rng = np.random.default_rng(2)
    time = rng.exponential(1.0, 40)
    found = vr.explained_variation_survival(time, np.ones(40), rng.normal(size=40))
    assert found.d_low is not None
    assert found.d_high is not None
    assert found.d_low < 0 < found.d_high
    assert 0.0 in (found.r2_d_low, found.r2_d_high)


def test_one_linear_predictor_for_all() -> None:
    found = vr.explained_variation_survival([1.0, 2.0, 3.0], [1, 0, 1], [0.4, 0.4, 0.4])
    assert found.d is found.r2_d is found.r2_nagelkerke is None
    with pytest.raises(ArgumentError, match="event has no event"):
        vr.explained_variation_survival([1.0, 2.0], [0, 0], [0.1, 0.2])


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="divide percentages by 100"):
        vr.explained_variation([1, 0], [20, 30])
    with pytest.raises(ArgumentError, match="needs 3 or more"):
        vr.hosmer_lemeshow([1, 0, 1], [0.2, 0.3, 0.4], groups=2)
    frame = vr.explained_variation([1, 0, 1, 0], [0.3, 0.2, 0.6, 0.4], resamples=3)
    assert frame.schema["estimate"] == pl.Float64
