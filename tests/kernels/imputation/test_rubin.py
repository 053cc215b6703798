"""Rubin's rules and pooled tests: against mice and mitml on the same imputations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.kernels.imputation import rubin
from vertebrisk.kernels.newton import fit_logistic_batch, log_likelihood

REFERENCE = loader.load("imputation")
RTOL = 1e-8  # glm was iterated to 1e-14 of the deviance, which leaves 1e-9 in the estimates
ALL = ("npreg", "glu", "bp", "skin", "bmi", "ped", "age")
FEW = ("npreg", "glu", "ped", "age")


def imputed() -> list[dict[str, FloatArray]]:
    frame = loader.frame("pima_missing")
    found = []
    for number in range(5):
        columns = {name: frame[name].cast(float).to_numpy().copy() for name in ALL}
        for name, filled in REFERENCE["filled"].items():
            rows = np.array(filled["rows"]) - 1
            columns[name][rows] = np.array(filled["values"])[:, number]
        found.append(columns)
    return found


EVENT = (loader.frame("pima_missing")["type"] == "Yes").to_numpy().astype(np.float64)


def design(columns: dict[str, FloatArray], names: tuple[str, ...]) -> FloatArray:
    return np.column_stack([np.ones(EVENT.size), *(columns[name] for name in names)])


def fits(names: tuple[str, ...]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Estimates, covariances and log-likelihoods of the five data sets."""
    made = [
        fit_logistic_batch(design(each, names), EVENT, np.ones((1, EVENT.size)))
        for each in imputed()
    ]
    return (
        np.array([fit.beta[0] for fit in made]),
        np.array([fit.covariance() for fit in made]),
        np.array([fit.log_likelihood[0] for fit in made]),
    )


def at(names: tuple[str, ...], beta: FloatArray) -> FloatArray:
    ones = np.ones(EVENT.size)
    return np.array([
        float(log_likelihood(design(each, names) @ beta, EVENT, ones)) for each in imputed()
    ])  # fmt: skip


def test_pooled_coefficients_as_mice() -> None:
    beta, covariance, _ = fits(ALL)
    expected = REFERENCE["logistic"]
    pooled = rubin.pool(beta, np.diagonal(covariance, axis1=1, axis2=2), expected["table_df"][0])
    for name, found in [
        ("estimate", pooled.estimate),
        ("within", pooled.within),
        ("between", pooled.between),
        ("total", pooled.total),
        ("riv", pooled.relative_increase),
        ("lambda", pooled.missing_share),
        ("fmi", pooled.missing_information),
        ("df", pooled.df),
    ]:
        assert_allclose(found, expected[name], rtol=1e-7, err_msg=name)
    half = stats.t.ppf(0.975, pooled.df) * np.sqrt(pooled.total)
    assert_allclose(pooled.estimate - half, expected["conf_low"], rtol=1e-6)
    mean, whole = rubin.pool_covariance(beta, covariance)
    assert_allclose(mean, expected["estimate"], rtol=RTOL)
    assert_allclose(np.diag(whole), expected["total"], rtol=1e-7)


def check(found: rubin.PooledTest, expected: dict[str, Any]) -> None:
    assert_allclose(
        [found.statistic, found.df1, found.df2, found.p_value, found.relative_increase],
        [expected[each] for each in ("statistic", "df1", "df2", "p_value", "riv")],
        rtol=1e-6,
    )


def test_pooled_tests_as_mitml_and_mice() -> None:
    beta, covariance, likelihood = fits(ALL)
    small, _, of_small = fits(FEW)
    expected = REFERENCE["logistic"]["tests"]
    tested = [3, 4, 5]
    part, spread = beta[:, tested], covariance[:, tested][:, :, tested]
    check(rubin.wald_test(part, spread), expected["d1"])
    check(rubin.wald_test(part, spread, EVENT.size - 8), expected["d1_small"])
    check(rubin.wald_test(beta[:, [5]], covariance[:, [5]][:, :, [5]]), expected["d1_single"])
    wald = np.array([b @ np.linalg.solve(c, b) for b, c in zip(part, spread, strict=True)])
    check(rubin.statistics_test(wald, 3), expected["d2_wald"])
    ratio = 2 * (likelihood - of_small)
    check(rubin.statistics_test(ratio, 3), expected["d2_likelihood"])
    means = 2 * (at(ALL, beta.mean(axis=0)) - at(FEW, small.mean(axis=0))).mean()
    d3 = expected["d3"]
    check(rubin.likelihood_test(np.array(d3["ratios"]), d3["at_means"], 3), d3)
    assert_allclose(ratio, d3["ratios"], rtol=RTOL)
    # mice re-estimates the intercept at the pooled slopes, which Meng and Rubin do not.
    own = rubin.likelihood_test(ratio, float(means), 3)
    assert_allclose(own.statistic, d3["statistic"], rtol=1e-3)


