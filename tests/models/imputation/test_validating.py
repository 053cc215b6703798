"""Validation with the imputation repeated in every resample."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import FewEventsWarning
from vertebrisk.models.imputation import validating
from vertebrisk.models.imputation.pooled import PooledFit

PIMA = "type == 'Yes' ~ npreg + glu + bmi + ped"
LUNG = "Surv(time, status == 2) ~ age + sex + `ph.ecog` + `wt.loss`"
NOISE = "type == 'Yes' ~ npreg + glu + noise1 + noise2 + noise3 + noise4"


def fitted(formula: str, frame: pl.DataFrame, **options: Any) -> PooledFit:
    made = vr.impute(formula, frame, imputations=3, iterations=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return vr.fit_imputed(formula, made, **options)


def noisy() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    frame = loader.frame("pima_noise")
    gone = rng.random((frame.height, 4)) < 0.3
    return frame.with_columns(
        pl.when(pl.Series(~gone[:, k])).then(pl.col(f"noise{k + 1}")).alias(f"noise{k + 1}")
        for k in range(4)
    )


def test_with_one_gap_it_is_the_validation_of_complete_data() -> None:
    """The same resamples: what differs is one value of one patient."""
    frame = loader.frame("pima_tr")
    indices = np.random.default_rng(1).integers(0, frame.height, (40, frame.height))
    whole = vr.fit_logistic(PIMA, frame).validate(indices=indices).table
    row = pl.int_range(frame.height) == 17
    one = frame.with_columns(bmi=pl.when(~row).then(pl.col("bmi")))
    found = fitted(PIMA, one).validate(indices=indices, imputations=2, iterations=1).table
    for name in ("c_index", "dxy", "r2", "slope", "brier", "ici", "emax"):
        expected, own = (
            each.row(by_predicate=pl.col("measure") == name, named=True) for each in (whole, found)
        )
        for column in ("apparent", "training", "test", "corrected", "mc_error"):
            assert own[column] == pytest.approx(expected[column], abs=0.01), (name, column)


def test_selection_and_imputation_are_part_of_what_is_validated() -> None:
    fit = fitted(NOISE, noisy(), select="backward")
    found = fit.validate(25, seed=3, imputations=2, iterations=2)
    assert found.procedure == "whole procedure"
    assert set(found.selected["predictor"]) == {term.name for term in fit.candidates.terms}
    frequency = dict(found.selected.rows())
    assert frequency["glu"] == 1.0
    assert max(frequency[f"noise{k}"] for k in range(1, 5)) < 0.8
    assert found.corrected("c_index") < found.apparent("c_index")
    assert found.draws is not None
    assert found.draws.shape == (25, 1 + len(fit.design.columns))
    held = fit.validate(25, seed=3, imputations=2, iterations=2, fixed=True)
    assert held.procedure == "model held fixed"
    assert held.selected.is_empty()
    model = fit.model.with_draws(found.draws)
    assert model.interval_kind == "procedure-bootstrap"
    risks = model.predict(noisy().drop_nulls().head(4))
    assert (risks["conf_low"] < risks["conf_high"]).all()


def test_blocks_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted(NOISE, noisy())
    one = fit.validate(6, seed=4, imputations=2, iterations=1)
    monkeypatch.setattr(validating, "BLOCK", 1)
    assert fit.validate(6, seed=4, imputations=2, iterations=1).table.equals(one.table)
    assert not fit.validate(6, seed=5, imputations=2, iterations=1).table.equals(one.table)


def test_the_outcome_is_unknown_where_the_model_is_tested() -> None:
    """A predictor that imputation copies from the outcome looks good, and is found out."""
    frame = loader.frame("pima_tr")
    event = (frame["type"] == "Yes").to_numpy()
    rng = np.random.default_rng(5)
    copied = event + rng.normal(0, 0.4, event.size)
    known = np.arange(event.size) % 4 == 0
    marker = pl.Series([float(v) if k else None for v, k in zip(copied, known, strict=True)])
    frame = frame.with_columns(marker=marker)
    fit = fitted("type == 'Yes' ~ marker + glu", frame)
    found = fit.validate(20, seed=1, imputations=2, iterations=3)
    assert found.apparent("c_index") > 0.92
    assert found.corrected("c_index") < found.apparent("c_index") - 0.03


def test_time_to_event() -> None:
    fit = fitted(LUNG, loader.frame("lung"), horizons=[180, 365], time_unit="days")
    found = fit.validate(12, seed=2, imputations=2, iterations=2)
    assert [each.horizon for each in found.horizons] == [180.0, 365.0]
    assert found.corrected("c_index") == pytest.approx(0.62, abs=0.05)
    assert found.n_failed == 0
    assert found.draws is not None
    assert found.draws.shape == (12, 4 + 2)
    risks = fit.model.with_draws(found.draws).predict(fit.imputations.frame(1).head(3), 365)
    assert (risks["conf_low"] < risks["conf_high"]).all()
    curve = found.at(365.0).calibration.frame
    assert np.isfinite(curve["corrected"].to_numpy()).all()


def test_resamples_without_an_estimate_are_counted() -> None:
    rng = np.random.default_rng(0)
    n = 60
    rare = np.zeros(n)
    rare[[0, 1, 30]] = 1
    event = np.concatenate([np.ones(20), np.zeros(40)])
    x = rng.normal(size=n)
    frame = pl.DataFrame({"event": event, "rare": rare, "x": x}).with_columns(
        x=pl.when(pl.int_range(n) % 5 > 0).then(pl.col("x"))
    )
    found = fitted("event ~ rare + x", frame).validate(30, seed=1, imputations=2, iterations=1)
    assert 0 < found.n_separated <= found.n_failed < 30
    assert found.table["n_resamples"].max() == 30 - found.n_failed
    assert_allclose(found.apparent("slope"), 1.0, atol=0.05)
