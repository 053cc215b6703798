"""Where a search begins, and how far a runaway fit is carried, changes no estimate."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.rowwise import fit_rowwise
from vertebrisk.kernels.survival.times import SurvivalTimes


@pytest.mark.parametrize("factor", [30.0, 100.0, 1e3])
@pytest.mark.parametrize("rivals", [False, True])
def test_a_start_far_from_the_maximum_is_left(factor: float, rivals: bool) -> None:
    """At the slope 1 of such predictors hazards tell nobody apart, or only one patient."""
    rng = np.random.default_rng(3)
    linear = rng.normal(size=(4, 500))
    times = SurvivalTimes(rng.exponential(np.exp(-0.3 * linear.sum(0))), rng.random(500) < 0.6)
    competing = (rng.random(500) < 0.5) & ~times.event if rivals else None
    weights, start = np.ones((4, 500)), np.ones((1, 1))
    plain = fit_rowwise(linear[:, :, None], times, weights, competing=competing)
    columns = factor * linear[:, :, None]
    found = fit_rowwise(columns, times, weights, competing=competing, start=start)
    assert found.usable.all()
    assert_allclose(factor * found.beta, plain.beta, rtol=1e-6)  # the tolerance of the search


def test_a_runaway_fit_is_no_less_likely_than_a_smaller_model() -> None:
    rng = np.random.default_rng(43)
    slope, rare = rng.normal(size=60), (np.arange(60) < 3).astype(np.float64)
    exits = np.exp(-6.0 * slope) + 0.001 * rng.random(60)
    times = SurvivalTimes(exits, rng.random(60) < 0.6)
    other, level = rng.normal(size=60), rng.integers(0, 2, 60)
    columns = np.column_stack([slope, other, level, rare])
    whole = fit_cox_batch(columns, times)
    smaller = fit_cox_batch(columns[:, :1], times)
    assert whole.separated[0]
    assert whole.log_likelihood[0] >= smaller.log_likelihood[0]


def test_no_converged_fit_is_less_likely_than_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offsets so far apart that hazards lie at their bound, by the compiled kernel."""
    monkeypatch.setattr(compiled, "enabled", lambda: True)
    rng = np.random.default_rng(19)
    columns, exits = rng.normal(size=(40, 2)), rng.exponential(size=40)
    times = SurvivalTimes(exits, rng.random(40) < 0.6)
    far = rng.choice([-1, 1], 40) * rng.choice([150, 178, 200.0])
    offset = far * (rng.random(40) < rng.choice([0.1, 0.5, 1.0]))
    weights = rng.multinomial(40, np.full(40, 1.0 / 40.0), size=10).astype(np.float64)
    fit = fit_cox_batch(columns, times, weights, offset=offset)
    least = fit.null_log_likelihood - 1e-9 * (1.0 + np.abs(fit.null_log_likelihood))
    assert (fit.log_likelihood >= least)[fit.converged].all()
