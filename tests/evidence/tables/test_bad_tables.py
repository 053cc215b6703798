"""What cannot be read is said in one line, or quoted and left out."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.evidence.tables import read_tables

CORPUS = Path(__file__).parents[2] / "tables"
PATIENTS = "age,ivc,pain\n" + "".join(f"{60 + k % 30},{k % 2},{k % 3}\n" for k in range(1000))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "control characters|not text"),
        (gzip.compress(b"Variable,OR\n"), "control characters|not text"),
        (b'{"schema_version": 1, "id": "li2021"}\n', "is JSON"),
        (b'[{"a": 1}]\n', "is JSON"),
        (b'schema_version = 1\nid = "li2021"\n\n[citation]\ntitle = "A"\n', "settings"),
        (b"<html><table><tr><td>1</td></tr></table></html>\n", "HTML"),
        (b"Nothing here is a table.\nIt is two sentences.\n", "no table that is understood"),
        (b"a,b,c\n", "no table that is understood"),
        (b"1,2,3\n4,5,6\n", "no table that is understood"),
        (PATIENTS.encode(), "1,000 rows; printed tables have at most 500"),
        (b"x" * 2_000_001, "2,000,001 bytes"),
    ],
    ids=[
        "empty",
        "blank",
        "picture",
        "packed",
        "json",
        "list",
        "toml",
        "html",
        "prose",
        "head",
        "numbers",
        "patients",
        "huge",
    ],
)
def test_a_file_without_a_usable_table(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_tables(path)
    assert "\n" not in str(caught.value)
    assert "file.csv" in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_tables(tmp_path / "none.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_tables(tmp_path)


def test_garbled_cells_are_quoted_and_the_rest_is_read() -> None:
    read = read_tables(CORPUS / "garbled.csv")
    quoted = ["'73.1 ±'", "'23.?6 ± 3.3'", "'1 4 (6.1%)'", "'0.o29'"]
    assert [finding.code for finding in read.findings] == ["unreadable-cell"] * 4
    for finding, cell in zip(read.findings, quoted, strict=True):
        assert cell in finding.message
        assert finding.severity == "warning"
    assert "line 2, 'Age', column 'Pain (n=37)'" in read.findings[0].message
    rows = {row.variable: row for row in read.subject.comparisons[0].rows}
    assert [None if each is None else each.text for each in rows["Age"].mean] == [None, "72.5"]
    assert rows["Cobb angle"].p_value is not None
    assert rows["IVC"].p_value is None


def test_every_cell_garbled_is_still_a_table() -> None:
    read = read_tables("Variable,OR (95% CI),P\nAge,one,two\nIVC,3.00 (1.07-8.37),0.036\n")
    assert [row.term for row in read.subject.models[0].coefficient] == ["IVC"]
    assert len(read.findings) == 2


def test_a_linear_regression_is_left_out_and_said() -> None:
    text = "Variable,B,SE,Beta,t,P\nAge,0.35,0.10,0.21,3.5,0.001\nBMI,0.12,0.10,0.08,1.2,0.23\n"
    with pytest.raises(DataError, match="no table"):
        read_tables(text)


def test_whole_numbers_are_named_by_their_variable() -> None:
    path = CORPUS / "two_groups.csv"
    subject = read_tables(path, whole=("age",)).subject
    assert subject.variables["Age, years"].whole
    assert read_tables(path).subject.variables == {}
    with pytest.raises(ArgumentError, match="'weight' is said to be whole, but no table compares"):
        read_tables(path, whole=("weight",))


@pytest.mark.parametrize("junk", ["€%&/()", "=cmd()", "NaN", "1.2.3", "--5", "5 ± 3 ± 2", "(4)"])
def test_no_cell_breaks_the_reader(junk: str) -> None:
    text = f"Variable\tB\tSE\tOR\t95% CI\tP\nAge\t{junk}\t{junk}\t{junk}\t{junk}\t{junk}\n"
    read = read_tables(text + "BMI\t0.1\t0.05\t1.105\t1.002-1.219\t0.046\n")
    assert read.subject.models[0].coefficient[-1].term == "BMI"


def test_a_row_without_a_label_is_left_out_and_said() -> None:
    read = read_tables("Variable,B,SE,P\nAge,0.1,0.05,0.046\n,0.2,0.1,0.05\n")
    assert [row.term for row in read.subject.models[0].coefficient] == ["Age"]
    assert [finding.code for finding in read.findings] == ["left-out"]
    assert "line 3 is left out: it has no label" in read.findings[0].message


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_table_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever a paste does to a table, there is a reading or one line that says why not."""
    names = ["two_groups.csv", "side_by_side.csv", "spss.txt", "pdf_groups.txt", "word_paste.tsv"]
    text = (CORPUS / data.draw(st.sampled_from(names))).read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 12))):
        start = data.draw(st.integers(0, len(text)))
        stop = start + data.draw(st.integers(0, 6))
        text = text[:start] + data.draw(st.sampled_from(list('\t,;|(["±-<%\n 0a/'))) + text[stop:]
    said = ""
    tables = 0
    try:
        subject = read_tables(text + "\n").subject
        tables = len(subject.comparisons) + len(subject.models)
    except DataError as error:
        said = str(error)
    assert "\n" not in said
    assert bool(said) == (tables == 0)


def test_a_row_that_names_no_variable_is_left_out_and_said() -> None:
    read = read_tables(
        "Variable,OR (95% CI),P\n"
        "Age,1.05 (1.01-1.10),0.020\n"
        '", (yes vs. no)",3.00 (1.07-8.37),0.036\n'
        "Cement leakage,2.10 (1.10-4.01),0.025\n"
    )
    messages = [each.message for each in read.findings]
    assert any("line 3 (', (yes vs. no)') is left out: it names no variable" in m for m in messages)
