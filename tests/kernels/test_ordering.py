"""The order of values, by digits where they are short whole numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vertebrisk.kernels.ordering import SHORT, quick_order, short_numbers, stable_order


@pytest.mark.parametrize(
    ("lowest", "scale", "short"),
    [(0.0, 1.0, True), (0.0, 0.5, False), (-1.0, 1.0, False), (SHORT - 100.0, 1.0, False)],
)
def test_values_are_put_into_order(lowest: float, scale: float, short: bool) -> None:
    drawn = np.random.default_rng(1).integers(0, 200, 1000)
    values = np.asarray(lowest + scale * drawn, np.float64)
    assert short_numbers(values) is short
    assert_array_equal(values[quick_order(values)], np.sort(values))


def test_nothing_is_in_order() -> None:
    assert quick_order(np.empty(0)).size == 0


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_equal_values_keep_their_order(scale: float) -> None:
    values = scale * np.random.default_rng(2).integers(0, 30, 1000)
    assert_array_equal(stable_order([values]), np.argsort(values, kind="stable"))
    assert stable_order([np.empty(0)]).size == 0
