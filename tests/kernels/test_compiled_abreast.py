"""Logistic models that are fitted side by side do not know of each other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.newton import fit_logistic_batch

pytest.importorskip("numba")

REPLICATES = 70


def drawn() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Design of 21 patterns, shares of events and weights of replicates; some are separated."""
    random = np.random.default_rng(5)
    design = np.column_stack([np.ones(21), random.normal(size=(21, 2)), np.arange(21) % 3 == 0])
    weights = random.multinomial(60, np.full(21, 1 / 21), REPLICATES).astype(np.float64)
    events = random.binomial(weights.astype(np.int64), 0.3)
    events[::9] = np.where(design[:, 1] > 0.0, weights[::9], 0.0)
    target = np.where(weights > 0.0, events / np.where(weights > 0.0, weights, 1.0), 0.0)
    return design, target, weights


def climbed(
    design: FloatArray, target: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray, BoolArray]:
    """Coefficients, information, log-likelihood, iterations, and who was soon done."""
    from vertebrisk.kernels.compiled.abreast import climb

    replicates, size = weights.shape[0], design.shape[1]
    beta, information = np.zeros((replicates, size)), np.zeros((replicates, size, size))
    likelihood, iterations = np.zeros(replicates), np.zeros(replicates, dtype=np.int64)
    regular = np.zeros(replicates, dtype=np.bool_)
    x = np.ascontiguousarray(design.T)
    climb(x, target, weights, beta, information, likelihood, iterations, regular)
    return beta, information, likelihood, iterations, regular


def test_a_replicate_is_fitted_as_it_is_alone() -> None:
    design, target, weights = drawn()
    together = climbed(design, target, weights)
    for place in (0, 1, 31, 32, 69):
        alone = climbed(design, target[[place]], weights[[place]])
        for ours, own in zip(together, alone, strict=True):
            assert_array_equal(ours[[place]], own)


def test_those_that_are_soon_done_are_those_of_numpy() -> None:
    design, target, weights = drawn()
    beta, information, likelihood, iterations, regular = climbed(design, target, weights)
    reference = fit_logistic_batch(design, target, weights)
    assert reference.separated.sum() >= 8
    assert not regular[reference.separated].any()
    assert regular.sum() >= 0.9 * reference.converged.sum()
    assert_allclose(beta[regular], reference.beta[regular], 1e-10, 1e-10)
    assert_allclose(likelihood[regular], reference.log_likelihood[regular], 1e-12)
    assert_array_equal(iterations[regular], reference.iterations[regular])
    covariance = np.linalg.inv(information[regular])
    for place, own in zip(np.flatnonzero(regular), covariance, strict=True):
        assert_allclose(own, reference.covariance(int(place)), 1e-8, 1e-10)


def test_dependent_columns_are_left_alone() -> None:
    design, target, weights = drawn()
    doubled = np.column_stack([design, design[:, 1] + design[:, 2]])
    assert not climbed(doubled, target, weights)[-1].any()
