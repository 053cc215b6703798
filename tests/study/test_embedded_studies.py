"""Each embedded study runs, says what its patients are, and stands beside its paper."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from vertebrisk.evidence.library import library_study
from vertebrisk.protocol import load_protocol
from vertebrisk.report.narrative import narrate
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.studies import embedded_ids, embedded_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

RESAMPLES = 20
KINDS = {
    "li2021": "reconstructed",
    "anonymous2020": "reconstructed",
    "anonymous2021": "simulated",
    "anonymous2024": "simulated",
    "chen2025": "simulated",
}
SIZES = {
    "li2021": (268, 37),
    "anonymous2020": (122, 61),
    "anonymous2021": (120, 18),
    "anonymous2024": (150, 14),
    "chen2025": (100, 27),
}
LABELS = {
    ("reconstructed", "en"): "Reconstructed data",
    ("reconstructed", "zh"): "重建数据",
    ("simulated", "en"): "Simulated data",
    ("simulated", "zh"): "模拟数据",
}
# Reconstructed and binary, simulated and followed; the others are slow tests.
QUICKLY_DRAWN = {("li2021", "en"), ("chen2025", "en")}
# What the patients cannot agree with, and why, is said by the paper's entry and the page.
IMPOSSIBLE = {
    "anonymous2020": {
        "Course of disease, P",
        "Number of fractured vertebrae, B",
        "Number of fractured vertebrae, P",
        "Number of fractured vertebrae, odds ratio",
    },
    "anonymous2021": {  # called protective, with an odds ratio above 1
        "Cement diffuses to the fracture line: Yes, odds ratio",
        "Vertebral height recovery rate, odds ratio",
        "Cobb angle improvement rate, odds ratio",
        "Bone mineral density (T score), odds ratio",
    },
    "anonymous2024": set(),
    "chen2025": set(),
}


@pytest.fixture(scope="module")
def runs() -> dict[str, StudyRun]:
    found = {}
    for study in embedded_ids():
        with embedded_protocol(study) as path:
            found[study] = run_study(load_protocol(path), RunOptions(resamples=RESAMPLES))
    return found


def test_all_five_are_there() -> None:
    assert set(embedded_ids()) == set(KINDS)


@pytest.mark.parametrize("study", KINDS)
def test_the_study_has_the_papers_size_and_label(study: str, runs: dict[str, StudyRun]) -> None:
    result = runs[study].result
    assert (result.flow.n, result.flow.n_events) == SIZES[study]
    assert result.facts.data_kind == KINDS[study]
    assert library_study(study).id == result.facts.id == study
    with embedded_protocol(study) as path:
        rows = pl.read_csv(path.parent / "patients.csv", infer_schema_length=None)
    assert rows["data_kind"].unique().to_list() == [KINDS[study]]


@pytest.mark.parametrize(
    ("study", "language"),
    [
        pytest.param(
            study,
            language,
            marks=[] if (study, language) in QUICKLY_DRAWN else pytest.mark.slow,
        )
        for language in ("en", "zh")
        for study in KINDS
    ],
)
def test_every_page_says_that_no_patient_is_real(
    study: str, language: str, runs: dict[str, StudyRun], tmp_path: Path
) -> None:
    run = runs[study]
    if language == "zh":
        with embedded_protocol(study) as path:
            run = run_study(load_protocol(path), RunOptions(resamples=5, language="zh"))
    write_run(run, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    label = LABELS[KINDS[study], language]
    assert page.count(label) > page.count("<figure ")  # in the banner, and on every figure
    assert label in (tmp_path / "replication.md").read_text("utf-8")


@pytest.mark.parametrize("study", IMPOSSIBLE)
def test_what_cannot_agree_does_not(study: str, runs: dict[str, StudyRun]) -> None:
    differing = {line.quantity for line in runs[study].result.replication if line.agrees is False}
    assert IMPOSSIBLE[study] <= differing
    if KINDS[study] == "simulated":
        assert differing == IMPOSSIBLE[study]


def test_counts_means_and_deviations_of_the_sampled_study_agree(runs: dict[str, StudyRun]) -> None:
    table = [line for line in runs["anonymous2020"].result.replication if line.place == "Table 1"]
    assert {line.quantity for line in table if line.agrees is False} == {"Course of disease, P"}


def test_the_population_of_the_sampled_study_agrees(runs: dict[str, StudyRun]) -> None:
    lines = {line.quantity: line for line in runs["anonymous2020"].result.replication}
    found = {
        "Patients treated": "1120",
        "Patients with residual pain": "61",
        "Patients without residual pain": "1059",
        "Residual pain among all treated, %": "5.4",
        "Controls drawn": "61",
    }
    assert {name: lines[name].found for name in found} == found
    assert all(lines[name].agrees for name in found)


def test_a_factor_of_two_levels_is_judged_though_the_paper_names_none(
    runs: dict[str, StudyRun],
) -> None:
    lines = {line.quantity: line for line in runs["chen2025"].result.replication}
    named = ("CT value", "Fracture severity", "Cement viscosity", "Cortical fracture")
    assert all(lines[f"{name}, P"].agrees for name in (*named, "Amount of cement"))


@pytest.mark.parametrize("study", KINDS)
def test_plain_words_come_from_the_run(study: str, runs: dict[str, StudyRun]) -> None:
    result = runs[study].result
    words = " ".join(narrate(result, build_tables(result))["replication"])
    assert ("by construction" in words) == (KINDS[study] == "reconstructed")
    assert ("were simulated from stated assumptions" in words) == (KINDS[study] == "simulated")
    assert ("Controls were sampled" in words) == (study == "anonymous2020")
    assert ("present or absent at time zero" in words) == (study == "chen2025")
    few = f"With {result.flow.n_events} events for"
    assert (few in words) == (study != "anonymous2020")  # 61 events for four factors


def test_sampling_is_a_step_of_the_flow_and_the_risk_holds_for_the_population(
    runs: dict[str, StudyRun],
) -> None:
    run = runs["anonymous2020"]
    step = next(each for each in run.result.flow.steps if each.kind == "not-sampled")
    assert (step.removed, run.result.flow.n_read) == (998, 1120)
    assert run.model.population.prevalence == pytest.approx(61 / 1120)
    assert run.result.sampling is not None


def test_leakage_has_its_models_and_its_scores(runs: dict[str, StudyRun]) -> None:
    result = runs["chen2025"].result
    assert result.facts.model == "cox"
    assert result.survival is not None
    assert result.survival.beside is not None
    assert [each.horizon for each in result.survival.horizons] == [12.0, 3.0]
    assert [score.record.frame()["n"].to_list() for score in result.followup] == [[27] * 3] * 2


@pytest.mark.slow
@pytest.mark.parametrize("study", KINDS)
def test_the_committed_comparison_is_what_a_run_gives(study: str, tmp_path: Path) -> None:
    with embedded_protocol(study) as path:
        write_run(run_study(load_protocol(path)), tmp_path)
        committed = (path.parent / "replication.md").read_text("utf-8")
    assert (tmp_path / "replication.md").read_text("utf-8") == committed
