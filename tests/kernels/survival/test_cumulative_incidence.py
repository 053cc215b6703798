"""Cumulative incidence and Gray's test on arrays, against R and against repeated rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.cumulative_incidence import (
    Incidence,
    aalen_johansen,
    aalen_variance,
    incidence_limits,
    influence,
    places,
    risk_table,
)
from vertebrisk.kernels.survival.gray import gray_score

RTOL = 1e-10  # closed forms on both sides
REFERENCE = loader.load("competing")


def patients(case: dict[str, Any]) -> tuple[FloatArray, IntArray]:
    frame = loader.frame(case["data"])
    return frame["months"].to_numpy().astype(np.float64), frame["status"].to_numpy()


def codes(case: dict[str, Any], column: str | None) -> IntArray | None:
    if column is None:
        return None
    values = loader.frame(case["data"])[column].to_numpy().astype(str)
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def weights_of(case: dict[str, Any]) -> FloatArray | None:
    column = case.get("weights")
    if column is None:
        return None
    return np.asarray(loader.frame(case["data"])[column].to_numpy().astype(np.float64))


def variance_at(curves: Incidence, cause: int, times: FloatArray) -> FloatArray:
    squares = np.concatenate([[0.0], aalen_variance(curves, cause)[0]])
    return np.asarray(squares[places(curves.table.times, times)])


@pytest.mark.parametrize("case", REFERENCE["incidence"], ids=lambda case: case["id"])
def test_incidence_and_variance_agree_with_cuminc(case: dict[str, Any]) -> None:
    exit, status = patients(case)
    weights = weights_of(case)
    for curve in case["curves"]:
        use = np.ones(exit.size, dtype=np.bool_)
        if case["group"] is not None:
            use = loader.frame(case["data"])[case["group"]].to_numpy() == curve["group"]
        rows = None if weights is None else weights[None, use]
        curves = aalen_johansen(risk_table(exit[use], status[use], rows))
        times = np.asarray(curve["times"], dtype=np.float64)
        known = np.array([value is not None for value in curve["estimate"]])
        estimate = curves.at(times)[0, curve["cause"] - 1]
        variance = variance_at(curves, curve["cause"], times)
        low, high = incidence_limits(estimate, np.sqrt(variance), 0.95)
        for found, name in (
            (estimate, "estimate"),
            (variance, "variance"),
            (low, "conf_low"),
            (high, "conf_high"),
        ):
            expected = np.array(curve[name], dtype=np.float64)
            assert_allclose(found[known], expected[known], rtol=RTOL)


@pytest.mark.parametrize("case", REFERENCE["survfit"], ids=lambda case: case["id"])
def test_jackknife_agrees_with_survfit(case: dict[str, Any]) -> None:
    exit, status = patients(case)
    entry = None
    if "entry" in case:
        entry = loader.frame(case["data"])["entry"].to_numpy().astype(np.float64)
        use = entry < exit
        exit, status, entry = exit[use], status[use], entry[use]
    curves = aalen_johansen(risk_table(exit, status, entry=entry))
    times = np.asarray(case["times"], dtype=np.float64)
    for cause in (1, 2):
        parts = influence(curves, exit, status, times, cause, entry)
        expected = np.array(case["estimate"])[:, cause - 1]
        assert_allclose(curves.at(times)[0, cause - 1], expected, rtol=RTOL)
        errors = np.array(case["std_error"])[:, cause - 1]
        assert_allclose(np.sqrt((parts**2).sum(axis=0)), errors, rtol=RTOL)


@pytest.mark.parametrize("case", REFERENCE["gray"], ids=lambda case: case["id"])
def test_gray_agrees_with_cuminc(case: dict[str, Any]) -> None:
    exit, status = patients(case)
    group = codes(case, case["group"])
    assert group is not None
    size = int(group.max()) + 1
    for cause in (1, 2):
        score, covariance = gray_score(
            exit, status, group, size, cause, codes(case, case["strata"]), weights_of(case)
        )
        assert_allclose(score.sum(), 0.0, atol=1e-9)  # sums of some hundred terms near 1
        statistic = score[1:] @ np.linalg.solve(covariance[1:, 1:], score[1:])
        assert_allclose(statistic, case["statistic"][cause - 1], rtol=RTOL)


def test_three_patients_by_hand() -> None:
    # at 1 the event, at 2 the competing event, at 3 the event: a third each
    exit, status = np.array([1.0, 2.0, 3.0]), np.array([1, 2, 1])
    curves = aalen_johansen(risk_table(exit, status))
    assert_allclose(curves.estimate[0, 0], [1 / 3, 1 / 3, 2 / 3])
    assert_allclose(curves.estimate[0, 1], [0, 1 / 3, 1 / 3])
    # without censoring the variance before the last patient is binomial
    assert_allclose(variance_at(curves, 1, np.array([1.0])), [2 / 27 * 3 / 2])


TIED = st.integers(0, 8)
STATUS = st.integers(0, 2)
ROWS = st.lists(st.tuples(TIED, STATUS, st.integers(0, 3)), min_size=2, max_size=30)


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_weights_are_repeated_rows_and_order_is_nothing(
    rows: list[tuple[int, int, int]], random: Any
) -> None:
    exit = np.array([row[0] for row in rows], dtype=np.float64)
    status = np.array([row[1] for row in rows])
    weights = np.array([row[2] for row in rows], dtype=np.float64)
    if weights.sum() == 0:
        weights[0] = 1
    again = np.repeat(np.arange(exit.size), weights.astype(int))
    random.shuffle(again)
    times = np.arange(exit[again].max() + 1)
    # the other replicate shows that a batch is its rows
    batch = risk_table(exit, status, np.stack([np.ones(exit.size), weights]))
    single = aalen_johansen(risk_table(exit[again], status[again]))
    assert_allclose(aalen_johansen(batch).at(times)[1], single.at(times)[0], atol=1e-12)
    assert_allclose(single.estimate.sum(axis=1) + single.survival, 1.0)
    assert (np.diff(single.estimate, axis=2) >= 0).all()


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_without_competing_events_it_is_one_minus_kaplan_meier(
    rows: list[tuple[int, int, int]],
) -> None:
    exit = np.array([row[0] for row in rows], dtype=np.float64)
    event = np.array([int(row[1] > 0) for row in rows])
    survival = 1.0
    curves = aalen_johansen(risk_table(exit, event))
    for place, time in enumerate(curves.table.times):
        failed = ((exit == time) & (event == 1)).sum()
        survival *= 1.0 - failed / (exit >= time).sum()
        assert_allclose(curves.estimate[0, 0, place], 1.0 - survival, atol=1e-12)


def test_influence_is_the_derivative_by_the_weight() -> None:
    frame = loader.frame("competing")
    exit, status = frame["months"].to_numpy().astype(np.float64), frame["status"].to_numpy()
    times, step = np.array([6.0, 24.0]), 1e-5
    parts = influence(aalen_johansen(risk_table(exit, status)), exit, status, times, 1)
    for row in (0, 17, 100):
        nudge = np.zeros(exit.size)
        nudge[row] = step
        ends = aalen_johansen(risk_table(exit, status, np.stack([1.0 + nudge, 1.0 - nudge])))
        up, down = ends.at(times)[:, 0]
        # central differences: error of the order of the step's square
        assert_allclose(parts[row], (up - down) / (2 * step), rtol=1e-6, atol=1e-9)


@pytest.mark.filterwarnings("error")
def test_a_share_that_rounds_to_one_has_no_limits() -> None:
    below = np.array([0.2, 1.0 - 2.0**-53, 1.0])
    low, high = incidence_limits(below, np.array([0.05, 1e-9, 0.0]), 0.95)
    assert np.isfinite([low[0], high[0]]).all()
    assert np.isnan([*low[1:], *high[1:]]).all()
