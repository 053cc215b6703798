"""Batched logistic regression: against closed forms, brute force and itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import FloatArray
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch, log_likelihood
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.kernels.separation import overlaps

RTOL = 1e-8  # the step after the last would move a coefficient by less than 1e-10


def data(seed: int, n: int = 120, p: int = 3) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), rng.normal(size=(n, p))])
    beta = np.concatenate([[-0.3], rng.normal(scale=0.6, size=p)])
    event = (rng.random(n) < 1.0 / (1.0 + np.exp(-design @ beta))).astype(np.float64)
    return design, event


def one(design: FloatArray, event: FloatArray) -> LogisticFits:
    return fit_logistic_batch(design, event, np.ones((1, event.size)))


def test_closed_form_of_a_two_by_two_table() -> None:
    """Intercept and coefficient are log odds and log odds ratio; errors by Woolf."""
    exposed = np.repeat([0.0, 0.0, 1.0, 1.0], [70, 30, 110, 12])
    event = np.repeat([0.0, 1.0, 0.0, 1.0], [70, 30, 110, 12])
    fit = one(np.column_stack([np.ones(222), exposed]), event)
    assert_allclose(fit.beta[0], [np.log(30 / 70), np.log(12 * 70 / (110 * 30))], rtol=1e-12)
    variance = [1 / 30 + 1 / 70, 1 / 30 + 1 / 70 + 1 / 110 + 1 / 12]
    assert_allclose(np.diag(fit.covariance()), variance, rtol=1e-9)
    expected = 30 * np.log(0.3) + 70 * np.log(0.7) + 12 * np.log(12 / 122) + 110 * np.log(110 / 122)
    assert_allclose(fit.log_likelihood, expected, rtol=1e-13)
    assert fit.converged.all()
    assert not fit.separated.any()
    assert fit.rank[0] == 2


def test_score_is_zero_and_likelihood_is_highest() -> None:
    design, event = data(1)
    fit = one(design, event)
    risk = 1.0 / (1.0 + np.exp(-design @ fit.beta[0]))
    assert_allclose(design.T @ (event - risk), 0.0, atol=1e-8)
    for step in np.eye(design.shape[1]) * 1e-3:
        for sign in (-1, 1):
            moved = log_likelihood(design @ (fit.beta[0] + sign * step), event, np.ones(event.size))
            assert moved < fit.log_likelihood[0]


def test_likelihood_is_exact_far_out() -> None:
    eta = np.array([0.0, 800.0, -800.0, 800.0])
    target = np.array([1.0, 1.0, 0.0, 0.0])
    found = [log_likelihood(eta[i : i + 1], target[i : i + 1], np.ones(1)) for i in range(4)]
    assert_allclose(found, [-np.log(2), 0.0, 0.0, -800.0], rtol=1e-15)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_weights_equal_repeated_rows(seed: int) -> None:
    design, event = data(seed, 60, 2)
    weights = np.random.default_rng(seed).integers(0, 4, 60).astype(np.float64)
    rows = np.repeat(np.arange(60), weights.astype(np.int64))
    weighted = fit_logistic_batch(design, event, weights[None])
    repeated = one(design[rows], event[rows])
    if repeated.separated[0] or weighted.separated[0]:
        assert repeated.separated[0] == weighted.separated[0]
        return
    assert_allclose(weighted.beta, repeated.beta, rtol=RTOL, atol=1e-10)
    assert_allclose(weighted.covariance(), repeated.covariance(), rtol=1e-7, atol=1e-12)
    assert_allclose(weighted.log_likelihood, repeated.log_likelihood, rtol=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_a_batch_is_its_replicates_one_by_one(seed: int) -> None:
    design, event = data(seed, 80, 3)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(80, np.full(80, 1 / 80), size=6).astype(np.float64)
    together = fit_logistic_batch(design, event, weights)
    for row in range(6):
        alone = fit_logistic_batch(design, event, weights[row : row + 1])
        assert alone.separated[0] == together.separated[row]
        assert_allclose(alone.log_likelihood[0], together.log_likelihood[row], rtol=1e-9, atol=1e-9)
        if alone.converged[0] and together.converged[row]:
            assert_allclose(alone.beta[0], together.beta[row], rtol=RTOL, atol=1e-9)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.lists(st.booleans(), min_size=12, max_size=12))
def test_masked_fits_equal_separate_fits(seed: int, flags: list[bool]) -> None:
    design, event = data(seed, 90, 3)
    mask = np.column_stack([np.ones(4, np.bool_), np.array(flags).reshape(4, 3)])
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(90, np.full(90, 1 / 90), size=4).astype(np.float64)
    fits = fit_logistic_batch(design, event, weights, mask=mask)
    for row, use in enumerate(mask):
        alone = fit_logistic_batch(design[:, use], event, weights[row : row + 1])
        assert fits.mask[row].sum() == use.sum()
        assert fits.rank[row] == alone.rank[0]
        assert_array_equal(fits.beta[row, ~use], 0.0)
        if alone.separated[0]:
            assert fits.separated[row]
            continue
        assert_allclose(fits.beta[row, use], alone.beta[0], rtol=RTOL, atol=1e-9)
        assert_allclose(fits.log_likelihood[row], alone.log_likelihood[0], rtol=1e-12)


def test_covariance_of_masked_fits() -> None:
    design, event = data(4)
    mask = np.array([[True, True, False, True], [True, False, False, False]])
    fits = fit_logistic_batch(design, event, np.ones((2, event.size)), mask=mask)
    for row, use in enumerate(mask):
        alone = one(design[:, use], event).covariance()
        assert_allclose(fits.covariance(row)[np.ix_(use, use)], alone, rtol=1e-6, atol=1e-12)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_patterns_with_shares_equal_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, 2, size=(100, 3)).astype(np.float64)
    event = (rng.random(100) < 0.2 + 0.4 * columns[:, 0]).astype(np.float64)
    weights = rng.integers(0, 3, size=(3, 100)).astype(np.float64)
    patterns = find_patterns(columns)
    total, events = patterns.collapse(weights), patterns.collapse(weights * event)
    share = np.where(total > 0, events / np.where(total > 0, total, 1.0), 0.0)
    collapsed = fit_logistic_batch(
        np.column_stack([np.ones(patterns.rows.shape[0]), patterns.rows]), share, total
    )
    rows = fit_logistic_batch(np.column_stack([np.ones(100), columns]), event, weights)
    assert_array_equal(collapsed.separated, rows.separated)
    finite = ~rows.separated
    assert_allclose(collapsed.beta[finite], rows.beta[finite], rtol=1e-7, atol=1e-8)
    assert_allclose(
        collapsed.log_likelihood[finite], rows.log_likelihood[finite], rtol=1e-10, atol=1e-10
    )


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_find_patterns(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 2, size=(n, 2)).astype(np.float64)
    patterns = find_patterns(matrix)
    assert_array_equal(patterns.rows[patterns.of], matrix)
    assert np.unique(patterns.rows, axis=0).shape == patterns.rows.shape
    weights = rng.random((2, n))
    naive = [[weights[r][patterns.of == m].sum() for m in range(patterns.rows.shape[0])]
             for r in range(2)]  # fmt: skip
    assert_allclose(patterns.collapse(weights), naive, rtol=1e-12)


def test_patterns_of_no_columns() -> None:
    patterns = find_patterns(np.empty((5, 0)))
    assert patterns.rows.shape == (1, 0)
    assert_array_equal(patterns.collapse(np.arange(5.0)[None]), [[10.0]])


def test_offset_and_start() -> None:
    design, event = data(5)
    free = one(design, event)
    fixed = fit_logistic_batch(
        design[:, :-1],
        event,
        np.ones((1, event.size)),
        offset=design[:, -1] * free.beta[0, -1],
        start=np.array([3.0, -2.0, 1.0]),
    )
    assert_allclose(fixed.beta[0], free.beta[0, :-1], rtol=RTOL)
    assert_allclose(fixed.log_likelihood, free.log_likelihood, rtol=1e-12)


SEPARATED = {
    "complete": ([0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 1, 1]),
    "quasi": ([0, 1, 2, 2, 3, 4], [0, 0, 0, 1, 1, 1]),
    "one empty cell": ([0, 0, 0, 1, 1, 1], [0, 1, 0, 0, 0, 0]),
}
OVERLAPPING = {
    "one pair crossed": ([0, 1, 2, 3, 4, 5], [0, 0, 1, 0, 1, 1]),
    "all alike": ([1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 1]),
    "tied at the edge": ([0, 1, 2, 2, 2, 3], [0, 1, 0, 1, 0, 1]),
}


@pytest.mark.parametrize("shift", [0.0, 40.0, -800.0, 1e5])
@pytest.mark.parametrize("spread", [1.0, 60.0])
def test_an_offset_far_from_zero_needs_no_start(shift: float, spread: float) -> None:
    """Only the constant moves; of two replicates with offsets of their own, either one's."""
    rng = np.random.default_rng(6)
    x, noise = rng.normal(size=(2, 80))
    offset = spread * noise
    y = (rng.random(80) < 1.0 / (1.0 + np.exp(-(offset + x - 0.4)))).astype(np.float64)
    design = np.column_stack([np.ones(80), x])
    near = fit_logistic_batch(
        design, y, np.ones((1, 80)), offset=offset, start=np.array([-0.4, 1.0])
    )
    assert near.converged.all()
    offsets = np.stack([offset, offset + shift])
    found = fit_logistic_batch(design, y, np.ones((2, 80)), offset=offsets)
    assert found.converged.all()
    wanted = near.beta[0] - np.array([[0.0, 0.0], [shift, 0.0]])
    # beside 1e5 a double leaves the linear predictor ten digits
    assert_allclose(found.beta, wanted, rtol=1e-6, atol=1e-6)
    assert_allclose(found.log_likelihood, near.log_likelihood[0], rtol=1e-7)


