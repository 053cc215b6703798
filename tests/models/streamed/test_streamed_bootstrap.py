"""The bootstrap of a scan: the draws of any chunk, the fits and measures of memory."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from polars.testing import assert_frame_equal
from scipy.special import expit, logit
from tests.counting import memory

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines import logistic_bootstrap
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.streamed import ranked_replicates
from vertebrisk.kernels.streamed import replicates as kernels
from vertebrisk.kernels.streamed.classes import class_of
from vertebrisk.kernels.streamed.weights import poisson_weights
from vertebrisk.kernels.tied import collapse_ties
from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.validation.decision import DecisionPlan
from vertebrisk.validation.measures import (
    ERRORS,
    MEASURES,
    errors_of,
    nagelkerke,
    null_log_likelihood,
)
from vertebrisk.validation.observed import splined_risk

RESAMPLES = 25
SEED = 7
# both take steps until one is below 1e-9 spreads, and the next would be its square
RTOL = 1e-8
# classes are 1/1024 of the patients wide: the 630 here are a percent of one patient apart
IN_CLASSES = 1e-3
AT_THE_ENDS = 6e-3  # of a curve whose knots are a class away; it is 0.1 from resample to resample
THRESHOLDS = np.array([0.1, 0.2, 0.25, 0.2503, 0.3, 0.5, 0.9])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**64), st.integers(0, 10**12), st.integers(1, 90), st.integers(1, 40))
def test_weights_do_not_know_where_a_chunk_begins(
    seed: int, first: int, size: int, step: int
) -> None:
    replicates = np.array([0, 3, 11])
    whole = poisson_weights(seed, replicates, first, size)
    parts = [
        poisson_weights(seed, replicates, first + low, min(step, size - low))
        for low in range(0, size, step)
    ]
    assert_array_equal(np.concatenate(parts, axis=1), whole)
    assert_array_equal(poisson_weights(seed, replicates[1:2], first, size), whole[1:2])


def test_weights_are_independent_poisson_numbers() -> None:
    weights = poisson_weights(5, np.arange(8), 0, 250_000)
    counts = np.bincount(weights.reshape(-1), minlength=13)[:9]
    expected = weights.size * np.array([math.exp(-1.0) / math.factorial(k) for k in range(9)])
    # deviations of a multinomial: nine squares of standard normals, 34 but once in 10,000
    assert np.sum((counts - expected) ** 2 / expected) < 34.0
    rows = weights[:, :100_000].astype(np.float64)
    between = np.asarray(np.corrcoef(rows))[np.triu_indices(8, 1)]
    along = [np.asarray(np.corrcoef(row[1:], row[:-1]))[0, 1] for row in rows]
    assert np.abs(between).max() < 5.0 / np.sqrt(100_000)
    assert np.abs(along).max() < 5.0 / np.sqrt(100_000)
    assert not np.array_equal(weights[0], poisson_weights(6, np.arange(1), 0, 250_000)[0])


def patients() -> pl.DataFrame:
    rng = np.random.default_rng(21)
    size = 700
    age, ivc = rng.normal(70, 8, size), rng.random(size) < 0.3
    pain = rng.random(size) < expit(-1.0 + 0.05 * (age - 70.0) + 0.7 * ivc)
    lost = pl.Series(rng.random(size) < 0.1)
    frame = pl.DataFrame({"age": age, "ivc": ivc, "pain": pain})
    return frame.with_columns(age=pl.when(lost).then(None).otherwise(pl.col("age")))


def fitted(frame: pl.DataFrame, threads: int = 1) -> StreamedLogisticFit:
    return vr.fit_logistic("pain ~ age + ivc", vr.PatientScan.of_frame(frame, LocalEngine(threads)))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 96)
    monkeypatch.setattr(kernels, "DRAWN", 41)
    monkeypatch.setattr(kernels, "SMALLEST", 16)
    monkeypatch.setattr(kernels, "CELLS", 100)
    monkeypatch.setattr(logistic_bootstrap, "TOGETHER", 7)
    monkeypatch.setattr(ranked_replicates, "TOGETHER", 3)


def in_memory(frame: pl.DataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights, columns and outcome of the complete rows."""
    known = frame["age"].is_not_null().to_numpy()
    weights = poisson_weights(SEED, np.arange(RESAMPLES), 0, frame.height)[:, known]
    used = frame.filter(pl.col("age").is_not_null())
    columns = used.select("age", pl.col("ivc").cast(pl.Float64)).to_numpy()
    design = np.column_stack([np.ones(used.height), columns])
    return weights.astype(np.float64), design, used["pain"].cast(pl.Float64).to_numpy()


