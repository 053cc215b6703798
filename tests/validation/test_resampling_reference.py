"""Harrell's bootstrap on stored resamples against R, step by step."""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.models.cases import fit_case, quiet_fit, simulated
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.models.development import Selection
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.results import Validation
from vertebrisk.validation.summary import summarise

STUDIES: dict[str, dict[str, Any]] = loader.load("validate")["studies"]
CATEGORIES = {
    "cleft": ["no", "yes"],
    "fascia": ["no", "yes"],
    "muscle": ["0-1", "2", "3-4"],
    "cement": ["Spongy", "Blocky"],
}
MEASURES = ("dxy", "r2", "intercept", "slope", "brier")
# Both sides iterate to the end; ratios and averages of forty add a few digits of rounding
RTOL = 1e-7
names = pytest.mark.parametrize("name", list(STUDIES))


@cache
def fitted(name: str) -> LogisticFit:
    categories = CATEGORIES if name == "pvp" else {}
    return fit_case({**STUDIES[name], "categories": categories})


@cache
def _run(name: str) -> tuple[Validation, Replicates]:
    """A validation on R's resamples, and every resample's own numbers on the way to it."""
    with patch("vertebrisk.models.validating.logistic.summarise", wraps=summarise) as spy:
        found = fitted(name).validate(indices=np.asarray(STUDIES[name]["index"]))
    return found, spy.call_args.args[0]


def replicates(name: str) -> Replicates:
    return _run(name)[1]


def validation(name: str) -> Validation:
    return _run(name)[0]


def row(name: str, measure: str) -> dict[str, Any]:
    return validation(name).table.filter(pl.col("measure") == measure).row(0, named=True)


@names
@pytest.mark.parametrize("measure", MEASURES)
def test_measures_of_every_resample(name: str, measure: str) -> None:
    for side in ("training", "test"):
        expected = np.array(STUDIES[name][side][measure], dtype=np.float64)
        found = getattr(replicates(name), side)[measure]
        known = ~np.isnan(expected)
        assert_allclose(found[known], expected[known], rtol=RTOL, atol=1e-9)
        if measure in ("intercept", "slope"):
            assert_array_equal(~known, replicates(name).separated)


@names
@pytest.mark.parametrize("measure", MEASURES)
def test_means_optimism_and_correction(name: str, measure: str) -> None:
    study, found = STUDIES[name], row(name, measure)
    assert_allclose(found["apparent"], study["apparent"][measure], rtol=RTOL)
    assert_allclose(found["training"], study["mean_training"][measure], rtol=RTOL, atol=1e-10)
    assert_allclose(found["test"], study["mean_test"][measure], rtol=RTOL)
    assert_allclose(found["optimism"], study["optimism"][measure], rtol=1e-6, atol=1e-9)
    assert_allclose(found["corrected"], study["corrected"][measure], rtol=RTOL, atol=1e-9)
    assert found["n_resamples"] == study["n_resamples"][measure]


@names
def test_monte_carlo_error_and_interval(name: str) -> None:
    study = STUDIES[name]
    for measure in ("dxy", "r2", "brier"):
        training = np.array(study["training"][measure])
        difference = training - np.array(study["test"][measure])
        found = row(name, measure)
        error = difference.std(ddof=1) / np.sqrt(difference.size)
        assert_allclose(found["mc_error"], error, rtol=1e-6)
        # the resamples' own spread, moved so that its mean is the corrected value
        limits = np.quantile(training, [0.025, 0.975]) - training.mean() + found["corrected"]
        assert found["conf_low"] < found["corrected"] < found["conf_high"]
        assert_allclose([found["conf_low"], found["conf_high"]], limits, rtol=1e-6)
    slopes = np.array(study["test"]["slope"], dtype=np.float64)
    found = row(name, "slope")
    expected = np.nanquantile(slopes, [0.025, 0.975])
    assert_allclose([found["conf_low"], found["conf_high"]], expected, rtol=1e-6)


@names
def test_c_index_is_half_of_dxy(name: str) -> None:
    c, dxy = row(name, "c_index"), row(name, "dxy")
    for key in ("apparent", "training", "test", "corrected"):
        assert_allclose(2.0 * c[key] - 1.0, dxy[key], rtol=1e-10)
    assert validation(name).corrected("c_index") == c["corrected"]


@names
def test_emax_linear(name: str) -> None:
    # a grid of 2000 risks on both sides, apart from its two ends
    assert_allclose(row(name, "emax_linear")["corrected"], STUDIES[name]["emax_linear"], rtol=RTOL)


@names
def test_coefficients_of_the_resamples(name: str) -> None:
    expected = np.array(STUDIES[name]["resample_coef"], dtype=np.float64)
    finite = ~np.isnan(expected).any(axis=1)
    assert_array_equal(~finite, replicates(name).separated)
    found = replicates(name).coefficients[finite]
    assert_allclose(found, expected[finite], rtol=1e-6, atol=1e-9)
    assert_allclose(fitted(name).beta, STUDIES[name]["coef"][1:], rtol=1e-8)
    draws = validation(name).draws
    assert draws is not None
    assert_allclose(draws, replicates(name).coefficients, rtol=1e-12)


