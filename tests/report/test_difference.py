"""What changed between two runs: found whatever it is, said in words and numbers, in en and zh."""

from __future__ import annotations

import copy
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk._types import Language
from vertebrisk.cli import main
from vertebrisk.errors import DataError
from vertebrisk.report.difference.changes import Difference, compare_runs
from vertebrisk.report.difference.page import difference_page
from vertebrisk.report.difference.reading import read_run
from vertebrisk.report.difference.text import render_difference
from vertebrisk.report.difference.walking import walk
from vertebrisk.report.page.html import html_page
from vertebrisk.report.sentences.difference import SENTENCES
from vertebrisk.report.words import Words

GOLDEN = Path(__file__).parents[1] / "golden" / "results.json"
Change = Callable[[dict[str, Any]], None]


def compared(folder: Path, change: Change) -> Difference:
    """The golden run beside itself with one change."""
    document = json.loads(GOLDEN.read_text(encoding="utf-8"))
    change(document)
    after = folder / "after.json"
    after.write_text(json.dumps(document), encoding="utf-8")
    return compare_runs(read_run(GOLDEN), read_run(after))


def nothing(document: dict[str, Any]) -> None:
    pass


def told(found: Difference) -> str:
    return " ".join(render_difference(found, Words("en")).split())


def test_two_equal_runs_are_said_to_be_the_same(tmp_path: Path) -> None:
    found = compared(tmp_path, nothing)
    assert found.identical
    assert "The two results are the same: all" in told(found)
    assert not any(tally.differs for tally in found.tallies)
    assert found.tallies[0].same == 0
    assert sum(tally.same for tally in found.tallies) > 3000


def test_rounding_is_no_change_and_is_counted(tmp_path: Path) -> None:
    def nudge(document: dict[str, Any]) -> None:
        document["c_index"]["estimate"] *= 1 + 1e-13

    found = compared(tmp_path, nudge)
    assert found.identical
    assert "Of these, 1 differ by rounding alone" in told(found)


def test_a_seed_alone_is_named_as_the_cause(tmp_path: Path) -> None:
    def reseed(document: dict[str, Any]) -> None:
        document["study"]["seed"] = 7
        row = document["validation"]["table"][0]
        row["corrected"] += 2.1 * row["mc_error"] * 2**0.5

    found = compared(tmp_path, reseed)
    text = told(found)
    assert "Of the settings that results.json records, the seed alone differs: if the" in text
    assert "Random seed: 20210430 → 7" in text
    assert "Other resamples alone would seldom make so large a change" in text
    assert "C-index, corrected: 0.711 (0.610 to 0.768) before, 0.729" in text


def test_a_small_move_is_within_what_resampling_makes(tmp_path: Path) -> None:
    def shift(document: dict[str, Any]) -> None:
        row = document["validation"]["table"][0]
        row["corrected"] += 1.9 * row["mc_error"] * 2**0.5

    text = told(compared(tmp_path, shift))
    assert "Other resamples alone could make a change of that size" in text
    assert "would seldom" not in text
    assert "it does not hold the whole protocol" in text


def test_predictors_that_enter_and_leave_are_named(tmp_path: Path) -> None:
    def swap(document: dict[str, Any]) -> None:
        rows = document["multivariable"]
        gone = next(row for row in rows if row["term"] == "ivc")
        rows.remove(gone)
        rows.append({**gone, "term": "age", "label": "Age {years} 100%", "level": None})
        rows[-1]["level_label"] = None

    found = compared(tmp_path, swap)
    assert found.entered == ("Age {years} 100%",)
    assert found.left == ("Intravertebral vacuum cleft",)
    assert "New in the model: Age {years} 100%." in told(found)
    assert "No longer in the model: Intravertebral vacuum cleft." in told(found)


def test_the_coefficient_that_moved_most_is_told_with_both_values(tmp_path: Path) -> None:
    def move(document: dict[str, Any]) -> None:
        for row in document["multivariable"]:
            if row["term"] == "ivc":
                row["estimate"] += 0.1
                row["ratio"] *= 1.1

    text = told(compared(tmp_path, move))
    assert "moved most is that of Intravertebral vacuum cleft: Yes: from 3.79 (1.18 to" in text
    assert "to 4.17" in text


def test_patients_candidates_and_findings(tmp_path: Path) -> None:
    def alter(document: dict[str, Any]) -> None:
        document["flow"].update(n=260, n_events=35)
        document["flow"]["steps"][0].update(removed=8, remaining=260)
        document["univariable"][0]["selected"] = True
        document["findings"][0]["message"] = "Something else."
        document["findings"].append(
            {"code": "new-one", "severity": "note", "message": "New.", "column": "age"}
        )

    text = told(compared(tmp_path, alter))
    assert "268 analysed with 37 events before; 260 with 35 after." in text
    assert "Carried forward now, not before: Sex." in text
    assert "1 new, 0 gone, 1 read otherwise." in text
    assert "new: new-one: New." in text


def checklist(verdict: str) -> dict[str, Any]:
    entry = {"number": "1", "name": "Title", "verdict": verdict, "text": ""}
    return {"key": "tripod", "name": "TRIPOD+AI", "parts": [{"key": "title", "entries": [entry]}]}


def test_a_line_of_a_checklist_that_is_judged_otherwise_is_shown(tmp_path: Path) -> None:
    document = json.loads(GOLDEN.read_text(encoding="utf-8"))
    runs = []
    for verdict in ("partly", "reported"):
        path = tmp_path / f"{verdict}.json"
        path.write_text(json.dumps({**document, "checklists": [checklist(verdict)]}))
        runs.append(read_run(path))
    found = compare_runs(*runs)
    assert found.to_dict()["checklists"] == [
        {"checklist": "TRIPOD+AI", "number": "1", "before": "partly", "after": "reported"}
    ]
    assert "TRIPOD+AI 1 Title partly reported" in told(found)


