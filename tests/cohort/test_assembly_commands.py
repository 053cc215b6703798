from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from tests.protocol.studies import patients, with_cells, write_patients, write_protocol

from vertebrisk.cohort import check_study, findings_csv, load_cohort, new_study
from vertebrisk.errors import DataError, ProtocolError
from vertebrisk.findings import Finding
from vertebrisk.protocol import load_protocol


def test_check_returns_cohort_and_findings(tmp_path: Path) -> None:
    write_patients(tmp_path)
    cohort, findings = check_study(write_protocol(tmp_path))
    assert cohort is not None
    assert [each.code for each in findings] == ["undescribed-outcome-column"]


def test_check_keeps_what_was_found_before_it_had_to_stop(tmp_path: Path) -> None:
    write_patients(tmp_path, with_cells(patients(), "goutallier", {4: "5"}))
    cohort, findings = check_study(write_protocol(tmp_path, ("vas_mean >= 4", "vas_mean > 99")))
    assert cohort is None
    assert findings[-1].code == "cannot-run"
    assert "unknown-level" in {each.code for each in findings}


def test_check_lets_a_named_file_lie_anywhere(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    path = write_protocol(tmp_path / "a", ('"patients.csv"', '"/nowhere.csv"'))
    with pytest.raises(ProtocolError, match="outside the protocol's folder"):
        check_study(path)
    cohort, _ = check_study(path, write_patients(tmp_path))
    assert cohort is not None


def test_findings_are_written_one_cell_a_line_and_harmless() -> None:
    odd = Finding("x", "error", "m, \"q\"", "r", file="f.csv", column="=c", rows=(2, 5),
                  cells=("=1+1", "+a\nb"))  # fmt: skip
    text = findings_csv([odd, Finding("y", "note", "-starts with a sign")])
    first, _, rest = text.partition("\n")
    assert first.startswith("# ")
    assert "not for sharing" in first
    rows = list(csv.DictReader(io.StringIO(rest)))
    assert [row["row"] for row in rows] == ["2", "5", ""]
    assert [row["cell"] for row in rows] == ["'=1+1", "'+a\nb", ""]
    assert rows[0]["column"] == "'=c"
    assert rows[2]["message"] == "'-starts with a sign"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_as_a_formula(start: str) -> None:
    finding = Finding("x", "error", "m", rows=(1,), cells=(start + "1",))
    rows = list(csv.reader(io.StringIO(findings_csv([finding]), newline="")))
    assert rows[-1][-1] == "'" + start + "1"


def test_a_study_is_drafted_from_its_file_and_runs_once_filled_in(tmp_path: Path) -> None:
    source = tmp_path / "患者 list.csv"
    frame = patients().with_columns(
        pl.Series("骨水泥 量", [2.0 + number % 7 / 2 for number in range(60)]),
        pain=pl.when(pl.col("vas_mean") >= 4).then(pl.lit("Yes")).otherwise(pl.lit("No")),
    )
    frame.drop("vas_mean").write_csv(source)
    folder = tmp_path / "study"
    written = new_study(folder, source)
    assert [path.name for path in written] == ["protocol.toml", "codebook.toml", "患者 list.csv"]
    with pytest.raises(ProtocolError, match="FILL-IN"):
        load_protocol(written[0])
    text = written[0].read_text(encoding="utf-8")
    text = text.replace('"FILL-IN"', "\"pain == 'Yes'\"", 1).replace("FILL-IN", "1 month")
    written[0].write_text(text, encoding="utf-8")
    protocol = load_protocol(written[0])
    cohort = load_cohort(protocol)
    assert (cohort.n, cohort.n_events) == (60, 12)
    assert "骨水泥 量" in cohort.frame.columns
    assert "pain" not in protocol.candidates
    assert not [each for each in cohort.findings if each.severity == "error"]


def test_a_study_is_drafted_beside_data_that_are_already_there(tmp_path: Path) -> None:
    path = write_patients(tmp_path)
    assert [each.name for each in new_study(tmp_path, path)] == ["protocol.toml", "codebook.toml"]
    with pytest.raises(DataError, match="exists and is not overwritten"):
        new_study(tmp_path, path)


def test_nothing_is_written_where_anything_stands_in_the_way(tmp_path: Path) -> None:
    source = write_patients(tmp_path)
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "patients.csv").write_text("mine")
    with pytest.raises(DataError, match="exists and is not overwritten"):
        new_study(folder, source)
    assert [each.name for each in folder.iterdir()] == ["patients.csv"]
    with pytest.raises(DataError, match="is a file"):
        new_study(source)


def test_without_data_a_template_is_written(tmp_path: Path) -> None:
    (path,) = new_study(tmp_path / "my study")
    assert 'id = "my-study"' in path.read_text(encoding="utf-8")
