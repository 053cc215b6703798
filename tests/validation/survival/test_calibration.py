"""Calibration by a horizon, against coxph and survfit."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.validation.survival.calibration import CalibrationSurvival, calibration_survival
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.smoothing import complementary_log_log, smoothed_risk

CASES: dict[str, dict[str, Any]] = loader.load("horizons")["cases"]
PLACES = [(name, place) for name, case in CASES.items() for place in range(len(case["horizon"]))]


def judged(name: str, place: int, **options: Any) -> CalibrationSurvival:
    case = CASES[name]
    risk = np.asarray(case["risk"])[:, place]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        return calibration_survival(
            case["time"], case["status"], risk, case["horizon"][place], **options
        )


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_numbers(name: str, place: int) -> None:
    case = CASES[name]["calibration"][place]
    found = judged(name, place, grid=case["at"])
    for measure in ("ici", "e50", "e90", "emax"):
        # both stop when a step changes the likelihood by 1e-14 of itself
        assert_allclose(getattr(found, measure), case[measure], rtol=1e-6)
    assert found.observed == pytest.approx(case["observed"], rel=1e-10)
    assert found.expected == pytest.approx(case["expected"], rel=1e-12)
    assert_allclose(found.curve.frame["apparent"], case["curve"], rtol=1e-7)
    if "slope" in case:
        assert found.slope == pytest.approx(case["slope"], rel=1e-8)
        reach = 1.959963984540054 * case["slope_se"]
        assert found.slope_low == pytest.approx(case["slope"] - reach, rel=1e-6)
        assert_allclose(found.curve.frame["conf_low"], case["curve_low"], rtol=1e-6)
        assert_allclose(found.curve.frame["conf_high"], case["curve_high"], rtol=1e-6)
        for column in ("n", "predicted", "observed", "conf_low", "conf_high"):
            assert_allclose(found.groups[column], case["groups"][column], rtol=1e-9)


def test_a_band_with_competing_events_covers_about_what_resampling_does() -> None:
    case = CASES["mgus2"]
    time, status = np.asarray(case["time"]), np.asarray(case["status"])
    risk = np.asarray(case["risk"])[:, 1]
    horizon = case["horizon"][1]
    grid = [float(np.quantile(risk, 0.75))]
    found = judged("mgus2", 1, grid=grid)
    at = AtHorizon.of(time, status, horizon, bootstrap_weights(time.size, 200, 1))
    drawn = complementary_log_log(smoothed_risk(at, risk[None]).at(np.array([grid]))[:, 0])
    limits = found.curve.frame.select("conf_low", "conf_high").to_numpy()[0]
    width = np.ptp(complementary_log_log(limits)) / 2 / 1.96
    # 200 resamples know a standard deviation to 5 %
    assert width == pytest.approx(drawn.std(), rel=0.15)


def test_grid_outside_the_risks_is_blank_and_the_frame_fits_the_figure() -> None:
    found = judged("gbsg", 1)
    assert found.curve.frame.columns == [
        "predicted",
        "apparent",
        "corrected",
        "conf_low",
        "conf_high",
    ]
    assert found.curve.frame.height == 101
    assert found.curve.frame["apparent"].null_count() == 0
    wide = judged("gbsg", 1, grid=[0.0, 0.4, 1.0]).curve.frame
    assert wide["apparent"].is_null().to_list() == [True, False, True]
    assert wide["conf_low"].is_null().to_list() == [True, False, True]
    known = found.curve.distribution
    assert known["n"].sum() == found.n - found.n_unknown
    assert known["n_events"].sum() == found.n_events


def test_gaps_have_bootstrap_limits() -> None:
    case = CASES["lung"]
    time, status = np.asarray(case["time"]), np.asarray(case["status"])
    risk = np.asarray(case["risk"])[:, 1]
    found = judged("lung", 1, resamples=25, seed=4)
    drawn = []
    for weights in bootstrap_weights(228, 25, 4):
        rows = np.repeat(np.arange(228), weights.astype(int))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CalibrationWarning)
            again = calibration_survival(time[rows], status[rows], risk[rows], case["horizon"][1])
        drawn.append([again.to_dict()[gap] for gap in ("ici", "e50", "e90", "emax")])
    for place, gap in enumerate(("ici", "e50", "e90", "emax")):
        values = np.array(drawn)[:, place]
        value = found.to_dict()[gap]
        low, high = np.quantile(values, (0.025, 0.975)) - values.mean() + value
        # knots are quantiles of the rows here, and of the patients by their weights there
        assert found.to_dict()[f"{gap}_low"] == pytest.approx(max(low, 0.0), rel=1e-6, abs=1e-9)
        assert found.to_dict()[f"{gap}_high"] == pytest.approx(high, rel=1e-6)
    assert judged("lung", 1).ici_low is None


def test_perfect_risks_and_the_null_model() -> None:
    case = CASES["gbsg"]
    risk = np.full(len(case["time"]), 0.4)
    with pytest.warns(CalibrationWarning, match="Only 56 events by the horizon"):
        found = calibration_survival(case["time"], case["status"], risk, 365.5)
    assert found.slope is None
    assert found.groups.height == 1
    assert found.observed_expected == pytest.approx(found.observed / 0.4)


def test_few_distinct_risks() -> None:
    case = CASES["lung"]
    risk = np.where(np.arange(228) % 3, 0.4, 0.7)
    with pytest.warns(CalibrationWarning):
        found = calibration_survival(case["time"], case["status"], risk, 365.5)
    assert sorted(found.groups["n"].to_list()) == [76, 152]
    assert found.groups["predicted"].to_list() == pytest.approx([0.4, 0.7])
    assert found.ici is not None
    assert found.slope is not None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"horizon": 10.0}, "beyond the last follow-up"),
        ({"horizon": [2.0, 3.0]}, "horizon has 2 values where 1 are needed"),
        ({"groups": 0}, "groups is 0"),
        ({"grid": [40, 60]}, "grid runs from 40 to 60"),
        ({"grid": []}, "grid is empty"),
        ({"resamples": -2}, "resamples is -2"),
        ({"risk": [0.1, 0.2, None, 0.3]}, "risk has 1 missing"),
    ],
)
def test_bad_input_is_named(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "time": [1, 2, 3, 9],
        "status": [1, 0, 1, 0],
        "risk": [0.4, 0.3, 0.5, 0.1],
        "horizon": 5.0,
    }
    with pytest.raises(ArgumentError, match=message):
        calibration_survival(**{**arguments, **changed})


def test_to_dict_is_plain() -> None:
    record = judged("lung", 1).to_dict()
    assert record["horizon"] == 365.5
    assert set(record["groups"]) >= {"predicted", "observed"}
    assert isinstance(pl.DataFrame(record["curve"]["curve"]), pl.DataFrame)
