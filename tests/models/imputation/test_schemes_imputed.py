"""Schemes of `PooledFit.validate`: those of complete data where nothing of the model is missing."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.validation.left_out import laid_out
from vertebrisk.validation.results import Validation

PIMA = "type == 'Yes' ~ npreg + glu + bmi"
LUNG = "Surv(time, status == 2) ~ age + `ph.ecog` + strata(sex)"
FEW: dict[str, Any] = {"imputations": 2, "iterations": 1}
RTOL = 1e-6  # maxima of weighted and of repeated rows


def pima() -> pl.DataFrame:
    return loader.frame("pima_tr").with_columns(aside=_with_gaps(200))


def lung() -> pl.DataFrame:
    frame = loader.frame("lung").drop_nulls(["age", "ph.ecog"])
    return frame.with_columns(aside=_with_gaps(frame.height))


def _with_gaps(n: int) -> pl.Series:
    values = np.random.default_rng(1).normal(size=n)
    return pl.Series([None if place % 9 == 0 else each for place, each in enumerate(values)])


def imputed(formula: str, frame: pl.DataFrame, **options: Any) -> PooledFit:
    aside = ["aside"] if "aside" in frame.columns else []
    made = vr.impute(formula, frame, auxiliary=aside, imputations=2, iterations=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return vr.fit_imputed(formula, made, **options)


@cache
def binary() -> PooledFit:
    return imputed(PIMA, pima())


@cache
def followed() -> PooledFit:
    return imputed(LUNG, lung(), horizons=[365.0])


METHODS = ["simple-bootstrap", "632", "632+", "cross-validation", "leave-one-out"]


def drawn(method: str, n: int) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    if method == "leave-one-out":
        return {}
    if method == "cross-validation":
        return {"folds": np.stack([rng.permutation(n) % 4 for _ in range(2)])}
    return {"indices": rng.integers(0, n, (6, n))}


def same(one: pl.DataFrame, two: pl.DataFrame) -> None:
    for column in one.columns[1:]:
        pairs = [np.array(each[column].to_list(), dtype=np.float64) for each in (one, two)]
        assert_allclose(pairs[0], pairs[1], rtol=RTOL, atol=1e-8, err_msg=column)


@pytest.mark.parametrize("method", METHODS)
def test_with_a_complete_model_it_is_the_validation_of_complete_data(method: str) -> None:
    options = drawn(method, binary().n)
    whole = vr.fit_logistic(PIMA, pima()).validate(method=method, **options)
    found = binary().validate(method=method, **options, **FEW)
    same(whole.table, found.table)
    assert found.method == method
    assert found.resamples == whole.resamples
    same(*(each.calibration.frame.select("predicted", "corrected") for each in (whole, found)))
    assert (found.draws is None) == (whole.draws is None)


@pytest.mark.parametrize("method", METHODS[:-1])
def test_and_of_a_time_to_event(method: str) -> None:
    options = drawn(method, followed().n)
    whole = vr.fit_cox(LUNG, lung(), horizons=[365.0]).validate(method=method, **options)
    found = followed().validate(method=method, **options, **FEW)
    same(whole.table, found.table)
    same(whole.horizons[0].table, found.horizons[0].table)


def gaps() -> pl.DataFrame:
    gone = pl.Series(np.random.default_rng(8).random(200) < 0.3)
    return loader.frame("pima_tr").with_columns(
        bmi=pl.when(~gone).then("bmi"), sick=pl.col("type") == "Yes"
    )


def scores_of(frame: pl.DataFrame, folds: Any) -> tuple[Validation, FloatArray]:
    """The validation, and in each table the linear predictors of the first fold."""
    fit = imputed("sick ~ npreg + glu + bmi", frame)
    with patch("vertebrisk.models.imputation.measuring.laid_out", wraps=laid_out) as spy:
        found = fit.validate(method="cross-validation", folds=folds, **FEW)
    return found, spy.call_args.args[0][0].scores[:, 0]


def test_an_outcome_has_no_part_in_the_score_of_its_own_patient() -> None:
    frame, folds = gaps(), np.arange(200) % 4
    found, scores = scores_of(frame, folds)
    other = frame.with_columns(sick=pl.col("sick") != (pl.Series(folds) == 0))
    turned, again = scores_of(other, folds)
    assert_array_equal(scores, again)
    assert not np.isclose(found.corrected("brier"), turned.corrected("brier"))
    assert scores.size == 2 * 50
    assert found.seed == 1  # of the imputations


def test_imputation_and_selection_are_repeated_without_each_fold() -> None:
    fit = imputed("sick ~ npreg + glu + bmi + skin", gaps(), select="backward")
    found = fit.validate(method="cross-validation", folds=4, repeats=2, seed=5, **FEW)
    assert found.resamples == 8
    assert found.selected.height == 4
    assert found.interval is None
    again = fit.validate(method="cross-validation", folds=4, repeats=2, seed=5, **FEW)
    other = fit.validate(method="cross-validation", folds=4, repeats=2, seed=6, **FEW)
    assert found.table.equals(again.table)
    assert not found.table.equals(other.table)
    shifted = fit.validate(12, interval="location-shifted", **FEW)
    assert shifted.interval == "location-shifted"


def test_a_fold_without_a_model_is_counted() -> None:
    fit = imputed("sick ~ glu + bmi", gaps())
    sick = (gaps()["sick"]).to_numpy().astype(np.int64)
    found = fit.validate(method="cross-validation", folds=sick, **FEW)
    assert found.n_failed == 2
    assert found.table["corrected"].null_count() == found.table.height
    strata = (lung()["sex"] == 2).to_numpy().astype(np.int64)
    alone = followed().validate(method="cross-validation", folds=strata, **FEW)
    assert alone.n_failed == 2
    assert alone.table["corrected"].null_count() == alone.table.height
    one = np.flatnonzero(strata == 0)
    resampled = followed().validate(indices=np.stack([np.resize(one, strata.size)]), **FEW)
    assert resampled.n_failed == 1


def test_arguments_that_are_refused() -> None:
    with pytest.raises(ArgumentError, match="folds is 201; a whole number from 2 to 200"):
        binary().validate(method="cross-validation", folds=201)
    with pytest.raises(ArgumentError, match="method='leave-one-out' gives no interval"):
        binary().validate(method="leave-one-out", interval="location-shifted")
