"""A cohort made of a file in pieces has the patients, flow and findings of one made whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.protocols import protocol_text

from vertebrisk.cohort import Cohort, load_cohort
from vertebrisk.cohort.scanning import delimited as pieces
from vertebrisk.cohort.scanning import parquet
from vertebrisk.cohort.scanning.cohort import ScannedCohort
from vertebrisk.cohort.scanning.loading import load_scanned_cohort
from vertebrisk.engines import engine as engines
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.errors import DataError, ProtocolError, VertebriskError
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol, load_protocol
from vertebrisk.studies import embedded_protocol

ONLY_WHOLE = {"duplicate-rows", "duplicate-patients", "patient-missing"}
ONLY_IN_PIECES = {"not-compared", "column-not-kept"}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    cut(monkeypatch, 53)


def cut(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Have files read in pieces of about so many rows."""
    monkeypatch.setattr(engines, "CHUNK", rows)
    monkeypatch.setattr(parquet, "_CELLS", 15 * rows)
    monkeypatch.setattr(pieces, "_ROWS", rows)
    monkeypatch.setattr(pieces, "_BLOCK", 66 * rows)


def told(findings: tuple[Finding, ...]) -> list[Finding]:
    """What both ways of reading can find, in one order."""
    left_out = ONLY_WHOLE | ONLY_IN_PIECES
    return sorted(
        (replace(each, wording=None) for each in findings if each.code not in left_out),
        key=lambda each: (each.code, each.column, each.message),
    )


def assert_same(scanned: ScannedCohort, whole: Cohort) -> None:
    frame = pl.concat(list(scanned.patients.frames()))
    described = [each.name for each in whole.variables]
    assert_frame_equal(frame.select(described), whole.frame)
    np.testing.assert_array_equal(frame[scanned.event_column].to_numpy(), whole.event)
    assert (scanned.n, scanned.n_events) == (whole.n, whole.n_events)
    assert scanned.flow.steps == whole.flow.steps
    assert scanned.flow.n_read == whole.flow.n_read
    assert told(scanned.findings) == told(whole.findings)
    assert scanned.variables == whole.variables
    assert (scanned.analysed, scanned.constant) == (whole.analysed, whole.constant)
    assert scanned.data_sha256 == whole.data_sha256
    assert (scanned.source.encoding, scanned.source.separator) == (
        whole.source.encoding,
        whole.source.separator,
    )
    if whole.survival is not None:
        assert scanned.followed is not None
        columns = scanned.followed
        np.testing.assert_array_equal(frame[columns.time].to_numpy(), whole.survival.time)
        np.testing.assert_array_equal(frame[columns.status].to_numpy(), whole.survival.status)
        if columns.entry is not None:
            np.testing.assert_array_equal(frame[columns.entry].to_numpy(), whole.survival.entry)
        one, other = scanned.flow.follow_up, whole.flow.follow_up
        assert one is not None
        assert other is not None
        # sums of pieces round otherwise than the sum of all
        assert one.total == pytest.approx(other.total, rel=1e-13)
        assert replace(one, total=0.0) == replace(other, total=0.0)


@pytest.mark.parametrize("study", ["li2021", "anonymous2021", "anonymous2024"])
def test_the_embedded_studies(study: str) -> None:
    with embedded_protocol(study) as path:
        protocol = load_protocol(path)
        whole = load_cohort(protocol)
        scanned = load_scanned_cohort(protocol)
    assert_same(scanned, whole)
    assert_same(scanned.complete(whole.analysed), whole.complete(whole.analysed))


def messy(size: int) -> pl.DataFrame:
    """Patients with everything that a file may have against it."""
    rng = np.random.default_rng(5)
    known = rng.random(size) > 0.06
    start = [
        dt.date(2020, 1, 1) + dt.timedelta(days=int(day)) for day in rng.integers(0, 300, size)
    ]
    days = rng.integers(0, 400, size)
    return pl.DataFrame(
        {
            "patient": [f"P{each}" for each in range(size)],
            "age": np.where(rng.random(size) < 0.02, 300, rng.integers(40, 95, size)),
            "sex": rng.choice(["F", "M", "m?"], size, p=[0.6, 0.38, 0.02]),
            "site": rng.choice(["north", "south", "east"], size),
            "severity": rng.choice(["0", "1", "2", "9"], size, p=[0.5, 0.3, 0.15, 0.05]),
            "cleft": rng.choice([True, False], size),
            "height": pl.Series(rng.normal(20, 3, size)).set(pl.Series(~known), None),
            "above": np.where(rng.random(size) < 0.03, 0.0, rng.normal(25, 2, size)),
            "vas": pl.Series(rng.integers(0, 11, size)).set(
                pl.Series(rng.random(size) < 0.05), None
            ),
            "surgery": start,
            "last": [
                each + dt.timedelta(days=int(day)) for each, day in zip(start, days, strict=True)
            ],
            "died": rng.choice([0, 1], size, p=[0.9, 0.1]),
            "centre": ["one"] * size,
            "visit": [1] * size,
            "t_score": rng.normal(-2.8, 0.5, size),
        }
    )


