"""Simple bootstrap, .632, .632+, cross-validation and leave-one-out against R and by hand."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.models.cases import fit_case, quiet_fit, simulated
from tests.reference import loader

from vertebrisk.errors import ArgumentError
from vertebrisk.models.development import Selection
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.validation.estimates import plus_estimate
from vertebrisk.validation.left_out import Pooled
from vertebrisk.validation.no_information import no_information
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.results import Validation
from vertebrisk.validation.summary import summarise

REFERENCE = loader.load("schemes")
STUDIES: dict[str, dict[str, Any]] = REFERENCE["studies"]
CATEGORIES = {"age_group": ["21-25", "26-35", "36+"], "parous": ["no", "yes"]}
MEASURES = ("c_index", "dxy", "r2", "intercept", "slope", "brier")
RTOL = 1e-7  # both sides iterate to the end; means of twenty add a few digits of rounding
KEYS = {"simple-bootstrap": "simple", "632": "e632", "632+": "plus"}
SUMMARY = "vertebrisk.models.validating.logistic."
names = pytest.mark.parametrize("name", list(STUDIES))


@cache
def fitted(name: str) -> LogisticFit:
    return fit_case({**STUDIES[name], "categories": CATEGORIES if name == "groups" else {}})


@cache
def drawn(name: str, method: str) -> tuple[Validation, Replicates]:
    with patch(SUMMARY + "summarise", wraps=summarise) as spy:
        found = fitted(name).validate(indices=np.asarray(STUDIES[name]["index"]), method=method)
    return found, spy.call_args.args[0]


@cache
def folded(name: str, method: str) -> tuple[Validation, Pooled]:
    folds = np.asarray(STUDIES[name]["folds"]) if method == "cross-validation" else None
    with patch(SUMMARY + "summarise", wraps=summarise) as spy:
        found = fitted(name).validate(folds=folds, method=method)
    return found, spy.call_args.args[4]


@names
@pytest.mark.parametrize("measure", MEASURES)
def test_every_resample_on_those_whom_it_left_out(name: str, measure: str) -> None:
    for method, key in (("632", "left_out"), ("simple-bootstrap", "original")):
        found = drawn(name, method)[1].test[measure]
        assert_allclose(found, STUDIES[name][key][measure], rtol=RTOL, atol=1e-9)


@names
@pytest.mark.parametrize("method", list(KEYS))
def test_estimates_of_the_bootstraps(name: str, method: str) -> None:
    found, expected = drawn(name, method)[0], STUDIES[name][KEYS[method]]
    for measure in MEASURES:
        assert_allclose(found.corrected(measure), expected[measure], rtol=RTOL, atol=1e-9)
    assert found.method == method
    assert found.to_dict()["method"] == method


@names
def test_values_without_information(name: str) -> None:
    found = no_information(fitted(name).apparent)
    for measure, expected in STUDIES[name]["no_information"].items():
        assert_allclose(found[measure], expected, rtol=RTOL, atol=1e-12)


@names
@pytest.mark.parametrize("measure", MEASURES)
def test_repeats_of_the_cross_validation(name: str, measure: str) -> None:
    found, pooled = folded(name, "cross-validation")
    expected = STUDIES[name]
    assert_allclose(pooled.measures[measure], expected["crossed"][measure], rtol=RTOL, atol=1e-9)
    mean = expected["cross_validation"][measure]
    assert_allclose(found.corrected(measure), mean, rtol=RTOL, atol=1e-9)
    row = found.table.filter(pl.col("measure") == measure).row(0, named=True)
    spread = np.std(expected["crossed"][measure], ddof=1)
    assert_allclose(row["mc_error"], spread / np.sqrt(len(expected["folds"])), rtol=1e-6)
    assert row["conf_low"] is None
    assert row["training"] is None


@names
def test_leave_one_out(name: str) -> None:
    found = folded(name, "leave-one-out")[0]
    for measure, expected in STUDIES[name]["leave_one_out"].items():
        assert_allclose(found.corrected(measure), expected, rtol=RTOL, atol=1e-9)
    assert found.resamples == fitted(name).n
    assert found.seed is None
    assert found.draws is None


def test_rate_of_overfitting_is_cut_at_none_and_all() -> None:
    assert plus_estimate(0.8, 0.85, 0.5)[0] == pytest.approx(0.368 * 0.8 + 0.632 * 0.85)
    assert plus_estimate(0.8, 0.4, 0.5) == (0.5, 0.0)
    assert plus_estimate(0.2, 0.3, 0.25) == (0.25, 0.0)
    # half of what there is to lose is lost
    weight = 0.632 / (1 - 0.368 * 0.5)
    assert plus_estimate(0.9, 0.7, 0.5)[0] == pytest.approx((1 - weight) * 0.9 + weight * 0.7)


@given(
    st.floats(0.5, 1.0), st.floats(0.0, 1.0), st.floats(0.05, 0.45), st.sampled_from([1.0, -1.0])
)
def test_the_plus_lies_between_and_moves_as_it_says(
    apparent: float, test: float, nothing: float, sign: float
) -> None:
    found, rate = plus_estimate(sign * apparent, sign * test, sign * nothing)
    low, high = min(apparent, max(test, nothing)), max(apparent, test)
    assert low - 1e-12 <= sign * found <= high + 1e-12
    step = 1e-6
    if min(abs(test - apparent), abs(test - nothing)) > 1e-4:  # off the two corners
        ahead = plus_estimate(sign * apparent, sign * test + step, sign * nothing)[0]
        assert_allclose((ahead - found) / step, rate, rtol=1e-3, atol=1e-4)


def test_the_whole_procedure_is_repeated_without_each_fold() -> None:
    frame = simulated(150, 4).with_columns(noise=pl.Series(np.random.default_rng(4).random(150)))
    options: dict[str, Any] = {"select": Selection("univariable", alpha=0.1)}
    fit = quiet_fit("y ~ a + b + noise", frame, **options)
    folds = np.arange(150) % 5
    with patch(SUMMARY + "summarise", wraps=summarise) as spy:
        found = fit.validate(method="cross-validation", folds=folds)
    linear = np.empty(150)
    chosen = []
    for fold in range(5):
        inside = folds == fold
        part = quiet_fit("y ~ a + b + noise", frame.filter(~inside), **options)
        chosen.append([term.name for term in part.design.terms])
        risk = part.model.predict(frame.filter(inside))["risk"].to_numpy()
        linear[inside] = np.log(risk / (1 - risk))
    y = frame["y"].to_numpy()
    brier = float(np.mean((y - 1 / (1 + np.exp(-linear))) ** 2))
    assert_allclose(spy.call_args.args[4].measures["brier"], [brier], rtol=1e-8)
    for name, share in found.selected.iter_rows():
        assert share == sum(name in each for each in chosen) / 5
    assert len({tuple(each) for each in chosen}) > 1  # the folds do not choose alike


@pytest.mark.parametrize("measure", ["c_index", "r2", "brier"])
def test_location_shifted_intervals(measure: str) -> None:
    """Percentiles of the resamples' own values less the optimism, as Noma and others write."""
    study = loader.load("validate")["studies"]["pima"]
    dxy = measure == "c_index"  # rms gives Dxy alone
    sides = (np.asarray(study[side]["dxy" if dxy else measure]) for side in ("training", "test"))
    training, test = (0.5 + 0.5 * each if dxy else each for each in sides)
    optimism = float(np.mean(training - test))
    low, high = np.quantile(training, (0.05, 0.95)) - optimism
    indices, level = np.asarray(study["index"]), 0.9
    found = fit_case(study).validate(indices=indices, level=level, interval="location-shifted")
    row = found.table.filter(pl.col("measure") == measure).row(0, named=True)
    assert_allclose([row["conf_low"], row["conf_high"]], [low, high], rtol=1e-6)
    assert found.to_dict()["interval"] == "location-shifted"


