"""Codes far off are no infinite estimates: of some columns only, and in matched sets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from tests.kernels.survival.test_runaway import has_no_maximum, patients

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.conditional.fitting import fit_conditional_batch
from vertebrisk.kernels.conditional.sets import MatchedSets
from vertebrisk.kernels.survival.cox import fit_cox_batch


def test_a_column_left_out_proves_nothing_of_the_others() -> None:
    """With both columns the likelihood has no maximum, with the first alone it has."""
    columns, times = patients(np.random.default_rng([149, 3]), 3)
    assert has_no_maximum(columns, times)
    assert not has_no_maximum(columns[:, :1], times)
    masks = np.array([[True, False], [True, True]])
    found = fit_cox_batch(columns, times, np.ones((2, times.size)), mask=masks)
    assert found.converged.tolist() == [True, False]
    assert found.separated.tolist() == [False, True]


def members(seed: int, code: float) -> tuple[FloatArray, BoolArray, IntArray]:
    """Sets of two to four, some with several cases; three patients have the code."""
    rng = np.random.default_rng(seed)
    count, size, width = (int(rng.integers(*ends)) for ends in ((10, 40), (2, 5), (1, 5)))
    sets, event = np.repeat(np.arange(count), size), np.zeros(count * size, dtype=np.bool_)
    for each in range(count):
        cases = int(rng.integers(1, size)) if rng.random() < 0.4 else 1
        event[each * size + rng.permutation(size)[:cases]] = True
    columns = rng.normal(size=(sets.size, width))
    columns[:, width // 2 :] = columns[:, width // 2 :] > 0.3
    columns += event[:, None] * rng.normal(0.0, 0.5, width)
    if code:
        columns[rng.integers(0, sets.size, 3), rng.integers(width)] = code
    return columns, event, sets


def is_separated(columns: FloatArray, event: BoolArray, sets: IntArray) -> bool:
    """Whether some direction puts the cases of every set above its controls."""
    gaps = np.vstack(
        [
            columns[one] - columns[(sets == sets[one]) & ~event]
            for one in np.flatnonzero(event)
            if (~event[sets == sets[one]]).any()
        ]
    )
    gaps = gaps / np.abs(gaps).max(axis=0)
    gaps /= np.abs(gaps).max(axis=1, keepdims=True, where=gaps != 0, initial=1e-300)
    found = linprog(
        -gaps.sum(axis=0),
        A_ub=-gaps,
        b_ub=np.zeros(gaps.shape[0]),
        bounds=[(-1.0, 1.0)] * gaps.shape[1],
        method="highs",
    )
    return bool(-found.fun > 1e-7)


@pytest.mark.parametrize(
    "code", [9999.0, *(pytest.param(code, marks=pytest.mark.slow) for code in (0.0, 1e6))]
)
def test_matched_sets_are_separated_where_the_linear_programme_says_so(code: float) -> None:
    """All others are fitted; of 60 designs with codes one may remain without an estimate."""
    wrong = separated = 0
    for seed in range(60):
        columns, event, sets = members(seed, code)
        truth = is_separated(columns, event, sets)
        weights = np.ones((1, sets.size))
        found = fit_conditional_batch(columns, MatchedSets.of(event, sets), weights)
        assert not (truth and found.converged[0] and not found.separated[0]), seed
        wrong += bool(found.separated[0]) != truth
        separated += truth
    assert 3 < separated < 30
    assert wrong <= (1 if code else 0)