def test_draws_and_measures_are_those_of_memory() -> None:
    frame = patients()
    weights, design, event = in_memory(frame)
    models = fit_logistic_batch(design, event, weights)
    found = fitted(frame).bootstrap(RESAMPLES, SEED)
    assert_allclose(found.draws, models.beta, rtol=RTOL)
    linear = models.beta @ design.T
    wrong = (event - expit(linear)) ** 2
    total, everyone = weights.sum(axis=1), np.ones((1, event.size))
    null = null_log_likelihood(weights @ event, total)
    lines = [
        fit_logistic_batch(np.column_stack([np.ones(event.size), each]), event, everyone)
        for each in linear
    ]
    size = np.array([float(event.size)])
    all_null = null_log_likelihood(np.array([event.sum()]), size)
    gains = np.array([2.0 * (line.log_likelihood[0] - all_null[0]) for line in lines])
    expected = {
        "r2": (
            nagelkerke(2.0 * (models.log_likelihood - null), null, total),
            nagelkerke(gains, all_null, size),
        ),
        "intercept": (np.zeros(1), np.array([line.beta[0, 0] for line in lines])),
        "slope": (np.ones(1), np.array([line.beta[0, 1] for line in lines])),
        "brier": ((weights * wrong).sum(axis=1) / total, wrong.mean(axis=1)),
    }
    table = {row["measure"]: row for row in found.table.to_dicts()}
    apparent = vr.fit_logistic("pain ~ age + ivc", frame).apparent.measures
    for name, (training, test) in expected.items():
        row = table[name]
        assert_allclose(row["apparent"], apparent[name], rtol=RTOL, atol=1e-12)
        assert_allclose(row["training"], training.mean(), rtol=RTOL)
        assert_allclose(row["test"], test.mean(), rtol=RTOL, atol=1e-9)
        assert_allclose(row["optimism"], (training - test).mean(), rtol=1e-6, atol=1e-9)
        assert_allclose(row["corrected"], row["apparent"] - row["optimism"], rtol=1e-12)
        assert row["n_resamples"] == RESAMPLES
    assert (found.n_separated, found.n_deficient, found.n_failed) == (0, 0, 0)


def test_what_is_ranked_is_that_of_memory() -> None:
    frame = patients()
    weights, design, event = in_memory(frame)
    linear = fit_logistic_batch(design, event, weights).beta @ design.T
    fit = fitted(frame)
    found = fit.bootstrap(RESAMPLES, SEED, thresholds=THRESHOLDS)
    grid, own = found.calibration.frame["predicted"].to_numpy(), found.replicates
    spread = fit.linear.sd
    for often, mine, curves, benefit in (
        (weights, own.training, own.training_curves, own.training_benefit),
        (np.ones_like(weights), own.test, own.test_curves, own.test_benefit),
    ):
        tied = collapse_ties(linear, often, event)
        # counts by threshold are whole numbers: only their quotients are rounded
        assert_allclose(benefit, DecisionPlan(THRESHOLDS).net_benefit(tied), rtol=0, atol=1e-14)
        assert_allclose(mine["c_index"], auc_batch(tied), rtol=0, atol=IN_CLASSES)
        cells = class_of(linear - linear_at_centre(fit, weights, design, event)[:, None], spread)
        inside = collapse_ties(cells.astype(np.float64), often, event)
        assert_allclose(mine["c_index"], auc_batch(inside), rtol=1e-14)
        for replicate in range(RESAMPLES):
            size = int(tied.sizes[replicate])
            one = tied.take(np.array([replicate]))
            smooth = splined_risk(one.scores[0, :size], one.counts[0, :size], one.shares[0, :size])
            assert smooth is not None
            gaps = errors_of(one, smooth.at(one.scores[0])[None])
            for name, values in gaps.items():
                near = AT_THE_ENDS if name == "emax" else IN_CLASSES
                assert_allclose(mine[name][replicate], values[0], atol=near, err_msg=name)
            assert_allclose(curves[replicate], smooth.at(logit(grid)), atol=AT_THE_ENDS)


def linear_at_centre(
    fit: StreamedLogisticFit, weights: FloatArray, design: FloatArray, event: FloatArray
) -> FloatArray:
    """Log-odds of every resample's model for the means of the columns."""
    centre = np.concatenate([[1.0], fit.scaling.centre[1:]])
    return np.asarray(fit_logistic_batch(design, event, weights).beta @ centre)


