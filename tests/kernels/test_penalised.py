"""Penalised paths: against glmnet, and by the conditions that any solution must meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.reference.loader import frame, load

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.kernels.penalised import quadratic
from vertebrisk.kernels.penalised.crossvalidation import (
    cross_validated_cox,
    cross_validated_logistic,
)
from vertebrisk.kernels.penalised.folds import fold_numbers
from vertebrisk.kernels.penalised.path import Mixture, Paths, cox_paths, logistic_paths
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.penalised.likelihoods import criteria

REFERENCE = load("penalties")
RTOL = (
    1e-8  # glmnet bounds the square of a step by 1e-22 of the deviance; its Cox lambda has 9 digits
)
KKT = 1e-8


def arrays(case: dict[str, Any]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Columns, outcome and weights of a reference case; a Cox model's outcome is the status."""
    data = frame(case["data"])
    if "rows" in case:
        data = data[case["rows"]]
    columns = data.select(case["columns"]).to_numpy().astype(np.float64)
    weights = np.ones((1, data.height))
    if "weights" in case:
        weights = data[case["weights"]].to_numpy().astype(np.float64)[None]
    name, value = (case["event"] or "status == 1").split(" == ")
    event = (data[name].cast(str) == value.strip('"')).to_numpy().astype(np.float64)
    return columns, event, weights


def mixture(case: dict[str, Any]) -> Mixture:
    factors = None
    if "factors" in case:
        factors = np.array(case["factors"], np.float64)
        factors *= factors.size / factors.sum()
    return Mixture(case["mix"], factors, case.get("standardise", True))


def follow_up(case: dict[str, Any]) -> SurvivalTimes:
    names, data = REFERENCE["times"][case["data"]], frame(case["data"])
    return SurvivalTimes(
        data[names["time"]].to_numpy().astype(np.float64), data[names["status"]].to_numpy() == 1
    )


def named(case: dict[str, Any]) -> str:
    return str(case["id"])


def agrees(paths: Paths, case: dict[str, Any]) -> None:
    assert paths.converged.all()
    assert paths.length[0] == case["length"]
    assert_allclose(paths.penalty[0, : case["length"]], case["lambda"], rtol=RTOL)
    first = (
        1 if case["mix"] == 0 else 0
    )  # glmnet shows its first ridge model at an infinite penalty
    found, expected = paths.explained[0, : case["length"]], np.array(case["dev_ratio"])
    assert_allclose(found[first:], expected[first:], rtol=RTOL, atol=1e-10)
    steps = [step for step in case["steps"] if step >= first]
    coef = np.array(case["coef"])[-len(steps) :]
    assert_allclose(
        paths.beta[0, steps], coef, atol=RTOL * np.abs(coef).max(axis=0).max(), rtol=1e-6
    )
    assert_array_equal(paths.beta[0, steps] != 0, coef != 0)


@pytest.mark.parametrize("case", REFERENCE["logistic"], ids=named)
def test_logistic_paths_are_those_of_glmnet(case: dict[str, Any]) -> None:
    columns, event, weights = arrays(case)
    agrees(logistic_paths(columns, event * weights, weights, mixture(case)), case)


@pytest.mark.parametrize("case", REFERENCE["cox"], ids=named)
def test_cox_paths_are_those_of_glmnet(case: dict[str, Any]) -> None:
    columns, _, weights = arrays(case)
    agrees(cox_paths(columns, follow_up(case), weights, mixture(case)), case)


def compare_cv(found: Any, paths: Paths, case: dict[str, Any]) -> None:
    steps = len(case["lambda"])
    assert paths.length[0] == steps
    assert_allclose(found.mean[0, :steps], case["mean"], rtol=RTOL)
    assert_allclose(found.error[0, :steps], case["error"], rtol=RTOL, atol=1e-10)
    assert_allclose(paths.penalty[0, found.lowest[0]], case["lambda_min"], rtol=RTOL)
    assert_allclose(paths.penalty[0, found.one_error[0]], case["lambda_1se"], rtol=RTOL)


