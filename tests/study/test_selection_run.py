"""Studies whose predictors the data choose, from the protocol to every artefact."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.schemas import validate_results
from tests.study.test_penalised_run import gbsg_study, pima_study, run

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import load_protocol
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

LASSO: dict[str, Any] = {
    "estimator": "ml",
    "select": {"method": "lasso", "penalty": {"rule": "1se", "folds": 5}},
}
BIC: dict[str, Any] = {"estimator": "ml", "select": {"method": "backward", "criterion": "bic"}}


@pytest.fixture(scope="module")
def lasso(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("lasso")
    made = run(pima_study(folder, **LASSO))
    write_run(made, folder / "out")
    return made, folder / "out"


@pytest.fixture(scope="module")
def cox(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("cox")
    made = run(gbsg_study(folder, **BIC), language="zh")
    write_run(made, folder / "out")
    return made, folder / "out"


def document(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    validate_results(found)
    return found


def test_a_study_by_lasso_and_refit(lasso: tuple[StudyRun, Path]) -> None:
    made, out = lasso
    assert made.fit.selection.method == "lasso"
    assert made.result.validation.procedure == "whole procedure"
    assert made.result.validation_fixed is not None
    assert "refit-after-lasso" in {each.code for each in made.result.findings}
    found = document(out)
    assert found["study"]["selection"] == "lasso"
    assert found["stability"] is None
    assert found["study"]["selection_rule"] == "5-fold cross-validation, 1se"
    assert all(row["std_error"] is not None for row in found["multivariable"] if row["estimate"])
    page = (out / "report.html").read_text(encoding="utf-8")
    assert re.search(r"chosen by the lasso \[\d+\], its penalty found by 5-fold cross-val", page)
    assert "(largest penalty within one standard error; seed 3), and fitted anew" in page


def test_which_models_were_chosen_and_what_it_cost(lasso: tuple[StudyRun, Path]) -> None:
    made, out = lasso
    found = document(out)
    choices = found["validation"]["choices"]
    assert choices["models"] == made.result.validation.to_dict()["choices"]["models"]
    assert sum(each["count"] for each in choices["models"]) <= 8
    assert len(choices["pairs"]) == 20  # of 21
    assert found["validation_fixed"]["choices"] is None
    moved = choices["coefficients"]
    assert len(moved) == len(made.fit.development.design.columns)  # type: ignore[union-attr]
    assert all(each["rmsd_ratio"] > 0 for each in moved)
    cost = {each["measure"]: each for each in found["selection_cost"]}
    assert set(cost) == {"c_index", "slope", "brier"}
    for each in cost.values():
        assert each["cost"] == pytest.approx(each["whole"] - each["fixed"], abs=1e-12)
    page = (out / "report.html").read_text(encoding="utf-8")
    for words in (
        "Models chosen most often",
        "The final model was itself chosen in",
        "accounts for",
        "Coefficients under repeated selection",
        "Where it was chosen, the coefficient of",
    ):
        assert words in page


def test_a_cox_study_tells_it_in_chinese(cox: tuple[StudyRun, Path]) -> None:
    found = document(cox[1])
    horizons = [each["horizon"] for each in found["selection_cost"] if each["measure"] == "brier"]
    assert horizons == [730.0, 1461.0]
    page = (cox[1] / "report.html").read_text(encoding="utf-8")
    for words in ("最常入选的模型", "变量选择带来的乐观偏差", "最终模型的入选比例"):
        assert words in page


def test_a_cox_study_by_bic(cox: tuple[StudyRun, Path]) -> None:
    made, out = cox
    assert (made.fit.selection.method, made.fit.selection.criterion) == ("backward", "bic")
    assert document(out)["study"]["selection_rule"] == "BIC, refitted at each step"
    assert "BIC" in (out / "report.html").read_text(encoding="utf-8")


def test_a_study_by_elimination_without_refits(tmp_path: Path) -> None:
    select = {"method": "backward", "alpha": 0.1, "approximate": True}
    made = run(pima_study(tmp_path, estimator="ml", select=select))
    write_run(made, tmp_path / "out")
    assert made.fit.selection.approximate
    rule = (
        "Wald test, P < 0.1 to stay, by the covariance of the model of all candidates, "
        "without refits"
    )
    assert document(tmp_path / "out")["study"]["selection_rule"] == rule
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "without refits, until every one had P &lt; 0.1." in page


def test_a_study_by_stability_selection(tmp_path: Path) -> None:
    asked = {"pairs": 5, "pairs_in_resamples": 2, "per_half": 2, "threshold": 0.6}
    select = {"method": "stability", "stability": asked}
    made = run(pima_study(tmp_path, estimator="ml", select=select))
    write_run(made, tmp_path / "out")
    options = made.fit.selection.stability
    assert options is not None
    assert (options.pairs, options.per_half, options.seed) == (5, 2, 3)  # the validation's seed
    found = document(tmp_path / "out")
    assert found["study"]["selection_rule"] == "lasso, 5 x 2 halves, threshold 0.6"
    told = found["stability"]
    assert told["bound"] == pytest.approx(4 / (0.2 * 7))
    assert (told["pairs"], told["per_half"], told["unimodal_bound"]) == (5, 2, None)
    assert sum(each["share"] for each in told["shares"]) == pytest.approx(2.0)
    chosen = {each["predictor"] for each in told["shares"] if each["chosen"]}
    assert chosen == {term.name for term in made.fit.design.terms}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Predictors were chosen by stability selection" in page
    assert "of candidates no better than chance" in page
    assert "Share of 10 random halves of the patients" in page


def test_stability_by_lasso_belongs_to_other_models_than_fine_gray(tmp_path: Path) -> None:
    path = gbsg_study(tmp_path, estimator="ml", model="fine-gray", select="stability")
    with pytest.raises(ProtocolError, match=r'select = "stability" in \[analysis\] belongs to'):
        load_protocol(path)


def test_a_penalised_estimator_takes_no_lasso_selection(tmp_path: Path) -> None:
    path = pima_study(tmp_path, estimator="lasso", select="lasso")
    with pytest.raises(ProtocolError, match='write select = "prespecified"; this one is "lasso"'):
        load_protocol(path)


def test_a_cox_model_has_no_auc_to_go_by(tmp_path: Path) -> None:
    select = {"method": "lasso", "penalty": {"measure": "auc"}}
    with pytest.raises(ProtocolError, match=r'measure = "auc" in \[analysis.select.penalty\]'):
        load_protocol(gbsg_study(tmp_path, estimator="ml", select=select))
