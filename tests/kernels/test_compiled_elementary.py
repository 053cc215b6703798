"""Compiled exponentials and logarithms are right to a few units in the last place."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import FloatArray

pytest.importorskip("numba", reason="numba is not installed: compiled kernels are not tested")

LAST_PLACES = 4 * 2.0**-52  # what the docstring says, and one for NumPy's own


def below_zero() -> FloatArray:
    """Numbers of every size, and those half way between two powers of two."""
    random = np.random.default_rng(7)
    halves = np.log(2.0) * (np.arange(1000) + 0.5)
    return -np.concatenate([np.logspace(-320, 2.85, 5000), random.uniform(0, 700, 5000), halves])


def test_exponentials() -> None:
    from vertebrisk.kernels.compiled.elementary import exponential

    values = below_zero()
    found = np.array([exponential(value) for value in values])
    assert_allclose(found, np.exp(values), LAST_PLACES)
    assert exponential(0.0) == 1.0
    lowest = np.array([exponential(value) for value in (-709.0, -1e9, -np.inf)])
    assert_array_equal(lowest > 0.0, True)
    assert lowest.max() < 1e-300


def test_logarithms() -> None:
    from vertebrisk.kernels.compiled.elementary import log_of_one_and

    values = np.concatenate([np.logspace(-308, 0, 5000), np.linspace(0.0, 1.0, 5000)])
    found = np.array([log_of_one_and(value) for value in values])
    assert_allclose(found, np.log1p(values), LAST_PLACES)
