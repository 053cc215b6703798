"""The smallest distinct values of an ordered column, and the ranges of a long matrix."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vertebrisk.kernels.ordered import first_distinct
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
