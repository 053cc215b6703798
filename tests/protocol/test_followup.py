"""Tables [[followup]] and [[agreement]] of a protocol are read and checked whole."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from tests.protocol.studies import PROTOCOL

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import Protocol, load_protocol, protocol_schema

FOLLOWUP = """
[[followup]]
name = "vas"
label = { en = "Pain (VAS)", zh = "疼痛（VAS）" }
scale = "vas"
time_unit = "days"
where = "ivc == 'Yes'"
visits = [
    { column = "vas_0", label = { en = "Before", zh = "术前" }, time = 0 },
    { column = "vas_3", label = "3 days", time = 3 },
]
"""
LONG = """
[[followup]]
name = "odi"
label = "Disability"
scale = "odi"
mcid = 12
visits = [{ value = 0, label = "Before" }, { value = "y1", label = "1 year" }]
[followup.file]
path = "odi.csv"
patient = "id"
visit = "when"
score = "odi"
"""
AGREEMENT = """
[[agreement]]
variable = "goutallier"
first = "goutallier_a"
second = "goutallier_b"
kind = "categorical"
"""


def loaded(folder: Path, added: str, *changes: tuple[str, str]) -> Protocol:
    for old, new in changes:
        assert old in added, old
        added = added.replace(old, new)
    path = folder / "protocol.toml"
    path.write_text(PROTOCOL + added, encoding="utf-8")
    return load_protocol(path)


def test_scores_and_readers_are_read(tmp_path: Path) -> None:
    protocol = loaded(tmp_path, FOLLOWUP + LONG + AGREEMENT)
    vas, odi = protocol.followup
    assert (vas.limits, vas.least_difference, vas.unit_text()) == ((0, 10), 2, "points")
    assert (odi.limits, odi.least_difference, odi.unit_text("zh")) == ((0, 100), 12, "%")
    assert [visit.source for visit in odi.visits] == ["0", "y1"]
    assert vas.tests == ("anova", "friedman", "t", "wilcoxon")
    assert protocol.agreement[0].first == "goutallier_a"
    jsonschema.validate(protocol.to_dict()["followup"], {"type": "array", "minItems": 2})


def test_the_schema_knows_the_tables() -> None:
    properties = protocol_schema()["properties"]
    assert {"followup", "agreement"} <= set(properties)


def test_a_protocol_without_them_has_none(tmp_path: Path) -> None:
    protocol = loaded(tmp_path, "")
    assert (protocol.followup, protocol.agreement) == ((), ())


@pytest.mark.parametrize(
    ("added", "old", "new", "words"),
    [
        (
            FOLLOWUP,
            "scale =",
            "scael =",
            r"Unknown key 'scael' in \[\[followup\]\] number 1.*'scale'",
        ),
        (FOLLOWUP, '"vas"\ntime', '"vsa"\ntime', "'scale' in .* is 'vsa'; allowed are vas, odi"),
        (FOLLOWUP, 'column = "vas_3"', 'colunm = "vas_3"', "Unknown key 'colunm' .*'column'"),
        (FOLLOWUP, "vas_3", "vas_0", "the visit 'vas_0' stands there twice"),
        (FOLLOWUP, ", time = 3", "", "give each visit its 'time', or none"),
        (FOLLOWUP, "time = 3", "time = 0", "must grow from visit to visit"),
        (FOLLOWUP, 'time_unit = "days"\n', "", "'time_unit' must say in what"),
        (FOLLOWUP, "ivc == 'Yes'", "ivc ==", "'where' in .*followup"),
        (FOLLOWUP, 'column = "vas_3"', 'value = "3"', "'value', which belongs to a 'file'"),
        (
            FOLLOWUP,
            '    { column = "vas_3", label = "3 days", time = 3 },\n',
            "",
            "has 1; it must have at least 2",
        ),
        (FOLLOWUP, "[[followup]]", "[[followup]]\ntests = []", "has 0; it must have at least 1"),
        (LONG, "value = 0", 'column = "odi_0"', "a visit has 'column', but the scores stand in"),
        (
            LONG,
            "odi.csv",
            "../odi.csv",
            r"'path' in \[followup.file\] is .* outside the protocol's",
        ),
        (LONG, "mcid = 12", "mcid = -1", "'mcid' in .* is -1; it must be more than 0"),
        (LONG, 'visit = "when"\n', "", "lacks 'visit', which is never optional"),
        (FOLLOWUP + FOLLOWUP, "[[", "[[", "Two tables .*are named 'vas'"),
        (AGREEMENT, '"goutallier_b"', '"goutallier_a"', "both readers are column 'goutallier_a'"),
        (AGREEMENT, '"categorical"', '"ordinal"', "allowed are categorical, continuous"),
        (AGREEMENT, '"categorical"', '"continuous"', 'has levels; its kind is "categorical"'),
        (AGREEMENT, '"goutallier"', '"goutalier"', "not described in .*Did you mean 'goutallier'"),
        (FOLLOWUP, "[[followup]]", "[followup]", r"write its table as \[\[followup\]\]"),
        (FOLLOWUP, "[[followup]]", "[[folowup]]", r"Unknown table \[folowup\].*'followup'"),
    ],
)
def test_a_mistake_is_one_clear_line(
    tmp_path: Path, added: str, old: str, new: str, words: str
) -> None:
    with pytest.raises(ProtocolError, match=words):
        loaded(tmp_path, added, (old, new))


def test_a_long_file_needs_the_patient_column(tmp_path: Path) -> None:
    text = PROTOCOL.replace('patient = "patient_id"\n', "")
    assert text != PROTOCOL
    path = tmp_path / "protocol.toml"
    path.write_text(text + LONG, encoding="utf-8")
    with pytest.raises(ProtocolError, match=r"so 'patient' in .study. must name the column"):
        load_protocol(path)