def test_both_intervals_are_as_wide_and_differ_by_the_optimism_of_the_resamples() -> None:
    fit = fitted("noise")
    plain, shifted = (
        fit.validate(60, interval=each, thresholds=np.array([0.3, 0.5]))
        for each in ("percentile", "location-shifted")
    )
    assert (plain.interval, shifted.interval) == ("percentile", "location-shifted")
    for one, two in zip(plain.table.to_dicts(), shifted.table.to_dicts(), strict=True):
        if one["conf_low"] is None:
            assert two["conf_low"] is None
            continue
        width = one["conf_high"] - one["conf_low"]
        assert_allclose(two["conf_high"] - two["conf_low"], width, rtol=1e-9)
        constant = one["measure"] in ("slope", "intercept")
        moved = 0.0 if constant else one["training"] - one["apparent"]
        assert_allclose(two["conf_low"] - one["conf_low"], moved, rtol=1e-9, atol=1e-12)
        assert one["corrected"] == two["corrected"]
    curves = []
    for each in (plain, shifted):
        assert each.decision is not None
        curves.append(each.decision.frame.filter(pl.col("model") == "model_corrected"))
    widths = [(each["conf_high"] - each["conf_low"]).to_numpy() for each in curves]
    assert_allclose(widths[0], widths[1], rtol=1e-9)
    assert not np.allclose(curves[0]["conf_low"], curves[1]["conf_low"])
    assert_allclose(curves[0]["net_benefit"], curves[1]["net_benefit"])


