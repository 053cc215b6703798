"""Regressions of one input on the others, the scale that has no skewness, and the draws' places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize, special, stats

from vertebrisk.kernels.imputation import sweeps
from vertebrisk.kernels.imputation.conditionals import (
    FARTHEST,
    NEAREST,
    level_regression,
    normal_regression,
    ordered_regression,
    zero_skewness,
)
from vertebrisk.kernels.imputation.sweeps import DRAWS, Conditional, missing_draws
from vertebrisk.kernels.mixtures import mixture_quantile

RNG = np.random.default_rng(17)
N = 120
COLUMNS = np.column_stack([RNG.normal(size=N), RNG.random(N) < 0.3]).astype(np.float64)
WEIGHTS = RNG.uniform(0.5, 1.5, N)
WEIGHTS /= WEIGHTS.mean()
VARIANCES = np.array(
    [np.average((each - np.average(each, weights=WEIGHTS)) ** 2, weights=WEIGHTS)
     for each in COLUMNS.T]
)  # fmt: skip
DESIGN = np.column_stack([np.ones(N), COLUMNS])
LINEAR = DESIGN @ np.array([-0.2, 0.9, -0.7])
# BFGS stops at a gradient of 1e-8, which leaves the coefficients that far from the maximum.
RTOL = 1e-5


def maximum(likelihood: object, size: int) -> np.ndarray:
    found = optimize.minimize(likelihood, np.zeros(size), method="BFGS", options={"gtol": 1e-8})
    return np.asarray(found.x)


def test_a_number_by_least_squares_with_a_penalty_of_one_row() -> None:
    values = LINEAR + RNG.normal(size=N)
    beta, variance = normal_regression(COLUMNS, values, WEIGHTS)

    def loss(b: np.ndarray) -> float:
        return float(WEIGHTS @ (values - DESIGN @ b) ** 2 + VARIANCES @ b[1:] ** 2)

    assert_allclose(beta, maximum(loss, 3), rtol=RTOL)
    # The mean stays that of the data: the constant is not penalised.
    assert_allclose(WEIGHTS @ (values - DESIGN @ beta), 0.0, atol=1e-10)
    squares = WEIGHTS @ (values - DESIGN @ beta) ** 2
    assert squares / N < variance < squares / (N - 3)  # the penalty takes part of 3 columns


@pytest.mark.parametrize("levels", [2, 3])
def test_levels_by_penalised_multinomial_regression(levels: int) -> None:
    codes = RNG.integers(0, levels, N)
    codes[LINEAR > 0.4] = levels - 1
    found = level_regression(COLUMNS, codes, levels, WEIGHTS)

    def loss(b: np.ndarray) -> float:
        beta = b.reshape(levels - 1, 3)
        linear = np.column_stack([np.zeros(N), DESIGN @ beta.T])
        own = np.take_along_axis(special.log_softmax(linear, axis=1), codes[:, None], axis=1)
        return float(-WEIGHTS @ own[:, 0] + 0.5 * np.sum(VARIANCES * beta[:, 1:] ** 2))

    assert_allclose(found.ravel(), maximum(loss, 3 * (levels - 1)), rtol=RTOL)
    linear = np.column_stack([np.zeros(N), DESIGN @ found.T])
    risks = special.softmax(linear, axis=1)
    shares = np.bincount(codes, WEIGHTS, minlength=levels)
    assert_allclose(WEIGHTS @ risks, shares, rtol=1e-6)  # the last Newton step is that small


def test_ordered_levels_by_penalised_proportional_odds() -> None:
    codes = np.digitize(LINEAR + RNG.logistic(size=N), [-0.8, 0.4])
    theta = ordered_regression(COLUMNS, codes, 3, WEIGHTS)

    def loss(t: np.ndarray) -> float:
        cuts = np.array([-np.inf, t[0], t[0] + np.exp(t[1]), np.inf])
        below = special.expit(cuts[None, :] - (COLUMNS @ t[2:])[:, None])
        own = np.take_along_axis(np.diff(below, axis=1), codes[:, None], axis=1)[:, 0]
        return float(-WEIGHTS @ np.log(own) + 0.5 * VARIANCES @ t[2:] ** 2)

    best = maximum(loss, 4)
    expected = [best[0], best[0] + np.exp(best[1]), *best[2:]]
    assert_allclose(theta, expected, rtol=RTOL, atol=1e-6)


def test_separated_levels_keep_finite_coefficients() -> None:
    codes = (COLUMNS[:, 0] > 0.2).astype(np.int64)
    slopes = level_regression(COLUMNS, codes, 2, WEIGHTS)[:, 1:]
    assert np.isfinite(slopes).all()
    assert 2.0 < slopes[0, 0] < 12.0
    twice = np.column_stack([COLUMNS, COLUMNS[:, 0]])  # and dependent columns share theirs
    shared = level_regression(twice, codes, 2, WEIGHTS)[0]
    assert_allclose(shared[1], shared[3], rtol=1e-6)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_logarithm_of_a_skewed_number_has_no_skewness(side: float) -> None:
    values = side * np.exp(RNG.normal(2.0, 0.6, 300)) + 7.0
    ones = np.ones(values.size)
    found = zero_skewness(values, ones)
    assert found is not None
    shift, where = found
    assert where == side
    moved = where * np.log(where * (values - shift))
    assert abs(stats.skew(moved)) < 1e-4  # brentq finds the logarithm of the shift to 1e-6
    assert np.array_equal(np.argsort(moved), np.argsort(values))


def test_a_number_that_is_hardly_skewed_stays_as_it_is() -> None:
    assert zero_skewness(RNG.normal(size=200), np.ones(200)) is None
    assert zero_skewness(np.full(20, 3.0), np.ones(20)) is None


def test_the_shift_stays_near_however_the_skewness_goes() -> None:
    values = np.concatenate([np.zeros(90), [1.0] * 10])
    found = zero_skewness(values, np.ones(100))
    assert found is not None
    assert NEAREST * 0.999 <= -found[0] <= FARTHEST * 1.001


@given(st.integers(0, 5000))
def test_a_step_has_every_place_once(step: int) -> None:
    assert np.array_equal(np.sort(sweeps.points(step)), np.arange(DRAWS))


def test_steps_are_hardly_correlated() -> None:
    """Those of unconnected random orders have correlations of about 1 / sqrt(1019) = 0.031."""
    normal = np.stack([sweeps.normals()[sweeps.points(step)] for step in range(80)])
    apart = np.asarray(np.corrcoef(normal))[np.triu_indices(80, 1)]
    assert np.sqrt(np.mean(apart**2)) < 0.035
    assert np.abs(apart).max() < 5 * 0.031


@pytest.mark.parametrize("rho", [0.3, 0.7, 0.95])
def test_several_missing_numbers_have_their_joint_distribution(rho: float) -> None:
    """Four numbers with equal correlations, one known: the others' conditional normal law."""
    precision = np.linalg.inv(np.full((4, 4), rho) + (1.0 - rho) * np.eye(4))
    conditionals = [
        Conditional(
            "normal", np.zeros(1), np.where(np.arange(4) == k, 0.0, -row / row[k])[None],
            slice(k, k + 1), np.zeros(1), sd=float(row[k] ** -0.5),
        )
        for k, row in enumerate(precision)
    ]  # fmt: skip
    drawn = missing_draws(conditionals, np.array([[1.5, 0.0, 0.0, 0.0]]), [1, 2, 3])
    values = np.array([drawn[place][0] for place in (1, 2, 3)])
    # What is left of the start after 12 sweeps, at most rho ** 24, and 3 standard errors of
    # 1019 draws of each covariance.
    assert_allclose(values.mean(axis=1), 1.5 * rho, atol=0.002)
    expected = np.full((3, 3), rho - rho**2) + (1.0 - rho) * np.eye(3)
    error = 3.0 * (1.0 - rho**2) * np.sqrt(2.0 / DRAWS)
    assert_allclose(np.cov(values), expected, atol=error)


def test_the_quantile_of_a_mixture() -> None:
    mean, sd = RNG.normal(size=(5, 40)), RNG.uniform(0.1, 2.0, (5, 40))
    for probability in (0.025, 0.5, 0.975):
        found = mixture_quantile(mean, sd, probability)
        for own, m, s in zip(found, mean, sd, strict=True):
            exact = optimize.brentq(
                lambda q, m=m, s=s, p=probability: special.ndtr((q - m) / s).mean() - p,
                -20, 20, xtol=1e-14, rtol=1e-14,
            )  # fmt: skip
            assert_allclose(own, exact, rtol=1e-11, atol=1e-13)


def test_the_quantile_of_one_part_and_of_parts_without_width() -> None:
    one = mixture_quantile(np.array([[1.0, 1.0]]), np.array([[2.0, 2.0]]), 0.975)
    assert_allclose(one, 1.0 + 2.0 * stats.norm.ppf(0.975), rtol=1e-14)
    steps = np.array([[0.0, 1.0, 2.0]])
    # An SD of 0 is taken for a billionth.
    assert_allclose(mixture_quantile(steps, np.zeros((1, 3)), 0.5), 1.0, atol=1e-8)
