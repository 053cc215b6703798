"""Stretches of columns are read as if they lay side by side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from tests.counting import CountedColumns

from vertebrisk.engines import stretches
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.stretches import Stretches

BOUNDS = st.sets(st.integers(0, 60), max_size=14).map(sorted)


@settings(max_examples=200, deadline=None)
@given(BOUNDS, st.integers(0, 60), st.integers(0, 60), st.integers(0, 4))
def test_any_rows_are_those_side_by_side(
    bounds: list[int], low: int, high: int, skipped: int
) -> None:
    values = np.arange(60) ** 2
    parts = [slice(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]
    whole = np.concatenate([values[:0], *(values[part] for part in parts)])
    found = Stretches(HeldColumns({"x": values}), tuple(parts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "SKIPPED", skipped)
        assert found.size == whole.size
        assert_array_equal(found.read(slice(low, high), ("x",))["x"], whole[low:high])


def test_short_gaps_are_read_and_long_ones_passed_over() -> None:
    counted = CountedColumns(HeldColumns({"x": np.arange(100_000)}))
    many = [slice(low, low + 9) for low in range(0, 50_000, 10)]
    found = Stretches(counted, (*many, slice(90_000, 100_000)))
    found.read(slice(0, found.size), ("x",))
    assert counted.reads == 2
    assert counted.rows["x"] < 61_000
