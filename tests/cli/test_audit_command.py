"""`vertebrisk audit` as a user meets it: status, lines, files."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests.report.audit_example import FINE, SIGN, UNKNOWN

from vertebrisk.cli import main
from vertebrisk.evidence.audit import auditing
from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.audit.subject import Subject, subject_of
from vertebrisk.evidence.audit.values import Audit, Check
from vertebrisk.evidence.library import library
from vertebrisk.report.audit.document import audit_schema

ROOT = Path(__file__).resolve().parents[2]

TABLE = """\
Table 2. Multivariable logistic regression
Variable,B,SE,Wald,P,OR,95% CI
Age,0.045,0.021,4.592,0.032,1.046,1.004-1.090
Oedema,1.337,0.602,5.232,0.022,3.965,1.218-12.907
BMI,abc,,,0.300,,
"""


def answering(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    """Audits answer with these checks, whatever the paper."""

    def audit_subjects(subjects: Sequence[Subject]) -> Audit:
        own = tuple(replace(check, paper=subjects[0].id) for check in checks)
        ids = tuple(subject.id for subject in subjects)
        return Audit(ids, ids, own)

    monkeypatch.setattr(auditing, "audit_subjects", audit_subjects)


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of an audit that cannot run."""
    assert main(["audit", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    return lines[0]


def test_status_is_one_when_something_is_inconsistent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, SIGN, FINE)
    assert main(["audit", "li2021"]) == 1
    assert capsys.readouterr().out.startswith("li2021: 1 of 2 checks inconsistent\n")
    answering(monkeypatch, FINE, UNKNOWN)
    assert main(["audit", "li2021"]) == 0
    assert "none of 2 checks inconsistent, 1 not checkable" in capsys.readouterr().out


def test_json_is_the_document_of_the_schema(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answering(monkeypatch, SIGN, FINE)
    out = tmp_path / "made" / "audit.json"
    assert main(["audit", "li2021", "--json", "--out", str(out)]) == 1
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, audit_schema())
    assert json.loads(out.read_text(encoding="utf-8")) == document


def test_a_text_file_lists_every_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answering(monkeypatch, SIGN, FINE)
    out = tmp_path / "audit.txt"
    assert main(["audit", "li2021", "--out", str(out)]) == 1
    shown = capsys.readouterr().out
    assert f"Wrote {out}" in shown
    assert "Every check" not in shown
    assert "Every check" in out.read_text(encoding="utf-8")
    assert main(["audit", "li2021", "--all"]) == 1
    assert "Every check" in capsys.readouterr().out


def test_a_page_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answering(monkeypatch, SIGN)
    assert main(["audit", "li2021", "--out", str(tmp_path / "audit.html")]) == 1
    assert "Wrote" in capsys.readouterr().out
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert SIGN.message in page


def test_what_cannot_run_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "Did you mean 'chen2025'" in failure(capsys, "chen2024")
    assert "nothing to audit" in failure(capsys)
    assert "given 2 times" in failure(capsys, "li2021", "chen2025", "li2021")
    assert "must end with" in failure(capsys, "li2021", "--out", "audit.docx")
    protocol = tmp_path / "protocol.toml"
    protocol.write_text('[study]\nid = "x"\n', encoding="utf-8")
    assert "a protocol, and not a published study" in failure(capsys, str(protocol))


def test_a_file_of_ones_own_is_audited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from vertebrisk.evidence import library

    entry = Path(library.__file__).parent / "chen2025.toml"
    own = tmp_path / "own.toml"
    text = entry.read_text(encoding="utf-8").replace('id = "chen2025"', 'id = "mine2025"', 1)
    own.write_text(text, encoding="utf-8")
    assert main(["audit", str(own)]) in (0, 1)
    assert capsys.readouterr().out.startswith("mine2025: ")


def written(folder: Path, text: str, name: str = "table.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_table_is_audited_and_what_could_not_be_read_stands_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "--table", written(tmp_path, TABLE)]) == 1
    text = capsys.readouterr().out
    assert text.startswith("warning: ")
    assert "'abc'" in text.splitlines()[0]
    assert "table: 1 of " in text
    assert "B 1.377 in place of 1.337" in text
    page = tmp_path / "audit.html"
    assert main(["audit", "--table", str(tmp_path / "table.csv"), "--out", str(page)]) == 1
    assert "While it was read" in page.read_text(encoding="utf-8")


def test_an_unreadable_cell_alone_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = written(tmp_path, TABLE.replace("1.337", "1.377"))
    assert main(["audit", "--table", table, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, audit_schema())
    assert [each["code"] for each in document["reading"]] == ["unreadable-cell"]


def test_a_table_may_be_pasted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(TABLE.rstrip()))
    assert main(["audit", "--table", "-"]) == 1
    assert "B 1.377 in place of 1.337" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", None)
    assert "no standard input" in failure(capsys, "--table", "-")


def test_names_of_whole_numbers_reach_the_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["Variable,Pain (n=37),No pain (n=231),P", "Age,71.2±7.5,70.1±8.0,0.43"]
    table = written(tmp_path, "\n".join([*rows, "Stay,3.1±1.2,3.0±1.1,0.61"]))
    assert main(["audit", "--table", table, "--whole", " Age, "]) in (0, 1)
    capsys.readouterr()
    assert "'fractures' is said to be whole" in failure(
        capsys, "--table", table, "--whole", "fractures"
    )


def test_tables_that_cannot_be_audited_are_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = written(tmp_path, TABLE)
    assert "both given" in failure(capsys, "li2021", "--table", table)
    assert f"--table '{table}'" in failure(capsys, table)
    assert "--whole is for --table" in failure(capsys, "li2021", "--whole", "age")
    assert "does not exist" in failure(capsys, "--table", str(tmp_path / "nowhere.csv"))
    text = written(tmp_path, TABLE, "table.txt")
    assert "would overwrite" in failure(capsys, "--table", text, "--out", text)
    patients = "\n".join(["id,age,vas", *(f"{number},7{number % 10},3" for number in range(60))])
    lists = written(tmp_path, patients, "patients.csv")
    assert "patients.csv" in failure(capsys, "--table", lists)
    many = "\n".join(["Variable,B,SE,P", *(f"x{number},1.0,0.5,0.046" for number in range(1000))])
    assert "1,000 rows" in failure(capsys, "--table", written(tmp_path, many, "many.csv"))


def test_every_check_is_described() -> None:
    folder = Path(auditing.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    made = audit_subjects([subject_of(study) for study in library()])
    ids = {check.id for check in made.checks} | set(re.findall(r'\bid="([a-z-]+)"', source))
    text = (ROOT / "docs" / "howto" / "audit.md").read_text(encoding="utf-8")
    assert len(ids) > 20
    assert ids <= set(re.findall(r"`([a-z-]+)`", text))


def test_the_audit_of_li2021(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "li2021"]) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "repaired B 1.377 in place of 1.337" in text
    assert "RISK sign-of-coefficient (a sign or a word) where Table 4, " in text
    assert "CONCLUSION auc-is-c-index" in text
    assert text.index("RISK") < text.index("CONCLUSION") < text.index("Checks by kind")


def test_each_paper_of_several_has_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "li2021", "chen2025", "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {check["paper"] for check in checks} == {"li2021", "chen2025", ""}
