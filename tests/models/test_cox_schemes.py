"""Schemes of the validation of Cox and Fine-Gray fits: against coxph by hand, and their edges."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.validation.left_out import Pooled
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.results import Validation
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.summary import summarise_timed

STUDIES: dict[str, dict[str, Any]] = load("schemes_cox")["studies"]
RTOL = 1e-7  # every fit of the reference is iterated to a relative change of 1e-13
KEYS = {"simple-bootstrap": "simple", "632": "e632", "632+": "plus"}
SUMMARY = "vertebrisk.models.survival.validating.summarise_timed"
names = pytest.mark.parametrize("name", list(STUDIES))
parts = pytest.mark.parametrize("part", ["overall", "timed"])


def quiet(formula: str, data: object, **options: Any) -> CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(formula, data, **options)


@cache
def fitted(name: str) -> CoxFit:
    study = STUDIES[name]
    return quiet(study["formula"], frame(study["data"]), horizons=[study["horizon"]])


@cache
def validated(name: str, method: str) -> tuple[Validation, Replicates, Pooled | None]:
    study = STUDIES[name]
    options: dict[str, Any] = {}
    if method == "cross-validation":
        options = {"folds": np.asarray(study["folds"])}
    elif method != "leave-one-out":
        options = {"indices": np.asarray(study["index"])}
    with patch(SUMMARY, wraps=summarise_timed) as spy:
        found = fitted(name).validate(method=method, **options)
    given = spy.call_args.args
    return found, given[0], given[5] if len(given) > 5 else None


def values(found: Validation, part: str, column: str) -> dict[str, Any]:
    table = found.table if part == "overall" else found.horizons[0].table
    return dict(zip(table["measure"], table[column], strict=True))


def agree(got: dict[str, Any], wanted: dict[str, Any]) -> None:
    for measure, value in wanted.items():
        found = got[measure]
        if value is None:
            assert found is None
        else:
            assert_allclose(found, value, rtol=RTOL, atol=1e-9, err_msg=measure)


@names
@parts
@pytest.mark.parametrize("method", list(KEYS))
def test_estimates_of_the_bootstraps(name: str, part: str, method: str) -> None:
    found, expected = validated(name, method)[0], STUDIES[name][part]
    agree(values(found, part, "apparent"), expected["apparent"])
    agree(values(found, part, "corrected"), expected[KEYS[method]])
    if method == "632":
        agree(values(found, part, "test"), expected["left_out"])
    assert found.method == method
    assert found.draws is not None


@names
@parts
def test_repeats_of_the_cross_validation(name: str, part: str) -> None:
    found, models, pooled = validated(name, "cross-validation")
    assert pooled is not None
    for measure, repeats in STUDIES[name][part]["crossed"].items():
        key = measure if part == "overall" else f"{measure}@0"
        assert_allclose(pooled.measures[key], repeats, rtol=RTOL, atol=1e-9, err_msg=measure)
        assert_allclose(values(found, part, "corrected")[measure], np.mean(repeats), rtol=RTOL)
    assert models.usable.size == np.asarray(STUDIES[name]["folds"]).max(axis=1).sum() + len(repeats)
    assert values(found, part, "conf_low")["slope"] is None
    assert found.draws is None
    assert found.horizons[0].calibration.frame["corrected"].is_not_null().any()


@names
@parts
def test_leave_one_out(name: str, part: str) -> None:
    found = validated(name, "leave-one-out")[0]
    agree(values(found, part, "corrected"), STUDIES[name][part]["leave_one_out"])
    assert found.resamples == fitted(name).n
    assert found.seed is None


def test_which_curves_a_method_corrects() -> None:
    simple, whole = (validated("veteran", each)[0] for each in ("simple-bootstrap", "632"))
    for found in (simple, whole):
        curve = found.horizons[0].calibration.frame
        assert curve["corrected"].is_not_null().sum() > 40
        assert found.decision is not None
        assert "model_corrected" in found.decision.frame["model"].to_list()
    plus = validated("veteran", "632+")[0]
    assert plus.calibration.frame["corrected"].null_count() == plus.calibration.frame.height
    assert plus.decision is None
    assert values(whole, "timed", "corrected")["ici"] is None
    assert values(simple, "timed", "corrected")["ici"] is not None


def patients(n: int = 160, seed: int = 3) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=(3, n))
    lasting = rng.exponential(20 * np.exp(-0.7 * a + 0.4 * b))
    censored = rng.uniform(4, 40, n)
    return pl.DataFrame(
        {
            "months": np.minimum(lasting, censored).round(1) + 0.1,
            "leak": lasting <= censored,
            "a": a,
            "b": b,
            "c": c,
            "year": 2000.0 + 10.0 * c,
            "side": rng.choice(["left", "right"], n),
            "patient": np.arange(n) // 2,
        }
    )


@pytest.mark.parametrize(
    "options",
    [
        {"select": "backward"},
        {"estimator": "firth"},
        {"estimator": "ridge", "penalty": 0.1},
        {"select": "univariable", "cluster": "patient"},
    ],
)
def test_the_whole_procedure_is_repeated_without_each_fold(options: dict[str, Any]) -> None:
    data, horizon = patients(), 12.0
    formula = "Surv(months, leak) ~ a + b + c"
    fit = quiet(formula, data, horizons=[horizon], **options)
    folds = np.arange(160) // 2 % 4
    with patch(SUMMARY, wraps=summarise_timed) as spy:
        fit.validate(method="cross-validation", folds=folds)
    risk, linear = np.empty((2, 160))
    for fold in range(4):
        inside = folds == fold
        alone = quiet(formula, data.filter(~inside), horizons=[horizon], **options)
        found = alone.model.predict(data, horizon)
        own = found["linear_predictor"].to_numpy()
        risk[inside] = found["risk"].to_numpy()[inside]
        linear[inside] = (own - own.mean())[inside]
    pooled = spy.call_args.args[5].measures
    ties = fit.likelihood.ties  # Breslow's under a penalty
    slope = quiet("Surv(months, leak) ~ lp", data.with_columns(lp=linear), ties=ties).beta[0]
    assert_allclose(pooled["slope"], [slope], rtol=1e-6)
    shares = float(np.mean(risk))
    observed = 1.0 - _kaplan_meier(data, horizon)
    assert_allclose(pooled["observed_expected@0"], [observed / shares], rtol=1e-5)


def _kaplan_meier(data: pl.DataFrame, horizon: float) -> float:
    time, event = data["months"].to_numpy(), data["leak"].to_numpy()
    share = 1.0
    for each in np.unique(time[event & (time <= horizon)]):
        share *= 1.0 - (event & (time == each)).sum() / (time >= each).sum()
    return share


def test_where_predictors_are_counted_from_changes_nothing() -> None:
    """A calendar year's own zero is far from every patient."""
    data = patients()
    found = [
        quiet(f"Surv(months, leak) ~ a + {name}", data, horizons=[12.0]).validate(
            method="leave-one-out"
        )
        for name in ("c", "year")
    ]
    for column in ("corrected", "apparent"):
        one, two = ([*values(each, "overall", column).values()] for each in found)
        assert_allclose(one, two, rtol=1e-5)