@pytest.mark.parametrize("case", REFERENCE["cross_validation"], ids=named)
def test_cross_validation_is_that_of_glmnet(case: dict[str, Any]) -> None:
    columns, event, weights = arrays(case)
    patterns, folds = find_patterns(columns), np.array(case["folds"])[None]
    counts, events = patterns.count(weights, event)
    paths = logistic_paths(patterns.rows, events, counts, mixture(case))
    found = cross_validated_logistic(
        patterns, event, weights, folds, mixture(case), paths, case["measure"]
    )
    compare_cv(found, paths, case)


@pytest.mark.parametrize("case", REFERENCE["cross_validation_cox"], ids=named)
def test_cross_validation_of_cox_is_that_of_glmnet(case: dict[str, Any]) -> None:
    columns, _, weights = arrays(case)
    times, folds = follow_up(case), np.array(case["folds"])[None]
    paths = cox_paths(columns, times, weights, mixture(case))
    found = cross_validated_cox(columns, times, weights, folds, mixture(case), paths)
    compare_cv(found, paths, case)


def test_late_entry_and_strata_are_those_of_glmnet() -> None:
    case, data = REFERENCE["late_entry"], frame("gbsg")
    plain = follow_up({"data": "gbsg"})
    rows = np.arange(1, plain.size + 1)
    times = SurvivalTimes(
        plain.exit,
        plain.event,
        np.floor(plain.exit * (rows * 7 % 10) / 14),
        data["grade"].to_numpy().astype(np.int64),
    )
    columns = data.select(case["columns"]).to_numpy().astype(np.float64)
    levels, ones = np.array([case["lambda"]]), np.ones((1, plain.size))
    paths = cox_paths(columns, times, ones, Mixture(case["mix"]), levels)
    coef = np.array(case["coef"])
    assert paths.converged.all()
    assert_array_equal(paths.beta[0] != 0, coef != 0)
    # cox.path ends at a relative change of the deviance, however small it is asked to be
    assert_allclose(paths.beta[0], coef, rtol=1e-6, atol=1e-9)


def test_ridge_and_its_freedom_are_those_of_rms_and_coxph() -> None:
    trace = REFERENCE["trace"]
    columns, event, weights = arrays(trace)
    penalty = np.array(trace["penalty"])[::-1] / (trace["n"] - 1)
    paths = logistic_paths(columns, event * weights, weights, Mixture(0.0), penalty[None])
    assert_allclose(paths.df[0], trace["df"][::-1], rtol=1e-10)
    assert_allclose(paths.beta[0], trace["coef"][::-1], rtol=1e-9)
    found = criteria(paths.log_likelihood[0] - paths.null[0], paths.df[0], np.full(9, 200.0))
    for name, values in found.items():
        assert_allclose(values, trace[name][::-1], rtol=1e-10)
    timed = REFERENCE["trace_cox"]
    columns = frame("gbsg").select(timed["columns"]).to_numpy().astype(np.float64)
    times = follow_up({"data": "gbsg"})
    for fit in timed["fits"]:
        level = np.array([[fit["theta"] / (timed["n"] - 1)]])
        path = cox_paths(columns, times, np.ones((1, times.size)), Mixture(0.0), level)
        assert_allclose(path.beta[0, 0], fit["coef"], rtol=1e-9)
        assert_allclose(path.df[0, 0], fit["df"], rtol=1e-9)
        assert_allclose(path.log_likelihood[0, 0], fit["log_likelihood"], rtol=1e-12)


def simulated(seed: int, n: int = 60, p: int = 6) -> tuple[FloatArray, FloatArray, SurvivalTimes]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, p)) @ rng.normal(size=(p, p))
    columns[:, 0] = columns[:, 0] > 0
    eta = columns @ rng.normal(scale=0.5, size=p)
    event = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(np.float64)
    event[:2] = 0.0, 1.0
    exit_times = np.ceil(rng.exponential(np.exp(-eta)) * 8)
    return columns, event, SurvivalTimes(exit_times, rng.random(n) < 0.6)


