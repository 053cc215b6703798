"""Fine-Gray regression on arrays: against R, repeated rows, and its own derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch
from vertebrisk.kernels.survival.cumulative_incidence import aalen_johansen, risk_table
from vertebrisk.kernels.survival.fine_gray import fit_fine_gray_batch, log_baseline_hazards
from vertebrisk.kernels.survival.fine_gray_inference import FineGrayInference, fine_gray_inference
from vertebrisk.kernels.survival.times import SurvivalTimes

RTOL = 1e-8  # both are iterated to the end; the maximum is flat, so half the digits are left
REFERENCE = loader.load("competing")["fine_gray"]
CASES = {case["id"]: case for case in REFERENCE}


@dataclass(frozen=True)
class Rows:
    columns: FloatArray
    exit: FloatArray
    status: IntArray
    weights: FloatArray
    strata: IntArray | None = None

    def fit(self, weights: FloatArray | None = None) -> CoxFits:
        rows = self.weights[None] if weights is None else weights
        return fit_fine_gray_batch(
            self.columns, self.exit, self.status, rows, censoring_strata=self.strata
        )

    def infer(self, fits: CoxFits) -> FineGrayInference:
        return fine_gray_inference(
            self.columns,
            self.exit,
            self.status,
            fits.beta[0],
            fits.information[0],
            self.weights,
            censoring_strata=self.strata,
        )

    def baselines(
        self, beta: FloatArray, times: FloatArray, weights: FloatArray | None = None
    ) -> FloatArray:
        rows = self.weights[None] if weights is None else weights
        linear = beta @ self.columns.T
        return np.exp(
            log_baseline_hazards(
                linear, self.exit, self.status, times, rows, censoring_strata=self.strata
            )
        )

    def take(self, positions: IntArray) -> Rows:
        return Rows(
            self.columns[positions],
            self.exit[positions],
            self.status[positions],
            self.weights[positions],
            None if self.strata is None else self.strata[positions],
        )


def rows_of(case: dict[str, Any]) -> Rows:
    frame = loader.frame(case["data"])
    if case["data"] == "mgus2":
        names = ["age", "sex", "hgb", "creat", "mspike"]
        parts = [frame[name] == "M" if name == "sex" else frame[name] for name in names]
    else:
        parts = [frame["arm"] == "b", frame["arm"] == "c", frame["age"], frame["volume_ml"]]
    columns = np.column_stack([part.to_numpy().astype(np.float64) for part in parts])
    exit, status = frame["months"].to_numpy().astype(np.float64), frame["status"].to_numpy()
    weights = np.ones(exit.size)
    if case["weights"] is not None:
        weights = frame[case["weights"]].to_numpy().astype(np.float64)
    strata = None
    if case["strata"] is not None:
        strata = (frame[case["strata"]] == "south").to_numpy().astype(np.int64)
    if case["id"] == "competing_apart":
        exit = exit - 0.25 * (status > 0)
    rows = Rows(columns, exit, status, weights, strata)
    return rows.take(np.flatnonzero(status != 2)) if case["id"] == "competing_none" else rows


def name_of(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", REFERENCE, ids=name_of)
def test_estimates_agree_with_crr(case: dict[str, Any]) -> None:
    fits = rows_of(case).fit()
    assert fits.converged.all()
    assert_allclose(fits.beta[0], case["coef"], rtol=RTOL)
    assert_allclose(fits.log_likelihood[0], case["log_likelihood"], rtol=1e-12)
    assert_allclose(fits.null_log_likelihood[0], case["null_log_likelihood"], rtol=1e-12)
    assert_allclose(fits.covariance(), case["inverse_information"], rtol=RTOL)


@pytest.mark.parametrize("case", [c for c in REFERENCE if "finegray" in c], ids=name_of)
def test_estimates_agree_with_finegray_and_coxph(case: dict[str, Any]) -> None:
    fits = rows_of(case).fit()
    expected = case["finegray"]
    assert_allclose(fits.beta[0], expected["coef"], rtol=RTOL)
    likelihoods = [fits.null_log_likelihood[0], fits.log_likelihood[0]]
    assert_allclose(likelihoods, expected["log_likelihood"], rtol=1e-12)


@pytest.mark.parametrize("case", [c for c in REFERENCE if c["strata"] is None], ids=name_of)
def test_covariance_agrees_with_crr(case: dict[str, Any]) -> None:
    rows = rows_of(case)
    inference = rows.infer(rows.fit())
    assert_allclose(inference.covariance, case["covariance"], rtol=RTOL)
    assert_allclose(rows.weights @ inference.influence, 0.0, atol=1e-10)


@pytest.mark.parametrize("case", REFERENCE, ids=name_of)
def test_predicted_incidence_agrees_with_crr(case: dict[str, Any]) -> None:
    rows = rows_of(case)
    fits = rows.fit()
    times = np.asarray(case["times"], dtype=np.float64)
    relative = np.exp(np.array(case["patients"]) @ fits.beta[0])
    hazard, _, _ = rows.infer(fits).baseline(times)
    assert_allclose(1.0 - np.exp(-hazard[:, None] * relative), case["risk"], rtol=RTOL)
    assert_allclose(rows.baselines(fits.beta, times)[0], hazard, rtol=1e-12)


def test_a_censoring_curve_a_stratum_is_near_that_of_crr() -> None:
    # crr lets competing events of every stratum into the censoring part of each, which is small
    case = CASES["competing_strata"]
    rows = rows_of(case)
    errors = np.sqrt(np.diag(rows.infer(rows.fit()).covariance))
    assert_allclose(errors, np.sqrt(np.diag(case["covariance"])), rtol=5e-3)


@pytest.mark.parametrize("name", ["competing", "competing_strata"])
def test_influence_and_hazard_variance_are_those_of_the_derivatives(name: str) -> None:
    """The estimator differentiated by each patient's weight: the infinitesimal jackknife."""
    rows = rows_of(CASES[name])
    rows = replace(rows, exit=rows.exit + 0.37 * (rows.status == 0))  # no tied censoring
    size, step, times = rows.exit.size, 1e-4, np.array([3.0, 12.0, 24.0])
    fits = rows.fit()
    inference = rows.infer(fits)
    nudged = np.concatenate([1.0 + step * np.eye(size), 1.0 - step * np.eye(size)])
    again = rows.fit(nudged)
    hazards = rows.baselines(again.beta, times, nudged)
    slope = (again.beta[:size] - again.beta[size:]) / (2 * step)
    # crr's censoring hazard is Nelson-Aalen's where the derivative has Kaplan-Meier's: 1 in n
    error = np.sqrt(np.mean((slope - inference.influence) ** 2, axis=0))
    assert (error < 2e-3 * inference.influence.std(axis=0)).all()
    hazard_slope = (hazards[:size] - hazards[size:]) / (2 * step)
    baseline, variance, mean = inference.baseline(times)
    for x in rows.columns[:4]:
        relative = np.exp(x @ fits.beta[0])
        moved = relative * (hazard_slope + baseline * (slope @ x)[:, None])
        gap = baseline[:, None] * x - mean
        spread = np.einsum("tp,pq,tq->t", gap, inference.covariance, gap)
        assert_allclose(relative**2 * (variance + spread), (moved**2).sum(axis=0), rtol=1e-3)


