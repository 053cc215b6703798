from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.protocol.studies import PROTOCOL, write_protocol

from vertebrisk.errors import DataError, ProtocolError
from vertebrisk.protocol import Localised, load_protocol, protocol_schema


def problems_of(path: Path) -> str:
    with pytest.raises(ProtocolError, match=r"protocol\.toml") as caught:
        load_protocol(path)
    return str(caught.value)


def test_the_protocol_of_li_2021_is_read(tmp_path: Path) -> None:
    protocol = load_protocol(write_protocol(tmp_path))
    assert protocol.study.id == "li2021"
    assert protocol.study.title.text("zh") == "术后残余腰背痛"
    assert protocol.outcome.label.text("zh") == "Residual back pain"
    assert protocol.variables["ivc"].ordered_levels == ("No", "Yes")
    assert protocol.variables["goutallier"].ordered_levels[0] == "0-1"
    assert protocol.variables["avhr"].plausible == (5.0, 120.0)
    assert protocol.analysis.select.method == "univariable"
    assert protocol.analysis.tests.numeric == "student"
    assert protocol.candidates == protocol.analysis.compare
    assert protocol.outcome_names == ("vas_mean",)
    assert protocol.data_path == tmp_path / "patients.csv"
    assert protocol.to_dict()["validation"]["threshold_range"] == [0.02, 0.5]


def test_a_protocol_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "protocol.toml"
    path.write_bytes(PROTOCOL.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_protocol(path).study.id == "li2021"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("alpha", "alhpa", r"Unknown key 'alhpa' in [analysis.select]. Did you mean 'alpha'?"),
        ("[outcome]", "[outcom]", "Unknown table [outcom]. Did you mean 'outcome'?"),
        ("reason = \"Ost", "reson = \"Ost",
         "Unknown key 'reson' in [[eligibility.include]] number 1"),
        ("zh = \"年龄\"", "cn = \"年龄\"", "Unknown key 'cn' in [variables.age.label]"),
        ("unit = \"years\"", "name = \"x\"", "Unknown key 'name' in [variables.age]"),
        ("time_point = \"1 month\"", "", "[outcome] lacks 'time_point', which is never optional."),
        ("seed = 20210430", "seed = 1.5",
         "'seed' in [validation] is 1.5; a whole number is needed."),
        ("resamples = 1000", "resamples = 0",
         "'resamples' in [validation] is 0; it must be at least 1."),
        ("resamples = 1000", "resamples = '9'",
         "'resamples' in [validation] is '9'; a whole number"),
        ("id = \"li2021\"", "id = 2021", "'id' in [study] is 2021; a text in quotes is needed."),
        ("design = \"cohort\"", "design = \"cohrt\"", "Did you mean 'cohort'?"),
        ("[18, 110]", "[110, 18]", "the first number must be less than the second"),
        ("[18, 110]", "[18]", "two numbers are needed"),
        ("[0.1, 0.2]", "[10, 20]",
         "'thresholds' in [validation], item 1 is 10; it must be less than 1."),
        ("[0.02, 0.5]", "[2, 50]", "both limits lie between 0 and 1"),
        ("vas_mean >= 4", "vas_mean => 4", "'event' in [outcome]"),
        ("vas_mean >= 4", "vas_mean = 4", "write '=='"),
        ("\"compare\"", "\"all\"", 'write "compare", or a list'),
        ("\"compare\"", "[\"agee\"]", "'agee' in 'candidates' of [analysis] is not described in "
         "[variables]. Did you mean 'age'?"),
        ("\"compare\"", "[\"rsc(age, 4)\"]", "Did you mean 'rcs'?"),
        ("\"compare\"", "[\"age + ivc\"]", "is not a term of a formula"),
        ("compare = [\"age\"", "compare = [\"agee\"", "'agee' in 'compare' of [analysis]"),
        ("use_at = \"postoperative\"", "use_at = \"preoperative\"", "known only later"),
        ("[\"Spongy\", \"Blocky\"]", "[\"Spongy\", \"Blob\"]", "level_labels names 'Blocky'"),
        ("patient = \"patient_id\"\nunit = \"patient\"", "unit = \"vertebra\"",
         "[study]: unit is 'vertebra', so 'patient' must name the column"),
        ("200 * avh", "200 * avhr", "'avhr' is derived from itself. Give the derived variable "
         "another name"),
        ("[variables.avhr]", "[variables.a]\nderive = \"b\"\ntiming = \"preoperative\"\n"
         "[variables.b]\nderive = \"a\"\ntiming = \"preoperative\"\n[variables.avhr]",
         "Derived variables need one another in a circle"),
        ("[0.1, 0.2]", "[nan]", "item 1 is nan; a finite number is needed"),
        ("[0.1, 0.2]", "[0.1, 0.2, 0.1]", "the threshold 0.1 stands there twice"),
        ("use_at = \"postoperative\"", "use_at = \"preoperative\"",
         "is an intraoperative variable"),
        ("tests = {", "terms = [\"rcs(agee, 3)\"]\ntests = {", "Did you mean 'age'?"),
        ("tests = {", "terms = [\"age*ivc\"]\ntests = {", "is an interaction; write it in"),
        ("candidates = \"compare\"", "candidates = [\"ivc\"]\nterms = [\"log(age)\"]",
         "shapes 'age', which is no candidate"),
        ("tests = {", "terms = [\"rcs(ivc, 3)\"]\ntests = {",
         "needs numbers, but 'ivc' has levels"),
        ("\"univariable\"", "\"univariable\", penalty = { value = 0.1 }",
         'penalty belongs to method = "lasso"; this one is "univariable"'),
        ("\"univariable\"", "\"univariable\", approximate = true",
         'approximate = true belongs to method = "backward"'),
        ("\"univariable\"", "\"univariable\", criterion = \"bic\"",
         'criterion = "bic" belongs to method = "backward"'),
        ("\"univariable\"", "\"lasso\", penalty = { mix = 0.5 }",
         'the penalty of a selection has no mix, and rule = "min" or "1se"'),
        ("\"univariable\"", "\"lasso\", penalty = { folds = 2 }", "at least 3"),
        ("\"univariable\"", "\"lasso\", penalty = { fold = 5 }", "Did you mean 'folds'"),
        ("tests = {", "mean_risk = \"flac\"\ntests = {",
         'mean_risk in [analysis] belongs to estimator = "firth" or "auto"'),
        ("[validation]", "[cox]\nties = \"efron\"\n[validation]", "[cox] is not in this version"),
    ],
)  # fmt: skip
def test_each_problem_is_one_clear_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write_protocol(tmp_path, (old, new))
    text = problems_of(path)
    assert message in text
    assert "Traceback" not in text


