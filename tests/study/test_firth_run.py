"""Studies by Firth's penalised likelihood, from the protocol to every artefact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame
from tests.reproducing import reproduced
from tests.schemas import validate_results

from vertebrisk import FirthCoxFit, FirthLogisticFit, RiskModel
from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

VARIABLES: dict[str, dict[str, Any]] = {
    "drain": {"label": "Drain", "codes": {"0": "No", "1": "Yes"}},
    "grade": {"label": "Grade", "levels": ["mild", "moderate", "severe"]},
    "age": {"label": "Age", "unit": "years"},
}
LEAKAGE = {
    "name": "leakage",
    "label": {"en": "Leakage", "zh": "渗漏"},
    "event": "event == 1",
    "time_point": "1 month",
}
FOLLOWED = {**LEAKAGE, "kind": "time-to-event", "time": "time", "time_unit": "days"}


def study(folder: Path, *, outcome: dict[str, Any] | None = None, **analysis: Any) -> Path:
    reference_frame("separated").write_csv(folder / "patients.csv")
    return write_study(
        folder,
        variables=VARIABLES,
        outcome=outcome or LEAKAGE,
        validation={"resamples": 8},
        analysis={"compare": list(VARIABLES), "estimator": "auto", **analysis},
    )


def run(path: Path, **options: Any) -> StudyRun:
    made = run_study(load_protocol(path), RunOptions(**options))
    write_run(made, path.parent / "out")
    return made


@pytest.fixture(scope="module")
def logistic(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("logistic")
    return run(study(folder)), folder


@pytest.fixture(scope="module")
def flac(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("flac")
    path = study(folder, estimator="firth", mean_risk="flac")
    return run(path, language="zh"), folder


@pytest.fixture(scope="module")
def cox(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("cox")
    return run(study(folder, outcome={**FOLLOWED, "horizons": [10, 20]})), folder


def test_a_separated_study_is_estimated_by_firth_and_the_report_says_so(
    logistic: tuple[StudyRun, Path],
) -> None:
    made, folder = logistic
    assert isinstance(made.fit, FirthLogisticFit)
    assert made.result.facts.estimator == "firth (flic)"
    assert "separation" in {each.code for each in made.result.findings}
    assert "separated-resamples" not in {each.code for each in made.result.findings}
    rows = {(row.term, row.level): row for row in made.result.multivariable}
    table = made.fit.odds_ratios()
    assert rows["age", ""].conf_high == pytest.approx(table["conf_high"][-1], rel=1e-9)
    text = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "fitted by Firth" in text
    assert "(FLIC)" in text
    document = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    model = RiskModel.load(folder / "out" / "model.json")
    assert model.provenance.estimator == "firth (flic)"
    assert_allclose(model.predict(made.cohort.frame)["risk"], made.fit.risk, rtol=1e-9)


def test_flac_in_chinese(flac: tuple[StudyRun, Path]) -> None:
    made, folder = flac
    assert made.result.facts.estimator == "firth (flac)"
    text = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "Firth惩罚似然" in text
    assert "（FLAC）" in text


def test_a_cox_study_by_firth(cox: tuple[StudyRun, Path]) -> None:
    made, folder = cox
    assert isinstance(made.fit, FirthCoxFit)
    assert made.result.facts.estimator == "firth"
    text = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "penalised partial likelihood" in text
    row = next(row for row in made.result.multivariable if row.term == "age")
    assert row.conf_low == pytest.approx(made.fit.hazard_ratios()["conf_low"][-1], rel=1e-9)


def test_wald_intervals_on_request(tmp_path: Path) -> None:
    made = run(study(tmp_path, estimator="firth", intervals="wald"))
    assert isinstance(made.fit, FirthLogisticFit)
    row = next(row for row in made.result.multivariable if row.term == "age")
    own = made.fit.odds_ratios(intervals="wald")
    assert row.conf_low == pytest.approx(own["conf_low"][-1], rel=1e-9)


def test_auto_without_separation_is_maximum_likelihood(tmp_path: Path) -> None:
    path = study(tmp_path, candidates=["age"])
    made = run(path)
    assert not isinstance(made.fit, FirthLogisticFit)
    assert made.result.facts.estimator == "ml"


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        ({"estimator": "ml", "mean_risk": "flic"}, "mean_risk in .analysis. belongs to estimator"),
        ({"outcome": {**FOLLOWED, "horizons": [10]}, "mean_risk": "flac"}, "baseline hazard"),
        (
            {"outcome": {**FOLLOWED, "horizons": [10]}, "estimator": "ml", "intervals": "profile"},
            'intervals = "profile"',
        ),
    ],
)
def test_options_without_their_estimator(
    tmp_path: Path, analysis: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        load_protocol(study(tmp_path, **analysis))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic", "flac", "cox"])
def test_the_r_script_agrees(name: str, request: pytest.FixtureRequest) -> None:
    reproduced(request.getfixturevalue(name)[1], "brglm2")