def test_nothing_missing_is_the_complete_answer() -> None:
    estimates, variances = np.full((4, 2), 1.5), np.full((4, 2), 0.25)
    pooled = rubin.pool(estimates, variances)
    assert_allclose(pooled.total, 0.25)
    assert np.isinf(pooled.df).all()
    assert_allclose(pooled.missing_information, 0.0)
    small = rubin.pool(estimates, variances, 100.0)
    assert_allclose(small.df, 101 / 103 * 100, rtol=1e-12)
    whole = np.tile(np.diag([0.25, 0.25]), (4, 1, 1))
    test = rubin.wald_test(estimates, whole)
    assert_allclose(test.statistic, 2 * 1.5**2 / 0.25 / 2)
    assert_allclose(test.p_value, stats.chi2.sf(18.0, 2), rtol=1e-6)
    assert_allclose(rubin.likelihood_test(np.full(4, 18.0), 18.0, 2).p_value, test.p_value)
    assert_allclose(rubin.statistics_test(np.full(4, 18.0), 2).p_value, test.p_value)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(2, 20), st.floats(0.01, 100.0))
def test_units_change_nothing_but_the_scale(seed: int, m: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    estimates, variances = rng.normal(size=(m, 3)), rng.uniform(0.1, 2.0, (m, 3))
    one = rubin.pool(estimates, variances, 60.0)
    other = rubin.pool(factor * estimates, factor**2 * variances, 60.0)
    assert_allclose(other.total, factor**2 * one.total, rtol=1e-10)
    assert_allclose(other.df, one.df, rtol=1e-10)
    assert (one.df <= 61 / 63 * 60 + 1e-9).all()
    assert (one.total >= one.within).all()


@pytest.mark.parametrize("k", [1, 2, 5])
def test_a_single_coefficient_is_tested_as_in_the_table(k: int) -> None:
    """D1 of one coefficient is the square of its t, whose degrees of freedom are Rubin's."""
    rng = np.random.default_rng(k)
    estimates, variances = rng.normal(1.0, 0.3, (8, k)), rng.uniform(0.1, 0.2, (8, k))
    covariances = np.array([np.diag(each) for each in variances])
    pooled = rubin.pool(estimates, variances)
    t = pooled.estimate / np.sqrt(pooled.total)
    found = rubin.wald_test(estimates[:, :1], covariances[:, :1, :1])
    assert_allclose(found.statistic, t[0] ** 2, rtol=1e-12)


@settings(max_examples=40)
@given(st.floats(1.0, 12.0), st.floats(0.0, 2.0))
def test_a_joint_test_of_few_events_has_degrees_of_freedom(df_complete: float, gap: float) -> None:
    """Reiter's equation alone gives none, or negative ones, where complete data have few."""
    estimates = np.array([[0.5, 1.0], [0.5 + gap, 1.0], [0.5, 1.0 + gap], [0.6, 1.1], [0.7, 0.9]])
    found = rubin.wald_test(estimates, np.array([np.eye(2)] * 5), df_complete)
    assert 0 < found.df2 < max(df_complete, 4.5)
    assert 0 <= found.p_value <= 1


def test_units_change_no_joint_test() -> None:
    estimates, covariances, _ = fits(ALL)
    own = [3, 4, 5]
    plain = rubin.wald_test(estimates[:, own], covariances[:, own][:, :, own], 292.0)
    scale = np.array([1e6, 1.0, 1e-9])
    other = rubin.wald_test(
        estimates[:, own] * scale, covariances[:, own][:, :, own] * np.outer(scale, scale), 292.0
    )
    assert other.statistic == pytest.approx(plain.statistic, rel=1e-9)
