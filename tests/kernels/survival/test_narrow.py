"""One value far off: resamples without its row see the other values as they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.cox import MANY, CoxFits, fit_cox_batch
from vertebrisk.kernels.survival.fine_gray import fit_fine_gray_batch
from vertebrisk.kernels.survival.times import SurvivalTimes

FAR, SMALL = 7, 60
RTOL = 1e-8  # the step after the last would move a coefficient by less than 1e-10

Fit = Callable[[FloatArray, IntArray, FloatArray], CoxFits]


def patients(code: float) -> tuple[FloatArray, FloatArray, IntArray]:
    """Columns, times and status; `code` stands in one row of the first column."""
    rng = np.random.default_rng(0)
    columns = np.column_stack([rng.integers(0, 5, SMALL).astype(float), rng.normal(size=SMALL)])
    exit = rng.exponential(np.exp(-0.3 * columns[:, 0]))
    columns[FAR, 0] = code
    return columns, exit, rng.choice(3, SMALL, p=[0.2, 0.6, 0.2])


def cox(exit: FloatArray) -> Fit:
    def fit(columns: FloatArray, status: IntArray, weights: FloatArray) -> CoxFits:
        return fit_cox_batch(columns, SurvivalTimes(exit, status == 1), weights)

    return fit


def fine_gray(exit: FloatArray) -> Fit:
    def fit(columns: FloatArray, status: IntArray, weights: FloatArray) -> CoxFits:
        return fit_fine_gray_batch(columns, exit, status, weights)

    return fit


@pytest.mark.parametrize("kind", [cox, fine_gray])
@pytest.mark.parametrize("replicates", [3, 12])
@pytest.mark.parametrize("code", [1e8, 1e9, 1e12])
def test_a_resample_without_a_far_value_is_fitted_as_if_alone(
    kind: Callable[[FloatArray], Fit], replicates: int, code: float
) -> None:
    columns, exit, status = patients(code)
    drawn = np.random.default_rng(1).multinomial(SMALL, np.full(SMALL, 1 / SMALL), replicates)
    weights = drawn.astype(np.float64)
    weights[: replicates // 2, FAR] = 0.0
    weights[0, columns[:, 0] != 2.0] = 0.0  # one number only, in this resample
    fits = kind(exit)(columns, status, weights)
    assert fits.deficient[0]
    assert fits.rank[0] == 1
    for number in np.flatnonzero(weights[:, FAR] == 0.0):
        held = weights[number] > 0
        alone = kind(exit[held])(columns[held], status[held], weights[[number]][:, held])
        assert_allclose(fits.beta[number], alone.beta[0], rtol=RTOL, atol=1e-12)
        assert_array_equal(fits.rank[number], alone.rank[0])


@pytest.mark.parametrize("kind", [cox, fine_gray])
def test_where_every_resample_lacks_it_each_has_a_scale_of_its_own(
    kind: Callable[[FloatArray], Fit],
) -> None:
    """Two values far apart, each in one resample; nobody else varies there."""
    columns, exit, status = patients(1e12)
    columns[FAR + 1, 0] = -1e12
    weights = np.ones((3, SMALL))
    weights[:2, [FAR, FAR + 1]] = 0.0
    fits = kind(exit)(columns, status, weights)
    assert_array_equal(fits.rank, [2, 2, 2])
    assert_allclose(fits.beta[0], fits.beta[1], rtol=RTOL)
    assert abs(fits.beta[0, 0]) > 0.05


@pytest.mark.parametrize("code", [1e6, 1e8, 1e9])
def test_a_code_that_no_event_is_expected_of_leaves_the_others_their_errors(code: float) -> None:
    rng = np.random.default_rng(0)
    columns = np.column_stack([rng.integers(0, 5, SMALL).astype(float), rng.normal(size=SMALL)])
    exit = rng.exponential(np.exp(0.3 * columns[:, 0]))
    event = rng.random(SMALL) < 0.6
    exit[FAR], event[FAR] = 2.0 * exit.max(), False
    others = np.arange(SMALL) != FAR
    alone = fit_cox_batch(columns[others], SurvivalTimes(exit[others], event[others]))
    columns[FAR, 0] = code
    fit = fit_cox_batch(columns, SurvivalTimes(exit, event))
    assert fit.converged[0]
    # beside the code the others keep seven digits in the scale of their column
    assert_allclose(fit.beta, alone.beta, rtol=1e-6)
    assert_allclose(fit.covariance(), alone.covariance(), rtol=1e-6)


def test_compiled_resamples_beside_a_code_are_those_of_numpy() -> None:
    pytest.importorskip("numba", reason="numba is not installed: compiled kernels are not tested")
    rng = np.random.default_rng(5)
    size = 300
    columns = np.column_stack([rng.normal(60.0, 10.0, size), rng.integers(0, 2, size)])
    linear = 0.03 * (columns[:, 0] - 60.0) + 0.5 * columns[:, 1]
    lasting, followed = rng.exponential(np.exp(-linear)), rng.exponential(1.5, size)
    event, exit = lasting <= followed, np.minimum(lasting, followed)
    far = np.flatnonzero(~event)[np.argsort(exit[~event])[-6]]
    columns[far, 0] = 1e9
    weights = rng.multinomial(size, np.full(size, 1.0 / size), MANY).astype(np.float64)
    weights[:, far] = 1.0
    times = SurvivalTimes(exit, event)
    by_numpy = fit_cox_batch(columns, times, weights)
    compiled.warm_up()
    try:
        fits = fit_cox_batch(columns, times, weights)
    finally:
        compiled.switch_off()
    assert fits.converged.all()
    # of the sixteen digits seven are left to the others, and the last step squares what is left
    assert_allclose(fits.beta, by_numpy.beta, rtol=1e-7)
    assert_allclose(fits.covariance(), by_numpy.covariance(), rtol=1e-7)


def test_a_search_that_still_moves_has_not_ended() -> None:
    """Beside a code of 1e12 the others have no digits to be searched by."""
    rng = np.random.default_rng(0)
    columns = np.column_stack([rng.integers(0, 5, SMALL).astype(float), rng.normal(size=SMALL)])
    exit = rng.exponential(np.exp(0.3 * columns[:, 0]))
    event = rng.random(SMALL) < 0.6
    exit[FAR], event[FAR] = 2.0 * exit.max(), False
    columns[FAR, 0] = 1e12
    assert not fit_cox_batch(columns, SurvivalTimes(exit, event)).converged[0]
