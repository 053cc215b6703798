"""ROC curves and areas against pROC, classification at thresholds."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.models.cases import event_of, quiet_fit
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.validation.discrimination import classify, compare_auc, roc_auc, roc_curve

ROC = loader.load("roc")
CASES: dict[str, dict[str, Any]] = ROC["cases"]
RTOL = 1e-10  # sums of ranks on both sides


def score_of(case: dict[str, Any]) -> FloatArray:
    if "risk" in case:
        return np.asarray(case["risk"])
    frame = loader.frame(case["data"])
    if case["id"] == "rotterdam_model":
        levels = pl.Enum(["<=20", "20-50", ">50"])
        typed = frame.with_columns(pl.col("size").cast(levels))
        return quiet_fit("death ~ age + nodes + size + grade", typed).linear_predictor
    return np.asarray(frame[case["score"]].to_numpy(), dtype=np.float64)


def event_and_score(name: str) -> tuple[FloatArray, FloatArray]:
    case = CASES[name]
    return event_of(case, loader.frame(case["data"])), score_of(case)


@pytest.mark.parametrize("name", list(CASES))
def test_area_and_delong_interval(name: str) -> None:
    case = CASES[name]
    event, score = event_and_score(name)
    found = roc_auc(event, score)
    assert (event.size, int(event.sum())) == (case["n"], case["n_events"])
    assert_allclose(found.estimate, case["auc"], rtol=RTOL)
    assert found.conf_low is not None
    assert found.conf_high is not None
    assert_allclose([found.conf_low, found.conf_high], [case["conf_low"], case["conf_high"]],
                    rtol=RTOL)  # fmt: skip
    assert_allclose(roc_curve(event, score).std_error ** 2, case["variance"], rtol=1e-9)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "coords" in case])
def test_roc_coordinates(name: str) -> None:
    expected = CASES[name]["coords"]
    event, score = event_and_score(name)
    curve = roc_curve(event, score).curve
    assert curve["threshold"][0] is None
    assert curve.height == len(expected["threshold"])
    # pROC runs from "all positive" upwards, and cuts between two scores
    assert_allclose(curve["sensitivity"], expected["sensitivity"][::-1], rtol=RTOL, atol=1e-15)
    assert_allclose(curve["specificity"], expected["specificity"][::-1], rtol=RTOL, atol=1e-15)
    cuts = np.array(expected["threshold"][::-1][1:-1], dtype=np.float64)
    scores = curve["threshold"].to_numpy()[1:]
    assert (scores[1:] < cuts).all()
    assert (cuts < scores[:-1]).all()


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if "risk" in c and "youden" in c])
def test_youden(name: str) -> None:
    event, risk = event_and_score(name)
    expected = CASES[name]["youden"]
    row = classify(event, risk, [0.5]).frame.filter(pl.col("source") == "youden").row(0, named=True)
    assert [row[key] for key in ("tp", "fp", "fn", "tn")] == [
        expected[key][0] for key in ("tp", "fp", "fn", "tn")
    ]
    for key in ("sensitivity", "specificity", "ppv", "npv"):
        assert_allclose(row[key], expected[key][0], rtol=RTOL)


@pytest.mark.parametrize("name", ["pima_model", "pvp_model"])
def test_classification_at_thresholds(name: str) -> None:
    event, risk = event_and_score(name)
    expected = ROC["thresholds"][name]
    table = classify(event, risk, [row["threshold"] for row in expected]).frame
    for row, reference in zip(table.to_dicts(), expected, strict=False):
        assert row["source"] == "protocol"
        for key in ("tp", "fp", "fn", "tn"):
            assert row[key] == reference[key]
        for key in ("sensitivity", "specificity", "ppv", "npv"):
            found = [row[key], row[f"{key}_low"], row[f"{key}_high"]]
            # pROC's companions agree to rounding; the quantile of the normal has 1e-15
            assert_allclose(found, reference[key], rtol=1e-9)
    assert table.height == len(expected) + 1


def test_empty_denominators_are_null() -> None:
    row = classify([1, 0, 1, 0], [0.2, 0.3, 0.4, 0.1], [0.9]).frame.row(0, named=True)
    assert row["ppv"] is None
    assert row["ppv_low"] is None
    assert row["npv"] == 0.5


@pytest.mark.parametrize("name", list(ROC["compare"]))
def test_paired_comparison(name: str) -> None:
    case = ROC["compare"][name]
    frame = loader.frame(case["data"])
    event = event_of(case, frame)

    def column(which: str) -> FloatArray:
        if which.startswith("risk"):
            return np.asarray(CASES["pima_external"]["risk"])
        return frame[which].to_numpy().astype(np.float64)

    found = compare_auc(event, column(case["a"]), column(case["b"]))
    assert_allclose(found.auc_a, case["auc_a"], rtol=RTOL)
    assert_allclose(found.auc_b, case["auc_b"], rtol=RTOL)
    assert_allclose(found.estimate, case["difference"], rtol=1e-9)
    assert found.statistic is not None
    assert found.p_value is not None
    assert found.conf_low is not None
    assert found.conf_high is not None
    assert_allclose(found.statistic, case["z"], rtol=1e-9)
    assert_allclose(found.p_value, case["p_value"], rtol=1e-8)  # z times the error of z
    assert_allclose([found.conf_low, found.conf_high], [case["conf_low"], case["conf_high"]],
                    rtol=1e-9)  # fmt: skip


def test_comparing_a_score_with_itself() -> None:
    event, score = event_and_score("pima_glu")
    found = compare_auc(event, score, 3.0 * score + 1.0)
    assert (found.estimate, found.statistic, found.p_value) == (0.0, None, None)


def test_comparison_turns_with_its_arguments() -> None:
    frame = loader.frame("pima_tr")
    event = (frame["type"] == "Yes").to_numpy()
    a, b = frame["glu"].to_numpy(), frame["bmi"].to_numpy()
    one, other = compare_auc(event, a, b), compare_auc(event, b, a)
    assert one.estimate == -other.estimate
    assert one.p_value == other.p_value
    assert one.conf_low is not None
    assert other.conf_high is not None
    assert_allclose(one.conf_low, -other.conf_high, rtol=1e-12)


def test_area_does_not_change_with_the_scale_and_turns_with_the_sign() -> None:
    event, score = event_and_score("pima_glu")
    area = roc_auc(event, score)
    assert roc_auc(event, np.exp(score / 50.0)) == area
    assert_allclose(roc_auc(event, -score).estimate, 1.0 - area.estimate, rtol=1e-14)
    assert_allclose(roc_auc(1.0 - event, score).estimate, 1.0 - area.estimate, rtol=1e-14)


def test_hand_worked_areas() -> None:
    assert roc_auc([0, 0, 1, 1], [1, 2, 3, 4]).estimate == 1.0
    assert roc_auc([0, 1, 0, 1], [1, 1, 1, 1]).estimate == 0.5
    assert roc_auc([0, 1, 0, 1], [1, 2, 3, 4]).estimate == 0.75
    single = roc_auc([0, 0, 1], [1, 3, 2])
    assert single.estimate == 0.5
    assert single.conf_low is None


def test_interval_is_cut_to_possible_areas() -> None:
    found = roc_auc([0, 0, 0, 1, 0, 1, 1], [1, 2, 3, 4, 5, 6, 7])
    assert found.conf_high == 1.0
    assert found.conf_low is not None
    assert found.conf_low > 0.0


INPUT_ERRORS = [
    ([1, 1, 1], [1, 2, 3], "event has 3 events among 3 patients; both outcomes must occur"),
    ([0, 0], [1, 2], "event has 0 events among 2 patients"),
    ([], [], "event has 0 events among 0 patients"),
    ([0, 2, 1], [1, 2, 3], "event holds values other than 0 and 1"),
    ([0, None, 1], [1, 2, 3], "event has 1 missing values; leave those patients out"),
    (["no", "yes"], [1, 2], "event holds values that are not numbers"),
    ([[0, 1]], [1, 2], "event has 2 dimensions"),
    ([0, 1], [1, 2, 3], "score has 3 values where 2 are needed"),
    ([0, 1], [1, math.nan], "score has 1 missing or infinite values"),
    ([0, 1], [1, math.inf], "score has 1 missing or infinite values"),
    ([0, 1], ["a", "b"], "score holds values that are not numbers"),
]


@pytest.mark.parametrize(("event", "score", "message"), INPUT_ERRORS)
def test_inputs_that_are_refused(event: Any, score: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        roc_auc(event, score)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.1, math.nan])
def test_level_must_be_a_share(level: float) -> None:
    with pytest.raises(ArgumentError, match=r"level is .*; a number between 0 and 1 is needed"):
        roc_auc([0, 1, 0, 1], [1, 2, 3, 4], level=level)


def test_percentages_are_refused_as_risks() -> None:
    with pytest.raises(ArgumentError, match="divide percentages by 100"):
        classify([0, 1], [20.0, 30.0], [0.2])


def test_polars_and_pandas_columns_are_accepted() -> None:
    pandas = pytest.importorskip("pandas")
    event, score = [0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0]
    for make in (pl.Series, pandas.Series, np.asarray, list):
        assert roc_auc(make(event), make(score)).estimate == 0.75


def test_curve_of_tied_scores_by_hand() -> None:
    curve = roc_curve([1, 0, 1, 0, 0], [2.0, 2.0, 3.0, 1.0, 1.0]).curve
    assert curve["threshold"].to_list() == [None, 3.0, 2.0, 1.0]
    assert_array_equal(curve["sensitivity"], [0.0, 0.5, 1.0, 1.0])
    assert_allclose(curve["specificity"], [1.0, 1.0, 2 / 3, 0.0], rtol=1e-15, atol=1e-15)


def test_clusters_of_one_give_delong_and_pairs_give_obuchowski() -> None:
    random = np.random.default_rng(4)
    event = random.random(60) < 0.4
    score = random.normal(size=60) + event
    alone = roc_curve(event, score, clusters=np.arange(60))
    assert_allclose(alone.std_error, roc_curve(event, score).std_error, rtol=1e-12)
    # every patient twice is no more information: the area's error is that of the patients,
    # but for the factors n / (n - 1) of Obuchowski's sums
    twice = np.repeat(np.arange(60), 2)
    both = roc_curve(event[twice], score[twice], clusters=twice)
    naive = roc_curve(event[twice], score[twice])
    assert both.std_error == pytest.approx(alone.std_error, rel=1e-9)
    assert naive.std_error < 0.8 * both.std_error


def test_a_curve_has_the_limits_of_both_shares_together() -> None:
    event = np.array([0, 0, 0, 1, 0, 1, 1, 0], dtype=bool)
    risk = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    found = roc_curve(event, risk, level=0.9).curve.row(3, named=True)  # positive from 0.6
    assert (found["sensitivity"], found["specificity"]) == (2 / 3, 4 / 5)
    z = NormalDist().inv_cdf(0.5 + 0.9**0.5 / 2)  # both hold at once in 90 of 100
    for name, count, n in (("sensitivity", 2, 3), ("specificity", 4, 5)):
        for end in ("low", "high"):
            p = found[f"{name}_{end}"]  # Wilson's limits solve the test of the share
            assert (count / n - p) ** 2 == pytest.approx(z * z * p * (1 - p) / n, rel=1e-9)
    clusters = np.arange(8)
    assert "sensitivity_low" not in roc_curve(event, risk, clusters=clusters).curve.columns
