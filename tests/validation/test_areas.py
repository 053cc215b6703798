"""Several areas at once: pairs as pROC, all together as DeLong's covariance worked by hand in R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import event_of
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.validation.areas import compare_aucs, joint_statistic
from vertebrisk.validation.discrimination import compare_auc, roc_auc

CASES: dict[str, dict[str, Any]] = loader.load("areas")["cases"]
RTOL = 1e-8  # sums of ranks; a quadratic form in an inverse magnifies their last digits


def scores_of(case: dict[str, Any]) -> dict[str, FloatArray]:
    frame = loader.frame(case["data"])
    return {name: frame[name].to_numpy().astype(np.float64) for name in case["columns"]}


@pytest.mark.parametrize("name", list(CASES))
def test_together_and_by_pairs_as_r(name: str) -> None:
    case = CASES[name]
    found = compare_aucs(event_of(case, loader.frame(case["data"])), scores_of(case))
    assert_allclose(found.areas["estimate"], case["areas"], rtol=RTOL)
    assert found.df == case["df"]
    assert found.statistic == pytest.approx(case["statistic"], rel=RTOL)
    assert found.p_value == pytest.approx(case["p_value"], rel=1e-6)  # that error, magnified
    for row, expected in zip(found.pairs.to_dicts(), case["pairs"], strict=True):
        assert (row["first"], row["second"]) == (expected["first"], expected["second"])
        told = [row[key] for key in ("estimate", "conf_low", "conf_high", "statistic")]
        other = [expected[key] for key in ("estimate", "conf_low", "conf_high", "z")]
        assert_allclose(told, other, rtol=RTOL)
        assert row["p_value"] == pytest.approx(expected["p_value"], rel=1e-6)


def test_two_scores_are_the_paired_test() -> None:
    case = CASES["rotterdam_two"]
    event, scores = event_of(case, loader.frame(case["data"])), scores_of(case)
    found, pair = compare_aucs(event, scores), compare_auc(event, *scores.values())
    row = found.pairs.row(0, named=True)
    assert (row["estimate"], row["statistic"]) == (pair.estimate, pair.statistic)
    assert pair.statistic is not None
    assert found.statistic == pytest.approx(pair.statistic**2, rel=1e-10)  # a square against a form
    assert found.p_value == pytest.approx(pair.p_value, rel=1e-8)
    area = roc_auc(event, scores["nodes"])
    assert found.areas.row(0)[1:] == (area.estimate, area.conf_low, area.conf_high)


def test_a_score_that_ranks_as_another_adds_no_degree() -> None:
    case = CASES["pima_three"]
    event, scores = event_of(case, loader.frame(case["data"])), scores_of(case)
    whole = compare_aucs(event, scores)
    more = compare_aucs(event, {**scores, "again": 2.0 * scores["glu"] + 1.0})
    assert (whole.df, more.df) == (2, 2)
    assert more.statistic == pytest.approx(whole.statistic, rel=1e-9)
    same = compare_aucs(event, {"a": scores["glu"], "b": scores["glu"]})
    assert (same.statistic, same.df, same.p_value) == (None, 0, None)
    assert same.pairs["p_value"].to_list() == [None]


def test_a_difference_without_variance_has_no_test() -> None:
    assert joint_statistic(np.array([1.0, 0.5]), np.zeros((2, 2))) == (None, 0)
    found = compare_aucs([1, 0, 0], {"a": [3.0, 2.0, 1.0], "b": [1.0, 2.0, 3.0]})
    assert found.statistic is None
    assert found.areas["conf_low"].to_list() == [None, None]
    assert found.to_dict()["pairs"]["p_value"] == [None]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 4))
def test_order_of_scores_and_patients_does_not_matter(seed: int, k: int) -> None:
    random = np.random.default_rng(seed)
    event = np.arange(40) % 3 == 0
    scores = {f"s{i}": random.normal(size=40) + event * i / 3 for i in range(k)}
    moved, order = random.permutation(40), random.permutation(k)
    found = compare_aucs(event, scores)
    names = [list(scores)[i] for i in order]
    other = compare_aucs(event[moved], {name: scores[name][moved] for name in names})
    assert found.df == other.df
    assert found.statistic == pytest.approx(other.statistic, rel=1e-8)


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"a": [1.0, 2.0]}, "two or more by name"),
        ([[1.0, 2.0]], "two or more by name"),
        ({"a": [1.0, 2.0], "b": [1.0]}, r"scores\['b'\]"),
        ({"a": [1.0, 2.0], "b": [1.0, float("nan")]}, r"scores\['b'\]"),
    ],
)
def test_what_cannot_be_compared(scores: Any, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        compare_aucs([1, 0], scores)


@pytest.mark.parametrize("score", [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.4] * 6])
def test_an_area_without_variance_has_no_limits(score: list[float]) -> None:
    event, other = [0, 0, 0, 1, 1, 1], [2.0, 1.0, 5.0, 3.0, 4.0, 6.0]
    alone = roc_auc(event, score)
    assert (alone.conf_low, alone.conf_high) == (None, None)
    together = compare_aucs(event, {"a": score, "b": other}).areas
    assert together.row(0) == ("a", alone.estimate, None, None)
    assert together.row(1)[2] is not None