def test_corrected_values_are_apparent_ones_less_the_optimism() -> None:
    fit = fitted(patients())
    found = fit.bootstrap(RESAMPLES, SEED, thresholds=THRESHOLDS)
    own, table = found.replicates, {row["measure"]: row for row in found.table.to_dicts()}
    assert tuple(table) == MEASURES
    with fit.scores() as scores:
        measured = vr.scan_performance(scores, thresholds=THRESHOLDS)
        area = vr.roc_auc("event", "risk", scan=scores)
    assert measured.calibration.ici is not None
    apparent = {"c_index": area.estimate, "ici": measured.calibration.ici}
    for name, value in apparent.items():
        optimism = float(np.mean(own.training[name] - own.test[name]))
        assert table[name]["apparent"] == value
        assert table[name]["corrected"] == pytest.approx(value - optimism, rel=1e-13)
        assert table[name]["conf_low"] < table[name]["corrected"] < table[name]["conf_high"]
    curve = found.calibration.frame
    assert curve.drop("corrected").equals(measured.calibration.curve.frame.drop("corrected"))
    gap = (own.training_curves - own.test_curves).mean(axis=0)
    assert_allclose(curve["corrected"], curve["apparent"].to_numpy() - gap, rtol=1e-13)
    assert found.decision is not None
    kinds = found.decision.frame.partition_by("model", as_dict=True)
    loss = (own.training_benefit - own.test_benefit).mean(axis=0)
    benefit = kinds["model",]["net_benefit"].to_numpy()
    assert_allclose(kinds["model_corrected",]["net_benefit"], benefit - loss, rtol=1e-13)
    assert found.smoother == measured.calibration.smoother
    assert found.to_dict()["table"]["corrected"] == found.table["corrected"].to_list()
    moved = fit.bootstrap(RESAMPLES, SEED, interval="location-shifted")
    assert moved.decision is None
    low = np.quantile(own.training["c_index"], 0.025) - own.training["c_index"].mean()
    own_low, moved_low = (each.table["conf_low"][0] for each in (found, moved))
    assert own_low - table["c_index"]["corrected"] == pytest.approx(low)
    assert moved_low - own_low == pytest.approx(
        own.training["c_index"].mean() - table["c_index"]["apparent"]
    )


def test_batches_of_resamples_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    one = fitted(patients()).bootstrap(RESAMPLES, SEED, thresholds=THRESHOLDS)
    monkeypatch.setattr(logistic_bootstrap, "TOGETHER", RESAMPLES)
    other = fitted(patients()).bootstrap(RESAMPLES, SEED, thresholds=THRESHOLDS)
    # products of another shape are rounded in another place
    assert_frame_equal(one.table, other.table, rel_tol=1e-10)
    assert_allclose(one.replicates.test_curves, other.replicates.test_curves, rtol=1e-10)


def test_memory_does_not_grow_with_the_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 500)
    monkeypatch.setattr(kernels, "DRAWN", 500)
    monkeypatch.setattr(kernels, "CELLS", 4000)
    peaks = []
    for copies in (3, 12):
        fit = fitted(pl.concat([patients()] * copies))
        fit.bootstrap(2, SEED)  # what is imported and kept once
        with memory() as held:
            fit.bootstrap(7, SEED)
        peaks.append(held.peak)
    # a tree of sums is two levels higher; a column of the patients more would be 50 kB
    assert peaks[1] < 1.6 * peaks[0]


def test_percentile_intervals_are_quantiles_of_the_draws() -> None:
    found = fitted(patients()).bootstrap(RESAMPLES, SEED)
    table = found.coefficients(0.8)
    assert_allclose(table["conf_low"], np.quantile(found.draws, 0.1, axis=0))
    assert_allclose(table["conf_high"], np.quantile(found.draws, 0.9, axis=0))
    assert table["term"].to_list() == ["(Intercept)", "age", "ivc"]


def test_threads_change_no_bit_and_passes_are_shared() -> None:
    frame = patients()
    steps: list[str] = []

    def watch(step: str, done: int, total: int) -> None:
        if done == total:
            steps.append(step)

    one = fitted(frame).bootstrap(RESAMPLES, SEED)
    scan = vr.PatientScan.of_frame(frame, LocalEngine(3, watch))
    fit = vr.fit_logistic("pain ~ age + ivc", scan)
    steps.clear()
    other = fit.bootstrap(RESAMPLES, SEED)
    assert_array_equal(one.draws, other.draws)
    assert one.table.equals(other.table)
    assert one.calibration.frame.equals(other.calibration.frame)
    own = [step for step in steps if step in ("bootstrap", "performance")]
    # for all resamples together, slopes mostly; and one of each batch to count by class
    assert len(own) <= 16 + math.ceil(RESAMPLES / logistic_bootstrap.TOGETHER)


def test_resamples_without_an_estimate_are_counted() -> None:
    frame = patients().head(160).with_columns(pain=pl.Series([True] * 3 + [False] * 157))
    with pytest.warns(UserWarning, match="events"):
        fit = fitted(frame)
    found = fit.bootstrap(40, 3)
    assert found.n_failed > 0
    assert found.n_failed + found.n_separated == np.isnan(found.draws).all(axis=1).sum()
    left = 40 - found.n_failed - found.n_separated
    used = dict(found.table.select("measure", "n_resamples").iter_rows())
    assert {used[name] for name in MEASURES if name not in ERRORS} == {left}
    assert {used[name] for name in ERRORS} < set(range(1, left))  # of few events there is no spline


@pytest.mark.parametrize(
    ("resamples", "seed", "message"),
    [(0, 1, "resamples is 0"), (1, 1, "2 or more"), (10, -1, "seed is -1")],
)
def test_bad_arguments_are_refused(resamples: int, seed: int, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        fitted(patients()).bootstrap(resamples, seed)
