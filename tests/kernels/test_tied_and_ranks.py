"""Tied scores, rank sums and quantiles against naive loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.ranks import auc_batch, delong_covariance, midranks
from vertebrisk.kernels.tied import TiedScores, collapse_ties, repeat_rows, weighted_quantiles

Drawn = tuple[FloatArray, FloatArray, FloatArray]


@st.composite
def scored(draw: st.DrawFn) -> Drawn:
    """Scores with ties, whole weights with zeros, and an outcome."""
    seed, n, replicates = draw(st.integers(0, 10_000)), draw(st.integers(2, 25)), 3
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 6, size=(replicates, n)) / 4.0
    weights = rng.integers(0, 4, size=(replicates, n)).astype(np.float64)
    weights[:, 0] = 1.0
    return scores, weights, rng.integers(0, 2, n).astype(np.float64)


def repeated(drawn: Drawn, row: int) -> tuple[FloatArray, FloatArray]:
    scores, weights, target = drawn
    times = weights[row].astype(np.int64)
    return np.repeat(scores[row], times), np.repeat(target, times)


@settings(max_examples=40)
@given(scored())
def test_collapse_against_a_loop(drawn: Drawn) -> None:
    tied = collapse_ties(*drawn)
    for row in range(3):
        values, events = repeated(drawn, row)
        distinct = np.unique(values)
        size = tied.sizes[row]
        assert size == distinct.size
        assert_array_equal(tied.scores[row, :size], distinct)
        assert_array_equal(tied.scores[row, size:], distinct[-1])
        assert_array_equal(tied.counts[row, :size], [np.sum(values == v) for v in distinct])
        assert_array_equal(tied.events[row, :size], [events[values == v].sum() for v in distinct])
        assert_array_equal(tied.counts[row, size:], 0.0)
        assert_array_equal(tied.events[row, size:], 0.0)
        assert tied.totals[row] == values.size


@settings(max_examples=20)
@given(scored())
def test_taking_replicates_keeps_them(drawn: Drawn) -> None:
    tied = collapse_ties(*drawn)
    part = tied.take(np.array([2, 0]))
    for row, source in enumerate((2, 0)):
        size = tied.sizes[source]
        assert_array_equal(part.scores[row, :size], tied.scores[source, :size])
        assert_array_equal(part.counts[row, :size], tied.counts[source, :size])
        assert part.counts[row].sum() == tied.counts[source].sum()
    assert part.scores.shape[1] == max(tied.sizes[2], tied.sizes[0])


def test_tolerance_ties_neighbours_only() -> None:
    scores = np.array([[0.0, 1e-12, 1.0, 1.0 + 5e-10, 2.0]])
    tied = collapse_ties(scores, np.ones((1, 5)), np.array([1.0, 0, 1, 0, 1]), tolerance=1e-9)
    assert tied.sizes[0] == 3
    assert_array_equal(tied.counts[0], [2.0, 2.0, 1.0])
    assert_array_equal(tied.events[0], [1.0, 1.0, 1.0])


def test_rows_of_weight_zero_do_not_tie_their_neighbours() -> None:
    scores = np.array([[0.0, 0.6e-9, 1.2e-9]])
    weights = np.array([[1.0, 0.0, 1.0]])
    tied = collapse_ties(scores, weights, np.zeros(3), tolerance=1e-9)
    assert tied.sizes[0] == 2


def pairs_won(event: FloatArray, score: FloatArray) -> float:
    won = [
        1.0 if case > control else 0.5 if case == control else 0.0
        for case in score[event == 1]
        for control in score[event == 0]
    ]
    return float(np.mean(won)) if won else np.nan


@settings(max_examples=40)
@given(scored())
def test_auc_against_all_pairs(drawn: Drawn) -> None:
    found = auc_batch(collapse_ties(*drawn))
    for row in range(3):
        values, events = repeated(drawn, row)
        assert_allclose(found[row], pairs_won(events, values), rtol=1e-13)


def test_auc_without_both_classes_is_nan() -> None:
    tied = collapse_ties(np.array([[1.0, 2.0]]), np.ones((1, 2)), np.ones(2))
    assert np.isnan(auc_batch(tied)[0])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_midranks_against_counting(values: list[int]) -> None:
    array = np.array(values, dtype=np.float64)
    naive = [np.sum(array < v) + (np.sum(array == v) + 1) / 2 for v in array]
    assert_array_equal(midranks(array), naive)


def naive_delong(event: BoolArray, scores: FloatArray) -> FloatArray:
    """Covariance of two areas by the kernel of every pair, as DeLong writes it."""
    placements = []
    for score in scores:
        difference = score[event][:, None] - score[~event][None, :]
        wins = np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))
        placements.append((wins.mean(axis=1), wins.mean(axis=0)))
    m, n = event.sum(), (~event).sum()
    size = len(scores)
    covariance = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            parts = []
            for side, count in ((0, m), (1, n)):
                a, b = placements[i][side], placements[j][side]
                parts.append(np.sum((a - a.mean()) * (b - b.mean())) / (count - 1) / count)
            covariance[i, j] = sum(parts)
    return covariance


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(6, 30))
def test_delong_against_all_pairs(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    event = np.arange(n) < max(2, n // 3)
    scores = rng.integers(0, 8, size=(2, n)).astype(np.float64)
    areas, covariance = delong_covariance(event, scores)
    for row in range(2):
        assert_allclose(areas[row], pairs_won(event.astype(float), scores[row]), rtol=1e-12)
    assert_allclose(covariance, naive_delong(event, scores), rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("events", [1, 4])
def test_delong_with_a_single_patient_in_a_class(events: int) -> None:
    areas, covariance = delong_covariance(np.arange(5) < events, np.arange(5.0)[None])
    assert areas[0] == 0.0
    assert np.isnan(covariance).all()


@settings(max_examples=40)
@given(scored(), st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), min_size=1, max_size=4))
def test_weighted_quantiles_against_repeated_values(drawn: Drawn, levels: list[float]) -> None:
    tied = collapse_ties(*drawn)
    values = np.abs(np.sin(3.0 * tied.scores))  # not in the order of the scores
    found = weighted_quantiles(tied, values, tuple(levels))
    for row in range(3):
        times = tied.counts[row].astype(np.int64)
        whole = np.repeat(values[row], times)
        assert_allclose(found[:, row], np.quantile(whole, levels), rtol=1e-10, atol=1e-14)


def test_repeat_rows() -> None:
    tied = TiedScores(
        np.array([[1.0, 2.0, 2.0], [1.0, 2.0, 3.0]]),
        np.array([[1.0, 3.0, 0.0], [2.0, 1.0, 1.0]]),
        np.zeros((2, 3)),
        np.array([2, 3]),
    )
    assert_array_equal(repeat_rows(tied, tied.scores), [[1, 2, 2, 2], [1, 1, 2, 3]])