def test_folds_share_out_events_and_keep_patients_whole() -> None:
    fit = quiet("Surv(months, leak) ~ a + b", patients(), cluster="patient", horizons=[12.0])
    found = fit.validate(method="cross-validation", folds=4, repeats=2, seed=5)
    again = fit.validate(method="cross-validation", folds=4, repeats=2, seed=5)
    assert found.table.equals(again.table)
    assert found.resamples == 8
    assert found.seed == 5
    assert fit.validate(method="leave-one-out").resamples == 80
    single = quiet("Surv(months, leak) ~ a", patients(), horizons=[12.0])
    with patch.object(ResamplePlan, "folded", wraps=ResamplePlan.folded) as spy:
        single.validate(method="cross-validation", folds=7, repeats=2)
    for row in spy.call_args.args[0]:
        assert np.ptp(np.bincount(row, single.event)) <= 1
    with pytest.raises(ArgumentError, match="80 patients have rows in more than one fold"):
        fit.validate(method="cross-validation", folds=np.arange(160) % 2)
    whole, half = np.resize(np.arange(80), 160), np.resize(np.arange(0, 160, 2), 160)
    assert fit.validate(indices=whole[None], method="632").resamples == 1
    with pytest.raises(ArgumentError, match="In 1 of the 2 resamples some of the patients are"):
        fit.validate(indices=np.stack([whole, half]), method="632")


