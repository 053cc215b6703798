"""A file scanned in pieces is the table that `read_table` reads, for every kind of column."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from vertebrisk import PatientScan, scan_table
from vertebrisk.cohort.reading import read_file
from vertebrisk.cohort.scanning import parquet
from vertebrisk.engines import engine as engines
from vertebrisk.engines.engine import chunk_of
from vertebrisk.errors import DataError


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 8)
    monkeypatch.setattr(parquet, "_CELLS", 40)


def every_kind() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "count": [1, 2, None, 4, 999] * 5,
            "ratio": [1.5, float("nan"), None, float("inf"), 2.0] * 5,
            "text": ["x", "y", None, "ö", "x"] * 5,
            "truth": [True, None, False, True, True] * 5,
            "levels": pl.Series(["u", "v", None, "u", "v"] * 5, dtype=pl.Enum(["v", "u", "w"])),
            "category": pl.Series(["u"] * 12 + ["v", None, "a"] + ["q"] * 10, dtype=pl.Categorical),
            "date": [dt.date(2020, 1, 2), None, dt.date(1930, 1, 1)] * 8 + [None],
            "moment": [dt.datetime(2020, 1, 2, 3, 4, 5, 7), None, dt.datetime(1890, 1, 1)] * 8
            + [None],
            "span": [dt.timedelta(days=3, seconds=1)] * 25,
            "nothing": [None] * 25,
            "no_text": pl.Series([None] * 25, dtype=pl.String),
            "small": pl.Series(range(25), dtype=pl.UInt8),
        }
    )


def test_every_kind_of_column_comes_back_as_it_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "patients.parquet"
    every_kind().with_columns(nested=pl.Series([[1]] * 25)).write_parquet(path)
    whole = read_file(path)
    with scan_table(path) as scan:
        assert_frame_equal(pl.concat(list(scan.frames())), whole.frame)
        assert scan.findings == whole.findings
        assert {each.code for each in scan.findings} == {
            "absurd-value",
            "suspected-missing-code",
            "unsupported-type",
        }
        assert_frame_equal(scan.codebook, whole.codebook)
        assert (scan.n_rows, scan.sha256) == (25, whole.sha256)


def test_numbers_are_floats_and_labels_are_codes(tmp_path: Path) -> None:
    path = tmp_path / "patients.parquet"
    every_kind().write_parquet(path)
    with scan_table(path) as scan:
        first = scan.columns.read(slice(0, 3), ("count", "text", "truth", "levels"))
        np.testing.assert_array_equal(first["count"], [1.0, 2.0, np.nan])
        assert first["text"].tolist() == [0, 1, -1]
        assert first["truth"].tolist() == [1, -1, 0]
        assert first["levels"].tolist() == [1, 0, -1]
        assert scan.labels["text"] == ("x", "y", "ö")
        assert scan.labels["levels"] == ("v", "u", "w")


def test_declared_codes_and_levels_are_as_in_a_table_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "patients.parquet"
    every_kind().write_parquet(path)
    missing = {"count": ("999",), "text": ("y",)}
    levels = {"small": tuple(str(n) for n in range(20)), "text": ("ö", "x")}
    whole = read_file(path, missing=missing, levels=levels)
    with scan_table(path, missing=missing, levels=levels) as scan:
        assert_frame_equal(pl.concat(list(scan.frames())), whole.frame)
        assert scan.findings == whole.findings
        assert_frame_equal(scan.codebook, whole.codebook)


def test_a_table_in_memory_is_scanned_by_the_same_means() -> None:
    frame = every_kind().drop("category").with_columns(pl.col("small").cast(pl.Int64))
    scan = PatientScan.of_frame(frame)
    expected = frame.with_columns(pl.col("ratio").fill_nan(None))
    assert_frame_equal(pl.concat(list(scan.frames())), expected)
    chunk = chunk_of(scan.columns, slice(8, 16), ("count", "text"))
    assert_frame_equal(scan.frame(chunk), expected.select("count", "text")[8:16])


def test_only_the_columns_asked_for_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "patients.parquet"
    every_kind().write_parquet(path)
    with scan_table(path, columns=["text", "count"]) as scan:
        assert scan.names == ("count", "text")
    with pytest.raises(DataError, match=r"'patients.parquet' has no column 'texts'.*'text'"):
        scan_table(path, columns=["texts"])


def test_the_scratch_folder_goes_with_the_scan(tmp_path: Path) -> None:
    path, scratch = tmp_path / "patients.parquet", tmp_path / "scratch"
    scratch.mkdir()
    every_kind().write_parquet(path)
    scan = scan_table(path, scratch=scratch)
    assert len(list(scratch.iterdir())) == 1
    del scan
    assert list(scratch.iterdir()) == []
    (tmp_path / "damaged.parquet").write_bytes(path.read_bytes()[:200] + b"PAR1")
    with pytest.raises(DataError, match="damaged Parquet file"):
        scan_table(tmp_path / "damaged.parquet", scratch=scratch)
    assert list(scratch.iterdir()) == []


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    path = tmp_path / "patients.parquet"
    numbers = pl.Series([2**53 + each for each in range(1, 26)])
    every_kind().with_columns(identifier=numbers).write_parquet(path)
    with scan_table(path) as scan:
        assert "identifier" not in scan.names
        (told,) = (each for each in scan.findings if each.code == "column-not-kept")
        assert told.column == "identifier"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.parquet", None, "does not exist"),
        ("empty.parquet", b"", "is empty"),
        ("book.xlsx", b"PK\x03\x04 no workbook", "damaged ZIP"),
        ("file.sav", b"$FL2", "only .parquet, .csv, .tsv and .txt"),
    ],
)
def test_other_files_are_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        scan_table(tmp_path / name)


def test_a_disk_without_room_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "patients.parquet"
    every_kind().write_parquet(path)
    full = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(DataError, match=r"of disk are needed in .* and 0\.0 MB are free"):
        scan_table(path)


def test_no_rows_and_no_folder_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "patients.parquet"
    every_kind().write_parquet(path)
    with pytest.raises(DataError, match="No scratch folder can be made"):
        scan_table(path, scratch=tmp_path / "missing")
    every_kind().clear().write_parquet(path)
    with pytest.raises(DataError, match="holds no rows of data"):
        scan_table(path)


def test_a_closed_scan_says_that_it_is_closed(tmp_path: Path) -> None:
    pl.DataFrame({"age": [61.0, 70.0], "pain": [0, 1]}).write_parquet(tmp_path / "p.parquet")
    with scan_table(tmp_path / "p.parquet") as scan:
        assert sum(frame.height for frame in scan.frames()) == 2
    scan.close()
    with pytest.raises(DataError, match=r"'age' cannot be read any more.*when it is closed"):
        list(scan.frames())


@pytest.mark.parametrize("cut", [True, False])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, cut: bool) -> None:
    path = tmp_path / "p.csv"
    path.write_text("age,pain\n" + "61,0\n" * 200_000, encoding="utf-8")

    def change(step: str, done: int, total: int) -> None:
        with path.open("r+b") as stream:
            if cut:
                stream.truncate(path.stat().st_size // 2)
            else:
                stream.seek(0, 2)
                stream.write(b"62,1\n")

    with pytest.raises(DataError, match=r"'p\.csv' changed while it was read"):
        scan_table(path, engine=engines.LocalEngine(1, change), scratch=tmp_path)
    assert list(tmp_path.iterdir()) == [path]
