"""What the kernels compute and hold is counted, so that a change that costs more is seen.

Bounds of memory are in doubles a patient, a twentieth above what is needed: one copy of the design
more, or of one vector where there is no design, is over them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from tests.counting import Calls, count_calls, memory

import vertebrisk as vr
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels import newton, steps
from vertebrisk.kernels.ranks import delong_covariance
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes

DOUBLE = 8
NEWTON = "vertebrisk.kernels.newton"
COX = "vertebrisk.kernels.survival.cox"
PREDICTORS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Invented:
    """Patients whose fits take no half steps."""

    columns: FloatArray
    event: BoolArray
    score: FloatArray
    times: SurvivalTimes

    @property
    def size(self) -> int:
        return self.score.size

    @property
    def design(self) -> FloatArray:
        return np.column_stack([np.ones(self.size), self.columns])

    @property
    def everyone(self) -> FloatArray:
        return np.ones((1, self.size))


def invented(size: int) -> Invented:
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(size, PREDICTORS))
    effect = columns @ np.linspace(-0.4, 0.5, PREDICTORS)
    event = rng.random(size) < 1.0 / (1.0 + np.exp(1.0 - effect))
    months = np.ceil(rng.exponential(900.0 * np.exp(-effect / 2.0))).clip(1.0, 1500.0)
    score = effect + rng.normal(size=size)
    return Invented(columns, event, score, SurvivalTimes(months, event))


@pytest.fixture(scope="module")
def patients() -> Invented:
    return invented(20_000)


@pytest.mark.parametrize("replicates", [1, 3, 20])
def test_a_newton_step_makes_one_product_and_one_likelihood(
    monkeypatch: pytest.MonkeyPatch, replicates: int
) -> None:
    data = invented(400)
    weights = np.random.default_rng(1).integers(1, 4, (replicates, 400)).astype(np.float64)
    products = count_calls(monkeypatch, NEWTON, "information")
    likelihoods = count_calls(monkeypatch, NEWTON, "_Problem", "likelihood")
    predictors = count_calls(monkeypatch, NEWTON, "_Problem", "eta")
    fits = newton.fit_logistic_batch(data.design, data.event.astype(np.float64), weights)
    assert fits.converged.all()
    steps_made = int(fits.iterations.max())
    assert products.count == steps_made + 2  # the ranks before them, the covariance after
    assert likelihoods.count == steps_made + 1
    assert predictors.count == steps_made


def test_replicates_that_have_converged_are_not_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = invented(400)
    target = data.event.astype(np.float64)
    weights = np.ones((30, 400))
    weights[0] = np.where(target > 0, 1.0, 0.02)  # one that needs more steps than the others
    products = count_calls(monkeypatch, NEWTON, "information")
    fits = newton.fit_logistic_batch(data.design, target, weights)
    made = sum(call[2].shape[0] for call in products.arguments)
    assert fits.iterations.max() > fits.iterations.min()
    assert made == int(fits.iterations.sum()) + 2 * 30


def test_products_of_many_rows_are_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    data = invented(5_000)
    passes = count_calls(monkeypatch, "vertebrisk.kernels.steps", "chunks")
    for replicates in (steps.FEW, steps.FEW + 1):
        before = passes.count
        steps.information(data.design, None, np.ones((replicates, data.size)))
        assert passes.count == before + 1


def test_a_logistic_fit_holds_a_few_designs(patients: Invented) -> None:
    target, design = patients.event.astype(np.float64), patients.design
    with memory() as held:
        newton.fit_logistic_batch(design, target, patients.everyone)
    pairs = (PREDICTORS + 1) * (PREDICTORS + 2) / 2  # products that are kept
    scaled = PREDICTORS + 1
    assert held.peak < 1.05 * DOUBLE * patients.size * (pairs + scaled + 7)
    assert held.left < 0.1 * DOUBLE * patients.size


def test_products_of_a_long_design_are_not_kept() -> None:
    wide = np.random.default_rng(2).normal(size=(20_000, 30))
    assert wide.shape[0] * (30 * 31 // 2) > steps.HELD
    with memory() as held:
        assert steps.kept_products(wide) is None
        steps.information(wide, None, np.ones((1, 20_000)))
    assert held.peak < DOUBLE * wide.size / 4


def test_a_cox_step_makes_one_pass_of_derivatives(
    patients: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    derivatives = count_calls(monkeypatch, COX, "CoxProblem", "derivatives")
    likelihoods = count_calls(monkeypatch, COX, "CoxProblem", "likelihood")
    fits = fit_cox_batch(patients.columns[:2000], part(patients, 2000))
    steps_made = int(fits.iterations[0])
    assert fits.converged.all()
    assert derivatives.count <= steps_made + 2
    assert likelihoods.count <= steps_made + 1


def part(data: Invented, size: int) -> SurvivalTimes:
    return SurvivalTimes(data.times.exit[:size], data.event[:size])


def test_a_cox_fit_holds_a_few_designs(patients: Invented) -> None:
    fit_cox_batch(patients.columns[:2000], part(patients, 2000))  # loads what it needs
    with memory() as held:
        fit_cox_batch(patients.columns, patients.times)
    assert held.peak < 1.05 * 8.5 * patients.columns.nbytes
    assert held.left < 0.1 * DOUBLE * patients.size


@pytest.mark.parametrize(
    ("work", "doubles"),
    [
        (lambda data: delong_covariance(data.event, data.score[None]), 10.2),
        (lambda data: concordance_batch(data.times, data.score[None], data.everyone), 30.3),
    ],
    ids=["auc", "concordance"],
)
def test_ranks_hold_some_numbers_a_patient(
    patients: Invented, work: Callable[[Invented], object], doubles: float
) -> None:
    with memory() as held:
        work(patients)
    assert held.peak < 1.05 * doubles * DOUBLE * patients.size


def test_resamples_are_fitted_by_pattern_and_held_a_batch_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    levels = {name: rng.integers(0, 2, 3000) for name in ("cleft", "oedema", "leakage")}
    risk = 0.1 + 0.2 * levels["cleft"] + 0.1 * levels["oedema"]
    frame = pl.DataFrame({**levels, "pain": rng.random(3000) < risk})
    fit = vr.fit_logistic("pain ~ cleft + oedema + leakage", frame)
    fit.validate(20, 1, fixed=True, thresholds=np.empty(0))
    held = []
    for resamples in (500, 2000):
        with memory() as seen:
            fit.validate(resamples, 1, fixed=True, thresholds=np.empty(0))
        held.append(seen.peak)
    assert held[1] < 2.0 * held[0]
    fits = count_calls(monkeypatch, "vertebrisk.models.likelihoods", "fit_logistic_batch")
    fit.validate(100, 1, fixed=True, thresholds=np.empty(0))
    assert rows_of(fits) <= {8, 16}  # combinations of the three, and of them with the outcome


def rows_of(calls: Calls) -> set[int]:
    assert calls.count > 0
    return {call[0].shape[0] for call in calls.arguments}
