"""Cox regression of many patients in memory: the same fit, in other sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import count_calls, memory
from tests.engines.test_cox import RTOL, assert_same
from tests.kernels.survival.test_cox import data

from vertebrisk import fit_cox
from vertebrisk.engines import cox as driver
from vertebrisk.engines import engine as engines
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.held_cox import fit_cox_held
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes


@pytest.mark.parametrize("shape", [{}, {"ties": False}, {"strata": 5}], ids=str)
def test_the_fit_is_that_of_whole_columns(
    shape: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 100)
    columns, times = data(6, 500, 4, **shape)
    columns = columns * [1.0, 100.0, 0.01, 5.0] + [0.0, 1e4, 3.0, -7.0]
    weights = np.random.default_rng(2).uniform(0.5, 2.0, 500)
    for given in (None, weights):
        expected = fit_cox_batch(
            columns, times, None if given is None else given[None], case_weights=True
        )
        for threads in (1, 3):
            found = fit_cox_held(columns, times, LocalEngine(threads), weights=given)
            assert_same(found, expected)


def test_columns_of_short_numbers_are_fitted() -> None:
    columns, times = data(6, 200, 3)
    short: Any = columns.astype(np.float32)
    found = fit_cox_held(short, times, LocalEngine(1))
    assert_same(found, fit_cox_held(short.astype(np.float64), times, LocalEngine(1)))


@pytest.mark.parametrize("rule", ["", " + strata(group)"])
def test_a_large_table_is_fitted_so(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    columns, times = data(6, 600, 2, strata=2)
    frame = pl.DataFrame(
        {
            "time": times.exit,
            "event": times.event,
            "group": times.groups,
            "a": columns[:, 0],
            "b": columns[:, 1],
        }
    )
    formula = f"Surv(time, event) ~ a + rcs(b, 4){rule}"
    expected = fit_cox(formula, frame)
    monkeypatch.setattr("vertebrisk.models.likelihoods.MANY", 500)
    calls = count_calls(monkeypatch, "vertebrisk.models.likelihoods", "fit_cox_held")
    found = fit_cox(formula, frame)
    assert calls.count == 1
    assert_allclose(found.beta, expected.beta, rtol=RTOL)
    assert_allclose(found.cov, expected.cov, rtol=RTOL, atol=1e-12)
    assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=RTOL)


@pytest.mark.parametrize("ties", [False, True])
def test_covariates_are_not_copied(ties: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 2048)
    monkeypatch.setattr("vertebrisk.engines.held_cox.ENOUGH", 2048)
    columns, times = data(6, 40_000, 12, ties=ties)
    moments = np.unique(times.exit[times.event]).size
    first = np.arange(100)
    fit_cox_held(columns[first], times.take(first), LocalEngine(1))  # modules are loaded
    with memory() as held:
        fit_cox_held(columns, times, LocalEngine(1))
    # some numbers a patient and an event time, and sums by covariate at the event times
    numbers = 10 * times.size + (12 + 12 * (1 + ties)) * moments
    assert held.peak < 8 * numbers


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("strata", [0, 5])
def test_threads_change_no_bit(strata: int, ties: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 128)
    monkeypatch.setattr(driver, "PART", 200)
    columns, times = data(4, 2000, 5, ties=ties, strata=strata)
    expected = fit_cox_held(columns, times, LocalEngine(1))
    for threads in (2, 3):
        monkeypatch.setenv("VERTEBRISK_THREADS", str(threads))
        found = fit_cox_held(columns, times, LocalEngine(threads))
        for name in ("beta", "information", "log_likelihood", "null_log_likelihood"):
            assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("by_column", [False, True])
def test_a_part_of_many_patients_begins(by_column: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """From there gradients alone lead to the maximum, where the information is made once."""
    monkeypatch.setattr(driver, "PART", 300)
    monkeypatch.setattr(engines, "CHUNK", 512)
    columns, times = data(8, 3000, 5)
    expected = fit_cox_batch(columns, times)
    looks, scores, slopes = (
        count_calls(monkeypatch, "vertebrisk.engines.held_cox", name)
        for name in ("_products", "_predicted", "_residual")
    )
    given = np.asfortranarray(columns) if by_column else columns
    found = fit_cox_held(given, times, LocalEngine(1))
    assert found.iterations[0] == 1
    assert_allclose(found.beta, expected.beta, rtol=RTOL)
    assert_allclose(found.information, expected.information, rtol=RTOL)
    assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=RTOL)
    chunks, of_a_part = 6, 1
    assert looks.count <= chunks * 2 + of_a_part * 5
    assert scores.count == slopes.count  # linear predictors are made once for each slope
    assert slopes.count <= chunks * 9 + of_a_part * 5


def test_columns_far_from_zero_lose_no_digits() -> None:
    """A day counted in nanoseconds since 1970 is as good as one counted from the mean."""
    columns, times = data(8, 2000, 4)
    expected = fit_cox_held(columns, times, LocalEngine(1))
    far = columns * [1.0, 1e3, 1.0, 1.0] + [0.0, 2.0**33, 0.0, 1e3]
    near = far - [0.0, 2.0**33, 0.0, 1e3]
    expected = fit_cox_held(near, times, LocalEngine(1))
    found = fit_cox_held(far, times, LocalEngine(1))
    assert_allclose(found.beta, expected.beta, rtol=RTOL)
    assert_allclose(found.information, expected.information, rtol=1e-9)


def test_a_rare_code_far_away_changes_no_other_column() -> None:
    columns, times = data(8, 2000, 3)
    columns[::500, 2] = 1e9
    expected = fit_cox_batch(columns, times)
    found = fit_cox_held(columns, times, LocalEngine(1))
    assert_allclose(found.beta[0, :2], expected.beta[0, :2], rtol=1e-8)
    assert_array_equal(found.rank, expected.rank)


@pytest.mark.parametrize("strata", [0, 3])
def test_a_monotone_likelihood_is_found(strata: int) -> None:
    columns, times = data(2, 400, strata=strata)
    columns[:, 1] = np.where(times.event, 1.0, columns[:, 1] > 1.5)
    found, expected = fit_cox_held(columns, times, LocalEngine()), fit_cox_batch(columns, times)
    assert expected.separated[0]
    assert found.separated[0]
    assert not found.converged[0]


def test_constant_and_dependent_columns_are_known() -> None:
    columns, times = data(2, 400, 4)
    columns[:, 1] = 3.0
    columns[:, 3] = columns[:, 0] + 2.0 * columns[:, 2]
    found, expected = fit_cox_held(columns, times, LocalEngine()), fit_cox_batch(columns, times)
    assert_array_equal(found.rank, expected.rank)
    assert found.rank[0] == 2
    assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=RTOL)


@pytest.mark.parametrize("events", [0, 1])
def test_hardly_any_event(events: int) -> None:
    columns, times = data(1, 50)
    event = np.zeros(50, dtype=np.bool_)
    event[np.argsort(times.exit)[10 : 10 + events]] = True
    few = SurvivalTimes(times.exit, event)
    found, expected = fit_cox_held(columns, few, LocalEngine()), fit_cox_batch(columns, few)
    for name in ("rank", "converged", "separated"):
        assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("weighted", [False, True])
def test_a_code_far_off_of_a_patient_who_is_never_at_risk_moves_nothing(weighted: bool) -> None:
    columns, times = data(6, 500, 2, strata=3)
    weights = np.random.default_rng(2).uniform(0.5, 2.0, 500) if weighted else None
    early = times.exit.copy()
    event = times.event.copy()
    early[7], event[7] = 0.0, False  # censored before the first event
    unlike = SurvivalTimes(early, event, None, times.strata)
    columns[7] = 1e5
    expected = fit_cox_batch(
        columns, unlike, None if weights is None else weights[None], case_weights=True
    )
    assert expected.converged.all()
    assert_same(fit_cox_held(columns, unlike, LocalEngine(1), weights=weights), expected)
