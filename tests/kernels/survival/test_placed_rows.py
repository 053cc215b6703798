"""Risk sets of rows that are not sorted: the sums of those that are."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.kernels.survival.test_cox import data

from vertebrisk.kernels.survival.placed_rows import PlacedRows
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.times import SurvivalTimes


@pytest.mark.parametrize("scale", [None, 1.0, 0.5, 70_000.0], ids=["any", "days", "halves", "long"])
@pytest.mark.parametrize("strata", [0, 4, 60])
def test_sums_are_those_of_sorted_rows(strata: int, scale: float | None) -> None:
    _, times = data(6, 500, 1, ties=False, strata=strata)
    exits = times.exit if scale is None else scale * np.ceil(5.0 * times.exit)
    times = SurvivalTimes(exits, times.event, strata=times.strata)
    sets, placed = RiskSets.of(times), PlacedRows.of(times, times.event)
    values = np.random.default_rng(3).normal(size=(2, 500))
    ordered = values[:, sets.rows]
    rises = np.arange(1.0, 1.0 + sets.count)[None] ** 2
    lived = np.zeros((1, 500))
    lived[:, sets.rows] = sets.lived(rises)
    assert placed.count == sets.count
    assert placed.blocks == sets.blocks
    assert_allclose(placed.at_risk(values), sets.at_risk(ordered), rtol=1e-12, atol=1e-12)
    assert_allclose(
        placed.dying(values[:, placed.deaths]), sets.dying(ordered[:, sets.deaths]), atol=1e-12
    )
    assert_array_equal(placed.highest(values), sets.highest(ordered))
    assert_allclose(placed.lived(rises), lived, rtol=1e-12)
