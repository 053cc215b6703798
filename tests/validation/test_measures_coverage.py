"""Intervals of the measures hold the truth as often as they say, in simulated studies."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

import vertebrisk as vr
from vertebrisk._types import BoolArray, FloatArray, Smoother
from vertebrisk.errors import CalibrationWarning

pytestmark = pytest.mark.slow
STUDIES = 400
MANY = 1_000_000  # patients from whom a truth is read: three digits of it
HORIZON, CUT = 5.0, 0.35
# 400 studies know a coverage of 95 % to 1.1 %
LOW, HIGH = 0.918, 0.98


def expit(linear: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-linear)))


def followed(
    rng: np.random.Generator, n: int
) -> tuple[FloatArray, FloatArray, BoolArray, FloatArray]:
    """True time, follow-up, event and a risk by the horizon that is somewhat too extreme."""
    linear = rng.normal(0.0, 0.8, n)
    time = rng.exponential(12.0 * np.exp(-linear))
    lost = rng.uniform(2.0, 12.0, n)
    risk = 1.0 - np.exp(-HORIZON / 12.0 * np.exp(1.2 * linear))
    return time, np.minimum(time, lost), time <= lost, risk


def shares(case: BoolArray, up: BoolArray) -> dict[str, float]:
    sensitivity, false = up[case].mean(), up[~case].mean()
    return {
        "sensitivity": float(sensitivity),
        "specificity": float(1 - false),
        "ppv": float(case[up].mean()),
        "npv": float(1 - case[~up].mean()),
        "accuracy": float((case == up).mean()),
        "youden": float(sensitivity - false),
        "lr_positive": float(sensitivity / false),
        "lr_negative": float((1 - sensitivity) / (1 - false)),
    }


def held(rows: list[dict[str, Any]], truth: dict[str, float]) -> dict[str, float]:
    """Share of studies whose interval holds the truth."""
    found = pl.DataFrame(rows)
    return {
        name: float(((found[f"{name}_low"] <= value) & (value <= found[f"{name}_high"])).mean())  # type: ignore[arg-type]
        for name, value in truth.items()
    }


def test_classification_by_a_horizon() -> None:
    rng = np.random.default_rng(11)
    time, _, _, risk = followed(rng, MANY)
    truth = shares(time <= HORIZON, risk >= CUT)
    rows = []
    for _ in range(STUDIES):
        _, seen, event, own = followed(rng, 250)
        found = vr.classification_survival(seen, event, own, HORIZON, [CUT])
        rows.append(found.frame.row(0, named=True))
    for name, coverage in held(rows, truth).items():
        assert LOW <= coverage <= HIGH, (name, coverage)


def vertebrae(
    rng: np.random.Generator, patients: int
) -> tuple[NDArray[Any], BoolArray, FloatArray]:
    """One to five rows of a patient, alike in event and risk."""
    patient = np.repeat(np.arange(patients), rng.integers(1, 6, patients))
    shared = rng.normal(0.0, 1.0, patients)[patient]
    linear = -0.8 + shared + rng.normal(0.0, 0.4, patient.size)
    event = rng.random(patient.size) < expit(linear + rng.normal(0, 1.0, patients)[patient])
    return patient, event, expit(linear)


def test_classification_of_vertebrae() -> None:
    rng = np.random.default_rng(12)
    _, event, risk = vertebrae(rng, MANY // 5)
    truth = shares(event, risk >= CUT)
    rows, alone = [], []
    for _ in range(STUDIES):
        patient, event, risk = vertebrae(rng, 120)
        frame = vr.classification(event, risk, [CUT], cluster=patient).frame
        rows.append(frame.row(0, named=True))
        alone.append(vr.classification(event, risk, [CUT]).frame.row(0, named=True))
    for name, coverage in held(rows, truth).items():
        assert LOW - 0.01 <= coverage <= HIGH, (name, coverage)  # linearised, of 120 patients
    assert held(alone, truth)["specificity"] < 0.9  # what taking rows for patients does


@pytest.mark.parametrize("smoother", ["loess", "spline"])
def test_band_of_the_calibration_curve(smoother: Smoother) -> None:
    rng = np.random.default_rng(13)
    at = np.array([0.15, 0.3, 0.5])
    inside = []
    for _ in range(STUDIES):
        linear = rng.normal(-0.8, 1.0, 500)
        event = rng.random(500) < expit(0.3 + 0.8 * linear)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CalibrationWarning)
            frame = vr.calibration(event, expit(linear), smoother=smoother).curve.frame
        low = np.interp(at, frame["predicted"], frame["conf_low"])
        high = np.interp(at, frame["predicted"], frame["conf_high"])
        truth = expit(0.3 + 0.8 * np.log(at / (1 - at)))
        inside.append((low <= truth) & (truth <= high))
    coverage = np.mean(inside, axis=0)
    assert np.all((coverage > LOW) & (coverage < HIGH + 0.01)), coverage


def test_reclassification() -> None:
    rng = np.random.default_rng(14)

    def study(n: int) -> tuple[BoolArray, FloatArray, FloatArray]:
        first, second = rng.normal(0, 1, n), rng.normal(0, 1, n)
        event = rng.random(n) < expit(-1.0 + first + 0.6 * second)
        return event, expit(-0.9 + 0.9 * first), expit(-1.0 + first + 0.6 * second)

    cuts = [0.2, 0.5]
    whole = vr.reclassification(*study(MANY), thresholds=cuts)
    truth = dict(whole.measures.select("measure", "estimate").iter_rows())
    benefit = whole.net_benefit["difference"].to_list()
    rows = []
    for _ in range(STUDIES):
        found = vr.reclassification(*study(300), thresholds=cuts)
        row: dict[str, Any] = {}
        for name, _, _, low, high in found.measures.iter_rows():
            row |= {f"{name}_low": low, f"{name}_high": high}
        for place, each in enumerate(found.net_benefit.to_dicts()):
            row |= {f"b{place}_low": each["conf_low"], f"b{place}_high": each["conf_high"]}
        rows.append(row)
    truth |= {f"b{place}": value for place, value in enumerate(benefit)}
    for name, coverage in held(rows, truth).items():
        assert LOW - 0.01 <= coverage <= HIGH, (name, coverage)
