"""Chained equations: each regression against R or theory, and the chains as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from tests.reference import loader

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.imputation.categories import (
    fit_ordered,
    fit_polytomous,
    ordered,
    polytomous,
)
from vertebrisk.kernels.imputation.chained import (
    Imputed,
    Variable,
    _Columns,
    computing_order,
    followers,
    impute,
)
from vertebrisk.kernels.imputation.regressions import Rows, Streams, _products, linear, matched
from vertebrisk.kernels.newton import fit_logistic_batch

REFERENCE = loader.load("imputation")["categories"]
GROUPS = ("normal", "overweight", "obese")


def groups() -> tuple[FloatArray, IntArray]:
    frame = loader.frame("pima_groups")
    columns = [frame[name].cast(float).to_numpy() for name in ("npreg", "glu", "age")]
    codes = np.array([GROUPS.index(each) for each in frame["bmi_group"]])
    return np.column_stack([np.ones(codes.size), *columns]), codes


def scaled(design: FloatArray) -> tuple[FloatArray, FloatArray]:
    sd = design[:, 1:].std(axis=0)
    return np.column_stack([design[:, :1], design[:, 1:] / sd]), np.concatenate([[1.0], sd])


def test_polytomous_as_multinom() -> None:
    design, codes = groups()
    own, sd = scaled(design)
    beta, information = fit_polytomous(own[None], codes[None], np.ones((1, codes.size)), 3)
    # multinom stops by its likelihood, 1e-15 of it; its coefficients are then good to 1e-5.
    assert_allclose(beta.reshape(2, 4) / sd, REFERENCE["polytomous"]["estimate"], rtol=1e-4)
    errors = np.sqrt(np.diag(np.linalg.inv(information[0]))).reshape(2, 4) / sd
    assert_allclose(errors, REFERENCE["polytomous"]["std_error"], rtol=1e-4)
    linear_part = np.column_stack([np.zeros(codes.size), own @ beta.reshape(2, 4).T])
    likely = linear_part[np.arange(codes.size), codes] - np.log(np.exp(linear_part).sum(axis=1))
    assert_allclose(likely.sum(), REFERENCE["polytomous"]["log_likelihood"], rtol=1e-10)


def test_ordered_as_polr() -> None:
    design, codes = groups()
    own, sd = scaled(design)
    theta, _ = fit_ordered(own[None, :, 1:], codes[None], np.ones((1, codes.size)), 3)
    # polr stops by its likelihood too.
    assert_allclose(theta[0, :2], REFERENCE["ordered"]["zeta"], rtol=1e-4)
    assert_allclose(theta[0, 2:] / sd[1:], REFERENCE["ordered"]["beta"], rtol=1e-4)
    below = 1 / (1 + np.exp(-(theta[0, :2] - (own[:, 1:] @ theta[0, 2:])[:, None])))
    risks = np.diff(np.column_stack([np.zeros(codes.size), below, np.ones(codes.size)]), axis=1)
    likely = np.log(risks[np.arange(codes.size), codes]).sum()
    assert_allclose(likely, REFERENCE["ordered"]["log_likelihood"], rtol=1e-10)


def test_two_levels_are_logistic_regression_whatever_the_model() -> None:
    design, codes = groups()
    own, _ = scaled(design)
    event = (codes == 2).astype(np.float64)
    weights = np.ones((1, event.size))
    expected = fit_logistic_batch(own, event, weights)
    beta, information = fit_polytomous(own[None], event[None].astype(np.int64), weights, 2)
    assert_allclose(beta, expected.beta, rtol=1e-8)
    assert_allclose(np.linalg.inv(information[0]), expected.covariance(), rtol=1e-5)
    theta, _ = fit_ordered(own[None, :, 1:], event[None].astype(np.int64), weights, 2)
    assert_allclose(np.concatenate([-theta[0, :1], theta[0, 1:]]), expected.beta[0], rtol=1e-7)


def many(design: FloatArray, values: FloatArray, observed: BoolArray, chains: int) -> Rows:
    """The same rows in many chains."""
    own, others = (np.tile(design[rows].T, (chains, 1, 1)) for rows in (observed, ~observed))
    return Rows(np.flatnonzero(observed), np.flatnonzero(~observed), values[observed], own, others)


def test_linear_draws_follow_the_predictive_distribution() -> None:
    """A new value given the data: t, n - q degrees of freedom, centre and scale in closed form."""
    rng = np.random.default_rng(4)
    n, q, chains = 30, 3, 3000
    design = np.column_stack([np.ones(n), rng.normal(size=(n, q - 1))])
    values = design @ [1.0, 2.0, -1.0] + rng.normal(0, 1.5, n)
    observed = np.ones(n, dtype=np.bool_)
    observed[:2] = False
    x, y = design[observed], values[observed]
    inverse = np.linalg.inv(x.T @ x)
    estimate = inverse @ x.T @ y
    df = observed.sum() - q
    s2 = ((y - x @ estimate) ** 2).sum() / df
    drawn = linear(many(design, values, observed, chains), Streams(7, np.arange(chains)))
    for row in (0, 1):
        scale = np.sqrt(s2 * (1 + design[row] @ inverse @ design[row]))
        law = stats.t(df, design[row] @ estimate, scale)
        assert stats.kstest(drawn[:, row], law.cdf).pvalue > 0.01  # one seed, so no test by chance


def test_matched_values_come_from_the_five_nearest() -> None:
    n, chains = 200, 400
    x = np.linspace(-2, 2, n)
    values = 10 * x
    observed = np.ones(n, dtype=np.bool_)
    observed[100] = False
    rows = many(np.column_stack([np.ones(n), x]), values, observed, chains)
    drawn = matched(rows, Streams(1, np.arange(chains)))
    donors, counts = np.unique(drawn, return_counts=True)
    assert set(donors) <= set(values[observed])
    assert donors.size in (5, 6)  # the line is exact; which fifth is nearest is a tie
    assert np.abs(donors - values[100]).max() < 10 * 3.1 * (x[1] - x[0])
    assert counts.min() > 20


@pytest.mark.parametrize("draw", [polytomous, ordered])
def test_categories_are_drawn_with_their_risks(draw: Callable[..., Any]) -> None:
    """Far more data than parameters: the shares drawn are near the model's risks."""
    rng = np.random.default_rng(3)
    n, chains = 800, 600
    x = rng.normal(size=n)
    codes = np.digitize(x + rng.logistic(size=n), [-1.0, 1.0]).astype(np.float64)
    observed = np.ones(n, dtype=np.bool_)
    observed[0], x[0] = False, 0.5
    design = np.column_stack([np.ones(n), x])
    rows = many(design, codes, observed, 100)
    drawn = np.concatenate([
        draw(rows, 3, Streams(5, np.arange(first, first + 100)))[0][:, 0]
        for first in range(0, chains, 100)
    ])  # fmt: skip
    expected = np.diff([0.0, *(1 / (1 + np.exp(0.5 - np.array([-1.0, 1.0])))), 1.0])
    if draw is polytomous:
        beta, _ = fit_polytomous(design[None], codes[None].astype(np.int64), np.ones((1, n)), 3)
        linear_part = np.concatenate([[0.0], beta.reshape(2, 2) @ design[0]])
        expected = np.exp(linear_part) / np.exp(linear_part).sum()
    shares = np.bincount(drawn.astype(np.int64), minlength=3) / chains
    assert_allclose(shares, expected, atol=0.07)  # three standard errors of share and estimate


