"""Regressions on a replicate's own columns: compiled and by passes, replicate by replicate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import count_calls
from tests.kernels.survival.test_spread import drawn, followed

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.partial import log_cumulative_hazards
from vertebrisk.kernels.survival.rowwise import RowwiseFits, fit_rowwise
from vertebrisk.kernels.survival.splines import spline_rows
from vertebrisk.kernels.survival.times import SurvivalTimes

pytest.importorskip("numba")

RTOL = 1e-10  # the order of sums differs; Newton carries that no further
REPLICATES = 30


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    yield
    compiled.switch_off()


def scores(columns: FloatArray) -> FloatArray:
    """A linear predictor of each replicate's own, shape (REPLICATES, n)."""
    rng = np.random.default_rng(5)
    beta = np.linspace(-0.5, 0.6, columns.shape[1]) + 0.1 * rng.normal(
        size=(REPLICATES, columns.shape[1])
    )
    return np.asarray(beta @ columns.T)


def splined(linear: FloatArray) -> FloatArray:
    return spline_rows(linear, np.quantile(linear, [0.1, 0.5, 0.9], axis=1).T)


def assert_same(found: RowwiseFits, expected: RowwiseFits) -> None:
    assert_array_equal(found.usable, expected.usable)
    for name in ("beta", "information", "log_hazard"):
        ours, passes = getattr(found, name), getattr(expected, name)
        for one, other in zip(ours, passes, strict=True):
            size = np.abs(other[np.isfinite(other)]).max(initial=0.0)
            assert_allclose(one, other, RTOL, RTOL * size, err_msg=name)


def both_ways(
    columns: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    monkeypatch: pytest.MonkeyPatch,
    *,
    ties: Ties = "efron",
    mask: FloatArray | None = None,
    horizons: tuple[float, ...] = (),
) -> int:
    """Fit both ways, which agree; how many replicates were left to the passes."""
    use = None if mask is None else mask > 0
    start = np.eye(columns.shape[2])[:1]

    def fitted() -> RowwiseFits:
        return fit_rowwise(
            columns, times, weights, ties=ties, mask=use, horizons=np.array(horizons), start=start
        )

    expected = fitted()
    compiled.warm_up()
    calls = count_calls(monkeypatch, "vertebrisk.kernels.survival.rowwise", "_fitted")
    assert_same(fitted(), expected)
    return sum(call[1].shape[0] for call in calls.arguments)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("strata", [1, 3])
@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("weighted", ["drawn", "once", "cases"])
def test_each_replicate_is_that_of_passes(
    ties: Ties, strata: int, width: int, weighted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    times, columns = followed(300, strata)
    linear = scores(columns)
    weights = drawn(300, REPLICATES)
    if weighted == "once":
        weights = np.broadcast_to(np.ones((1, 300)), weights.shape)
    if weighted == "cases":
        weights = weights * np.random.default_rng(2).uniform(0.3, 2.2, 300)
    own = splined(linear) if width == 2 else linear[:, :, None]
    horizons = (5.0, 17.5) if strata == 1 else ()
    left = both_ways(own, times, weights, monkeypatch, ties=ties, horizons=horizons)
    assert left == 0


def test_horizons_before_the_first_event_and_beyond_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    horizons = (0.5, 3.0, 39.5, 100.0)
    times, columns = followed(200)
    weights = drawn(200, REPLICATES)
    both_ways(splined(scores(columns)), times, weights, monkeypatch, horizons=horizons)


def test_few_events_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    times, columns = followed(60)
    few = SurvivalTimes(times.exit, times.event & (np.arange(60) < 9))
    weights = drawn(60, REPLICATES)
    weights[4] *= ~few.event
    left = both_ways(scores(columns)[:, :, None], few, weights, monkeypatch, horizons=(9.0,))
    assert 1 <= left < REPLICATES


def test_what_is_out_of_the_ordinary_is_left_to_the_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times, columns = followed(300)
    own = splined(scores(columns))
    own[0, :, 1] = own[0, :, 0]  # two columns that are one
    own[1, :, 1] = 0.0
    own[2, :, 0] = 7.0
    own[3] *= -40.0
    own[4] *= 1e4
    own[5, :, 0] = np.where(times.event, -times.exit, -50.0)  # the first has always the highest
    mask = np.ones((REPLICATES, 2))
    mask[1, 1] = mask[6, 1] = 0.0  # the first column alone is in use: nothing extraordinary
    weights = drawn(300, REPLICATES)
    left = both_ways(own, times, weights, monkeypatch, mask=mask, horizons=(9.0,))
    assert 3 <= left <= 5


def test_late_entry_is_left_to_the_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    times, columns = followed(200, entry=True)
    weights = drawn(200, REPLICATES)
    left = both_ways(scores(columns)[:, :, None], times, weights, monkeypatch)
    assert left == REPLICATES


def test_a_baseline_is_that_of_the_model_as_it_is() -> None:
    """Though it be less likely than no model at all."""
    times, columns = followed(300)
    linear, weights = -2.0 * scores(columns), drawn(300, REPLICATES)
    until = np.quantile(times.exit, [0.2, 0.7])

    def levels() -> FloatArray:
        return log_cumulative_hazards(
            linear, times, weights, until, ties="efron", counts=weights, strata=1
        )

    expected = levels()
    compiled.warm_up()
    assert_allclose(levels(), expected, RTOL)
