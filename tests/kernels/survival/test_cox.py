"""Batched Cox regression: against brute force, repeated rows and itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels.survival.cox import fit_cox_batch, proves_finite
from vertebrisk.kernels.survival.maximum import MAX_ITERATIONS
from vertebrisk.kernels.survival.monotone import is_monotone
from vertebrisk.kernels.survival.times import SurvivalTimes

RTOL = 1e-8  # the step after the last would move a coefficient by less than 1e-10


def data(
    seed: int, n: int = 90, p: int = 3, *, late: bool = False, strata: int = 0, ties: bool = True
) -> tuple[FloatArray, SurvivalTimes]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, p))
    lasting = rng.exponential(np.exp(-columns @ rng.normal(scale=0.4, size=p)))
    censored = rng.exponential(1.5, n)
    leaving = np.minimum(lasting, censored)
    leaving = np.ceil(leaving * 8) / 8 if ties else leaving
    return columns, SurvivalTimes(
        leaving,
        lasting <= censored,
        leaving * rng.uniform(0, 0.9, n) * (rng.random(n) < 0.6) if late else None,
        rng.integers(0, strata, n) if strata else None,
    )


def brute_force(beta: FloatArray, columns: FloatArray, times: SurvivalTimes, ties: Ties) -> float:
    """The log partial likelihood, term by term."""
    entry = np.full(times.size, -1.0) if times.entry is None else times.entry
    eta, total = columns @ beta, 0.0
    for group in np.unique(times.groups):
        inside = times.groups == group
        for moment in np.unique(times.exit[inside & times.event]):
            at_risk = inside & (entry < moment) & (times.exit >= moment)
            dying = inside & times.event & (times.exit == moment)
            whole, own, d = np.exp(eta[at_risk]).sum(), np.exp(eta[dying]).sum(), dying.sum()
            for place in range(d):
                less = place / d if ties == "efron" else 0.0
                total -= np.log(whole - less * own)
            total += eta[dying].sum()
    return float(total)


SHAPES = pytest.mark.parametrize(
    "shape", [{}, {"late": True}, {"strata": 3}, {"late": True, "strata": 12}], ids=str
)


@SHAPES
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_likelihood_gradient_and_information_by_brute_force(
    ties: Ties, shape: dict[str, Any]
) -> None:
    columns, times = data(3, 70, 2, **shape)
    fit = fit_cox_batch(columns, times, ties=ties)
    beta = fit.beta[0]
    assert fit.converged.all()

    def at(point: FloatArray) -> float:
        return brute_force(point, columns, times, ties)

    assert_allclose(fit.log_likelihood[0], at(beta), rtol=1e-12)
    assert_allclose(fit.null_log_likelihood[0], at(np.zeros(2)), rtol=1e-12)
    step = 1e-4 * np.eye(2)
    for i in range(2):
        assert abs(at(beta + step[i]) - at(beta - step[i])) < 1e-9
        for j in range(2):
            bend = (
                at(beta + step[i] + step[j])
                - at(beta + step[i] - step[j])
                - at(beta - step[i] + step[j])
                + at(beta - step[i] - step[j])
            ) / 4e-8
            assert_allclose(fit.information[0, i, j], -bend, rtol=1e-4, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.booleans(), st.sampled_from(["efron", "breslow"]))
def test_weights_equal_repeated_rows(seed: int, late: bool, strata: bool, ties: Ties) -> None:
    columns, times = data(seed, 50, 2, late=late, strata=3 if strata else 0)
    weights = np.random.default_rng(seed).multinomial(50, np.full(50, 0.02), size=4).astype(float)
    together = fit_cox_batch(columns, times, weights, ties=ties)
    for row in range(4):
        rows = np.repeat(np.arange(50), weights[row].astype(np.int64))
        alone = fit_cox_batch(columns[rows], times.take(rows), ties=ties)
        assert alone.separated[0] == together.separated[row]
        assert_allclose(alone.log_likelihood[0], together.log_likelihood[row], rtol=1e-9, atol=1e-9)
        assert_allclose(alone.null_log_likelihood[0], together.null_log_likelihood[row], rtol=1e-12)
        if not alone.separated[0]:
            assert_allclose(alone.beta[0], together.beta[row], rtol=RTOL, atol=1e-9)
            assert_allclose(alone.information[0], together.information[row], rtol=1e-7, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0))
def test_order_of_rows_and_units_do_not_matter(seed: int, unit: float) -> None:
    columns, times = data(seed, 60, 2, late=True)
    first = fit_cox_batch(columns, times)
    order = np.random.default_rng(seed).permutation(60)
    changed = times.take(order)
    assert changed.entry is not None
    scaled = SurvivalTimes(changed.exit * 2.0, changed.event, changed.entry * 2.0)
    second = fit_cox_batch(columns[order] * unit + 7.0, scaled)
    assert_allclose(second.beta[0] * unit, first.beta[0], rtol=1e-7, atol=1e-9)
    assert_allclose(second.log_likelihood, first.log_likelihood, rtol=1e-11)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.booleans(), min_size=12, max_size=12))
def test_masked_fits_equal_separate_fits(seed: int, flags: list[bool]) -> None:
    columns, times = data(seed, 80, 3)
    mask = np.array(flags).reshape(4, 3)
    fits = fit_cox_batch(columns, times, np.ones((4, 80)), mask=mask)
    for row, use in enumerate(mask):
        alone = fit_cox_batch(columns[:, use], times)
        assert_array_equal(fits.beta[row, ~use], 0.0)
        assert fits.rank[row] == use.sum()
        assert_allclose(fits.beta[row, use], alone.beta[0], rtol=RTOL, atol=1e-10)
        assert_allclose(fits.log_likelihood[row], alone.log_likelihood[0], rtol=1e-12)
        own = fits.covariance(row)[np.ix_(use, use)]
        assert_allclose(own, alone.covariance(), rtol=1e-6, atol=1e-12)


def test_offset_stands_in_for_a_known_effect() -> None:
    columns, times = data(5)
    whole = fit_cox_batch(columns, times)
    fixed = fit_cox_batch(columns[:, 1:], times, offset=columns[:, 0] * whole.beta[0, 0])
    assert_allclose(fixed.beta[0], whole.beta[0, 1:], rtol=1e-7)
    assert_allclose(fixed.log_likelihood, whole.log_likelihood, rtol=1e-12)


@pytest.mark.parametrize("late", [False, True])
def test_events_in_one_group_only(late: bool) -> None:
    """The likelihood rises for ever; its limit is that of the risk sets without the others."""
    rng = np.random.default_rng(8)
    n = 120
    exposed = (np.arange(n) % 2).astype(np.float64)
    other = rng.normal(size=n)
    lasting, censored = rng.exponential(1.0, n), rng.exponential(1.0, n)
    event = (lasting <= censored) & (exposed == 1)
    leaving = np.minimum(lasting, censored)
    entry = leaving * 0.3 if late else None
    times = SurvivalTimes(leaving, event, entry)
    fit = fit_cox_batch(np.column_stack([exposed, other]), times)
    assert fit.separated[0]
    assert not fit.converged[0]
    assert fit.direction[0, 0] > 0.1
    assert abs(fit.direction[0, 1]) < 1e-3
    exposed_only = fit_cox_batch(other[exposed == 1, None], times.take(exposed == 1))
    assert_allclose(fit.log_likelihood, exposed_only.log_likelihood, atol=1e-6)
    assert_allclose(fit.beta[0, 1], exposed_only.beta[0, 0], rtol=1e-4)


def test_a_large_but_finite_effect_is_not_taken_for_an_infinite_one() -> None:
    rng = np.random.default_rng(11)
    exposed = (np.arange(400) % 2).astype(np.float64)
    lasting = rng.exponential(np.where(exposed == 1, 1.0, 400.0))
    event = lasting < 3.0
    assert event[exposed == 0].sum() >= 1
    fit = fit_cox_batch(exposed[:, None], SurvivalTimes(np.minimum(lasting, 3.0), event))
    assert fit.converged[0]
    assert not fit.separated[0]


def test_columns_without_information_are_counted() -> None:
    columns, times = data(2)
    constant = np.column_stack([columns[:, :2], np.full(90, 3.0)])
    fit = fit_cox_batch(constant, times)
    assert fit.rank[0] == 2
    assert fit.deficient[0]
    assert fit.beta[0, 2] == 0.0
    assert_allclose(fit.beta[0, :2], fit_cox_batch(columns[:, :2], times).beta[0], rtol=1e-9)
    repeated = np.column_stack([columns[:, :2], columns[:, 0] - 2.0 * columns[:, 1]])
    fit = fit_cox_batch(repeated, times)
    assert fit.rank[0] == 2
    alone = fit_cox_batch(columns[:, :2], times)
    assert_allclose(fit.log_likelihood, alone.log_likelihood, rtol=1e-10)
    assert_allclose(repeated @ fit.beta[0], columns[:, :2] @ alone.beta[0], rtol=1e-6, atol=1e-8)


def test_a_column_that_varies_only_between_strata_says_nothing() -> None:
    columns, times = data(4, strata=2)
    fit = fit_cox_batch(np.column_stack([columns[:, :1], times.groups.astype(float)]), times)
    assert fit.rank[0] == 1
    assert fit.beta[0, 1] == 0.0


def test_without_events_there_is_no_information() -> None:
    columns, times = data(1)
    none = SurvivalTimes(times.exit, np.zeros(90, np.bool_))
    fit = fit_cox_batch(columns, none, np.ones((2, 90)))
    assert_array_equal(fit.beta, np.zeros((2, 3)))
    assert_array_equal(fit.log_likelihood, 0.0)
    assert_array_equal(fit.rank, 0)
    weights = np.where(times.event, 0.0, 1.0)[None]
    fit = fit_cox_batch(columns, times, np.concatenate([weights, np.ones((1, 90))]))
    assert fit.rank[0] == 0
    assert_array_equal(fit.beta[0], 0.0)
    assert_allclose(fit.beta[1], fit_cox_batch(columns, times).beta[0], rtol=1e-9)


def test_one_event_and_strata_of_one_patient() -> None:
    columns = np.array([[0.0], [1.0], [2.0], [5.0]])
    times = SurvivalTimes(np.array([1.0, 2.0, 3.0, 9.0]), np.array([False, True, False, True]))
    fit = fit_cox_batch(columns, SurvivalTimes(times.exit, times.event & (times.exit < 5)))
    assert fit.separated[0]  # the one event has the lowest value of its risk set
    alone = SurvivalTimes(times.exit, times.event, strata=np.array([0, 0, 0, 1]))
    same = fit_cox_batch(columns, alone)
    assert_allclose(same.log_likelihood, fit.log_likelihood, atol=1e-8)


def test_case_weights_keep_the_number_of_ties() -> None:
    """Weights of 2 double the log-likelihood's slope, not the number of tied events."""
    columns, times = data(6)
    single = fit_cox_batch(columns, times)
    double = fit_cox_batch(columns, times, np.full((1, 90), 2.0), case_weights=True)
    assert_allclose(double.beta, single.beta, rtol=1e-9)
    assert_allclose(double.information, 2.0 * single.information, rtol=1e-9)
    frequency = fit_cox_batch(columns, times, np.full((1, 90), 2.0))
    assert np.abs(frequency.beta - single.beta).max() > 1e-4


