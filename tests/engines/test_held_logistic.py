"""Many patients in memory: the passes of a stream give what whole columns give."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from tests.counting import count_calls

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.engines import logistic as driver
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.held_logistic import fit_logistic_held
from vertebrisk.errors import FitError
from vertebrisk.kernels.newton import MANY, fit_logistic_batch, proves_overlap
from vertebrisk.kernels.ordered import middle, ordered_quantiles
from vertebrisk.kernels.steps import dependent_columns, remaining_shares
from vertebrisk.kernels.streamed.logistic import curvature, slopes
from vertebrisk.kernels.streamed.rows import RUN, Rows, runs

RTOL = 1e-10  # both iterate until a step changes nothing in twelve digits
SIZE = MANY + 2000


@pytest.fixture(scope="module")
def patients() -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(11)
    columns = np.column_stack(
        [rng.normal(3000.0, 2.0, SIZE), rng.normal(size=SIZE), rng.random(SIZE) < 0.02]
    ).astype(np.float64)
    linear = (columns - columns.mean(axis=0)) @ [0.2, -0.6, 1.0] - 2.0
    return columns, (rng.random(SIZE) < 1.0 / (1.0 + np.exp(-linear))).astype(np.float64)


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_whole_columns(patients: tuple[FloatArray, FloatArray], weighted: bool) -> None:
    columns, target = patients
    weights = np.random.default_rng(2).integers(0, 3, SIZE).astype(np.float64)
    found = fit_logistic_held(columns, target, LocalEngine(1), weights if weighted else None)
    design = np.column_stack([np.ones(SIZE), columns])
    each = weights if weighted else np.ones(SIZE)
    expected = fit_logistic_batch(design, target, each[None])
    assert found is not None
    assert_allclose(found.beta, expected.beta, rtol=RTOL)
    assert_allclose(found.covariance(), expected.covariance(), rtol=RTOL)
    assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=RTOL)
    assert found.proved
    assert proves_overlap(found, design)


def test_layout_and_threads_change_no_bit(patients: tuple[FloatArray, FloatArray]) -> None:
    columns, target = patients
    one = fit_logistic_held(columns, target, LocalEngine(1))
    other = fit_logistic_held(np.asfortranarray(columns), target, LocalEngine(3))
    assert one is not None
    assert other is not None
    assert_array_equal(one.beta, other.beta)
    assert_array_equal(one.scaled_information, other.scaled_information)


def test_what_is_not_proved_is_left_to_a_closer_look(
    patients: tuple[FloatArray, FloatArray],
) -> None:
    columns, target = patients
    separated = np.where(columns[:, 2] == 1.0, 1.0, target)
    assert fit_logistic_held(columns, separated, LocalEngine(1)) is None
    dependent = np.column_stack([columns, columns[:, 0] + columns[:, 1]])
    assert fit_logistic_held(dependent, target, LocalEngine(1)) is None


def test_fit_logistic_of_many_makes_no_whole_column_fit(
    patients: tuple[FloatArray, FloatArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, target = patients
    frame = pl.DataFrame({"a": columns[:, 0], "b": columns[:, 1], "c": columns[:, 2], "y": target})
    whole = count_calls(monkeypatch, "vertebrisk.models.likelihoods", "fit_logistic_batch")
    looks = count_calls(monkeypatch, "vertebrisk.models.separation", "find_patterns")
    fit = vr.fit_logistic("y ~ a + b + c", frame)
    assert (whole.count, looks.count) == (0, 0)
    design = np.column_stack([np.ones(SIZE), columns])
    expected = fit_logistic_batch(design, target, np.ones((1, SIZE)))
    assert_allclose(fit.coefficients()["estimate"], expected.beta[0], rtol=RTOL)
    assert_allclose(fit.linear_predictor, design @ expected.beta[0], rtol=1e-8, atol=1e-9)


def test_dependent_columns_of_many_are_named(patients: tuple[FloatArray, FloatArray]) -> None:
    columns, target = patients
    frame = pl.DataFrame({"a": columns[:, 0], "b": columns[:, 1], "y": target})
    with pytest.raises(FitError, match="double is an exact combination"):
        vr.fit_logistic("y ~ a + b + double", frame.with_columns(double=2.0 * pl.col("a") - 1.0))
    alone = pl.Series(np.arange(SIZE) == 5).cast(pl.Float64)  # in none of the rows of the part
    rare = frame.with_columns(rare=alone, other=pl.col("b") + alone)
    with pytest.raises(FitError, match="rare is an exact combination"):
        vr.fit_logistic("y ~ b + other + rare", rare)


def test_shares_that_columns_before_leave() -> None:
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(400, 3))
    columns = np.column_stack([columns, columns @ [1.0, -2.0, 0.5], rng.normal(size=400)])
    columns -= columns.mean(axis=0)
    shares = remaining_shares(columns.T @ columns, 1e-9)
    for place in (1, 2, 4):
        before, own = columns[:, :place], columns[:, place]
        left = own - before @ np.linalg.lstsq(before, own)[0]
        assert_allclose(shares[place], left @ left / (own @ own), rtol=1e-9)
    assert dependent_columns(columns.T @ columns, 1e-9).tolist() == [False] * 3 + [True, False]


@pytest.mark.parametrize("size", [1, 2, 3, 10, 101])
def test_quantiles_of_ordered_values_are_numpys(size: int) -> None:
    values = np.sort(np.random.default_rng(size).lognormal(size=size))
    shares = np.array([0.0, 0.01, 1 / 3, 0.5, 0.99, 1.0])
    assert_array_equal(ordered_quantiles(values, shares), np.quantile(values, shares))
    assert middle(values) == np.median(values)


def test_backward_elimination_of_many(patients: tuple[FloatArray, FloatArray]) -> None:
    columns, target = patients
    noise = np.random.default_rng(8).normal(size=SIZE)
    frame = pl.DataFrame({"a": columns[:, 0], "b": columns[:, 1], "noise": noise, "y": target})
    fit = vr.fit_logistic("y ~ a + b + noise", frame, select="backward")
    assert fit.design.variables == ("a", "b")


def test_a_step_that_moves_a_row_far_off_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part of the rows that columns are scaled by does not hold that row."""
    monkeypatch.setattr(driver, "STREAMED", 3_000)
    rng = np.random.default_rng(5)
    columns = rng.normal(size=(SIZE, 2))
    target = (rng.random(SIZE) < expit(columns @ [0.5, 0.4] - 1.0)).astype(np.float64)
    columns[7, 0], target[7] = 1e9, 0.0
    assert fit_logistic_held(columns, target, LocalEngine(1)) is None  # left to a closer look


