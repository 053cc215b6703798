"""CSV files and the typing of their cells."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk.cohort.reading import TableFile, read_codebook, read_file, read_table
from vertebrisk.cohort.reading.cells import type_frame
from vertebrisk.cohort.reading.delimited import read_delimited
from vertebrisk.cohort.reading.table_file import Declared
from vertebrisk.errors import VertebriskWarning
from vertebrisk.findings import Finding


def write(folder: Path, content: str | bytes, name: str = "patients.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def finding(file: TableFile, code: str, column: str = "") -> Finding:
    found = [f for f in file.findings if f.code == code and (not column or f.column == column)]
    assert len(found) == 1, [f.code for f in file.findings]
    return found[0]


def codes(file: TableFile) -> set[str]:
    return {f.code for f in file.findings}


def column_file(folder: Path, cells: list[str], **declared: object) -> TableFile:
    rows = "\n".join(f'{i},"{cell}"' for i, cell in enumerate(cells, 1))
    return read_file(write(folder, f"row,x\n{rows}\n"), **declared)  # type: ignore[arg-type]


def test_plain_file_is_typed_without_remark(tmp_path: Path) -> None:
    text = "id,age,bmi,cement,op\nP1,71,22.5,Spongy,2024-03-05\nP2,,1e1,Blocky,2024-03-06\n"
    file = read_file(write(tmp_path, text))
    assert file.findings == ()
    assert (file.format, file.encoding, file.n_rows) == ("csv", "UTF-8", 2)
    assert dict(file.frame.schema) == {
        "id": pl.String,
        "age": pl.Int64,
        "bmi": pl.Float64,
        "cement": pl.String,
        "op": pl.Date,
    }
    assert file.frame.row(1) == ("P2", None, 10.0, "Blocky", dt.date(2024, 3, 6))


@pytest.mark.parametrize(
    ("codec", "name", "noted"),
    [
        ("utf-8", "UTF-8", False),
        ("utf-8-sig", "UTF-8", False),
        ("utf-16", "UTF-16", True),
        ("utf-16-be", "UTF-16", True),
        ("gb18030", "GB18030", True),
    ],
)
def test_encodings(tmp_path: Path, codec: str, name: str, noted: bool) -> None:
    text = "姓名,住院 号,年龄\n张三,甲㐀,71\n李四,乙,65\n"
    bom = b"\xfe\xff" if codec == "utf-16-be" else b""
    file = read_file(write(tmp_path, bom + text.encode(codec)))
    assert file.encoding == name
    assert file.frame.columns == ["姓名", "住院 号", "年龄"]
    assert file.frame["住院 号"].to_list() == ["甲㐀", "乙"]
    assert ("encoding-guess" in codes(file)) == noted


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "nom,a\nmédecin,1\nélève,2\n".encode("cp1252")))
    assert file.encoding == "Windows-1252"
    assert file.frame["nom"].to_list() == ["médecin", "élève"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(tmp_path: Path, separator: str) -> None:
    text = "a,b,c\n1,x,2\n3,y,4\n".replace(",", separator)
    file = read_file(write(tmp_path, text))
    assert file.frame.rows() == [(1, "x", 2), (3, "y", 4)]
    assert ("separator-guess" in codes(file)) == (separator != ",")


def test_declared_separator_and_formula_like_cells(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "sep=;\r\na;b\r\n=1+1;@x\r\n-x;+y\r\n"))
    assert file.frame.rows() == [("=1+1", "@x"), ("-x", "+y")]


def test_decimal_comma_is_recognised_with_semicolons_only(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "a;b\n1,5;x\n2,25;y\n-3;z\n"))
    assert file.frame["a"].to_list() == [1.5, 2.25, -3.0]
    assert finding(file, "decimal-comma").severity == "note"
    quoted = column_file(tmp_path, ["1.5", "2", "3,5", "4", "5"])
    assert finding(quoted, "unreadable-cell").cells == ("3,5",)


def test_points_among_decimal_commas(tmp_path: Path) -> None:
    text = "a;b\n1,5;1.234\n2,5;2.5\n3,5;3.5\n4.500;\n5,5;\n6,5;\n"
    file = read_file(write(tmp_path, text))
    assert finding(file, "unreadable-cell").cells == ("4.500",)
    assert finding(file, "decimal-point").column == "b"
    assert file.frame["b"].to_list() == [1.234, 2.5, 3.5, None, None, None]


def test_absent_header_is_pointed_at(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "1,71,x\n2,65,y\n"))
    assert finding(file, "header-numbers").severity == "warning"


def test_quoted_newlines_and_quotes(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, 'a,b\n1,"two\nlines"\n2,"say ""no"", twice"\n'))
    assert file.frame["b"].to_list() == ["two\nlines", 'say "no", twice']


def test_every_unreadable_cell_is_named(tmp_path: Path) -> None:
    odd = ["<5", "3,5", "1O", "约5", "12 ml"]
    cells = [str(i) for i in range(30)] + odd
    file = column_file(tmp_path, cells)
    found = finding(file, "unreadable-cell")
    assert found.cells == tuple(odd)
    assert found.rows == (31, 32, 33, 34, 35)
    assert (found.column, found.file, found.severity) == ("x", "patients.csv", "warning")
    assert file.frame["x"].to_list() == [*range(30), *[None] * 5]
    assert not any(cell in found.message for cell in odd)


@pytest.mark.parametrize(("n_numbers", "numeric"), [(8, True), (7, False)])
def test_four_fifths_make_a_numeric_column(tmp_path: Path, n_numbers: int, numeric: bool) -> None:
    cells = [str(i + 1) for i in range(n_numbers)] + ["bad"] * (10 - n_numbers)
    file = column_file(tmp_path, cells)
    assert file.frame.schema["x"] == (pl.Int64 if numeric else pl.String)
    assert codes(file) == {"unreadable-cell" if numeric else "mixed-column"}


def test_one_patient_is_typed(tmp_path: Path) -> None:
    assert column_file(tmp_path, ["71"]).frame.schema["x"] == pl.Int64


def test_units_in_every_cell_are_pointed_at(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["3 ml", "4.5 ml", "5ml", "6"])
    assert finding(file, "mixed-column").severity == "warning"
    assert codes(column_file(tmp_path, ["T12", "L1", "T11"])) == set()
    assert codes(column_file(tmp_path, ["0-1", "2", "3-4"])) == set()


def test_full_width_digits(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["５０", "６０．５", "－３", "7"])
    assert file.frame["x"].to_list() == [50.0, 60.5, -3.0, 7.0]
    assert finding(file, "full-width-digits").rows == (1, 2, 3)


def test_marks_of_missing_are_counted(tmp_path: Path) -> None:
    marks = ["NA", "n/a", "NaN", ".", "-", "/", "缺失", "未测", " NULL "]
    file = column_file(tmp_path, ["1", "2", "3", "", *marks])
    found = finding(file, "missing-marker")
    assert len(found.rows) == len(marks)
    assert "1 empty cell" in found.message
    assert file.frame["x"].null_count() == len(marks) + 1


def test_words_that_are_answers_are_not_missing(tmp_path: Path) -> None:
    for cells in (["无", "有", "无"], ["None", "Disc", "None"], ["+", "-", "++"], ["Unknown", "a"]):
        file = column_file(tmp_path, cells)
        assert file.frame["x"].to_list() == cells
        assert file.findings == ()


def test_excel_errors_are_findings(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["1", "#DIV/0!", "3", "#N/A"])
    assert finding(file, "excel-error").cells == ("#DIV/0!", "#N/A")
    assert file.frame["x"].to_list() == [1, None, 3, None]


@pytest.mark.parametrize(
    ("values", "suspected"),
    [
        (["50", "60", "70", "999"], True),
        (["0", "1", "1", "9"], True),
        (["-1.5", "-2.5", "-3", "-99"], True),
        (["0", "10", "100", "-9"], True),
        (["50", "88", "95", "99"], False),
        (["0", "5", "9", "10"], False),
        (["7", "8", "9", "8"], False),
    ],
)
def test_codes_for_missing_are_pointed_at_and_kept(
    tmp_path: Path, values: list[str], suspected: bool
) -> None:
    file = column_file(tmp_path, values)
    assert file.frame["x"].to_list() == [float(v) for v in values]
    assert ("suspected-missing-code" in codes(file)) == suspected
    if suspected:
        assert finding(file, "suspected-missing-code").rows == (4,)


def test_declared_codes_are_missing_with_their_reason(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["1", "99.0", "3", "99"], missing={"x": ["99"]})
    assert file.frame["x"].to_list() == [1, None, 3, None]
    assert finding(file, "declared-missing").rows == (2, 4)
    assert "suspected-missing-code" not in codes(file)
    row = file.codebook.filter(pl.col("column") == "x").row(0, named=True)
    assert (row["code"], row["missing_reason"]) == ("99", "declared missing in the protocol")


def test_levels_make_an_enum_and_others_are_findings(tmp_path: Path) -> None:
    file = column_file(
        tmp_path, ["Spongy", " Blocky ", "spongy", "", "NA"], levels={"x": ["Blocky", "Spongy"]}
    )
    assert file.frame.schema["x"] == pl.Enum(["Blocky", "Spongy"])
    assert file.frame["x"].to_list() == ["Spongy", "Blocky", None, None, None]
    found = finding(file, "unknown-level")
    assert (found.rows, found.cells) == ((3,), ("spongy",))


def test_levels_win_over_marks_numbers_and_booleans(tmp_path: Path) -> None:
    levels = {"x": ["0", "1", "NA", "-"]}
    file = column_file(tmp_path, ["0", "1.0", "NA", "-"], levels=levels)
    assert file.frame["x"].to_list() == ["0", "1", "NA", "-"]
    assert file.findings == ()
    truth = column_file(tmp_path, ["TRUE", "FALSE"], levels={"x": ["FALSE", "TRUE"]})
    assert truth.frame["x"].to_list() == ["TRUE", "FALSE"]


def test_only_true_and_false_are_boolean(tmp_path: Path) -> None:
    assert column_file(tmp_path, ["True", "FALSE", ""]).frame["x"].to_list() == [True, False, None]
    for cells in (["Yes", "No"], ["是", "否"], ["T", "F"]):
        assert column_file(tmp_path, cells).frame.schema["x"] == pl.String


def test_identifiers_stay_text(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["007", "008", "110"])
    assert file.frame["x"].to_list() == ["007", "008", "110"]
    assert finding(file, "digits-as-text").severity == "note"
    long = column_file(tmp_path, ["110101199003071234", "110101199003071235"])
    assert long.frame["x"].to_list() == ["110101199003071234", "110101199003071235"]
    declared = column_file(tmp_path, ["1", "2"], texts=["x"])
    assert declared.frame["x"].to_list() == ["1", "2"]
    once = column_file(tmp_path, [*(str(i) for i in range(10, 40)), "05"])
    assert once.frame["x"][30] == 5


def test_infinite_and_absurd_values(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["1", "inf", "1e308", "-Infinity", "5", "1e999"])
    assert file.frame["x"].to_list() == [1.0, None, None, None, 5.0, None]
    assert finding(file, "absurd-value").rows == (2, 3, 4, 6)


def test_dates_in_several_forms(tmp_path: Path) -> None:
    cells = ["2024-03-05", "2024/3/6", "45358", "2024年3月8日", "2024.3.9"]
    file = column_file(tmp_path, cells)
    assert file.frame["x"].to_list() == [dt.date(2024, 3, day) for day in range(5, 10)]
    assert finding(file, "date-forms").cells == ("45358",)


def test_dates_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    good = [f"2024-03-{day:02d}" for day in range(1, 9)]
    file = column_file(tmp_path, [*good, "2024-02-30", "spring"])
    assert finding(file, "unreadable-cell").cells == ("2024-02-30", "spring")
    assert file.frame.schema["x"] == pl.Date


def test_day_and_month_are_never_guessed(tmp_path: Path) -> None:
    day_first = column_file(tmp_path, ["13/1/2024", "2/1/2024"])
    assert day_first.frame["x"].to_list() == [dt.date(2024, 1, 13), dt.date(2024, 1, 2)]
    month_first = column_file(tmp_path, ["1/13/2024", "1/2/2024"])
    assert month_first.frame["x"].to_list() == [dt.date(2024, 1, 13), dt.date(2024, 1, 2)]
    for cells in (["1/2/2024", "3/4/2024"], ["13/1/2024", "1/13/2024"]):
        file = column_file(tmp_path, cells)
        assert file.frame["x"].to_list() == cells
        assert finding(file, "ambiguous-date").severity == "warning"


def test_a_date_among_numbers_is_a_bad_cell(tmp_path: Path) -> None:
    file = column_file(tmp_path, [*(str(n) for n in range(20000, 20030)), "2024-03-05"])
    assert file.frame.schema["x"] == pl.Int64
    assert finding(file, "unreadable-cell").cells == ("2024-03-05",)


def test_times_are_kept_with_dates(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["2024-03-05 12:30", "2024-03-06T01:02:03"])
    assert file.frame["x"].to_list() == [
        dt.datetime(2024, 3, 5, 12, 30),
        dt.datetime(2024, 3, 6, 1, 2, 3),
    ]


def test_short_blank_and_trailing_rows(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "a,b\n1,2\n1\n,\n3,4,\n\n,,\n"))
    assert file.frame.rows() == [(1, 2), (1, None), (None, None), (3, 4)]
    assert finding(file, "ragged-row").rows == (2,)
    inner, trailing = (f for f in file.findings if f.code == "empty-row")
    assert inner.rows == (3,)
    assert "2 empty rows" in trailing.message


def test_empty_columns(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "a,b,\n1,,\n2,NA,\n"))
    assert file.frame.columns == ["a", "b"]
    assert file.frame["b"].null_count() == 2
    assert sum(f.code == "empty-column" for f in file.findings) == 2


def test_white_space_around_cells_and_names(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "a ,\u3000b\n 1 ,\u3000x\xa0\n 2,y\n"))
    assert file.frame.rows() == [(1, "x"), (2, "y")]
    assert "a, b" in finding(file, "header-spaces").message


@pytest.mark.slow
def test_thousands_of_columns_are_quick(tmp_path: Path) -> None:
    names = [f"g{i}" for i in range(2000)]
    rows = [",".join(str(r + i) if i % 2 else f"t{r}" for i in range(2000)) for r in range(30)]
    file = read_file(write(tmp_path, "\n".join([",".join(names), *rows])))
    assert file.frame.shape == (30, 2000)
    assert file.frame.schema["g1"] == pl.Int64


def test_public_functions(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,x\n2,y\n")
    assert read_table(path).rows() == [(1, "x"), (2, "y")]
    book = read_codebook(str(path))
    assert book.columns == ["column", "label", "code", "code_label", "missing_reason"]
    assert book["column"].to_list() == ["a", "b"]
    with pytest.warns(VertebriskWarning, match=r"0 errors, 1 warnings and 1 notes"):
        read_table(write(tmp_path, "a;b\n1;\n2;\n3;\n4;\n<5;x\n"))


def test_findings_never_carry_cells_when_shared(tmp_path: Path) -> None:
    file = column_file(tmp_path, ["1", "2", "3", "4", "Zhang San"])
    assert "Zhang" not in str([f.to_dict() for f in file.findings])


LABELS = st.sampled_from(["Spongy", "Blocky", "无", "a,b", 'say "x"', "two\nlines", "T12", "L1-2"])
NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), NUMBERS),
            st.one_of(st.none(), st.integers(-(10**14), 10**14)),
            st.one_of(st.none(), LABELS),
            st.one_of(st.none(), st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))),
        ),
        min_size=1,
        max_size=30,
    ),
    separator=st.sampled_from([",", ";", "\t"]),
)
def test_a_written_frame_comes_back(
    rows: list[tuple[float | None, int | None, str | None, dt.date | None]], separator: str
) -> None:
    schema = {"key": pl.String, "x": pl.Float64, "n": pl.Int64, "label": pl.String, "day": pl.Date}
    frame = pl.DataFrame([("p", *row) for row in rows], schema=schema, orient="row")
    raw = read_delimited(Path("f.csv"), frame.write_csv(separator=separator).encode())
    back, findings, _ = type_frame(raw.frame, Declared(), "f.csv", decimal_comma=raw.decimal_comma)
    empty = {name for name in frame.columns if frame[name].null_count() == frame.height}
    for name in frame.columns:
        assert back[name].cast(schema[name]).to_list() == frame[name].to_list()
        assert name in empty or back.schema[name] == schema[name]
    assert {f.code for f in findings} <= {"empty-column"}


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), min_size=1))
def test_no_cell_becomes_missing_in_silence(texts: list[str]) -> None:
    cells = pl.DataFrame({"x": texts})
    typed, findings, _ = type_frame(cells, Declared(), "f.csv")
    lost = typed["x"].is_null() & (
        pl.Series(texts).str.strip_chars(" \t\u3000\xa0\u200b\ufeff\u2002\u2003\u2009") != ""
    )
    named = {row for found in findings for row in found.rows}
    assert {int(row) + 1 for row in lost.arg_true()} <= named
