"""Nomograms and risks of Cox models against rms::nomogram and survfit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.nomogram.test_nomogram import axis_name
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.nomogram.scales import MedianScale

REFERENCE = loader.load("nomogram_survival")
NOMOGRAMS: dict[str, dict[str, Any]] = REFERENCE["nomograms"]
PREDICTIONS: dict[str, dict[str, Any]] = REFERENCE["predictions"]
ATOL = 1e-9  # points from 0 to 100, linear in coefficients that agree to 1e-12
RTOL = 1e-9  # both iterate to convergence; sums in another order

each_nomogram = pytest.mark.parametrize("name", NOMOGRAMS)


def patients(case: Mapping[str, Any]) -> pl.DataFrame:
    frame = loader.frame(case["data"])
    if case["data"] == "gbsg":
        stage = pl.col("grade").replace_strict([1, 2, 3], ["one", "two", "three"])
        return frame.with_columns(stage=stage.cast(pl.Enum(["one", "two", "three"])))
    return frame.with_columns(pl.col("size").cast(pl.Enum(["<=20", "20-50", ">50"])))


def fitted(case: Mapping[str, Any]) -> CoxFit:
    return vr.fit_cox(case["formula"], patients(case), horizons=case["horizons"], time_unit="days")


@cache
def nomogram_fit(name: str) -> CoxFit:
    return fitted(NOMOGRAMS[name])


@each_nomogram
def test_points_are_those_of_rms(name: str) -> None:
    case = NOMOGRAMS[name]
    nomogram = nomogram_fit(name).model.nomogram()
    assert [axis_name(axis) for axis in nomogram.axes] == [each["name"] for each in case["axes"]]
    for axis, expected in zip(nomogram.axes, case["axes"], strict=True):
        values = axis.values if axis.numbers is None else axis.numbers
        assert_array_equal(values, expected["values"])
        assert_allclose(axis.points, expected["points"], atol=ATOL)
    assert_allclose(nomogram.points_per_unit, case["points_per_unit"], rtol=RTOL)
    # rms centres the linear predictor, which moves its zero and no point
    assert_allclose(nomogram.intercept, case["intercept"] + case["centre"], rtol=RTOL)


@each_nomogram
def test_total_points_mean_what_rms_says(name: str) -> None:
    case = NOMOGRAMS[name]
    total = nomogram_fit(name).model.nomogram().total
    assert_allclose(total["total_points"], case["total_points"])
    for horizon in case["horizons"]:
        expected = case["risk"][f"risk{horizon}"]
        # rms keeps its curves to 1e-9 of survival
        assert_allclose(total[f"risk_{horizon:g}"], expected, rtol=1e-6)
    assert_array_equal(total["risk"], total[f"risk_{case['horizons'][0]:g}"])


@each_nomogram
def test_marks_of_the_linear_predictor_are_those_of_rms(name: str) -> None:
    case = NOMOGRAMS[name]
    marks = nomogram_fit(name).model.linear_ticks
    assert_allclose(marks - case["centre"], case["lp"]["value"], atol=1e-9)


@each_nomogram
def test_medians_are_those_of_rms_within_the_portable_grid(name: str) -> None:
    """rms steps at patients' own times, which do not travel: at most one mark of the grid away."""
    case = NOMOGRAMS[name]
    model = nomogram_fit(name).model
    times = np.append(0.0, model.baselines[0].times)
    found = model.nomogram().total["median"].to_list()
    for ours, theirs in zip(found, case["median"], strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            place = int(np.searchsorted(times, theirs))
            assert times[max(place - 2, 0)] <= ours <= times[min(place + 1, times.size - 1)]


@pytest.mark.parametrize("name", PREDICTIONS)
def test_risks_and_intervals_are_those_of_survfit(name: str) -> None:
    case = PREDICTIONS[name]
    model = fitted(case).model
    rows = patients(case)[case["rows"]]
    for each in case["at"]:
        found = model.predict(rows, each["horizon"])
        for column in ("risk", "conf_low", "conf_high"):
            expected = np.array(each[column], dtype=np.float64)  # no limits before any event
            assert_allclose(found[column], expected, rtol=1e-8, err_msg=column)


def test_competing_events_leave_no_median() -> None:
    fit = vr.fit_fine_gray(
        "Surv(months, status) ~ age", loader.frame("competing"), event=1, competing=2,
        horizons=[12.0, 24.0],
    )  # fmt: skip
    total = fit.model.nomogram().total
    assert total.columns == ["total_points", "risk", "risk_12", "risk_24"]


def test_a_median_and_its_linear_predictor_agree() -> None:
    scale = MedianScale(np.array([1.0, 2.0, 4.0]), np.array([0.1, 0.5, 1.1]))
    linear = np.array([0.0, 0.5, 1.0, 5.0])
    assert_allclose(scale.linear(scale.median(linear)), linear, rtol=1e-12)
    assert np.isnan(scale.median(np.array([-1.0]))).all()  # log 2 / 1.1 is above exp(-1)
    assert_allclose(scale.median(np.array([np.log(np.log(2.0) / 0.3)])), 1.5)


@pytest.mark.parametrize("estimate", [1e308, -1e308])
def test_effects_beyond_the_range_of_numbers_are_refused(estimate: float) -> None:
    document = nomogram_fit("gbsg_linear").model.to_dict()
    document["coefficients"][0]["estimate"] = estimate
    with np.errstate(over="ignore"), pytest.raises(ModelError, match="do not fit on a nomogram"):
        RiskModel.from_dict(document).nomogram()
