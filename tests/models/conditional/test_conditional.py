"""Matched sets: against clogit, brute force, and what must not change anything."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import DataError, FewEventsWarning, FitError
from vertebrisk.kernels.conditional.fitting import fit_conditional_batch
from vertebrisk.kernels.conditional.sets import MatchedSets

REFERENCE = loader.load("conditional")
INFERT = "case == 1 ~ spontaneous + induced"
MANY = 'case == 1 ~ a + C(b, ref="low") + c'


def infert() -> vr.ConditionalFit:
    return vr.fit_conditional(INFERT, loader.frame("infert"), sets="stratum")


def several(**options: Any) -> vr.ConditionalFit:
    return vr.fit_conditional(MANY, loader.frame("matched_sets"), sets="set", **options)


@pytest.mark.parametrize(("name", "fit"), [("infert", infert), ("several", several)])
def test_as_clogit_exact(name: str, fit: Any) -> None:
    found, expected = fit(), REFERENCE[name]
    estimate = found.beta
    if name == "several":  # R has low, mid, high; here the levels are sorted after the reference
        estimate = estimate[[0, 2, 1, 3]]
    assert_allclose(estimate, expected["estimate"], rtol=1e-8)
    errors = np.sqrt(np.diag(expected["covariance"]))
    table = found.coefficients()["std_error"].to_numpy()
    assert_allclose(table if name == "infert" else table[[0, 2, 1, 3]], errors, rtol=1e-7)
    summary = found.summary()
    assert_allclose([summary.null_log_likelihood, summary.log_likelihood],
                    expected["log_likelihood"], rtol=1e-10)  # fmt: skip
    assert_allclose([summary.lr_statistic, summary.df, summary.p_value], expected["lr"], rtol=1e-7)
    assert summary.wald_statistic == pytest.approx(expected["wald"][0], abs=0.006)  # R rounds it
    assert summary.c_index == pytest.approx(expected["concordance"], rel=1e-9)


def brute(columns: FloatArray, case: IntArray, groups: IntArray, beta: FloatArray) -> float:
    total = 0.0
    for group in np.unique(groups):
        inside = np.flatnonzero(groups == group)
        cases = [row for row in inside if case[row]]
        if 0 < len(cases) < len(inside):
            linear = columns @ beta
            every = [linear[list(each)].sum() for each in combinations(inside, len(cases))]
            total += linear[cases].sum() - np.log(np.exp(every).sum())
    return total


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_the_likelihood_is_that_of_all_subsets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 12, 60)
    case = (rng.random(60) < 0.4).astype(np.int64)
    columns = rng.normal(size=(60, 2))
    sets = MatchedSets.of(case > 0, groups)
    fit = fit_conditional_batch(columns, sets, np.ones((1, 60)))
    if fit.converged[0]:
        beta = fit.beta[0]
        assert_allclose(fit.log_likelihood[0], brute(columns, case, groups, beta), rtol=1e-9)
        step = 1e-4
        for axis in range(2):
            ends = [brute(columns, case, groups, beta + sign * step * np.eye(2)[axis])
                    for sign in (-1, 0, 1)]  # fmt: skip
            assert abs(ends[2] - ends[0]) / (2 * step) < 1e-4  # the gradient vanishes
            bend = -(ends[0] - 2 * ends[1] + ends[2]) / step**2
            assert_allclose(fit.information[0, axis, axis], bend, rtol=1e-3, atol=1e-3)


def test_weights_are_repeated_sets() -> None:
    frame = loader.frame("matched_sets")
    codes = frame["set"].rank("dense").to_numpy().astype(np.int64) - 1
    case = frame["case"].to_numpy() > 0
    columns = frame.select("a", "c").cast(pl.Float64).to_numpy()
    drawn = np.random.default_rng(3).integers(0, 3, codes.max() + 1)
    weighted = fit_conditional_batch(columns, MatchedSets.of(case, codes),
                                     drawn[codes][None].astype(float))  # fmt: skip
    rows: list[int] = []
    groups: list[int] = []
    for group, times in enumerate(drawn):
        for time in range(int(times)):
            own = np.flatnonzero(codes == group)
            rows.extend(own.tolist())
            groups.extend([10 * group + time] * own.size)
    repeated = fit_conditional_batch(columns[rows], MatchedSets.of(case[rows], np.array(groups)),
                                     np.ones((1, len(rows))))  # fmt: skip
    assert_allclose(weighted.beta, repeated.beta, rtol=1e-9)
    assert_allclose(weighted.information, repeated.information, rtol=1e-7)
    assert_allclose(weighted.log_likelihood, repeated.log_likelihood, rtol=1e-10)


def test_whole_sets_are_drawn_and_optimism_is_taken_off() -> None:
    rng = np.random.default_rng(1)
    noise = {f"noise{k}": rng.normal(size=loader.frame("matched_sets").height) for k in range(4)}
    frame = loader.frame("matched_sets").with_columns(**{k: pl.Series(v) for k, v in noise.items()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        fit = vr.fit_conditional(f"{MANY} + {' + '.join(noise)}", frame, sets="set",
                                 select="backward")  # fmt: skip
    found = fit.validate(12, seed=2)
    assert found.table["measure"].to_list() == ["c_index", "dxy", "slope"]
    assert found.apparent("c_index") == pytest.approx(fit.summary().c_index)
    assert found.corrected("c_index") < found.apparent("c_index")
    assert found.corrected("slope") < 1.0
    assert dict(found.selected.rows())["a"] == 1.0
    assert fit.validate(12, seed=2).table.equals(found.table)
    held = fit.validate(12, seed=2, fixed=True)
    assert held.corrected("c_index") > found.corrected("c_index") - 0.02


def test_rows_and_sets_without_a_say_are_counted() -> None:
    frame = loader.frame("infert").with_columns(
        induced=pl.when(pl.int_range(248) < 3).then(None).otherwise(pl.col("induced"))
    )
    fit = vr.fit_conditional(INFERT, frame, sets="stratum")
    assert fit.n_dropped["predictor missing"] == 3
    left = fit.n_dropped["set without a case or a control"]
    assert fit.n + 3 + left == 248
    assert fit.n_sets == 83 - 3


def test_what_has_no_estimate_is_said() -> None:
    frame = loader.frame("infert")
    with pytest.raises(FitError, match="matched on"):
        vr.fit_conditional(f"{INFERT} + age", frame, sets="stratum")
    apart = frame.with_columns(mark=pl.col("case") + 0.0)
    with pytest.raises(FitError, match="mark separates cases from controls inside every set"):
        vr.fit_conditional("case == 1 ~ mark", apart, sets="stratum")
    with pytest.raises(DataError, match="No set of 'row'"):
        vr.fit_conditional(INFERT, frame.with_columns(row=pl.int_range(248)), sets="row")
    with pytest.raises(DataError, match="cases; matched sets have a few"):
        vr.fit_conditional(INFERT, frame.with_columns(one=pl.lit(1)), sets="one")
