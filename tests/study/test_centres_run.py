"""Studies of several centres: each tried with a model of the others, from protocol to report."""

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
from tests.schemas import validate_results
from tests.study.test_penalised_run import DIABETES, GBSG, PIMA, RECURRENCE
from tests.study.test_schemes_run import page_of

from vertebrisk.errors import DataError, ProtocolError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.protocol import load_protocol
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.study.analysis import run_study
from vertebrisk.study.checking import checked_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

HOSPITALS: dict[str, Any] = {
    "label": {"en": "Hospital", "zh": "医院"},
    "levels": ["North", "South", "West"],
}
CANDIDATES = ["glu", "ped", "npreg"]


def with_hospitals(frame: pl.DataFrame, hospitals: int = 3) -> pl.DataFrame:
    place = np.random.default_rng(4).integers(0, hospitals, frame.height)
    return frame.with_columns(hospital=pl.Series([HOSPITALS["levels"][each] for each in place]))


def study(folder: Path, frame: pl.DataFrame | None = None, **tables: Any) -> Path:
    groups = reference_frame("pima_groups")
    data = with_hospitals(groups) if frame is None else frame
    data.write_csv(folder / "patients.csv")
    named = [*CANDIDATES, "hospital"]
    variables = {"hospital": HOSPITALS, **{name: PIMA[name] for name in CANDIDATES}}
    given: dict[str, Any] = {
        "variables": variables,
        "outcome": DIABETES,
        "analysis": {"compare": named, "candidates": CANDIDATES},
        "validation": {"resamples": 6, "centre": "hospital", "instability": False},
    }
    for name, table in tables.items():
        given[name] = {**given.get(name, {}), **table}
    return write_study(folder, **given)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("centres")
    made = run_study(load_protocol(study(folder)))
    write_run(made, folder / "out")
    return made, folder


def test_each_hospital_by_a_model_of_the_others(binary: tuple[StudyRun, Path]) -> None:
    made, folder = binary
    found = made.result.centres
    assert found is not None
    assert isinstance(made.fit, LogisticFit)
    own = made.fit.internal_external(made.cohort.frame["hospital"])
    assert found.table.equals(own.table)
    page = page_of(folder)
    estimate = own.estimate("c_index")
    for text in (
        "Each of the 3 centres (Hospital) was left out in turn",
        f"the C-index {estimate.estimate:.2f} (95",
        "Each centre by a model of the others",
        "A further centre",
    ):
        assert text in page, text
    assert (folder / "out" / "figures" / "centres.svg").is_file()


def test_its_table_has_every_hospital_all_and_a_further_one(
    binary: tuple[StudyRun, Path],
) -> None:
    table = build_tables(binary[0].result)["centres"]
    names = [row.cells[0].text for row in table.rows]
    assert names == ["North", "South", "West", "All centres, pooled", "A further centre"]
    found = binary[0].result.centres
    assert found is not None
    (slope,) = (line for line in found.pooled.to_dicts() if line["measure"] == "slope")
    assert table.rows[-1].cells[3].values == (slope["prediction_low"], slope["prediction_high"])


def test_the_document_has_it_and_counts_no_patient(binary: tuple[StudyRun, Path]) -> None:
    text = (binary[1] / "out" / "results.json").read_text(encoding="utf-8")
    document = json.loads(text)
    validate_results(document)
    centres = document["centres"]
    assert [line["centre"] for line in centres["table"]] == ["North", "South", "West"]
    assert sum(line["n"] for line in centres["table"]) == binary[0].result.flow.n
    assert_allclose(centres["level"], 0.95)


def test_a_study_over_time_in_chinese(tmp_path: Path) -> None:
    data = with_hospitals(reference_frame("gbsg"))
    years = 2015 + np.random.default_rng(6).integers(0, 7, data.height)
    data.with_columns(year=years).write_csv(tmp_path / "patients.csv")
    path = write_study(
        tmp_path,
        variables={
            "hospital": HOSPITALS,
            "year": YEAR,
            "age": GBSG["age"],
            "nodes": GBSG["nodes"],
        },
        outcome=RECURRENCE,
        study={"use_at": "postoperative"},
        analysis={"compare": ["age", "nodes"]},
        validation={
            "resamples": 3,
            "centre": "hospital",
            "split": {"by": "year", "since": 2019},
            "instability": False,
        },
    )
    made = run_study(load_protocol(path), RunOptions(language="zh"))
    write_run(made, tmp_path / "out")
    page = page_of(tmp_path)
    assert "各中心的内部-外部验证" in page
    assert "均以730天为时间点" in page
    document = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert document["centres"]["horizon"] == 730
    assert document["split"]["horizon"] == 730
    assert "按治疗年份以2019为界划分研究" in page


