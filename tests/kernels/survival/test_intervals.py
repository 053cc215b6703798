"""Sums over intervals of event times: against brute force, and where differences would fail."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from vertebrisk.kernels.survival.intervals import Intervals
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.times import SurvivalTimes


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 20))
def test_sums_are_those_of_a_loop(seed: int, count: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.integers(0, count, (rows, 2)), axis=1)
    intervals = Intervals.of(ends[:, 0], ends[:, 1], count)
    values, steps = rng.random((3, rows)), rng.random((3, count))
    inside = (np.arange(count) >= ends[:, :1]) & (np.arange(count) <= ends[:, 1:])
    assert_allclose(intervals.covering(values, count), values @ inside, rtol=1e-12, atol=1e-14)
    assert_allclose(intervals.within(steps), steps @ inside.T, rtol=1e-12)


def test_no_digits_are_lost_beside_great_hazards() -> None:
    """A patient of hazard 1e-12 is alone at risk after another of 1e12 has left."""
    times = SurvivalTimes(
        np.array([2.0, 5.0, 6.0]), np.array([True, True, True]), np.array([1.0, 3.0, 4.0])
    )
    sets = RiskSets.of(times)
    hazard = np.array([[1e12, 1e-12, 3e-12]])[:, sets.rows]
    assert_allclose(sets.at_risk(hazard)[0], [1e12, 4e-12, 3e-12], rtol=1e-15)
    steps = np.array([[1e12, 1e-12, 3e-12]])
    assert_allclose(sets.lived(steps)[0], [1e12, 1e-12, 4e-12], rtol=1e-15)