def spreads(columns: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    mean = np.average(columns, axis=0, weights=weights)
    return mean, np.sqrt(np.average((columns - mean) ** 2, axis=0, weights=weights))


def check_conditions(
    slope: FloatArray, beta: FloatArray, penalty: float, mix: float, spread: FloatArray
) -> None:
    """Karush, Kuhn and Tucker; `slope` per patient and standard deviation."""
    rest = slope - penalty * (1 - mix) * beta * spread
    held = penalty * mix
    assert np.all(np.abs(rest[beta != 0] - held * np.sign(beta[beta != 0])) < KKT)
    assert np.all(np.abs(rest[beta == 0]) < held + KKT)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]), st.booleans())
def test_every_logistic_step_meets_its_conditions(seed: int, mix: float, wide: bool) -> None:
    columns, event, _ = simulated(seed, 12 if wide else 60, 20 if wide else 6)
    weights = np.random.default_rng(seed).integers(0, 4, event.size).astype(np.float64)
    weights[:2] = 1.0
    paths = logistic_paths(columns, (event * weights)[None], weights[None], Mixture(mix))
    mean, spread = spreads(columns, weights)
    for step in range(paths.length[0]):
        beta = paths.beta[0, step]
        risk = 1 / (1 + np.exp(-(beta[0] + columns @ beta[1:])))
        residual = weights * (event - risk) / weights.sum()
        assert abs(residual.sum()) < KKT
        slope = residual @ (columns - mean) / spread
        check_conditions(slope, beta[1:], paths.penalty[0, step], mix, spread)


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from(["breslow", "efron"])
)
def test_every_cox_step_meets_its_conditions(seed: int, mix: float, ties: Ties) -> None:
    columns, _, times = simulated(seed)
    ones = np.ones((1, times.size))
    paths = cox_paths(columns, times, ones, Mixture(mix), ties=ties)
    _, spread = spreads(columns, ones[0])
    for step in range(0, paths.length[0], 7):
        beta = paths.beta[0, step]
        slope = score(columns, times, beta, ties) / times.size / spread
        check_conditions(slope, beta, paths.penalty[0, step], mix, spread)


def score(columns: FloatArray, times: SurvivalTimes, beta: FloatArray, ties: Ties) -> FloatArray:
    """Derivative of the partial log-likelihood, term by term."""
    hazard, total = np.exp(columns @ beta), np.zeros(beta.size)
    for moment in np.unique(times.exit[times.event]):
        at_risk, dying = times.exit >= moment, times.event & (times.exit == moment)
        for place in range(dying.sum()):
            less = hazard * dying * (place / dying.sum() if ties == "efron" else 0.0)
            inside = hazard * at_risk - less
            total -= inside @ columns / inside.sum()
        total += columns[dying].sum(axis=0)
    return total


def test_weights_are_repeated_rows_and_order_and_units_do_not_matter() -> None:
    columns, event, times = simulated(3)
    weights = np.random.default_rng(3).integers(1, 4, event.size)
    rows = np.random.default_rng(4).permutation(np.repeat(np.arange(event.size), weights))
    scale = np.array([1e6, 1e-6, 1.0, 10.0, 1e-3, 1e4])
    frequency = weights[None].astype(np.float64)
    first = logistic_paths(columns, event * frequency, frequency, Mixture(0.8))
    again = logistic_paths(
        columns[rows] * scale + 5.0, event[rows][None], np.ones((1, rows.size)), Mixture(0.8)
    )
    assert_allclose(again.penalty, first.penalty, rtol=1e-9)
    assert_allclose(again.beta[..., 1:] * scale, first.beta[..., 1:], rtol=1e-6, atol=1e-9)
    one = cox_paths(columns, times, frequency, Mixture(1.0), ties="efron")
    moved = times.take(rows)
    two = cox_paths(
        columns[rows] * scale, moved, np.ones((1, rows.size)), Mixture(1.0), ties="efron"
    )
    assert_allclose(two.beta * scale, one.beta, rtol=1e-6, atol=1e-9)


