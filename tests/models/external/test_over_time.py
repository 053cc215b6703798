"""External validation of models of time to event: R's digits, horizons, and what is refused."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import (
    ArgumentError,
    DataError,
    ExpressionError,
    FewEventsWarning,
    ModelError,
)
from vertebrisk.models.external.measuring import Resamples
from vertebrisk.models.external.over_time import measured_by, over_follow_up
from vertebrisk.models.portable.baseline import Baseline

RTOL = 1e-6  # both sides are iterated to the end
FEW_NODES = pl.min_horizontal("nodes", 20)
SETTINGS = Resamples(2, 1, 0.95)
HORIZONS = (365.5, 1095.5, 1825.5)
EXPECTED = loader.load("external")
GBSG = loader.frame("gbsg").with_columns(few=FEW_NODES)
COX = vr.fit_cox(
    "Surv(rtime, recur) ~ age + few + grade",
    loader.frame("rotterdam").with_columns(few=FEW_NODES),
    horizons=HORIZONS,
    time_unit="days",
).model


def mgus(half: int) -> pl.DataFrame:
    """Every other patient of mgus2 with both inputs, no two times tied."""
    known = loader.frame("mgus2").filter(
        pl.col("mspike").is_not_null() & pl.col("hgb").is_not_null()
    )
    place = pl.int_range(1, pl.len() + 1)
    untied = known.with_columns(months=pl.col("months") + place / 1e5, id=place)
    return untied.filter(pl.col("id") % 2 == half)


@pytest.fixture(scope="module")
def fine_gray() -> vr.RiskModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        fit = vr.fit_fine_gray(
            "Surv(months, status) ~ mspike + hgb",
            mgus(0),
            event=1,
            competing=2,
            horizons=(60.5, 120.5),
            time_unit="months",
        )
    assert fit.beta == pytest.approx(EXPECTED["fine_gray"], rel=RTOL)
    return fit.model


def validated(
    frame: object = GBSG, model: vr.RiskModel = COX, **options: Any
) -> vr.ExternalValidation:
    asked: dict[str, Any] = {"outcome": "status", "time": "rfstime", "resamples": 10} | options
    return vr.external_validation(model, frame, **asked)


@pytest.fixture(scope="module")
def german() -> vr.ExternalValidation:
    return validated(thresholds=[0.1, 0.3])


def codes(found: vr.ExternalValidation) -> set[str]:
    return {each.code for each in found.findings}


def limits(found: Any, measure: str) -> list[float]:
    each = found.estimate(measure)
    return [each.estimate, each.conf_low, each.conf_high]


def test_times_in_another_unit_are_a_finding(german: vr.ExternalValidation) -> None:
    assert "follow-up-beyond-the-model" not in codes(german)
    found = validated(time="rfstime * 24")
    said = next(e for e in found.findings if e.code == "follow-up-beyond-the-model")
    assert "Check the unit" in said.remedy


@pytest.mark.parametrize("place", range(3))
def test_measures_by_each_horizon_are_those_of_r(german: vr.ExternalValidation, place: int) -> None:
    expected, found = EXPECTED["cox"][place], german.horizons[place]
    assert found.horizon == expected["horizon"]
    assert found.n_followed == expected["at_risk"]
    assert found.observed.estimate == pytest.approx(expected["observed"], rel=RTOL)
    assert found.expected == pytest.approx(expected["expected"], rel=RTOL)
    for measure in ("c_index", "c_index_uno", "in_the_large", "slope"):
        assert limits(found, measure) == pytest.approx(expected[measure], rel=RTOL)
    for measure in ("auc", "brier"):
        assert found.estimate(measure).estimate == pytest.approx(expected[measure], rel=RTOL)


@pytest.mark.parametrize("place", range(3))
def test_curve_errors_and_net_benefit_are_those_of_the_horizon_alone(
    german: vr.ExternalValidation, place: int
) -> None:
    case = loader.load("horizons")["cases"]["gbsg"]
    expected, found = case["calibration"][place], german.horizons[place]
    for measure in ("ici", "e50", "e90", "emax"):
        low, high = limits(found, measure)[1:]
        assert 0.0 <= low < high
        assert found.estimate(measure).estimate == pytest.approx(expected[measure], rel=1e-5)
    assert found.decision is not None
    rows = found.decision.frame.filter(model="model")
    curve = case["decision"][place]
    known = dict(zip(curve["threshold"], curve["model"], strict=True))
    assert rows["net_benefit"].to_list() == pytest.approx([known[0.1], known[0.3]], rel=1e-5)
    assert found.decision.prevalence == pytest.approx(found.observed.estimate, rel=RTOL)


def test_measures_of_no_horizon_are_those_of_r(german: vr.ExternalValidation) -> None:
    expected = EXPECTED["overall"]
    assert german.measures["measure"].to_list() == [
        "c_index",
        "in_the_large",
        "observed_expected",
        "slope",
    ]
    assert limits(german, "c_index") == pytest.approx(expected["c_index"], rel=RTOL)
    assert limits(german, "slope") == pytest.approx(expected["slope"], rel=RTOL)
    assert german.linear_predictor_mean == pytest.approx(expected["linear_mean"], rel=RTOL)
    assert german.linear_predictor_sd == pytest.approx(expected["linear_sd"], rel=RTOL)
    # the portable baseline is a line between round times, R's a step at every patient's
    assert limits(german, "in_the_large") == pytest.approx(expected["in_the_large"], abs=5e-4)
    ratio = np.exp(limits(german, "in_the_large"))
    assert limits(german, "observed_expected") == pytest.approx(ratio, rel=1e-12)


def test_a_baseline_known_at_a_few_times_expects_no_events() -> None:
    whole = COX.baselines[0]
    few = [whole.times.tolist().index(each) for each in HORIZONS]
    coarse = Baseline(
        "",
        whole.times[few],
        whole.cumulative_hazard[few],
        whole.variance[few],
        whole.mean_integral[few],
    )
    found = validated(model=replace(COX, baselines=(coarse,)), resamples=1)
    assert found.measures["measure"].to_list() == ["c_index", "slope"]
    assert found.horizons[0].expected == pytest.approx(EXPECTED["cox"][0]["expected"], rel=RTOL)


def test_events_expected_are_the_hazards_of_each_patient(german: vr.ExternalValidation) -> None:
    baseline = COX.baselines[0]
    linear = COX.predict(GBSG)["linear_predictor"].to_list()
    hazards = [baseline.at(time)[0] for time in GBSG["rfstime"]]
    expected = sum(h * np.exp(eta) for h, eta in zip(hazards, linear, strict=True))
    ratio = GBSG["status"].sum() / expected
    assert german.estimate("observed_expected").estimate == pytest.approx(ratio, rel=1e-12)


@pytest.mark.parametrize("place", range(2))
def test_with_a_competing_event_they_are_those_of_r(fine_gray: vr.RiskModel, place: int) -> None:
    found = validated(
        mgus(1), fine_gray, outcome="status == 1", competing="status == 2", time="months"
    )
    expected, by = EXPECTED["competing"][place], found.horizons[place]
    assert by.observed.estimate == pytest.approx(expected["observed"], rel=RTOL)
    assert by.expected == pytest.approx(expected["expected"], rel=RTOL)
    for measure in ("c_index", "in_the_large"):
        assert limits(by, measure) == pytest.approx(expected[measure], rel=RTOL)
    for measure in ("slope", "auc", "brier"):
        assert by.estimate(measure).estimate == pytest.approx(expected[measure], rel=RTOL)
    assert "c_index_uno" not in by.measures["measure"].to_list()
    assert found.measures["measure"].to_list() == ["c_index", "slope"]
    assert found.followed is not None
    assert found.followed.n_competing == int((mgus(1)["status"] == 2).sum())


@pytest.mark.parametrize("competes", [False, True])
def test_where_linear_predictors_lie_does_not_matter(competes: bool) -> None:
    rng = np.random.default_rng(5)
    linear = rng.normal(size=200)
    time = rng.exponential(np.exp(-0.7 * linear))
    status = rng.choice(3 if competes else 2, 200)
    tables = [over_follow_up(time, status, linear + by, None, None, 0.95) for by in (0, 20, -20)]
    for table in tables[1:]:
        for column in ("estimate", "conf_low", "conf_high"):
            np.testing.assert_allclose(table[column], tables[0][column], rtol=1e-7)


def test_a_competing_event_that_one_of_the_two_does_not_know(fine_gray: vr.RiskModel) -> None:
    new = mgus(1)
    left_out = validated(new, fine_gray, outcome="status == 1", time="months")
    assert "competing-not-named" in codes(left_out)
    rotterdam = GBSG.with_columns(died=(pl.col("status") == 0) & (pl.col("age") > 70))
    of_one = validated(rotterdam, competing="died", horizons=1095.5)
    assert "cause-specific-risk" in codes(of_one)


def test_whoever_has_the_event_needs_no_known_competing_event() -> None:
    died = pl.when(pl.int_range(pl.len()) >= 40).then(pl.lit(value=False))
    found = validated(GBSG.with_columns(died=died), competing="died", horizons=1095.5)
    lost = GBSG.head(40)["status"].to_list().count(0)
    assert (found.counts.outcome_missing, found.counts.n) == (lost, 686 - lost)


def test_the_record_is_json_without_any_patients_risk(german: vr.ExternalValidation) -> None:
    document = json.loads(json.dumps(german.to_dict(), allow_nan=False))
    assert (document["kind"], document["horizon"]) == ("cox", None)
    assert [each["horizon"] for each in document["horizons"]] == list(HORIZONS)
    assert set(document["horizons"][0]["groups"]) == {
        "n", "n_events", "predicted", "observed", "conf_low", "conf_high",
    }  # fmt: skip
    assert document["followed"]["median"] == pytest.approx(1645.0)  # survfit of the censoring
    assert german.calibration is german.horizons[0].calibration


def test_horizons_that_these_patients_do_not_reach_are_left_out() -> None:
    short = GBSG.with_columns(
        status=pl.col("status") * (pl.col("rfstime") <= 1200),
        rfstime=pl.min_horizontal("rfstime", 1200),
    )
    found = validated(short)
    assert [each.horizon for each in found.horizons] == [365.5, 1095.5]
    said = next(each for each in found.findings if each.code == "horizon-beyond-follow-up")
    assert "by 1825.5 days: these patients are followed to 1200 days" in said.message
    early = validated(short, horizons=[10, 1095.5])
    assert {"no-event-by-horizon"} <= codes(early)
    assert [each.horizon for each in early.horizons] == [1095.5]
    with pytest.raises(DataError, match=r"None of the horizons \(1825.5 days\) .* 1200 days"):
        validated(short, horizons=1825.5)


def test_few_at_a_horizon_and_few_events() -> None:
    few = GBSG.filter(pl.col("rfstime") < 1900).sort("rfstime").tail(120)
    found = validated(few, horizons=1880)
    assert {"few-at-horizon", "few-events", "few-patients-calibration"} <= codes(found)


def test_nine_patients_and_ties_everywhere() -> None:
    found = validated(GBSG.sort("rfstime").head(9).with_columns(status=1), horizons=[30, 60, 72])
    json.dumps(found.to_dict(), allow_nan=False)
    alike = GBSG.with_columns(age=pl.lit(50), few=pl.lit(3), grade=pl.lit(3), rfstime=pl.lit(800))
    tied = validated(alike, horizons=800)
    assert "one-risk" in codes(tied)
    assert tied.horizons[0].estimate("auc").estimate == 0.5
    assert np.isnan(tied.horizons[0].estimate("slope").estimate)
    json.dumps(tied.to_dict(), allow_nan=False)


def test_a_curve_that_two_events_leave_open_has_a_band_from_0_to_1() -> None:
    time = [3.0, 30.0, 0.5, 0.5, 30.0, 3.0, 13.0, 3.0]
    status = [0, 0, 0, 0, 0, 1, 0, 1]
    risk = np.array([0.05, 0.15, 0.06, 0.17, 0.6, 0.16, 0.3, 0.14])
    found = measured_by(np.array(time), np.array(status), risk, 6.0, np.empty(0), SETTINGS)
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Right risks, a third of patients censored: 0 in the large, slope 1, observed as expected."""
    rng = np.random.default_rng(7)
    inside: dict[str, list[bool]] = {"in_the_large": [], "slope": [], "observed_expected": []}
    for _ in range(400):
        hazard = 0.05 * np.exp(rng.normal(scale=0.8, size=300))
        event, lost = rng.exponential(1.0 / hazard), rng.uniform(3.0, 40.0, 300)
        risk = -np.expm1(-12.0 * hazard)
        status = (event <= lost).astype(np.int64)
        found = measured_by(np.minimum(event, lost), status, risk, 12.0, np.empty(0), SETTINGS)
        for measure, truth in (("in_the_large", 0.0), ("slope", 1.0), ("observed_expected", 1.0)):
            each = found.estimate(measure)
            assert each.conf_low is not None
            assert each.conf_high is not None
            inside[measure].append(each.conf_low <= truth <= each.conf_high)
    for measure, held in inside.items():
        assert 0.925 <= np.mean(held) <= 0.975, measure  # 0.95 and 2.3 errors of 400 samples


