"""Runs of matched sets: odds ratios and ranks inside the sets, and no risk anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reference import loader
from tests.schemas import validate_results

import vertebrisk as vr
from vertebrisk.bedside.calculator.page import calculator_page
from vertebrisk.cohort import check_study, load_cohort
from vertebrisk.errors import DataError, FitError, ModelError
from vertebrisk.models.conditional.fit import ConditionalFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import load_protocol
from vertebrisk.report.document.study import results_document
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.planning.planning import plan_study
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

VARIABLES = {
    "gall": {"label": "Gall bladder disease", "levels": ["No", "Yes"]},
    "est": {"label": "Oestrogen", "levels": ["No", "Yes"]},
    "ob": {"label": "Obesity", "levels": ["No", "Yes"]},
    "duration": {"label": "Duration", "unit": "months"},
    "age": {"label": "Age", "unit": "years"},
    "age3": {"label": "Age group", "levels": ["<64", "65-74", "75+"]},
}


def study(folder: Path, frame: pl.DataFrame | None = None, **tables: Any) -> Path:
    """Endometrial cancer, four controls a case."""
    (loader.frame("bdendo") if frame is None else frame).write_csv(folder / "patients.csv")
    analysis = {"compare": ["gall", "est", "age3"], "candidates": ["gall", "est"]}
    return write_study(
        folder,
        study={"design": "case-control", **tables.pop("study", {})},
        outcome={"name": "cancer", "label": "Cancer", "event": "d == 1"},
        variables=VARIABLES,
        analysis={**analysis, **tables.pop("analysis", {})},
        validation={"thresholds": None, "threshold_range": None, "resamples": 20},
        sampling={"set": "set", "matched": ["age3"], **tables.pop("sampling", {})},
        **tables,
    )


def run(folder: Path, frame: pl.DataFrame | None = None, **options: Any) -> StudyRun:
    language = options.pop("language", "en")
    protocol = load_protocol(study(folder, frame, **options))
    return run_study(protocol, RunOptions(language=language))


def codes(made: StudyRun) -> set[str]:
    return {finding.code for finding in made.result.findings}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    return run(tmp_path_factory.mktemp("matched"))


def test_the_model_is_the_conditional_one(made: StudyRun) -> None:
    assert isinstance(made.fit, ConditionalFit)
    alone = vr.fit_conditional("d == 1 ~ gall + est", loader.frame("bdendo"), sets="set")
    assert_allclose(made.fit.beta, alone.beta, rtol=1e-9)
    assert made.result.facts.model == "conditional"
    assert made.result.c_index.estimate == pytest.approx(alone.summary().c_index)
    ratios = [row.ratio for row in made.result.multivariable if row.ratio is not None]
    assert_allclose(ratios, np.exp(alone.beta), rtol=1e-9)
    screen = vr.screen_conditional(loader.frame("bdendo"), "d == 1", ["gall"], sets="set")
    assert made.result.univariable[0].estimate == pytest.approx(screen["estimate"][0])


def test_groups_are_compared_inside_the_sets(made: StudyRun) -> None:
    tests = {each.variable: each.test for each in made.result.comparison.variables}
    assert {each.test for each in tests.values()} == {"conditional"}
    expected = loader.load("matched")["alone"]["gall"]["score"]
    assert tests["gall"].statistic == pytest.approx(expected[0])
    assert tests["age3"].p_value is None  # matched on it


def test_no_risk_is_shown(made: StudyRun, tmp_path: Path) -> None:
    result = made.result
    assert result.roc is None
    assert result.thresholds is None
    assert result.decision is None
    assert set(result.validation.table["measure"]) == {"c_index", "dxy", "slope"}
    assert "no-risk-in-matched-sets" in codes(made)
    assert {"matched-controls", "case-control-risk"}.isdisjoint(codes(made))
    assert not any(finding.severity == "error" for finding in result.findings)
    document = results_document(result)
    validate_results(document)
    assert document["matched"]["n_sets"] == 63
    assert document["matched"]["sizes"] == [{"cases": 1, "controls": 4, "sets": 63}]
    assert document["matched"]["n_pairs"] == 252
    write_run(made, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What matched sets cannot tell" in page
    assert 'id="calibration"' not in page
    assert 'id="decision"' not in page
    assert "Nomogram of odds ratios" in page
    assert not (tmp_path / "calculator.html").exists()
    drawn = {path.stem for path in (tmp_path / "figures").iterdir()}
    assert {"flow", "forest", "nomogram"} <= drawn
    assert drawn.isdisjoint({"calibration", "decision", "roc"})
    assert "survival" in (tmp_path / "reproduce.R").read_text(encoding="utf-8")


def test_the_model_refuses_a_risk_everywhere(made: StudyRun, tmp_path: Path) -> None:
    write_run(made, tmp_path)
    model = RiskModel.load(tmp_path / "model.json")
    scored = model.predict(made.cohort.frame)
    assert scored["risk"].null_count() == scored.height
    assert scored["flags"].str.contains("no risk: controls were matched on age3").all()
    with pytest.raises(ModelError, match="matched"):
        model.nomogram()
    with pytest.raises(ModelError, match="matched"):
        calculator_page(model, "en")
    assert model.population.design == "case-control"
    assert isinstance(made.fit, ConditionalFit)
    assert_allclose(model.intercept, -made.fit.beta[1])  # most have no gall disease, but oestrogen


def test_the_report_speaks_chinese(tmp_path: Path) -> None:
    made = run(tmp_path, language="zh", analysis={"select": "univariable"})
    write_run(made, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "匹配研究不能回答的问题" in page
    assert "组内C指数" in page
    assert made.result.validation_fixed is not None
    assert dict(made.result.validation.selected.rows())["est"] > 0.9


def test_sets_that_lose_their_case_leave_in_steps_of_their_own(tmp_path: Path) -> None:
    frame = loader.frame("bdendo").with_row_index("row").with_columns(
        d=pl.when(pl.col("set") == 2).then(0).otherwise(pl.col("d")),
        set=pl.when(pl.col("row") == 10).then(None).otherwise(pl.col("set")),
    )  # fmt: skip
    made = run(tmp_path, frame, analysis={"candidates": ["gall", "est", "ob"]})
    steps = {step.kind: step for step in made.result.flow.steps}
    assert list(steps) == ["set-missing", "set-idle", "predictor-missing"] or list(steps) == [
        "set-missing", "set-idle", "predictor-missing", "set-idle",
    ]  # fmt: skip
    assert steps["set-missing"].removed == 1
    assert {"set-not-named", "sets-without-contrast", "sets-broken-by-missing"} <= codes(made)
    plain = vr.fit_conditional("d == 1 ~ gall + est + ob", frame, sets="set")
    assert made.result.flow.n == plain.n
    assert isinstance(made.fit, ConditionalFit)
    assert_allclose(made.fit.beta, plain.beta, rtol=1e-9)


def test_a_matched_candidate_leaves_with_a_finding(tmp_path: Path) -> None:
    made = run(tmp_path, analysis={"candidates": ["gall", "age3", "gall:age3"]})
    assert [term.name for term in made.fit.design.terms] == ["gall", "gall:age3"]
    assert {"same-in-sets", "candidate-left-out"} <= codes(made)
    with pytest.raises(DataError, match="No candidate differs"):
        run(tmp_path, analysis={"candidates": ["age3"]})


def test_splines_have_their_tests(tmp_path: Path) -> None:
    terms = {"candidates": ["age", "est"], "terms": ["rcs(age, 3)"]}
    made = run(tmp_path, analysis=terms)
    assert made.result.shapes is not None
    assert "nonlinear" in set(made.result.shapes.tests["kind"])
    assert made.result.splines


def test_separation_inside_the_sets_is_named(tmp_path: Path) -> None:
    frame = loader.frame("bdendo").with_columns(
        gall=pl.when(pl.col("d") == 1).then(pl.col("gall")).otherwise(pl.lit("No"))
    )
    with pytest.raises(FitError, match="gall separates cases from controls inside every"):
        run(tmp_path, frame)


def test_vertebrae_of_a_patient_in_several_sets(tmp_path: Path) -> None:
    frame = loader.frame("bdendo").with_row_index("row")
    frame = frame.with_columns(patient=pl.col("row") // 7)
    path = study(tmp_path, frame, study={"unit": "vertebra", "patient": "patient"})
    cohort, findings = check_study(path)
    assert cohort is not None
    assert "sets-share-patients" in {each.code for each in findings}
    whole = frame.with_columns(patient=pl.col("set"))
    path = study(tmp_path, whole, study={"unit": "vertebra", "patient": "patient"})
    assert "sets-share-patients" not in {each.code for each in check_study(path)[1]}


def test_check_says_what_sets_lack(tmp_path: Path) -> None:
    frame = loader.frame("bdendo").with_columns(
        gall=pl.when(pl.col("set") < 60).then(pl.lit("No")).otherwise(pl.col("gall")),
        age3=pl.lit("<64"),
        d=pl.when(pl.col("set").is_in([61, 62])).then(1).otherwise(pl.col("d")),
    )
    _, findings = check_study(study(tmp_path, frame))
    found = {each.code: each.message for each in findings}
    assert "2 without a control" in found["sets-without-contrast"]
    assert "'gall'" in found["few-discordant-sets"]
    two = loader.frame("bdendo").with_columns(set=pl.col("set") // 2)
    found = {each.code: each.message for each in check_study(study(tmp_path, two))[1]}
    assert "more than one case (up to 2)" in found["several-cases-in-set"]
    assert "matched-differs" in found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pl.lit(1), "63 cases; matched sets have a few"),
        (pl.int_range(315), "No set of 'set' in 'patients.csv' has a case and a control"),
        (pl.lit(None), "has no value"),
    ],
)
def test_sets_that_cannot_be_used_stop(tmp_path: Path, change: pl.Expr, message: str) -> None:
    frame = loader.frame("bdendo").with_columns(set=change)
    with pytest.raises(DataError, match=message):
        load_cohort(load_protocol(study(tmp_path, frame)))


def test_the_order_of_rows_changes_nothing(made: StudyRun, tmp_path: Path) -> None:
    frame = loader.frame("bdendo").sample(fraction=1.0, shuffle=True, seed=3)
    again = run(tmp_path, frame)
    assert isinstance(made.fit, ConditionalFit)
    assert isinstance(again.fit, ConditionalFit)
    assert_allclose(again.fit.beta, made.fit.beta, rtol=1e-9)
    table = json.dumps(again.result.univariable[0].to_dict())
    assert json.loads(table)["n"] == 315


def test_firth_where_sets_are_separated(tmp_path: Path) -> None:
    frame = loader.frame("bdendo").with_columns(
        gall=pl.when(pl.col("d") == 1).then(pl.col("gall")).otherwise(pl.lit("No"))
    )
    made = run(tmp_path, frame, analysis={"estimator": "auto"})
    assert made.result.facts.estimator == "firth"
    assert "separation" in codes(made)
    gall = next(row for row in made.result.multivariable if row.term == "gall")
    assert gall.ratio is not None
    assert np.isfinite(gall.ratio)
    write_run(made, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "fitted by Firth" in page
    validate_results(results_document(made.result))


def test_one_set_that_rules_is_named(tmp_path: Path) -> None:
    frame = loader.frame("bdendo")
    crowd = frame.filter(pl.col("d") == 0).with_columns(set=pl.lit(1))
    whole = pl.concat([frame, crowd], how="vertical_relaxed")
    found = {each.code: each.message for each in check_study(study(tmp_path, whole))[1]}
    assert "One of 63 matched sets holds 51% of all pairs" in found["dominant-set"]


def test_the_nomogram_reads_odds_ratios_against_the_reference_patient(made: StudyRun) -> None:
    assert made.result.matched is not None
    assert isinstance(made.fit, ConditionalFit)
    nomogram, beta = made.result.matched.nomogram, made.fit.beta
    assert dict(made.result.matched.reference) == {"Gall bladder disease": "No", "Oestrogen": "Yes"}
    points = {
        axis.variable: dict(zip(axis.values, axis.points, strict=True)) for axis in nomogram.axes
    }
    same = points["gall"]["No"] + points["est"]["Yes"]
    assert nomogram.risk(same) == pytest.approx(1.0)
    more = points["gall"]["Yes"] + points["est"]["Yes"]
    assert nomogram.risk(more) == pytest.approx(np.exp(beta[0]))
    less = points["gall"]["No"] + points["est"]["No"]
    assert nomogram.risk(less) == pytest.approx(np.exp(-beta[1]))
    document = results_document(made.result)
    assert document["nomogram"]["axes"] == []  # of risks there is none
    ratios = [row["odds_ratio"] for row in document["matched"]["nomogram"]["total"]]
    assert max(ratios) > 1.0


def test_the_script_codes_interactions_with_what_was_matched(tmp_path: Path) -> None:
    made = run(tmp_path, analysis={"candidates": ["gall", "age3", "gall:age3"]})
    write_run(made, tmp_path / "out")
    script = (tmp_path / "out" / "reproduce.R").read_text(encoding="utf-8")
    assert "wanted <- terms(~ age3 + gall + (gall : age3), keep.order = TRUE)" in script
    assert 'attr(columns, "assign") > 1' in script


def test_a_plan_of_matched_sets_asks_for_nothing_that_they_refuse(tmp_path: Path) -> None:
    proposed = plan_study(study(tmp_path))
    told = {each.code for each in proposed.proposals}
    assert told.isdisjoint({"thresholds", "matched-controls", "overall-risk", "ridge"})
