from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import draft, load_protocol, quoted, template


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    label: str = ""
    levels: tuple[str, ...] = ()
    q01: float | None = None
    q99: float | None = None
    minimum: float | None = None


COLUMNS = (
    Column("patient id", "identifier"),
    Column("age", "numeric", 'Age at "surgery"', (), 61.0, 88.0, 59.0),
    Column("骨水泥 分布", "categorical", "骨水泥分布", ("团块状", "海绵状")),
    Column("ivc", "boolean", "", ("0", "1")),
    Column("smoker", "boolean"),
    Column("notes", "text"),
    Column("ward", "constant"),
    Column("residual_pain", "categorical", "", ("No", "Yes")),
)


def write(folder: Path, protocol: str, codebook: str) -> Path:
    (folder / "codebook.toml").write_text(codebook, encoding="utf-8")
    path = folder / "protocol.toml"
    path.write_text(protocol, encoding="utf-8")
    return path


def test_a_draft_waits_for_the_outcome_and_its_time_point_alone(tmp_path: Path) -> None:
    path = write(tmp_path, *draft(COLUMNS, data="p.csv", study_id="s1"))
    with pytest.raises(ProtocolError, match="has 2 problems") as caught:
        load_protocol(path)
    assert "'event'" in str(caught.value)
    assert "'time_point'" in str(caught.value)


def test_a_draft_loads_once_it_is_filled_in(tmp_path: Path) -> None:
    protocol, codebook = draft(COLUMNS, data="p.csv", study_id="s1")
    filled = protocol.replace('"FILL-IN"', "\"residual_pain == 'Yes'\"", 1)
    filled = filled.replace("FILL-IN", "1 month")
    loaded = load_protocol(write(tmp_path, filled, codebook))
    assert loaded.study.patient == "patient id"
    assert tuple(loaded.variables) == ("age", "骨水泥 分布", "ivc", "smoker", "residual_pain")
    assert loaded.variables["age"].label.text() == 'Age at "surgery"'
    assert loaded.variables["age"].plausible == (40.0, 110.0)
    assert loaded.variables["ivc"].codes == {"0": "No", "1": "Yes"}
    assert loaded.variables["smoker"].levels == ("false", "true")
    assert loaded.candidates == ("age", "ivc", "smoker")
    assert loaded.analysis.select.method == "prespecified"
    assert loaded.variables["骨水泥 分布"].timing == "intraoperative"
    assert loaded.variables["residual_pain"].timing == "postoperative"
    assert '"notes" (free text)' in protocol


@pytest.mark.parametrize(
    ("low", "high", "minimum"),
    [(0.0, 3.0, 0.0), (-4.1, -2.5, -4.5), (7.0, 7.0, 7.0), (1e-4, 3e-4, 0)],
)
def test_drafted_limits_hold_the_data(
    tmp_path: Path, low: float, high: float, minimum: float
) -> None:
    _, codebook = draft(
        [Column("x", "numeric", "", (), low, high, minimum)], data="d", study_id="s"
    )
    lower, upper = tomllib.loads(codebook)["variables"]["x"]["plausible"]
    assert lower <= low <= high <= upper
    assert lower < upper
    assert (lower >= 0) == (minimum >= 0)


def test_names_that_break_toml_are_quoted() -> None:
    names = ['a"b', "a\\b", "a.b", "a\nb", "a#b", "[x]", "\x7f"]
    _, codebook = draft([Column(name, "numeric") for name in names], data="d", study_id="s")
    assert list(tomllib.loads(codebook)["variables"]) == names


def test_a_name_that_no_formula_can_write_is_left_out() -> None:
    protocol, codebook = draft([Column("a`b", "numeric")], data="d", study_id="s")
    assert "variables" not in tomllib.loads(codebook)
    assert "a`b" in protocol
    assert "backtick" in protocol
    assert "(numeric)" not in protocol


def test_the_patient_column_is_the_one_named_so() -> None:
    columns = [Column(name, "identifier") for name in ("note", "record_no", "姓名", "病案号")]
    assert 'patient = "病案号"' in draft(columns, data="d", study_id="s")[0]
    assert 'patient = "record_no"' in draft(columns[:3], data="d", study_id="s")[0]


@pytest.mark.parametrize(
    ("name", "timing"),
    [
        ("vas_1m", "postoperative"),
        ("VAS 24h", "postoperative"),
        ("术后VAS", "postoperative"),
        ("posterior_fascia", "preoperative"),
        ("cement_volume", "intraoperative"),
        ("渗漏", "intraoperative"),
        ("age", "preoperative"),
    ],
)
def test_timing_is_guessed_from_the_name(name: str, timing: str) -> None:
    protocol, codebook = draft([Column(name, "numeric")], data="d", study_id="s")
    assert tomllib.loads(codebook)["variables"][name]["timing"] == timing
    compared = tomllib.loads(protocol)["analysis"]["compare"]
    assert compared == ([name] if timing == "preoperative" else [])


def test_the_template_waits_for_its_marked_lines(tmp_path: Path) -> None:
    path = tmp_path / "protocol.toml"
    path.write_text(template("s1"), encoding="utf-8")
    with pytest.raises(ProtocolError, match="has 3 problems"):
        load_protocol(path)


def test_names_are_quoted_where_formulas_need_it() -> None:
    assert quoted("年龄") == "年龄"
    assert quoted("bone cement") == "`bone cement`"
    assert quoted("in") == "`in`"