def test_nothing_is_smoothed_of_patients_left_out() -> None:
    fit = fitted("pima")
    assert fit.apparent.measures["ici"] > 0.0
    with (
        patch("vertebrisk.validation.resampling.compiled.enabled", return_value=False),
        patch("vertebrisk.validation.measures.smooth_observed", side_effect=AssertionError),
    ):
        found = fit.validate(12, method="632", seed=2)
    assert found.table.filter(pl.col("measure") == "ici")["corrected"].item() is None
    assert found.calibration.frame["corrected"].is_not_null().any()


def test_no_slope_where_the_scores_of_a_resample_part_all_patients() -> None:
    """Firth's estimate is finite where the patients are separated; their slope is not."""
    x = np.r_[np.linspace(-3, -1, 20), np.linspace(1, 3, 20)]
    noise = np.random.default_rng(3).normal(size=40)
    frame = pl.DataFrame({"x": x, "z": noise, "y": x > 0})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = quiet_fit("y ~ x + z", frame, estimator="firth")
        found = fit.validate(20)
    rows = {row["measure"]: row for row in found.table.to_dicts()}
    assert rows["slope"]["n_resamples"] < 20
    assert rows["slope"]["corrected"] is None or rows["slope"]["corrected"] < 20.0
    assert rows["c_index"]["n_resamples"] == 20


@pytest.mark.parametrize("method", ["632", "632+", "simple-bootstrap", "cross-validation"])
def test_the_seed_decides(method: str) -> None:
    frame = simulated(90, 6)
    fit = quiet_fit("y ~ a + b", frame)
    first, same = (fit.validate(20, seed=3, method=method) for _ in range(2))
    other = fit.validate(20, seed=4, method=method)
    assert first.table.equals(same.table)
    assert not first.table.equals(other.table)