def test_a_stratum_left_out_whole_is_a_failure_in_the_open() -> None:
    data = patients()
    fit = quiet("Surv(months, leak) ~ a + strata(side)", data, horizons=[12.0])
    side = (data["side"] == "left").to_numpy().astype(np.int64)
    found = fit.validate(method="cross-validation", folds=side)
    assert found.n_failed == 2
    assert found.table["corrected"].null_count() == found.table.height
    right = np.flatnonzero(side == 0)
    some = np.arange(160) // 2 * 2
    drawn = fit.validate(indices=np.stack([np.resize(right, 160), some]), method="632")
    assert drawn.n_failed == 1


def test_folds_without_a_finite_model_leave_slopes_open() -> None:
    data = patients(80).with_columns(rare=(pl.int_range(pl.len()) % 20 == 0).cast(pl.Int64))
    data = data.with_columns(
        leak=pl.when(pl.col("rare") == 1).then(pl.int_range(pl.len()) == 20).otherwise("leak")
    )
    fit = quiet("Surv(months, leak) ~ a + rare", data, horizons=[12.0])
    folds = np.stack([np.arange(80) % 4, (np.arange(80) == 20).astype(np.int64)])
    with pytest.raises(ArgumentError, match="same number of folds"):
        fit.validate(method="cross-validation", folds=folds)
    found = fit.validate(method="cross-validation", folds=folds[1])
    assert found.n_separated == 1
    overall, timed = (values(found, part, "corrected") for part in ("overall", "timed"))
    assert overall["slope"] is None
    assert timed["observed_expected"] is None
    assert timed["brier"] is not None
    assert overall["c_index"] is not None


def test_late_entry_is_validated_without_horizons() -> None:
    data = patients().with_columns(entry=pl.col("months") * 0.3)
    fit = quiet("Surv(entry, months, leak) ~ a + b", data)
    for method in ("632+", "cross-validation"):
        found = fit.validate(10, method=method)
        assert found.horizons == ()
        assert values(found, "overall", "corrected")["c_index"] is not None


def test_a_model_without_predictors_has_a_brier_score_alone() -> None:
    fit = quiet("Surv(months, leak) ~ 1", patients(), horizons=[12.0])
    for method in ("632+", "cross-validation", "leave-one-out"):
        found = fit.validate(5, method=method)
        assert values(found, "overall", "corrected")["c_index"] is None
        assert values(found, "timed", "corrected")["brier"] is not None


def competing() -> pl.DataFrame:
    return frame("competing")


def fine_gray(data: pl.DataFrame) -> vr.FineGrayFit:
    formula = "Surv(months, status) ~ arm + age + volume_ml"
    return vr.fit_fine_gray(formula, data, event=1, competing=2, horizons=[24.0])


@pytest.mark.parametrize("method", ["632+", "cross-validation", "simple-bootstrap"])
def test_fine_gray_without_competing_events_is_cox(method: str) -> None:
    data = competing().filter(pl.col("status") != 2)
    rng = np.random.default_rng(5)
    options: dict[str, Any] = {"indices": rng.integers(0, data.height, (8, data.height))}
    if method == "cross-validation":
        options = {"folds": rng.permutation(data.height) % 5}
    formula = "Surv(months, status) ~ arm + age + volume_ml"
    cox = quiet(formula, data, ties="breslow", horizons=[24.0])
    one, two = (fit.validate(method=method, **options) for fit in (fine_gray(data), cox))
    for part, measures in (("overall", ("c_index", "dxy")), ("timed", ("auc", "brier"))):
        for measure in measures:
            pair = [values(each, part, "corrected")[measure] for each in (one, two)]
            assert_allclose(pair[0], pair[1], rtol=1e-6)


