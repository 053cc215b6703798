"""Risk-adjusted CUSUM charts: by hand, limits by enumeration, false alarms and run lengths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from vertebrisk.kernels.cusum import SAME, risk_adjusted_chart, scores

RATE = 1 / 2000


def test_the_scores_are_those_of_steiner() -> None:
    with_event, without = scores(np.array([0.2]), 2.0)
    assert with_event[0] == pytest.approx(np.log(2 / (1 - 0.2 + 2 * 0.2)))
    assert without[0] == pytest.approx(np.log(1 / (1 - 0.2 + 2 * 0.2)))


def test_the_chart_is_a_sum_cut_at_zero_that_begins_anew_after_a_signal() -> None:
    rng = np.random.default_rng(1)
    risk, event = rng.uniform(0.1, 0.4, 60), rng.random(60) < 0.6
    chart = risk_adjusted_chart(event, risk, 2.0, 0.01, 4000, 1)
    assert chart.signal.any()
    with_event, without = scores(risk, 2.0)
    at = 0.0
    for patient in range(60):
        at = max(at + (with_event if event[patient] else without)[patient], 0.0)
        assert chart.value[patient] == at
        assert chart.signal[patient] == (at > chart.limit[patient] + SAME)
        at = 0.0 if chart.signal[patient] else at


def exact_limits(risk: np.ndarray, odds: float, rate: float) -> list[float]:
    """Limits by all outcomes of all patients, those that crossed before left out."""
    with_event, without = scores(risk, odds)
    paths = {0.0: 1.0}
    limits = []
    for patient, chance in enumerate(risk):
        after: dict[float, float] = {}
        for (value, share), event in itertools.product(paths.items(), (True, False)):
            step = with_event[patient] if event else without[patient]
            place = round(max(value + step, 0.0), 12)
            after[place] = after.get(place, 0.0) + share * (chance if event else 1 - chance)
        total, beyond = sum(after.values()), 0.0
        for limit in sorted(after, reverse=True):
            beyond += after[limit]
            if beyond > rate * total:
                break
        limits.append(limit)
        paths = {value: share for value, share in after.items() if value <= limit}
    return limits


@pytest.mark.parametrize("odds", [2.0, 0.5])
def test_the_limits_are_those_of_all_possible_outcomes(odds: float) -> None:
    risk = np.array([0.1, 0.3, 0.2, 0.4, 0.15, 0.25, 0.35, 0.1, 0.2, 0.3, 0.12, 0.33])
    wanted = exact_limits(risk, odds, 0.02)
    never = np.full(risk.size, odds < 1.0)  # nothing happens that the chart looks for
    found = risk_adjusted_chart(never, risk, odds, 0.02, 200_000, 3).limit
    # A limit jumps to the next possible value where the draws just miss the rate; 200,000 draws
    # know a share of 0.02 to 0.001, in which half of the possible values hardly ever lie.
    assert np.mean(np.abs(found - wanted) < 1e-9) >= 0.75
    assert_allclose(found, wanted, atol=0.15)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.floats(1.2, 4.0))
def test_charts_of_mirrored_outcomes_mirror_each_other(seed: int, odds: float) -> None:
    rng = np.random.default_rng(seed)
    risk = rng.uniform(0.05, 0.6, 40)
    event = rng.random(40) < risk
    up = risk_adjusted_chart(event, risk, odds, 0.01, 500, 1)
    down = risk_adjusted_chart(~event, 1.0 - risk, 1.0 / odds, 0.01, 500, 1)
    quiet = ~(np.cumsum(up.signal) + np.cumsum(down.signal)).astype(bool)
    assert_allclose(up.value[quiet], down.value[quiet], atol=1e-9)


def first_signals(risk: np.ndarray, odds: float, true_odds: float, sequences: int) -> np.ndarray:
    """Patients to the first signal of many sequences of outcomes; one more than all where none."""
    never = np.full(risk.size, odds < 1.0)
    limit = risk_adjusted_chart(never, risk, odds, RATE, 40_000, 5).limit
    rng = np.random.default_rng(11)
    chance = true_odds * risk / (1.0 + (true_odds - 1.0) * risk)
    with_event, without = scores(risk, odds)
    at, found = np.zeros(sequences), np.full(sequences, risk.size + 1)
    for patient in range(risk.size):
        event = rng.random(sequences) < chance[patient]
        at = np.maximum(at + np.where(event, with_event[patient], without[patient]), 0.0)
        crossed = (at > limit[patient] + SAME) & (found > risk.size)
        found[crossed] = patient + 1
    return found


def mixes() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    return {
        "low": rng.beta(1, 30, 1000),
        "middle": rng.beta(1.5, 8, 1000),
        "high": rng.beta(3, 6, 1000),
        "rising": np.concatenate([rng.beta(1, 30, 500), rng.beta(3, 6, 500)]),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", list(mixes()))
def test_false_alarms_come_at_the_rate_whatever_the_case_mix(name: str) -> None:
    found = first_signals(mixes()[name], 2.0, 1.0, 4000)
    share, nominal = (found <= 1000).mean(), 1.0 - (1.0 - RATE) ** 1000
    # 4000 sequences know 0.39 to 0.008; outcomes are discrete, so that the rate is at most nominal.
    assert nominal - 0.06 < share < nominal + 0.024
    early = (found <= 500).mean()
    assert early < 1.0 - (1.0 - RATE) ** 500 + 0.02
    fewer = (first_signals(mixes()[name], 0.5, 1.0, 4000) <= 1000).mean()
    assert fewer < nominal + 0.024


@pytest.mark.slow
def test_doubled_odds_are_found_after_some_dozens_of_patients() -> None:
    runs = {name: np.median(first_signals(mixes()[name], 2.0, 2.0, 2000)) for name in mixes()}
    assert 40 <= runs["high"] <= 65
    assert 55 <= runs["middle"] <= 85
    assert 100 <= runs["low"] <= 200
    fewer = np.median(first_signals(mixes()["middle"], 0.5, 0.5, 2000))
    assert 90 <= fewer <= 180
