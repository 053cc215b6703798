"""Univariable screening of a scan: the table of the frame, in shared passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.counting import CountedColumns

import vertebrisk as vr
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import Engine, LocalEngine
from vertebrisk.engines.shared import together
from vertebrisk.errors import DataError

VARIABLES = ["age", "rcs(bmi, 4)", "sex", "grade", "marker", "same", "nobody"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 128)


def patients(size: int = 900) -> pl.DataFrame:
    rng = np.random.default_rng(9)
    age = rng.normal(70, 8, size)
    pain = rng.random(size) < 1.0 / (1.0 + np.exp(1.0 - 0.05 * (age - 70.0)))
    frame = pl.DataFrame(
        {
            "age": age,
            "bmi": rng.normal(25, 3, size),
            "sex": rng.choice(["f", "m"], size),
            "grade": pl.Series(rng.choice(["I", "II", "III"], size)),
            "pain": pain,
            "same": np.ones(size),
            "nobody": pl.Series([None] * size, dtype=pl.Float64),
        }
    )
    lost = pl.Series(rng.random(size) < 0.1)
    return frame.with_columns(
        marker=pl.when(pl.col("grade") == "III").then(pl.col("pain")).otherwise(statement=False),
        age=pl.when(lost).then(None).otherwise(pl.col("age")),
    )


def test_equals_the_table_of_the_frame() -> None:
    frame = patients()
    expected = vr.screen_univariable(frame, "pain", VARIABLES, level=0.9)
    scan = vr.PatientScan.of_frame(frame, LocalEngine(1))
    found = vr.screen_univariable(scan, "pain", VARIABLES, level=0.9)
    assert found.schema == expected.schema
    for name in found.columns:
        if found.schema[name] == pl.Float64:
            mine, other = found[name].to_numpy(), expected[name].to_numpy()
            # estimates stop where a step changes nothing in ten digits
            assert_allclose(mine, other, rtol=1e-9, atol=1e-11, err_msg=name)
        else:
            assert found[name].to_list() == expected[name].to_list()
    assert "no finite estimate" in found["note"].to_list()


def test_variables_share_the_passes() -> None:
    scan = vr.PatientScan.of_frame(patients(), LocalEngine(1))
    counted = CountedColumns(scan.columns)
    scan = replace(scan, columns=counted)
    vr.screen_univariable(scan, "pain", ["sex"])
    alone = counted.passes("pain")
    counted.begin()
    vr.screen_univariable(scan, "pain", ["sex", "grade"])
    assert counted.passes("pain") <= alone + 1


def test_a_missing_column_is_told() -> None:
    scan = vr.PatientScan.of_frame(patients(200), LocalEngine(1))
    with pytest.raises(DataError, match="no column 'agee'"):
        vr.screen_univariable(scan, "pain", ["sex", "agee"])


def held() -> HeldColumns:
    return HeldColumns({"x": np.arange(1000.0), "y": np.ones(1000)})


def sums(name: str, times: int) -> Callable[[Engine], float]:
    def task(engine: Engine) -> float:
        total = 0.0
        for _ in range(times):
            total += engine.reduce(
                COLUMNS, (name,), lambda chunk: float(chunk.values[name].sum()), float.__add__
            )
        return total

    return task


COLUMNS = CountedColumns(held())


def test_tasks_meet_and_leave() -> None:
    COLUMNS.begin()
    found = together(LocalEngine(2), [sums("x", 3), sums("y", 1), sums("x", 2)])
    assert found == [3 * 499_500.0, 1000.0, 2 * 499_500.0]
    assert COLUMNS.passes("x") == 3
    assert COLUMNS.passes("y") == 1
    assert together(LocalEngine(1), []) == []


def test_the_error_of_one_task_is_raised_and_an_interruption_ends_all() -> None:
    def fails(engine: Engine) -> float:
        return engine.reduce(COLUMNS, ("x",), lambda chunk: 1.0 / 0.0, float.__add__)

    with pytest.raises(ZeroDivisionError):
        together(LocalEngine(1), [sums("x", 2), fails])

    def interrupted(step: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        together(LocalEngine(1, interrupted), [sums("x", 2), sums("y", 1)])
