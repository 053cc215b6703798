"""`fit_fine_gray` against cmprsk::crr, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.errors import (
    ArgumentError,
    DataError,
    ExpressionError,
    FewEventsWarning,
    FitError,
    ModelError,
    VertebriskError,
)
from vertebrisk.models.development import Selection

RTOL = 1e-8  # both are iterated to the end; the maximum is flat, so half the digits are left
CASES = {case["id"]: case for case in loader.load("competing")["fine_gray"]}
ENDS = {0: "followed", 1: "leakage", 2: "death"}
FRAME = loader.frame("competing").with_columns(
    pl.col("status").replace_strict(ENDS, return_dtype=pl.String).alias("ended")
)
FORMULA = "Surv(months, ended) ~ arm + age + volume_ml"


def fitted(formula: str = FORMULA, data: pl.DataFrame = FRAME, **options: Any) -> vr.FineGrayFit:
    given: dict[str, Any] = {"event": "leakage", "competing": "death", **options}
    return vr.fit_fine_gray(formula, data, **given)


def test_coefficients_and_errors_agree_with_crr() -> None:
    case, fit = CASES["competing"], fitted()
    covariance = np.array(case["covariance"])
    table = fit.coefficients()
    assert table["term"].to_list() == ["arm", "arm", "age", "volume_ml"]
    assert_allclose(table["estimate"], case["coef"], rtol=RTOL)
    assert_allclose(table["std_error"], np.sqrt(np.diag(covariance)), rtol=RTOL)
    ratios = fit.subdistribution_hazard_ratios()
    assert_allclose(ratios["estimate"], np.exp(case["coef"]), rtol=RTOL)
    summary = fit.summary()
    coef = np.array(case["coef"])
    assert_allclose(summary.wald_statistic, coef @ np.linalg.solve(covariance, coef), rtol=RTOL)
    assert_allclose(summary.log_likelihood, case["log_likelihood"], rtol=1e-12)
    assert (summary.n, summary.n_events, summary.n_competing) == (260, 96, 52)
    arm = fit.term_tests().row(0, named=True)
    block = coef[:2] @ np.linalg.solve(covariance[:2, :2], coef[:2])
    assert_allclose(arm["wald"], block, rtol=RTOL)
    assert arm["lr_statistic"] is None
    assert json.loads(json.dumps(summary.to_dict()))["df"] == 4


def test_a_real_study_agrees_with_crr() -> None:
    case = CASES["mgus2"]
    fit = vr.fit_fine_gray(
        "Surv(months, status) ~ age + sex + hgb + creat + mspike",
        loader.frame("mgus2"),
        event=1,
        competing=2,
        horizons=[120, 60],
        time_unit="months",
    )
    assert (fit.outcome, fit.competing) == ("status = 1", "status = 2")
    assert fit.horizons == (120.0, 60.0)
    assert_allclose(fit.beta, case["coef"], rtol=RTOL)
    assert_allclose(fit.cov, case["covariance"], rtol=1e-7)  # covariates far from zero
    patients = loader.frame("mgus2")[[0, 4, 8]]
    curve = fit.incidence_curve(patients, case["times"])
    risk = curve["risk"].to_numpy().reshape(3, -1).T
    assert_allclose(risk, case["risk"], rtol=RTOL)


def test_censoring_strata_agree_with_crr() -> None:
    fit = fitted(censoring_strata="centre")
    assert_allclose(fit.beta, CASES["competing_strata"]["coef"], rtol=RTOL)


def test_baseline_and_curves_are_one_function_of_time() -> None:
    fit = fitted()
    baseline = fit.baseline()
    assert (np.diff(baseline["risk"]) > 0).all()
    zero = pl.DataFrame({"arm": ["a"], "age": [0.0], "volume_ml": [0.0]})
    curve = fit.incidence_curve(zero)
    for column in ("risk", "conf_low", "conf_high", "std_error"):
        assert_allclose(curve[column], baseline[column], rtol=1e-10)
    one = fit.incidence_curve(FRAME[:1], [0, 12, 36, 37])
    assert one["risk"][0] == 0.0
    assert one["conf_low"][1] < one["risk"][1] < one["conf_high"][1]
    assert one["risk"][3] is None
    missing = fit.incidence_curve(FRAME[:1].with_columns(age=None), [12])
    assert missing["risk"].to_list() == [None]


def test_the_portable_model_predicts_what_the_fit_does(tmp_path: Path) -> None:
    fit = fitted(horizons=[24, 6], time_unit="months")
    fit.model.save(tmp_path / "model.json")
    model = vr.RiskModel.load(tmp_path / "model.json")
    assert (model.kind, model.horizons, model.time_unit) == ("fine-gray", (24.0, 6.0), "months")
    patients = FRAME[:20]
    for horizon in (24.0, 6.0):
        predicted = model.predict(patients, horizon)
        curve = fit.incidence_curve(patients, [horizon])
        for column in ("risk", "conf_low", "conf_high"):
            assert_allclose(predicted[column], curve[column], rtol=1e-9)
    assert_allclose(
        model.predict(patients)["risk"], model.predict(patients, 24)["risk"], rtol=1e-12
    )
    with pytest.raises(ModelError):
        model.predict(patients, 60)


def test_after_selection_the_model_has_no_interval() -> None:
    model = fitted(select="univariable").model
    assert model.interval_kind == "none"
    assert model.predict(FRAME[:3])["conf_low"].to_list() == [None, None, None]


def wolbers(lp: FloatArray, exit: FloatArray, status: Any) -> float:
    """Pairs whose first event is known, those who left by the other cause never having it."""
    good = total = 0.0
    for i in np.flatnonzero(status == 1):
        after = (exit > exit[i]) | ((exit == exit[i]) & (status == 0)) | (status == 2)
        total += after.sum()
        good += (lp[i] > lp[after]).sum() + 0.5 * (lp[i] == lp[after]).sum()
    return good / total


def test_concordance_counts_the_competing_event_as_never() -> None:
    fit = fitted()
    expected = wolbers(fit.linear_predictor, fit.exit, fit.status)
    assert_allclose(fit.summary().c_index, expected, rtol=1e-12)


def test_no_competing_event_is_a_cox_model_and_a_finding() -> None:
    data = FRAME.filter(pl.col("status") != 2)
    fit = fitted(data=data)
    cox = vr.fit_cox(
        "Surv(months, status) ~ arm + age + volume_ml", data, ties="breslow", robust=True
    )
    assert_allclose(fit.beta, cox.beta, rtol=1e-10)
    assert_allclose(fit.cov, cox.cov, rtol=1e-8)
    assert "no-competing-event" in [finding.code for finding in fit.findings]
    assert "no-competing-event" not in [finding.code for finding in fitted().findings]


def test_rows_without_time_status_or_predictor_are_counted() -> None:
    holes = FRAME.with_columns(
        pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise(pl.col("ended")).alias("ended"),
        pl.when(pl.int_range(pl.len()) == 5).then(None).otherwise(pl.col("months")).alias("months"),
        pl.when(pl.int_range(pl.len()) == 7).then(None).otherwise(pl.col("age")).alias("age"),
    )
    fit = fitted(data=holes)
    assert fit.n_dropped == {"time missing": 1, "outcome missing": 1, "predictor missing": 1}
    left = FRAME.filter(~pl.int_range(pl.len()).is_in([3, 5, 7]))
    assert_allclose(fit.beta, fitted(data=left).beta, rtol=1e-12)
    assert fit.n == 257


def test_rows_in_another_order_and_clusters_of_one() -> None:
    plain = fitted()
    shuffled = fitted(data=FRAME.sample(fraction=1.0, shuffle=True, seed=3))
    assert_allclose(shuffled.beta, plain.beta, rtol=1e-10)
    assert_allclose(shuffled.cov, plain.cov, rtol=1e-8)
    named = FRAME.with_row_index("patient")
    single = fitted(data=named, cluster="patient")
    assert single.covariance_kind == "cluster"
    assert_allclose(single.cov, plain.cov, rtol=1e-10)
    again = fitted(data=pl.concat([named, named]), cluster="patient")
    assert_allclose(again.cov, plain.cov, rtol=1e-8)


def test_selection_leaves_what_carries_the_event() -> None:
    fit = fitted(select=Selection("backward", alpha=0.05))
    assert "volume_ml" in [term.name for term in fit.design.terms]
    assert fit.selection.method == "backward"
    assert fit.beta.size == len(fit.design.columns) < 4
    screened = fitted(select="univariable")
    assert "univariable-screening" in [finding.code for finding in screened.findings]


def test_without_predictors_there_is_a_baseline() -> None:
    fit = fitted("Surv(months, ended) ~ 1")
    assert fit.coefficients().height == 0
    assert fit.summary().wald_p_value == 1.0
    expected = vr.cumulative_incidence(FRAME["months"], FRAME["status"], times=[12]).frame
    # 1 - exp(-hazard) against the product over the hazards, and censorings tied to failures
    assert fit.incidence_curve(FRAME[:1], [12])["risk"][0] == pytest.approx(
        expected["estimate"][0], abs=0.01
    )


def test_few_events_are_said() -> None:
    with pytest.warns(FewEventsWarning, match="candidate parameter"):
        fitted(data=FRAME[:60])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"competing": "leakage"}, ArgumentError, "'leakage' is given as event and as competing"),
        ({"event": "leak"}, DataError, "never holds 'leak'.*Did you mean 'leakage'"),
        ({"competing": "dead"}, DataError, "holds 'death', 'followed', of which nothing"),
        ({"formula": "months ~ arm"}, ExpressionError, "write Surv"),
        ({"formula": "Surv(months, ended == 'leakage') ~ arm"}, ExpressionError, "is a rule"),
        ({"formula": "Surv(entry, months, ended) ~ arm"}, ExpressionError, "neither an entry"),
        ({"formula": "Surv(months, ended) ~ arm + strata(centre)"}, ExpressionError, "nor strata"),
        ({"formula": "Surv(months, end) ~ arm"}, DataError, "end"),
        ({"horizons": [48]}, ArgumentError, "horizon 48 is not a time inside follow-up"),
        ({"time_unit": "moons"}, ArgumentError, "time_unit is 'moons'"),
        ({"select": "stepwise"}, ArgumentError, "allowed are prespecified"),
        ({"censoring_strata": "hospital"}, DataError, "hospital"),
    ],
)
def test_bad_input_is_one_clear_error(
    options: dict[str, Any], error: type[VertebriskError], message: str
) -> None:
    with pytest.raises(error, match=message):
        fitted(**options)


def test_only_competing_events_is_refused() -> None:
    data = FRAME.with_columns(pl.col("ended").replace("leakage", "death"))
    with pytest.raises(DataError, match="never holds 'leakage'"):
        fitted(data=data)
    gone = FRAME.with_columns(
        pl.when(pl.col("ended") == "leakage").then(None).otherwise(pl.col("age")).alias("age")
    )
    with pytest.raises(DataError, match=r"None of 164 .* 52 have the competing event"):
        fitted(data=gone)


def test_events_in_one_group_only_are_named() -> None:
    moved = FRAME.with_columns(
        pl.when(pl.col("ended") == "leakage")
        .then(pl.lit("b"))
        .otherwise(pl.col("arm"))
        .alias("arm")
    )
    with pytest.raises(FitError, match=r"monotone likelihood.*arm"):
        fitted("Surv(months, ended) ~ arm + age", moved)


def test_who_is_censored_before_anything_happens_changes_nothing() -> None:
    early = FRAME[:20].with_columns(months=pl.lit(0.5), ended=pl.lit("followed"))
    plain, more = fitted(), fitted(data=pl.concat([FRAME.cast({"months": pl.Float64}), early]))
    assert_allclose(more.beta, plain.beta, rtol=1e-10)
    assert_allclose(more.cov, plain.cov, rtol=1e-8)
    assert_allclose(more.baseline()["risk"], plain.baseline()["risk"], rtol=1e-10)


def test_event_and_competing_event_at_one_time_are_both_at_risk_there() -> None:
    # one event and one competing event at 2: the risk set of the event holds all four
    data = pl.DataFrame({"t": [2, 2, 3, 4], "s": [1, 2, 1, 0], "x": [1.0, 0.0, 0.0, 1.0]})
    with pytest.warns(FewEventsWarning):
        fit = vr.fit_fine_gray("Surv(t, s) ~ x", data, event=1, competing=2)
    ratio = np.exp(fit.beta[0])
    # at 3 the patient gone by the competing event still counts, with weight 1
    expected = -np.log(2 + 2 * ratio) + np.log(ratio) - np.log(2 + ratio)
    assert_allclose(fit.log_likelihood, expected, rtol=1e-12)
    assert_allclose(fit.baseline()["cumulative_hazard"][0], 1 / (2 + 2 * ratio), rtol=1e-10)


def test_a_fine_gray_model_has_a_nomogram() -> None:
    nomogram = fitted(horizons=[24]).model.nomogram()
    assert set(nomogram.points["variable"]) == {"arm", "age", "volume_ml"}
