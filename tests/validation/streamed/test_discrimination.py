"""Discrimination of a scan: the numbers of the same patients in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import vertebrisk as vr
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines import engine as engines
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.validation import discrimination
from vertebrisk.validation.discrimination import roc_curve

RTOL = 1e-10  # means of placements are rounded in memory, and exact here


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 128)


def frame(size: int = 3000) -> pl.DataFrame:
    rng = np.random.default_rng(8)
    risk = rng.beta(2, 5, size).round(3)
    return pl.DataFrame(
        {
            "pain": rng.random(size) < risk,
            "leak": (rng.random(size) < risk).astype(np.float64),
            "risk": risk,
            "grade": rng.integers(0, 4, size),
            "route": rng.choice(["B", "S"], size),
        }
    )


@pytest.mark.parametrize(("event", "score"), [("pain", "risk"), ("leak", "grade")])
def test_the_area_is_that_of_memory(event: str, score: str, tmp_path: Path) -> None:
    table = frame()
    table.write_parquet(tmp_path / "patients.parquet")
    expected = vr.roc_auc(table[event], table[score])
    with vr.scan_table(tmp_path / "patients.parquet") as scan:
        found = vr.roc_auc(event, score, scan=scan)
    for name in ("estimate", "conf_low", "conf_high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=RTOL)


def test_many_patients_in_memory_are_summed_in_whole_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = frame()
    expected = vr.roc_auc(table["pain"], table["risk"])
    monkeypatch.setattr(discrimination, "MANY", 0)
    found = vr.roc_auc(table["pain"], table["risk"])
    scanned = vr.roc_auc("pain", "risk", scan=PatientScan.of_frame(table))
    assert scanned == found
    assert found.conf_low == pytest.approx(expected.conf_low, rel=RTOL)
    apart = vr.roc_auc([0, 0, 1, 1], [1, 2, 3, 4])
    assert (apart.estimate, apart.conf_low) == (1.0, None)


def test_the_curve_holds_every_score_where_they_are_few() -> None:
    table = frame()
    expected = roc_curve(table["pain"], table["risk"])
    found = roc_curve("pain", "risk", scan=PatientScan.of_frame(table))
    assert found.curve["threshold"][1] == expected.curve["threshold"][1]
    assert found.curve.height < 1003
    joined = found.curve.drop_nulls().join(expected.curve, on="threshold", suffix="_memory")
    assert joined.height == found.curve.height - 1
    for name in ("sensitivity", "specificity"):
        assert joined[name].to_list() == pytest.approx(
            joined[f"{name}_memory"].to_list(), abs=1e-14
        )
    assert found.std_error == pytest.approx(expected.std_error, rel=RTOL)


@pytest.mark.parametrize(
    ("change", "event", "message"),
    [
        ({"risk": pl.when(pl.col("risk") > 0.5).then(None).otherwise(pl.col("risk"))}, "pain",
         r"'risk' has \d+ missing or infinite values; leave"),
        ({"pain": pl.when(pl.col("grade") == 1).then(None).otherwise(pl.col("pain"))}, "pain",
         r"'pain' has \d+ missing values; leave"),
        ({"leak": pl.col("leak") + 1}, "leak", "'leak' holds values other than 0 and 1"),
        ({"pain": pl.lit(value=False)}, "pain", "0 events among 3000 patients; both"),
        ({}, "route", "'route' holds values of type String; truths"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(
    change: dict[str, pl.Expr], event: str, message: str
) -> None:
    scan = PatientScan.of_frame(frame().with_columns(**change))
    with pytest.raises((ArgumentError, DataError), match=message):
        vr.roc_auc(event, "risk", scan=scan)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match="no column 'rsk'"):
        vr.roc_auc("pain", "rsk", scan=PatientScan.of_frame(frame()))
