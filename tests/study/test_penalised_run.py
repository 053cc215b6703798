"""Studies by ridge, lasso and elastic net, from the protocol to every artefact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame
from tests.reproducing import reproduced
from tests.schemas import validate_results

from vertebrisk.errors import ProtocolError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.penalised.fit import PenalisedCoxFit, PenalisedLogisticFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

PIMA: dict[str, dict[str, Any]] = {
    "npreg": {"label": "Pregnancies"},
    "glu": {"label": "Glucose", "unit": "mg/dl"},
    "bmi_group": {"label": "Body mass", "levels": ["normal", "overweight", "obese"]},
    "ped": {"label": "Pedigree"},
    "parous": {"label": "Parous", "levels": ["no", "yes"]},
    "noise1": {"label": "First noise"},
    "noise2": {"label": "Second noise"},
}
DIABETES = {
    "name": "diabetes",
    "label": {"en": "Diabetes", "zh": "糖尿病"},
    "event": 'type == "Yes"',
    "time_point": "at the visit",
}
GBSG: dict[str, dict[str, Any]] = {
    "age": {"label": "Age", "unit": "years"},
    "grade": {"label": "Grade", "levels": ["1", "2", "3"]},
    "nodes": {"label": "Nodes"},
    "size": {"label": "Size", "unit": "mm"},
    "hormon": {"label": "Hormonal therapy", "codes": {"0": "No", "1": "Yes"}},
}
RECURRENCE = {
    "name": "recurrence",
    "label": {"en": "Recurrence", "zh": "复发"},
    "kind": "time-to-event",
    "event": "status == 1",
    "time": "rfstime",
    "time_unit": "days",
    "horizons": [730, 1461],
    "time_point": "2 years",
}


def pima_study(folder: Path, validation: dict[str, Any] | None = None, **analysis: Any) -> Path:
    noise = reference_frame("pima_noise").select("noise1", "noise2")
    pl.concat([reference_frame("pima_groups"), noise], how="horizontal").write_csv(
        folder / "patients.csv"
    )
    return write_study(
        folder,
        variables=PIMA,
        outcome=DIABETES,
        validation={"resamples": 8, **(validation or {})},
        analysis={"compare": list(PIMA), "estimator": "lasso", **analysis},
    )


def gbsg_study(folder: Path, validation: dict[str, Any] | None = None, **analysis: Any) -> Path:
    reference_frame("gbsg").write_csv(folder / "patients.csv")
    return write_study(
        folder,
        variables=GBSG,
        outcome=RECURRENCE,
        study={"use_at": "postoperative"},
        validation={"resamples": 4, **(validation or {})},
        analysis={"compare": list(GBSG), "estimator": "lasso", **analysis},
    )


def run(path: Path, **options: Any) -> StudyRun:
    return run_study(load_protocol(path), RunOptions(**options))


@pytest.fixture(scope="module")
def lasso(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("lasso")
    made = run(pima_study(folder, penalty={"rule": "1se", "folds": 5}))
    write_run(made, folder / "out")
    return made, folder / "out"


@pytest.fixture(scope="module")
def cox(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("cox")
    made = run(gbsg_study(folder, penalty={"folds": 4, "rule": "1se"}))
    write_run(made, folder / "out")
    return made, folder / "out"


def test_the_protocol_decides_the_penalty(lasso: tuple[StudyRun, Path]) -> None:
    made, _ = lasso
    assert isinstance(made.fit, PenalisedLogisticFit)
    asked = made.fit.shrinkage.penalty
    assert (asked.rule, asked.folds, asked.seed) == ("1se", 5, 3)  # the seed of the validation
    found = made.result.penalised
    assert found is not None
    assert found.n_kept == len(made.fit.design.terms) < found.n_candidates == 7
    assert made.result.validation.procedure == "whole procedure"
    assert made.result.validation_fixed is None
    assert {"post-selection", "few-events"} & {each.code for each in made.result.findings}
    estimates = dict(
        found.coefficients.filter(found.coefficients["level"] == "")
        .select("term", "estimate")
        .iter_rows()
    )
    assert estimates["glu"] == pytest.approx(
        made.fit.beta[[each.term for each in made.fit.design.columns].index("glu")]
    )


def test_results_follow_the_schema_and_hold_no_false_errors(lasso: tuple[StudyRun, Path]) -> None:
    document = json.loads((lasso[1] / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert document["study"]["estimator"] == "lasso"
    assert document["penalised"]["rule"] == "1se"
    assert all(row["std_error"] is None for row in document["multivariable"])
    assert all(row["p_value"] is None for row in document["multivariable"])
    assert {"lr_statistic", "p_value", "aic"}.isdisjoint(document["model_summary"])
    assert "hosmer_lemeshow" not in document["model_summary"]
    chosen = [row for row in document["penalised"]["cross_validation"] if "1se" in row["rule"]]
    assert chosen[0]["penalty"] == document["penalised"]["penalty"]


def test_the_report_tells_it_in_words_tables_and_figures(lasso: tuple[StudyRun, Path]) -> None:
    page = (lasso[1] / "report.html").read_text(encoding="utf-8")
    for words in (
        "fitted by the lasso",
        "5-fold cross-validation of the deviance",
        "largest penalty within one standard error",
        "Shrunken coefficients, logistic regression",
        "they are no confidence intervals",
        "Kept in resamples (%)",
    ):
        assert words in page
    assert "maximum likelihood; P" not in page
    assert "drawing-path" in page
    assert "drawing-cross_validation" in page
    assert "drawing-forest" not in page
    for name in ("path", "cross_validation", "nomogram", "selection"):
        assert (lasso[1] / "figures" / f"{name}.svg").stat().st_size > 0


def test_the_model_travels_with_the_draws(lasso: tuple[StudyRun, Path]) -> None:
    model = RiskModel.load(lasso[1] / "model.json")
    assert model.interval_kind == "procedure-bootstrap"
    assert model.provenance.estimator == "lasso"
    risks = model.predict(reference_frame("pima_groups").head(5))
    assert_allclose(risks["risk"], lasso[0].fit.risk[:5])  # type: ignore[union-attr]
    assert (risks["conf_low"] <= risks["conf_high"]).all()


def test_a_cox_study_reports_the_same(cox: tuple[StudyRun, Path]) -> None:
    made, out = cox
    assert isinstance(made.fit, PenalisedCoxFit)
    assert made.fit.likelihood.ties == "breslow"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "ties after Breslow" in page
    assert "Shrunken coefficients, Cox regression" in page
    assert "drawing-schoenfeld" not in page
    document = json.loads((out / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert document["survival"]["hazards"] == []
    assert RiskModel.load(out / "model.json").interval_kind == "procedure-bootstrap"


def test_ridge_in_chinese_with_a_given_penalty(tmp_path: Path) -> None:
    path = pima_study(tmp_path, estimator="ridge", penalty={"value": 0.05})
    made = run(path, language="zh", resamples=3)
    write_run(made, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for words in ("采用岭回归拟合", "惩罚参数预先定为0.0500", "收缩后的logistic回归系数"):
        assert words in page
    assert "drawing-cross_validation" not in page
    found = made.result.penalised
    assert found is not None
    assert found.cross_validation.is_empty()
    assert found.coefficients["frequency"].null_count() == found.coefficients.height


def test_ridge_by_a_criterion(tmp_path: Path) -> None:
    made = run(pima_study(tmp_path, estimator="ridge", penalty={"rule": "aic_c"}), resamples=3)
    write_run(made, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "The penalty is that of the best corrected AIC" in page
    document = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert document["penalised"]["cross_validation"] == []


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("known")
    factors = {"bmi_group": 0, "noise1": 3, "ped": 1}
    made = run(pima_study(folder, penalty={"value": 0.09, "factors": factors}), resamples=4)
    write_run(made, folder / "out")
    return made, folder / "out"


def test_a_known_predictor_stays_and_the_report_says_so(known: tuple[StudyRun, Path]) -> None:
    made, out = known
    assert "bmi_group" in {term.name for term in made.fit.design.terms}
    assert len(made.fit.design.terms) < 7
    document = json.loads((out / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert document["penalised"]["factors"] == {"bmi_group": 0.0, "noise1": 3.0, "ped": 1.0}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Known beforehand and never penalised: Body mass." in page
    assert "The penalty was multiplied for First noise (3);" in page
    script = (out / "reproduce.R").read_text(encoding="utf-8")
    assert "penalty.factor = c(1, 1, 0, 0, 1, 1, 3, 1)" in script


def test_a_factor_of_a_candidate_that_was_left_out_is_no_error(tmp_path: Path) -> None:
    path = pima_study(tmp_path, penalty={"value": 0.05, "factors": {"glu": 0, "ped": 0.5}})
    data = tmp_path / "patients.csv"
    pl.read_csv(data).with_columns(ped=pl.lit(0.4)).write_csv(data)
    made = run(path, resamples=2)
    assert made.result.penalised is not None
    assert made.result.penalised.factors == {"glu": 0.0}


def test_selection_by_the_lasso_with_a_known_predictor(tmp_path: Path) -> None:
    select = {"method": "lasso", "penalty": {"value": 9.0, "factors": {"parous": 0}}}
    made = run(pima_study(tmp_path, estimator="ml", select=select), resamples=3)
    assert [term.name for term in made.fit.design.terms] == ["parous"]
    assert made.result.facts.selection_rule == "penalty 9, penalty factors parous 0"


@pytest.fixture(scope="module")
def shrunken(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("shrunken")
    made = run(pima_study(folder, estimator="ml", shrinkage="bootstrap"), resamples=20)
    write_run(made, folder / "out")
    return made, folder / "out"


def test_one_factor_shrinks_the_model_that_is_used(shrunken: tuple[StudyRun, Path]) -> None:
    made, out = shrunken
    found = made.result.shrinkage
    assert found is not None
    assert found.factor == made.result.validation.corrected("slope") < 1.0
    model = RiskModel.load(out / "model.json")
    fit = made.fit
    assert isinstance(fit, LogisticFit)
    assert not isinstance(fit, PenalisedLogisticFit)
    assert_allclose(model.beta, found.factor * fit.beta)
    assert model.interval_kind == "procedure-bootstrap"
    assert "coefficients times" in model.provenance.estimator
    assert_allclose(made.result.nomogram.intercept, made.model.nomogram().intercept)
    assert made.result.total_points["n"].sum() == fit.n
    noise = reference_frame("pima_noise").select("noise1", "noise2")
    patients = pl.concat([reference_frame("pima_groups"), noise], how="horizontal")
    risks = model.predict(patients)["risk"]
    assert risks.mean() == pytest.approx(68 / 200, abs=1e-9)
    document = json.loads((out / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert document["shrinkage"]["factor"] == found.factor
    assert document["multivariable"][0]["std_error"] is not None
    page = (out / "report.html").read_text(encoding="utf-8")
    for words in (
        "All coefficients were shrunken by the factor",
        "Coefficients before and after shrinkage",
        "multiplied by the calibration slope that the bootstrap expects",
    ):
        assert words in page


@pytest.fixture(scope="module")
def shrunken_cox(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("shrunken_cox")
    made = run(gbsg_study(folder, estimator="ml", shrinkage="heuristic"))
    write_run(made, folder / "out")
    return made, folder / "out"


def test_a_cox_study_is_shrunken_too(shrunken_cox: tuple[StudyRun, Path]) -> None:
    made, out = shrunken_cox
    found = made.result.shrinkage
    assert found is not None
    assert 0.0 < found.factor < 1.0
    model = RiskModel.load(out / "model.json")
    fit = made.fit
    assert isinstance(fit, CoxFit)
    assert_allclose(model.beta, found.factor * fit.beta)
    assert model.interval_kind == "none"
    assert made.result.total_points["n"].sum() == fit.n
    horizons = made.result.survival
    assert horizons is not None
    assert horizons.horizons[0].baseline_hazard == pytest.approx(model.baselines[0].at(730.0)[0])
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "and the baseline hazard was estimated anew" in page
    assert "HR, shrunken" in page


def test_a_heuristic_factor_in_chinese(tmp_path: Path) -> None:
    path = pima_study(tmp_path, estimator="ml", shrinkage="heuristic")
    made = run(path, resamples=3, language="zh")
    write_run(made, tmp_path / "out")
    assert made.result.shrinkage is not None
    assert made.result.shrinkage.kind == "heuristic"
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "启发式收缩因子" in page
    assert "收缩前后的系数" in page


def test_a_penalty_so_large_that_nothing_is_kept(tmp_path: Path) -> None:
    made = run(pima_study(tmp_path, penalty={"value": 5.0}), resamples=3)
    write_run(made, tmp_path / "out")
    assert made.fit.design.terms == ()
    assert "nothing-selected" in {each.code for each in made.result.findings}
    assert_allclose(made.fit.risk, np.full(200, 68 / 200))  # type: ignore[union-attr]


def test_a_model_beside_has_the_penalty_too(tmp_path: Path) -> None:
    path = gbsg_study(
        tmp_path, estimator="elastic_net", penalty={"mix": 0.3, "value": 0.05}, beside="logistic"
    )
    made = run(path, resamples=3)
    assert made.result.survival is not None
    beside = made.result.survival.beside
    assert beside is not None
    assert all(row.std_error is None for row in beside.rows)
    write_run(made, tmp_path / "out")


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        ({"estimator": "ml", "penalty": {"value": 0.1}}, "belongs to estimator = "),
        ({"select": "univariable"}, "weighs all candidates together"),
        ({"intervals": "profile"}, "goes with maximum likelihood"),
        ({"penalty": {"mix": 0.5}}, 'belongs to estimator = "elastic_net"'),
        ({"shrinkage": "bootstrap"}, "which shrinks by itself"),
        ({"penalty": {"rule": "bic"}}, 'belongs to estimator = "ridge"'),
        ({"penalty": {"folds": 2}}, "folds"),
        ({"penalty": {"value": 0}}, "value"),
        ({"penalty": {"lambda": 0.1}}, "lambda"),
        ({"penalty": {"factors": {"glue": 0}}}, "names 'glue', which is no candidate.*'glu'"),
        ({"penalty": {"factors": {"glu": -1}}}, "factors"),
        ({"penalty": {"factors": dict.fromkeys(PIMA, 0)}}, "0 for every candidate"),
        ({"penalty": {"factors": {"glu": 0, "C(glu)": 0}}}, "speaks of 'glu' 2 times"),
        (
            {
                "estimator": "ml",
                "select": {"method": "lasso", "penalty": {"factors": {"glue": 0}}},
            },
            r"\[analysis.select.penalty\] names 'glue'",
        ),
    ],
)
def test_protocols_that_are_refused(tmp_path: Path, analysis: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        load_protocol(pima_study(tmp_path, **analysis))


def test_a_cox_protocol_has_no_auc_to_go_by(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="deviance of its partial likelihood"):
        load_protocol(gbsg_study(tmp_path, penalty={"measure": "auc"}))
    with pytest.raises(ProtocolError, match=r"shrinkage in \[analysis\] belongs to model"):
        load_protocol(
            gbsg_study(tmp_path, estimator="ml", shrinkage="bootstrap", model="fine-gray")
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lasso", "cox", "known", "shrunken", "shrunken_cox"])
def test_the_r_script_agrees(name: str, request: pytest.FixtureRequest) -> None:
    reproduced(request.getfixturevalue(name)[1].parent, "glmnet")
