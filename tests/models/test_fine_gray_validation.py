"""`FineGrayFit.validate`: one resample by hand, and Cox's validation without competing events."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.survival.censoring import CensoringCurve, horizon_weights
from vertebrisk.validation.results import Validation

RTOL = 1e-7  # a resample's maximum by weights and by rows
FRAME = loader.frame("competing")
FORMULA = "Surv(months, status) ~ arm + age + volume_ml"
HORIZON = 24.0


def fitted(data: pl.DataFrame = FRAME) -> vr.FineGrayFit:
    return vr.fit_fine_gray(FORMULA, data, event=1, competing=2, horizons=[HORIZON, 12])


def value(validation: Validation, measure: str, column: str, at: float | None = None) -> float:
    table = validation.table if at is None else validation.at(at).table
    return float(table.filter(measure=measure)[column][0])


def wolbers(lp: FloatArray, exit: FloatArray, status: IntArray) -> float:
    good = total = 0.0
    for i in np.flatnonzero(status == 1):
        after = (exit > exit[i]) | ((exit == exit[i]) & (status == 0)) | (status == 2)
        total += after.sum()
        good += (lp[i] > lp[after] + 1e-9).sum() + 0.5 * (np.abs(lp[i] - lp[after]) <= 1e-9).sum()
    return good / total


def brier(risk: FloatArray, exit: FloatArray, status: IntArray) -> float:
    weights = horizon_weights(CensoringCurve.of(exit, status), exit, status, HORIZON)[0]
    event = (exit <= HORIZON) & (status == 1)
    return float(np.mean(weights * (event - risk) ** 2))


def test_one_resample_is_the_model_of_its_rows() -> None:
    drawn = np.random.default_rng(4).integers(0, 260, 260)
    fit = fitted()
    found = fit.validate(indices=drawn[None])
    again = fitted(FRAME[drawn])
    on_all = fit.matrix @ again.beta
    exit, status = fit.exit, fit.status
    assert_allclose(
        value(found, "c_index", "training"),
        wolbers(again.linear_predictor, again.exit, again.status),
        rtol=RTOL,
    )
    assert_allclose(value(found, "c_index", "test"), wolbers(on_all, exit, status), rtol=RTOL)
    recalibrated = vr.fit_fine_gray(
        "Surv(months, status) ~ lp", FRAME.with_columns(lp=on_all), event=1, competing=2
    )
    assert_allclose(value(found, "slope", "test"), recalibrated.beta[0], rtol=1e-6)
    hazard = again.baselines[0].at(np.array([HORIZON]))[0]
    risk = 1.0 - np.exp(-hazard * np.exp(on_all))
    assert_allclose(value(found, "brier", "test", HORIZON), brier(risk, exit, status), rtol=RTOL)
    assert_allclose(
        value(found, "brier", "apparent", HORIZON),
        brier(fit.incidence_curve(FRAME, [HORIZON])["risk"].to_numpy(), exit, status),
        rtol=RTOL,
    )


def test_without_competing_events_it_is_the_validation_of_a_cox_model() -> None:
    data = FRAME.filter(pl.col("status") != 2)
    indices = np.random.default_rng(5).integers(0, data.height, (12, data.height))
    found = fitted(data).validate(indices=indices)
    cox = vr.fit_cox(FORMULA, data, ties="breslow", horizons=[HORIZON, 12])
    expected = cox.validate(indices=indices)
    for measure in ("c_index", "dxy"):
        for column in ("apparent", "training", "test", "corrected"):
            pair = value(found, measure, column), value(expected, measure, column)
            assert_allclose(*pair, rtol=RTOL)
    for measure in ("auc", "brier", "observed_expected", "ici"):
        for column in ("apparent", "training", "test", "corrected"):
            pair = (
                value(found, measure, column, HORIZON),
                value(expected, measure, column, HORIZON),
            )
            assert_allclose(*pair, rtol=1e-6, atol=1e-9)


def test_seed_and_procedure_are_kept() -> None:
    fit = vr.fit_fine_gray(
        FORMULA, FRAME, event=1, competing=2, select="univariable", horizons=[HORIZON]
    )
    found, again = fit.validate(20, seed=3), fit.validate(20, seed=3)
    assert found.table.equals(again.table)
    assert found.procedure == "whole procedure"
    assert "Fine-Gray" in found.smoother
    assert found.draws is not None
    drawn = fit.model.with_draws(found.draws)
    assert drawn.interval_kind == "procedure-bootstrap"
    rows = drawn.predict(FRAME[:5])
    assert (rows["conf_low"] < rows["risk"]).all()
    assert fit.validate(20, seed=3, fixed=True).procedure == "model held fixed"


def test_horizons_beyond_follow_up_are_refused() -> None:
    with pytest.raises(ArgumentError, match="not a time inside follow-up"):
        fitted().validate(5, horizons=[48])


def test_slope_at_a_horizon_is_a_fine_gray_model_of_the_linear_predictor_up_to_it() -> None:
    fit = fitted()
    known = pl.col("months") <= HORIZON
    early = FRAME.with_columns(
        pl.min_horizontal("months", pl.lit(HORIZON)).alias("months"),
        pl.when(known).then("status").otherwise(0).alias("status"),
        pl.Series("lp", fit.linear_predictor),
    )
    expected = vr.fit_fine_gray("Surv(months, status) ~ lp", early, event=1, competing=2).beta[0]
    indices = np.arange(FRAME.height)[None]
    assert_allclose(
        value(fit.validate(indices=indices), "slope", "apparent", HORIZON), expected, rtol=1e-6
    )


def test_without_horizons_the_indexes_are_the_same() -> None:
    alone, whole = (fitted().validate(4, horizons=each) for each in ((), None))
    assert alone.horizons == ()
    assert len(whole.horizons) == 2
    assert alone.table.equals(whole.table)