def test_a_constant_alone_beside_a_wide_offset_is_where_the_events_are_met() -> None:
    offset = np.array([-900.0, -300.0, 2.0, 300.0, 900.0])
    y = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    found = fit_logistic_batch(np.ones((5, 1)), y, np.ones((1, 5)), offset=offset)
    risk = 1.0 / (1.0 + np.exp(-np.clip(found.beta[0, 0] + offset, -700, 700)))
    assert found.converged.all()
    assert_allclose(risk.sum(), 3.0, atol=1e-6)


@pytest.mark.parametrize("name", [*SEPARATED, *OVERLAPPING])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_separation_is_known_at_any_scale(name: str, scale: float) -> None:
    x, y = {**SEPARATED, **OVERLAPPING}[name]
    columns = np.column_stack([np.ones(6), scale * np.asarray(x, dtype=np.float64)])
    fit = one(columns, np.asarray(y, dtype=np.float64))
    assert fit.separated[0] == (name in SEPARATED)
    assert fit.converged[0] == (name in OVERLAPPING)
    direction = columns @ fit.direction[0]
    assert np.any(direction != 0.0) == (name in SEPARATED)


def test_limits_of_a_separated_fit() -> None:
    """An empty cell: its own part of the likelihood goes to zero, the rest stays."""
    group = np.repeat([0.0, 1.0], [40, 25])
    event = np.concatenate([np.repeat([1.0, 0.0], [12, 28]), np.zeros(25)])
    fit = one(np.column_stack([np.ones(65), group]), event)
    assert fit.separated[0]
    limit = 12 * np.log(0.3) + 28 * np.log(0.7)
    assert_allclose(fit.log_likelihood[0], limit, rtol=1e-8)
    risk = 1.0 / (1.0 + np.exp(-(fit.beta[0, 0] + fit.beta[0, 1] * np.array([0.0, 1.0]))))
    assert_allclose(risk, [0.3, 0.0], atol=1e-8)


