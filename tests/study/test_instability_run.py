"""Stability of the predictions and size of the study: from the protocol to the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.schemas import validate_results

import vertebrisk as vr
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.protocol import load_protocol
from vertebrisk.report.document.study import results_document
from vertebrisk.report.narrative import narrate
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

N = 130
VARIABLES: dict[str, dict[str, Any]] = {
    "age": {"label": "Age", "unit": "years"},
    "cleft": {"label": "Cleft", "levels": ["No", "Yes"]},
    "cement": {"label": "Cement", "unit": "ml"},
}
ANALYSIS: dict[str, Any] = {"compare": list(VARIABLES), "select": "backward"}
OVER_TIME = {
    "name": "fracture",
    "label": {"en": "New fracture", "zh": "再骨折"},
    "kind": "time-to-event",
    "event": "seen == 1",
    "time": "months",
    "time_unit": "months",
    "horizons": [12, 24],
}


def patients() -> pl.DataFrame:
    random = np.random.default_rng(6)
    age, cement = random.normal(72, 8, N).round(), random.normal(4, 1, N).round(1)
    cleft = random.random(N) < 0.4
    score = 0.08 * (age - 72) + 1.2 * cleft
    months = random.exponential(40 / np.exp(score)).round(1) + 0.1
    return pl.DataFrame(
        {
            "age": age,
            "cement": cement,
            "cleft": np.where(cleft, "Yes", "No"),
            "vas": np.where(random.random(N) < 1 / (1 + np.exp(1.5 - score)), 5, 2),
            "months": np.minimum(months, 30.0),
            "seen": (months <= 30.0).astype(int),
        }
    )


def made(folder: Path, language: str = "en", **tables: Any) -> StudyRun:
    patients().write_csv(folder / "patients.csv")
    given: dict[str, Any] = {"variables": VARIABLES, "analysis": ANALYSIS, **tables}
    validation = {"resamples": 25, "instability": True, **given.pop("validation", {})}
    path = write_study(folder, validation=validation, **given)
    return run_study(load_protocol(path), RunOptions(language=language))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    return made(tmp_path_factory.mktemp("binary"))


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    return made(tmp_path_factory.mktemp("followed"), "zh", outcome=OVER_TIME)


def test_the_run_holds_what_the_fit_gives(binary: StudyRun) -> None:
    found, fit = binary.result.instability, binary.fit
    assert found is not None
    assert isinstance(fit, LogisticFit)
    again = fit.instability(25, 3, thresholds=[0.2])
    assert_allclose(found.risks, again.risks)
    assert found.classification["threshold"].to_list() == [0.2]
    assert found.decision["threshold"].to_list()[0] == 0.05  # the protocol's range


@pytest.mark.parametrize("name", ["binary", "followed"])
def test_the_document_keeps_the_schema_and_no_patient(
    name: str, request: pytest.FixtureRequest
) -> None:
    run: StudyRun = request.getfixturevalue(name)
    document = results_document(run.result)
    validate_results(document)
    assert sum(document["instability"]["band"]["n"]) == N
    assert len(document["instability"]["band"]["n"]) <= N // 10


def test_the_page_in_english(binary: StudyRun, tmp_path: Path) -> None:
    write_run(binary, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    found = binary.result.instability
    assert found is not None
    assert f"on average {100 * found.mape:.1f} percentage points off" in page
    assert 'id="instability"' in page
    for name in ("prediction", "classification", "calibration", "decision"):
        assert f'id="figure-instability_{name}"' in page
        figure = tmp_path / "out" / "figures" / f"instability_{name}.svg"
        assert figure.stat().st_size < 120_000  # fifty curves of twenty points each
    assert 'id="size"' in page
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert written["instability"]["mape"] == pytest.approx(found.mape)


def test_the_page_in_chinese(followed: StudyRun, tmp_path: Path) -> None:
    write_run(followed, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    found = followed.result.instability
    assert found is not None
    assert found.horizon == 12
    assert f"12个月内风险与最终模型平均相差{100 * found.mape:.1f}个百分点" in page
    assert "Riley标准要求" in page


def test_the_size_is_that_of_the_criteria(binary: StudyRun, followed: StudyRun) -> None:
    size = binary.result.size
    assert size is not None
    events = int((patients()["vas"] >= 4).sum())
    wanted = vr.sample_size_binary(parameters=3, prevalence=events / N, available=N)
    assert size.expected.to_dict() == wanted.to_dict()
    assert size.by_c is not None
    corrected = binary.result.validation.corrected("c_index")
    assert size.by_c.assumptions["c_index"] == corrected
    assert size.n_events == events
    over_time = followed.result.size
    assert over_time is not None
    frame = patients()
    timed = vr.sample_size_survival(
        parameters=3,
        rate=float(frame["seen"].sum()) / float(frame["months"].sum()),
        horizon=12,
        mean_followup=float(frame["months"].mean()),  # type: ignore[arg-type]
        available=N,
    )
    assert over_time.expected.n == timed.n
    assert over_time.by_c is None


def test_too_small_is_said_once(binary: StudyRun) -> None:
    size = binary.result.size
    assert size is not None
    assert not size.expected.enough
    codes = [each.code for each in binary.result.findings]
    assert codes.count("sample-size") + codes.count("few-events") == 1
    told = next(each for each in binary.result.findings if each.code == "sample-size")
    assert f"{size.expected.n} are needed for 3 candidate parameters" in told.message


def test_a_protocol_can_do_without(tmp_path: Path) -> None:
    run = made(tmp_path, validation={"instability": False}, study={"design": "case-control"})
    document = results_document(run.result)
    assert document["instability"] is None
    assert document["size"] is None  # the criteria do not hold where cases were sampled
    write_run(run, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert 'id="instability"' not in page
    assert 'id="size"' not in page


def test_sampled_controls_are_told_and_have_no_size(tmp_path: Path) -> None:
    run = made(tmp_path, study={"design": "case-control"}, sampling={"prevalence": 0.1})
    assert run.result.size is None
    told = narrate(run.result, build_tables(run.result))
    assert "over the sampled patients" in told["instability"][0]
    assert told["size"] == []
