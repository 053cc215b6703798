"""A code far off in one row does not hide the others from the replicates without it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.compiled.newton import fit_patterns
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch

Fit = Callable[[FloatArray, FloatArray, FloatArray, BoolArray], LogisticFits]


def batched(
    design: FloatArray, target: FloatArray, weights: FloatArray, mask: BoolArray
) -> LogisticFits:
    return fit_logistic_batch(design, target, weights, mask=mask)


@pytest.mark.parametrize("fit", [batched, fit_patterns])
@pytest.mark.parametrize("code", [1e9, 1e12])
def test_each_replicate_is_fitted_on_the_scale_of_its_rows(fit: Fit, code: float) -> None:
    rng = np.random.default_rng(3)
    age = rng.normal(60.0, 10.0, 120)
    target = (rng.random(120) < 1.0 / (1.0 + np.exp(-(age - 60.0) / 10.0))).astype(np.float64)
    age[5] = code
    design = np.column_stack([np.ones(120), age, rng.integers(0, 2, 120)])
    weights = rng.multinomial(120, np.full(120, 1.0 / 120.0), size=8).astype(np.float64)
    mask = np.ones((8, 3), dtype=np.bool_)
    mask[::3, 2] = False
    found = fit(design, np.tile(target, (8, 1)), weights, mask)
    without = np.flatnonzero(weights[:, 5] == 0)
    assert 1 < without.size < 8
    for replicate in without:
        alone = [replicate]
        expected = batched(design, target, weights[alone], mask[alone])
        assert_array_equal(found.rank[replicate], expected.rank[0])
        assert_array_equal(found.converged[replicate], expected.converged[0])
        assert_allclose(found.beta[replicate], expected.beta[0], rtol=1e-8, atol=1e-12)
        assert_allclose(found.log_likelihood[replicate], expected.log_likelihood[0], rtol=1e-12)


@pytest.mark.parametrize("fit", [batched, fit_patterns])
def test_information_is_told_on_one_scale(fit: Fit) -> None:
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(80, 2))
    columns[7, 0] = 1e4
    target = (rng.random(80) < 0.4).astype(np.float64)
    design = np.column_stack([np.ones(80), columns])
    weights = np.ones((2, 80))
    weights[1, 7] = 0.0
    for use in ([True, True, True], [True, True, False]):
        mask = np.array([use, use])
        found = fit(design, np.tile(target, (2, 1)), weights, mask)
        expected = batched(design, target, weights[1:], mask[1:])
        assert_allclose(found.covariance(1), expected.covariance(0), rtol=1e-4)
