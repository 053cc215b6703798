"""Scores over follow-up and two readers: from the protocol to the page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.protocol.studies import PROTOCOL, patients
from tests.schemas import validate_results

from vertebrisk._types import Language
from vertebrisk.comparison import agreement, repeated
from vertebrisk.protocol import load_protocol
from vertebrisk.report.document.study import results_document
from vertebrisk.report.page.html import html_page
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.study.page import study_page
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

N = 80
TABLES = """
[[followup]]
name = "vas"
label = { en = "Pain (VAS)", zh = "疼痛（VAS）" }
scale = "vas"
time_unit = "months"
group = "ivc"
visits = [
    { column = "vas_0", label = { en = "Before", zh = "术前" }, time = 0 },
    { column = "vas_6", label = { en = "6 months", zh = "术后6个月" }, time = 6 },
    { column = "vas_12", label = { en = "12 months", zh = "术后12个月" }, time = 12 },
]
[[followup]]
name = "odi"
label = { en = "Disability (ODI)", zh = "功能障碍（ODI）" }
scale = "odi"
where = "ivc == 'Yes'"
tests = ["anova", "wilcoxon"]
visits = [
    { column = "odi_0", label = { en = "Before", zh = "术前" } },
    { column = "odi_12", label = { en = "12 months", zh = "术后12个月" } },
]
[[agreement]]
variable = "goutallier"
first = "grade_a"
second = "grade_b"
kind = "categorical"
readers = ["Reader A", "Reader B"]
[[agreement]]
variable = "cobb"
label = "Cobb angle"
unit = "deg"
first = "cobb_a"
second = "cobb_b"
kind = "continuous"
"""


def study_frame() -> pl.DataFrame:
    random = np.random.default_rng(17)
    frame = patients(N)
    grades = np.array(frame["goutallier"].to_list())
    slipped = np.where(random.random(N) < 0.15, "2", grades)
    later: list[float | None] = [float(each) for each in random.integers(0, 4, N)]
    later[5] = later[9] = None
    angle = random.normal(20, 6, N)
    return frame.with_columns(
        vas_0=pl.Series(random.integers(6, 10, N)),
        vas_6=pl.Series(random.integers(1, 6, N)),
        vas_12=pl.Series(later),
        odi_0=pl.Series(random.integers(50, 90, N)),
        odi_12=pl.Series(random.integers(10, 40, N)),
        grade_a=pl.Series(grades),
        grade_b=pl.Series(slipped),
        cobb_a=pl.Series(np.round(angle, 1)),
        cobb_b=pl.Series(np.round(angle * 1.1 + random.normal(0, 1, N), 1)),
    )


Runs = dict[Language, StudyRun]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder: Path = tmp_path_factory.mktemp("study")
    text = PROTOCOL.replace("resamples = 1000", "resamples = 10") + TABLES
    (folder / "protocol.toml").write_text(text, encoding="utf-8")
    study_frame().write_csv(folder / "patients.csv")
    protocol = load_protocol(folder / "protocol.toml")
    languages: tuple[Language, ...] = ("en", "zh")
    return {each: run_study(protocol, RunOptions(language=each)) for each in languages}


@pytest.fixture
def result(runs: Runs) -> StudyResult:
    return runs["en"].result


def test_the_run_computes_what_the_functions_compute(result: StudyResult) -> None:
    frame = study_frame()
    vas, odi = result.followup
    columns = ["vas_0", "vas_6", "vas_12"]
    own = repeated.repeated_measures(frame, columns, group="ivc", mcid=2, times=[0, 6, 12])
    assert vas.record.complete == own.complete
    assert vas.record.mixed is not None
    assert own.mixed is not None
    assert vas.record.mixed.tests == own.mixed.tests
    assert [each.t_test for each in vas.record.changes] == [each.t_test for each in own.changes]
    assert vas.group_labels == (
        "Intravertebral vacuum cleft: No", "Intravertebral vacuum cleft: Yes"
    )  # fmt: skip
    kept = frame.filter(pl.col("ivc") == 1)
    assert odi.record.n == kept.height
    assert odi.record.mcid == 10
    grade, cobb = result.agreement
    kappa = agreement.agreement_categorical(frame, "grade_a", "grade_b")
    assert grade.record.to_dict()["coefficients"] == kappa.to_dict()["coefficients"]
    assert grade.readers == ("Reader A", "Reader B")
    assert cobb.readers == ("cobb_a", "cobb_b")


def test_findings_say_whose_scores_are_missing(result: StudyResult) -> None:
    messages = {each.code: each.message for each in result.findings}
    assert messages["visits-missing"].startswith("Pain (VAS): 2 of 80 patients lack a score")


def test_results_fit_their_schema_and_hold_no_patient(result: StudyResult) -> None:
    document = results_document(result)
    validate_results(document)
    text = json.dumps(document["followup"])
    assert "minimum" not in text
    assert document["followup"][0]["complete"]["left_out"] == 2
    assert sum(cell["n"] for cell in document["agreement"][1]["bland_altman"]["cells"]) == N


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_sections_tables_and_figures(
    language: Language, runs: Runs, tmp_path: Path
) -> None:
    run = runs[language]
    written = write_run(run, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert {"figures/followup_1.svg", "figures/followup_2.svg", "figures/agreement_2.svg"} <= set(
        written.files
    )
    for key in ("followup_1_visits", "followup_1_changes", "followup_1_tests", "followup_1_mixed",
                "followup_1_groups", "followup_2_visits", "agreement_categorical",
                "agreement_continuous"):  # fmt: skip
        assert f'id="table-{key}"' in page
    assert 'id="table-followup_2_mixed"' not in page
    assert 'id="followup"' in page
    assert 'id="agreement"' in page
    assert "Friedman" in page
    word = "Reconstructed data" if language == "en" else "重建数据"
    assert page.count(word) > 5
    again = write_run(run, tmp_path / "out")
    assert again.files == written.files


def test_a_report_without_scores_has_no_such_section() -> None:
    from tests.report.example import example_result

    page = html_page(study_page(example_result(), ()), {})
    assert 'id="followup"' not in page
    assert 'id="agreement"' not in page


def test_only_the_tests_asked_for_are_shown(result: StudyResult) -> None:
    from vertebrisk.report.tables.numbering import build_tables

    tables = build_tables(result)
    changes = [column.key for column in tables["followup_2_changes"].columns]
    assert "wilcoxon_holm" in changes
    assert "t_holm" not in changes
    shown = [row.cells[0].text for row in tables["followup_2_tests"].rows]
    assert shown == ["Repeated-measures ANOVA"]


def test_tables_show_the_numbers_of_the_record(result: StudyResult) -> None:
    from vertebrisk.report.tables.numbering import build_tables

    record = result.followup[0].record
    table = build_tables(result)["followup_1_visits"]
    shown = set(table.numbers())
    for each in record.summaries:
        assert {each.summary.mean, each.summary.median, each.conf_low} <= shown
