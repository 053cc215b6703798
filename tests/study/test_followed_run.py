"""Studies of time to event, from the protocol to every artefact."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame
from tests.schemas import validate_results

import vertebrisk as vr
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

OUTCOME = {
    "name": "recurrence",
    "label": {"en": "Recurrence", "zh": "复发"},
    "kind": "time-to-event",
    "event": "status == 1",
    "time": "rfstime",
    "time_unit": "days",
    "horizons": [730, 1461],
    "time_point": "2 years",
}
VARIABLES: dict[str, dict[str, Any]] = {
    "age": {"label": "Age", "unit": "years"},
    "grade": {"label": "Grade", "levels": ["1", "2", "3"]},
    "nodes": {"label": "Nodes"},
    "hormon": {"label": "Hormonal therapy", "codes": {"0": "No", "1": "Yes"}},
}
ANALYSIS: dict[str, Any] = {
    "compare": ["age", "grade", "nodes", "hormon"],
    "select": {"method": "univariable", "alpha": 0.05},
    "terms": ["rcs(nodes, 3)"],
    "beside": "logistic",
}


def gbsg_study(folder: Path, **changes: Any) -> Path:
    reference_frame("gbsg").write_csv(folder / "patients.csv")
    tables: dict[str, Any] = {
        "variables": VARIABLES,
        "analysis": ANALYSIS,
        "outcome": OUTCOME,
        "study": {"use_at": "postoperative"},
    }
    return write_study(folder, **{**tables, **changes})


def made(path: Path, **options: Any) -> StudyRun:
    return run_study(load_protocol(path), RunOptions(**options))


@pytest.fixture(scope="module")
def cox(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    return made(gbsg_study(tmp_path_factory.mktemp("cox")))


@pytest.fixture(scope="module")
def folder(cox: StudyRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "run"
    write_run(cox, out)
    return out


@pytest.fixture(scope="module")
def fine_gray(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    folder = tmp_path_factory.mktemp("fine-gray")
    frame = reference_frame("mgus2").select("age", "sex", "mspike", "months", "status")
    frame.filter(pl.col("months") > 0).drop_nulls().head(700).write_csv(folder / "patients.csv")
    return made(
        write_study(
            folder,
            study={"use_at": "postoperative"},
            outcome={
                **OUTCOME,
                "name": "progression",
                "label": "Progression",
                "event": "status == 1",
                "competing": "status == 2",
                "time": "months",
                "time_unit": "months",
                "horizons": [60, 120],
            },
            variables={
                "age": {"label": "Age", "unit": "years"},
                "sex": {"label": "Sex"},
                "mspike": {"label": "M spike"},
            },
            analysis={"compare": ["age", "sex", "mspike"]},
        )
    )


def test_the_run_is_the_fit_that_python_gives(cox: StudyRun) -> None:
    direct = vr.fit_cox(
        "Surv(rfstime, status) ~ C(grade) + rcs(nodes, 3) + hormon", reference_frame("gbsg")
    )
    assert isinstance(cox.fit, CoxFit)
    assert {term.name for term in cox.fit.design.terms} == {"grade", "rcs(nodes, 3)", "hormon"}
    assert_allclose(sorted(cox.fit.beta), sorted(direct.beta), rtol=1e-8)
    assert cox.result.c_index.estimate == pytest.approx(direct.concordance, rel=1e-10)
    assert cox.result.facts.model == "cox"


def test_the_model_predicts_at_every_horizon_like_the_fit(cox: StudyRun, folder: Path) -> None:
    model = RiskModel.load(folder / "model.json")
    assert model.horizons == (730.0, 1461.0)
    patients = cox.cohort.frame.head(30)
    assert isinstance(cox.fit, CoxFit)
    for horizon in model.horizons:
        curve = cox.fit.survival_curve(patients, [horizon])
        predicted = model.predict(patients, horizon)
        assert_allclose(predicted["risk"], 1 - curve["survival"].to_numpy(), rtol=1e-9)
        assert (predicted["conf_low"] < predicted["risk"]).all()  # from draws, after selection
        assert (predicted["risk"] < predicted["conf_high"]).all()


def test_horizons_show_cohort_and_model(cox: StudyRun) -> None:
    survival = cox.result.survival
    assert survival is not None
    frame = reference_frame("gbsg")
    known = vr.kaplan_meier(frame["rfstime"], frame["status"]).at([730.0, 1461.0])
    for each, row in zip(survival.horizons, known.iter_rows(named=True), strict=True):
        assert each.incidence.estimate == pytest.approx(1 - row["survival"], rel=1e-12)
        assert each.n_at_risk == row["n_risk"]
        assert each.n_events == row["n_event"]
        assert {"auc", "brier", "ici", "slope"} <= set(each.measures["measure"])
        assert each.calibration is not None
        assert each.decision is not None
    grade = next(each for each in survival.groups if each.variable == "grade")
    test = vr.log_rank(frame["rfstime"], frame["status"], frame["grade"].cast(pl.String))
    assert grade.statistic == pytest.approx(test.statistic, rel=1e-12)
    assert survival.hazards["term"].to_list()[-1] == "GLOBAL"


def test_the_logistic_model_stands_beside(cox: StudyRun) -> None:
    survival = cox.result.survival
    assert survival is not None
    assert survival.beside is not None
    assert survival.beside.n_events == cox.result.flow.n_events
    assert survival.beside.corrected.estimate < survival.beside.c_index.estimate
    assert survival.beside.rows[-1].kind == "intercept"


def test_results_follow_their_schema_and_hold_no_curve_of_patients(folder: Path) -> None:
    document = json.loads((folder / "results.json").read_text("utf-8"))
    validate_results(document)
    assert document["roc"] is None
    assert "curves" not in document["survival"]
    assert document["survival"]["horizons"][0]["horizon"] == 730


def test_the_report_speaks_of_hazards_and_horizons(folder: Path) -> None:
    page = (folder / "report.html").read_text("utf-8")
    for text in ("HR (95 % CI)", "Multivariable Cox regression", "log-rank test", "730 days"):
        assert text in page
    for text in ("odds ratio of", "@cox", "@survival", "{horizon}"):
        assert text not in page
    for name in ("kaplan_meier", "schoenfeld", "over_time", "calibration_2", "decision_2"):
        assert f'id="figure-{name}"' in page
        assert (folder / "figures" / f"{name}.svg").is_file()


def test_the_chinese_report_has_no_word_of_the_other_kind(tmp_path: Path) -> None:
    run = made(gbsg_study(tmp_path), language="zh", resamples=10)
    write_run(run, tmp_path / "zh")
    page = (tmp_path / "zh" / "report.html").read_text("utf-8")
    assert "多因素Cox回归" in page
    assert "730天" in page
    assert "days" not in page.split("<main>")[1].replace("730 days", "").replace("1461 days", "")
    assert "@" not in page.split("<main>")[1]


def test_drawn_times_are_rounded(cox: StudyRun) -> None:
    survival = cox.result.survival
    assert survival is not None
    frame = reference_frame("gbsg")
    step = frame["rfstime"].max() / 200  # type: ignore[operator]
    drawn = survival.curves.survival["time"].to_numpy()
    assert_allclose(drawn / step, (drawn / step).round(), atol=1e-6)
    assert set(drawn) != set(frame["rfstime"])


def test_a_competing_event_makes_it_a_fine_gray_study(fine_gray: StudyRun, tmp_path: Path) -> None:
    assert isinstance(fine_gray.fit, FineGrayFit)
    survival = fine_gray.result.survival
    assert survival is not None
    assert survival.n_competing > 0
    assert survival.hazards.is_empty()
    cohort = fine_gray.cohort.survival
    assert cohort is not None
    known = vr.cumulative_incidence(cohort.time, cohort.status).at([60.0, 120.0])
    events = known.filter(cause="event")["estimate"].to_list()
    assert [each.incidence.estimate for each in survival.horizons] == pytest.approx(events)
    write_run(fine_gray, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "SHR (95 % CI)" in page
    assert "Aalen-Johansen" in page
    assert 'id="figure-incidence"' in page
    assert "one minus the Aalen-Johansen estimate" in page
    assert "by Gray&#39;s test;" in page
    assert ">P (LR)<" not in page  # the sandwich has no likelihood ratio
    for text in ("N competing", "Wald statistic", "Vickers 2006", "months ."):
        assert text not in page


def test_curves_of_a_competing_event_are_incidences(fine_gray: StudyRun) -> None:
    survival = fine_gray.result.survival
    assert survival is not None
    assert survival.curves.incidence is not None
    event = survival.curves.incidence.filter(cause="event")
    drawn = survival.curves.survival.join(event, on="time")
    assert drawn.height == event.height
    assert_allclose(drawn["survival"], 1 - drawn["estimate"], rtol=1e-12)
    assert survival.curves.thirds["group"].n_unique() == 3


def test_a_level_with_several_parameters_is_tested_jointly(tmp_path: Path) -> None:
    path = gbsg_study(
        tmp_path,
        outcome={**OUTCOME, "competing": "status == 9"},
        analysis={"compare": ["grade"]},
    )
    run = made(path, resamples=10)
    heading = next(row for row in run.result.univariable if row.kind == "overall")
    fitted = next(row for row in run.result.multivariable if row.kind == "overall")
    assert heading.wald == pytest.approx(fitted.wald, rel=1e-9)
    assert heading.p_value == pytest.approx(fitted.p_value, rel=1e-9)


def test_a_horizon_before_the_first_event_is_reported(tmp_path: Path) -> None:
    early = {**OUTCOME, "horizons": [1]}
    path = gbsg_study(tmp_path, outcome=early, analysis={"compare": ["age", "hormon"]})
    run = made(path, resamples=10)
    survival = run.result.survival
    assert survival is not None
    assert survival.uno is None
    assert "no-event-by-horizon" in {each.code for each in run.result.findings}
    write_run(run, tmp_path / "out")
    assert "came under observation late" not in (tmp_path / "out" / "report.html").read_text(
        "utf-8"
    )


@pytest.mark.filterwarnings("error")
def test_events_at_one_time_are_drawn_without_a_warning(tmp_path: Path) -> None:
    path = gbsg_study(tmp_path, analysis={"compare": ["age", "hormon"]})
    frame = reference_frame("gbsg")
    frame.with_columns(
        rfstime=pl.when(pl.col("status") == 1).then(400).otherwise("rfstime")
    ).write_csv(tmp_path / "patients.csv")
    run = made(path, resamples=10)
    write_run(run, tmp_path / "out")
    assert (tmp_path / "out" / "figures" / "schoenfeld.svg").is_file()


def test_a_cox_model_beside_a_competing_event_is_warned_about_once(tmp_path: Path) -> None:
    frame = reference_frame("gbsg").with_columns(
        status=pl.when(pl.col("status") == 1).then(1).when(pl.col("age") > 60).then(2).otherwise(0)
    )
    cause = {**OUTCOME, "competing": "status == 2"}
    plain = {"compare": ["age", "hormon"]}
    path = gbsg_study(tmp_path, outcome=cause, analysis={**plain, "model": "cox"})
    frame.write_csv(tmp_path / "patients.csv")
    run = made(path, resamples=10)
    told = [each for each in run.result.findings if each.code == "cause-specific-risk"]
    survival = run.result.survival
    assert survival is not None
    assert len(told) == 1
    assert f"{survival.horizons[0].incidence.estimate:.1%} have the event" in told[0].message
    nobody = {**OUTCOME, "competing": "status == 9"}
    run = made(gbsg_study(tmp_path, outcome=nobody, analysis=plain), resamples=10)
    codes = [each.code for each in run.result.findings]
    assert codes.count("no-competing-event") == 1
    assert "cause-specific-risk" not in codes


def test_late_entry_measures_nothing_at_horizons(tmp_path: Path) -> None:
    frame = reference_frame("gbsg").with_columns(begun=(pl.col("rfstime") * 0.2).floor())
    path = gbsg_study(
        tmp_path,
        outcome={**OUTCOME, "entry": "begun"},
        analysis={**ANALYSIS, "beside": None, "select": "prespecified"},
    )
    frame.write_csv(tmp_path / "patients.csv")
    run = made(path, resamples=10)
    survival = run.result.survival
    assert survival is not None
    assert all(each.calibration is None for each in survival.horizons)
    assert not math.isnan(run.result.c_index.estimate)
    write_run(run, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "calibration curve and net benefit at the horizons are not given" in page
    assert "Net benefit is not given" in page
    for text in ("Table –", "The curve was drawn by", "weighted by the inverse", "A curve above"):
        assert text not in page


def test_strata_have_no_nomogram_but_a_report(tmp_path: Path) -> None:
    path = gbsg_study(
        tmp_path,
        analysis={
            "compare": ["age", "grade", "nodes", "hormon"],
            "candidates": ["age", "nodes", "hormon"],
            "strata": ["grade"],
        },
    )
    run = made(path, resamples=10)
    assert not run.result.nomogram.axes
    write_run(run, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "strata with a baseline hazard each" in page
    assert "H0(730 days, 1) = " in page


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("kind", ["cox", "fine_gray"])
def test_r_gives_the_same_numbers(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    run: StudyRun = request.getfixturevalue(kind)
    write_run(run, tmp_path / "out")
    data = run.protocol.path.parent / "patients.csv"
    done = subprocess.run(
        ["Rscript", str(tmp_path / "out" / "reproduce.R"), str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert done.stdout.splitlines()[-1].startswith("0 of ")
