"""Where the estimates of a resample run away to."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_array_equal

from vertebrisk.models.likelihoods import BinaryLikelihood


def test_levels_without_events_run_away_by_whole_steps() -> None:
    """Two levels run away at once: their patients move by 1, those of both by 2, others stay."""
    rng = np.random.default_rng(7)
    first, second = rng.random(400) < 0.05, rng.random(400) < 0.04
    first[:3] = second[:3] = True
    age = rng.normal(size=400)
    event = (rng.random(400) < 0.3) & ~first & ~second
    columns = np.column_stack([age, first, second]).astype(np.float64)
    fitted = BinaryLikelihood(event.astype(np.float64)).fit(columns, np.ones((1, 400)))
    assert fitted.fits.separated.tolist() == [True]
    rows = fitted.patterns.rows
    still = (rows[:, 1] == 0.0) & (rows[:, 2] == 0.0)
    # not the last digit of a Newton step is left, which another order of sums would change
    assert_array_equal(fitted.runaway()[0], -(rows[:, 1] + rows[:, 2]))
    assert still.sum() > 300
