"""Every measure of given risks, on what a stranger's file holds: one line, or a number that is."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

import vertebrisk as vr
from vertebrisk.errors import CalibrationWarning, VertebriskError

Measure = Callable[[Any, Any], Any]
CUTS = [0.2, 0.5]
BINARY: dict[str, Measure] = {
    "roc_auc": vr.roc_auc,
    "compare_auc": lambda event, risk: vr.compare_auc(event, risk, risk),
    "calibration": lambda event, risk: vr.calibration(event, risk, resamples=5),
    "calibration_spline": lambda event, risk: vr.calibration(
        event, risk, smoother="spline", resamples=5
    ),
    "decision_curve": lambda event, risk: vr.decision_curve(event, risk, CUTS, resamples=5),
    "classification": lambda event, risk: vr.classification(event, risk, CUTS),
    "explained_variation": lambda event, risk: vr.explained_variation(event, risk, resamples=5),
    "hosmer_lemeshow": vr.hosmer_lemeshow,
    "reclassification": lambda event, risk: vr.reclassification(event, risk, risk, thresholds=CUTS),
}
HORIZON = 5.0


def followed(event: Any) -> tuple[np.ndarray[Any, Any], Any]:
    """Events by 1.5; the others seen to 8, one of several lost at 1.2."""
    happened = np.asarray(event) == 1
    time = np.where(happened, 0.5 + np.cumsum(happened) / happened.size, 8.0)
    if np.sum(~happened) > 1:
        time[np.flatnonzero(~happened)[0]] = 1.2
    return time, event


TIMED: dict[str, Measure] = {
    "time_dependent_auc": lambda event, risk: vr.time_dependent_auc(
        *followed(event), risk, HORIZON
    ),
    "brier_survival": lambda event, risk: vr.brier_survival(*followed(event), risk, HORIZON),
    "calibration_survival": lambda event, risk: vr.calibration_survival(
        *followed(event), risk, HORIZON, resamples=5
    ),
    "decision_curve_survival": lambda event, risk: vr.decision_curve_survival(
        *followed(event), risk, HORIZON, CUTS, resamples=5
    ),
    "classification_survival": lambda event, risk: vr.classification_survival(
        *followed(event), risk, HORIZON, CUTS
    ),
    "reclassification_survival": lambda event, risk: vr.reclassification_survival(
        *followed(event), risk, risk, HORIZON, thresholds=CUTS, resamples=5
    ),
}
EVERY = {**BINARY, **TIMED}
OF_SCORES = ("roc_auc", "compare_auc", "time_dependent_auc")
NINE = [0, 1, 0, 0, 1, 0, 1, 0, 0]
SPREAD = [0.05, 0.6, 0.2, 0.3, 0.4, 0.1, 0.8, 0.5, 0.2]


def strict(found: Any) -> None:
    """JSON without NaN and infinity."""
    document = found.to_dicts() if isinstance(found, pl.DataFrame) else found.to_dict()
    json.dumps(document, allow_nan=False)


def quiet(measure: Measure, event: Any, risk: Any) -> Any:
    """Any other warning is an error of the suite."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        return measure(event, risk)


@pytest.mark.parametrize("name", list(EVERY))
@pytest.mark.parametrize(
    ("event", "risk"),
    [
        (NINE, SPREAD),
        (NINE, [0.3] * 9),
        (NINE, [0.2, 0.5, 0.2, 0.2, 0.5, 0.5, 0.5, 0.2, 0.2]),
        ([0, 1, 0, 0, 0, 0, 0, 0, 0], SPREAD),
        ([1, 1, 1, 1, 0, 1, 1, 1, 0], SPREAD),
        (NINE, [0.0, 1.0, 0.2, 0.3, 0.4, 0.0, 1.0, 0.5, 0.2]),
        (NINE, [0.1, 0.9, 0.2, 0.3, 0.8, 0.1, 0.9, 0.3, 0.2]),
        ([1, 0], [0.7, 0.2]),
    ],
    ids=[
        "nine", "one risk", "two risks", "one event", "two others", "0 and 1", "apart", "two"
    ],
)  # fmt: skip
def test_few_patients_and_ties(name: str, event: list[int], risk: list[float]) -> None:
    strict(quiet(EVERY[name], event, risk))


@pytest.mark.parametrize("name", list(BINARY))
@pytest.mark.parametrize("event", [[1] * 9, [0] * 9, []])
def test_one_class(name: str, event: list[int]) -> None:
    with pytest.raises(VertebriskError, match="both outcomes must occur") as caught:
        BINARY[name](event, SPREAD[: len(event)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", list(TIMED))
def test_no_event_by_the_horizon(name: str) -> None:
    with pytest.raises(VertebriskError, match=r"No event .* by the horizon 5"):
        TIMED[name]([0] * 9, SPREAD)


@pytest.mark.parametrize("name", [name for name in EVERY if name not in OF_SCORES])
@pytest.mark.parametrize("risk", [[5, 60, 20, 30, 40, 10, 80, 50, 20], [-0.1, *SPREAD[1:]]])
def test_risks_outside_zero_and_one(name: str, risk: list[float]) -> None:
    with pytest.raises(VertebriskError, match="probabilities lie between 0 and 1") as caught:
        EVERY[name](NINE, risk)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", list(EVERY))
def test_missing_text_and_lengths(name: str) -> None:
    with pytest.raises(VertebriskError, match="missing"):
        EVERY[name](NINE, [None, *SPREAD[1:]])
    with pytest.raises(VertebriskError, match="not numbers"):
        EVERY[name](NINE, ["high", *SPREAD[1:]])
    with pytest.raises(VertebriskError, match="has 8 values where 9 are needed"):
        EVERY[name](NINE, SPREAD[1:])


@pytest.mark.parametrize(
    "name",
    ["decision_curve", "decision_curve_survival", "reclassification_survival"],
)
def test_many_patients_are_resampled_in_parts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = EVERY[name](NINE, SPREAD)
    monkeypatch.setattr("vertebrisk.kernels.resamples.HELD", 20)  # two resamples at once
    parts = EVERY[name](NINE, SPREAD)
    if isinstance(whole, pl.DataFrame):
        assert parts.equals(whole)
    else:
        assert parts.to_dict() == whole.to_dict()
