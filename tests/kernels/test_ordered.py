"""The smallest distinct values of an ordered column, ranges, and summaries without order."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vertebrisk.kernels import summaries
from vertebrisk.kernels.ordered import first_distinct, middle, ordered_quantiles
from vertebrisk.kernels.ranges import FOLD, ranges


@pytest.mark.parametrize("most", [1, 3, 20])
def test_distinct_values_are_those_of_unique(most: int) -> None:
    ordered = np.sort(np.random.default_rng(1).integers(0, 9, 200).astype(np.float64))
    assert_array_equal(first_distinct(ordered, most), np.unique(ordered)[:most])
    assert first_distinct(ordered[:0], most).size == 0


@pytest.mark.parametrize("by_column", [False, True])
@pytest.mark.parametrize("size", [1, 2 * FOLD, 5 * FOLD + 7])
def test_ranges_are_the_least_and_the_greatest(size: int, by_column: bool) -> None:
    matrix = np.random.default_rng(2).normal(size=(size, 3))
    matrix = np.asfortranarray(matrix) if by_column else matrix
    for place in (0, size // 2, size - 1):
        matrix[place] = [9.0, -9.0, 0.0]
        lowest, greatest = ranges(matrix)
        assert_array_equal(lowest, matrix.min(axis=0))
        assert_array_equal(greatest, matrix.max(axis=0))


SHARES = np.array([0.0, 0.01, 0.5, 0.99, 1.0])
MOST = 10


def long_columns(size: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    step = size // summaries.SAMPLED
    misleading = rng.normal(size=size)
    misleading[::step] = 9.0 + np.arange(misleading[::step].size)  # the sample alone is high
    return {
        "normal": rng.normal(size=size),
        "in order": np.sort(rng.normal(size=size)),
        "constant": np.ones(size),
        "one half": np.where(np.arange(size) < size // 2, 0.0, 1.0),
        "rarely one": (rng.random(size) < 3e-5).astype(np.float64),
        "ages": rng.integers(18, 99, size).astype(np.float64),
        "ten levels": rng.integers(0, 10, size).astype(np.float64),
        "ten, and one more": np.where(np.arange(size) == 7, -77.0, rng.integers(0, 10, size)),
        "a code": np.where(rng.random(size) < 1e-4, 1e9, rng.normal(size=size)),
        "misleading": misleading,
    }


@pytest.mark.parametrize("size", [summaries.MANY - 1, summaries.MANY, summaries.MANY + 1, 200_003])
def test_summary_without_order_is_that_of_the_ordered_values(size: int) -> None:
    for name, values in long_columns(size).items():
        found, ordered = summaries.summary(values, SHARES, MOST), np.sort(values)
        assert_array_equal(found.quantiles, ordered_quantiles(ordered, SHARES), err_msg=name)
        assert found.median == middle(ordered), name
        distinct = np.unique(ordered)
        if distinct.size <= MOST:
            assert_array_equal(found.distinct, distinct, err_msg=name)
        else:
            assert found.distinct.size > MOST, name
            assert_array_equal(found.distinct[[0, -1]], distinct[[0, -1]], err_msg=name)