def test_without_competing_events_it_is_a_cox_model_with_breslow_ties() -> None:
    rows = rows_of(CASES["competing_none"])
    cox = fit_cox_batch(rows.columns, SurvivalTimes(rows.exit, rows.status == 1), ties="breslow")
    fits = rows.fit()
    assert_allclose(fits.beta, cox.beta, rtol=1e-10)
    assert_allclose(fits.information, cox.information, rtol=1e-10)


def test_without_covariates_the_baseline_is_the_aalen_johansen_curve() -> None:
    # the product over subdistribution hazards is the curve itself, where no censoring is tied
    case = CASES["competing_apart"]
    rows = replace(rows_of(case), columns=np.zeros((260, 0)))
    times = np.unique(rows.exit[rows.status == 1])
    steps = np.diff(rows.baselines(np.zeros((1, 0)), times)[0], prepend=0.0)
    curve = aalen_johansen(risk_table(rows.exit, rows.status))
    assert_allclose(1.0 - np.cumprod(1.0 - steps), curve.at(times)[0, 0], rtol=1e-10)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_weights_are_repeated_rows_in_any_order(draw: int) -> None:
    random = np.random.default_rng(draw)
    rows = rows_of(CASES["competing_strata"]).take(random.choice(260, 90, replace=False))
    weights = random.integers(0, 3, 90).astype(np.float64)
    again = random.permutation(np.repeat(np.arange(90), weights.astype(int)))
    repeated = rows.take(again)
    both = rows.fit(np.stack([np.ones(90), weights]))
    single = repeated.fit()
    if both.separated[1]:
        return
    assert_allclose(both.beta[1], single.beta[0], rtol=1e-6, atol=1e-8)  # two paths to a maximum
    assert_allclose(both.log_likelihood[1], single.log_likelihood[0], rtol=1e-10)
    found = replace(rows, weights=weights)
    weighted = fine_gray_inference(
        rows.columns,
        rows.exit,
        rows.status,
        single.beta[0],
        single.information[0],
        weights,
        censoring_strata=rows.strata,
    )
    assert_allclose(weighted.covariance, repeated.infer(single).covariance, rtol=1e-8, atol=1e-12)
    times = np.array([4.0, 20.0])
    assert_allclose(
        found.baselines(single.beta, times), repeated.baselines(single.beta, times), rtol=1e-10
    )


