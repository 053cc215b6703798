"""A library entry started by `vertebrisk new DIR --paper`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from vertebrisk.cli import main
from vertebrisk.errors import DataError, PaperError
from vertebrisk.evidence.drafting import new_paper, paper_template
from vertebrisk.evidence.loading import load_study
from vertebrisk.evidence.published import PublishedStudy

FILLED = {
    "title": "Pain after vertebroplasty",
    "source": "paper",
    "kind": "cohort",
    "n": "268",
    "n_events": "37",
    "definition": "VAS of 4 or more",
    "place": "Table 1",
}


def filled(text: str) -> str:
    """The template as a person fills it in, examples made part of it."""
    lines = []
    for line in text.splitlines():
        key = line.split("=")[0].strip()
        value, place = FILLED.get(key, ""), FILLED["place"]
        line = line.replace('value = "FILL-IN"', f'value = "{value}"')
        line = line.replace('place = "FILL-IN"', f'place = "{place}"')
        lines.append(line.replace("FILL-IN", value))
    return "\n".join(lines)


def test_a_draft_is_refused_until_its_marked_lines_are_filled_in(tmp_path: Path) -> None:
    path = new_paper(tmp_path / "Lin2021")
    assert path.name == "lin2021.toml"
    text = path.read_text(encoding="utf-8")
    marked = sum("FILL-IN" in line for line in text.splitlines() if not line.startswith("#"))
    with pytest.raises(PaperError, match=f"has {marked} problems") as caught:
        load_study(path)
    assert str(caught.value).count("is still marked FILL-IN") == marked
    path.write_text(filled(text), encoding="utf-8")
    assert load_study(path).id == "lin2021"


def test_every_example_of_the_template_is_right(tmp_path: Path) -> None:
    text = filled(paper_template("lin2021"))
    body = text[text.index("schema_version") :]
    # an example is a comment that would be TOML: a key with a value, or a table's header
    body = re.sub(r"^# (?=[a-z_]+ = |\[\[)", "", body, flags=re.MULTILINE)
    # tables may not be reopened: examples that stand inside one come before its next
    path = tmp_path / "lin2021.toml"
    path.write_text(body, encoding="utf-8")
    study = load_study(path)
    assert isinstance(study, PublishedStudy)
    assert study.compared[0].sd[1].text == "6.10"
    assert study.compared[1].levels["Yes"].percent[0].text == "6.1"
    row = study.model[0].coefficient[0]
    assert row.conf_high is not None
    assert row.conf_high.text == "12.227"
    assert study.statement[0].direction == "higher"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    new_paper(tmp_path / "lin2021")
    with pytest.raises(DataError, match="exists and is not overwritten"):
        new_paper(tmp_path / "lin2021")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="is a file"):
        new_paper(tmp_path / "file")


@pytest.mark.parametrize(("folder", "name"), [("2021", "paper"), ("李 2021", "paper"),
                                              ("Li et al. 2021", "lietal2021")])  # fmt: skip
def test_the_id_is_made_from_the_folder(tmp_path: Path, folder: str, name: str) -> None:
    path = new_paper(tmp_path / folder)
    assert path.stem == name
    assert f'id = "{name}"' in path.read_text(encoding="utf-8")


def test_the_command_says_what_is_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "lin2021"
    assert main(["new", str(folder), "--paper"]) == 0
    text = capsys.readouterr().out
    assert "vertebrisk library show" in text
    assert main(["library", "show", str(folder / "lin2021.toml")]) == 2
    assert "is still marked FILL-IN" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "chen"), "--paper", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == [str(tmp_path / "chen" / "chen.toml")]
