"""Files that cannot be read give one clear line."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from vertebrisk.cohort.reading import read_file
from vertebrisk.errors import DataError


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(stream)
    return stream.getvalue()


BAD: list[tuple[str, str, bytes, str]] = [
    ("empty", "a.csv", b"", "is empty"),
    ("blank lines", "a.csv", b"\n \n\n", "only blank lines"),
    ("header only", "a.csv", b"a,b\n", "no rows of data"),
    ("header and blank", "a.csv", b"a,b\n,\n\n", "no rows of data"),
    ("duplicate", "a.csv", b"age,sex,age\n1,2,3\n", "more than one column named age"),
    ("duplicate by spaces", "a.csv", b"a, a\n1,2\n", "differ only by spaces"),
    ("nameless", "a.csv", b",a\n1,2\n", "without a name .*position 1"),
    ("too long a row", "a.csv", b"a,b\n1,2\n1,2,3\n", "more cells .* in data row 2"),
    ("open quote", "a.csv", b'a,b\n1,2\n1,"x\n2,3\n', "quotation mark .* begins on line 3"),
    ("odd quote", "a.csv", b'a,b\n1,"x"y\n', "quotation mark .* line 2"),
    ("nul", "a.csv", b"a,b\n1,\x00\n", "a binary file"),
    ("control", "a.csv", b"a,b\n1,\x07\n", "control characters"),
    ("undecodable", "a.csv", b"a,b\n1,\xff\x81\x8d\n", "neither UTF-8"),
    ("cut utf-16", "a.csv", b"\xff\xfea\x00,", "damaged"),
    ("png", "a.csv", b"\x89PNG\r\n\x1a\n", "a PNG image"),
    ("pdf", "a.csv", b"%PDF-1.7", "a PDF document"),
    ("web page", "a.xls", b"<html><table></table></html>", "a web page"),
    ("word", "a.xlsx", zipped("word/document.xml"), "a Word document"),
    ("zip", "a.xlsx", zipped("readme"), "a ZIP archive"),
    ("xlsx as csv", "a.csv", zipped("xl/workbook.xml"), r"Excel workbook .* end in \.xlsx"),
    ("sav as csv", "a.csv", b"$FL2@(#)", r"SPSS file .* end in \.sav"),
    ("parquet as csv", "a.csv", parquet(), r"Parquet file .* end in \.parquet"),
    ("csv as xlsx", "a.xlsx", b"a,b\n1,2\n", "plain text or damaged"),
    ("csv as sav", "a.sav", b"a,b\n1,2\n", "plain text or damaged"),
    ("unknown extension", "a.json", b"{}", r"ends in '\.json'"),
    ("bad sav", "a.sav", b"$FL2" + b"\0" * 300, "damaged or of a version"),
    ("bad dta", "a.dta", b"\x73\x02\x01\x00" + b"\0" * 99, "damaged or of a version"),
    ("bad parquet", "a.parquet", b"PAR1zzzzPAR1", "damaged Parquet"),
    ("no rows", "a.parquet", parquet()[:-20], "damaged Parquet"),
]


@pytest.mark.parametrize(
    ("name", "content", "match"), [b[1:] for b in BAD], ids=[b[0] for b in BAD]
)
def test_one_clear_line(tmp_path: Path, name: str, content: bytes, match: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=match) as caught:
        read_file(path)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_absent_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_file(tmp_path / "absent.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        read_file(tmp_path / "folder.csv")


def test_too_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = ",".join(f"c{i}" for i in range(20_001))
    path.write_text(f"{names}\n{names}\n")
    with pytest.raises(DataError, match="20001 columns"):
        read_file(path)