def test_folds_are_stratified_and_keep_patients_whole() -> None:
    frame = simulated(120, 5).with_columns(patient=pl.int_range(120) // 3)
    fit = quiet_fit("y ~ a + b", frame, cluster="patient")
    with patch.object(ResamplePlan, "folded", wraps=ResamplePlan.folded) as spy:
        fit.validate(method="cross-validation", folds=4, repeats=2)
    folds = spy.call_args.args[0]
    assert folds.shape == (2, 120)
    assert not np.array_equal(folds[0], folds[1])
    for row in folds:
        assert_array_equal(row.reshape(40, 3).min(axis=1), row.reshape(40, 3).max(axis=1))
    single = quiet_fit("y ~ a + b", frame)
    with patch.object(ResamplePlan, "folded", wraps=ResamplePlan.folded) as spy:
        single.validate(method="cross-validation", folds=4, repeats=1)
    events = np.bincount(spy.call_args.args[0][0], single.event)
    assert np.ptp(events) <= 1
    assert fit.validate(method="leave-one-out").resamples == 40


def test_a_separated_fold_leaves_slope_and_intercept_open() -> None:
    frame = pl.DataFrame({"y": [0, 1] * 20 + [0, 1], "x": [0.0, 1.0] * 20 + [1.0, 0.0]})
    fit = quiet_fit("y ~ x", frame)
    folds = np.r_[np.repeat([1, 2], 20), 0, 0]  # without the last two, x decides
    found = fit.validate(method="cross-validation", folds=folds)
    assert found.n_separated == 1
    open_ones = found.table.filter(pl.col("measure").is_in(["r2", "intercept", "slope"]))
    assert open_ones["corrected"].null_count() == 3
    assert found.corrected("brier") > 0.0


def test_a_fold_with_the_only_events_fails_in_the_open() -> None:
    frame = simulated(60, 2)
    fit = quiet_fit("y ~ a", frame)
    folds = frame["y"].to_numpy().astype(np.int64)
    found = fit.validate(method="cross-validation", folds=folds)
    assert found.n_failed == 2
    assert found.table["corrected"].null_count() == found.table.height
    assert found.decision is not None


def test_few_events_out_of_the_bag_are_counted() -> None:
    frame = simulated(40, 9)
    fit = quiet_fit("y ~ a", frame)
    held = np.flatnonzero(fit.event)
    every = np.arange(40)
    missing = np.concatenate([held, np.resize(np.setdiff1d(every, held)[:5], 40 - held.size)])
    found = fit.validate(indices=np.stack([missing, np.r_[every[:20], every[:20]]]), method="632")
    assert found.n_failed == 1  # no event was left out
    assert found.table.filter(pl.col("measure") == "brier")["n_resamples"].item() == 1


def test_left_out_patients_whom_the_scores_part_have_no_slope() -> None:
    x = np.r_[np.linspace(-2, 2, 20), np.linspace(-2, 2, 20)]
    y = np.r_[np.arange(20) % 3 == 0, x[20:] > 0]
    fit = quiet_fit("y ~ x", pl.DataFrame({"x": x, "y": y}))
    mixed, split = np.arange(20), np.arange(20, 40)
    some = np.r_[mixed[:10], mixed[:10], split[::2], split[::2]]
    indices = np.stack([np.r_[mixed, mixed], some])  # the first leaves out those whom x parts
    found = fit.validate(indices=indices, method="632")
    count = dict(found.table.select("measure", "n_resamples").iter_rows())
    assert (count["slope"], count["intercept"]) == (1, 1)
    assert (count["c_index"], count["brier"]) == (2, 2)
    crossed = fit.validate(method="cross-validation", folds=(np.arange(40) // 20))
    assert crossed.table["n_resamples"].max() == 1


def test_weights_are_repeated_rows() -> None:
    frame = simulated(80, 3).with_columns(w=pl.int_range(80) % 3)
    rows = frame[np.repeat(np.arange(80), frame["w"].to_numpy())]
    for method in ("632+", "cross-validation"):
        weighted = quiet_fit("y ~ a", frame, weights="w").validate(20, method=method)
        assert weighted.table.equals(quiet_fit("y ~ a", rows).validate(20, method=method).table)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"method": "crossvalidation"}, "method is 'crossvalidation'.*Did you mean 'cross-validation'"),
    ({"method": "632", "folds": 5}, "folds and repeats belong to"),
    ({"repeats": 5}, "folds and repeats belong to"),
    ({"method": "cross-validation", "folds": 1}, "folds is 1; a whole number from 2 to 200"),
    ({"method": "cross-validation", "folds": 201}, "folds is 201"),
    ({"method": "cross-validation", "folds": True}, "folds is True"),
    ({"method": "cross-validation", "repeats": 0}, "repeats is 0"),
    ({"method": "cross-validation", "folds": [0, 1]}, "fold of each of the 200 rows"),
    ({"method": "cross-validation", "folds": np.zeros(200, int)}, "fold of each of the 200"),
    ({"method": "cross-validation", "folds": np.arange(200) / 2}, "fold of each of the 200"),
    ({"method": "cross-validation", "folds": np.arange(200) % 2 * 2}, "none without a row"),
    ({"method": "cross-validation", "folds": np.arange(200) % 2, "repeats": 2}, "have theirs"),
    ({"method": "leave-one-out", "indices": np.zeros((2, 200), int)}, "indices are drawn"),
    ({"method": "cross-validation", "seed": -1}, "seed is -1"),
    ({"method": "leave-one-out", "level": 95}, "level is 95"),
    ({"level": "a"}, "level is 'a'; a number between 0 and 1"),
    ({"level": True}, "level is True"),
    ({"interval": "centred"}, "interval is 'centred'; allowed are percentile, location-shifted"),
    (
        {"method": "leave-one-out", "interval": "location-shifted"},
        "method='leave-one-out' gives no interval",
    ),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_arguments_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        fitted("pima").validate(**options)


def test_what_belongs_to_the_optimism_bootstrap_refuses_the_others() -> None:
    fit = fitted("noise")
    crossed, plain = (fit.validate(10, method=m) for m in ("cross-validation", "632"))
    with pytest.raises(ArgumentError, match="by cross-validation; the factor"):
        fit.shrunken(crossed)
    with pytest.raises(ArgumentError, match="different methods, 632 and cross-validation"):
        plain.cost_of_selection(crossed)
