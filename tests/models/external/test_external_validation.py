"""External validation: the digits of R, rows that leave, and what is said of them."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.errors import (
    ArgumentError,
    CalibrationWarning,
    DataError,
    ExpressionError,
    ModelError,
)
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.models.external.measuring import _curved
from vertebrisk.models.mapping.units import other_unit

RTOL = 1e-6  # both sides are iterated to the end; loess is direct in both
PIMA = 'type == "Yes"'
PIMA_MODEL = quiet_fit(
    f"{PIMA} ~ npreg + glu + bp + skin + bmi + ped + age", loader.frame("pima_tr")
).model
FIT = quiet_fit("y ~ a + b + g", simulated(400, 6))
NEW = simulated(300, 8)


def validated(
    frame: object, model: vr.RiskModel = FIT.model, **options: Any
) -> vr.ExternalValidation:
    asked: dict[str, Any] = {"outcome": "y", "resamples": 20} | options
    return vr.external_validation(model, frame, **asked)


def codes(found: vr.ExternalValidation) -> set[str]:
    return {each.code for each in found.findings}


@pytest.fixture(scope="module")
def pima() -> vr.ExternalValidation:
    return validated(loader.frame("pima_te"), PIMA_MODEL, outcome=PIMA, thresholds=[0.1, 0.3])


@pytest.mark.parametrize(
    ("measure", "key"),
    [
        *((name, name) for name in ("in_the_large", "intercept", "slope", "observed_expected")),
        *((name, name) for name in ("brier", "ici", "e50", "e90", "emax")),
        ("brier_scaled", "scaled_brier"),
    ],
)
def test_calibration_is_that_of_r(pima: vr.ExternalValidation, measure: str, key: str) -> None:
    expected = loader.load("smoothers")["sets"]["pima_external"]["calibration"][key]
    found = pima.estimate(measure)
    if isinstance(expected, dict):
        assert found.conf_low == pytest.approx(expected["conf_low"], rel=RTOL)
        assert found.conf_high == pytest.approx(expected["conf_high"], rel=RTOL)
        expected = expected["estimate"]
    else:
        assert found.conf_low is not None
        assert found.conf_high is not None
        assert found.conf_low < found.conf_high
    assert found.estimate == pytest.approx(expected, rel=RTOL)


def test_discrimination_is_that_of_proc(pima: vr.ExternalValidation) -> None:
    cases = loader.load("roc")["cases"]
    expected = cases["pima_external"]
    found = pima.estimate("c_index")
    assert found.estimate == pytest.approx(expected["auc"], rel=RTOL)
    assert found.conf_low == pytest.approx(expected["conf_low"], rel=RTOL)
    assert found.conf_high == pytest.approx(expected["conf_high"], rel=RTOL)


def test_r2_and_brier_are_those_of_val_prob(pima: vr.ExternalValidation) -> None:
    stats = loader.load("smoothers")["sets"]["pima_external"]["val_prob"]["stats"]
    assert pima.estimate("r2").estimate == pytest.approx(stats["R2"], rel=RTOL)
    assert pima.estimate("brier").estimate == pytest.approx(stats["Brier"], rel=RTOL)


def test_the_curve_is_lowess_as_r_draws_it(pima: vr.ExternalValidation) -> None:
    drawn = loader.load("smoothers")["sets"]["pima_external"]["lowess"]
    curve = pima.calibration.frame
    expected = np.interp(curve["predicted"], drawn["x"], drawn["y"])
    np.testing.assert_allclose(curve["apparent"], expected, rtol=RTOL)
    assert curve["corrected"].null_count() == curve.height
    assert curve["conf_low"].null_count() == 0  # 109 events: there is a band


def test_counts_spread_and_decision(pima: vr.ExternalValidation) -> None:
    frame = loader.frame("pima_te")
    linear = PIMA_MODEL.predict(frame)["linear_predictor"]
    assert (pima.counts.rows, pima.counts.n, pima.counts.n_events) == (332, 332, 109)
    assert pima.linear_predictor_sd == pytest.approx(linear.std(), rel=RTOL)
    assert pima.linear_predictor_mean == pytest.approx(linear.mean(), rel=RTOL)
    low, high = PIMA_MODEL.design.predictor("bp").limits or (0.0, 0.0)
    outside = int(((frame["bp"] < low) | (frame["bp"] > high)).sum())
    assert pima.counts.extrapolated["bp"] == outside
    assert pima.decision is not None
    event = (frame["type"] == "Yes").to_numpy()
    risk = PIMA_MODEL.predict(frame)["risk"].to_numpy()
    alone = vr.decision_curve(event, risk, [0.1, 0.3], resamples=20)
    assert pima.decision.frame.equals(alone)
    assert pima.classes is not None
    assert pima.classes.frame.equals(vr.classification(event, risk, [0.1, 0.3]).frame)
    assert codes(pima) == {"few-patients-calibration"}


def test_roc_and_bins_of_the_log_odds_hold_every_patient(pima: vr.ExternalValidation) -> None:
    assert pima.roc is not None
    assert pima.roc.auc == pima.estimate("c_index")
    bins = pima.linear_predictors
    assert bins is not None
    assert (bins["n"].sum(), bins["n_events"].sum()) == (332, 109)
    linear = PIMA_MODEL.predict(loader.frame("pima_te"))["linear_predictor"]
    assert bins["low"][0] == pytest.approx(linear.min(), rel=RTOL)
    assert bins["high"][-1] == pytest.approx(linear.max(), rel=RTOL)
    document = pima.to_dict()
    assert set(document["roc"]) == {"sensitivity", "specificity"}  # no patient's risk


@pytest.mark.parametrize("kind", ["simulated", "reconstructed"])
def test_patients_who_are_not_real_are_known_by_their_column(kind: str) -> None:
    assert validated(NEW).data_kind == "real"
    said = pl.Series("data_kind", ["real", kind] * (NEW.height // 2))
    assert validated(NEW.with_columns(said)).data_kind == kind


def nagelkerke_as_they_stand(event: FloatArray, risk: FloatArray) -> float:
    """R2 of risks without any recalibration, from the two log-likelihoods."""
    own = np.log(np.where(event == 1, risk, 1 - risk)).mean()
    rate = event.mean()
    null = rate * np.log(rate) + (1 - rate) * np.log(1 - rate)
    return float((1 - np.exp(2 * (null - own))) / (1 - np.exp(2 * null)))


def test_bootstrap_limits_are_percentiles_of_the_measure_on_resampled_rows() -> None:
    found = validated(NEW, resamples=40, seed=5)
    event = NEW["y"].cast(pl.Float64).to_numpy()
    risk = FIT.model.predict(NEW)["risk"].to_numpy()
    drawn = []
    for weights in bootstrap_weights(NEW.height, 40, 5):
        rows = np.repeat(np.arange(NEW.height), weights.astype(int))
        brier = ((risk[rows] - event[rows]) ** 2).mean()
        drawn.append((brier, nagelkerke_as_they_stand(event[rows], risk[rows])))
    limits = np.quantile(drawn, (0.025, 0.975), axis=0).T
    for measure, expected in zip(("brier", "r2"), limits, strict=True):
        estimate = found.estimate(measure)
        assert [estimate.conf_low, estimate.conf_high] == pytest.approx(expected, rel=1e-9)


def test_limits_of_the_errors_are_moved_percentiles() -> None:
    found = validated(NEW, resamples=30, seed=5)
    event = NEW["y"].cast(pl.Float64).to_numpy()
    risk = FIT.model.predict(NEW)["risk"].to_numpy()
    drawn = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        for weights in bootstrap_weights(NEW.height, 30, 5):
            rows = np.repeat(np.arange(NEW.height), weights.astype(int))
            drawn.append(vr.calibration(event[rows], risk[rows]).to_dict()["ici"])
    ici = found.estimate("ici")
    low, high = np.quantile(drawn, (0.025, 0.975)) - np.mean(drawn) + ici.estimate
    assert [ici.conf_low, ici.conf_high] == pytest.approx([max(low, 0.0), high], rel=1e-6)


@pytest.mark.slow
def test_thousands_of_patients_take_seconds() -> None:
    assert [_curved(n, 1000) for n in (300, 1000, 4000, 6000)] == [1000, 500, 100, 0]
    found = validated(simulated(6000, 3), resamples=1000)
    assert found.estimate("ici").conf_low is None
    assert found.estimate("brier").conf_low is not None


def test_limits_of_the_errors_hold_their_estimates(pima: vr.ExternalValidation) -> None:
    for measure in ("ici", "e50", "e90", "emax"):
        found = pima.estimate(measure)
        assert found.conf_low is not None
        assert found.conf_high is not None
        assert 0.0 <= found.conf_low <= found.estimate <= found.conf_high


def test_rows_that_leave_are_counted_by_reason() -> None:
    frame = NEW.with_columns(
        a=pl.when(pl.int_range(pl.len()) >= 3).then("a"),
        g=pl.when(pl.int_range(pl.len()) == 7)
        .then(pl.lit("Lowest"))
        .otherwise(pl.col("g").cast(pl.String)),
        y=pl.when(~pl.int_range(pl.len()).is_in([2, 50])).then("y"),
    )
    found = validated(frame)
    counts = found.counts
    assert (counts.rows, counts.n, counts.outcome_missing, counts.not_scored) == (300, 295, 2, 3)
    assert counts.reasons == {"missing: a": 2, "unknown level: g": 1}
    assert {"outcome-missing", "not-scored", "unknown-level"} <= codes(found)
    kept = frame.filter(
        pl.col("a").is_not_null() & pl.col("y").is_not_null() & (pl.col("g") != "Lowest")
    )
    assert validated(kept).measures.equals(found.measures)


def test_missing_inputs_are_averaged_over_by_the_models_own_policy() -> None:
    averaging = FIT.model.with_missing_inputs(FIT)
    frame = NEW.with_columns(a=pl.when(pl.int_range(pl.len()) >= 9).then("a"))
    found = validated(frame, averaging)
    assert found.counts.n == 300
    assert found.counts.averaged == {"a": 9}
    assert found.counts.reasons == {}


def test_the_nearest_level_is_named_and_the_cell_is_not() -> None:
    levels = [f"{FIT.model.design.predictor('g').levels[1].upper()} "] * 4
    frame = NEW.with_columns(g=pl.Series(levels + NEW["g"].cast(pl.String).to_list()[4:]))
    finding = next(each for each in validated(frame).findings if each.code == "unknown-level")
    assert f"'{FIT.model.design.predictor('g').levels[1]}' (4)" in finding.message
    assert levels[0] not in finding.message
    assert finding.rows == (1, 2, 3, 4)
    assert finding.cells == tuple(levels)
    assert levels[0] not in json.dumps(validated(frame).to_dict())


@pytest.mark.parametrize(("factor", "said"), [(10.0, "divided by 10"), (0.01, "multiplied by 100")])
def test_another_unit_is_seen(factor: float, said: str) -> None:
    frame = loader.frame("pima_te").with_columns(pl.col("bp") * factor)
    found = validated(frame, PIMA_MODEL, outcome=PIMA)
    finding = next(each for each in found.findings if each.code == "other-unit")
    assert finding.column == "bp"
    assert said in finding.message


@pytest.mark.parametrize(
    ("values", "limits", "expected"),
    [
        ([20.0, 25.0, 31.0], (15.0, 35.0), None),
        ([2.0, 2.5, 3.1], (15.0, 35.0), 10.0),
        ([2.1, 3.0, 3.4], (-4.5, -1.5), -1.0),
        ([400.0, 900.0], (15.0, 35.0), None),  # 900 fits by no factor, 400 by none that 900 does
        ([], (15.0, 35.0), None),
    ],
)
def test_factors_between_units(
    values: list[float], limits: tuple[float, float], expected: float | None
) -> None:
    assert other_unit(np.array(values), limits) == expected


def test_few_events_and_an_outcome_that_the_model_reads() -> None:
    few = validated(NEW.head(60), outcome="a > 0.5")
    assert {"few-events", "few-patients-calibration", "outcome-is-input"} <= codes(few)
    assert all(each.severity == "warning" for each in few.findings)


def test_nine_patients_and_risks_that_are_all_alike() -> None:
    found = validated(NEW.head(9))
    assert found.counts.n == 9
    json.dumps(found.to_dict(), allow_nan=False)
    alike = NEW.with_columns(a=pl.lit(0.1), b=pl.lit(0.2), g=pl.lit(NEW["g"][0]))
    same = validated(alike)
    assert same.estimate("c_index").estimate == 0.5
    assert np.isnan(same.estimate("slope").estimate)
    assert "one-risk" in codes(same)
    json.dumps(same.to_dict(), allow_nan=False)


def test_risks_of_one_leave_no_slope() -> None:
    certain = replace(FIT.model, beta=FIT.model.beta * 1e4, covariance=None, interval_kind="none")
    found = validated(NEW, certain)
    assert found.linear_predictor_sd is None
    assert np.isnan(found.estimate("r2").estimate)
    assert "risk-of-0-or-1" in codes(found)
    json.dumps(found.to_dict(), allow_nan=False)


def test_three_patients_whom_the_risks_divide_have_no_slope_and_no_limits() -> None:
    frame = NEW.sort(FIT.model.predict(NEW)["risk"])
    found = validated(frame[[0, 1, -1]].with_columns(y=pl.Series([False, False, True])))
    assert np.isnan(found.estimate("slope").estimate)
    assert {"no-slope", "few-events"} <= codes(found)
    limits = found.measures.filter(~pl.col("interval").is_in(["Wald"]))
    assert limits["conf_low"].null_count() == limits.height


def test_what_cannot_be_validated_is_one_clear_line() -> None:
    with pytest.raises(DataError, match=r"Of 300 patients .* none has the event"):
        validated(NEW, outcome="a > 1000")
    with pytest.raises(
        DataError, match=r"None of 300 rows .* 300 without a risk \(missing: a 300\)"
    ):
        validated(NEW.with_columns(a=pl.lit(None, dtype=pl.Float64)))
    with pytest.raises(ExpressionError, match="no column 'pain'"):
        validated(NEW, outcome="pain")
    with pytest.raises(DataError, match="The model needs a"):
        validated(NEW.drop("a"))
    with pytest.raises(ArgumentError, match="outcome is 3"):
        validated(NEW, outcome=3)
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        validated(NEW, thresholds=[20])
    with pytest.raises(ModelError, match=r"has one time point .*; leave time out"):
        validated(NEW, time="a")
    matched = replace(FIT.model.population, matched=("set",))
    with pytest.raises(ModelError, match="no risk to validate"):
        validated(NEW, replace(FIT.model, population=matched))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_patients_does_not_matter(seed: int) -> None:
    shuffled = NEW.sample(fraction=1.0, shuffle=True, seed=seed)
    one = validated(NEW, resamples=2).measures["estimate"]
    other = validated(shuffled, resamples=2).measures["estimate"]
    np.testing.assert_allclose(one, other, rtol=1e-9)  # sums in another order


@settings(max_examples=15, deadline=None)
@given(factor=st.sampled_from([1e-3, 0.1, 10.0, 100.0]), centre=st.floats(-50, 50))
def test_a_unit_that_differs_is_found_back(factor: float, centre: float) -> None:
    values = np.linspace(centre + 200.0, centre + 240.0, 30)
    limits = (float(values[0]), float(values[-1]))
    found = other_unit(values * factor, limits)
    assert found == pytest.approx(1.0 / factor)
