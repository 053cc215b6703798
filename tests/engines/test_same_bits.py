"""What is made in passes has the same bits, whoever makes the sums and wherever columns lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from tests.clusters import started

import vertebrisk as vr
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines import engine as engines
from vertebrisk.engines import logistic as driver
from vertebrisk.engines.clustered import DaskEngine
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.quantiles import Groups, quantiles
from vertebrisk.kernels.streamed import sorted_rows

SIZE = 1_234
PREDICTORS = "age + volume + cleft + severity"


def invented() -> pl.DataFrame:
    rng = np.random.default_rng(11)
    age, volume = rng.normal(72, 8, SIZE), rng.lognormal(size=SIZE)
    cleft, severity = rng.random(SIZE) < 0.3, rng.integers(0, 3, SIZE)
    linear = 0.05 * (age - 72) + 0.2 * volume + 0.7 * cleft - 1.5
    return pl.DataFrame(
        {
            "age": age,
            "volume": volume,
            "cleft": cleft,
            "severity": np.array(["mild", "moderate", "severe"])[severity],
            "pain": rng.random(SIZE) < 1 / (1 + np.exp(-linear)),
            "months": np.ceil(rng.exponential(20.0, SIZE)),
            "died": rng.random(SIZE) < 0.5,
            "risk": 1 / (1 + np.exp(-linear - rng.normal(0, 0.3, SIZE))),
        }
    )


def logistic(scan: PatientScan) -> Any:
    return coefficients(vr.fit_logistic(f"pain ~ {PREDICTORS}", scan).coefficients())


def bootstrapped(scan: PatientScan) -> Any:
    fit = vr.fit_logistic("pain ~ age + cleft", scan)
    return fit.bootstrap(10, 1).draws


def cox(scan: PatientScan) -> Any:
    return coefficients(vr.fit_cox(f"Surv(months, died) ~ {PREDICTORS}", scan).coefficients())


def screening(scan: PatientScan) -> Any:
    return coefficients(vr.screen_univariable(scan, "pain", ["age", "severity"]))


def coefficients(table: pl.DataFrame) -> Any:
    return table.select("estimate", "std_error").to_numpy()


def comparison(scan: PatientScan) -> Any:
    table = vr.table_one(scan, by="pain", variables=["age", "volume", "cleft", "severity"])
    return table.select(pl.selectors.numeric()).to_numpy()


def area(scan: PatientScan) -> Any:
    found = vr.roc_auc("pain", "risk", scan=scan)
    return [found.estimate, found.conf_low, found.conf_high]


def pairs(scan: PatientScan) -> Any:
    found = vr.concordance("months", "died", "risk", scan=scan)
    return [found.estimate, found.std_error]


def calibrated(scan: PatientScan) -> Any:
    found = vr.calibration("pain", "risk", smoother="spline", scan=scan)
    return [found.intercept, found.slope, found.ici, found.e90, found.emax, found.brier]


def decided(scan: PatientScan) -> Any:
    return vr.decision_curve("pain", "risk", [0.1, 0.2, 0.4], scan=scan)["net_benefit"].to_numpy()


def middle(scan: PatientScan) -> Any:
    shares = (0.25, 0.5, 0.75)
    return quantiles(scan.engine, scan.columns, ("age", "volume"), shares, Groups("severity", 3))


MADE = (
    logistic,
    bootstrapped,
    cox,
    screening,
    comparison,
    area,
    pairs,
    calibrated,
    decided,
    middle,
)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 200)
    monkeypatch.setattr(driver, "STRIDE", 1)  # the first estimate comes from all rows
    monkeypatch.setattr(sorted_rows, "SHORTEST", 60)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PatientScan]:
    folder = tmp_path_factory.mktemp("shared")
    invented().write_parquet(folder / "patients.parquet")
    with vr.scan_table(folder / "patients.parquet", scratch=folder) as scan:
        yield scan


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskEngine]:
    with started(2) as workers, DaskEngine(workers.scheduler_address) as engine:
        yield engine


@pytest.mark.parametrize("made", MADE)
def test_threads_disk_and_workers_change_no_bit(
    made: Callable[[PatientScan], Any], scan: PatientScan, cluster: DaskEngine
) -> None:
    expected = np.asarray(made(PatientScan.of_frame(invented(), LocalEngine(1))))
    assert np.isfinite(expected).any()
    for engine in (LocalEngine(1), LocalEngine(3), cluster):
        assert_array_equal(np.asarray(made(scan.on(engine))), expected)
    # What a worker is told is code and sums: less than two columns of the patients.
    assert 0 < cluster.sent < 2 * 8 * SIZE
    cluster.sent = 0