def test_separated_resamples_are_counted_and_kept_at_their_limit() -> None:
    study, found = STUDIES["pvp"], replicates("pvp")
    separated = np.flatnonzero(found.separated)
    assert separated.tolist() == study["separated"] == [1, 4, 30]
    assert validation("pvp").n_separated == 3
    assert validation("pvp").n_failed == 0
    # the regression on "is in the group that has no events" is all that is left of the fit
    assert_allclose(found.test["r2"][separated], 0.0847032197043339, rtol=1e-7)
    for limit in study["separated_limits"]:
        r2 = study["training"]["r2"][limit["resample"]]
        assert_allclose(found.training["r2"][limit["resample"]], r2, rtol=1e-7)
    assert np.isnan(found.test["slope"][separated]).all()
    # leaving them out would be another answer
    for measure in ("dxy", "brier"):
        other = study["finite_only"]["corrected"][measure]
        assert abs(row("pvp", measure)["corrected"] - other) > 1e-6


@names
def test_calibration_curve(name: str) -> None:
    expected = STUDIES[name]["curve"]
    frame = validation(name).calibration.frame
    assert_allclose(frame["predicted"], expected["predy"], rtol=1e-8)
    assert_allclose(frame["apparent"], expected["apparent"], atol=1e-8)
    # risks of resamples differ from R's by 1e-9, which moves a point across a window's edge
    # where scores are tied in exact arithmetic; the curve then moves by less than this
    assert_allclose(frame["corrected"], expected["corrected"], atol=1e-6)


@names
def test_calibration_curves_of_every_resample(name: str) -> None:
    expected = STUDIES[name]["curve"]
    for side in ("training", "test"):
        reference = np.array(expected[side], dtype=np.float64)
        found = getattr(replicates(name), f"{side}_curves")
        assert_array_equal(np.isnan(found), np.isnan(reference))
        assert_allclose(found, reference, atol=1e-6)


@names
@pytest.mark.parametrize("index", ["ici", "e50", "e90", "emax"])
def test_loess_indices(name: str, index: str) -> None:
    expected = STUDIES[name]["loess"]
    assert_allclose(row(name, index)["apparent"], expected["apparent"][index], rtol=1e-6)
    for side in ("training", "test"):
        reference = np.array(expected[side][index], dtype=np.float64)
        found = getattr(replicates(name), side)[index][: reference.size]
        # few distinct risks: local parabolas near singular, see the smoothers
        assert_allclose(found, reference, rtol=1e-5, atol=1e-6)


@names
def test_close_to_rms_itself(name: str) -> None:
    """rms stops when the deviance moves by 0.025: three digits, and the same bookkeeping."""
    study = STUDIES[name]
    official = dict(zip(study["rms"]["rows"], study["rms"]["table"], strict=True))
    corrected = study["rms"]["columns"].index("index.corrected")
    pairs = {"Dxy": "dxy", "R2": "r2", "Slope": "slope", "B": "brier"}
    for theirs, ours in pairs.items():
        if name == "pvp" and ours in ("r2", "slope"):
            continue  # rms leaves separated resamples unfinished
        assert_allclose(row(name, ours)["corrected"], official[theirs][corrected], atol=0.01)


def _table(values: Validation) -> FloatArray:
    return values.table.drop("measure").to_numpy().astype(np.float64)


def test_the_same_seed_gives_the_same_answer() -> None:
    fit = fitted("pvp")
    first, again, other = (fit.validate(30, seed=seed) for seed in (4, 4, 5))
    assert first.table.equals(again.table)
    assert first.calibration.frame.equals(again.calibration.frame)
    assert not first.table.equals(other.table)
    assert first.seed == 4
    assert first.resamples == 30


def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted("pvp")
    whole = fit.validate(60, seed=2)
    monkeypatch.setattr("vertebrisk.validation.resampling.BATCH", 11)
    pieces = fit.validate(60, seed=2)
    # sums of resamples in another order, and fits that share their scaling with others
    assert_allclose(_table(pieces), _table(whole), rtol=1e-7, atol=1e-9)
    assert_allclose(
        pieces.calibration.frame["corrected"], whole.calibration.frame["corrected"], atol=1e-8
    )


def test_the_first_resamples_are_those_of_a_longer_run() -> None:
    fit = fitted("pima")
    few, many = fit.validate(20, seed=8), fit.validate(50, seed=8)
    assert few.draws is not None
    assert many.draws is not None
    assert_allclose(many.draws[:20], few.draws, rtol=1e-8, atol=1e-10)


def test_progress_adds_up() -> None:
    seen: list[int] = []
    fitted("pvp").validate(35, seed=1, progress=seen.append)
    assert sum(seen) == 35