@pytest.mark.parametrize(
    ("tables", "line"),
    [
        ({"validation": {"centre": "hospitl"}}, "'hospitl'"),
        ({"analysis": {"candidates": ["glu", "hospital"]}}, "neither a candidate nor a stratum"),
        ({"analysis": {"shrinkage": "heuristic"}}, "does not go with 'shrinkage' in [analysis]"),
        ({"missing": {"method": "imputation"}}, 'does not go with method = "imputation"'),
        (
            {"study": {"design": "case-control"}, "sampling": {"prevalence": 0.1}},
            "needs a cohort: with [sampling]",
        ),
    ],
)
def test_what_does_not_go_with_centres_is_one_line(
    tables: dict[str, Any], line: str, tmp_path: Path
) -> None:
    with pytest.raises(ProtocolError) as caught:
        load_protocol(study(tmp_path, **tables))
    assert any(line in each for each in str(caught.value).splitlines()), str(caught.value)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (pl.lit(None, pl.String), "'hospital', the centre, is missing for 200 of the 200 rows"),
        (pl.lit("North"), "'hospital' holds one centre alone"),
    ],
)
def test_centres_that_are_none_stop_check_and_run(
    change: pl.Expr, line: str, tmp_path: Path
) -> None:
    data = with_hospitals(reference_frame("pima_groups")).head(200)
    path = study(tmp_path, data.with_columns(hospital=change), analysis={"compare": CANDIDATES})
    findings = checked_study(path)[1]
    assert any(each.code == "cannot-run" and line in each.message for each in findings)
    with pytest.raises(DataError, match="take 'centre' out of"):
        run_study(load_protocol(path))


SPLIT = {"split": {"by": "year", "since": 2019}, "centre": None}
YEAR = {"label": {"en": "Year of treatment", "zh": "治疗年份"}}


def yearly(folder: Path, **validation: Any) -> Path:
    groups = with_hospitals(reference_frame("pima_groups"))
    years = 2015 + np.random.default_rng(5).integers(0, 7, groups.height)
    variables = {"year": YEAR, "hospital": HOSPITALS, **{name: PIMA[name] for name in CANDIDATES}}
    given = {**SPLIT, **validation}
    return study(folder, groups.with_columns(year=years), variables=variables, validation=given)


def test_later_patients_by_the_model_of_the_earlier_ones(tmp_path: Path) -> None:
    made = run_study(load_protocol(yearly(tmp_path)))
    write_run(made, tmp_path / "out")
    assert isinstance(made.fit, LogisticFit)
    own = made.fit.temporal_split(made.cohort.frame["year"], since=2019, resamples=6, seed=3)
    document = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    split = document["split"]
    assert split["measures"][0]["estimate"] == own.measures["estimate"][0]
    assert split["earlier"]["n"] + split["later"]["n"] == made.result.flow.n
    page = page_of(tmp_path)
    assert f"split by Year of treatment at 2019: on the {own.earlier.n} earlier" in page
    assert "Later patients by the model of the earlier ones" in page


def test_a_split_that_leaves_one_side_empty_is_told_at_check(tmp_path: Path) -> None:
    path = yearly(tmp_path, split={"by": "year", "since": 1999})
    (found,) = [each for each in checked_study(path)[1] if each.code == "cannot-run"]
    assert "'year' runs from 2015 to 2021" in found.message
    with pytest.raises(ProtocolError, match="a number is needed, such as the year"):
        load_protocol(yearly(tmp_path, split={"by": "hospital", "since": 1}))
    with pytest.raises(ProtocolError, match="Unknown key 'from'"):
        load_protocol(yearly(tmp_path, split={"by": "year", "since": 1, "from": 2}))
