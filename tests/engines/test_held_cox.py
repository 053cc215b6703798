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
from vertebrisk.engines import engine as engines
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.held_cox import fit_cox_held, in_order
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


def test_one_copy_of_the_covariates_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 2048)
    columns, times = data(6, 40_000, 12, ties=False)
    with memory() as held:
        fit_cox_held(columns, times, LocalEngine(1))
    assert held.peak < 1.6 * columns.nbytes


@pytest.mark.parametrize("scale", [1.0, 0.5, 70_000.0], ids=["days", "halves", "long"])
def test_whole_days_are_put_in_order_as_any_times(scale: float) -> None:
    _, times = data(6, 500, 1)
    days = SurvivalTimes(scale * np.ceil(20.0 * times.exit), times.event)
    assert_array_equal(in_order(days), np.argsort(-days.exit, kind="stable"))
