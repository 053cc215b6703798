"""Fractional polynomials of a study: protocol, search, report, R script and calculator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame
from tests.schemas import validate_results
from tests.study.test_penalised_run import DIABETES, GBSG, PIMA, RECURRENCE, run

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import load_protocol
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")


def followed_study(folder: Path, **analysis: Any) -> Path:
    reference_frame("gbsg").write_csv(folder / "patients.csv")
    return write_study(
        folder,
        variables=GBSG,
        outcome=RECURRENCE,
        study={"use_at": "postoperative"},
        validation={"resamples": 6},
        analysis={
            "compare": list(GBSG),
            "candidates": ["age", "nodes", "hormon"],
            "terms": ["fp(age)", "powers(nodes, 0)"],
            "select": {"method": "prespecified"},
            **analysis,
        },
    )


def binary_study(folder: Path, **analysis: Any) -> Path:
    reference_frame("pima_groups").write_csv(folder / "patients.csv")
    variables = {name: each for name, each in PIMA.items() if "noise" not in name}
    return write_study(
        folder,
        variables=variables,
        outcome=DIABETES,
        validation={"resamples": 4},
        analysis={
            "compare": list(variables),
            "candidates": ["fp(ped)", "fp(glu, 1)", "parous"],
            "select": {"method": "backward", "alpha": 0.2},
            "shape_alpha": 0.4,
            **analysis,
        },
    )


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("followed")
    made = run(followed_study(folder))
    write_run(made, folder / "out")
    return made, folder / "out"


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("binary")
    made = run(binary_study(folder), language="zh")
    write_run(made, folder / "out")
    return made, folder / "out"


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    validate_results(found)
    return found


def test_results_hold_what_was_compared_and_what_resamples_chose(
    followed: tuple[StudyRun, Path],
) -> None:
    made, folder = followed
    (age,) = document(folder)["shapes"]["powers"]
    assert (age["variable"], age["label"], age["powers"]) == ("age", "Age", [-2.0, -1.0])
    assert age["fp2"] > age["fp1"] > age["linear"] >= 0
    assert sum(each["share"] for each in age["repeated"]) == pytest.approx(1.0)
    assert {each["variable"] for each in document(folder)["shapes"]["effects"]} == {"age", "nodes"}
    assert made.result.validation.procedure == "whole procedure"
    assert made.result.validation_fixed is not None
    assert made.model.interval_kind == "procedure-bootstrap"


def test_the_report_tells_the_shapes_and_their_caveat(followed: tuple[StudyRun, Path]) -> None:
    _, folder = followed
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Fractional polynomials: the shapes compared and chosen" in page
    assert "How often each shape was chosen" in page
    assert "Age: powers −2, −1" in page
    assert "take the powers for known" in page
    assert "of having chosen predictors or shapes by the data" in page


def test_the_script_searches_again(followed: tuple[StudyRun, Path]) -> None:
    script = (followed[1] / "reproduce.R").read_text(encoding="utf-8")
    assert 'gTrans(age, fractional("age", c(-2, -1), 0, 100))' in script
    assert 'search("age", c("gTrans(nodes, fractional(' in script
    assert "scale <- nomogram(drawn)" not in script  # rms draws no axis for such a term


def test_a_selection_keeps_its_labels(binary: tuple[StudyRun, Path]) -> None:
    made, folder = binary
    found = document(folder)
    assert [each["variable"] for each in found["shapes"]["powers"]] == ["ped", "glu"]
    assert found["shapes"]["powers"][1]["fp2"] is None
    alone = {row["term"] for row in found["univariable"]}
    assert alone >= {"ped", "glu", "parous"}  # each by itself as it is
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "分数多项式" in page
    assert "powers(" not in page.split("分数多项式")[0].split("<main")[-1]
    assert made.result.validation.selected.height == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"estimator": "lasso"}, r'fp\(age\) in .* not possible with estimator = "lasso"'),
        ({"select": {"method": "univariable"}}, 'not possible with select = "univariable"'),
        ({"select": {"method": "backward", "criterion": "aic"}}, "elimination by AIC"),
        ({"terms": ["rcs(age, 3)"], "shape_alpha": 0.1}, "shape_alpha in .* no such term"),
        ({"shape_alpha": 1.5}, "shape_alpha"),
        ({"terms": ["fp(hormon)"]}, r"'fp\(hormon\)' in .analysis. needs numbers"),
        ({"terms": ["fp(age, 4)"]}, r"fp\(age\) takes the greatest degree, 1 or 2"),
    ],
)
def test_a_protocol_that_cannot_be_searched_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        load_protocol(followed_study(tmp_path, **change))
