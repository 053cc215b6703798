"""`fit_logistic` of a scan: the same design, estimates and tests as of the frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.counting import CountedColumns

import vertebrisk as vr
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.errors import (
    ArgumentError,
    DataError,
    ExpressionError,
    FewEventsWarning,
    FitError,
    VertebriskError,
)

RTOL = 1e-10  # both iterate until a step changes nothing in twelve digits

FORMULAS = (
    "pain ~ age + sex + ivc",
    'vas >= 4 ~ rcs(bmi, 4) + log(bmi) + C(grade, ref="2")*ivc + severity',
    "pain ~ rcs(age, 3) + sqrt(volume) + age:sex",
    "pain ~ grade**2 + C(sex, ref='m')",
)


def patients(size: int = 1500, seed: int = 5) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.normal(70, 8, size).round()
    ivc = rng.random(size) < 0.3
    linear = -1.0 + 0.03 * (age - 70.0) + 0.6 * ivc
    frame = pl.DataFrame(
        {
            "age": age,
            "bmi": rng.normal(25, 3, size),
            "volume": np.where(rng.random(size) < 0.15, 0.0, rng.gamma(4.0, 1.0, size)),
            "sex": rng.choice(["f", "m"], size),
            "severity": pl.Series(
                rng.choice(["mild", "severe"], size), dtype=pl.Enum(["none", "mild", "severe"])
            ),
            "grade": rng.integers(0, 4, size),
            "ivc": ivc,
            "vas": rng.integers(0, 10, size),
            "pain": rng.random(size) < 1.0 / (1.0 + np.exp(-linear)),
        }
    )
    lost = pl.Series(rng.random((size, 2)) < 0.05)
    return frame.with_columns(
        pl.when(lost.arr.get(0)).then(None).otherwise(pl.col("age")).alias("age"),
        pl.when(lost.arr.get(1)).then(None).otherwise(pl.col("pain")).alias("pain"),
        pl.when(lost.arr.get(1)).then(None).otherwise(pl.col("sex")).alias("sex"),
    )


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 128)


def scan_of(frame: pl.DataFrame) -> vr.PatientScan:
    return vr.PatientScan.of_frame(frame, LocalEngine(1))


@pytest.mark.parametrize("formula", FORMULAS)
def test_equals_the_fit_in_memory(formula: str) -> None:
    frame = patients()
    expected = vr.fit_logistic(formula, frame)
    found = vr.fit_logistic(formula, scan_of(frame))
    assert found.design == expected.design
    assert found.n_dropped == expected.n_dropped
    assert (found.n, found.n_events) == (expected.n, expected.n_events)
    for mine, other in (
        (found.coefficients(), expected.coefficients()),
        (found.odds_ratios(0.9), expected.odds_ratios(0.9)),
        (found.term_tests(), expected.term_tests()),
        (found.vif(), expected.vif()),
        (found.anova(), expected.anova()),
    ):
        assert mine.schema == other.schema
        for name in mine.columns:
            if mine.schema[name] == pl.String:
                assert mine[name].to_list() == other[name].to_list()
            else:
                assert_allclose(mine[name], other[name], rtol=1e-8, atol=1e-11, err_msg=name)
    assert_allclose(found.coefficients()["estimate"], expected.coefficients()["estimate"], RTOL)
    assert_allclose(found.coefficients()["std_error"], expected.coefficients()["std_error"], RTOL)
    summary = expected.summary().to_dict()
    for name, value in found.summary().to_dict().items():
        assert_allclose(value, summary[name], rtol=RTOL, atol=1e-14, err_msg=name)


def test_the_model_is_that_of_the_fit_in_memory() -> None:
    frame = patients()
    expected = vr.fit_logistic(FORMULAS[1], frame).model
    found = vr.fit_logistic(FORMULAS[1], scan_of(frame)).model
    rows = frame.head(40)
    for name in ("risk", "conf_low", "conf_high", "total_points"):
        assert_allclose(
            found.predict(rows)[name].to_numpy(), expected.predict(rows)[name].to_numpy(), rtol=1e-8
        )
    assert found.population == expected.population
    assert found.linear_spread is not None
    assert expected.linear_spread is not None
    assert_allclose(found.linear_spread.sd, expected.linear_spread.sd, rtol=RTOL)
    assert_allclose(found.linear_ticks, expected.linear_ticks)


def test_scores_are_those_of_the_rows_that_were_used() -> None:
    frame = patients()
    expected = vr.fit_logistic(FORMULAS[0], frame)
    with vr.fit_logistic(FORMULAS[0], scan_of(frame)).scores() as scores:
        values = scores.columns.read(slice(0, scores.n_rows), scores.names)
        assert_allclose(values["linear_predictor"], expected.linear_predictor, rtol=1e-9)
        assert_allclose(values["risk"], expected.risk, rtol=1e-9)
        assert values["event"].astype(bool).tolist() == expected.event.tolist()


def test_a_file_is_fitted_as_its_table(tmp_path: Path) -> None:
    frame = patients(600)
    frame.write_parquet(tmp_path / "patients.parquet")
    expected = vr.fit_logistic(FORMULAS[0], frame)
    with vr.scan_table(tmp_path / "patients.parquet") as scan:
        found = vr.fit_logistic(FORMULAS[0], scan)
        assert_allclose(found.beta, expected.beta, rtol=RTOL)


def test_passes_over_the_columns_are_few() -> None:
    scan = scan_of(patients(4000))
    counted = CountedColumns(scan.columns)
    found = vr.fit_logistic("pain ~ bmi + volume + ivc", replace(scan, columns=counted))
    assert found.n > 0
    # values, two or three for quantiles, one look, five or six to the top, one of scores
    assert counted.passes("bmi") <= 11
    assert counted.passes("ivc") <= 11
    assert counted.passes("sex") == 0


REFUSED: dict[str, tuple[dict[str, Any], type[VertebriskError], str]] = {
    "penalty": ({"estimator": "ridge"}, ArgumentError, "estimator is not taken with a scan"),
    "backward": ({"select": "backward"}, ArgumentError, "select is not taken with a scan"),
    "clusters": ({"cluster": "sex", "weights": "grade"}, ArgumentError, "weights, cluster are not"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_needs_memory_is_refused(name: str) -> None:
    options, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        vr.fit_logistic("pain ~ age", scan_of(patients(300)), **options)


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("pain ~ fp(bmi)", ExpressionError, "fp.bmi. is not fitted over a scan"),
        ("pain ~ bm", DataError, "no column 'bm'"),
        ("pain ~ log(volume)", FitError, "needs values above 0"),
        ("pain ~ rcs(sex, 3)", ExpressionError, "needs numbers, but 'sex' holds labels"),
        ("pain ~ age + same", FitError, "same is the same in all patients"),
        ("pain ~ bmi + double", FitError, "double is an exact combination"),
        ("pain ~ marker + bmi", FitError, "marker = true separates.*in memory.*'firth'"),
        ("pain ~ bmi + nobody", DataError, "'nobody' has no value in any row"),
        ("never ~ bmi", DataError, "0 events among"),
        ("unknown ~ bmi", DataError, "No patient has the outcome and a value of every"),
        ("pain ~ far", DataError, "'far' has 1 missing or infinite value"),
        ("pain ~ C(bmi)", DataError, "more than 64 different values"),
    ],
)
def test_bad_input_is_one_clear_line(
    formula: str, error: type[VertebriskError], message: str
) -> None:
    frame = patients().with_columns(
        same=pl.lit(3.0),
        double=2.0 * pl.col("bmi") + 1.0,
        marker=pl.when(pl.col("grade") == 3).then(pl.col("pain")).otherwise(statement=False),
        never=pl.lit(value=False),
        nobody=pl.lit(None, dtype=pl.Float64),
        unknown=pl.lit(None, dtype=pl.Boolean),
        far=pl.when(pl.int_range(pl.len()) == 7).then(float("inf")).otherwise(pl.col("bmi")),
    )
    with pytest.raises(error, match=message) as caught:
        vr.fit_logistic(formula, scan_of(frame))
    assert "\n" not in str(caught.value)


def test_few_events_are_said() -> None:
    with pytest.warns(FewEventsWarning):
        found = vr.fit_logistic("pain ~ rcs(bmi, 5) + age", scan_of(patients(120)))
    assert [each.code for each in found.findings] == ["few-events"]


def test_held_columns_are_read_in_chunks() -> None:
    scan = scan_of(patients(1000))
    assert isinstance(scan.columns, HeldColumns)
    counted = CountedColumns(scan.columns)
    vr.fit_logistic("pain ~ bmi", replace(scan, columns=counted))
    assert counted.longest <= 128


def test_a_table_without_rows_is_told() -> None:
    empty = scan_of(patients(200).clear())
    with pytest.raises(DataError, match="The table has no rows"):
        vr.fit_logistic("pain ~ bmi", empty)
    found = vr.screen_univariable(empty, "pain", ["bmi"])
    assert found["note"].to_list() == ["no patient has a value"]


def test_numbers_too_large_to_be_squared_are_told() -> None:
    rng = np.random.default_rng(4)
    frame = pl.DataFrame({"y": rng.integers(0, 2, 200), "w": rng.normal(size=200) * 1e160})
    with pytest.raises(FitError, match="w has values beyond 1e\\+150"):
        vr.fit_logistic("y ~ w", vr.PatientScan.of_frame(frame))
