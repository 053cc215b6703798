"""Files to be scored: levels that look like numbers stay the levels that they are."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from tests.bedside.service.serving import model

from vertebrisk.cohort.reading import read_cells
from vertebrisk.models.portable.scoring import with_levels


def written(folder: Path, grades: list[str]) -> Path:
    path = folder / "new.csv"
    frame = pl.DataFrame({"age": [70] * len(grades), "cleft": "Yes", "grade": grades})
    frame.write_csv(path)
    return path


def test_a_level_among_numbers_is_a_level(tmp_path: Path) -> None:
    path = written(tmp_path, ["2"] * 8 + ["2.0", "0-1", "", "8"])
    table, cells = read_cells(path)
    assert table.frame["grade"].dtype.is_numeric()
    assert [each.code for each in table.findings] == ["unreadable-cell"]
    kept = with_levels(model("plain"), table, cells)
    assert kept.frame["grade"].to_list() == ["2"] * 9 + ["0-1", None, "8"]
    assert kept.findings == ()
    flags = model("plain").predict(kept.frame)["flags"].to_list()
    assert flags == [""] * 10 + ["missing: grade", "unknown level: grade"]


def test_a_column_that_reads_whole_is_left(tmp_path: Path) -> None:
    table, cells = read_cells(written(tmp_path, ["2"] * 4))
    assert with_levels(model("plain"), table, cells) == table
