"""Round numbers as R's pretty; bootstrap resamples that depend on seed and number only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.reference import loader

from vertebrisk.kernels import resamples
from vertebrisk.kernels.pretty import pretty
from vertebrisk.kernels.resamples import (
    bootstrap_counts,
    bootstrap_weights,
    uniform_draws,
    weights_from_indices,
)

PRETTY = loader.load("nomogram")["pretty"]


def case_id(case: dict[str, Any]) -> str:
    return f"{case['low']}-{case['high']}-{case['n']}"


@pytest.mark.parametrize("case", PRETTY, ids=case_id)
def test_pretty(case: dict[str, Any]) -> None:
    found = pretty(case["low"], case["high"], case["n"])
    assert found.size == len(case["ticks"])
    # R writes 0.30000000000000004 where this has 0.3: one last digit
    assert_allclose(found, case["ticks"], rtol=1e-14, atol=1e-16)


def test_there_are_sixty_cases() -> None:
    assert len(PRETTY) == 60


def test_ticks_print_short() -> None:
    assert pretty(0.0, 1.0, 10).tolist() == [k / 10 for k in range(11)]


@given(st.floats(-1e6, 1e6), st.floats(0.0, 1e6), st.integers(2, 20))
def test_ticks_cover_and_are_even(low: float, span: float, count: int) -> None:
    ticks = pretty(low, low + span, count)
    # R takes a value within 1e-10 of a unit for the mark itself
    slack = 1e-9 * float(np.ptp(ticks)) + 1e-12 * max(abs(low), abs(low + span))
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + span - slack
    if ticks.size > 2:
        steps = np.diff(ticks)
        # marks far from zero are known to their last digit only, and so are their differences
        assert_allclose(steps, steps[0], rtol=1e-6, atol=4e-16 * float(np.abs(ticks).max()))


@settings(max_examples=20)
@given(st.integers(0, 2**40), st.integers(1, 30), st.integers(1, 12))
def test_resamples_are_draws_with_replacement(seed: int, size: int, count: int) -> None:
    weights = bootstrap_weights(size, count, seed)
    assert weights.shape == (count, size)
    assert_array_equal(weights.sum(axis=1), size)
    assert (weights == np.round(weights)).all()
    assert (weights >= 0).all()


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 20))
def test_the_first_resamples_do_not_depend_on_how_many_follow(
    seed: int, few: int, more: int
) -> None:
    first = bootstrap_weights(17, few, seed)
    assert_array_equal(bootstrap_weights(17, few + more, seed)[:few], first)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bootstrap_weights(13, 50, 5)
    monkeypatch.setattr(resamples, "BLOCK", 40)
    assert_array_equal(bootstrap_weights(13, 50, 5), whole)


def test_seeds_and_replicates_differ() -> None:
    a, b = bootstrap_weights(50, 20, 1), bootstrap_weights(50, 20, 2)
    assert not (a == b).all(axis=1).any()
    assert np.unique(a, axis=0).shape[0] == 20


@pytest.mark.parametrize("cached", [1, 40, 10_000])
def test_cells_of_resamples_are_the_sums_of_their_rows(
    cached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resamples, "CACHED", cached)
    cells = np.random.default_rng(1).integers(0, 5, 17)
    counts = bootstrap_counts(cells, 6, 9, 3, first=2)
    weights = bootstrap_weights(17, 9, 3, first=2)
    for cell in range(6):
        assert_array_equal(counts[:, cell], weights[:, cells == cell].sum(axis=1))


def test_draws_are_uniform_and_independent() -> None:
    draws = uniform_draws(3, np.arange(200), 500, 10)
    assert draws.min() == 0
    assert draws.max() == 9
    counts = np.bincount(draws.ravel(), minlength=10)
    # chi-square of 9 degrees of freedom: 27.9 is exceeded once in a thousand
    assert np.sum((counts - 10_000) ** 2 / 10_000) < 27.9
    centred = draws - 4.5
    # neighbours in a replicate and in a column: correlation within 4 errors of 1 / sqrt(10^5)
    for shifted in (centred[:, 1:] * centred[:, :-1], centred[1:] * centred[:-1]):
        assert abs(shifted.mean() / np.mean(centred**2)) < 4 / np.sqrt(1e5)


def test_whole_patients_are_drawn() -> None:
    clusters = np.array([0, 0, 1, 2, 2, 2, 3])
    weights = bootstrap_weights(7, 40, 9, clusters)
    for patient in range(4):
        own = weights[:, clusters == patient]
        assert_array_equal(own, own[:, :1].repeat(own.shape[1], axis=1))
    first = [np.flatnonzero(clusters == patient)[0] for patient in range(4)]
    assert_array_equal(weights[:, first].sum(axis=1), 4.0)
    assert np.unique(weights.sum(axis=1)).size > 1  # rows vary, patients do not


def test_indices_become_frequencies() -> None:
    indices = np.array([[0, 0, 2], [1, 1, 1]])
    assert_array_equal(weights_from_indices(indices, 3), [[2, 0, 1], [0, 3, 0]])
