"""SPSS, Stata, SAS and Parquet: labels, reasons for missing, types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyreadstat
import pytest

from vertebrisk.cohort.reading import TableFile, read_codebook, read_file
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding

PATIENTS = pd.DataFrame(
    {
        "pid": ["007", "008", "009", "010"],
        "sex": [2.0, 1.0, 9.0, np.nan],
        "age": [71.0, 65.0, 999.0, 70.0],
        "vas": [0.0, 4.0, 10.0, 3.0],
        "bmi": [22.5, 21.0, np.nan, 24.0],
        "op": [dt.date(2024, 3, 5), None, dt.date(2024, 3, 6), None],
        "备注": ["好", "", "差", "好"],
    }
)
LABELS = {
    "sex": {1: "Male", 2: "Female", 9: "Refused"},
    "vas": {0: "none", 10: "worst"},
}


def spss(folder: Path, name: str = "patients.sav", **changes: Any) -> Path:
    path = folder / name
    options: dict[str, Any] = {
        "variable_value_labels": LABELS,
        "missing_ranges": {"sex": [9], "age": [{"lo": 990, "hi": 999}]},
        "column_labels": ["Patient", "Sex", "Age, years", "Pain", None, "Operation", "备注"],
    }
    pyreadstat.write_sav(PATIENTS, str(path), **(options | changes))
    return path


def finding(file: TableFile, code: str, column: str = "") -> Finding:
    (found,) = (f for f in file.findings if f.code == code and column in ("", f.column))
    return found


@pytest.mark.parametrize("name", ["patients.sav", "病人 表.zsav"])
def test_spss_keeps_labels_types_and_reasons(tmp_path: Path, name: str) -> None:
    path = spss(tmp_path, name, compress=name.endswith(".zsav"))
    file = read_file(path)
    assert file.format == "spss"
    assert file.frame.to_dict(as_series=False) == {
        "pid": ["007", "008", "009", "010"],
        "sex": ["Female", "Male", None, None],
        "age": [71, 65, None, 70],
        "vas": [0, 4, 10, 3],
        "bmi": [22.5, 21.0, None, 24.0],
        "op": [dt.date(2024, 3, 5), None, dt.date(2024, 3, 6), None],
        "备注": ["好", None, "差", "好"],
    }
    assert file.frame.schema["sex"] == pl.Enum(["Male", "Female"])
    assert file.frame.schema["vas"] == pl.Int64
    assert finding(file, "codes-without-label").column == "vas"
    assert finding(file, "declared-missing", "sex").rows == (3,)
    assert finding(file, "declared-missing", "age").cells == ("999",)
    book = read_codebook(path)
    assert book.filter(pl.col("column") == "sex").rows() == [
        ("sex", "Sex", "1", "Male", ""),
        ("sex", "Sex", "2", "Female", ""),
        ("sex", "Sex", "9", "Refused", "Refused"),
    ]
    assert book.filter(pl.col("column") == "age").rows() == [
        ("age", "Age, years", "999", "", "user-missing in the file")
    ]
    assert book.filter(pl.col("column") == "bmi").rows() == [("bmi", "", "", "", "")]


def test_undeclared_code_keeps_its_label_and_is_pointed_at(tmp_path: Path) -> None:
    labels = {"sex": {1: "Male", 2: "Female", 9: "Unknown"}}
    path = spss(tmp_path, missing_ranges=None, variable_value_labels=labels)
    file = read_file(path)
    assert file.frame.schema["sex"] == pl.Enum(["Male", "Female", "Unknown"])
    assert finding(file, "suspected-missing-code", "sex").rows == (3,)
    assert finding(file, "suspected-missing-code", "age").rows == (3,)
    declared = read_file(path, missing={"sex": ["Unknown"], "age": ["999"]})
    assert declared.frame["sex"].to_list() == ["Female", "Male", None, None]
    assert declared.frame["age"].to_list() == [71, 65, None, 70]
    assert declared.frame.schema["sex"] == pl.Enum(["Male", "Female"])


def test_levels_may_be_labels_or_codes(tmp_path: Path) -> None:
    path = spss(tmp_path)
    labels = read_file(path, levels={"sex": ["Female", "Male"]})
    assert labels.frame.schema["sex"] == pl.Enum(["Female", "Male"])
    assert labels.frame["sex"].to_list() == ["Female", "Male", None, None]
    coded = read_file(path, levels={"sex": ["1", "2"], "vas": ["0", "3", "4"]})
    assert coded.frame["sex"].to_list() == ["2", "1", None, None]
    assert coded.frame["vas"].to_list() == ["0", "4", None, "3"]
    assert finding(coded, "unknown-level").cells == ("10",)


def test_one_label_for_two_codes(tmp_path: Path) -> None:
    labels = {"vas": {0: "low", 3: "low", 4: "high", 10: "high"}}
    file = read_file(spss(tmp_path, variable_value_labels=labels))
    assert file.frame["vas"].to_list() == ["low (0)", "high (4)", "high (10)", "low (3)"]
    assert finding(file, "repeated-label").severity == "warning"
    apart = ["low (0)", "low (3)", "high (4)", "high (10)"]
    again = read_file(file.path, levels={"vas": apart})
    assert again.frame["vas"].to_list() == file.frame["vas"].to_list()
    assert "unknown-level" not in {each.code for each in again.findings}


def test_stata_extended_missing(tmp_path: Path) -> None:
    path = tmp_path / "patients.dta"
    labels: dict[str, Any] = {"smoker": {1: "No", 2: "Yes", "a": "refused"}}
    frame = pd.DataFrame({"smoker": [1.0, 2.0, "a"], "age": [71, 65, 70]})
    pyreadstat.write_dta(
        frame,
        str(path),
        missing_user_values={"smoker": ["a"]},
        variable_value_labels=labels,
        column_labels=["Smoker", "Age"],
    )
    file = read_file(path)
    assert file.format == "stata"
    assert file.frame.rows() == [("No", 71), ("Yes", 65), (None, 70)]
    assert file.codebook.filter(pl.col("code") == "a")["missing_reason"].to_list() == ["refused"]


def test_sas_transport(tmp_path: Path) -> None:
    path = tmp_path / "patients.xpt"
    pyreadstat.write_xport(pd.DataFrame({"age": [71.0, np.nan], "sex": ["M", "F"]}), str(path))
    file = read_file(path)
    assert file.format == "sas"
    assert file.frame.rows() == [(71, "M"), (None, "F")]


def test_text_in_an_spss_text_column_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"crp": ["1", "2.5", "3", "4", "<5"]}), str(path))
    file = read_file(path)
    assert file.frame["crp"].to_list() == [1.0, 2.5, 3.0, 4.0, None]
    assert finding(file, "unreadable-cell").cells == ("<5",)


PARQUET: list[tuple[str, Callable[[], pl.Series], Any, list[Any]]] = [
    ("int32", lambda: pl.Series([1, None], dtype=pl.Int32), pl.Int64, [1, None]),
    ("nan", lambda: pl.Series([1.5, float("nan")], dtype=pl.Float32), pl.Float64, [1.5, None]),
    ("inf", lambda: pl.Series([1.5, float("inf")]), pl.Float64, [1.5, None]),
    ("text", lambda: pl.Series(["1", "NA"]), pl.String, ["1", "NA"]),
    ("cat", lambda: pl.Series(["b", "a"], dtype=pl.Categorical), pl.Enum(["a", "b"]), ["b", "a"]),
    (
        "enum",
        lambda: pl.Series(["b", None], dtype=pl.Enum(["b", "a"])),
        pl.Enum(["b", "a"]),
        ["b", None],
    ),
    ("bool", lambda: pl.Series([True, None]), pl.Boolean, [True, None]),
]


@pytest.mark.parametrize(("name", "make", "dtype", "values"), PARQUET, ids=[p[0] for p in PARQUET])
def test_parquet_types(
    tmp_path: Path, name: str, make: Callable[[], pl.Series], dtype: Any, values: list[Any]
) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({name: make()}).write_parquet(path)
    file = read_file(path)
    assert file.frame.schema[name] == dtype
    assert file.frame[name].to_list() == values
    assert {f.code for f in file.findings} == ({"absurd-value"} if name == "inf" else set())


def test_parquet_lists_are_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": [1, 2], "list": [[1], [2, 3]]}).write_parquet(path)
    file = read_file(path)
    assert file.frame.columns == ["a"]
    assert finding(file, "unsupported-type").column == "list"


def test_declared_missing_and_levels_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"g": [0, 1, 9], "x": [1.0, 2.5, 999.0]}).write_parquet(path)
    file = read_file(path, missing={"g": ["9"], "x": ["999"]}, levels={"g": ["1", "0"]})
    assert file.frame["g"].to_list() == ["0", "1", None]
    assert file.frame.schema["g"] == pl.Enum(["1", "0"])
    assert file.frame["x"].to_list() == [1.0, 2.5, None]
    assert file.codebook.filter(pl.col("missing_reason") != "").height == 2


def test_chinese_file_that_does_not_say_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"name": ["ABCDEF", "xy"], "sex": [1.0, 2.0]})
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"sex": {1: "QQWW", 2: "F"}})
    content = path.read_bytes()
    content = content.replace(b"ABCDEF", "张三丰".encode("gbk"))
    path.write_bytes(content.replace(b"QQWW", "男性".encode("gbk")))
    file = read_file(path)
    assert file.frame.rows() == [("张三丰", "男性"), ("xy", "F")]
    assert "GB18030" in finding(file, "labelled-file").message


def test_dates_beyond_the_calendar(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"op": [1e15, 2.0]})
    pyreadstat.write_sav(frame, str(path), variable_format={"op": "DATE11"})
    file = read_file(path)
    assert file.frame["op"].to_list() == [10**15, 2]
    assert "calendar" in finding(file, "labelled-file").message


def test_header_that_promises_a_billion_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(pd.DataFrame({"age": [71, 65]}), str(path), version=8)
    content = bytearray(path.read_bytes())
    content[6:10] = (10**9).to_bytes(4, "little" if content[1] == 2 else "big")
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="damaged"):
        read_file(path)
