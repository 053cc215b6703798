"""A text table scanned in pieces is typed, and told about, as one that is read whole."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from vertebrisk import scan_table
from vertebrisk.cohort.reading import read_file
from vertebrisk.cohort.scanning import delimited, merging, stored
from vertebrisk.errors import DataError

CELLS = {
    "number": ["1", "2", "3.5", "-7", "", "1e3"],
    "whole": ["1", "2", "30", "", " 4 "],
    "mark": ["1", "2", "NA", "-", "5", "6", "7", "8", "#DIV/0!"],
    "sign": ["-", "+", "++", "-", "+-"],
    "wide": ["１２", "3", "4", "−5", "5，5", "7"],
    "mixed": ["1", "2", "x", "5 ml", "3", "4"],
    "date": ["2020-01-02", "2021/3/4", "44000", "", "2020年3月4日"],
    "day_first": ["13/2/2020", "1/3/2020", "28.2.2021"],
    "ambiguous": ["1/2/2020", "3/4/2020"],
    "clock": ["2020-01-02 10:00", "2020-01-03", "2020-01-04T00:00"],
    "truth": ["true", "False", "TRUE", ""],
    "padded": ["007", "012", "123"],
    "empty": ["", " ", "NA"],
    "text": ["ö", "a", "b", 'a "quoted", cell'],
    "infinite": ["1", "2", "inf", "4", "5", "6"],
    "comma": ["1,5", "2,5", "3"],
    "point": ["1.5", "2", "3"],
    "code": ["1", "2", "3", "999", "4"],
    "absurd": ["1.5", "2", "1e15", "3"],
}
ANY = sorted({cell for cells in CELLS.values() for cell in cells})


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """A file of some of the columns above, with a few cells, rows and ends out of place."""
    names = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=4, unique=True))
    separator = draw(st.sampled_from([",", ";", "\t"]))
    size = draw(st.integers(2, 24))
    columns = [
        draw(st.lists(st.sampled_from(CELLS[name]), min_size=size, max_size=size)) for name in names
    ]
    for _ in range(draw(st.integers(0, 2))):
        column = draw(st.sampled_from(columns))
        column[draw(st.integers(0, size - 1))] = draw(st.sampled_from(ANY))
    rows = [list(row) for row in zip(*columns, strict=True)]
    if draw(st.booleans()):
        rows.insert(draw(st.integers(0, size)), [""] * len(names))
    if len(names) > 1 and draw(st.booleans()):
        rows[draw(st.integers(0, len(rows) - 1))].pop()
    rows += [[""] * len(names)] * draw(st.sampled_from([0, 0, 5]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = [separator.join(_quoted(cell, separator) for cell in row) for row in [names, *rows]]
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


def _quoted(cell: str, separator: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if separator in cell or '"' in cell else cell


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_ROWS", 5)
    monkeypatch.setattr(delimited, "_BLOCK", 40)


@pytest.mark.usefixtures("small_pieces")
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=tables())
def test_pieces_are_typed_as_the_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "patients.csv"
    path.write_bytes(content)
    try:
        whole = read_file(path)
    except DataError as error:
        with pytest.raises(DataError, match=re.escape(str(error))):
            scan_table(path)
        return
    with scan_table(path) as scan:
        assert_frame_equal(pl.concat(list(scan.frames())), whole.frame)
        assert scan.findings == whole.findings
        assert_frame_equal(scan.codebook, whole.codebook)
        assert (scan.encoding, scan.separator) == (whole.encoding, whole.separator)
        assert (scan.n_rows, scan.sha256) == (whole.n_rows, whole.sha256)


# What only one piece holds decides how all are read.
TELLING = {
    "full-width digits": ["１２", "３", "４", "５"] * 6 + ["7"] * 6,
    "signs beside dashes": ["-"] * 24 + ["+", "++"],
    "dashes alone": ["-"] * 24 + ["1", "2", "3"],
    "padded by a few": ["1"] * 24 + ["007"] * 4,
    "padded by one in thirty": ["1"] * 29 + ["007"],
    "one width": ["123"] * 29 + ["012"],
    "too long": ["1"] * 29 + ["12345678901234567"],
    "just numbers": ["a"] * 5 + ["1"] * 25,
    "just no numbers": ["a"] * 7 + ["1"] * 23,
    "a fraction last": ["1"] * 29 + ["1.5"],
    "truths and one more": ["true"] * 29 + ["yes"],
    "day first by the last": ["1/2/2020"] * 29 + ["13/2/2020"],
    "two orders of dates": ["13/2/2020"] * 15 + ["2/13/2020"] * 15,
    "a clock last": ["2020-01-02"] * 29 + ["2020-01-02 10:00"],
    "serials last": ["2020-01-02"] * 20 + ["44000"] * 10,
    "too few dates": ["44000"] * 28 + ["2020-01-02"] * 2,
    "a code for missing": ["1", "2", "3"] * 9 + ["999"],
    "other forms of dates": ["2020-01-02"] * 29 + ["2020/1/2"],
}


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("cells", TELLING.values(), ids=TELLING)
def test_what_one_piece_holds_decides_for_all(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "patients.csv"
    path.write_text("\n".join(["value,other", *(f"{cell},1" for cell in cells)]), encoding="utf-8")
    whole = read_file(path)
    with scan_table(path) as scan:
        assert_frame_equal(pl.concat(list(scan.frames())), whole.frame)
        assert scan.findings == whole.findings


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(
    "cells",
    [["1.5"] * 6 + ["2,5"] * 24, ["1.5"] * 6 + ["2"] * 24, ["1.234,5"] * 3 + ["2,5"] * 20],
    ids=["points beside commas", "points alone", "points part thousands"],
)
def test_decimal_commas_anywhere_decide_for_all(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "patients.csv"
    lines = [f"{cell};1,{place}" for place, cell in enumerate(cells)]
    path.write_text("\n".join(["value;other", *lines]), encoding="utf-8")
    whole = read_file(path)
    with scan_table(path) as scan:
        assert_frame_equal(pl.concat(list(scan.frames())), whole.frame)
        assert scan.findings == whole.findings


@pytest.mark.usefixtures("small_pieces")
def test_what_the_protocol_declares_holds_in_every_piece(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    rows = [f"{place},{'ABC'[place % 3]},{place % 4}" for place in range(40)]
    path.write_text("\n".join(["score,level,code", *rows]), encoding="utf-8")
    missing = {"score": ("3", "33")}
    levels = {"level": ("B", "A"), "code": ("0", "1", "2")}
    whole = read_file(path, missing=missing, levels=levels)
    with scan_table(path, missing=missing, levels=levels) as scan:
        assert_frame_equal(pl.concat(list(scan.frames())), whole.frame)
        assert scan.findings == whole.findings


@pytest.mark.usefixtures("small_pieces")
def test_many_findings_are_counted_and_a_bounded_number_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "MOST_ROWS", 10)
    path = tmp_path / "patients.csv"
    cells = ["<5" if place % 10 == 0 else str(place) for place in range(300)]
    path.write_text("\n".join(["value", *cells]), encoding="utf-8")
    with scan_table(path) as scan:
        (found,) = scan.findings
    assert "has 30 cells not readable as a number" in found.message
    assert (len(found.rows), len(found.cells), found.unlisted) == (10, 10, 20)
    assert found.to_dict()["n_rows"] == 30


def test_a_column_of_too_many_texts_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vertebrisk.cohort.scanning.profile.MOST_LABELS", 20)
    path = tmp_path / "patients.csv"
    rows = [f"P-{place},{place}" for place in range(40)]
    path.write_text("\n".join(["patient,age", *rows]), encoding="utf-8")
    with scan_table(path) as scan:
        assert scan.names == ("age",)
        assert [each.code for each in scan.findings] == ["column-not-kept"]
    assert stored.MOST_LABELS <= 2**15 - 1  # codes are 16 bits wide


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "holds no cells"),
        (b"age,sex\n", "no rows of data"),
        (b"age,sex\n1,2,3\n", "more cells than column names"),
        (b'age,sex\n"1,2\n', "quotation mark"),
        (b"age,age\n1,2\n", "more than one column named age"),
        (b"age,sex\n1,\x07\n", "control characters"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "patients.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        scan_table(path)