def test_replicates_are_fitted_as_they_would_be_alone() -> None:
    columns, event, times = simulated(8)
    weights = np.random.default_rng(8).multinomial(60, np.full(60, 1 / 60), 5).astype(np.float64)
    together = logistic_paths(columns, event * weights, weights, Mixture(1.0))
    hazards = cox_paths(columns, times, weights, Mixture(1.0))
    for each in range(5):
        own = weights[each : each + 1]
        alone = logistic_paths(columns, event * own, own, Mixture(1.0))
        assert together.length[each] == alone.length[0]
        assert_allclose(together.beta[each], alone.beta[0], rtol=1e-6, atol=1e-9)
        single = cox_paths(columns, times, own, Mixture(1.0))
        assert_allclose(hazards.beta[each], single.beta[0], rtol=1e-6, atol=1e-9)


def test_a_vanishing_penalty_leads_to_maximum_likelihood() -> None:
    columns, event, times = simulated(5)
    ones, small = np.ones((1, 60)), np.array([[1e-11]])
    paths = logistic_paths(columns, event[None], ones, Mixture(0.0), small)
    plain = fit_logistic_batch(np.column_stack([ones[0], columns]), event, ones)
    assert_allclose(paths.beta[0, 0], plain.beta[0], rtol=1e-6)
    hazard = cox_paths(columns, times, ones, Mixture(0.0), small, ties="efron")
    assert_allclose(hazard.beta[0, 0], fit_cox_batch(columns, times).beta[0], rtol=1e-6)


def test_a_constant_column_stays_zero_and_equal_columns_share_or_yield() -> None:
    columns, event, _ = simulated(11)
    ones = np.ones((1, 60))
    wide = np.column_stack([columns, np.full(60, 7.0), columns[:, 1]])
    plain = logistic_paths(columns, event[None], ones, Mixture(1.0))
    known = slice(0, plain.length[0])
    lasso = logistic_paths(wide, event[None], ones, Mixture(1.0), plain.penalty[:, known])
    assert lasso.converged.all()
    assert not lasso.use[0, 7]
    assert np.all(lasso.beta[..., 7] == 0)
    both = lasso.beta[..., 2] + lasso.beta[..., 8]
    assert_allclose(both[0], plain.beta[0, known, 2], atol=1e-7)
    ridge = logistic_paths(wide, event[None], ones, Mixture(0.0))
    assert_allclose(ridge.beta[..., 2], ridge.beta[..., 8], rtol=1e-7, atol=1e-12)


def test_dependent_columns_are_solved_without_a_long_descent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quadratic, "ROUNDS", 10)  # descent alone takes six times as many
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(40, 8)) @ (np.eye(8) + 0.4 * rng.normal(size=(8, 8)))
    rows = np.column_stack([rows, rows[:, 0], rows[:, 1] - rows[:, 2]])
    matrix = (rows.T @ rows)[None] / 40
    linear = (rows.T @ (rows[:, 0] + rows[:, 1] + rng.normal(size=40)))[None] / 40
    threshold, start = np.full((1, 10), 0.01), np.full((1, 10), 0.1)
    found = quadratic.solve_quadratics(matrix, linear, threshold, start)
    slope = linear[0] - matrix[0] @ found[0]
    moved = found[0] != 0
    assert_allclose(slope[moved], 0.01 * np.sign(found[0][moved]), atol=1e-9)
    assert np.all(np.abs(slope) <= 0.01 + 1e-9)


