"""Compiled sums of a logistic regression over a table are those of NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import count_calls

from vertebrisk._types import FloatArray
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.held_logistic import fit_logistic_held
from vertebrisk.kernels import compiled
from vertebrisk.kernels.newton import MANY
from vertebrisk.kernels.streamed.logistic import curvature, slopes
from vertebrisk.kernels.streamed.rows import Rows

pytest.importorskip("numba")

RTOL = 1e-12  # sums are made in another order, of some ten thousand numbers
MODULE = "vertebrisk.kernels.compiled.regression"


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    compiled.switch_off()
    yield
    compiled.switch_off()


def invented(columns: int, size: int, away: float) -> tuple[FloatArray, FloatArray]:
    """A table with gaps between its rows, shape (p, n), and outcomes."""
    rng = np.random.default_rng(columns)
    table = rng.normal(away, 1.0, (columns, size + 7))[:, 3 : size + 3]
    return table, (rng.random(size) < 0.3).astype(np.float64)


@pytest.mark.parametrize("away", [0.0, 6.0, 700.0])  # spreads of the means from zero
@pytest.mark.parametrize("columns", [1, 2, 3, 20, 41])
@pytest.mark.parametrize("size", [1, 255, 256, 4097, 9000])
def test_sums_are_those_of_numpy(columns: int, size: int, away: float) -> None:
    table, target = invented(columns, size, away)
    target.flags.writeable = False
    rows = Rows(tuple(table), target, whole=True, table=table)
    centre = np.full(columns, away)
    beta = np.random.default_rng(size).normal(0.0, 0.3, 1 + columns)
    for sums in (slopes, curvature):
        expected = sums(rows, centre, beta, away)
        compiled.warm_up()
        found = sums(rows, centre, beta, away)
        compiled.switch_off()
        lost = RTOL * max(1.0, away)  # what linear predictors lose to means that are far from zero
        for each, other in zip(found, expected, strict=True):
            assert each.shape == other.shape
            assert_allclose(each, other, rtol=lost, atol=lost * max(1.0, np.abs(other).max()))


@pytest.mark.parametrize("far", [-900.0, 900.0])
def test_certain_outcomes_weigh_nothing(far: float) -> None:
    table, target = invented(2, 300, 0.0)
    rows = Rows(tuple(table), target, whole=True, table=table)
    beta = np.array([far, 1.0, -1.0])
    expected = curvature(rows, np.zeros(2), beta, 0.0)
    compiled.warm_up()
    for each, other in zip(curvature(rows, np.zeros(2), beta, 0.0), expected, strict=True):
        assert_allclose(each, other, rtol=RTOL, atol=1e-290)


def test_a_fit_of_many_is_that_of_numpy_and_of_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    table, target = invented(4, MANY + 2000, 2.0)
    expected = fit_logistic_held(table.T, target, LocalEngine(1))
    compiled.warm_up()
    passes = count_calls(monkeypatch, MODULE, "curvature_of_table")
    one = fit_logistic_held(table.T, target, LocalEngine(1))
    other = fit_logistic_held(table.T, target, LocalEngine(3))
    assert passes.count > 0
    assert expected is not None
    assert one is not None
    assert other is not None
    assert_array_equal(one.beta, other.beta)
    assert_array_equal(one.scaled_information, other.scaled_information)
    assert_allclose(one.beta, expected.beta, rtol=1e-10)
    assert_allclose(one.covariance(), expected.covariance(), rtol=1e-10)
    assert_allclose(one.log_likelihood, expected.log_likelihood, rtol=1e-12)


@pytest.mark.parametrize("lacks", ["weights", "offset", "order"])
def test_what_the_kernel_does_not_know_is_left_to_numpy(
    lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, target = invented(3, 500, 0.0)
    some = np.random.default_rng(1).random(500)
    each = np.asfortranarray(table) if lacks == "order" else table
    rows = Rows(
        tuple(each),
        target,
        some if lacks == "weights" else None,
        some if lacks == "offset" else None,
        whole=True,
        table=each,
    )
    beta = np.array([0.2, 0.1, -0.3, 0.4])
    expected = curvature(rows, np.zeros(3), beta, 0.0)
    compiled.warm_up()
    called = count_calls(monkeypatch, MODULE, "curvature_of_table")
    for found, other in zip(curvature(rows, np.zeros(3), beta, 0.0), expected, strict=True):
        assert_array_equal(found, other)
    assert called.count == 0