def test_a_fold_of_a_fine_gray_model_is_the_model_of_the_others() -> None:
    data = competing()
    fit = fine_gray(data)
    folds = np.arange(data.height) % 3
    with patch(SUMMARY, wraps=summarise_timed) as spy:
        found = fit.validate(method="cross-validation", folds=folds)
    linear = np.empty(data.height)
    risk = np.empty(data.height)
    for fold in range(3):
        alone = fine_gray(data.filter(folds != fold))
        own = fit.matrix @ alone.beta
        inside = folds == fold
        linear[inside] = (own - own.mean())[inside]
        hazard = alone.baselines[0].at(np.array([24.0]))[0]
        risk[inside] = 1.0 - np.exp(-hazard * np.exp(own[inside]))
    slope = vr.fit_fine_gray(
        "Surv(months, status) ~ lp", data.with_columns(lp=linear), event=1, competing=2
    ).beta[0]
    pooled = spy.call_args.args[5].measures
    assert_allclose(pooled["slope"], [slope], rtol=1e-6)
    at = AtHorizon.of(fit.exit, fit.status, 24.0)
    assert_allclose(pooled["brier@0"], at.brier(risk[None]), rtol=1e-6)
    assert_allclose(pooled["observed_expected@0"], at.observed_expected(risk[None]), rtol=1e-6)
    assert found.resamples == 3


@parts
def test_a_fine_gray_model_agrees_with_cmprsk(part: str) -> None:
    study = load("schemes_fine_gray")
    expected, fit = study[part], fine_gray(competing())
    plus = fit.validate(indices=np.asarray(study["index"]), method="632+")
    crossed = fit.validate(folds=np.asarray(study["folds"]), method="cross-validation")
    wanted = {name: float(np.mean(each)) for name, each in expected["crossed"].items()}
    pairs = (
        (values(plus, part, "apparent"), expected["apparent"]),
        (values(plus, part, "test"), expected["left_out"]),
        (values(plus, part, "corrected"), expected["plus"]),
        (values(crossed, part, "corrected"), wanted),
    )
    for got, reference in pairs:
        for measure, value in reference.items():  # crr stops at a gradient of 1e-7
            assert_allclose(got[measure], value, rtol=1e-6, atol=1e-7, err_msg=measure)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"method": "loo"}, "method is 'loo'; allowed are optimism-bootstrap"),
    ({"method": "632", "repeats": 5}, "folds and repeats belong to"),
    ({"method": "cross-validation", "folds": 161}, "folds is 161; a whole number from 2 to 160"),
    ({"method": "cross-validation", "folds": [[0, 1], [0]]}, "fold of each of the 160 rows"),
    ({"method": "leave-one-out", "indices": np.zeros((2, 160), int)}, "indices are drawn"),
    ({"method": "leave-one-out", "level": 95}, "level is 95"),
    ({"method": "cross-validation", "horizons": [400.0]}, "not a time inside follow-up"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_arguments_that_are_refused(options: dict[str, Any], message: str) -> None:
    fit = quiet("Surv(months, leak) ~ a", patients())
    with pytest.raises(ArgumentError, match=message):
        fit.validate(**options)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    data, folds = patients(60), np.arange(60) % 3
    order = np.random.default_rng(seed).permutation(60)
    formula = "Surv(months, leak) ~ a + b"
    found = [
        quiet(formula, each, horizons=[12.0]).validate(method="cross-validation", folds=own)
        for each, own in ((data, folds), (data[order], folds[order]))
    ]
    for part in ("overall", "timed"):
        one, two = (values(each, part, "corrected") for each in found)
        for measure, value in one.items():
            assert_allclose(two[measure], value, rtol=1e-8, atol=1e-9, err_msg=measure)


@pytest.mark.slow
def test_predictors_of_nothing_rank_nobody() -> None:
    """C of a Cox model needs no baseline, so leave-one-out does not push it below a half."""
    areas = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        lasting, censored = rng.exponential(10, 80), rng.uniform(2, 20, 80)
        data = pl.DataFrame({"t": np.minimum(lasting, censored), "e": lasting <= censored})
        data = data.with_columns(pl.Series(name, rng.normal(size=80)) for name in "abc")
        fit = quiet("Surv(t, e) ~ a + b + c", data, horizons=[5.0])
        methods = ("leave-one-out", "cross-validation")
        areas.append([fit.validate(method=each).corrected("c_index") for each in methods])
    error = np.std(areas, axis=0) / np.sqrt(len(areas))
    assert (np.abs(np.mean(areas, axis=0) - 0.5) < 3.0 * error).all()


def test_shrinkage_asks_for_the_optimism_bootstrap() -> None:
    fit = quiet("Surv(months, leak) ~ a + b", patients(), horizons=[12.0])
    crossed = fit.validate(method="cross-validation", folds=4, repeats=1)
    with pytest.raises(ArgumentError, match="by cross-validation; the factor"):
        fit.shrunken(crossed)