VARIABLES = (Variable(0, "pmm"), Variable(2, "polytomous"), Variable(3, "ordered"),
             Variable(0, "linear"), Variable(3, "polytomous"))  # fmt: skip


def incomplete(seed: int, n: int = 150) -> tuple[FloatArray, BoolArray, FloatArray]:
    rng = np.random.default_rng(seed)
    a = rng.normal(50, 10, n)
    b = (rng.random(n) < 1 / (1 + np.exp(-(a - 50) / 10))).astype(np.float64)
    c = np.clip(np.round(1 + 0.05 * (a - 50) + b / 2 + rng.logistic(size=n)), 0, 2)
    d = a / 2 + 3 * b + rng.normal(0, 5, n)
    e = rng.integers(0, 3, n).astype(np.float64)
    y = (rng.random(n) < 1 / (1 + np.exp(1 - 0.05 * (a - 50) - b))).astype(np.float64)
    values = np.column_stack([a, b, c, d, e])
    missing = rng.random(values.shape) < 0.2
    missing[:3] = False
    return np.where(missing, np.nan, values), missing, y[:, None]


def run(seed: int, chains: range, variables: tuple[Variable, ...] = VARIABLES) -> Imputed:
    values, missing, always = incomplete(seed)
    return impute(values, missing, always, variables, np.array(chains), seed=11, iterations=4)


def test_observed_values_stay_and_imputed_ones_are_possible() -> None:
    values, missing, _ = incomplete(0)
    found = run(0, range(6)).values
    for each in found:
        assert_array_equal(each[~missing], values[~missing])
    assert np.isfinite(found).all()
    assert set(np.unique(found[:, :, 0])) <= set(values[~missing[:, 0], 0])
    assert set(np.unique(found[:, :, 1])) == {0.0, 1.0}
    assert set(np.unique(found[:, :, [2, 4]])) == {0.0, 1.0, 2.0}
    assert np.ptp(found[:, missing[:, 3], 3], axis=0).min() > 0  # the chains differ