def test_everyone_followed_to_one_horizon_is_a_binary_outcome() -> None:
    known = GBSG.filter((pl.col("rfstime") >= 1095.5) | (pl.col("status") == 1))
    known = known.with_columns(by=(pl.col("rfstime") <= 1095.5) & (pl.col("status") == 1))
    found = validated(known, outcome="by", time="", horizons=1095.5)
    assert (found.horizon, found.horizons, found.followed) == (1095.5, (), None)
    assert "taken-as-followed" in codes(found)
    risk = COX.predict(known, 1095.5)["risk"].to_numpy()
    brier = ((risk - known["by"].to_numpy()) ** 2).mean()
    assert found.estimate("brier").estimate == pytest.approx(brier, rel=1e-12)
    with pytest.raises(ModelError, match=r"give time, .* one of its horizons \(365.5, 1095.5"):
        validated(known, outcome="by", time="")


def test_strata_are_compared_inside_and_counted_where_unknown() -> None:
    rotterdam = loader.frame("rotterdam").with_columns(few=FEW_NODES)
    model = vr.fit_cox(
        "Surv(rtime, recur) ~ age + few + strata(grade)", rotterdam, horizons=(1095.5,)
    ).model
    found = validated(GBSG, model)
    assert found.counts.reasons == {"unknown stratum: 1": 81}
    known = GBSG.filter(pl.col("grade") > 1)
    linear = model.predict(known)["linear_predictor"].to_numpy()
    inside = vr.concordance(
        known["rfstime"].to_numpy(), known["status"].to_numpy(), linear, strata=known["grade"]
    )
    assert found.estimate("c_index").estimate == pytest.approx(inside.estimate, rel=1e-12)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"time": "years"}, ExpressionError, "time: .*no column 'years'"),
        ({"time": "rfstime - 100"}, DataError, r"In 16 rows .* negative"),
        ({"outcome": "status > 9"}, DataError, "none has the event"),
        ({"competing": "status == 1"}, DataError, "are both true"),
        ({"competing": "status == 0", "time": ""}, ArgumentError, "competing needs time"),
        ({"horizons": 99999}, ArgumentError, "predicts from above 0 to 7000"),
        ({"horizons": [12, 12]}, ArgumentError, "distinct"),
        ({"horizons": "soon"}, ArgumentError, "not numbers"),
        ({"time": 5}, ArgumentError, "time is 5"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        validated(**options)
    assert "\n" not in str(caught.value)


def test_a_span_between_dates_counts_days() -> None:
    dates = GBSG.with_columns(
        begin=pl.date(2000, 1, 1), end=pl.date(2000, 1, 1) + pl.duration(days="rfstime")
    )
    found = validated(dates, time="end - begin", horizons=1095.5)
    assert found.measures.equals(validated(horizons=1095.5).measures)
    months = replace(COX, time_unit="months")
    with pytest.raises(DataError, match="counts days, and the model's times are in months"):
        validated(dates, months, time="end - begin")


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_patients_does_not_matter(seed: int) -> None:
    few = GBSG.head(150)
    shuffled = few.sample(fraction=1.0, shuffle=True, seed=seed)
    one = validated(few, horizons=1095.5, resamples=1).horizons[0].measures["estimate"]
    other = validated(shuffled, horizons=1095.5, resamples=1).horizons[0].measures["estimate"]
    np.testing.assert_allclose(one, other, rtol=1e-8)  # sums in another order
