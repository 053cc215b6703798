"""A maximum-likelihood estimate as proof that nothing separates, against the linear programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vertebrisk.kernels.newton import fit_logistic_batch, proves_overlap
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.kernels.separation import overlaps


def both(matrix: np.ndarray, event: np.ndarray) -> tuple[bool, bool]:
    """What the estimate proves, and what the programme finds."""
    patterns = find_patterns(matrix)
    total, events = (each[0] for each in patterns.count(np.ones((1, event.size)), event))
    side = np.where(events == total, 1, np.where(events == 0, -1, 0))
    rows = np.column_stack([np.ones(total.size), patterns.rows])
    fits = fit_logistic_batch(rows, events / total, total[None])
    return proves_overlap(fits, rows), overlaps(rows, side)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(8, 60),
    columns=st.integers(1, 4),
    steepness=st.floats(0.0, 20.0),
    cut=st.booleans(),
    unit=st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_what_is_proved_is_what_the_programme_finds(
    seed: int, n: int, columns: int, steepness: float, cut: bool, unit: float
) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n, columns))
    if cut:
        matrix = np.round(matrix)
    risk = 1.0 / (1.0 + np.exp(-steepness * matrix[:, 0]))
    event = (rng.random(n) < risk).astype(np.float64)
    proved, overlapping = both(matrix * unit, event)
    assert overlapping or not proved


def test_ordinary_patients_need_no_programme() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(200, 5))
    event = (rng.random(200) < 1.0 / (1.0 + np.exp(-matrix[:, 0]))).astype(np.float64)
    assert both(matrix, event) == (True, True)


@pytest.mark.parametrize("gap", [1.0, 1e-3, 1e-9])
def test_separation_is_never_proved_away(gap: float) -> None:
    """One patient of either outcome at the threshold, or hardly apart from it."""
    values = np.concatenate([-np.arange(1.0, 20.0), [0.0, gap], gap + np.arange(1.0, 20.0)])
    event = (values > 0.5 * gap).astype(np.float64)
    assert both(values[:, None], event) == (False, False)


def test_dependent_columns_are_left_to_the_programme() -> None:
    rng = np.random.default_rng(1)
    one = rng.normal(size=(80, 1))
    event = (rng.random(80) < 0.4).astype(np.float64)
    assert both(np.column_stack([one, 2.0 * one]), event) == (False, True)
