"""A plan answers what an appraisal would object to, and never sees who had the event."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.protocols import write_study

from vertebrisk.cohort import check_study
from vertebrisk.findings import count_by_severity
from vertebrisk.studies import embedded_ids, embedded_protocol
from vertebrisk.study.planning import AnalysisPlan, plan_study
from vertebrisk.study.planning.editing import Change, edited

NUMBER: Mapping[str, Any] = {"unit": "years"}
YES: Mapping[str, Any] = {"levels": ["No", "Yes"]}
N = 300


def patients(n: int = N, events: int = 60, seed: int = 5) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    vas = np.full(n, 2)
    vas[random.choice(n, events, replace=False)] = 6
    return {
        "vas": vas.tolist(),
        "age": np.round(random.normal(70, 8, n), 1).tolist(),
        "bmi": np.round(random.normal(23, 3, n), 1).tolist(),
        "ivc": random.choice(["No", "Yes"], n).tolist(),
        "grade": random.choice(["A", "B", "C"], n, p=[0.5, 0.48, 0.02]).tolist(),
    }


VARIABLES: Mapping[str, Mapping[str, Any]] = {
    "vas": {"timing": "postoperative"},
    "age": NUMBER,
    "bmi": {"unit": "kg/m2"},
    "ivc": YES,
    "grade": {"levels": ["A", "B", "C"]},
}


def written(
    folder: Path,
    columns: Mapping[str, Any],
    *,
    variables: Mapping[str, Mapping[str, Any]] = VARIABLES,
    candidates: list[str] | None = None,
    analysis: Mapping[str, Any] | None = None,
    **tables: Any,
) -> Path:
    pl.DataFrame(columns, strict=False).write_csv(folder / "patients.csv")
    names = ["age", "ivc"] if candidates is None else candidates
    return write_study(
        folder,
        variables=variables,
        analysis={"compare": names, "candidates": names, **(analysis or {})},
        **tables,
    )


def accepted(path: Path, plan: AnalysisPlan) -> dict[str, Any]:
    """The proposed protocol, once `check` has no more against it than against the given one."""
    planned = path.parent / "planned.toml"
    planned.write_text(plan.protocol, encoding="utf-8")
    _, before = check_study(path)
    cohort, after = check_study(planned)
    assert cohort is not None
    assert count_by_severity(after)["error"] <= count_by_severity(before)["error"]
    return tomllib.loads(plan.protocol)


def codes(plan: AnalysisPlan) -> list[str]:
    return [each.code for each in plan.proposals]


@pytest.mark.parametrize("study", embedded_ids())
def test_the_plan_of_an_embedded_study_passes_its_check(study: str, tmp_path: Path) -> None:
    with embedded_protocol(study) as path:
        shutil.copytree(path.parent, tmp_path / study)
    path = tmp_path / study / "protocol.toml"
    plan = plan_study(path)
    document = accepted(path, plan)
    given_one = tomllib.loads(path.read_text(encoding="utf-8"))
    changed = {each.change.table for each in plan.proposals if each.change is not None}
    assert changed <= {"analysis", "missing", "validation"}
    assert {key: each for key, each in document.items() if key not in changed} == {
        key: each for key, each in given_one.items() if key not in changed
    }
    analysis = document["analysis"]
    assert analysis["select"] == "prespecified"
    # Ridge has no standard errors to set beside those of weighted controls.
    assert ("shrinkage" if "sampling" in document else "estimator") in analysis
    again = path.with_name("again.toml")
    again.write_text(plan.protocol, encoding="utf-8")
    assert not [each for each in plan_study(again).proposals if each.change is not None]


def test_screening_of_too_many_gives_way_to_ridge(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        patients(events=30),
        candidates=["age", "bmi", "ivc", "grade"],
        analysis={"select": {"method": "univariable"}, "intervals": "profile"},
    )
    plan = plan_study(path)
    analysis = accepted(path, plan)["analysis"]
    assert analysis["select"] == "prespecified"
    assert analysis["estimator"] == "ridge"
    assert "intervals" not in analysis
    assert {"few-events", "univariable-screening", "rare-level"} <= set(codes(plan))
    assert plan.size.parameters == 5


def test_many_patients_carry_splines(tmp_path: Path) -> None:
    path = written(tmp_path, patients(2500, 900), candidates=["age", "bmi", "ivc"])
    plan = plan_study(path)
    document = accepted(path, plan)
    assert document["analysis"]["terms"] == ["rcs(age, 4)", "rcs(bmi, 4)"]
    assert "estimator" not in document["analysis"]
    assert plan.size.parameters == 7 <= plan.size.most_parameters


def test_a_cut_number_is_entered_as_measured(tmp_path: Path) -> None:
    variables = {**VARIABLES, "old": {"derive": "age >= 75", "codes": {"0": "No", "1": "Yes"}}}
    path = written(tmp_path, patients(), variables=variables, candidates=["old", "ivc"])
    plan = plan_study(path)
    assert accepted(path, plan)["analysis"]["candidates"] == ["age", "ivc"]
    assert "dichotomised-predictor" in codes(plan)


def test_what_decides_the_outcome_never_becomes_a_candidate(tmp_path: Path) -> None:
    variables = {
        **VARIABLES,
        "vas": {"timing": "preoperative", "plausible": [0, 10]},
        "bad": {"derive": "vas >= 6", "codes": {"0": "No", "1": "Yes"}},
    }
    path = written(tmp_path, patients(), variables=variables, candidates=["bad", "ivc"])
    plan = plan_study(path)
    assert accepted(path, plan)["analysis"]["candidates"] == ["bad", "ivc"]


def test_missing_values_are_imputed_as_often_as_percent_are_missing(tmp_path: Path) -> None:
    columns = patients(2500, 900)
    columns["age"][: int(0.2 * 2500)] = [None] * int(0.2 * 2500)
    path = written(tmp_path, columns)
    plan = plan_study(path)
    document = accepted(path, plan)
    assert document["missing"] == {"method": "imputation", "imputations": 20}
    assert document["analysis"].get("estimator", "ml") == "ml"
    assert plan.size.n_expected == 2500


def test_a_time_to_event_study_is_imputed_too(tmp_path: Path) -> None:
    columns = {**patients(), "months": [12.0 + each % 7 for each in range(N)]}
    columns["age"][:60] = [None] * 60
    outcome = {
        "kind": "time-to-event",
        "event": "vas >= 4",
        "time": "months",
        "time_unit": "months",
        "horizons": [12, 18],
    }
    variables = {**VARIABLES, "months": {"timing": "postoperative", "unit": "months"}}
    path = written(tmp_path, columns, variables=variables, outcome=outcome)
    plan = plan_study(path)
    document = accepted(path, plan)
    assert document["missing"]["method"] == "imputation"


def test_few_events_and_missing_values_go_together(tmp_path: Path) -> None:
    columns = patients(events=45)
    columns["age"][:90] = [None] * 90
    path = written(tmp_path, columns)
    document = accepted(path, plan_study(path))
    assert document["missing"]["method"] == "imputation"
    assert document["analysis"]["estimator"] == "auto"


def test_case_control_is_asked_for_the_prevalence(tmp_path: Path) -> None:
    path = written(tmp_path, patients(), study={"design": "case-control"})
    assert "case-control-risk" in codes(plan_study(path))


def test_vertebrae_are_counted_by_patient(tmp_path: Path) -> None:
    columns = {**patients(), "who": [each // 2 for each in range(N)]}
    path = written(tmp_path, columns, study={"unit": "vertebra", "patient": "who"})
    plan = plan_study(path)
    assert plan.size.n_expected == N / 2
    assert "clusters" in codes(plan)
    accepted(path, plan)


def test_three_events_carry_no_model(tmp_path: Path) -> None:
    path = written(tmp_path, patients(events=3))
    plan = plan_study(path)
    document = accepted(path, plan)
    assert document["analysis"]["penalty"] == {"rule": "aic_c"}
    assert plan.size.most_parameters == 0
    assert "carry no model" in next(
        each.message for each in plan.proposals if each.code == "few-events"
    )


def test_mostly_missing_and_constant_candidates_leave(tmp_path: Path) -> None:
    columns = patients()
    columns["bmi"][15:] = [None] * (N - 15)
    columns["grade"] = ["A"] * N
    names = ["age", "bmi", "grade", "ivc"]
    path = written(tmp_path, columns, candidates=names, analysis={"terms": ["rcs(bmi, 3)"]})
    plan = plan_study(path)
    analysis = accepted(path, plan)["analysis"]
    assert analysis["candidates"] == ["age", "ivc"]
    assert not [each for each in analysis.get("terms", []) if "bmi" in each]


def test_when_no_candidate_would_be_left_all_stay(tmp_path: Path) -> None:
    columns = patients()
    columns["age"][15:] = [None] * (N - 15)
    columns["ivc"] = ["No"] * N
    path = written(tmp_path, columns)
    plan = plan_study(path)
    assert accepted(path, plan)["analysis"]["candidates"] == ["age", "ivc"]
    assert "no-candidate" in codes(plan)


def test_more_candidates_than_events(tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    extra = {f"x{each}": random.normal(size=N).round(3).tolist() for each in range(40)}
    variables = {**VARIABLES, **{name: {"plausible": [-9, 9]} for name in extra}}
    path = written(
        tmp_path, {**patients(events=12), **extra}, variables=variables, candidates=list(extra)
    )
    plan = plan_study(path)
    assert accepted(path, plan)["analysis"]["estimator"] == "ridge"
    assert plan.size.parameters == 40 > plan.size.most_parameters


@given(seed=st.integers(0, 10_000))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_who_had_the_event_is_not_looked_at(tmp_path: Path, seed: int) -> None:
    columns = patients()
    columns["age"][: N // 10] = [None] * (N // 10)
    names = ["age", "bmi", "ivc", "grade"]
    first = plan_study(written(tmp_path, columns, candidates=names))
    random = np.random.default_rng(seed)
    shuffled = {**columns, "vas": random.permutation(columns["vas"]).tolist()}
    # As sharply as can be: every event in the patients of whom a value is missing.
    sorted_by = {**columns, "vas": sorted(columns["vas"], reverse=True)}
    for other in (shuffled, sorted_by):
        second = plan_study(written(tmp_path, other, candidates=names))
        assert json.dumps(second.to_dict()) == json.dumps(first.to_dict())


TEXT = """\
# head
[study]  # s
note = '''
[analysis]
select = "no"
'''
[analysis]
compare = [
    "a",  # first
    "b",
]
select.method = "univariable"
select.alpha = 0.1   # as the paper
tests = { numeric = "student" } # kept

