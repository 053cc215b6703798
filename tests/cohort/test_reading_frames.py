"""Tables of other libraries become polars frames."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from vertebrisk._frames import as_polars
from vertebrisk.errors import ArgumentError, DataError


def test_polars_and_lazy_frames() -> None:
    frame = pl.DataFrame({"a": pl.Series([1, 2], dtype=pl.Int8), "b": [1.0, float("nan")]})
    for data in (frame, frame.lazy()):
        made = as_polars(data)
        assert made.schema == pl.Schema({"a": pl.Int64, "b": pl.Float64})
        assert made["b"].to_list() == [1.0, None]


PANDAS: list[tuple[str, Any, Any, list[Any]]] = [
    ("int", [1, 2, 3], pl.Int64, [1, 2, 3]),
    ("float", [1.5, np.nan, 2.0], pl.Float64, [1.5, None, 2.0]),
    ("float32", pd.Series([1.5, np.nan, 2], dtype="float32"), pl.Float64, [1.5, None, 2.0]),
    ("nullable int", pd.array([1, None, 3], dtype="Int64"), pl.Int64, [1, None, 3]),
    ("nullable float", pd.array([1.5, None, 3], dtype="Float64"), pl.Float64, [1.5, None, 3.0]),
    ("nullable bool", pd.array([True, None, False], "boolean"), pl.Boolean, [True, None, False]),
    ("bool", [True, False, True], pl.Boolean, [True, False, True]),
    ("text", ["a", None, "无"], pl.String, ["a", None, "无"]),
    ("object", pd.Series(["a", np.nan, "b"], dtype=object), pl.String, ["a", None, "b"]),
    ("bools as objects", pd.Series([True, None], dtype=object), pl.Boolean, [True, None]),
    ("numbers as objects", pd.Series([1, 2.5, None], dtype=object), pl.Float64, [1.0, 2.5, None]),
    ("string", pd.array(["a", None], dtype="string"), pl.String, ["a", None]),
    (
        "categorical",
        pd.Categorical(["b", None, "a"], categories=["b", "a", "c"]),
        pl.Enum(["b", "a", "c"]),
        ["b", None, "a"],
    ),
    ("coded", pd.Categorical([2, 1, 2]), pl.Enum(["1", "2"]), ["2", "1", "2"]),
    (
        "datetime",
        pd.to_datetime(["2024-03-05 12:00", None]),
        pl.Datetime("us"),
        [dt.datetime(2024, 3, 5, 12), None],
    ),
    (
        "zoned",
        pd.to_datetime(["2024-03-05 12:00"]).tz_localize("Asia/Shanghai"),
        pl.Datetime("us"),
        [dt.datetime(2024, 3, 5, 12)],
    ),
    ("date", [dt.date(2024, 3, 5), None], pl.Date, [dt.date(2024, 3, 5), None]),
]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"), [p[1:] for p in PANDAS], ids=[p[0] for p in PANDAS]
)
def test_pandas_columns(values: Any, dtype: Any, expected: list[Any]) -> None:
    frame = pd.DataFrame({"my column": values})
    frame.index = pd.Index(range(5, 5 + len(frame)))
    made = as_polars(frame)
    assert made.schema["my column"] == dtype
    assert made["my column"].to_list() == expected


def test_pandas_needs_no_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    frame = pd.DataFrame({"a": [1.0, None], "g": pd.Categorical(["x", "y"])})
    assert as_polars(frame).rows() == [(1.0, "x"), (None, "y")]


def test_dict_of_sequences() -> None:
    made = as_polars(
        {"a": [1, None], "b": np.array([1.0, np.nan]), "c": ("x", "y"), "d": pd.Series([1, 2])}
    )
    assert made.rows() == [(1, None, "x", 1), (None, None, "y", 2)] or made.rows() == [
        (1, 1.0, "x", 1),
        (None, None, "y", 2),
    ]


class TestRefused:
    @pytest.mark.parametrize("data", [None, [1, 2], "patients.csv", np.zeros((2, 2))])
    def test_other_types(self, data: object) -> None:
        with pytest.raises(ArgumentError, match="dict of columns is needed"):
            as_polars(data)

    def test_duplicate_names(self) -> None:
        frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
        with pytest.raises(DataError, match="More than one column is named a"):
            as_polars(frame)

    def test_names_that_are_not_texts(self) -> None:
        with pytest.raises(DataError, match="something other than a text"):
            as_polars(pd.DataFrame({0: [1], 1: [2]}))

    def test_lengths(self) -> None:
        with pytest.raises(DataError, match="different lengths"):
            as_polars({"a": [1], "b": [1, 2]})

    def test_scalars_and_matrices(self) -> None:
        with pytest.raises(ArgumentError, match="a sequence of values"):
            as_polars({"a": "xyz"})
        with pytest.raises(ArgumentError, match="2 dimensions"):
            as_polars({"a": np.zeros((2, 2))})

    def test_nested(self) -> None:
        with pytest.raises(DataError, match="one number, text, date"):
            as_polars(pl.DataFrame({"a": [[1], [2]]}))


def test_a_column_of_mixed_objects_becomes_its_texts() -> None:
    frame = as_polars(pd.DataFrame({"a": [1, "x", None, 2.5], "b": [1, 2, 3, 4]}))
    assert frame["a"].to_list() == ["1", "x", None, "2.5"]
    assert frame["b"].to_list() == [1, 2, 3, 4]
