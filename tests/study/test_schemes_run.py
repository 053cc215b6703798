"""Studies validated by other methods than the optimism bootstrap, from protocol to report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.schemas import validate_results
from tests.study.test_penalised_run import gbsg_study, pima_study, run

from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.protocol import load_protocol
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.study.analysis import run_study
from vertebrisk.study.checking import checked_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

CROSSED = {"method": "cross-validation", "resamples": None, "folds": 5, "repeats": 2}


def made(folder: Path, language: str, validation: dict[str, Any], **analysis: Any) -> StudyRun:
    found = run(pima_study(folder, validation=validation, **analysis), language=language)
    write_run(found, folder / "out")
    return found


def page_of(folder: Path) -> str:
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<svg.*?</svg>|<style.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def document_of(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
    validate_results(found)
    return dict(found)


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("crossed")
    return made(folder, "en", CROSSED, estimator="ml", select="backward"), folder


@pytest.fixture(scope="module")
def plus(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("plus")
    return made(folder, "zh", {"method": "632+"}, estimator="ml"), folder


def test_a_cross_validated_study_says_so_and_knows_no_optimism(
    crossed: tuple[StudyRun, Path],
) -> None:
    found, folder = crossed
    assert isinstance(found.fit, LogisticFit)
    own = found.fit.validate(
        seed=found.result.facts.seed, method="cross-validation", folds=5, repeats=2
    )
    assert found.result.validation.corrected("c_index") == own.corrected("c_index")
    page = page_of(folder)
    for text in ("for optimism", "an optimism of", "harrell's", "bootstrap resamples"):
        assert text not in page.lower(), text
    shown = [column.key for column in build_tables(found.result)["performance"].columns]
    assert shown == [
        "measure",
        "apparent",
        "corrected",
        "mc_error",
        "fixed_corrected",
        "fixed_mc_error",
    ]
    for text in (
        "cross-validation in 5 folds (rounds: 2; seed 3; events spread evenly",
        "Performance, apparent and by cross-validation",
        "Decision curve: net benefit of the model, apparent and by cross-validation",
        "C-index, by cross-validation",
        "Models of the validation 10",
    ):
        assert text in page, text


def test_its_document_names_the_method(crossed: tuple[StudyRun, Path]) -> None:
    document = document_of(crossed[1])
    assert document["validation"]["method"] == "cross-validation"
    assert document["validation_fixed"]["method"] == "cross-validation"
    assert document["study"]["folds"] == 5
    assert document["study"]["repeats"] == 2
    assert document["study"]["resamples"] == 10
    model = json.loads((crossed[1] / "out" / "model.json").read_text(encoding="utf-8"))
    assert model["performance"]["method"] == "cross-validation"


def test_what_the_r_script_does_not_recompute_it_says(crossed: tuple[StudyRun, Path]) -> None:
    script = (crossed[1] / "out" / "reproduce.R").read_text(encoding="utf-8")
    assert "The validation by cross-validation is not recomputed here." in script
    assert "validate(model" not in script


def test_the_632_plus_in_chinese_corrects_no_curve(plus: tuple[StudyRun, Path]) -> None:
    found, folder = plus
    page = page_of(folder)
    assert "乐观校正" not in page
    assert ".632+自助法" in page
    assert ".632+自助法不校正曲线" in page
    document = document_of(folder)
    assert {line["model"] for line in document["decision"]["curve"]} == {"model", "all", "none"}
    own = net_benefit(found.fit, 0.2)
    (line,) = (
        each
        for each in document["decision"]["curve"]
        if each["model"] == "model" and abs(each["threshold"] - 0.2) < 1e-9
    )
    assert_allclose(line["net_benefit"], own, rtol=1e-12)


def net_benefit(fit: Any, threshold: float) -> float:
    treat = fit.risk >= threshold
    true, false = np.sum(treat & fit.event), np.sum(treat & ~fit.event)
    return float((true - false * threshold / (1.0 - threshold)) / fit.event.size)


def test_a_number_of_resamples_is_refused_where_none_are_drawn(
    crossed: tuple[StudyRun, Path],
) -> None:
    protocol = load_protocol(crossed[0].protocol.path)
    with pytest.raises(ArgumentError, match='validates by "cross-validation", which draws none'):
        run_study(protocol, RunOptions(resamples=20))


def test_a_cox_model_is_cross_validated(tmp_path: Path) -> None:
    crossed = {"method": "cross-validation", "resamples": None, "folds": 3, "repeats": 1}
    found = run(gbsg_study(tmp_path, crossed, estimator="ml"))
    write_run(found, tmp_path / "out")
    page = page_of(tmp_path)
    for text in (
        "Performance at the horizons, apparent and by cross-validation",
        "Discrimination is Harrell's C-index with its jackknife interval",
        "By cross-validation with 3 models, each of which re-estimated the same model",
        "The curve was drawn by Cox regression on a restricted cubic spline",
    ):
        assert text in page.replace("&#x27;", "'").replace("&#39;", "'"), text
    assert "optimism" not in str(build_tables(found.result)["horizons"]).lower()
    assert document_of(tmp_path)["validation"]["method"] == "cross-validation"


def test_shifted_limits_are_named(tmp_path: Path) -> None:
    shifted = {"resamples": 6, "interval": "location-shifted"}
    found = made(tmp_path, "en", shifted, estimator="ml")
    assert "Noma's location-shifted one" in page_of(tmp_path).replace("&#39;", "'")
    assert document_of(tmp_path)["validation"]["interval"] == "location-shifted"
    row = found.result.validation.table.row(0, named=True)
    assert isinstance(found.fit, LogisticFit)
    inside = found.fit.validate(6, 3, interval="location-shifted").table.row(0, named=True)
    assert (row["conf_low"], row["conf_high"]) == (inside["conf_low"], inside["conf_high"])


def test_more_folds_than_patients_stop_check_and_run(tmp_path: Path) -> None:
    many = {"method": "cross-validation", "resamples": None, "folds": 5000}
    path = pima_study(tmp_path, many, estimator="ml")
    found = checked_study(path)[1]
    assert any(
        each.code == "cannot-run" and "'folds' in [validation] is 5000, and 200" in each.message
        for each in found
    )
    with pytest.raises(DataError, match="at most that many are possible"):
        run_study(load_protocol(path))
