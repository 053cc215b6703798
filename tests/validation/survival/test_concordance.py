"""Concordance with times to an event, against survival::concordance and its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader
from tests.survival_data import cohort, column, repeated

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.survival.concordance import (
    concordance_batch,
    pair_influence,
    score_codes,
)
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.survival.concordance import concordance

CASES: dict[str, dict[str, Any]] = loader.load("kaplan_meier")["concordances"]
RTOL = 1e-10  # sums of pairs, exact but for the weights


@pytest.mark.parametrize("name", list(CASES))
def test_concordance(name: str) -> None:
    case = CASES[name]
    frame = cohort(case["data"])
    sign = -1.0 if case["score"] == "karno" else 1.0
    found = concordance(
        column(frame, case["time"]),
        column(frame, "event"),
        sign * column(frame, case["score"]),
        kind=case["kind"],
        tau=case["tau"],
        entry=column(frame, case["entry"]),
        strata=column(frame, case["strata"]),
        weights=repeated(case["weights"], frame.height),
    )
    expected = case["estimate"] if sign > 0 else 1.0 - case["estimate"]
    assert_allclose(found.estimate, expected, rtol=RTOL)
    assert_allclose(found.std_error**2, case["variance"], rtol=1e-9)
    higher, lower, *tied = case["count"]
    pairs = (higher, lower) if sign > 0 else (lower, higher)
    assert_allclose((found.concordant, found.discordant), pairs, rtol=RTOL)
    assert_allclose((found.tied_score, found.tied_time, found.tied_both), tied, rtol=RTOL)
    reach = 1.959963984540054 * found.std_error
    assert found.conf_low == pytest.approx(expected - reach)
    assert found.conf_high == pytest.approx(expected + reach)


def counted(
    times: SurvivalTimes, score: FloatArray, weight: FloatArray, factor: FloatArray
) -> tuple[float, float, float]:
    """Every pair looked at."""
    found = [0.0, 0.0, 0.0]
    for i in np.flatnonzero(times.event):
        for j in range(times.size):
            longer = times.exit[j] > times.exit[i]
            longer |= times.exit[j] == times.exit[i] and not times.event[j]
            if times.entry is not None:
                longer &= times.entry[j] < times.exit[i]
            if longer and times.groups[i] == times.groups[j]:
                place = 2 if score[i] == score[j] else int(score[i] < score[j])
                found[place] += weight[i] * weight[j] * factor[i]
    return found[0], found[1], found[2]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 70), st.booleans(), st.booleans(), st.booleans())
def test_every_replicate_equals_the_definition(
    seed: int, size: int, late: bool, layered: bool, tied: bool
) -> None:
    rng = np.random.default_rng(seed)
    exit_times = rng.integers(2, 6 if tied else 2000, size).astype(float)
    times = SurvivalTimes(
        exit_times,
        rng.random(size) < 0.6,
        exit_times - rng.integers(1, 4, size) if late else None,
        rng.integers(0, 3, size) if layered else None,
    )
    scores = rng.integers(0, 4 if tied else 400, (3, size)).astype(float)
    weights, factor = rng.integers(0, 3, (3, size)).astype(float), rng.random((3, size))
    found = concordance_batch(times, scores, weights, time_weights=factor)
    for row in range(3):
        expected = counted(times, scores[row], weights[row], factor[row])
        got = found.concordant[row], found.discordant[row], found.tied[row]
        assert_allclose(got, expected, rtol=1e-11, atol=1e-9)


def test_influence_is_the_derivative_by_the_weights() -> None:
    rng = np.random.default_rng(4)
    size, step = 60, 1e-6
    exit_times = rng.integers(2, 12, size).astype(float)
    times = SurvivalTimes(
        exit_times, rng.random(size) < 0.6, exit_times - rng.integers(1, 8, size), None
    )
    score, weight = rng.integers(0, 5, size).astype(float), rng.random(size)
    influence = pair_influence(times, score, weight)
    whole = concordance_batch(times, score[None], weight[None])
    assert_allclose(influence.counts.index, whole.index, rtol=1e-12)
    assert_allclose(influence.counts.pairs, whole.pairs, rtol=1e-12)
    for patient in range(size):
        moved = np.stack([weight, weight])
        moved[0, patient] += step
        moved[1, patient] -= step
        found = concordance_batch(times, score[None], moved)
        slope = (found.concordant - found.discordant) @ [1.0, -1.0] / (2 * step)
        # differences of sums of about a thousand, over a step of a millionth
        assert_allclose(slope, influence.net[patient], atol=1e-6)
        assert_allclose(found.pairs @ [1.0, -1.0] / (2 * step), influence.pairs[patient], atol=1e-6)


def test_harrell_of_resamples_is_that_of_repeated_rows() -> None:
    frame = cohort("lung")
    times = SurvivalTimes(column(frame, "time"), column(frame, "event"))
    weights = np.random.default_rng(2).multinomial(228, np.full(228, 1 / 228), 3).astype(float)
    found = concordance_batch(times, column(frame, "age")[None].astype(float), weights)
    for row in range(3):
        rows = np.repeat(np.arange(228), weights[row].astype(int))
        alone = concordance(times.exit[rows], times.event[rows], column(frame, "age")[rows])
        assert_allclose(found.index[row], alone.estimate, rtol=1e-12)


def test_scores_within_the_tolerance_are_tied() -> None:
    codes = score_codes(np.array([[0.3, 0.1 + 0.2, 1.0], [2.0, 1.0, 3.0]]), 1e-9)
    assert codes.tolist() == [[0, 0, 1], [1, 0, 2]]


def test_a_perfect_score_has_no_interval_and_a_constant_one_is_one_half() -> None:
    perfect = concordance([1, 2, 3], [1, 1, 0], [3, 2, 1])
    assert (perfect.estimate, perfect.conf_low, perfect.dxy) == (1.0, None, 1.0)
    assert concordance([1, 2, 3], [1, 1, 0], [1, 1, 1]).estimate == 0.5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"event": [0, 0, 0]}, "No two patients can be compared"),
        ({"event": [0, 0, 1]}, "No two patients can be compared"),
        ({"tau": 0.5}, r"by tau = 0\.5"),
        ({"kind": "antolini"}, "kind is 'antolini'"),
        ({"kind": "uno", "entry": [0, 0, 0]}, "takes no entry"),
        ({"strata": [1, 2]}, "strata has 2 values"),
        ({"score": [1, np.nan, 2]}, "score has 1 missing"),
    ],
)
def test_bad_input_is_named(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"time": [1, 2, 3], "event": [1, 1, 0], "score": [3, 2, 1]}
    with pytest.raises(ArgumentError, match=message):
        concordance(**{**arguments, **changed})