def test_a_single_problem_is_a_single_line(tmp_path: Path) -> None:
    assert "\n" not in problems_of(write_protocol(tmp_path, ('"univariable"', '"stepwise"')))


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    text = problems_of(
        write_protocol(
            tmp_path,
            ("alpha", "alhpa"),
            ("resamples = 1000", "resamples = true"),
            ("[18, 110]", "18"),
            ("vas_mean >= 4", "vas_mean >="),
            ('"patients.csv"', '"../patients.csv"'),
        )
    )
    assert text.startswith("protocol.toml has 5 problems:")
    assert len(text.splitlines()) == 6


def test_marked_lines_are_listed(tmp_path: Path) -> None:
    text = problems_of(
        write_protocol(
            tmp_path,
            ('event = "vas_mean >= 4"', 'event = "FILL-IN"'),
            ('time_point = "1 month"', 'time_point = "FILL-IN"'),
        )
    )
    assert "has 2 problems" in text
    assert "'event', is still marked FILL-IN" in text
    assert "'time_point', is still marked FILL-IN" in text


@pytest.mark.parametrize(
    "data",
    ["/etc/passwd", "../x.csv", "a/../../x.csv", "C:\\\\x.csv", "c:x.csv", "\\\\\\\\host\\\\x.csv",
     "..\\\\x.csv", "~/x.csv"],
)  # fmt: skip
def test_data_cannot_leave_the_folder(tmp_path: Path, data: str) -> None:
    path = write_protocol(tmp_path, ('"patients.csv"', f'"{data}"'))
    assert "lies outside the protocol's folder" in problems_of(path)
    assert load_protocol(path, other_data=True).study.id == "li2021"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text("a\n1\n")
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "patients.csv").symlink_to(tmp_path / "outside.csv")
    assert "outside" in problems_of(write_protocol(folder))


