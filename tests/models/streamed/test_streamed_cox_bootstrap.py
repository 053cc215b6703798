"""The bootstrap of a Cox model of a scan: fits and measures of memory, replicate by replicate."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import memory

import vertebrisk as vr
from vertebrisk._types import FloatArray, Ties
from vertebrisk.engines import cox_bootstrap, cox_bootstrap_acted, cox_bootstrap_measures
from vertebrisk.engines import engine as engines
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.streamed import classed_replicates, followed_replicates
from vertebrisk.kernels.streamed.classes import CLASSES, class_of
from vertebrisk.kernels.streamed.weights import poisson_weights
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.cox_bootstrap import StreamedCoxBootstrap
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.validating import CoxMeasures
from vertebrisk.validation.estimates import TABLE_SCHEMA
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.resampling import FollowedOutcome, Measured, measured

RESAMPLES = 12
SEED = 7
RTOL = 1e-10  # both take steps until the next would change nothing in eleven digits
# classes are 1/1024 of the patients wide: the 700 here are a percent of one patient apart
IN_CLASSES = 1e-3
FORMULA = "Surv(weeks, leak) ~ age + sex + rcs(bmi, 3)"
HORIZONS = (20.0, 35.0)
GRIDS = np.stack([np.linspace(0.2, 0.5, 9), np.linspace(0.3, 0.8, 9)])
THRESHOLDS = np.array([0.15, 0.3, 0.3004, 0.5, 0.9])
RANKED = ("c_index", "dxy", "g", "auc", "ici", "e50", "e90", "emax")


def patients(size: int = 700, seed: int = 4) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age, sex, bmi = (
        rng.normal(70, 8, size).round(),
        rng.choice(["f", "m"], size),
        rng.normal(size=size),
    )
    linear = 0.05 * (age - 70) - 0.5 * (sex == "m") + 0.4 * bmi
    lasting, lost = rng.exponential(30 * np.exp(-linear)), rng.uniform(8, 60, size)
    return pl.DataFrame(
        {
            "age": age,
            "sex": sex,
            "bmi": bmi,
            "weeks": np.ceil(np.minimum(lasting, lost)),
            "leak": lasting <= lost,
        }
    )


def fitted(
    frame: pl.DataFrame, engine: LocalEngine | None = None, ties: Ties = "efron"
) -> StreamedCoxFit:
    scan = vr.PatientScan.of_frame(frame, engine or LocalEngine(1))
    return vr.fit_cox(FORMULA, scan, horizons=HORIZONS, ties=ties)


def resampled(fit: StreamedCoxFit) -> StreamedCoxBootstrap:
    return fit.bootstrap(RESAMPLES, SEED, grids=GRIDS, thresholds=THRESHOLDS)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 96)
    monkeypatch.setattr(followed_replicates, "DRAWN", 41)
    monkeypatch.setattr(followed_replicates, "SMALLEST", 16)
    monkeypatch.setattr(followed_replicates, "CELLS", 100)
    monkeypatch.setattr(followed_replicates, "LATER", 30)
    monkeypatch.setattr(classed_replicates, "CELLS", 5 * CLASSES)
    monkeypatch.setattr(cox_bootstrap, "MEANS", 5000)
    monkeypatch.setattr(cox_bootstrap_acted, "HELD", 3000)
    monkeypatch.setattr(cox_bootstrap_measures, "TOGETHER", 7)


@dataclass(frozen=True, eq=False)
class InMemory:
    """The same weights, of patients in the order of time, by the kernels of memory."""

    frame: pl.DataFrame
    ties: Ties = "efron"

    @cached_property
    def ordered(self) -> pl.DataFrame:
        return self.frame.sort("weeks", descending=True, maintain_order=True)

    @cached_property
    def fit(self) -> CoxFit:
        return vr.fit_cox(FORMULA, self.ordered, horizons=HORIZONS, ties=self.ties)

    @property
    def times(self) -> SurvivalTimes:
        return SurvivalTimes(self.fit.times.exit, self.fit.event)

    @cached_property
    def weights(self) -> FloatArray:
        size = self.ordered.height
        return poisson_weights(SEED, np.arange(RESAMPLES), 0, size).astype(np.float64)

    @cached_property
    def models(self) -> CoxFits:
        return fit_cox_batch(self.fit.matrix, self.times, self.weights, ties=self.ties)

    @property
    def linear(self) -> FloatArray:
        return self.models.beta @ self.fit.matrix.T

    def measured(self, *, own: bool) -> Measured:
        model, fit = CoxMeasures(self.fit.likelihood), self.fit
        outcome = FollowedOutcome(
            fit.times.exit, fit.event.astype(np.int64), np.array(HORIZONS), THRESHOLDS
        )
        hazards = model.log_hazards(self.linear, self.weights, outcome.horizons)
        counted = self.weights if own else np.ones((1, self.ordered.height))
        return measured(model, outcome, self.linear, hazards, counted, GRIDS, refit=not own)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_replicates_are_those_of_memory(ties: Ties) -> None:
    frame = patients()
    found = resampled(fitted(frame, ties=ties))
    known = InMemory(frame, ties)
    # the search of memory ends at some 1e-10 of a standard error, and these are about 0.1
    assert_allclose(found.draws, known.models.beta, rtol=RTOL, atol=2e-11)
    assert (found.n_separated, found.n_deficient, found.n_failed) == (0, 0, 0)
    for own in (True, False):
        expected = known.measured(own=own)
        mine = found.replicates.training if own else found.replicates.test
        curves = found.replicates.training_curves if own else found.replicates.test_curves
        benefit = found.replicates.training_benefit if own else found.replicates.test_benefit
        assert mine.keys() == expected.measures.keys()
        for name, values in expected.measures.items():
            if name.partition("@")[0] in RANKED:
                assert_allclose(mine[name], values, atol=IN_CLASSES, err_msg=name)
            else:  # a difference of likelihoods, over some thousands
                assert_allclose(mine[name], values, rtol=RTOL, atol=1e-13, err_msg=name)
        assert_allclose(curves, expected.curves, atol=IN_CLASSES)
        assert_allclose(benefit, expected.benefit, rtol=RTOL, atol=1e-13)
        assert np.isfinite(curves).any()


def test_what_is_ranked_is_that_of_scores_in_classes() -> None:
    frame = patients()
    fit = fitted(frame)
    found, known = fit.bootstrap(RESAMPLES, SEED).replicates, InMemory(frame)
    centre = known.models.beta @ known.fit.matrix.mean(axis=0)
    centred = known.linear - centre[:, None]
    classes = class_of(centred, fit.linear.sd).astype(np.float64)
    exit, event = known.times.exit, known.fit.event.astype(np.int64)
    for weights, mine in (
        (known.weights, found.training),
        (np.ones_like(known.weights), found.test),
    ):
        area = concordance_batch(known.times, classes, weights).index
        assert_allclose(mine["c_index"], area, rtol=1e-14)  # counts are whole numbers
        for place, horizon in enumerate(HORIZONS):
            at = AtHorizon.of(exit, event, horizon, weights)
            assert_allclose(mine[f"auc@{place}"], at.auc(classes), rtol=1e-12)


def test_neither_threads_nor_chunks_nor_batches_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = patients()
    one = resampled(fitted(frame))
    same(one, resampled(fitted(frame, LocalEngine(3))), rtol=0.0)
    monkeypatch.setattr(engines, "CHUNK", 250)
    monkeypatch.setattr(cox_bootstrap_measures, "TOGETHER", 5)
    # sums of other chunks are added in another order, and a search ends at other last digits
    same(one, resampled(fitted(frame)), rtol=RTOL)


def same(one: StreamedCoxBootstrap, other: StreamedCoxBootstrap, rtol: float) -> None:
    assert_allclose(one.draws, other.draws, rtol=rtol)
    for name in ("training", "test"):
        known = getattr(other.replicates, name)
        for key, values in getattr(one.replicates, name).items():
            assert_allclose(values, known[key], rtol=rtol, atol=1e-13 if rtol else 0.0)
        for what in ("curves", "benefit"):
            mine, theirs = (getattr(each.replicates, f"{name}_{what}") for each in (one, other))
            assert_allclose(mine, theirs, rtol=rtol, atol=1e-13 if rtol else 0.0)


def test_estimates_are_apparent_less_the_optimism() -> None:
    found = fitted(patients()).bootstrap(RESAMPLES, SEED)
    table = found.estimates({"c_index": 0.7, "brier@0": 0.2, "unheard of": 0.4})
    for key, apparent in (("c_index", 0.7), ("brier@0", 0.2)):
        own = found.replicates
        optimism = float(np.mean(own.training[key] - own.test[key]))
        row = dict(zip(TABLE_SCHEMA, table.row(key), strict=True))
        assert row["measure"] == key.partition("@")[0]
        assert (row["apparent"], row["n_resamples"]) == (apparent, RESAMPLES)
        assert row["corrected"] == pytest.approx(apparent - optimism, rel=1e-14)
        assert None not in row.values()
    assert table.row("unheard of") == ("unheard of", 0.4, *[None] * 7, 0)
    limits = found.coefficients(0.8)
    assert_allclose(limits["conf_low"], np.quantile(found.draws, 0.1, axis=0))
    assert limits["term"].to_list() == ["age", "sex", "rcs(bmi, 3)", "rcs(bmi, 3)"]
    told = json.loads(json.dumps(found.to_dict()))
    assert (told["resamples"], told["seed"], told["n_separated"]) == (RESAMPLES, SEED, 0)
    assert told["coefficients"] == found.coefficients().to_dicts()


def test_resamples_share_the_passes() -> None:
    steps: list[str] = []

    def watch(step: str, done: int, total: int) -> None:
        if done == total:
            steps.append(step)

    fit = fitted(patients(), LocalEngine(1, watch))
    counts = []
    for resamples in (3, 7):
        steps.clear()
        fit.bootstrap(resamples, SEED)
        counts.append(len(steps))
    assert counts[1] <= counts[0] + 6  # searches of more resamples may need a step more
    assert counts[1] < 60


@pytest.mark.slow
def test_memory_does_not_grow_with_the_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 500)
    peaks = []
    for size in (2000, 8000):
        frame = patients(size).with_columns(weeks=(pl.col("weeks") / 5).ceil().clip(1, 8))
        with vr.PatientScan.of_frame(frame, LocalEngine(1)) as scan:
            fit = vr.fit_cox(FORMULA, scan, horizons=(4.0,))
            fit.bootstrap(2, SEED)  # what is imported and kept once
            with memory() as held:
                fit.bootstrap(7, SEED)
        peaks.append(held.peak)
    # a tree of sums is two levels higher; a column of the patients more would be 48 kB
    assert peaks[1] < 1.6 * peaks[0]


def test_resamples_without_an_estimate_are_counted() -> None:
    rng = np.random.default_rng(3)
    size = 60
    rare = np.zeros(size, dtype=bool)
    rare[:2] = True
    frame = pl.DataFrame(
        {
            "age": rng.normal(size=size),
            "rare": np.where(rare, "yes", "no"),
            "weeks": rng.permutation(size) + 1.0,
            "leak": np.arange(size) < 20,
        }
    )
    scan = vr.PatientScan.of_frame(frame, LocalEngine(1))
    fit = vr.fit_cox("Surv(weeks, leak) ~ age + rare", scan, horizons=(30.0,))
    found = fit.bootstrap(40, SEED)
    weights = poisson_weights(SEED, np.arange(40), 0, size)
    ordered = frame.sort("weeks", descending=True)["rare"].to_numpy() == "yes"
    nobody = weights[:, ordered].sum(axis=1) == 0
    assert nobody.any()
    assert found.n_deficient == nobody.sum()
    assert_array_equal(found.draws[nobody & ~found.replicates.separated, 1] != np.inf, True)
    known = ~found.replicates.separated & found.replicates.usable
    assert found.n_separated + found.n_failed + known.sum() == 40
    assert_array_equal(np.isfinite(found.draws).all(axis=1), ~found.replicates.separated)


def test_strata_and_bad_arguments_are_refused() -> None:
    fit = fitted(patients())
    with pytest.raises(ArgumentError, match="2 or more"):
        fit.bootstrap(1)
    with pytest.raises(ArgumentError, match="seed is -1"):
        fit.bootstrap(5, -1)
    with pytest.raises(FitError, match="takes no strata"):
        replace(fit, strata=("sex",)).bootstrap(5)