@settings(max_examples=40)
@given(st.integers(0, 100_000), st.integers(8, 16))
def test_separation_against_linear_programming(seed: int, n: int) -> None:
    """A direction that never moves a patient the wrong way exists, or it does not."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, size=(n, 2)).astype(np.float64)
    y = (rng.random(n) < 0.5).astype(np.float64)
    if y.min() == y.max():
        y[0] = 1.0 - y[0]
    columns = np.column_stack([np.ones(n), x])
    signed = columns * (2.0 * y - 1.0)[:, None]
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(n), bounds=[(-1, 1)] * 3)
    exists = -found.fun > 1e-9
    assert one(columns, y).separated[0] == exists


def rarely(seed: int) -> tuple[FloatArray, FloatArray]:
    """Forty patients, two to eight events, rare and skewed columns: most are separated."""
    rng = np.random.default_rng([77, seed])
    columns = [np.ones(40)]
    for kind in rng.integers(4, size=rng.integers(2, 6)):
        rare = rng.random(40) < rng.uniform(0.03, 0.15)
        levels, skewed = rng.integers(0, 4, 40), rng.exponential(size=40) ** 2
        columns.append([rare, rng.normal(50.0, 10.0, 40), levels, skewed][kind].astype(np.float64))
    design = np.column_stack(columns)
    spread = np.maximum(design.std(axis=0), 1e-9)
    effects = rng.normal(size=design.shape[1]) * rng.uniform(0.0, 3.0)
    score = (design - design.mean(axis=0)) / spread @ effects
    score += rng.gumbel(size=40) * rng.uniform(0.1, 1.0)
    event = np.zeros(40)
    event[np.argsort(-score)[: rng.integers(2, 9)]] = 1.0
    return design, event


@pytest.mark.parametrize(
    "first",
    [pytest.param(each, marks=pytest.mark.slow if each else ()) for each in range(0, 1000, 250)],
)
def test_few_events_are_separated_exactly_where_the_linear_programme_says_so(first: int) -> None:
    """Their fits end far out, where the last steps are noise or lead astray."""
    for number in range(first, first + 250):
        design, event = rarely(number)
        fit = one(design, event)
        exists = not overlaps(design, (2.0 * event - 1.0).astype(np.int64))
        assert fit.separated[0] == exists, number
        assert fit.log_likelihood[0] > -40.0 * np.log(2.0), number
        if exists:
            assert not fit.converged[0], number
            towards = design @ fit.direction[0] * (2.0 * event - 1.0)
            # a Newton step is a proof to a thousandth of its reach
            assert towards.min() >= -1.001e-3 * towards.max(), number


def test_dependent_columns_are_counted() -> None:
    design, event = data(2)
    doubled = np.column_stack([design, 2.0 * design[:, 1] - 3.0])
    fit = one(doubled, event)
    assert fit.deficient[0]
    assert fit.rank[0] == design.shape[1]
    assert_allclose(fit.log_likelihood, one(design, event).log_likelihood, rtol=1e-10)
    assert_allclose(doubled @ fit.beta[0], design @ one(design, event).beta[0], rtol=1e-6)


@pytest.mark.parametrize("shift", [0.0, 1e4])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_units_of_a_column_do_not_matter(scale: float, shift: float) -> None:
    design, event = data(3)
    changed = design.copy()
    changed[:, 1] = (design[:, 1] + shift) * scale
    plain, fit = one(design, event), one(changed, event)
    assert fit.converged[0]
    # with the shift the column has four digits fewer
    assert_allclose(fit.beta[0, 1] * scale, plain.beta[0, 1], rtol=1e-6)
    assert_allclose(fit.log_likelihood, plain.log_likelihood, rtol=1e-10)


def test_many_rows_are_fitted_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over chunks, a start from a part of the rows, and products that are not kept."""
    design, event = data(11, n=700, p=3)
    drawn = np.random.default_rng(1).multinomial(700, np.full(700, 1 / 700), size=6)
    weights = drawn.astype(np.float64)
    expected = fit_logistic_batch(design, event, weights), one(design, event)
    monkeypatch.setattr("vertebrisk.kernels.steps.HELD", 100)
    monkeypatch.setattr("vertebrisk.kernels.steps.CHUNK", 64)
    monkeypatch.setattr("vertebrisk.kernels.newton.MANY", 500)
    for wanted, found in zip(
        expected,
        (fit_logistic_batch(design, event, weights), one(design, event)),
        strict=True,
    ):
        assert_allclose(found.beta, wanted.beta, rtol=RTOL)
        assert_allclose(found.scaled_information, wanted.scaled_information, rtol=1e-9, atol=1e-7)
        assert_allclose(found.log_likelihood, wanted.log_likelihood, rtol=1e-12)


