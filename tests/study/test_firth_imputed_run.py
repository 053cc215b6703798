"""Imputed studies by Firth's penalised likelihood, from the protocol to every artefact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame
from tests.reproducing import reproduced
from tests.schemas import validate_results
from tests.study.test_firth_run import FOLLOWED, LEAKAGE, VARIABLES

from vertebrisk.errors import FitError
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

TIMED = {**FOLLOWED, "horizons": [10, 20]}


def study(folder: Path, outcome: dict[str, Any], **analysis: Any) -> Path:
    frame = reference_frame("separated")
    gone = pl.int_range(frame.height) % 6 == 3
    frame = frame.with_columns(age=pl.when(~gone).then("age"))
    frame.write_csv(folder / "patients.csv")
    return write_study(
        folder,
        variables=VARIABLES,
        outcome=outcome,
        validation={"resamples": 6},
        analysis={"compare": list(VARIABLES), "estimator": "auto", **analysis},
        missing={"method": "imputation", "imputations": 5, "iterations": 3},
    )


def run(path: Path, **options: Any) -> tuple[StudyRun, PooledFit]:
    made = run_study(load_protocol(path), RunOptions(**options))
    write_run(made, path.parent / "out")
    assert isinstance(made.fit, PooledFit)
    return made, made.fit


Ran = tuple[StudyRun, PooledFit, Path]


@pytest.fixture(scope="module")
def logistic(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("logistic")
    return *run(study(folder, LEAKAGE)), folder


@pytest.fixture(scope="module")
def flac(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("flac")
    path = study(folder, LEAKAGE, estimator="firth", mean_risk="flac")
    return *run(path, language="zh"), folder


@pytest.fixture(scope="module")
def cox(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("cox")
    return *run(study(folder, TIMED)), folder


def text_of(folder: Path) -> str:
    return (folder / "out" / "report.html").read_text(encoding="utf-8")


def test_a_separated_imputed_study_is_estimated_by_firth(logistic: Ran) -> None:
    made, fit, folder = logistic
    assert fit.by_firth
    assert made.result.facts.estimator == "firth (flic)"
    finding = next(each for each in made.result.findings if each.code == "separation")
    assert "In all 5 completed tables" in finding.message
    assert "separated-resamples" not in {each.code for each in made.result.findings}
    row = next(row for row in made.result.multivariable if row.term == "age")
    table = fit.ratios()
    assert row.conf_high == pytest.approx(table["conf_high"][-1], rel=1e-9)
    assert row.p_value == pytest.approx(table["p_value"][-1], rel=1e-9)
    text = text_of(folder)
    assert "fitted by Firth" in text
    assert "(FLIC)" in text
    assert "(CLIP" in text
    document = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    model = RiskModel.load(folder / "out" / "model.json")
    assert model.provenance.estimator == "firth (flic)"
    assert_allclose(model.beta, fit.slopes, rtol=1e-9)


def test_flac_in_chinese(flac: Ran) -> None:
    made, _, folder = flac
    assert made.result.facts.estimator == "firth (flac)"
    text = text_of(folder)
    assert "Firth惩罚似然" in text
    assert "（FLAC）" in text
    assert "CLIP" in text


def test_a_monotone_imputed_study(cox: Ran) -> None:
    made, fit, folder = cox
    assert fit.by_firth
    assert made.result.facts.estimator == "firth"
    finding = next(each for each in made.result.findings if each.code == "separation")
    assert "in all 5 completed tables (monotone likelihood)" in finding.message
    assert "penalised partial likelihood" in text_of(folder)
    row = next(row for row in made.result.multivariable if row.term == "age")
    assert row.conf_low == pytest.approx(fit.ratios()["conf_low"][-1], rel=1e-9)
    document = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
    validate_results(document)


def test_maximum_likelihood_stops_with_advice_that_is_true(tmp_path: Path) -> None:
    with pytest.raises(FitError, match=r"in all 5 completed tables: .* 'auto'"):
        run(study(tmp_path, LEAKAGE, estimator="ml"))


def test_auto_is_maximum_likelihood_where_nothing_separates(tmp_path: Path) -> None:
    made, fit = run(study(tmp_path, LEAKAGE, candidates=["age"]))
    assert not fit.by_firth
    assert made.result.facts.estimator == "ml"
    assert "(CLIP" not in text_of(tmp_path)


def test_wald_intervals_on_request(tmp_path: Path) -> None:
    made, fit = run(study(tmp_path, LEAKAGE, estimator="firth", intervals="wald"))
    row = next(row for row in made.result.multivariable if row.term == "age")
    assert row.conf_low == pytest.approx(fit.ratios(intervals="wald")["conf_low"][-1], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic", "flac", "cox"])
def test_r_agrees_within_the_chance_of_imputation(
    name: str, request: pytest.FixtureRequest
) -> None:
    said = reproduced(request.getfixturevalue(name)[2], "brglm2", "mice")
    assert said.count("agrees") >= 6