def test_changed_units_change_the_coefficient_only() -> None:
    rows = rows_of(CASES["mgus2"])
    factor = np.array([1.0, 1.0, 10.0, 1.0, 0.01])
    other = replace(rows, columns=rows.columns * factor + 3.0, exit=rows.exit / 12.0)
    fits, again = rows.fit(), other.fit()
    assert_allclose(again.beta[0] * factor, fits.beta[0], rtol=1e-8)
    errors = np.sqrt(np.diag(other.infer(again).covariance)) * factor
    assert_allclose(errors, np.sqrt(np.diag(rows.infer(fits).covariance)), rtol=1e-7)
    assert_allclose(
        other.infer(again).baseline(np.array([10.0]))[0] * np.exp(again.beta[0].sum() * 3.0),
        rows.infer(fits).baseline(np.array([120.0]))[0],
        rtol=1e-8,
    )


def test_only_competing_events_say_nothing() -> None:
    rows = rows_of(CASES["competing"])
    fits = replace(rows, status=np.where(rows.status == 1, 2, rows.status)).fit()
    assert fits.rank.tolist() == [0]
    assert not fits.beta.any()


def test_an_infinite_coefficient_is_seen() -> None:
    rows = rows_of(CASES["competing"])
    marker = (rows.status == 1).astype(np.float64)
    fits = replace(rows, columns=np.column_stack([rows.columns, marker])).fit()
    assert fits.separated.all()
    assert fits.direction[0, -1] > 0
    # a patient gone by the competing event before all of them stays, and holds it back
    first = np.flatnonzero(rows.status == 2)[0]
    marker[first] = 2.0
    early = np.where(np.arange(260) == first, 0.5, rows.exit)
    columns = np.column_stack([rows.columns, marker])
    assert not replace(rows, exit=early, columns=columns).fit().separated.any()
    assert fit_cox_batch(columns, SurvivalTimes(early, rows.status == 1)).separated.all()


def test_patients_gone_by_the_competing_event_prove_an_infinite_coefficient() -> None:
    # all but those gone at 1 have the marker: only they lie below the events
    exit = np.array([1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    status = np.array([2, 2, 1, 1, 0, 1, 1, 0])
    marker = (exit > 1.0).astype(np.float64)
    assert fit_fine_gray_batch(marker[:, None], exit, status).separated.tolist() == [True]
    # the other way: they have it, and no event does
    fits = fit_fine_gray_batch(1.0 - marker[:, None], exit, status)
    assert fits.separated.tolist() == [True]
    assert fits.direction[0, 0] < 0


def test_clusters_of_one_row_change_nothing_and_copies_of_a_row_are_one_patient() -> None:
    rows = rows_of(CASES["competing"])
    fits, size = rows.fit(), rows.exit.size

    def infer(own: Rows, clusters: IntArray | None) -> FineGrayInference:
        return fine_gray_inference(
            own.columns,
            own.exit,
            own.status,
            fits.beta[0],
            own.fit().information[0],
            clusters=clusters,
        )

    times = np.array([6.0, 24.0])
    plain, alone = infer(rows, None), infer(rows, np.arange(size))
    assert_allclose(alone.covariance, plain.covariance, rtol=1e-10)
    assert_allclose(alone.baseline(times)[1], plain.baseline(times)[1], rtol=1e-10)
    twice = rows.take(np.repeat(np.arange(size), 2))
    paired = infer(twice, np.repeat(np.arange(size), 2))
    assert_allclose(paired.covariance, plain.covariance, rtol=1e-8)
    assert_allclose(paired.baseline(times)[1], plain.baseline(times)[1], rtol=1e-8)
    assert_allclose(infer(twice, None).covariance, plain.covariance / 2.0, rtol=1e-8)