def test_separated_rows_are_found_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vertebrisk.kernels.newton.MANY", 100)
    design, _ = data(3, n=400)
    fit = one(design, (design[:, 1] > 0.2).astype(np.float64))
    assert fit.separated.all()


@pytest.mark.parametrize("values", [2, 10_000])
def test_patterns_of_many_rows(monkeypatch: pytest.MonkeyPatch, values: int) -> None:
    """Few distinct rows are found; rows that are nearly all distinct are left as they are."""
    monkeypatch.setattr("vertebrisk.kernels.patterns.MANY", 1000)
    matrix = np.random.default_rng(2).integers(0, values, size=(3000, 2)).astype(np.float64)
    patterns = find_patterns(matrix)
    assert_array_equal(patterns.rows[patterns.of], matrix)
    assert patterns.rows.shape[0] == (4 if values == 2 else 3000)
    assert_array_equal(patterns.collapse(np.ones((1, 3000)))[0].sum(), 3000.0)


@pytest.mark.parametrize("seed", [2, 9, 10, 24, 28])
def test_an_event_far_out_changes_nothing_and_is_no_separation(seed: int) -> None:
    """An event of risk 1 adds nothing to the likelihood: the maximum is that without it.

    The steps on the way move its linear predictor by more than all others together.
    """
    rng = np.random.default_rng(seed)
    column = rng.normal(size=300)
    event = (rng.random(300) < 1.0 / (1.0 + np.exp(1.0 - 0.7 * column))).astype(np.float64)
    place = rng.integers(300)
    column[place], event[place] = 10.0 ** rng.uniform(2.0, 8.0), 1.0
    others = np.arange(300) != place
    design = np.column_stack([np.ones(300), column])
    found, expected = one(design, event), one(design[others], event[others])
    assert found.converged[0]
    assert not found.separated[0]
    # the column's spread is that of the event far out: 1e-10 of it is 1e-4 of the others'
    assert_allclose(found.beta, expected.beta, atol=1e-4)


def test_a_start_from_a_part_of_the_rows_that_is_absurd_for_all_is_left() -> None:
    rng = np.random.default_rng(3)
    column = rng.normal(size=60_000)
    event = (rng.random(60_000) < 1.0 / (1.0 + np.exp(1.0 - 0.7 * column))).astype(np.float64)
    column[-1], event[-1] = -1e9, 1.0
    found = one(np.column_stack([np.ones(60_000), column]), event)
    share = event.mean()
    highest = np.sum(event) * np.log(share) + np.sum(1.0 - event) * np.log(1.0 - share)
    assert found.converged[0]
    assert found.log_likelihood[0] >= highest  # a slope of zero is no better
    assert abs(found.beta[0, 1]) < 1e-6
