"""Columns in order: the order of NumPy, whatever fits into memory, and within it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.counting import MB, CountedColumns, memory

from vertebrisk.engines import sorting
from vertebrisk.engines.columns import HeldColumns, StoredColumns
from vertebrisk.engines.sorting import sorted_columns
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.kernels.ordering import stable_order

SMALL = 1  # bytes: runs and blocks of the least size


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "LEAST", 16)
    monkeypatch.setattr(sorting, "FAN_IN", 4)


def read(columns: StoredColumns, name: str) -> np.ndarray:
    return columns.read(slice(0, columns.size), (name,))[name]


def table(size: int, distinct: int) -> HeldColumns:
    rng = np.random.default_rng(11)
    return HeldColumns(
        {
            "time": rng.integers(0, distinct, size) / 4.0 - 1.0,
            "stratum": rng.integers(-1, 3, size).astype(np.int8),
            "event": rng.random(size) < 0.5,
            "row": np.arange(size, dtype=np.int64),
        }
    )


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("distinct", [1, 7, 10**6])
@pytest.mark.parametrize("by", [("time",), ("stratum", "event", "time")])
def test_rows_stand_as_a_stable_sort_puts_them(
    by: tuple[str, ...], distinct: int, descending: bool, tmp_path: Path
) -> None:
    columns = table(300, distinct)
    keys = [np.asarray(columns.values[name], dtype=np.float64) for name in reversed(by)]
    expected = np.lexsort([-key if descending else key for key in keys])
    for place, bytes_held in enumerate((SMALL, 4000, 10**9)):
        found = sorted_columns(
            columns,
            ("row", "time", "stratum", "event"),
            by,
            tmp_path / str(place),
            descending=descending,
            memory=bytes_held,
        )
        assert np.array_equal(read(found, "row"), expected)
        for name in ("time", "stratum", "event"):
            assert np.array_equal(read(found, name), columns.values[name][expected])
            assert read(found, name).dtype == columns.values[name].dtype


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([-np.inf, -1.5, -0.0, 0.0, 2.0, np.inf]), max_size=90))
def test_ties_infinities_and_both_zeros_keep_their_order(
    tmp_path: Path, values: list[float]
) -> None:
    x = np.asarray(values, dtype=np.float64)
    assert np.array_equal(stable_order([x]), np.argsort(x, kind="stable"))
    columns = HeldColumns({"x": x, "row": np.arange(x.size)})
    found = sorted_columns(columns, ("x", "row"), ("x",), tmp_path, memory=SMALL)
    assert np.array_equal(read(found, "row"), np.argsort(x, kind="stable"))


def test_unsigned_and_wide_whole_numbers_are_ordered_exactly(tmp_path: Path) -> None:
    x = np.array([2**63 + 1, 0, 2**63, 2**64 - 1] * 10, dtype=np.uint64)
    for descending in (False, True):
        found = sorted_columns(
            HeldColumns({"x": x}), ("x",), ("x",), tmp_path / str(descending),
            descending=descending, memory=SMALL,
        )  # fmt: skip
        assert np.array_equal(read(found, "x"), np.sort(x)[:: -1 if descending else 1])


def test_missing_keys_are_refused_or_left_out_and_nothing_stays_behind(tmp_path: Path) -> None:
    x = np.arange(200.0)
    x[[57, 3, 190, 4]] = np.nan
    columns = HeldColumns({"x": x, "y": np.where(np.arange(200) == 8, np.nan, 1.0)})
    folder = tmp_path / "sorted"
    with pytest.raises(DataError, match=r"Column 'x' cannot .* missing values in rows 4, 5"):
        sorted_columns(columns, ("x", "y"), ("x",), folder, memory=SMALL)
    assert not folder.exists()
    found = sorted_columns(columns, ("x", "y"), ("x",), folder, leave_out=("x", "y"), memory=SMALL)
    assert np.array_equal(read(found, "x"), np.delete(np.arange(200.0), [3, 4, 8, 57, 190]))
    assert sorted(path.name for path in folder.iterdir()) == ["0.bin", "1.bin", "columns.json"]


def test_columns_that_are_not_kept_give_no_order(tmp_path: Path) -> None:
    columns = table(10, 3)
    with pytest.raises(ArgumentError, match="'event' is not among the columns to be sorted: time"):
        sorted_columns(columns, ("time",), ("event",), tmp_path)
    with pytest.raises(ArgumentError, match="at least one column"):
        sorted_columns(columns, ("time",), (), tmp_path)


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    def stop(step: str, done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    folder = tmp_path / "sorted"
    with pytest.raises(KeyboardInterrupt):
        sorted_columns(table(500, 9), ("time",), ("time",), folder, memory=SMALL, watch=stop)
    assert not folder.exists()


def test_no_rows_are_in_order(tmp_path: Path) -> None:
    found = sorted_columns(table(0, 3), ("time",), ("time",), tmp_path)
    assert found.size == 0
    assert found.names == ("time",)


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    sorted_columns(
        table(300, 9), ("time",), ("time",), tmp_path, memory=SMALL,
        watch=lambda *told: seen.append(told),
    )  # fmt: skip
    assert seen[-1] == ("sort", 600, 600)
    assert [told[1] for told in seen] == sorted(told[1] for told in seen)


@pytest.mark.parametrize("distinct", [1, 10**6])
def test_memory_is_bounded_and_every_row_is_read_once(
    tmp_path: Path, distinct: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "FAN_IN", 128)
    columns = CountedColumns(table(200_000, distinct))
    with memory() as held:
        sorted_columns(columns, ("time", "event"), ("time",), tmp_path, memory=MB)
    assert held.peak < 1.25 * MB  # the two columns and their order take 3.4 MB
    assert columns.passes("time") == columns.passes("event") == 1
    assert columns.rows["row"] == 0