@pytest.mark.parametrize("away", [3.0, 30.0])  # spreads of the means from zero
@pytest.mark.parametrize("columns", [2, 30, 40])  # products of either kind, and blocks of any size
def test_sums_of_a_table_are_those_of_its_centred_columns(columns: int, away: float) -> None:
    rng = np.random.default_rng(columns)
    table = rng.normal(away, 1.0, (columns, 9_000))
    target = (rng.random(9_000) < 0.3).astype(np.float64)
    rows = Rows(tuple(table), target, rng.random(9_000), whole=True, table=table)
    centre, beta = table.mean(axis=1), rng.normal(0.0, 0.2, 1 + columns)
    for sums in (slopes, curvature):
        found, expected = sums(rows, centre, beta, away), sums(rows, centre, beta)
        for each, other in zip(found, expected, strict=True):
            assert_allclose(each, other, rtol=1e-13, atol=1e-13 * np.abs(other).max())


def test_columns_far_from_zero_are_centred_first(patients: tuple[FloatArray, FloatArray]) -> None:
    columns, target = patients
    near = fit_logistic_held(columns, target, LocalEngine(1))
    far = fit_logistic_held(columns + np.array([2e9, 0.0, 0.0]), target, LocalEngine(1))
    assert near is not None
    assert far is not None
    # a number of 2e9 is known to 2e-7, and the spread is 2
    assert_allclose(far.beta[0, 1:], near.beta[0, 1:], rtol=1e-5)
    assert_allclose(far.log_likelihood, near.log_likelihood, rtol=1e-8)


def test_a_part_of_the_patients_is_looked_at_once(
    patients: tuple[FloatArray, FloatArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, target = patients
    expected = fit_logistic_held(columns, target, LocalEngine(1))
    monkeypatch.setattr(driver, "STREAMED", 3_000)
    looks = count_calls(monkeypatch, "vertebrisk.engines.logistic", "first_look")
    found = fit_logistic_held(columns, target, LocalEngine(1))
    assert looks.count == 1
    assert found is not None
    assert expected is not None
    assert_allclose(found.beta, expected.beta, rtol=RTOL)


@pytest.mark.parametrize("order", ["C", "F"])
def test_runs_of_rows_lie_at_equal_distances(order: Literal["C", "F"]) -> None:
    size = 7 * RUN + 5
    table = np.array([np.arange(size), -np.arange(size)], dtype=np.float64, order=order)
    rows = [row for row in range(6 * RUN) if row // RUN % 3 == 0]
    assert_array_equal(runs(table, 3), table[:, rows])
    assert_array_equal(runs(table[0], 3), rows)


def test_a_short_step_before_the_last_pass_knows_how_the_information_changed(
    patients: tuple[FloatArray, FloatArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, target = patients

    def left() -> float:
        points = count_calls(monkeypatch, "vertebrisk.engines.logistic_passes", "Passes", "point")
        found = fit_logistic_held(columns, target, LocalEngine(1))
        assert found is not None
        last, beta = points.arguments[-1]
        return float(np.abs(last.scaling.undo(beta) - found.beta).max())

    known = left()
    monkeypatch.setattr(driver, "bend", lambda *_: np.zeros(()))
    assert known < 0.2 * left()  # 3,328 rows tell the change to a tenth
