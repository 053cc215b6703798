"""Spreadsheets scored: every row in its place, and what a stranger may send is refused."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bedside.service.serving import model, patients
from tests.bedside.spreadsheets import (
    GOOD_CELLS,
    bomb,
    by_hand,
    lying,
    small,
    table,
    workbook,
)

from vertebrisk.bedside.batches import Batch, Kind, scored_batch
from vertebrisk.cohort.reading import Bounds
from vertebrisk.cohort.reading.bounds import TooLarge
from vertebrisk.errors import DataError, VertebriskError

ADDED = ["risk", "conf_low", "conf_high", "linear_predictor", "total_points", "flags"]
BOUNDS = Bounds(rows=10_000, cells=200_000, unpacked=8 << 20)
HEAD = "age,cleft,grade\r\n"


def score(content: bytes | str, kind: Kind = "csv", name: str = "plain", **options: Any) -> Batch:
    sent = content.encode() if isinstance(content, str) else content
    return scored_batch(model(name), sent, kind, options.pop("bounds", BOUNDS), **options)


def rows_of(batch: Batch, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    text = io.StringIO(batch.content.decode(encoding), newline="")
    return list(csv.DictReader(text, delimiter=delimiter))


@pytest.mark.parametrize("name", ["plain", "spline", "cox", "strata", "plain-draws"])
def test_risks_are_those_of_predict_in_the_order_of_the_file(name: str) -> None:
    made = model(name)
    sent = patients().select(*made.design.variables, *made.strata).head(60)
    expected = made.predict(sent)
    found = rows_of(score(sent.write_csv(), name=name))
    assert [float(each["risk"]) for each in found] == pytest.approx(
        expected["risk"].to_list(), abs=5e-7  # six decimals are written
    )  # fmt: skip
    assert [each["age"] for each in found] == [str(each) for each in sent["age"]]
    assert list(found[0])[-6 if made.kind == "logistic" else -8 :][:6] == ADDED
    if made.kind != "logistic":
        assert {each["horizon"] for each in found} == {"6.000000"}
        assert {each["time_unit"] for each in found} == {"months"}


def test_a_workbook_is_answered_as_a_workbook() -> None:
    sent = patients().select("age", "cleft", "grade").head(30)
    expected = model("plain").predict(sent)
    rows = [("id", *sent.columns), *((f"P{i}", *row) for i, row in enumerate(sent.iter_rows()))]
    batch = score(workbook(rows), "xlsx", about={"model": "plain", "note": "=1"})
    found = table(batch.content)
    assert found[0] == ["id", "age", "cleft", "grade", *ADDED]
    assert [row[0] for row in found[1:]] == [f"P{i}" for i in range(30)]
    assert [row[4] for row in found[1:]] == pytest.approx(expected["risk"].to_list(), rel=1e-12)
    assert table(batch.content, 1) == [["model", "plain"], ["note", "=1"]]
    assert (batch.rows, batch.unscored) == (30, 0)


def test_a_horizon_is_answered() -> None:
    sent = patients().select("age", "cleft", "grade").head(5)
    found = rows_of(score(sent.write_csv(), name="cox", horizon=24.0))
    expected = model("cox").predict(sent, 24.0)["risk"].to_list()
    assert [float(each["risk"]) for each in found] == pytest.approx(expected, abs=5e-7)


def test_the_origin_of_a_model_that_is_not_of_patients_is_in_every_row() -> None:
    made = model("plain")
    made = replace(made, population=replace(made.population, data_kind="simulated"))
    batch = scored_batch(made, f"{HEAD}70,Yes,2\n".encode(), "csv", BOUNDS)
    assert rows_of(batch)[0]["model_data"] == "simulated"


def test_rows_that_cannot_be_scored_keep_their_place_and_say_why() -> None:
    lines = ["70,Yes,2", ",Yes,2", "old,No,0-1", "71,Maybe,2", "72,No,2", ",,", "300,No,2"]
    lines += ["70,No,2"] * 20
    batch = score(HEAD + "\n".join(lines))
    found = rows_of(batch)
    assert (batch.rows, batch.unscored) == (27, 4)
    assert [each["flags"] for each in found[:7]] == [
        "",
        "missing: age",
        "unreadable: age",
        "unknown level: cleft",
        "",
        "missing: age; missing: cleft; missing: grade",
        "extrapolation: age",
    ]
    assert [bool(each["risk"]) for each in found[:7]] == [True, False, False, False, True, False,
                                                          True]  # fmt: skip
    assert found[2]["age"] == "old"


@pytest.mark.parametrize("value", ["1e308", "1e400", "-1e308", "NaN", "inf"])
def test_numbers_beyond_all_measure_give_no_wrong_risk(value: str) -> None:
    body = HEAD + "".join("70,Yes,2\n" for _ in range(9)) + f"{value},Yes,2\n"
    last = rows_of(score(body))[-1]
    assert last["flags"]
    assert last["risk"] in ("", "0.000000", "1.000000")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_texts_of_any_encoding_come_back(encoding: str) -> None:
    body = f"姓名,{HEAD}" + "".join(f"李明{i},70,Yes,2\r\n" for i in range(20))
    batch = score(body.encode(encoding))
    answered = "utf-8" if encoding == "utf-8" else "utf-8-sig"
    assert rows_of(batch, encoding=answered)[3]["姓名"] == "李明3"
    assert batch.content.startswith(b"\xef\xbb\xbf") == (encoding != "utf-8")


def test_semicolons_and_decimal_commas_come_back() -> None:
    body = "age;cleft;grade\n" + "".join(f"7{i},5;Yes;2\n" for i in range(9))
    found = rows_of(score(body), ";")
    expected = model("plain").predict({"age": [71.5], "cleft": ["Yes"], "grade": ["2"]})
    assert found[1]["age"] == "71,5"
    assert float(found[1]["risk"].replace(",", ".")) == pytest.approx(expected["risk"][0], abs=5e-7)


FORMULAS = ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "=HYPERLINK(1)", "\t=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_is_never_a_formula(text: str) -> None:
    quoted = f'"{text}"'
    body = f'note,{HEAD.strip()},"=x"\r\n{quoted},70,Yes,2,1\r\n'
    found = list(csv.reader(io.StringIO(score(body).content.decode(), newline="")))
    assert found[1][0] == f"'{text}"
    assert found[0][4] == "'=x"
    batch = score(workbook([("note", "age", "cleft", "grade"), (text, 70, "Yes", "2")]), "xlsx")
    with zipfile.ZipFile(io.BytesIO(batch.content)) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")
    assert table(batch.content)[1][0] == text


def test_a_number_with_a_sign_stays_a_number() -> None:
    assert rows_of(score(f"t_score,{HEAD}-2.5,70,Yes,2\n"))[0]["t_score"] == "-2.5"


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"", "csv", "is empty"),
        (b"", "xlsx", "is empty"),
        (b"\n\n", "csv", "holds no cells"),
        (HEAD.encode(), "csv", "no rows of data"),
        (
            b"a,b\n1,2\n",
            "csv",
            "The model needs age, cleft(,| and) grade",
        ),
        (b"age,cleft\n70,Yes\n", "csv", "needs grade"),
        (b"age,age,cleft,grade\n1,1,Yes,2\n", "csv", "more than one column named age"),
        (b"age,cleft,grade,risk\n1,Yes,2,9\n", "csv", "names of columns of the answer"),
        (b"age,cleft,grade\n1,Yes,2\x00\n", "csv", "binary"),
        (b"age,cleft,grade\n1,Yes,2\x07\n", "csv", "control characters"),
        (b'age,cleft,grade\n1,"Yes,2\n', "csv", "quotation mark"),
        (b"age,cleft,grade\n1,Yes,2,3\n", "csv", "more cells than column names .* data row 1"),
        (b"\xff\xfe\x00", "csv", "damaged"),
        (b"%PDF-1.7", "csv", "a PDF document"),
        (b"<html><table>", "csv", "a web page"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "csv", "Office document|Excel"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "xlsx", "no .xlsx workbook"),
        (b"age,cleft,grade\n", "xlsx", "no .xlsx workbook"),
        (b"PK\x03\x04", "xlsx", "damaged"),
        (b"PK\x03\x04" + bytes(200), "csv", "damaged"),
        (workbook([("age",), (1,)]), "csv", "is an Excel workbook by its contents"),
        (workbook([]), "xlsx", "is empty"),
        (workbook([("age", "cleft", "grade")]), "xlsx", "no rows of data"),
    ],
)
def test_what_is_no_table_of_patients_is_one_clear_line(
    content: bytes, kind: Kind, message: str
) -> None:
    with pytest.raises(VertebriskError, match=message) as raised:
        score(content, kind)
    assert "\n" not in str(raised.value)


def test_a_workbook_by_hand_is_read() -> None:
    found = table(score(by_hand(small(*GOOD_CELLS)), "xlsx").content)
    assert found[1][:3] == ["71.5", "Yes", "2"]


CORNER = small(*GOOD_CELLS).replace(
    "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
)
PREFIXED = CORNER.replace("<c r=", "<a-b:c r=").replace("</c></row></s", "</a-b:c></row></s")
WIDE = small(*GOOD_CELLS).replace("<c><v>71.5", '<c r="XFD2"><v>71.5')
MERGED = small(*GOOD_CELLS) + '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
REPEATED = small('<c t="s"><v>0</v></c>' * 500)
UNCLOSED = small("<c ><f>" * 50_000)


@pytest.mark.parametrize(
    "content",
    [
        bomb(80),
        lying(bomb(80)),
        by_hand(CORNER),
        by_hand(WIDE.replace("XFD2", "XFD9999")),
        by_hand(CORNER.replace('"', "'")),
        by_hand(CORNER.replace('r="', 'r = "').lower().replace("sheetdata", "sheetData")),
        by_hand(CORNER.replace("XFD1048576", "ZZZZZZZ99999999999")),
        by_hand(CORNER.replace("1048576", "00000000001048576")),
        by_hand(PREFIXED),
        by_hand("", more={"xl/worksheets/sheet2.xml": small(*GOOD_CELLS).encode("utf-16")}),
        by_hand(MERGED),
        by_hand(REPEATED, f"<si><t>{'x' * 30_000}</t></si>"),
        by_hand(UNCLOSED),
        by_hand(small("<row ><c>" * 40_000)),
        by_hand(small(*GOOD_CELLS), more={"xl/vbaProject.bin": b"x"}),
        by_hand(small(*GOOD_CELLS), more={"xl/externalLinks/externalLink1.xml": "<x/>"}),
        by_hand(small(*GOOD_CELLS), more={"xl/embeddings/a.bin": b"x"}),
        by_hand(small(*GOOD_CELLS), more={"xl/styles.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'}),
        by_hand(small(*GOOD_CELLS), more={f"xl/{i}.xml": "<a/>" for i in range(600)}),
        by_hand(small(*GOOD_CELLS), method=zipfile.ZIP_BZIP2)[:400],
        by_hand("<c <c <c <c />" * 10),
        by_hand(small(*GOOD_CELLS))[:-40],
    ],
    ids=[
        "bomb", "lying bomb", "corner", "wide", "quotes", "small letters", "far", "zeros", "prefix",
        "utf-16", "merged", "repeated text", "unclosed", "rows",
        "macros", "links", "embedded", "entities", "members", "cut short", "broken", "no end",
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused_at_once(content: bytes) -> None:
    began = time.process_time()
    with pytest.raises(DataError):
        score(content, "xlsx")
    assert time.process_time() - began < 5.0  # of a slow processor; unbounded, it is minutes


def test_a_bomb_says_what_the_most_is() -> None:
    with pytest.raises(TooLarge, match=r"more than 8388608 bytes once it is unpacked"):
        score(bomb(80), "xlsx")
    assert len(bomb(80)) < 200_000


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_too_many_rows_are_refused_with_the_limit(kind: Kind) -> None:
    bounds = replace(BOUNDS, rows=50)
    lines = [("age", "cleft", "grade"), *[(70, "Yes", "2")] * 51]
    text = "\n".join(",".join(map(str, line)) for line in lines)
    content = text.encode() if kind == "csv" else workbook(lines)
    with pytest.raises(TooLarge, match="more than 50 rows of data"):
        score(content, kind, bounds=bounds)
    fewer = "\n".join(text.splitlines()[:-1]).encode() if kind == "csv" else workbook(lines[:-1])
    assert score(fewer, kind, bounds=bounds).rows == 50


def test_a_narrow_file_under_a_wide_head_is_refused_before_it_is_filled() -> None:
    wide = ",".join(f"c{i}" for i in range(15_000)) + "\n" + "x\n" * 9_000
    with pytest.raises(TooLarge, match="cells"):
        score(wide)


def test_nothing_is_written_to_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    def refuse(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("a file was made")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    content = workbook([("age", "cleft", "grade"), *[(70, "Yes", "2")] * 500])
    assert score(content, "xlsx").rows == 500
    assert score(f"{HEAD}70,Yes,2\n").rows == 1


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12),
            st.one_of(st.none(), st.floats(0, 120)),
            st.sampled_from(["Yes", "No", "", "?"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_text_comes_back_and_every_row_is_that_of_predict(
    rows: list[tuple[str, float | None, str]],
) -> None:
    names = [f"n{text}" for text, _, _ in rows]
    sent = pl.DataFrame(
        {
            "name": names,
            "age": [age for _, age, _ in rows],
            "cleft": [cleft for _, _, cleft in rows],
            "grade": ["2"] * len(rows),
        },
        schema_overrides={"age": pl.Float64},
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sent.columns)
    writer.writerows(sent.iter_rows())
    found = rows_of(score(text.getvalue()))
    assert [each["name"] for each in found] == names
    known = [row for row in found if row["risk"]]
    assert all(0 <= float(row["risk"]) <= 1 for row in known)
    for row, (_, age, cleft) in zip(found, rows, strict=True):
        assert bool(row["risk"]) == (age is not None and cleft in ("Yes", "No"))
        assert row["risk"] or row["flags"]
