"""Concordance of a scan: the numbers of the same patients in memory."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import vertebrisk as vr
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines import engine as engines
from vertebrisk.engines import pairs
from vertebrisk.errors import ArgumentError


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 128)
    monkeypatch.setattr(pairs, "HELD", 200)


def frame() -> pl.DataFrame:
    rng = np.random.default_rng(6)
    score = rng.normal(size=1500).round(2)
    months = rng.exponential(12.0 * np.exp(-score))
    seen = rng.uniform(1.0, 30.0, 1500)
    return pl.DataFrame(
        {"months": np.minimum(months, seen).round(1), "leak": months <= seen, "score": score}
    )


@pytest.mark.parametrize("tau", [None, 12.0])
def test_it_is_that_of_memory(tau: float | None, tmp_path: Path) -> None:
    table = frame()
    table.write_parquet(tmp_path / "patients.parquet")
    expected = vr.concordance(table["months"], table["leak"], table["score"], tau=tau)
    with vr.scan_table(tmp_path / "patients.parquet") as scan:
        found = vr.concordance("months", "leak", "score", tau=tau, scan=scan)
    assert found.std_error == pytest.approx(expected.std_error, rel=1e-12)  # sums of floats there
    assert found.conf_low == pytest.approx(expected.conf_low, rel=1e-12)
    bare = partial(replace, std_error=0.0, conf_low=None, conf_high=None)
    assert bare(found) == bare(expected)


def test_what_a_scan_does_not_take_is_refused() -> None:
    scan = PatientScan.of_frame(frame())
    with pytest.raises(ArgumentError, match="Harrell's concordance alone"):
        vr.concordance("months", "leak", "score", kind="uno", scan=scan)
    with pytest.raises(ArgumentError, match="Harrell's concordance alone"):
        vr.concordance("months", "leak", "score", weights=[1.0], scan=scan)
    early = PatientScan.of_frame(frame().with_columns(months=pl.col("months") - 5.0))
    with pytest.raises(ArgumentError, match=r"'months' has \d+ values below 0"):
        vr.concordance("months", "leak", "score", scan=early)
    never = PatientScan.of_frame(frame().with_columns(leak=pl.lit(value=False)))
    with pytest.raises(ArgumentError, match="No two patients can be compared"):
        vr.concordance("months", "leak", "score", scan=never)
