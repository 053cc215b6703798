"""Splines, transformed numbers and interactions of a study: tests, effect plots, report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame
from tests.schemas import validate_results
from tests.study.test_imputed_run import patients
from tests.study.test_imputed_run import study as imputed_study
from tests.study.test_penalised_run import DIABETES, GBSG, PIMA, RECURRENCE, run

from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

SHAPED = ["rcs(glu, 3)", "parous", "rcs(glu, 3):parous", "log(ped)", "bmi_group"]


def pima_shapes(folder: Path, **analysis: Any) -> Path:
    reference_frame("pima_groups").write_csv(folder / "patients.csv")
    variables = {name: each for name, each in PIMA.items() if "noise" not in name}
    return write_study(
        folder,
        variables=variables,
        outcome=DIABETES,
        validation={"resamples": 4},
        analysis={
            "compare": list(variables),
            "candidates": SHAPED,
            "select": {"method": "prespecified"},
            **analysis,
        },
    )


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("binary")
    made = run(pima_shapes(folder))
    write_run(made, folder / "out")
    return made, folder / "out"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("followed")
    reference_frame("gbsg").write_csv(folder / "patients.csv")
    path = write_study(
        folder,
        variables=GBSG,
        outcome=RECURRENCE,
        study={"use_at": "postoperative"},
        validation={"resamples": 4},
        analysis={
            "compare": list(GBSG),
            "candidates": ["rcs(nodes, 3)", "age", "hormon"],
            "select": {"method": "prespecified"},
            "strata": ["grade"],
        },
    )
    made = run(path, language="zh")
    write_run(made, folder / "out")
    return made, folder / "out"


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    validate_results(found)
    return found


def test_the_tests_are_those_of_the_fit(binary: tuple[StudyRun, Path]) -> None:
    made, folder = binary
    assert isinstance(made.fit, LogisticFit)
    rows = document(folder)["shapes"]["tests"]
    table = made.fit.anova()
    assert [(row["term"], row["kind"]) for row in rows] == table.select("term", "kind").rows()
    assert_allclose([row["wald"] for row in rows], table["wald"], rtol=1e-12)
    assert rows[0]["label"] == "Glucose"
    assert {row["label"] for row in rows} >= {"Glucose × Parous", "Pedigree", ""}


def test_the_curves_are_those_of_the_model(binary: tuple[StudyRun, Path]) -> None:
    made, folder = binary
    glucose, pedigree = document(folder)["shapes"]["effects"]
    assert (glucose["variable"], glucose["by"]) == ("glu", "parous")
    assert (pedigree["variable"], pedigree["by"], pedigree["horizon"]) == ("ped", "", None)
    assert {row["by"] for row in glucose["curve"]} == {"no", "yes"}
    expected = made.model.effect("ped")
    assert_allclose([row["risk"] for row in pedigree["curve"]], expected["risk"], rtol=1e-12)
    held = {each["label"]: each["value"] for each in pedigree["held"]}
    assert held == {"Glucose": "120.5 mg/dl", "Parous": "yes", "Body mass": "obese"}


def test_the_report_shows_them(binary: tuple[StudyRun, Path]) -> None:
    page = (binary[1] / "report.html").read_text(encoding="utf-8")
    assert "Tests of predictors, of their shapes and of their interactions" in page
    assert "All predictors: nonlinear part" in page
    assert page.index('id="figure-forest"') < page.index('id="figure-effect_1"')
    assert page.index('id="figure-effect_2"') < page.index('id="figure-nomogram"')
    assert "Predicted risk against Glucose by Parous, with 95 % intervals; the other" in page
    for place in (1, 2):
        assert (binary[1] / "figures" / f"effect_{place}.svg").stat().st_size > 5000


def test_a_followed_study_names_horizon_and_stratum(followed: tuple[StudyRun, Path]) -> None:
    made, folder = followed
    (effect,) = document(folder)["shapes"]["effects"]
    assert effect["horizon"] == 730.0
    stratum = effect["held"][0]
    assert stratum == {"label": "grade", "value": made.model.baselines[0].stratum}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "730天内的预测风险随Nodes的变化，附95%区间；其余预测变量固定为：" in page
    assert "预测变量、函数形状与交互作用的检验" in page


def test_straight_lines_need_neither(tmp_path: Path) -> None:
    made = run(pima_shapes(tmp_path, candidates=["glu", "parous"]))
    assert made.result.shapes is None


def test_a_penalised_model_has_curves_without_tests(tmp_path: Path) -> None:
    path = pima_shapes(tmp_path, candidates=["rcs(glu, 3)", "parous"], estimator="ridge")
    shapes = run(path).result.shapes
    assert shapes is not None
    assert shapes.tests.is_empty()
    assert len(shapes.effects) == 1
    assert isinstance(shapes.effects[0].frame, pl.DataFrame)


def test_an_imputed_model_has_the_curves_of_its_pooled_coefficients(tmp_path: Path) -> None:
    data = patients({"bmi_group": 0.2})
    missing = {"method": "imputation", "imputations": 3, "iterations": 2}
    candidates = ["rcs(glu, 3)", "parous", "bmi_group"]
    select = {"method": "prespecified"}
    made = run(imputed_study(tmp_path, data, missing, candidates=candidates, select=select))
    shapes = made.result.shapes
    assert shapes is not None
    assert set(shapes.tests["kind"]) == {"overall", "nonlinear"}
    (effect,) = shapes.effects
    assert effect.frame["risk"].to_list() == made.model.effect("glu")["risk"].to_list()
    assert effect.banded