def test_a_codebook_beside_the_protocol_is_read(tmp_path: Path) -> None:
    head, age, rest = PROTOCOL.partition("[variables.age]")
    table, mark, tail = rest.partition("[variables.ivc]")
    (tmp_path / "codebook.toml").write_text(age + table, encoding="utf-8")
    named = ('unit = "patient"', 'unit = "patient"\ncodebook = "codebook.toml"')
    protocol = load_protocol(write_protocol(tmp_path, named, text=head + mark + tail))
    assert protocol.variables["age"].unit == Localised(en="years")
    assert "keep one" in problems_of(write_protocol(tmp_path, named))
    (tmp_path / "codebook.toml").write_text("[variabels.age]\n", encoding="utf-8")
    assert "codebook.toml: unknown table [variabels]" in problems_of(
        write_protocol(tmp_path, named)
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[study\n", r"not valid TOML: .*line 1"),
        (b'[study]\nid = "a"\nid = "b"\n', r"not valid TOML: .*line 3"),
        (b'[study]\ntitle = "\xd6\xd0"\n', r"not UTF-8 text \(line 2\)"),
        (b"#" * 1_000_001, r"1\.0 MB; at most 1 MB"),
        (b"", r"\[study\] is missing"),
        (b"x = " + b"[" * 100_000, r"nested too deeply|not valid TOML"),
        (b"study = 3\nvariables = 4\neligibility = 'x'\n", r"\[study\] is 3; a table is needed"),
    ],
)
def test_what_is_no_protocol_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "protocol.toml"
    path.write_bytes(content)
    with pytest.raises(ProtocolError, match=message):
        load_protocol(path)


