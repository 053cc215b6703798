"""Knots over a stream stand where those of the values stand, to the bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from vertebrisk._types import FloatArray
from vertebrisk.design.scanned_knots import knots_of_scan
from vertebrisk.design.splines import knots
from vertebrisk.design.terms import WrittenFactor
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.errors import FitError
from vertebrisk.kernels.streamed.values import FEW, counted_together, counted_values

SIZE = 700


def drawn(kind: int, rng: np.random.Generator) -> FloatArray:
    values = rng.normal(size=SIZE)
    shapes = (
        values,
        rng.integers(0, 40, SIZE) * 0.1,
        rng.integers(0, 300, SIZE) * 0.1,
        np.where(rng.random(SIZE) < 0.2, 0.0, np.exp(values)),
        np.where(rng.random(SIZE) < 0.1, 9.0, values),
        np.clip(values, -1.0, 1.0),
        np.where(rng.random(SIZE) < 0.9, 0.0, values**2),
        np.where(rng.random(SIZE) < 0.05, np.nan, values),
    )
    return np.asarray(shapes[kind], dtype=np.float64)


def outcome(placed: Callable[[], FloatArray]) -> FloatArray | str:
    """Knots, or why there are none."""
    try:
        return placed()
    except FitError as error:
        return str(error)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 7), st.integers(3, 7), st.integers(0, 1000))
def test_equal_those_of_the_values(kind: int, count: int, seed: int) -> None:
    values = drawn(kind, np.random.default_rng(seed))
    columns, engine = HeldColumns({"x": values}), LocalEngine(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "CHUNK", 64)
        counts = engine.reduce(
            columns, ["x"], lambda chunk: counted_values(chunk.values["x"]), counted_together
        )
        known = values[~np.isnan(values)]
        assert counts.size == known.size
        assert counts.few == (np.unique(known).size <= FEW)
        written = WrittenFactor("x", "rcs", knot_count=count)
        expected = outcome(lambda: knots(known, count, "'x'"))
        found = outcome(lambda: knots_of_scan(engine, columns, written, counts))
        assert_array_equal(found, expected)
