"""Rare levels told before the outcome is looked at."""

from __future__ import annotations

from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocols import write_study

from vertebrisk.cohort import check_study
from vertebrisk.cohort.sparse_levels import one_sided
from vertebrisk.findings import Finding

VARIABLES: dict[str, dict[str, Any]] = {
    "drain": {"label": "Drain", "levels": ["No", "Yes"]},
    "age": {"label": "Age", "unit": "years"},
}
BINARY = {"name": "pain", "label": "Pain", "event": "event == 1", "time_point": "1 month"}
FOLLOWED = {**BINARY, "kind": "time-to-event", "time": "time", "time_unit": "days",
            "horizons": [10]}  # fmt: skip


def found(
    folder: Path, event: np.ndarray, outcome: dict[str, Any], **analysis: Any
) -> Finding | None:
    frame = pl.DataFrame(
        {
            "drain": ["Yes"] * 6 + ["No"] * 54,
            "age": np.arange(60) % 31 + 50,
            "event": event,
            "time": np.arange(1, 61),
        }
    )
    frame.write_csv(folder / "patients.csv")
    path = write_study(
        folder, variables=VARIABLES, outcome=outcome,
        analysis={"compare": list(VARIABLES), **analysis},
    )  # fmt: skip
    _, findings = check_study(path)
    return next((each for each in findings if each.code == "sparse-levels"), None)


def events(*where: int) -> np.ndarray:
    return np.isin(np.arange(60), where).astype(int)


SPREAD, GATHERED = events(0, *range(30, 49)), events(*range(20))


def test_a_rare_level_is_told_with_its_chance(tmp_path: Path) -> None:
    finding = found(tmp_path, SPREAD, BINARY)
    assert finding is not None
    chance = (comb(40, 6) + comb(20, 6)) / comb(60, 6)
    assert f"drain = Yes (6 patients, {chance:.0%})" in finding.message
    assert finding.severity == "note"
    assert 'estimator = "auto"' in finding.remedy


def test_who_had_the_event_is_not_looked_at(tmp_path: Path) -> None:
    assert found(tmp_path, SPREAD, BINARY) == found(tmp_path, GATHERED, BINARY)


def test_of_a_cox_model_only_a_level_without_events_counts(tmp_path: Path) -> None:
    finding = found(tmp_path, SPREAD, FOLLOWED)
    assert finding is not None
    assert f"drain = Yes (6 patients, {comb(40, 6) / comb(60, 6):.0%})" in finding.message
    assert "by chance alone none of its patients" in finding.message


@pytest.mark.parametrize("estimator", ["auto", "firth", "ridge"])
def test_estimators_that_bear_it_are_not_warned(tmp_path: Path, estimator: str) -> None:
    assert found(tmp_path, SPREAD, BINARY, estimator=estimator) is None


def test_a_common_level_is_not_told(tmp_path: Path) -> None:
    assert found(tmp_path, events(*range(0, 60, 2)), BINARY) is None


@given(n=st.integers(2, 30), data=st.data())
def test_the_chance_is_that_of_dealing(n: int, data: st.DataObject) -> None:
    dealt = data.draw(st.integers(1, n - 1))
    count = data.draw(st.integers(1, n - 1))
    expected = (comb(n - dealt, count) + comb(dealt, count)) / comb(n, count)
    assert one_sided(count, n, dealt, either=True) == pytest.approx(expected, rel=1e-9, abs=1e-12)