def test_far_out_covariates_overflow_nothing() -> None:
    columns, times = data(9)
    fit = fit_cox_batch(columns * 1e6 + 1e9, times)
    assert_allclose(fit.beta[0] * 1e6, fit_cox_batch(columns, times).beta[0], rtol=1e-5)


@pytest.mark.parametrize(
    "first",
    [pytest.param(each, marks=pytest.mark.slow if each else ()) for each in range(0, 300, 60)],
)
def test_a_rare_column_runs_away_exactly_where_the_linear_programme_says_so(first: int) -> None:
    """Its first step is long: past the reach of the hazards, if nothing holds it."""
    for number in range(first, first + 60):
        rng = np.random.default_rng([77, number])
        rare = (rng.random(80) < 0.03).astype(float)
        columns = np.column_stack([rare, rng.normal(size=(80, 2))])
        lasting = rng.exponential(np.exp(2.5 - columns @ [1.5, 0.5, -0.5]))
        followed = rng.uniform(0.2, 1.2, 80)
        times = SurvivalTimes(np.minimum(lasting, followed), lasting <= followed)
        fit = fit_cox_batch(columns, times)
        monotone = is_monotone(columns, times)
        assert fit.separated[0] == monotone, number
        assert not (monotone and proves_finite(fit, columns)), number
        assert fit.converged[0] != monotone, number
        assert fit.iterations[0] < MAX_ITERATIONS, number  # the limit is reached
        assert np.abs(fit.beta).max() < 1e3


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_an_ordinary_estimate_proves_that_it_is_finite(ties: Ties) -> None:
    columns, times = data(12)
    assert proves_finite(fit_cox_batch(columns, times, ties=ties), columns)
    doubled = np.column_stack([columns, columns[:, 0]])
    assert not proves_finite(fit_cox_batch(doubled, times, ties=ties), doubled)
