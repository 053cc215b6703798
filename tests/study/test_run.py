"""The main job: from a protocol to a folder of results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.report.table_files import check_table_files
from tests.report.word_package import problems
from tests.schemas import validate_results
from tests.study.conftest import named_alone

from vertebrisk.errors import DataError, FitError, ModelError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import load_protocol
from vertebrisk.report.document.study import results_document
from vertebrisk.report.printing import Printing
from vertebrisk.studies import embedded_ids, embedded_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.reproduction import reproduce_plan
from vertebrisk.study.steps import StudyRun

RESAMPLES = 40

VARIABLES: dict[str, dict[str, Any]] = {
    "cleft": {"label": "Cleft", "levels": ["No", "Yes"]},
    "grade": {"label": "Goutallier grade", "levels": ["0-1", "2", "3-4"]},
    "age": {"label": "Age", "unit": "years", "plausible": [40, 110]},
    "age_months": {"label": "Age in months", "unit": "months", "derive": "age * 12"},
    "site": {"label": "Site", "levels": ["A", "B"]},
}
CODED = VARIABLES | {
    "cleft": VARIABLES["cleft"] | {"codes": {0: "No", 1: "Yes"}},
    "age": VARIABLES["age"] | {"missing": [-9.0]},
}


def patients(n: int = 160, per_patient: int = 1) -> pl.DataFrame:
    """Invented patients whose pain depends on cleft and grade."""
    random = np.random.default_rng(11)
    cleft = random.random(n) < 0.3
    grade = random.integers(0, 3, n)
    age = random.normal(72, 8, n).round(1)
    risk = 1 / (1 + np.exp(-(-2.2 + 1.1 * cleft + 0.7 * grade)))
    pain = random.random(n) < risk
    return pl.DataFrame(
        {
            "id": np.arange(n) // per_patient + 1,
            "cleft": np.where(cleft, "Yes", "No"),
            "grade": np.array(["0-1", "2", "3-4"])[grade],
            "age": age,
            "site": np.full(n, "A"),
            "vas": np.where(pain, random.integers(4, 9, n), random.integers(0, 4, n)),
        }
    )


def study(
    folder: Path,
    frame: pl.DataFrame,
    *,
    candidates: Sequence[str] = ("cleft", "grade", "age"),
    select: str | dict[str, object] = "prespecified",
    variables: dict[str, dict[str, Any]] = VARIABLES,
    **of_study: str,
) -> Path:
    frame.write_csv(folder / "patients.csv")
    analysis = {"compare": ["cleft", "grade", "age"], "candidates": candidates, "select": select}
    return write_study(
        folder, study={"patient": "id", **of_study}, variables=variables, analysis=analysis
    )


def run(path: Path, **options: object) -> StudyRun:
    return run_study(load_protocol(path), RunOptions(**options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def demo() -> StudyRun:
    with embedded_protocol() as path:
        return run_study(load_protocol(path), RunOptions(resamples=RESAMPLES))


@pytest.fixture(scope="module")
def written(
    demo: StudyRun, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, tuple[str, ...]]:
    """The folder of the embedded study, and the names of its files."""
    out = tmp_path_factory.mktemp("out")
    return out, tuple(write_run(demo, out).files)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """One test whose figures nobody looks at."""
    monkeypatch.setattr("vertebrisk.report.printing.draw_all", named_alone)


def codes(made: StudyRun) -> set[str]:
    return {finding.code for finding in made.result.findings}


def test_the_embedded_study_gives_the_printed_model(demo: StudyRun) -> None:
    ratios = {(r.term, r.level): r.ratio for r in demo.result.multivariable if r.kind == "estimate"}
    printed = {
        ("ivc", "Yes"): 3.790,
        ("fascia_oedema", "Yes"): 3.965,
        ("goutallier", "2"): 5.804,
        ("goutallier", "3-4"): 13.767,
        ("cement_distribution", "Blocky"): 2.225,
    }
    assert ratios.keys() == printed.keys()
    for key, value in printed.items():
        assert ratios[key] == pytest.approx(value, rel=2e-3)  # as near as whole patients allow
    assert demo.result.c_index.estimate == pytest.approx(0.780, abs=0.0005)


def test_selection_is_repeated_and_costs_more_than_the_fixed_model(demo: StudyRun) -> None:
    fixed = demo.result.validation_fixed
    assert fixed is not None
    assert demo.result.validation.procedure == "whole procedure"
    assert demo.result.validation.corrected("c_index") < fixed.corrected("c_index")
    assert demo.model.interval_kind == "procedure-bootstrap"


def test_findings_say_what_a_reviewer_would(demo: StudyRun) -> None:
    expected = {"few-events", "univariable-screening", "dichotomised-predictor", "optimism"}
    assert expected <= codes(demo)


def test_results_follow_their_schema(demo: StudyRun) -> None:
    validate_results(results_document(demo.result))


def test_a_run_writes_its_folder_and_the_same_bytes_again(
    demo: StudyRun, written: tuple[Path, tuple[str, ...]], tmp_path: Path
) -> None:
    first, names = written
    write_run(demo, tmp_path)
    assert {
        "report.html",
        "calculator.html",
        "results.json",
        "model.json",
        "reproduce.R",
        "findings.csv",
    } <= set(names)
    for name in names:
        assert (first / name).read_bytes() == (tmp_path / name).read_bytes()
    page = (first / "report.html").read_text(encoding="utf-8")
    assert "Reconstructed data" in page
    assert "https://cdn" not in page
    assert "<script" not in page


def test_two_runs_with_one_seed_are_one(demo: StudyRun) -> None:
    with embedded_protocol() as path:
        again = run_study(load_protocol(path), RunOptions(resamples=RESAMPLES))
    assert results_document(again.result) == results_document(demo.result)
    assert again.model.to_dict() == demo.model.to_dict()


@pytest.mark.slow
def test_files_that_a_later_run_does_not_make_are_removed(demo: StudyRun, tmp_path: Path) -> None:
    write_run(demo, tmp_path, Printing(formats=("svg", "png"), documents=("docx", "xlsx", "tex")))
    assert (tmp_path / "figures" / "174mm" / "nomogram.png").exists()
    assert check_table_files({each.name: each.read_bytes() for each in tmp_path.glob("*.*")}) > 10
    assert problems((tmp_path / "report.docx").read_bytes()) == []
    kept = tmp_path / "notes.txt"
    kept.write_text("mine", encoding="utf-8")
    write_run(demo, tmp_path)
    assert not any(path.is_dir() for path in (tmp_path / "figures").iterdir())
    for name in ("report.docx", "tables.xlsx", "tables.tex"):
        assert not (tmp_path / name).exists()
    assert kept.read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("undrawn")
def test_a_manifest_cannot_name_files_outside_the_folder(demo: StudyRun, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    outside = tmp_path / "precious.txt"
    outside.write_text("keep", encoding="utf-8")
    (out / "manifest.json").write_text(
        json.dumps({"files": {"../precious.txt": "x"}}), encoding="utf-8"
    )
    write_run(demo, out)
    assert outside.exists()


def test_no_written_file_holds_a_patient(written: tuple[Path, tuple[str, ...]]) -> None:
    out, names = written
    for name in names:
        content = (out / name).read_bytes()
        assert b"LI0001" not in content, name
    model = json.loads((out / "model.json").read_text(encoding="utf-8"))
    assert len(model["draws"]) <= RESAMPLES


def test_the_model_file_predicts_like_the_run(
    demo: StudyRun, written: tuple[Path, tuple[str, ...]]
) -> None:
    model = RiskModel.load(written[0] / "model.json")
    risks = model.predict(demo.cohort.frame)
    assert isinstance(demo.fit, LogisticFit)
    assert_allclose(risks["risk"].to_numpy(), demo.fit.risk, rtol=1e-12)  # JSON keeps all digits
    assert (risks["conf_low"] <= risks["risk"]).all()


def test_the_model_file_has_both_languages_codes_and_eligibility(demo: StudyRun) -> None:
    model = demo.model.in_language("zh")
    assert model.outcome.label == "残留腰背痛"
    assert model.outcome.time_point == "术后 1 个月"
    assert "vas_mean = (vas_24h + vas_3d + vas_1m) / 3" in model.outcome.event
    assert model.population.include == ("脊柱或髋部 T 值不高于 -2.5",)
    assert model.population.exclude == ("随访不完整",)
    assert {each.timing for each in model.design.predictors} == {"preoperative", "postoperative"}
    cement = model.design.predictor("cement_distribution")
    assert (cement.modifiable, cement.level_label("Blocky")) == (True, "团块状")


def test_rules_about_predictors_go_with_the_model(tmp_path: Path) -> None:
    path = study(tmp_path, patients())
    rules = {"age > 18": "an adult", "vas <= 10": "the scale ends", "grade != '2'": "no such grade"}
    tables = [
        f'[[consistency]]\nrule = "{rule}"\nreason = {{ en = "{why}", zh = "因" }}\n'
        for rule, why in rules.items()
    ]
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *tables]), encoding="utf-8")
    made = run(path)
    assert [each.rule for each in made.model.consistency] == ["age > 18", "grade != '2'"]
    assert made.model.consistency[0].translations == {"zh": {"reason": "因"}}
    assert "inconsistent-row" in codes(made)
    again = RiskModel.from_dict(json.loads(json.dumps(made.model.to_dict())))
    child = pl.DataFrame({"cleft": ["No"], "grade": ["3-4"], "age": [9.0]})
    scored = again.predict(child)
    assert scored["flags"].to_list() == ["extrapolation: age; impossible: an adult"]
    assert scored["risk"].null_count() == 0
    document = made.model.to_dict()
    document["consistency"][0]["rule"] = "vas > 18"
    with pytest.raises(ModelError, match="a rule of its consistency does not suit"):
        RiskModel.from_dict(document)


@pytest.mark.parametrize(
    "select", ["prespecified", "backward", {"method": "backward", "criterion": "aic"}]
)
def test_every_selection_runs(tmp_path: Path, select: str | dict[str, object]) -> None:
    made = run(study(tmp_path, patients(), select=select))
    assert "cleft" in {term.name for term in made.fit.design.terms}


def test_screening_by_the_comparison_test(tmp_path: Path) -> None:
    select: dict[str, object] = {"method": "univariable", "test": "comparison"}
    made = run(study(tmp_path, patients(), select=select))
    chosen = {term.name for term in made.fit.design.terms}
    compared = {v.variable: v.test.p_value for v in made.result.comparison.variables}
    assert chosen == {name for name, p in compared.items() if p is not None and p < 0.05}


@pytest.mark.usefixtures("undrawn")
def test_nothing_selected_is_a_result(tmp_path: Path) -> None:
    frame = patients().with_columns(
        vas=pl.Series(np.random.default_rng(5).permutation(patients()["vas"].to_numpy()))
    )
    select: dict[str, object] = {"method": "univariable", "alpha": 0.000001}
    made = run(study(tmp_path, frame, select=select))
    assert made.fit.design.terms == ()
    assert "nothing-selected" in codes(made)
    written = write_run(made, tmp_path / "out")
    assert "figures/nomogram.svg" not in written.files
    assert "calculator.html" not in written.files
    assert "no-calculator" in {each.code for each in written.findings}
    assert "no-calculator" in (tmp_path / "out" / "findings.csv").read_text(encoding="utf-8")
    risks = made.model.predict(frame)
    assert_allclose(risks["risk"].to_numpy(), made.fit.n_events / made.fit.n)


def test_a_constant_candidate_leaves_with_a_finding(tmp_path: Path) -> None:
    made = run(study(tmp_path, patients(), candidates=["cleft", "site"]))
    assert {term.name for term in made.fit.design.terms} == {"cleft"}
    assert {"constant-predictor", "candidate-left-out"} & codes(made)


def test_a_repeated_candidate_leaves_with_a_finding(tmp_path: Path) -> None:
    made = run(study(tmp_path, patients(), candidates=["cleft", "age", "age_months"]))
    assert {term.name for term in made.fit.design.terms} == {"cleft", "age"}
    assert "collinear-predictor" in codes(made)


def test_missing_candidates_leave_in_a_step_of_their_own(tmp_path: Path) -> None:
    frame = patients().with_columns(
        age=pl.when(pl.int_range(pl.len()) < 7).then(None).otherwise(pl.col("age"))
    )
    made = run(study(tmp_path, frame))
    step = made.result.flow.steps[-1]
    assert (step.kind, step.removed) == ("predictor-missing", 7)
    assert made.result.comparison.variables[2].missing != (0, 0)
    assert "complete-case-loss" in codes(made)


def test_separation_names_the_term(tmp_path: Path) -> None:
    frame = patients().with_columns(
        cleft=pl.when(pl.col("vas") >= 4).then(pl.lit("Yes")).otherwise(pl.lit("No"))
    )
    with pytest.raises(FitError, match="cleft"):
        run(study(tmp_path, frame))


def test_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="both"):
        run(study(tmp_path, patients().with_columns(vas=pl.lit(9))))


def test_vertebrae_are_clusters(tmp_path: Path) -> None:
    frame = patients(200, per_patient=2)
    made = run(study(tmp_path, frame, unit="vertebra"))
    alone = run_study(
        replace(
            load_protocol(tmp_path / "protocol.toml"),
            study=load_protocol(tmp_path / "protocol.toml").study.model_copy(
                update={"unit": "patient", "patient": None}
            ),
        ),
        RunOptions(),
    )
    assert isinstance(made.fit, LogisticFit)
    assert isinstance(alone.fit, LogisticFit)
    assert made.fit.covariance_kind == "cluster"
    assert made.result.flow.n_patients == 100
    assert_allclose(made.fit.beta, alone.fit.beta, rtol=1e-9)  # the same likelihood
    assert not np.allclose(made.fit.cov, alone.fit.cov)


@pytest.mark.usefixtures("undrawn")
def test_chinese_words(tmp_path: Path) -> None:
    with embedded_protocol() as path:
        made = run_study(load_protocol(path), RunOptions(resamples=5, language="zh"))
    write_run(made, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in page
    assert "残留腰背痛" in page


def test_embedded_studies_are_listed() -> None:
    assert "li2021" in embedded_ids()
    with pytest.raises(DataError, match="Did you mean 'li2021'"), embedded_protocol("li2020"):
        pass


def test_a_model_reads_the_files_that_its_study_reads(tmp_path: Path) -> None:
    frame = patients().with_columns(cleft=(pl.col("cleft") == "Yes").cast(pl.Int64))
    made = run(study(tmp_path, frame, candidates=["cleft", "grade", "age_months"], variables=CODED))
    assert isinstance(made.fit, LogisticFit)
    raw = frame.select("cleft", "grade", "age")  # codes, and no derived column
    assert_allclose(made.model.predict(raw)["risk"].to_numpy(), made.fit.risk, rtol=1e-12)


def test_codes_that_mean_missing_are_missing_in_prediction(tmp_path: Path) -> None:
    made = run(study(tmp_path, patients(), candidates=["cleft", "age"], variables=CODED))
    risks = made.model.predict(pl.DataFrame({"cleft": ["Yes", "Yes"], "age": [-9.0, 70.0]}))
    assert risks["flags"].to_list() == ["missing: age", ""]


def test_a_constant_candidate_costs_no_patients(tmp_path: Path) -> None:
    frame = patients().with_columns(
        site=pl.when(pl.int_range(pl.len()) < 60).then(None).otherwise(pl.col("site"))
    )
    made = run(study(tmp_path, frame, candidates=["cleft", "site"]))
    assert made.result.flow.n == 160
    assert reproduce_plan(made).complete == ("cleft",)  # R keeps the same patients


def test_sampled_controls_are_flagged_wherever_a_risk_is_given(tmp_path: Path) -> None:
    made = run(study(tmp_path, patients(), design="case-control"))
    assert "case-control-risk" in codes(made)
    flags = made.model.predict(made.cohort.frame)["flags"]
    assert flags.str.contains("sample of controls").all()


@pytest.mark.usefixtures("undrawn")
def test_a_foreign_manifest_names_no_files_of_ours(demo: StudyRun, tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "figures").mkdir()
    document = {"schema": "vertebrisk/manifest", "files": {"keep.txt": "x", "figures": "y"}}
    (tmp_path / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    write_run(demo, tmp_path)
    assert (tmp_path / "keep.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("undrawn")
def test_what_a_killed_run_left_is_swept_away(demo: StudyRun, tmp_path: Path) -> None:
    left = tmp_path / ".findings.csv.0a1b2c3d.part"
    left.write_text("half", encoding="utf-8")
    write_run(demo, tmp_path)
    assert not left.exists()
    assert not list(tmp_path.rglob("*.part"))
