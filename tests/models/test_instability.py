"""`fit.instability()`: against R on stored resamples, against single fits, and at the edges."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.models.cases import fit_case, quiet_fit, simulated
from tests.reference import loader

from vertebrisk._types import IntArray
from vertebrisk.errors import ArgumentError, FewEventsWarning, FitError
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.models.conditional.fitting import fit_conditional
from vertebrisk.models.development import Selection
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fine_gray_fitting import fit_fine_gray
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.validation.instability import Instability

REFERENCE = loader.load("instability")
RTOL = 1e-8  # both sides iterate to a change below 1e-13; quantiles and means add rounding only
CUTS = np.array([0.2, 0.5])


def quiet_cox(formula: str, data: object, **options: Any) -> CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(formula, data, **options)


def asked_of(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "indices": np.array(case["index"]),
        "thresholds": [case["threshold"]],
        "curve_thresholds": case["thresholds"],
    }


def compare(found: Instability, case: dict[str, Any]) -> None:
    assert_allclose(found.risks, case["risks"], rtol=RTOL)
    for name in ("risk", "low", "median", "high", "mape"):
        assert_allclose(found.patients[name], case[name], rtol=RTOL, err_msg=name)
    assert_allclose(found.mape, case["mean_mape"], rtol=RTOL)
    assert_allclose(found.width, case["width"], rtol=RTOL)
    changed = found.classification_index(case["threshold"])
    assert_allclose(changed, case["changed"], atol=1e-12)
    assert found.classification["index"][0] == pytest.approx(np.mean(case["changed"]), abs=1e-12)
    assert_allclose(found.benefits, case["benefits"], rtol=RTOL, atol=1e-12)
    assert_allclose(found.decision["final"], case["benefit"], rtol=RTOL, atol=1e-12)
    low, high = np.quantile(case["benefits"], (0.025, 0.975), axis=0)
    assert_allclose(found.decision["low"], low, rtol=RTOL)
    assert_allclose(found.decision["high"], high, rtol=RTOL)


def test_a_logistic_model_as_glm_in_a_loop() -> None:
    case = REFERENCE["binary"]
    found = fit_case(case).instability(**asked_of(case))
    compare(found, case)
    curves = np.array(case["curves"], dtype=np.float64)  # null outside a model's own risks
    assert_allclose(found.curves, curves, rtol=RTOL, atol=1e-10)
    assert_allclose(found.calibration["predicted"], case["grid"], rtol=RTOL)
    assert_allclose(found.calibration["final"], case["curve"], rtol=RTOL, atol=1e-10)
    assert_allclose(found.calibration["known"], np.isfinite(curves).mean(axis=0))
    assert (found.seed, found.horizon, found.n_failed) == (None, None, 0)


def test_a_cox_model_as_coxph_in_a_loop() -> None:
    case = REFERENCE["cox"]
    fit = quiet_cox(case["formula"], loader.frame(case["data"]), ties="efron")
    found = fit.instability(horizon=case["horizon"], **asked_of(case))
    compare(found, case)
    assert found.horizon == case["horizon"]
    assert found.calibration.height == 50


def drawn(n: int, resamples: int, seed: int = 4) -> IntArray:
    return np.random.default_rng(seed).integers(0, n, (resamples, n))


def test_the_choice_of_predictors_is_repeated_in_every_resample() -> None:
    data = simulated(60, 5)
    chosen = Selection(method="backward", criterion="aic")
    fit = quiet_fit("y ~ a + b + C(g)", data, select=chosen)
    indices = drawn(fit.n, 6)
    found = fit.instability(indices=indices)
    assert found.procedure == "whole procedure"
    models = set()
    for row, rows in enumerate(indices):
        own = quiet_fit("y ~ a + b + C(g)", data[rows], select=chosen)
        models.add(tuple(own.design.variables))
        assert_allclose(found.risks[row], own.model.predict(data)["risk"], rtol=1e-7)
    assert len(models) > 1  # or the choice was not put to the test
    held = fit.instability(indices=indices, fixed=True)
    assert held.procedure == "model held fixed"
    assert np.abs(held.risks - found.risks).max() > 1e-3


def test_resamples_are_those_of_the_validation() -> None:
    fit = quiet_fit("y ~ a + b", simulated(60, 6))
    found = fit.instability(12, seed=3)
    weights = bootstrap_weights(fit.n, 12, 3)
    rows = [np.repeat(np.arange(fit.n), row.astype(np.int64)) for row in weights]
    same = fit.instability(indices=np.array(rows))
    assert_allclose(found.risks, same.risks, rtol=1e-9)
    assert (found.seed, found.resamples) == (3, 12)
    assert len(found.classification) == 1
    assert found.classification["threshold"][0] == round(float(fit.risk.mean()), 2)


@pytest.fixture(scope="module")
def followed() -> pl.DataFrame:
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=(2, 90))
    time = np.minimum(rng.exponential(np.exp(1.0 - 0.8 * a)), 6.0)
    return pl.DataFrame(
        {
            "a": a,
            "b": b,
            "t": time.round(2) + 0.01,
            "start": np.zeros(90),
            "d": (time < 6.0).astype(int),
            "cause": np.where(time < 6.0, rng.integers(1, 3, 90), 0),
        }
    )


def test_the_same_patients_again_move_nothing(followed: pl.DataFrame) -> None:
    case = simulated(80, 9)
    same = np.tile(np.arange(80), (3, 1))
    ours = np.tile(np.arange(90), (3, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        fits = [
            (quiet_fit("y ~ a + b", case), same),
            (quiet_fit("y ~ a + b", case, estimator="ridge", penalty=0.05), same),
            (quiet_fit("y ~ a + b", case, estimator="firth"), same),
            (quiet_fit("y ~ a", case, source=SourcePopulation(0.05)), same),
            (fit_cox("Surv(t, d) ~ a + b", followed), ours),
            (fit_fine_gray("Surv(t, cause) ~ a", followed, event=1, competing=2), ours),
        ]
    for fit, indices in fits:
        found = fit.instability(indices=indices, curve_thresholds=CUTS)
        assert found.mape < 1e-9, type(fit).__name__
        assert found.width < 1e-8
        assert found.classification["index"][0] == 0.0
        assert_allclose(found.calibration["low"], found.calibration["final"], atol=1e-7)
        assert_allclose(found.decision["high"], found.decision["final"], atol=1e-9)


def test_models_over_time_are_those_of_single_fits(followed: pl.DataFrame) -> None:
    frame = followed.with_columns(g=pl.Series(np.arange(90) % 2).cast(pl.String))
    indices = drawn(90, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        fits: tuple[Callable[[pl.DataFrame], CoxFit | FineGrayFit], ...] = (
            lambda data: fit_cox("Surv(t, d) ~ a + b + strata(g)", data, horizons=[2]),
            lambda data: fit_cox("Surv(t, d) ~ a + b", data, select="backward", horizons=[2]),
            lambda data: fit_fine_gray(
                "Surv(t, cause) ~ a + b", data, event=1, competing=2, horizons=[2]
            ),
        )
        for make in fits:
            found = make(frame).instability(indices=indices, curve_thresholds=CUTS)
            for row, rows in enumerate(indices):
                alone = make(frame[rows]).model.predict(frame)["risk"]
                assert_allclose(found.risks[row], alone, rtol=1e-6)  # as crr's own criterion


def test_more_patients_make_risks_more_stable() -> None:
    few, many = (quiet_fit("y ~ a + b", simulated(n, 21)).instability(60) for n in (60, 600))
    assert many.mape < 0.5 * few.mape  # errors fall by the root of the tenfold
    assert many.width < 0.5 * few.width


def test_late_entry_leaves_risks_without_curves(followed: pl.DataFrame) -> None:
    fit = quiet_cox("Surv(start, t, d) ~ a", followed.with_columns(start=pl.col("t") / 3))
    found = fit.instability(5, horizon=2.0)
    assert found.risks.shape == (5, 90)
    assert found.calibration.is_empty()
    assert found.decision.is_empty()
    assert found.mape > 0.0


def test_separated_resamples_stay_in_and_those_of_one_outcome_do_not() -> None:
    data = pl.DataFrame({"x": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], "y": [0, 0, 0, 0, 1, 1, 1, 1, 0, 1]})
    fit = quiet_fit("y ~ x", data)
    apart = [0, 1, 2, 3, 0, 5, 6, 7, 9, 5]
    ill = [4, 4, 5, 6, 7, 9, 4, 5, 6, 7]
    found = fit.instability(indices=np.array([range(10), apart, ill]), thresholds=[0.3])
    assert (found.n_separated, found.n_failed, found.resamples) == (1, 1, 3)
    assert_allclose(found.risks[1], data["x"].cast(pl.Float64), atol=1e-4)  # the limits: 0 and 1
    assert_allclose(found.patients["mape"], np.full(10, 0.1), atol=1e-4)  # 0.2 in one of two
    with pytest.raises(FitError, match="1 of 2 resamples held both outcomes"):
        fit.instability(indices=np.array([apart, ill]))


def test_nothing_of_a_single_patient_is_written() -> None:
    fit = quiet_fit("y ~ a + b + C(g)", simulated(103, 2))
    found = fit.instability(20, thresholds=[0.2, 0.4])
    document = found.to_dict()
    assert {"patients", "risks", "curves", "benefits"}.isdisjoint(document)
    assert found.band["n"].sum() == 103
    assert min(found.band["n"].to_list()) >= 10
    own = set(np.round(fit.risk, 12).tolist())
    grouped = [*document["band"]["risk"], *document["calibration"]["predicted"]]
    assert own.isdisjoint(np.round(grouped, 12).tolist())
    assert document["classification"]["threshold"] == [0.2, 0.4]


@settings(max_examples=15)
@given(st.permutations(range(40)))
def test_the_order_of_rows_is_no_matter(order: list[int]) -> None:
    data = simulated(40, 12).with_columns(a=pl.col("a").round(0))
    indices = drawn(40, 4)
    place = np.argsort(order)
    first = quiet_fit("y ~ a", data).instability(indices=indices)
    moved = quiet_fit("y ~ a", data[order]).instability(indices=place[indices])
    assert_allclose(moved.patients["mape"], first.patients["mape"].to_numpy()[order], atol=1e-9)
    for name in ("band", "classification_band", "calibration", "decision"):
        ours, theirs = getattr(moved, name), getattr(first, name)
        assert_allclose(ours.to_numpy(), theirs.to_numpy(), atol=1e-7, err_msg=name)


def test_units_are_no_matter() -> None:
    data = simulated(70, 13)
    first = quiet_fit("y ~ a + b", data).instability(8)
    inches = quiet_fit("y ~ a + b", data.with_columns(pl.col("a") / 25.4)).instability(8)
    assert_allclose(inches.risks, first.risks, rtol=1e-7)


def test_refusals() -> None:
    fit = quiet_fit("y ~ a", simulated(50, 1))
    with pytest.raises(ArgumentError, match="the outcome is binary and its risk has no horizon"):
        fit.instability(5, horizon=12)
    with pytest.raises(ArgumentError, match="thresholds must lie strictly between 0 and 1"):
        fit.instability(5, thresholds=[20])
    with pytest.raises(ArgumentError, match="resamples is 0"):
        fit.instability(0)
    with pytest.raises(ArgumentError, match="threshold is 1"):
        fit.instability(5).classification_index(1)
    sets = loader.frame("matched_sets")
    with pytest.raises(ArgumentError, match="A conditional model gives no risk"):
        fit_conditional("case ~ a + c", sets, sets="set").instability(5)


def test_percentiles_are_of_the_level_asked_for() -> None:
    fit = quiet_fit("y ~ a", simulated(50, 1))
    narrow, wide = fit.instability(40, level=0.5), fit.instability(40)
    assert narrow.width < wide.width
    low, high = np.quantile(wide.risks, (0.25, 0.75), axis=0)
    assert_array_equal(narrow.patients["low"], low)
    assert_array_equal(narrow.patients["high"], high)
