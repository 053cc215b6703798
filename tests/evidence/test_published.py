"""Published studies: what a file must be, and what is never asked of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import vertebrisk.evidence.library
from vertebrisk.errors import DataError, PaperError
from vertebrisk.evidence.library import find_study, library, library_ids, library_study
from vertebrisk.evidence.loading import load_study
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import PublishedStudy, study_schema
from vertebrisk.report.render_study import render_study

STUDY = """
schema_version = 1
id = "lin2020"
[citation]
title = "Pain"
language = "en"
source = "paper"
[design]
kind = "cohort"
model = "logistic"
n = { value = "30", place = "Abstract" }
n_events = { value = "10", place = "Abstract" }
[outcome]
name = "pain"
label = "Pain"
kind = "binary"
definition = "VAS of 4 or more"
place = "Methods"
[variables.age]
label = { en = "Age", zh = "年龄" }
timing = "preoperative"
[variables.cleft]
label = "Cleft"
levels = ["No", "Yes"]
timing = "preoperative"
[[groups]]
name = "No pain"
event = false
n = "21"
place = "Table 1"
[[groups]]
name = "Pain"
event = true
n = "10"
place = "Table 1"
[[compared]]
variable = "age"
place = "Table 1"
mean_sd = ["71.2±5.3", "74.0±6.1"]
p_value = "＜0.05"
[[compared]]
variable = "cleft"
place = "Table 1"
levels = { No = ["15(75.0%)", "4(40%)"], Yes = { count = ["5", "6"] } }
[[model]]
id = "final"
kind = "logistic"
place = "Table 2"
[[model.coefficient]]
term = "cleft"
level = "Yes"
ratio_conf = "4.500(0.9~22.4)"
[[statement]]
text = "Older patients had more pain"
place = "Results"
variable = "age"
direction = "higher"
"""


def load(tmp_path: Path, text: str) -> PublishedStudy:
    path = tmp_path / "lin2020.toml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


def refusal(tmp_path: Path, old: str, new: str) -> str:
    assert old in STUDY
    with pytest.raises(PaperError) as caught:
        load(tmp_path, STUDY.replace(old, new, 1))
    return str(caught.value)


def printed_in(value: Any) -> list[Printed]:
    """Every printed number below a value."""
    if isinstance(value, Printed):
        return [value]
    if isinstance(value, dict):
        return [number for each in value.values() for number in printed_in(each)]
    if isinstance(value, tuple):
        return [number for each in value for number in printed_in(each)]
    if hasattr(type(value), "model_fields"):
        return [number for name in type(value).model_fields
                for number in printed_in(getattr(value, name))]  # fmt: skip
    return []


def test_cells_are_taken_apart_and_contradictions_stay(tmp_path: Path) -> None:
    study = load(tmp_path, STUDY)
    age, cleft = study.compared
    assert [each.text for each in age.mean] == ["71.2", "74.0"]
    assert [each.text for each in age.sd] == ["5.3", "6.1"]
    assert age.p_value is not None
    assert age.p_value.covers(0.01)
    assert [each.text for each in cleft.levels["No"].percent] == ["75.0", "40"]
    row = study.model[0].coefficient[0]
    assert row.conf_high == Printed.parse("22.4")
    # 21 and 10 are not 30, and 15 of 20 is not 15 of 21: print is kept, not judged.
    assert (study.n, study.n_events) == (30, 10)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "Pain"', 'titel = "Pain"', "Unknown key 'titel' in [citation]. Did you mean"),
        ('mean_sd = [', 'mean_ds = [', "Unknown key 'mean_ds' in [[compared]] number 1. Did you"),
        ('"74.0±6.1"]', '"74.0 by 6.1"]', "'74.0 by 6.1' is not a mean with its SD"),
        ('n = "21"', "n = 21", "21 stands without quotes"),
        ('n = "21"', 'n = "21 patients"', "'21 patients' among the printed numbers is not"),
        ('["71.2±5.3", "74.0±6.1"]', '["71.2±5.3"]', "(age) has 1 numbers; there are 2 groups"),
        ("Yes = { count = [", "Ja = { count = [", "the level 'Ja' of 'cleft', whose levels are"),
        ('term = "cleft"', 'term = "clefts"', "about 'clefts', which [variables] does not have"),
        ('variable = "age"\ndir', 'variable = "agee"\ndir', "[[statement]] number 1 is about"),
        ('name = "Pain"', 'name = "No pain"', "Two entries of [[groups]] are called 'No pain'"),
        ('kind = "cohort"', 'kind = "case-control"', "[design.population] must say from whom"),
        ('id = "lin2020"', 'id = "Lin 2020"', "use small letters and digits"),
        ("schema_version = 1", "schema_version = 2", "has schema_version 2; this version"),
        ('timing = "pre', 'plausible = [{}, 1]\ntiming = "pre', "two numbers are needed"),
        ('timing = "pre', 'plausible = [0, inf]\ntiming = "pre', "two finite numbers"),
        ("4.500(0.9~22.4)", "4.500", "is not a ratio with its interval"),
        ("Pain\"\nlanguage", "FILL-IN\"\nlanguage", "'title', is still marked FILL-IN"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_said(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert told in refusal(tmp_path, old, new)


def test_a_file_of_another_kind_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "protocol.toml"
    for text, told in (('[study]\nid = "x"\n', "a protocol, and not"), ("", "is not a published")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PaperError, match=told) as caught:
            load_study(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        ('selecton = { value = "lasso", place = "Methods" }', "Did you mean 'selection'"),
        ('selection = { value = "lasso" }', "[methods.selection] lacks 'place'"),
        ('selection = { value = "luck", place = "Methods" }', "is 'luck'"),
        ('test_numbers = { value = ["z"], place = "Methods" }', "'z'"),
        ('test_numbers = { value = [], place = "Methods" }', "leave the key out"),
        ('calibration = { value = ["none", "plot"], place = "M" }', "'none' stands beside others"),
        ('outcome_uses = { value = ["agee"], place = "M" }', "about 'agee', which [variables]"),
        ('alpha = { value = 0.05, place = "M" }', "0.05 stands without quotes"),
    ],
)
def test_what_the_methods_cannot_say_is_refused(tmp_path: Path, methods: str, told: str) -> None:
    assert told in refusal(tmp_path, "[variables.age]", f"[methods]\n{methods}\n[variables.age]")


def test_what_the_methods_say_is_kept_with_its_place(tmp_path: Path) -> None:
    said = 'test_numbers = { value = ["t", "mannwhitney"], place = "Methods, 2.3" }'
    study = load(tmp_path, STUDY.replace("[variables.age]", f"[methods]\n{said}\n[variables.age]"))
    tests = study.methods.test_numbers
    assert tests is not None
    assert (tests.value, tests.place) == (("t", "mannwhitney"), "Methods, 2.3")
    assert study.methods.test_categories is None
    assert "test numbers: t, mannwhitney [Methods, 2.3]" in render_study(study)


def test_a_cut_number_has_levels(tmp_path: Path) -> None:
    told = refusal(tmp_path, 'timing = "pre', 'cut = true\ntiming = "pre')
    assert "cut is for numbers that were cut into levels" in told


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = STUDY.replace('title = "Pain"', "").replace('n = "21"', 'n = "many"')
    with pytest.raises(PaperError, match="has 2 problems"):
        load(tmp_path, text)


def test_a_file_that_is_no_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(PaperError, match="is not valid TOML"):
        load(tmp_path, "id = ")


def test_a_table_is_no_paper_and_goes_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "table1.csv"
    path.write_text("id,age\n", encoding="utf-8")
    with pytest.raises(PaperError, match=r"is a table by its ending.*new DIR --paper.*--table"):
        load_study(path)


def test_a_study_is_found_by_id_or_path(tmp_path: Path) -> None:
    load(tmp_path, STUDY)
    assert find_study(tmp_path / "lin2020.toml").id == "lin2020"
    assert find_study("li2021") is library_study("li2021")
    with pytest.raises(DataError, match="Did you mean 'li2021'"):
        find_study("li2012")
    with pytest.raises(DataError, match="has no study 'li2012'"):
        library_study("li2012")


@pytest.mark.parametrize("study_id", library_ids())
def test_a_library_entry_is_whole(study_id: str) -> None:
    study = library_study(study_id)
    assert study.id == study_id
    assert len(printed_in(study)) >= 10
    assert study.n == sum(group.n.value for group in study.groups)
    events = sum(group.n.value for group in study.groups if group.event)
    assert study.n_events == events
    for row in study.compared:
        assert row.lists or row.p_value is not None
    # Guards against slips in copying; a contradiction of the paper itself has a remark.
    for row in study.compared:
        for level in row.levels.values():
            cells = zip(level.count, level.percent, study.groups, strict=False)
            for count, percent, group in cells:
                assert row.remark or percent.covers(100 * count.value / group.n.value)


def test_the_schema_accepts_every_entry_as_written() -> None:
    schema = study_schema()
    validator = jsonschema.Draft202012Validator(schema)
    folder = Path(vertebrisk.evidence.library.__file__).parent
    texts = [(folder / f"{name}.toml").read_text(encoding="utf-8") for name in library_ids()]
    for document in map(tomllib.loads, [STUDY, *texts]):
        assert list(validator.iter_errors(document)) == []
    for study in library():
        assert list(validator.iter_errors(study.to_dict())) == []
    assert list(validator.iter_errors({"id": "lin2020"}))