[analysis.penalty]
rule = "min"

[validation]
seed = 1
"""


def test_an_edit_leaves_everything_else_to_the_letter() -> None:
    changes = [
        Change("analysis", "select", "prespecified", "why"),
        Change("analysis", "terms", ["rcs(`年 龄`, 3)"], "bends"),
        Change("analysis", "penalty", None, "gone"),
        Change("missing", "method", "imputation", "holes"),
    ]
    expected = TEXT.replace(
        'select.method = "univariable"\nselect.alpha = 0.1   # as the paper\n',
        '# why\nselect = "prespecified"\n',
    )
    expected = expected.replace(
        'tests = { numeric = "student" } # kept\n',
        'tests = { numeric = "student" } # kept\n# bends\nterms = ["rcs(`年 龄`, 3)"]\n# gone\n',
    )
    expected = expected.replace('[analysis.penalty]\nrule = "min"\n', "")
    assert edited(TEXT, changes) == expected + '\n[missing]\n# holes\nmethod = "imputation"\n'


@pytest.mark.parametrize(
    "text",
    [
        'analysis = { select = "univariable", compare = ["a"] }\n[validation]\nseed = 1\n',
        'analysis.select = "univariable"\nanalysis.compare = ["a"]\n[validation]\nseed = 1\n',
        '[validation]\nseed = 1\n[analysis.select]\nmethod = "univariable"\n',
        '["analysis"]\r\nselect = "univariable"\r\n',
    ],
)
def test_however_a_table_is_written_it_is_changed(text: str) -> None:
    changes = [Change("analysis", "select", "prespecified", "why " * 60)]
    before, after = tomllib.loads(text), tomllib.loads(edited(text, changes))
    assert after == {**before, "analysis": {**before["analysis"], "select": "prespecified"}}
