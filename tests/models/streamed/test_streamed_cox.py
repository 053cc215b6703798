"""`fit_cox` of a scan: the same estimates, tests, baseline and messages as of the frame."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.counting import CountedColumns

import vertebrisk as vr
from vertebrisk._types import Ties
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines import cox as driver
from vertebrisk.engines import engine as engines
from vertebrisk.engines.cox import fit_cox_sorted
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.errors import ArgumentError, DataError, FewEventsWarning, FitError
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.models.streamed.cox import StreamedCoxFit

RTOL = 1e-10  # both iterate until a step changes nothing in twelve digits

FORMULAS = (
    "Surv(months, leak) ~ age + sex",
    "Surv(months, leak) ~ rcs(age, 4)*sex + C(grade) + strata(site)",
    "Surv(days, state == 'leak') ~ age + log(bmi) + strata(site, sex)",
)


def patients(size: int = 1200, seed: int = 5) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age, sex = rng.normal(70, 8, size).round(), rng.choice(["f", "m"], size)
    lasting = rng.exponential(40 * np.exp(-0.03 * (age - 70) - 0.4 * (sex == "m")))
    ended = np.minimum(lasting, rng.uniform(5, 60, size))
    leak = lasting <= ended
    frame = pl.DataFrame(
        {
            "age": age,
            "sex": sex,
            "bmi": rng.normal(25, 3, size),
            "grade": rng.integers(0, 3, size),
            "site": rng.choice(["a", "b", "c"], size),
            "months": np.ceil(ended),
            "days": ended * 30.4 + 1e-9 * rng.integers(0, 3, size),
            "leak": leak,
            "state": np.where(leak, "leak", "none"),
        }
    )
    lost = rng.random((size, 3)) < 0.04
    return frame.with_columns(
        pl.when(pl.Series(lost[:, place])).then(None).otherwise(pl.col(name)).alias(name)
        for place, name in enumerate(("age", "months", "leak"))
    )


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 128)


def assert_equal_tables(ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    assert ours.schema == theirs.schema
    for column in ours.columns:
        if ours[column].dtype.is_numeric():
            one, other = (each[column].cast(pl.Float64).to_numpy() for each in (ours, theirs))
            assert_allclose(one, other, rtol=1e-8, atol=1e-12)
        else:
            assert ours[column].to_list() == theirs[column].to_list()


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_fit_is_that_of_the_frame(formula: str, ties: Any) -> None:
    frame = patients()
    expected = vr.fit_cox(formula, frame, ties=ties, time_unit="months")
    found = vr.fit_cox(formula, PatientScan.of_frame(frame), ties=ties, time_unit="months")
    assert found.design == expected.design
    assert_allclose(found.beta, expected.beta, rtol=RTOL)
    assert_allclose(found.cov, expected.cov, rtol=1e-9, atol=1e-13)
    for name in ("coefficients", "hazard_ratios", "term_tests", "anova", "vif"):
        assert_equal_tables(getattr(found, name)(), getattr(expected, name)())
    whole = expected.summary().to_dict()
    for name, value in found.summary().to_dict().items():
        assert value == pytest.approx(whole[name], rel=1e-9, abs=1e-14), name
    assert found.n_dropped == expected.n_dropped
    assert found.horizons == expected.horizons
    assert found.strata_levels == expected.strata_levels
    assert [each.code for each in found.findings] == [each.code for each in expected.findings]
    assert [each.message for each in found.findings] == [each.message for each in expected.findings]


def test_strata_that_say_nothing_are_told_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 7)  # a border within most strata
    place = pl.int_range(pl.len())
    late = pl.col("months") >= pl.col("months").max().over("group")
    some = late | (pl.col("group") % 2 == 0)
    frames = [
        patients().with_columns(group=(place - offset).clip(lower_bound=0) // size)
        for size, offset in ((1, 300), (2, 100), (3, 0), (12, 0))
    ]
    frames.append(frames[-1].with_columns(leak=pl.col("leak") & some))
    told = []
    for frame in frames:
        ours, theirs = (
            vr.fit_cox("Surv(months, leak) ~ age + strata(group)", each)
            for each in (PatientScan.of_frame(frame), frame)
        )
        assert ours.findings == theirs.findings
        told += [each.message for each in ours.findings if each.code == "silent-strata"]
    assert len(told) == len(frames) - 1  # twelve patients nearly always say something


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_portable_model_is_that_of_the_frame(formula: str) -> None:
    frame = patients()
    expected = vr.fit_cox(formula, frame, horizons=[12, 24])
    found = vr.fit_cox(formula, PatientScan.of_frame(frame), horizons=[12, 24])
    ours, theirs = found.model, expected.model
    for one, other in zip(ours.baselines, theirs.baselines, strict=True):
        assert one.stratum == other.stratum
        assert_allclose(one.times, other.times, rtol=1e-12)
        assert_allclose(one.cumulative_hazard, other.cumulative_hazard, rtol=1e-9, atol=1e-15)
        assert_allclose(one.variance, other.variance, rtol=1e-9, atol=1e-15)
        assert_allclose(one.mean_integral, other.mean_integral, rtol=1e-8, atol=1e-13)
    assert list(ours.average_risks) == pytest.approx(list(theirs.average_risks), rel=1e-9)
    assert ours.linear_spread is not None
    assert theirs.linear_spread is not None
    assert_allclose(ours.linear_spread.mean, theirs.linear_spread.mean, rtol=1e-9)
    assert_allclose(ours.linear_spread.sd, theirs.linear_spread.sd, rtol=1e-9)
    predicted, whole = ours.predict(frame), theirs.predict(frame)
    for name in ("risk", "conf_low", "conf_high"):
        assert_allclose(predicted[name].to_numpy(), whole[name].to_numpy(), rtol=1e-8)


@pytest.mark.parametrize("formula", ["Surv(months, leak) ~ age + sex", FORMULAS[2]])
def test_a_code_of_who_left_before_any_event_has_no_part(formula: str) -> None:
    early = pl.col("days") <= 243.0
    nowhere = (pl.col("site") == "c") & (pl.col("sex") == "m")  # a stratum without events
    frame = patients().with_columns(
        pl.when(early).then(1e9).otherwise("age").alias("age"),
        pl.when(early | nowhere).then(False).otherwise("leak").alias("leak"),
        pl.when(early | nowhere).then(pl.lit("none")).otherwise("state").alias("state"),
    )
    expected = vr.fit_cox(formula, frame)
    found = vr.fit_cox(formula, PatientScan.of_frame(frame))
    assert found.model.linear_spread is not None
    assert expected.model.linear_spread is not None
    assert_allclose(found.beta, expected.beta, rtol=RTOL)
    assert_allclose(found.cov, expected.cov, rtol=1e-9)
    assert found.model.average_risks == pytest.approx(expected.model.average_risks, rel=1e-9)
    assert found.model.linear_spread.sd == pytest.approx(expected.model.linear_spread.sd, rel=1e-9)
    for one, other in zip(found.model.baselines, expected.model.baselines, strict=True):
        assert_allclose(one.times, other.times, rtol=1e-12)
        assert_allclose(one.cumulative_hazard, other.cumulative_hazard, rtol=1e-9)
    alone = vr.fit_cox(formula, frame.filter(~early))
    assert_allclose(found.beta, alone.beta, rtol=RTOL)


@pytest.mark.parametrize("formula", ["Surv(months, leak) ~ 1", "Surv(months, leak) ~ strata(site)"])
def test_a_model_without_predictors_is_its_baseline(formula: str) -> None:
    frame = patients()
    expected = vr.fit_cox(formula, frame)
    found = vr.fit_cox(formula, PatientScan.of_frame(frame))
    whole = expected.summary().to_dict()
    for name, value in found.summary().to_dict().items():
        assert value == pytest.approx(whole[name], rel=1e-9, abs=1e-14), name
    for one, other in zip(found.model.baselines, expected.model.baselines, strict=True):
        assert_allclose(one.cumulative_hazard, other.cumulative_hazard, rtol=1e-9, atol=1e-15)


def test_threads_and_a_file_give_the_same_bits(tmp_path: Path) -> None:
    frame = patients()
    frame.write_parquet(tmp_path / "patients.parquet")
    scan = vr.scan_table(tmp_path / "patients.parquet")
    one = vr.fit_cox(FORMULAS[1], scan.on(LocalEngine(1)))
    other = vr.fit_cox(FORMULAS[1], PatientScan.of_frame(frame, LocalEngine(3)))
    assert one.beta.tobytes() == other.beta.tobytes()
    assert one.cov.tobytes() == other.cov.tobytes()
    assert one.baselines[0].variance.tobytes() == other.baselines[0].variance.tobytes()


def test_passes_over_the_patients_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "PART", 200)
    scan = PatientScan.of_frame(patients())
    counted = CountedColumns(scan.columns)
    fit = vr.fit_cox("Surv(months, leak) ~ bmi + sex", replace(scan, columns=counted))
    # what is used, levels, quantiles of the marks, and the sort
    assert counted.passes("bmi") <= 5
    ordered = CountedColumns(fit.patients.columns)
    again = replace(fit.patients, columns=ordered)
    fit_cox_sorted(again, fit.engine)
    # centre and spread, the part, and two for each of: information twice, gradients
    assert ordered.passes("bmi") <= 2 + 2 * (2 + 3)


def test_scores_are_the_linear_predictors_in_order() -> None:
    frame = patients().drop_nulls()
    fit = vr.fit_cox("Surv(months, leak) ~ age + sex", PatientScan.of_frame(frame))
    table = pl.concat(fit.scores().frames())
    assert table["time"].to_list() == sorted(frame["months"], reverse=True)
    own = vr.fit_cox("Surv(months, leak) ~ age + sex", frame).linear_predictor
    assert_allclose(np.sort(table["linear_predictor"]), np.sort(own), rtol=1e-9)
    assert table["event"].sum() == fit.n_events


def refused(frame: pl.DataFrame, formula: str, **given: Any) -> StreamedCoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        found: StreamedCoxFit = vr.fit_cox(formula, PatientScan.of_frame(frame), **given)
    return found


def test_what_a_scan_cannot_do_is_said() -> None:
    frame = patients().with_columns(entry=0.0, one=1.0, twice=2.0 * pl.col("age"))
    formula = "Surv(months, leak) ~ age"
    with pytest.raises(DataError, match=r"Late entry \('entry'\) is not taken with a scan"):
        refused(frame, "Surv(entry, months, leak) ~ age")
    with pytest.raises(ArgumentError, match="weights is not taken with a scan"):
        refused(frame, formula, weights="bmi")
    with pytest.raises(DataError, match="'sex' holds labels, not numbers"):
        refused(frame, "Surv(sex, leak) ~ age")
    early = pl.Series([-1.0, 2.0, -3.0, *range(1, 1198)])
    negative = frame.with_columns(months=early, leak=True, age=pl.lit(1.0))
    with pytest.raises(DataError, match=r"negative in 2 rows \(rows 1, 3\)"):
        refused(negative, formula)
    with pytest.raises(DataError, match="all are censored"):
        refused(frame.with_columns(leak=False), formula)
    with pytest.raises(FitError, match="one is the same in all patients"):
        refused(frame, formula + " + one")
    with pytest.raises(FitError, match="twice is an exact combination"):
        refused(frame, formula + " + twice")
    with pytest.raises(ArgumentError, match="not a time inside follow-up"):
        refused(frame, formula, horizons=[900])
    with pytest.raises(DataError, match="no column 'lenght'"):
        refused(frame, formula + " + lenght")


def test_events_in_one_group_only_are_said() -> None:
    frame = patients().with_columns(only=pl.col("leak").fill_null(value=False).cast(pl.Float64))
    with pytest.raises(FitError, match=r"monotone likelihood\).* value of only among"):
        refused(frame, "Surv(months, leak) ~ age + only")


def test_candidates_are_screened_one_by_one() -> None:
    frame = patients().with_columns(
        only=pl.col("leak").fill_null(value=False).cast(pl.Float64),
        one=pl.lit(1.0),
        rare=pl.when(pl.col("leak")).then(None).otherwise(pl.col("bmi")),
    )
    variables = ["age", "rcs(bmi, 3)", "C(grade)", "sex", "only", "one", "rare"]
    for outcome in ("Surv(months, leak)", "Surv(days, state == 'leak')"):
        found = vr.screen_univariable_cox(PatientScan.of_frame(frame), outcome, variables)
        assert_equal_tables(found, vr.screen_univariable_cox(frame, outcome, variables))


def test_few_events_warn() -> None:
    with pytest.warns(FewEventsWarning):
        vr.fit_cox("Surv(months, leak) ~ rcs(age, 5) + bmi", PatientScan.of_frame(patients(60)))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_proportional_hazards_are_tested_as_in_memory(ties: Ties, transform: TimeTransform) -> None:
    frame, formula = patients(), "Surv(months, leak) ~ rcs(age, 4)*sex + C(grade)"
    with PatientScan.of_frame(frame, LocalEngine(2)) as scan:
        found = vr.fit_cox(formula, scan, ties=ties).proportional_hazards(transform)
    expected = vr.fit_cox(formula, frame, ties=ties).proportional_hazards(transform)
    assert found["term"].to_list() == expected["term"].to_list()
    assert found["df"].to_list() == expected["df"].to_list()
    for name in ("statistic", "p_value"):
        assert_allclose(found[name], expected[name], rtol=RTOL)


def test_proportional_hazards_are_refused_where_they_cannot_be_tested() -> None:
    frame = patients().with_columns(months=pl.col("months") - pl.col("months").min())
    with PatientScan.of_frame(frame, LocalEngine(1)) as scan:
        fit = vr.fit_cox("Surv(months, leak) ~ age", scan)
        with pytest.raises(DataError, match="has no logarithm"):
            fit.proportional_hazards("log")
        apart = vr.fit_cox("Surv(months, leak) ~ age + strata(site)", scan)
        with pytest.raises(FitError, match="takes no strata"):
            apart.proportional_hazards()
