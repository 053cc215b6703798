"""Runs of case-control studies: risks of the population, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reproducing import reproduced
from tests.schemas import validate_results

from vertebrisk.errors import ModelError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.logistic.fitting import fit_logistic
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import load_protocol
from vertebrisk.report.document.study import results_document
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

N = 1500


def patients() -> pl.DataFrame:
    """Fifteen hundred patients, some seven in a hundred with pain."""
    random = np.random.default_rng(12)
    cleft, age = random.random(N) < 0.3, random.normal(72, 8, N).round(1)
    pain = random.random(N) < 1 / (1 + np.exp(-(-3.3 + 1.2 * cleft + 0.05 * (age - 72))))
    return pl.DataFrame(
        {
            "cleft": np.where(cleft, "Yes", "No"),
            "age": age,
            "vas": np.where(pain, 6, 2),
            "taken": np.where(pain | (np.arange(N) % 9 == 0), "Yes", "No"),
        }
    )


def run(
    folder: Path,
    sampling: dict[str, Any],
    select: object = "prespecified",
    analysis: dict[str, Any] | None = None,
    **options: Any,
) -> StudyRun:
    patients().write_csv(folder / "patients.csv")
    path = write_study(
        folder,
        study={"design": "case-control"},
        variables={
            "cleft": {"label": "Cleft", "levels": ["No", "Yes"]},
            "age": {"label": "Age", "unit": "years"},
        },
        analysis={"compare": ["cleft", "age"], "select": select, **(analysis or {})},
        validation={"thresholds": [0.05, 0.1], "threshold_range": [0.02, 0.3]},
        sampling=sampling,
    )
    return run_study(load_protocol(path), RunOptions(**options))


def codes(made: StudyRun) -> set[str]:
    return {finding.code for finding in made.result.findings}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    return run(tmp_path_factory.mktemp("sampled"), {"sampled": "taken == 'Yes'"})


def test_risks_are_those_of_the_whole_cohort(made: StudyRun) -> None:
    whole = patients()
    full = fit_logistic("vas >= 4 ~ cleft + age", whole)
    risks = made.model.predict(whole)["risk"].to_numpy()
    assert abs(risks.mean() - full.n_events / N) < 0.01  # a quarter of the patients was fitted
    assert np.corrcoef(risks, full.risk)[0, 1] > 0.99
    expected = made.cohort.population
    assert expected is not None
    assert made.model.population.prevalence == expected.prevalence == full.n_events / N


def test_a_corrected_model_carries_no_warning_flag(made: StudyRun) -> None:
    assert {"prevalence-corrected"} <= codes(made)
    assert {"case-control-risk", "prevalence-taken-as-known"}.isdisjoint(codes(made))
    flags = made.model.predict(made.cohort.frame)["flags"]
    assert not flags.str.contains("control").any()
    again = RiskModel.from_dict(made.model.to_dict())
    assert again.population == made.model.population
    assert again.covariance is not None
    assert isinstance(made.fit, LogisticFit)
    assert_allclose(again.covariance, made.fit.cov, rtol=1e-12)


def test_the_report_tells_of_the_population(made: StudyRun, tmp_path: Path) -> None:
    document = results_document(made.result)
    validate_results(document)
    assert document["sampling"]["prevalence"] == made.model.population.prevalence
    assert {each["method"] for each in document["sampling"]["estimates"]} == {"prior", "weighted"}
    assert document["decision"]["prevalence"] == pytest.approx(made.model.population.prevalence)
    write_run(made, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "From the sample to the population" in page
    assert "Prior correction" in page
    assert "Cases and controls were resampled apart" in page
    assert "control not sampled (" in page  # the step of the flow


def test_the_report_speaks_chinese(tmp_path: Path) -> None:
    made = run(tmp_path, {"controls_per_case": 2, "seed": 1}, resamples=10, language="zh")
    write_run(made, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "从样本到源人群" in page
    assert "先验校正" in page
    assert made.cohort.n == 3 * made.cohort.n_events


def test_predictive_values_follow_the_prevalence(made: StudyRun) -> None:
    assert made.result.thresholds is not None
    row = made.result.thresholds.frame.row(0, named=True)
    share = made.model.population.prevalence
    assert share is not None
    right, wrong = row["sensitivity"] * share, (1 - row["specificity"]) * (1 - share)
    assert row["ppv"] == pytest.approx(right / (right + wrong), rel=1e-12)
    assert row["ppv_low"] < row["ppv"] < row["ppv_high"]


def test_a_prevalence_taken_as_known_is_said(tmp_path: Path) -> None:
    made = run(tmp_path, {"sampled": "taken == 'Yes'", "prevalence": 0.05}, resamples=5)
    assert {"prevalence-taken-as-known", "prevalence-differs"} <= codes(made)


def test_matched_controls_have_no_risk(tmp_path: Path) -> None:
    made = run(tmp_path, {"sampled": "taken == 'Yes'", "matched": ["age"]}, resamples=5)
    assert "matched-controls" in codes(made)
    predicted = made.model.predict(patients())
    assert predicted["risk"].null_count() == N
    assert predicted["linear_predictor"].null_count() == N
    assert predicted["total_points"].null_count() == N
    assert predicted["flags"].str.contains("no risk: controls were matched on age").all()
    with pytest.raises(ModelError, match="matched"):
        made.model.nomogram()
    again = RiskModel.from_dict(made.model.to_dict())
    assert again.population.matched == ("age",)
    validate_results(results_document(made.result))
    written = write_run(made, tmp_path / "out")
    assert "figures/nomogram.svg" not in written.files
    assert "calculator.html" not in written.files
    assert [each.code for each in written.findings] == ["no-calculator"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "no nomogram" in page


def test_without_a_prevalence_the_risk_stays_an_error(tmp_path: Path) -> None:
    patients().write_csv(tmp_path / "patients.csv")
    path = write_study(
        tmp_path,
        study={"design": "case-control"},
        variables={"cleft": {"label": "Cleft", "levels": ["No", "Yes"]}},
        analysis={"compare": ["cleft"]},
    )
    made = run_study(load_protocol(path), RunOptions(resamples=5))
    assert "case-control-risk" in codes(made)
    assert made.result.sampling is None


def test_a_model_without_predictors_gives_the_prevalence(tmp_path: Path) -> None:
    nothing = {"method": "univariable", "alpha": 1e-12}
    made = run(tmp_path, {"sampled": "taken == 'Yes'", "prevalence": 0.05}, nothing, resamples=5)
    assert made.fit.design.terms == ()
    assert_allclose(made.model.predict(patients())["risk"].to_numpy(), 0.05, rtol=1e-9)
    write_run(made, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "observed proportion of residual back pain, 5.0" in page
    validate_results(results_document(made.result))


def test_selection_is_repeated_on_stratified_resamples(tmp_path: Path) -> None:
    made = run(
        tmp_path, {"sampled": "taken == 'Yes'"}, {"method": "backward"}, resamples=60, seed=2
    )
    assert made.model.interval_kind == "procedure-bootstrap"
    assert made.result.validation.n_failed == 0
    assert made.model.draws is not None
    # the draws lie about the corrected intercept, not about that of the sample
    assert made.result.sampling is not None
    assert made.result.sampling.offset > 1.5
    middle = float(np.median(made.model.draws[:, 0]))
    assert abs(middle - made.model.intercept) < 1.0


OTHERS: dict[str, dict[str, Any]] = {
    "ridge": {"estimator": "ridge", "penalty": {"rule": "aic_c"}},
    "lasso": {"estimator": "lasso", "penalty": {"value": 0.09, "factors": {"age": 0.5}}},
    "elastic_net": {"estimator": "elastic_net", "penalty": {"folds": 3, "mix": 0.3}},
    "firth": {"estimator": "firth"},
    "auto": {"estimator": "auto", "mean_risk": "flac"},
    "shrunken": {"shrinkage": "bootstrap"},
}


@pytest.fixture(scope="module", params=OTHERS)
def other(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, StudyRun, Path]:
    folder = tmp_path_factory.mktemp(request.param)
    made = run(folder, {"sampled": "taken == 'Yes'"}, analysis=OTHERS[request.param], resamples=30)
    write_run(made, folder / "out")
    return request.param, made, folder / "out"


def test_every_estimator_is_moved_to_the_population(other: tuple[str, StudyRun, Path]) -> None:
    name, made, _ = other
    found = made.result.sampling
    assert found is not None
    whole = patients()
    risks = made.model.predict(whole)["risk"].to_numpy()
    # a quarter of the patients was fitted, and a penalty draws the intercept a little
    assert abs(risks.mean() - (whole["vas"] >= 4).mean()) < 0.015
    kind = {"firth": "firth", "auto": "ml", "shrunken": "ml"}.get(name, "penalised")
    assert found.kind == kind
    assert found.methods == (("prior",) if name == "firth" else ("prior", "weighted"))
    inside = made.model.predict(whole.head(20))
    assert ((inside["conf_low"] < inside["risk"]) & (inside["risk"] < inside["conf_high"])).all()


def test_the_report_of_every_estimator(other: tuple[str, StudyRun, Path]) -> None:
    name, made, out = other
    validate_results(results_document(made.result))
    page = (out / "report.html").read_text(encoding="utf-8")
    penalised = name in ("ridge", "lasso", "elastic_net")
    assert ("under the same penalty. Neither has standard errors" in page) is penalised
    assert ("Prentice RL, Pyke R" in page) is not penalised
    assert ("Firth&#39;s penalty has no weighted form" in page) is (name == "firth")


@pytest.mark.slow
def test_r_finds_the_same_of_every_estimator(other: tuple[str, StudyRun, Path]) -> None:
    name, _, out = other
    said = reproduced(out.parent, "glmnet", "brglm2")
    if name in ("ridge", "lasso", "elastic_net"):
        assert "Weighted B age" in said