def test_another_study_is_no_change_of_this_one(tmp_path: Path) -> None:
    def rename(document: dict[str, Any]) -> None:
        document["study"]["id"] = "other"

    found = compared(tmp_path, rename)
    assert found.other_study
    assert "are not of one study" in told(found)
    assert told(found).startswith("What changed: li2021 and other")


def test_another_language_alone_changes_only_the_page(tmp_path: Path) -> None:
    def translate(document: dict[str, Any]) -> None:
        document["study"]["language"] = "zh"

    found = compared(tmp_path, translate)
    assert not found.facts
    assert "The page alone differs in: Language." in told(found)


def test_every_number_is_walked_over(tmp_path: Path) -> None:
    """Whatever single number is changed, wherever it stands, it is found."""
    document = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for part, value in document.items():
        changed = copy.deepcopy(document)
        if not _move_first_number(changed, part, value):
            continue
        tallies = {tally.part: tally for tally in walk(document, changed)}
        assert [name for name, tally in tallies.items() if tally.differs] == [part]


def _move_first_number(inside: Any, key: Any, value: Any) -> bool:
    if isinstance(value, float):
        inside[key] = value + 1.0
        return True
    if isinstance(value, dict):
        return any(_move_first_number(value, name, each) for name, each in value.items())
    if isinstance(value, list):
        return any(_move_first_number(value, place, each) for place, each in enumerate(value))
    return False


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(-9, 9), st.text(max_size=3))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["term", "level", "a", "b"]), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(TREES, TREES)
def test_a_walk_finds_a_difference_where_there_is_one(one: Any, other: Any) -> None:
    (tally,) = walk({"part": one}, {"part": other})
    assert not walk({"part": one}, {"part": one})[0].differs
    (back,) = walk({"part": other}, {"part": one})
    assert (tally.changed, tally.gone, tally.texts) == (back.changed, back.added, back.texts)
    if not tally.differs and tally.rounded == 0:
        assert _plain(one) == _plain(other)


def _plain(value: Any) -> Any:
    """A document without what holds no value."""
    if isinstance(value, dict):
        inside = {name: _plain(each) for name, each in value.items()}
        return {name: each for name, each in inside.items() if each is not None} or None
    if isinstance(value, list):
        entries = [_plain(each) for each in value]
        while entries and entries[-1] is None:
            entries.pop()
        return entries or None
    return value


def test_sentences_have_the_same_places_in_both_languages() -> None:
    for english, chinese in SENTENCES.values():
        places = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in (english, chinese)
        ]
        assert places[0] == places[1], english


def test_the_page_is_whole_in_both_languages(tmp_path: Path) -> None:
    def move(document: dict[str, Any]) -> None:
        document["study"]["title"] = "<script>alert(1)</script>"
        document["study"]["seed"] = 1
        document["validation"]["table"][0]["corrected"] = 0.5

    found = compared(tmp_path, move)
    headings: dict[Language, str] = {"en": "Two runs compared", "zh": "两次运行的比较"}
    for language, heading in headings.items():
        page = html_page(difference_page(found, Words(language)), {})
        assert heading in page
        assert "<script" not in page
        assert "0.500" in page


def test_json_has_every_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--diff", str(GOLDEN), str(GOLDEN), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["kind"] == "vertebrisk-difference"
    assert document["identical"] is True
    assert len(document["performance"]) == 11
    assert document["before"]["sha256"] == document["after"]["sha256"]


def test_a_folder_of_a_run_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "results.json").write_bytes(GOLDEN.read_bytes())
    out = tmp_path / "out"
    assert main(["report", "--diff", str(folder), str(GOLDEN), "--out", str(out)]) == 0
    assert sorted(each.name for each in out.iterdir()) == ["difference.html", "difference.json"]
    assert "difference.html" in capsys.readouterr().out


def test_word_and_tables_of_two_runs_compared(tmp_path: Path) -> None:
    runs = ["--diff", str(GOLDEN), str(GOLDEN)]
    out = tmp_path / "out"
    assert main(["report", *runs, "--out", str(out), "--formats", "docx,xlsx,tex"]) == 0
    assert {each.name for each in out.iterdir()} == {
        "difference.docx", "difference.html", "difference.json", "tables.tex", "tables.xlsx",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--formats", "svg,pdf"], "have no figure"),
        (["--journal", "lancte"], "Did you mean 'lancet'"),
        (["--out", str(GOLDEN)], "is a file; name a folder"),
    ],
)
def test_what_cannot_be_written_gets_one_line(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--diff", str(GOLDEN), str(GOLDEN), *options]) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""


def test_the_folder_of_a_run_is_not_written_into(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_text('{"schema": "vertebrisk/manifest"}')
    assert main(["report", "--diff", str(GOLDEN), str(GOLDEN), "--out", str(tmp_path)]) == 2
    assert "holds the report of a study" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe\x00", "is not JSON"),
        (b"{", "is not JSON"),
        (b'{"kind": NaN}', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "does not hold the results of a run"),
        (b'{"kind": "vertebrisk-pool"}', "does not hold the results of a run"),
        (b'{"kind": "vertebrisk-results", "schema_version": "9"}', "has schema version '9'"),
        (b'{"kind": "vertebrisk-results", "schema_version": "1.0"}', "is not whole: at data_kind"),
    ],
    ids=["binary", "cut", "nan", "deep", "list", "pool", "version", "empty"],
)
def test_what_is_no_results_file_gets_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_run(path)
    assert main(["report", "--diff", str(GOLDEN), str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_a_missing_file_gets_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--diff", str(GOLDEN), str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err