def test_a_chain_is_the_same_in_any_company() -> None:
    together, apart = run(1, range(8)), run(1, range(5, 7))
    assert_allclose(apart.values, together.values[5:7], rtol=1e-12)
    assert_allclose(apart.means, together.means[:, 5:7], rtol=1e-12)


def test_passive_values_follow_their_sources() -> None:
    def ratio(values: FloatArray) -> FloatArray:
        return np.asarray(values[:, :, 3] / values[:, :, 0])

    values, missing, always = incomplete(2)
    passive = Variable(0, "passive", ratio, (0, 3))
    wide = np.column_stack([values, values[:, 3] / values[:, 0]])
    gaps = np.column_stack([missing, missing[:, 3] | missing[:, 0]])
    variables = (*VARIABLES, passive)
    found = impute(wide, gaps, always, variables, np.arange(3), seed=1, iterations=3).values
    assert_allclose(found[:, :, 5], found[:, :, 3] / found[:, :, 0], rtol=1e-12)


def test_what_is_computed_from_what_is_computed_follows_too() -> None:
    """The second is computed from the first, which stands after it; what is known stays."""
    values, missing, always = incomplete(2)
    second = Variable(0, "passive", lambda table: table[:, :, 6] + 1.0, (6,))
    first = Variable(0, "passive", lambda table: 2.0 * table[:, :, 0], (0,))
    variables = (*VARIABLES, second, first)
    assert computing_order(variables) == [6, 5]
    assert followers(variables, 0) == [6, 5]
    assert followers(variables, 3) == []
    wide = np.column_stack([values, 2.0 * values[:, 0] + 1.5, 2.0 * values[:, 0]])
    gaps = np.column_stack([missing, missing[:, 0], missing[:, 0]])
    found = impute(wide, gaps, always, variables, np.arange(3), seed=1, iterations=3).values
    drawn = missing[:, 0]
    assert_allclose(found[:, drawn, 5], 2.0 * found[:, drawn, 0] + 1.0, rtol=1e-12)
    assert_array_equal(found[:, ~drawn, 5], np.tile(wide[~drawn, 5], (3, 1)))
    with pytest.raises(ValueError, match="computed from each other"):
        computing_order(
            (Variable(0, "passive", np.sum, (1,)), Variable(0, "passive", np.sum, (0,)))
        )


@pytest.mark.parametrize(
    "own",
    [Variable(0, "pmm"), Variable(0, "linear"), Variable(3, "polytomous"), Variable(3, "ordered")],
)
def test_a_level_of_whom_nobody_is_known_counts_as_the_others(own: Variable) -> None:
    """All six patients of a rare level lack the value: nothing tells what the level does."""
    rng = np.random.default_rng(0)
    n = 200
    x, rare = rng.normal(size=n), np.arange(n) < 6
    y = 2.0 * x + rng.normal(size=n)
    y = np.digitize(y, [-1.0, 1.0]).astype(np.float64) if own.levels else y
    gap = (rng.random(n) < 0.2) | rare
    values = np.column_stack([x, rare, np.where(gap, np.nan, y)])
    missing = np.isnan(values)
    variables = (Variable(0, "pmm"), Variable(2, "polytomous"), own)
    found = impute(
        values, missing, np.empty((n, 0)), variables, np.arange(40), seed=1, iterations=1
    )
    alone = impute(values[:, [0, 2]], missing[:, [0, 2]], np.empty((n, 0)),
                   (variables[0], own), np.arange(40), seed=1, iterations=1)  # fmt: skip
    with_level, without = found.values[:, :6, 2], alone.values[:, :6, 1]
    assert np.abs(with_level).max() < np.abs(y).max() + 3.0
    # Means of 40 imputations of six patients: five standard errors of their difference.
    close = 5.0 * np.sqrt(2.0 / 240) * y[~gap].std()
    assert abs(with_level.mean() - without.mean()) < close


def test_dependent_constant_and_determined_columns_do_no_harm() -> None:
    values, missing, always = incomplete(3)
    wide = np.column_stack([values, values[:, 0], np.ones(150), values[:, 1]])
    gaps = np.column_stack([missing, missing[:, 0], np.zeros(150, bool), missing[:, 1]])
    gaps[10:40, 7] = True
    wide[10:40, 7] = np.nan
    variables = (*VARIABLES, Variable(0, "pmm"), Variable(0, "pmm"), Variable(2, "polytomous"))
    found = impute(wide, gaps, always, variables, np.arange(4), seed=1, iterations=4).values
    assert np.isfinite(found).all()
    known = ~missing[10:40, 1]
    agree = found[:, 10:40, 7][:, known] == found[:, 10:40, 1][:, known]
    assert agree.mean() > 0.85  # the column's own copy foretells it


