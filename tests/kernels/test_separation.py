"""A maximum-likelihood estimate as proof that nothing separates, against the linear programme."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counting import count_calls

from vertebrisk import fit_logistic
from vertebrisk._types import FloatArray
from vertebrisk.kernels.finite import step_proves_overlap
from vertebrisk.kernels.firth.logistic import fit_firth_batch
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


def test_a_short_step_proves_that_nothing_separates() -> None:
    """Against the linear programme, from coefficients near the estimate and far from it."""
    rng = np.random.default_rng(11)
    proved, separated = 0, 0
    for turn in range(200):
        size = 100 if turn % 2 else 15
        columns = np.column_stack([np.ones(size), rng.normal(size=(size, 2))])
        slopes = np.array([0.0, 3.0, -2.0]) * 15.0 / size
        event = (columns @ slopes + rng.logistic(size=size) > 0).astype(float)
        apart = not overlaps(columns, np.where(event > 0, 1, -1).astype(np.int64))
        beta = fit_firth_batch(columns, event, np.ones((1, size))).beta[0]
        for start in (beta, np.zeros(3), rng.normal(size=3) * 5.0):
            assert not (apart and _proved(columns, event, start))
        proved += _proved(columns, event, beta)
        separated += apart
    assert separated > 20
    assert proved >= 99  # all of the larger, and few of the smaller


def _proved(columns: FloatArray, event: FloatArray, start: FloatArray) -> bool:
    return step_proves_overlap(columns, columns @ start, event, np.ones(event.size))


def test_firths_estimate_needs_no_other_to_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    data = pl.DataFrame({"x": rng.normal(size=200), "y": rng.random(200) < 0.3})
    calls = count_calls(monkeypatch, "vertebrisk.models.separation", "fit_logistic_batch")
    fit_logistic("y ~ x", data, estimator="firth")
    assert calls.count == 0