VARIABLES = {
    "age": {"label": "Age", "plausible": [18, 110]},
    "sex": {"label": "Sex", "levels": ["F", "M", "X"]},
    "site": {"label": "Site"},
    "severity": {
        "label": "Severity",
        "codes": {"0": "none", "1": "some", "2": "much"},
        "levels": ["none", "some", "much"],
        "missing": [9],
    },
    "cleft": {"label": "Cleft"},
    "ratio": {"label": "Ratio", "derive": "100 * height / above", "plausible": [40, 110]},
    "centre": {"label": "Centre"},
    "visit": {"label": "Visit"},
}
NAMES = list(VARIABLES)


def study(folder: Path, frame: pl.DataFrame, suffix: str, **changed: Any) -> Protocol:
    """A protocol beside its file."""
    name = f"patients.{suffix}"
    if suffix == "csv":
        frame.write_csv(folder / name)
    else:
        frame.write_parquet(folder / name, row_group_size=50)
    tables: dict[str, Any] = {
        "variables": VARIABLES,
        "analysis": {"compare": NAMES, "candidates": NAMES},
        "include": [{"rule": "t_score <= -2", "reason": "Osteoporosis"}],
        "exclude": [
            {"rule": "height < 14", "reason": "Flat"},
            {"rule": "age < 45", "reason": "Young"},
        ],
        **changed,
    }
    written = {"data": name, "patient": "patient", **tables.pop("study", {})}
    text = protocol_text(study=written, **tables)
    text += '\n[[consistency]]\nrule = "age < 200"\nreason = "A human age"\n'
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return load_protocol(path)


FOLLOWED = {
    "kind": "time-to-event",
    "event": "vas >= 4",
    "time": "last - surgery",
    "time_unit": "days",
    "horizons": [180],
    "competing": "died == 1 and vas < 4",
    "time_point": "180 days",
}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("outcome", ["binary", "time-to-event"])
def test_a_file_with_everything_against_it(tmp_path: Path, suffix: str, outcome: str) -> None:
    changed = {} if outcome == "binary" else {"outcome": FOLLOWED}
    protocol = study(tmp_path, messy(300), suffix, **changed)
    whole = load_cohort(protocol)
    scanned = load_scanned_cohort(protocol)
    assert_same(scanned, whole)
    assert {"unknown-level", "beyond-plausible", "derived-not-finite", "inconsistent-row"} <= {
        each.code for each in scanned.findings
    }
    assert_same(scanned.complete(NAMES), whole.complete(NAMES))


def test_a_column_that_a_whole_piece_lacks_keeps_its_type(tmp_path: Path) -> None:
    frame = messy(200).with_columns(
        site=pl.when(pl.int_range(pl.len()) >= 80).then("site"),
        cleft=pl.when(pl.int_range(pl.len()) >= 80).then("cleft"),
    )
    protocol = study(tmp_path, frame, "parquet")
    assert_same(load_scanned_cohort(protocol), load_cohort(protocol))


def test_collinear_candidates_are_found_in_pieces(tmp_path: Path) -> None:
    row = pl.int_range(pl.len())
    late = pl.when(row >= 200).then("age").otherwise(row * row % 17)
    frame = messy(300).with_columns(pl.col("height").fill_null(20.0), late=late)
    variables = {
        **{name: {"label": name} for name in ("age", "height", "vas", "late")},
        "sum": {"label": "Sum", "derive": "age + 2 * height"},
        "nearly": {"label": "Nearly", "derive": "age + height * height"},
    }
    names = ["age", "height", "sum", "nearly", "late"]
    protocol = study(
        tmp_path,
        frame,
        "parquet",
        variables=variables,
        analysis={"compare": names, "candidates": names},
    )
    scanned, whole = load_scanned_cohort(protocol), load_cohort(protocol)
    assert_same(scanned, whole)
    assert [e.column for e in scanned.findings if e.code == "collinear-candidates"] == ["sum"]