def test_nothing_observed_is_refused() -> None:
    values = np.full((10, 1), np.nan)
    with pytest.raises(ValueError, match="column 0 has no observed value"):
        impute(values, np.isnan(values), np.ones((10, 1)), (Variable(0, "pmm"),), np.arange(2), 1)


def test_columns_follow_what_is_filled() -> None:
    """Columns changed one by one are those of the changed table."""
    rng = np.random.default_rng(4)
    variables = [
        Variable(0, "pmm"),
        Variable(3, "polytomous"),
        Variable(0, "passive", lambda table: 2.0 * table[:, :, 0], sources=(0,)),
    ]
    table = np.stack([rng.normal(size=(2, 9)), rng.integers(0, 3, (2, 9)), np.ones((2, 9))], axis=2)
    further = rng.normal(size=(9, 1))
    centre, scale = rng.normal(size=3), np.full(3, 1.5)

    def laid_out() -> _Columns:
        return _Columns.laid_out(table.transpose(2, 0, 1), further, variables, centre, scale)

    kept = laid_out()
    table[:, :, 0], table[:, :, 1] = rng.normal(size=(2, 9)), rng.integers(0, 3, (2, 9))
    for changed in range(3):
        kept.put(changed, table[:, :, changed])
    assert_array_equal(kept.values, laid_out().values)
    ones, known = np.ones((2, 9)), np.tile(further[:, 0], (2, 1))
    numbers = (table[:, :, 0] - centre[0]) / 1.5
    expected = [ones, known, numbers, (table[:, :, 2] - centre[2]) / 1.5]
    assert_array_equal(kept.values[:, kept.beside(1)], np.stack(expected, axis=1))
    assert kept.beside(0).size == 4  # what is computed from it is left out, too


def test_sums_of_products_are_those_of_all_columns() -> None:
    rng = np.random.default_rng(2)
    for q in (1, 4):
        design = np.concatenate([np.ones((3, 1, 40)), rng.normal(size=(3, q - 1, 40))], axis=1)
        assert_allclose(_products(design), design @ design.transpose(0, 2, 1), rtol=1e-12)


@pytest.mark.parametrize("different", [False, True])
def test_patients_of_equal_means_are_donors_in_turn(different: bool) -> None:
    """Twelve patients foretold alike stand for one whose value is missing, each as often."""
    n, chains = 40, 3000
    x = np.repeat([0.0, 5.0], [13, 27])
    values = np.where(x == 0.0, np.arange(n) if different else 3.0, 50.0 + np.arange(n))
    observed = np.arange(n) != 12
    rows = many(np.column_stack([np.ones(n), x]), values, observed, chains)
    donors, counts = np.unique(matched(rows, Streams(2, np.arange(chains))), return_counts=True)
    assert_array_equal(donors, np.arange(12.0) if different else [3.0])
    assert stats.chisquare(counts).pvalue > 0.01 if different else counts.sum() == chains


@pytest.mark.parametrize("fit", [fit_polytomous, fit_ordered])
def test_where_the_search_starts_does_not_show(fit: Any) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(1, 900, 2))
    codes = np.digitize(x[..., 0] + rng.logistic(size=(1, 900)), [-1.0, 1.0])
    weights = np.ones((1, 900))
    found, information = fit(x, codes, weights, 3)
    again, near = fit(x, codes, weights, 3, start=found + 0.1)
    assert_allclose(again, found, atol=1e-7)  # a step whose gain is below 1e-8 is the last
    assert_allclose(near, information, atol=1e-4 * information.max())


def test_a_start_that_leads_nowhere_is_left() -> None:
    """Far out a likelihood is so flat that a step of Newton's leaves for infinity."""
    rng = np.random.default_rng(0)
    design = np.stack([np.column_stack([np.ones(300), rng.normal(size=(300, 2))])] * 4)
    codes, weights = rng.integers(0, 3, (4, 300)), np.ones((4, 300))
    plain, _ = fit_polytomous(design, codes, weights, 3)
    start = plain + 20.0 * rng.normal(size=plain.shape)
    found, _ = fit_polytomous(design, codes, weights, 3, start=start)
    assert_allclose(found, plain, rtol=1e-8)  # the same search, from zero