@pytest.mark.parametrize("seed", [0, 2])
def test_many_columns_near_a_perfect_fit_need_few_rounds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Curvature all but flat, as where patients are nearly separated: sweeps alone creep."""
    monkeypatch.setattr(quadratic, "ROUNDS", 30)  # by sweeps alone twice as many do not do
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(120, 50)) @ (np.eye(50) + 0.4 * rng.normal(size=(50, 50)))
    weight = np.exp(-3.0 * np.abs(rng.normal(size=120)))
    matrix = ((rows.T * weight) @ rows)[None] / 120
    linear = (rows.T @ (weight * rng.normal(size=120)))[None] / 120
    threshold, start = np.full((1, 50), 1e-4), np.zeros((1, 50))
    found = quadratic.solve_quadratics(matrix, linear, threshold, start)
    slope = linear[0] - matrix[0] @ found[0]
    moved = found[0] != 0
    assert_allclose(slope[moved], 1e-4 * np.sign(found[0][moved]), atol=1e-9)
    assert np.all(np.abs(slope) <= 1e-4 + 1e-9)


def test_separated_patients_end_the_path_where_nearly_all_is_explained() -> None:
    x = np.concatenate([np.arange(20.0), np.arange(100.0, 120.0)])[:, None]
    event = (x[:, 0] > 50).astype(np.float64)
    paths = logistic_paths(x, event[None], np.ones((1, 40)), Mixture(1.0))
    last = paths.length[0] - 1
    assert paths.converged.all()
    assert last < 99
    assert paths.explained[0, last] > 0.999 > paths.explained[0, last - 1]
    assert np.isnan(paths.penalty[0, last + 1 :]).all()


@pytest.mark.parametrize("event", [0.0, 1.0])
def test_without_both_outcomes_there_is_no_path(event: float) -> None:
    columns, _, times = simulated(2)
    ones = np.ones((1, 60))
    assert logistic_paths(columns, event * ones, ones, Mixture(1.0)).length[0] == 0
    censored = SurvivalTimes(times.exit, np.zeros(60, dtype=np.bool_))
    assert cox_paths(columns, censored, ones, Mixture(1.0)).length[0] == 0


@pytest.mark.slow
def test_more_columns_than_are_multiplied_at_once() -> None:
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(80, 90))
    event = (rng.random(80) < 0.4).astype(np.float64)
    paths = logistic_paths(columns, event[None], np.ones((1, 80)), Mixture(0.0))
    assert paths.converged.all()
    beta = paths.beta[0, -1]
    residual = (event - 1 / (1 + np.exp(-(beta[0] + columns @ beta[1:])))) / 80
    mean, spread = spreads(columns, np.ones(80))
    slope = residual @ (columns - mean) / spread
    check_conditions(slope, beta[1:], paths.penalty[0, -1], 0.0, spread)


def test_folds_spread_events_and_depend_on_the_seed_alone() -> None:
    event = (np.arange(100) % 7 == 0).astype(np.float64)
    weights = np.random.default_rng(0).multinomial(100, np.full(100, 0.01), 20).astype(np.float64)
    folds = fold_numbers(event, weights, 5, 1)
    assert np.all((folds >= 0) == (weights > 0))
    for fold, weight in zip(folds, weights, strict=True):
        present = weight > 0
        for group in (present, present & (event > 0)):
            sizes = np.bincount(fold[group], minlength=5)
            assert sizes.max() - sizes.min() <= 1
    assert_array_equal(fold_numbers(event, weights[7:8], 5, 1)[0], folds[7])
    assert not np.array_equal(fold_numbers(event, weights, 5, 2), folds)


def test_vertebrae_of_one_patient_share_a_fold() -> None:
    event = np.array([0, 1, 0, 0, 1, 0, 0, 0, 0, 1.0])
    clusters = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    folds = fold_numbers(event, np.ones((1, 10)), 3, 4, clusters)[0]
    assert np.all(folds[::2] == folds[1::2])
    assert set(folds) == {0, 1, 2}


def test_a_resample_with_one_event_cannot_be_cross_validated() -> None:
    columns, _, _ = simulated(1)
    event = np.zeros(60)
    event[4] = 1.0
    ones = np.ones((1, 60))
    patterns = find_patterns(columns)
    counts, events = patterns.count(ones, event)
    paths = logistic_paths(patterns.rows, events, counts, Mixture(1.0))
    folds = fold_numbers(event, ones, 5, 1)
    found = cross_validated_logistic(patterns, event, ones, folds, Mixture(1.0), paths)
    assert not found.usable[0] or found.folds[0] == 4
