"""Kernels of repeated scores against brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.paired import holm, noncentral_t_limits, signed_rank
from vertebrisk.kernels.random_intercept import fit_random_intercept
from vertebrisk.kernels.repeated import repeated_anova


@pytest.mark.parametrize("seed", range(6))
def test_exact_signed_rank_is_the_share_of_all_signs(seed: int) -> None:
    differences = np.random.default_rng(seed).normal(0.4, 1.0, 9)
    found = signed_rank(differences)
    assert found.exact
    ranks = np.argsort(np.argsort(np.abs(differences))) + 1
    sums = np.array([ranks[np.array(signs)].sum() for signs in product([True, False], repeat=9)])
    extreme = np.abs(sums - 22.5) >= abs(found.statistic - 22.5)
    assert found.p_value == pytest.approx(min(1.0, float(extreme.mean())))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=30))
def test_turning_all_signs_turns_the_effect(values: list[float]) -> None:
    one, other = signed_rank(np.array(values)), signed_rank(-np.array(values))
    if one.n:
        assert one.p_value == pytest.approx(other.p_value)
        assert one.rank_biserial == pytest.approx(-other.rank_biserial)
        assert -1 <= one.rank_biserial <= 1


def test_holm_by_hand() -> None:
    adjusted = holm(np.array([0.01, np.nan, 0.04, 0.03]))
    assert_allclose(adjusted, [0.03, np.nan, 0.06, 0.06])


def test_limits_of_a_zero_t_are_those_of_the_normal() -> None:
    assert_allclose(noncentral_t_limits(0.0, 7, 0.95), [-1.959963985, 1.959963985], atol=1e-8)


def restricted(log_ratio: float, X: FloatArray, y: FloatArray, patients: IntArray) -> float:
    """Minus twice the restricted log likelihood, by the whole covariance matrix."""
    same = patients[:, None] == patients[None, :]
    V = np.eye(y.size) + np.exp(log_ratio) * same
    inverse = np.linalg.inv(V)
    cross = X.T @ inverse @ X
    residual = y - X @ np.linalg.solve(cross, X.T @ inverse @ y)
    df = y.size - X.shape[1]
    rss = float(residual @ inverse @ residual)
    logarithms = np.linalg.slogdet(V)[1] + np.linalg.slogdet(cross)[1]
    return float(df * (1 + np.log(2 * np.pi * rss / df)) + logarithms)


@pytest.mark.parametrize("seed", range(4))
def test_random_intercept_is_the_top_of_the_restricted_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(12), 3)[rng.permutation(36)[:30]]
    _, patients = np.unique(patients, return_inverse=True)
    X = np.column_stack([np.ones(30), rng.normal(size=30)])
    y = X @ [1.0, 2.0] + rng.normal(0, 1.5, 12)[patients % 12] + rng.normal(size=30)
    found = fit_random_intercept(X, y, patients)
    assert found is not None
    best = optimize.minimize_scalar(
        restricted, bracket=(-1.0, 1.0), args=(X, y, patients), options={"xtol": 1e-10}
    )
    assert -2 * found.log_likelihood <= best.fun + 1e-9
    ratio = found.between_variance / found.within_variance
    assert ratio == pytest.approx(np.exp(best.x), rel=1e-5)  # the top is flat for the search


def test_values_that_the_design_explains_entirely_have_no_fit() -> None:
    X = np.column_stack([np.ones(6), np.arange(6.0)])
    assert fit_random_intercept(X, X @ [1.0, 2.0], np.array([0, 0, 1, 1, 2, 2])) is None


@settings(max_examples=30, deadline=None)
@given(shift=st.floats(-50, 50), seed=st.integers(0, 50))
def test_a_shift_of_each_patient_changes_no_effect_within(shift: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(8, 4))
    moved = scores + shift * rng.normal(size=(8, 1))
    one, other = repeated_anova(scores), repeated_anova(moved)
    assert one.visit.statistic == pytest.approx(other.visit.statistic, rel=1e-6)
    assert one.sphericity.w == pytest.approx(other.sphericity.w, rel=1e-6)
