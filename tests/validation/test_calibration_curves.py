"""Curves of given risks with their bands, by loess and by splines, against R."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import logit
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import Smoother
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.validation.agreement import Calibration
from vertebrisk.validation.observed import LINE_NAME

CASES: dict[str, dict[str, Any]] = loader.load("calibration_curves")["cases"]
GAPS = ("ici", "e50", "e90", "emax")
RTOL = 1e-6  # a neighbourhood of few risks is nearly singular


def quiet(event: Any, risk: Any, **options: Any) -> Calibration:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        return vr.calibration(event, risk, **options)


@pytest.mark.parametrize("smoother", ["loess", "spline"])
@pytest.mark.parametrize("name", list(CASES))
def test_curve_and_band(name: str, smoother: Smoother) -> None:
    case = CASES[name]
    found = quiet(case["event"], case["risk"], smoother=smoother)
    frame, expected = found.curve.frame, case[smoother]
    assert_allclose(frame["predicted"], case["predicted"], rtol=1e-12)
    for column, key in (("apparent", "curve"), ("conf_low", "low"), ("conf_high", "high")):
        assert_allclose(frame[column], expected[key], rtol=RTOL, atol=1e-9, err_msg=column)
    assert frame["corrected"].is_null().all()
    assert found.curve.distribution["n"].sum() == found.n
    assert found.curve.distribution["n_events"].sum() == found.n_events
    assert found.smoother == found.curve.smoother


@pytest.mark.parametrize("smoother", ["loess", "spline"])
@pytest.mark.parametrize("name", list(CASES))
def test_gaps(name: str, smoother: Smoother) -> None:
    case = CASES[name]
    found = quiet(case["event"], case["risk"], smoother=smoother).to_dict()
    assert found["smoother"].startswith("restricted cubic spline (5 knots)") == (
        smoother == "spline"
    )
    for gap in (*GAPS, "eci"):
        assert_allclose(found[gap], case[smoother][gap], rtol=RTOL, err_msg=gap)
        assert found.get(f"{gap}_low") is None
    json.dumps(found, allow_nan=False)


def test_the_level_is_that_of_the_band() -> None:
    case = CASES["pima_external"]
    wide, narrow = (
        quiet(case["event"], case["risk"], smoother="spline", level=level).curve.frame
        for level in (0.95, 0.5)
    )
    reach = [
        logit(each["conf_high"].to_numpy()) - logit(each["apparent"].to_numpy())
        for each in (wide, narrow)
    ]
    assert_allclose(reach[0] / reach[1], 1.959963984540054 / 0.6744897501960817, rtol=1e-9)


@pytest.mark.parametrize("smoother", ["loess", "spline"])
def test_gaps_have_bootstrap_limits(smoother: Smoother) -> None:
    case = CASES["pima_external"]
    found = quiet(case["event"], case["risk"], smoother=smoother, resamples=40, seed=2).to_dict()
    for gap in GAPS:
        low, high = found[f"{gap}_low"], found[f"{gap}_high"]
        assert 0.0 <= low < high
        assert low <= found[gap] + 0.02  # moved so that the mean of the resamples lies on it
        assert found[gap] <= high
    again = quiet(case["event"], case["risk"], smoother=smoother, resamples=40, seed=2).to_dict()
    assert again == found


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["loess", "spline"]))
def test_the_order_of_patients_is_of_no_matter(seed: int, smoother: Smoother) -> None:
    rng = np.random.default_rng(seed)
    risk = rng.integers(1, 40, 60) / 41
    event = rng.random(60) < 0.2 + 0.5 * risk
    order = rng.permutation(60)
    found = quiet(event, risk, smoother=smoother)
    again = quiet(event[order], risk[order], smoother=smoother)
    assert_allclose(again.curve.frame["apparent"], found.curve.frame["apparent"], atol=1e-6)
    assert_allclose(again.curve.frame["conf_low"], found.curve.frame["conf_low"], atol=1e-6)


def test_sampled_controls_have_the_curve_of_their_population() -> None:
    rng = np.random.default_rng(6)
    linear = rng.normal(-1.5, 1.0, 4000)
    event = rng.random(4000) < 1 / (1 + np.exp(-linear))
    kept = event | (np.arange(4000) % 4 == 0)
    risk = 1 / (1 + np.exp(-0.7 * linear))  # too little spread
    for smoother in ("loess", "spline"):
        found = quiet(event[kept], risk[kept], smoother=smoother, prevalence=float(event.mean()))
        inside = found.curve.frame.filter(pl.col("predicted").is_between(0.2, 0.5))
        predicted, curve, low, high = (
            inside[name].to_numpy() for name in ("predicted", "apparent", "conf_low", "conf_high")
        )
        truth = 1 / (1 + np.exp(-logit(predicted) / 0.7))
        assert_allclose(curve, truth, atol=0.05)
        assert np.mean((low < truth) & (truth < high)) > 0.8
        assert np.max(high - low) < 0.15


def test_few_distinct_risks_have_a_line() -> None:
    risk = np.repeat([0.1, 0.3, 0.6], 30)
    event = np.concatenate([np.arange(30) < count for count in (4, 10, 17)])
    found = quiet(event, risk, smoother="spline")
    assert found.smoother == LINE_NAME
    assert found.slope is not None
    assert found.intercept is not None
    at = found.curve.frame
    predicted = at["predicted"].to_numpy()
    line = 1 / (1 + np.exp(-(found.intercept + found.slope * logit(predicted))))
    assert_allclose(at["apparent"], line, rtol=1e-7)


def test_nine_patients() -> None:
    risk = np.array([0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    event = np.array([0, 1, 0, 0, 1, 0, 1, 0, 1])
    for smoother in ("loess", "spline"):
        found = quiet(event, risk, smoother=smoother, resamples=10)
        assert found.ici is not None
        assert found.curve.frame["conf_low"].null_count() == 0
        json.dumps(found.to_dict(), allow_nan=False)


def test_separated_risks_have_no_spline_and_it_is_said() -> None:
    event = np.repeat([0, 1], 20)
    with pytest.warns(CalibrationWarning) as caught:
        found = vr.calibration(event, np.linspace(0.1, 0.9, 40), smoother="spline", resamples=5)
    assert any("no spline has a finite estimate" in str(each.message) for each in caught)
    assert found.ici is found.emax_high is None
    assert found.curve.frame.height == 0
    json.dumps(found.to_dict(), allow_nan=False)


def test_one_risk_for_all() -> None:
    event = np.arange(60) < 20
    for smoother in ("loess", "spline"):
        found = quiet(event, np.full(60, 0.2), smoother=smoother)
        assert found.ici is not None
        assert_allclose(found.ici, 20 / 60 - 0.2, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"smoother": "lowess"}, "smoother is 'lowess'; allowed are loess, spline"),
        ({"resamples": -1}, "resamples is -1"),
        ({"resamples": 2.5}, "resamples is 2.5"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_is_refused(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ArgumentError, match=match):
        vr.calibration([1, 0, 1, 0], [0.2, 0.3, 0.4, 0.5], **options)


def test_loess_is_for_ten_thousand_patients() -> None:
    risk = np.linspace(0.1, 0.6, 10_001)
    with pytest.raises(ArgumentError, match="Use 'spline'"):
        vr.calibration(np.arange(10_001) % 3 == 0, risk, smoother="loess")