def test_an_outcome_that_bears_a_variables_name_has_another_column(tmp_path: Path) -> None:
    variables = {**VARIABLES, "pain": {"label": "Pain", "derive": "vas + 0"}}
    protocol = study(tmp_path, messy(200), "csv", variables=variables)
    scanned = load_scanned_cohort(protocol)
    assert (scanned.event_name, scanned.event_column) == ("pain", "pain_")
    assert_same(scanned, load_cohort(protocol))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"include": [{"rule": "age > 500", "reason": "Old"}]}, "No row is left after the step"),
        ({"outcome": {"event": "vas >= 40"}}, "has 0 events among"),
        ({"outcome": {**FOLLOWED, "horizons": [4000]}}, "lies beyond the longest follow-up"),
        ({"outcome": {**FOLLOWED, "time": "surgery - last"}}, "'time' of .outcome. is negative"),
        ({"variables": {"age": {"label": "Age"}, "gone": {"label": "Gone"}},
          "analysis": {"compare": ["age", "gone"], "candidates": ["age"]}},
         "lacks a column .* 'gone'"),
        ({"variables": {**VARIABLES, "patient": {"label": "Patient"}},
          "analysis": {"compare": ["patient", *NAMES], "candidates": NAMES}},
         "holds 300 different texts"),
        ({"variables": {**VARIABLES, "site": {"label": "Site", "unit": "km"}}},
         "holds text where numbers belong"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_both_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, object], message: str
) -> None:
    cut(monkeypatch, 120)
    protocol = study(tmp_path, messy(300), "csv", **changed)
    for load in (load_cohort, load_scanned_cohort):
        with pytest.raises(VertebriskError, match=message):
            load(protocol)


def test_a_text_that_is_needed_and_cannot_be_held_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vertebrisk.cohort.scanning.profile.MOST_LABELS", 100)
    protocol = study(tmp_path, messy(300), "parquet")
    assert load_scanned_cohort(protocol).n > 0  # of patients' numbers none is asked for
    rule = {"rule": 'patient != "P3"', "reason": "Withdrew"}
    protocol = study(tmp_path, messy(300), "parquet", exclude=[rule])
    with pytest.raises(DataError, match=r"uses column 'patient' .* which cannot be held"):
        load_scanned_cohort(protocol)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"study": {"unit": "vertebra"}}, '"vertebra"'),
        (
            {"study": {"design": "case-control"}, "sampling": {"prevalence": 0.1}},
            "sampled controls",
        ),
        ({"missing": {"method": "imputation", "imputations": 5}}, "imputation"),
    ],
)
def test_what_needs_all_patients_at_once_is_refused_in_one_line(
    tmp_path: Path, changed: dict[str, object], what: str
) -> None:
    protocol = study(tmp_path, messy(100), "csv", **changed)
    with pytest.raises(ProtocolError, match=f'{what}.*engine = "memory"'):
        load_scanned_cohort(protocol)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_whoever_watches_is_told_how_far_the_reading_is(tmp_path: Path, suffix: str) -> None:
    protocol = study(tmp_path, messy(200), suffix)
    seen: list[tuple[str, int, int]] = []
    engine = LocalEngine(watch=lambda *step: seen.append(step))
    load_scanned_cohort(protocol, engine=engine).complete(NAMES)
    steps = list(dict.fromkeys(step for step, _, _ in seen))
    assert steps[:3] == ["looking through the file", "reading the file", "eligible patients"]
    for step in steps:
        done = [each for name, each, _ in seen if name == step]
        (total,) = {each for name, _, each in seen if name == step}
        assert done[0] == 0
        assert done[-1] == total
        assert len(done) > 3


def test_scratch_folders_go_with_the_cohort(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    protocol = study(tmp_path, messy(200), "parquet")
    scanned = load_scanned_cohort(protocol, scratch=scratch)
    assert len(list(scratch.iterdir())) == 1
    complete = scanned.complete(NAMES, scratch=scratch)
    del scanned
    assert len(list(scratch.iterdir())) == 1
    assert complete.n == complete.patients.n_rows
    del complete
    assert list(scratch.iterdir()) == []
    refused = study(tmp_path, messy(200), "parquet", outcome={"event": "vas >= 40"})
    with pytest.raises(DataError, match="both classes"):
        load_scanned_cohort(refused, scratch=scratch)
    assert list(scratch.iterdir()) == []