def test_decision_curve_is_corrected() -> None:
    found = validation("pvp").decision
    assert found is not None
    rows = {name: part for (name,), part in found.frame.group_by("model", maintain_order=True)}
    assert list(rows) == ["model", "model_corrected", "all", "none"]
    optimism = (replicates("pvp").training_benefit - replicates("pvp").test_benefit).mean(axis=0)
    difference = rows["model"]["net_benefit"] - rows["model_corrected"]["net_benefit"]
    assert_allclose(difference, optimism, rtol=1e-9, atol=1e-12)
    training = replicates("pvp").training_benefit
    low, high = np.quantile(training, [0.025, 0.975], axis=0) - training.mean(axis=0)
    for curve in ("model", "model_corrected"):
        around = rows[curve]["net_benefit"].to_numpy()
        assert_allclose(rows[curve]["conf_low"], around + low, rtol=1e-9, atol=1e-12)
        assert_allclose(rows[curve]["conf_high"], around + high, rtol=1e-9, atol=1e-12)
    assert_array_equal(rows["none"]["net_benefit"], 0.0)
    assert_allclose(found.prevalence, 37 / 268, rtol=1e-14)


def test_band_where_events_are_few() -> None:
    frame = validation("pvp").calibration.frame
    assert (frame["conf_low"] <= frame["apparent"] + 1e-9).all()
    assert (frame["apparent"] <= frame["conf_high"] + 1e-9).all()
    assert np.ptp(frame.select("conf_low", "conf_high").to_numpy(), axis=1).max() > 0.05
    fit = quiet_fit("y ~ a + b", simulated(900, 1))
    assert fit.validate(3).calibration.frame["conf_low"].null_count() == 50


def test_resamples_of_one_class_are_counted() -> None:
    frame = pl.DataFrame({"x": np.arange(30) % 7, "y": [1, 1] + [0] * 28})
    fit = quiet_fit("y ~ x", frame)
    index = np.vstack([np.arange(30), np.arange(30), np.r_[np.arange(2, 30), 2, 3]])
    found = fit.validate(indices=index)
    assert (found.resamples, found.n_failed) == (3, 1)
    assert found.table["n_resamples"].max() == 2
    assert found.draws is not None
    assert found.draws.shape[0] == 2
    assert_allclose(found.corrected("c_index"), fit.summary().c_index, rtol=1e-12)


def test_resamples_equal_to_the_data_have_no_optimism() -> None:
    fit = fitted("pima")
    found = fit.validate(indices=np.tile(np.arange(200), (4, 1)))
    table = found.table.filter(pl.col("measure") != "emax_linear")
    assert_allclose(table["optimism"], 0.0, atol=1e-8)
    assert_allclose(table["corrected"], table["apparent"], rtol=1e-7, atol=1e-8)


def test_whole_patients_are_resampled() -> None:
    frame = simulated(120, 5).with_columns(patient=pl.int_range(120) // 3)
    fit = quiet_fit("y ~ a + b", frame, cluster="patient")
    single = quiet_fit("y ~ a + b", frame)
    clustered, rows = fit.validate(40, seed=1), single.validate(40, seed=1)
    assert not clustered.table.equals(rows.table)


def test_fixed_predictors_are_kinder_than_the_whole_procedure() -> None:
    rng = np.random.default_rng(11)
    noise = {f"n{k}": rng.normal(size=150) for k in range(12)}
    frame = pl.DataFrame({**noise, "y": rng.random(150) < 0.4})
    fit = quiet_fit(f"y ~ {' + '.join(noise)}", frame, select=Selection("univariable", alpha=0.3))
    whole, fixed = fit.validate(80, seed=1), fit.validate(80, seed=1, fixed=True)
    assert whole.procedure == "whole procedure"
    assert fixed.procedure == "model held fixed"
    assert whole.corrected("c_index") < fixed.corrected("c_index")
    assert whole.selected.height == 12
    assert fixed.selected.is_empty()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"resamples": 0}, "resamples is 0; a whole number of 1 or more"),
    ({"resamples": 2.5}, "resamples is 2.5"),
    ({"seed": -1}, "seed is -1; a whole number of 0 or more"),
    ({"seed": None}, "seed is None"),
    ({"level": 95}, "level is 95; a number between 0 and 1"),
    ({"indices": np.full((2, 200), 200)}, "indices"),
    ({"indices": np.full((2, 200), -1)}, "indices"),
    ({"indices": np.arange(200)}, "indices"),
    ({"indices": np.tile(np.arange(200), (2, 1)) + 0.5}, "indices"),
    ({"resamples": 5, "thresholds": np.array([0.0, 1.0])}, "thresholds"),
    ({"resamples": 5, "thresholds": np.array([np.nan])}, "thresholds"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_arguments_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        fitted("pima").validate(**options)


def test_weights_are_repeated_rows_in_resampling_too() -> None:
    frame = simulated(80, 3).with_columns(w=pl.int_range(80) % 3)
    weighted = quiet_fit("y ~ a", frame, weights="w").validate(20)
    rows = frame[np.repeat(np.arange(80), frame["w"].to_numpy())]
    assert weighted.table.equals(quiet_fit("y ~ a", rows).validate(20).table)