@pytest.mark.parametrize("content", [b"id,age\n1,2\n", b"PK\x03\x04\xff", b"#" * 1_000_001])
@pytest.mark.parametrize("name", ["patients.csv", "Patients.XLSX"])
def test_a_table_is_no_protocol_and_drafts_one(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    assert str(caught.value) == (
        f"The protocol is a TOML file, and '{path}' is a table by its ending. "
        f"`vertebrisk new DIR --data {path}` drafts the protocol of such a table; give that."
    )


def test_a_workbook_by_another_name_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "protocol.toml"
    path.write_bytes(b"PK\x03\x04\xff")
    with pytest.raises(ProtocolError, match="is a workbook or another archive by its content"):
        load_protocol(path)


def test_a_protocol_may_be_named_like_a_text(tmp_path: Path) -> None:
    path = tmp_path / "protocol.toml.txt"
    path.write_bytes(b"")
    with pytest.raises(ProtocolError, match=r"\[study\] is missing"):
        load_protocol(path)


def test_a_missing_protocol_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        load_protocol(tmp_path / "protocol.toml")


def test_rules_never_run_code_and_never_exhaust_the_stack(tmp_path: Path) -> None:
    attack = "__import__('os').system('true') == 0"
    assert "'event' in [outcome]" in problems_of(
        write_protocol(tmp_path, ("vas_mean >= 4", attack))
    )
    deep = "(" * 10_000 + "vas_mean" + ")" * 10_000
    text = problems_of(write_protocol(tmp_path, ("vas_mean >= 4", deep)))
    assert "nest" in text
    assert len(text) < 1000
    long = "vas_mean" + " + 1" * 5_000 + " >= 4"
    assert "at most 5000" in problems_of(write_protocol(tmp_path, ("vas_mean >= 4", long)))


def test_terms_shape_candidates(tmp_path: Path) -> None:
    protocol = load_protocol(
        write_protocol(tmp_path, ("tests = {", 'terms = ["rcs(age, 4)"]\ntests = {'))
    )
    assert protocol.model_terms[:2] == ("rcs(age, 4)", "t_score")
    stray = ("tests = {", 'terms = ["rcs(bmi, 4)"]\ntests = {')
    assert "names 'bmi', which is not described" in problems_of(write_protocol(tmp_path, stray))


def test_candidates_may_be_terms_and_names_in_any_script(tmp_path: Path) -> None:
    protocol = load_protocol(
        write_protocol(
            tmp_path,
            (
                "[variables.age]",
                '[variables."骨水泥 量"]\ntiming = "intraoperative"\n[variables.age]',
            ),
            ('"compare"', '["骨水泥 量", "log(age)", "age:ivc"]'),
        )
    )
    assert protocol.model_terms == ("`骨水泥 量`", "log(age)", "age:ivc")
    assert protocol.candidate_names == ("骨水泥 量", "age", "ivc")
    assert protocol.variables["骨水泥 量"].label.text() == "骨水泥 量"


def test_what_decides_the_outcome_is_no_candidate(tmp_path: Path) -> None:
    described = (
        "[variables.age]",
        '[variables.vas_mean]\ntiming = "preoperative"\n[variables.age]',
    )
    compared = ("compare = [", 'compare = ["vas_mean", ')
    protocol = load_protocol(write_protocol(tmp_path, described, compared))
    assert "vas_mean" in protocol.analysis.compare
    assert "vas_mean" not in protocol.candidates
    listed = ('"compare"', '["vas_mean"]')
    assert "decides the outcome" in problems_of(write_protocol(tmp_path, described, listed))


def test_the_schema_follows_the_tables() -> None:
    schema = protocol_schema()
    assert set(schema["required"]) == {"study", "outcome", "analysis", "validation"}
    assert "name" not in schema["$defs"]["Variable"]["properties"]
    assert schema["$defs"]["Study"]["additionalProperties"] is False


CODED = "[variables.age]\nmodifiable = true\ncodings = [{ system = 'loinc', code = '30525-0' }]"


def test_codes_units_in_both_languages_and_what_may_be_changed(tmp_path: Path) -> None:
    unit = ('unit = "years"', 'unit = { en = "years", zh = "岁" }')
    protocol = load_protocol(write_protocol(tmp_path, ("[variables.age]", CODED), unit))
    info = protocol.variables["age"].info((), "en")
    assert (info.unit, info.ucum, info.modifiable) == ("years", "a", True)
    assert info.translations == {"zh": {"label": "年龄", "unit": "岁"}}
    assert [(each.system, each.code) for each in info.codings] == [("http://loinc.org", "30525-0")]
    chinese = protocol.variables["cement_distribution"].info(("Spongy", "Blocky"), "zh")
    assert chinese.level_labels == ("Spongy", "团块状")
    assert chinese.translations["en"]["level_labels"] == ("Spongy", "Blocky")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("code = '30525-1'", "'codings' in [variables.age], item 1: '30525-1' is no code of LOINC"),
        ("code = '30525-0', nam = 'Age'", "Unknown key 'nam' in [[variables.age.codings]]"),
        ("display = 'Age'", "lacks 'code'"),
        ("code = 305250", "a text in quotes is needed"),
    ],
)
def test_a_code_that_is_none_is_told(tmp_path: Path, written: str, told: str) -> None:
    wrong = CODED.replace("code = '30525-0'", written)
    assert told in problems_of(write_protocol(tmp_path, ("[variables.age]", wrong)))


def test_codes_of_a_level_that_is_none_and_a_unit_of_levels(tmp_path: Path) -> None:
    levels = (
        "[variables.ivc]\nlevel_codings = { Maybe = [{ system = 'snomed', code = '373066001' }] }"
    )
    assert "level_codings names 'Maybe', which is not one of the levels" in problems_of(
        write_protocol(tmp_path, ("[variables.ivc]", levels))
    )
    assert "ucum is the unit of a number" in problems_of(
        write_protocol(tmp_path, ("[variables.ivc]", "[variables.ivc]\nucum = 'mm'"))
    )


def test_a_label_is_one_line_of_visible_characters(tmp_path: Path) -> None:
    change = ('"Age", zh = "年龄"', r'"Age\r\nof\u001b[1m\tlife\u0000", zh = "年\n龄"')
    label = load_protocol(write_protocol(tmp_path, change)).variables["age"].label
    assert label == Localised(en="Age of [1m life", zh="年 龄")
    empty = ('"Osteoporosis on DXA"', r'"\u0001\n"')
    assert "a text is needed" in problems_of(write_protocol(tmp_path, empty))
