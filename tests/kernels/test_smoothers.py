"""Lowess and loess against R, and batches against rows one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.kernels.loess import loess_batch
from vertebrisk.kernels.lowess import interpolate_batch, lowess_batch, lowess_operator
from vertebrisk.kernels.tied import TiedScores, collapse_ties
from vertebrisk.kernels.windows import tricube, window_reach, window_starts

SMOOTHERS = loader.load("smoothers")
SETS: dict[str, dict[str, Any]] = SMOOTHERS["sets"]
ATOL = 1e-10  # shares between 0 and 1, summed over at most 3000 rows
# Where a neighbourhood holds barely three distinct scores the local parabola is nearly
# singular, and both programs lose digits to its condition.
LOESS_ATOL = 1e-6


def events(case: dict[str, Any]) -> FloatArray:
    column, value = (part.strip().strip('"') for part in case["event"].split("=="))
    texts = loader.frame(case["data"])[column].to_list()
    return np.array([str(text) == value for text in texts], dtype=np.float64)


def tied_of(x: FloatArray, y: FloatArray) -> TiedScores:
    return collapse_ties(x[None], np.ones((1, x.size)), y)


def at_rows(tied: TiedScores, smooth: FloatArray, x: FloatArray) -> FloatArray:
    return np.asarray(smooth[0, np.searchsorted(tied.scores[0], x)])


@pytest.mark.parametrize("name", list(SETS))
def test_lowess_of_risks(name: str) -> None:
    case = SETS[name]
    risk = np.asarray(case["risk"])
    tied = tied_of(risk, events(case))
    expected = case["lowess"]
    assert_allclose(np.sort(risk), expected["x"], rtol=0)
    found = at_rows(tied, lowess_batch(tied), np.asarray(expected["x"]))
    assert_allclose(found, expected["y"], atol=ATOL)


@pytest.mark.parametrize("name", list(SETS))
def test_loess_of_risks(name: str) -> None:
    case = SETS[name]
    risk = np.asarray(case["risk"])
    tied = tied_of(risk, events(case))
    found = at_rows(tied, loess_batch(tied), risk)
    assert_allclose(found, case["loess"]["fitted"], atol=LOESS_ATOL)


@pytest.mark.parametrize("name", ["age", "nodes", "er"])
def test_lowess_of_many_patients_with_jumps(name: str) -> None:
    """Nearly 3000 rows: most points are jumped over and interpolated."""
    curve = SMOOTHERS["lowess_large"]["curves"][name]
    frame = loader.frame("rotterdam")
    x = frame[name].to_numpy().astype(np.float64)
    tied = tied_of(x, frame["death"].to_numpy().astype(np.float64))
    assert_allclose(tied.scores[0], curve["unique_x"], rtol=0)
    assert_allclose(lowess_batch(tied)[0], curve["y_at_first"], atol=ATOL)


SMALL = [("x_event", "x"), ("tied_event", "tied")]


@pytest.mark.parametrize(("key", "column"), SMALL)
def test_lowess_of_sixty_rows(key: str, column: str) -> None:
    frame = loader.frame("small")
    x = frame[column].to_numpy().astype(np.float64)
    tied = tied_of(x, frame["event"].to_numpy().astype(np.float64))
    expected = SMOOTHERS["lowess_small"][key]
    found = at_rows(tied, lowess_batch(tied), np.asarray(expected["x"], dtype=np.float64))
    assert_allclose(found, expected["y"], atol=ATOL)


@pytest.mark.parametrize(("key", "column"), SMALL)
def test_loess_of_sixty_rows(key: str, column: str) -> None:
    frame = loader.frame("small")
    x = frame[column].to_numpy().astype(np.float64)
    tied = tied_of(x, frame["event"].to_numpy().astype(np.float64))
    found = at_rows(tied, loess_batch(tied), x)
    assert_allclose(found, SMOOTHERS["loess_small"][key]["fitted"], atol=LOESS_ATOL)


def test_smoothers_of_a_number_instead_of_an_event() -> None:
    """The shares need not be shares: any response is smoothed."""
    frame = loader.frame("small")
    x, y = (frame[name].to_numpy().astype(np.float64) for name in ("skewed", "x"))
    tied = tied_of(x, y)
    scale = np.ptp(y)
    low = SMOOTHERS["lowess_small"]["skewed_x"]
    found = at_rows(tied, lowess_batch(tied), np.asarray(low["x"]))
    assert_allclose(found / scale, np.asarray(low["y"]) / scale, atol=ATOL)
    found = at_rows(tied, loess_batch(tied), x)
    expected = np.asarray(SMOOTHERS["loess_small"]["skewed_x"]["fitted"])
    assert_allclose(found / scale, expected / scale, atol=LOESS_ATOL)


@st.composite
def replicates(draw: st.DrawFn) -> TiedScores:
    seed, n = draw(st.integers(0, 10_000)), draw(st.integers(6, 40))
    rng = np.random.default_rng(seed)
    levels = draw(st.sampled_from([3, 8, 1000]))
    scores = rng.integers(0, levels, size=(4, n)) / levels
    weights = rng.multinomial(n, np.full(n, 1 / n), size=4).astype(np.float64)
    return collapse_ties(scores, weights, rng.integers(0, 2, n).astype(np.float64))


@settings(max_examples=30)
@given(replicates())
def test_batches_equal_rows_one_by_one(tied: TiedScores) -> None:
    for smoother in (lowess_batch, loess_batch):
        together = smoother(tied)
        for row in range(4):
            alone = smoother(tied.take(np.array([row])))
            size = tied.sizes[row]
            assert_allclose(together[row, :size], alone[0, :size], atol=1e-7)


def parabola(x: FloatArray, y: FloatArray, centre: float, k: int) -> float:
    """One local regression of degree 2 by weighted least squares."""
    distance = np.abs(x - centre)
    reach = np.sort(distance)[k - 1]
    weight = np.where(distance < reach, (1 - (distance / reach) ** 3) ** 3, 0.0)
    columns = np.vander(x - centre, 3, increasing=True) * np.sqrt(weight)[:, None]
    return float(np.linalg.lstsq(columns, y * np.sqrt(weight), rcond=None)[0][0])


def test_loess_against_least_squares() -> None:
    rng = np.random.default_rng(7)
    x = rng.random(50)
    y = (rng.random(50) < x).astype(np.float64)
    tied = tied_of(x, y)
    naive = [parabola(x, y, centre, 37) for centre in tied.scores[0]]
    assert_allclose(loess_batch(tied)[0], naive, atol=1e-9)


def test_smoothers_reproduce_what_they_fit() -> None:
    """Lowess is exact on a line, loess on a parabola."""
    x = np.linspace(0.1, 0.9, 41)
    tied = tied_of(x, 0.2 + 0.5 * x)
    assert_allclose(lowess_batch(tied)[0], 0.2 + 0.5 * x, atol=1e-12)
    curved = tied_of(x, 0.2 + 0.5 * x - 0.4 * x**2)
    assert_allclose(loess_batch(curved)[0], 0.2 + 0.5 * x - 0.4 * x**2, atol=1e-10)


def test_a_single_score() -> None:
    tied = tied_of(np.full(10, 0.3), np.repeat([0.0, 1.0], [6, 4]))
    assert_allclose(lowess_batch(tied), [[0.4]], rtol=1e-14)
    assert_allclose(loess_batch(tied), [[0.4]], rtol=1e-14)


def test_operator_is_the_smoother() -> None:
    case = SETS["pima_external"]
    tied = tied_of(np.asarray(case["risk"]), events(case))
    at, operator = lowess_operator(tied)
    smooth = interpolate_batch(tied, lowess_batch(tied), at)[0]
    assert_allclose(operator @ tied.shares[0], smooth, atol=1e-12)
    assert_allclose(operator.sum(axis=1), 1.0, rtol=1e-12)


@settings(max_examples=25)
@given(replicates(), st.lists(st.floats(-0.2, 1.2), min_size=1, max_size=5))
def test_reading_off_curves(tied: TiedScores, positions: list[float]) -> None:
    values, at = np.cos(tied.scores), np.array(positions)
    found = interpolate_batch(tied, values, at)
    for row, size in enumerate(tied.sizes):
        x, y = tied.scores[row, :size], values[row, :size]
        expected = np.interp(at, x, y)
        expected[(at < x[0]) | (at > x[-1])] = np.nan
        assert_allclose(found[row], expected, atol=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(3, 30))
def test_windows_hold_the_nearest_rows(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.integers(0, 12, size=(2, n)), axis=1).astype(np.float64)
    width = int(rng.integers(1, n + 1))
    first = window_starts(rows, rows, width)
    reach = window_reach(rows, rows, first, width)
    for replicate in range(2):
        for point in range(n):
            distance = np.sort(np.abs(rows[replicate] - rows[replicate, point]))
            assert reach[replicate, point] == distance[width - 1]
            assert 0 <= first[replicate, point] <= n - width


def test_tricube() -> None:
    assert_allclose(tricube(np.array([0.0, 0.5, 1.0, 2.0])), [1.0, (7 / 8) ** 3, 0.0, 0.0])


def test_scores_that_hardly_differ_beside_one_far_away_stay_finite() -> None:
    scores = np.array([0.0, 1e-200, 2e-200, 3e-200, 1.0])
    tied = collapse_ties(scores[None], np.full((1, 5), 6.0), np.array([0.0, 1.0, 0.0, 1.0, 1.0]))
    for smooth in (loess_batch(tied), lowess_batch(tied)):
        assert np.isfinite(smooth).all()


def test_lowess_of_one_patient_is_his_outcome() -> None:
    tied = collapse_ties(np.array([[0.3]]), np.ones((1, 1)), np.ones(1))
    assert lowess_batch(tied).tolist() == [[1.0]]
