"""Mappings: files that name and code the inputs of a model in another way."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.cases import quiet_fit, simulated

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.models.mapping.applying import in_model_terms
from vertebrisk.models.mapping.document import read_mapping
from vertebrisk.models.mapping.proposing import check_columns, close_columns, near_level
from vertebrisk.models.mapping.reading import proposed_mapping, read_for, write_proposal
from vertebrisk.models.portable.scoring import with_unreadable

MODEL = vr.RiskModel.from_table(
    {
        "(Intercept)": -2.4,
        "canal_mm": -0.1,
        "ivc": {"Yes": 0.8},
        "goutallier": {"2": 0.6, "3-4": 1.3},
        "smoker": 0.3,
    },
    levels={"ivc": ("No", "Yes"), "goutallier": ("0-1", "2", "3-4")},
    ranges={"canal_mm": (8.0, 20.0), "smoker": (0.0, 1.0)},
    outcome="residual pain",
)
OWN = pl.DataFrame(
    {
        "canal_mm": [9.0, 12.0, 15.0, 18.0],
        "ivc": ["No", "Yes", "Yes", None],
        "goutallier": ["0-1", "2", "3-4", "2"],
        "smoker": [0, 1, 1, 0],
    }
)
THEIRS = pl.DataFrame(
    {
        "Canal (cm)": [0.9, 1.2, 1.5, 1.8],
        "IVC": [False, True, True, None],
        "Goutallier grade": [1, 2, 3, 2],
        "smoker": ["never", "now", "now", "never"],
    }
)
TABLES: dict[str, Any] = {
    "canal_mm": {"column": "Canal (cm)", "factor": 10},
    "ivc": {"column": "IVC", "levels": {"true": "Yes", "false": "No"}},
    "goutallier": {"column": "Goutallier grade", "levels": {"1": "0-1", "3": "3-4"}},
    "smoker": {"levels": {"never": 0, "now": 1}},
}
FIT = quiet_fit("y ~ a + b + g", simulated(200, 6))


def mapped(**tables: Any) -> pl.DataFrame:
    source = {"variables": {**TABLES, **tables}}
    return in_model_terms(THEIRS, read_mapping(source, MODEL))


def test_renamed_recoded_and_converted_patients_have_the_risks_of_the_models_own() -> None:
    own, theirs = MODEL.predict(OWN), MODEL.predict(mapped())
    assert theirs["flags"].to_list() == own["flags"].to_list()
    np.testing.assert_allclose(theirs["risk"][:3], own["risk"][:3], rtol=1e-12)
    assert theirs["risk"].null_count() == 1


def test_their_own_columns_stay_and_swapped_names_are_swapped() -> None:
    assert set(THEIRS.columns) <= set(mapped().columns)
    frame = simulated(20, 3)
    source = {"variables": {"a": {"column": "b"}, "b": {"column": "a"}}}
    swapped = in_model_terms(frame, read_mapping(source, FIT.model))
    assert swapped["a"].to_list() == frame["b"].to_list()
    assert swapped["b"].to_list() == frame["a"].to_list()


def test_offset_and_codes_of_missing() -> None:
    found = mapped(canal_mm={"column": "Canal (cm)", "factor": 10, "offset": 1, "missing": [1.2]})
    assert found["canal_mm"].to_list() == [10.0, None, 16.0, 19.0]
    gone = mapped(goutallier={**TABLES["goutallier"], "missing": [2]})
    assert gone["goutallier"].to_list() == ["0-1", None, "3-4", None]


def test_values_that_the_mapping_does_not_name_stay_and_are_flagged() -> None:
    found = MODEL.predict(mapped(goutallier={"column": "Goutallier grade", "levels": {"3": "3-4"}}))
    assert found["flags"][0] == "unknown level: goutallier"
    other = MODEL.predict(mapped(smoker={"levels": {"never": 0}}))
    assert other["flags"][1] == "not a number: smoker"


def test_validation_of_a_mapped_table_is_that_of_the_models_own() -> None:
    frame = simulated(120, 8)
    theirs = frame.select(
        Alpha=pl.col("a") / 10,
        b="b",
        grade=pl.col("g").cast(pl.String).str.to_uppercase(),
        y="y",
    )
    source = {
        "variables": {
            "a": {"column": "Alpha", "factor": 10},
            "g": {"column": "grade", "levels": {"LOW": "low", "MIDDLE": "middle", "HIGH": "high"}},
        }
    }
    own = vr.external_validation(FIT.model, frame, outcome="y", resamples=5)
    found = vr.external_validation(FIT.model, theirs, outcome="y", resamples=5, mapping=source)
    np.testing.assert_allclose(
        found.measures["estimate"], own.measures["estimate"], rtol=1e-9
    )  # 10 times a tenth is rounded


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"canal": {}}, r"\[variables.canal\] is no input of the model; .* 'canal_mm'\?"),
        ({"ivc": {"colum": "IVC"}}, "there is no 'colum'; .* 'column'"),
        ({"ivc": {"column": 3}}, "column is 3"),
        ({"ivc": {"levels": {"1": "Yess"}}}, r"'1' becomes 'Yess', .* 'Yes'\?"),
        ({"ivc": {"factor": 2}}, "this input has levels"),
        ({"ivc": {"levels": "Yes"}}, "levels is no table"),
        ({"smoker": {"levels": {"now": "yes"}}}, "'now' becomes 'yes', and this input is a number"),
        ({"smoker": {"levels": {"now": 1}, "factor": 2}}, "this input has levels"),
        ({"canal_mm": {"factor": 0}}, "factor is 0"),
        ({"canal_mm": {"factor": "ten"}}, "factor is 'ten'; a finite number"),
        ({"canal_mm": {"offset": float("inf")}}, "offset is inf"),
        ({"canal_mm": {"missing": 9}}, r"missing is 9; a list is needed"),
        ({"canal_mm": 9}, "is no table"),
    ],
)
def test_a_mapping_that_is_none_is_one_clear_line(tables: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said) as caught:
        read_mapping({"variables": tables}, MODEL)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    for text, said in (
        ('[variables.ivc]\ncolumn = "FILL-IN"  # nearest: "IVC"\n', "line 2 still marked FILL-IN"),
        ("[variables", "not valid TOML"),
        ("[columns]\n", r"tables \[variables.NAME\], not 'columns'"),
        ("variables = 3\n", "'variables' is no table"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ArgumentError, match=said):
            read_mapping(path, MODEL)
    with pytest.raises(DataError, match=r"takes 'ivc' from the column 'IVCC', .*'IVC'\?"):
        mapped(ivc={"column": "IVCC"})
    with pytest.raises(DataError, match=r"converts 'smoker' .* holds no numbers"):
        mapped(smoker={"factor": 2})


def test_lacking_columns_are_named_with_the_nearest_and_the_way_out() -> None:
    with pytest.raises(DataError) as caught:
        check_columns(MODEL, THEIRS)
    said = str(caught.value)
    assert "The model needs canal_mm, ivc, goutallier" in said
    assert "'IVC' for ivc" in said
    assert "'Goutallier grade' for goutallier" in said
    assert "'Canal (cm)' for canal_mm" in said
    assert "--propose-mapping FILE.toml" in said


def test_labels_in_chinese_find_their_columns() -> None:
    sex = replace(
        MODEL.design.predictors[1],
        label="Intravertebral cleft",
        translations={"zh": {"label": "椎体内裂隙", "level_labels": ("无", "有")}},
    )
    others = [each for each in MODEL.design.predictors if each.name != "ivc"]
    model = replace(MODEL, design=replace(MODEL.design, predictors=(sex, *others)))
    assert close_columns(model, "ivc", ["年龄", "椎体内裂隙（有/无）"]) == ["椎体内裂隙（有/无）"]
    assert near_level(sex, "有") == "Yes"
    assert near_level(sex, "0") == "No"
    assert near_level(sex, "yess") == "Yes"
    assert near_level(sex, "later") == ""


def test_the_draft_marks_every_guess_and_is_refused_until_it_is_finished(tmp_path: Path) -> None:
    patients, draft = tmp_path / "theirs.csv", tmp_path / "map.toml"
    THEIRS.write_csv(patients)
    assert write_proposal(MODEL, patients, draft)
    text = draft.read_text(encoding="utf-8")
    tables = tomllib.loads(text)["variables"]
    assert set(tables) == {"canal_mm", "ivc", "goutallier", "smoker"}
    assert tables["goutallier"] == {"column": "FILL-IN", "levels": {"1": "FILL-IN", "3": "FILL-IN"}}
    assert tables["smoker"] == {"levels": {"never": "FILL-IN", "now": "FILL-IN"}}
    assert 'column = "FILL-IN"  # nearest: "Goutallier grade"' in text
    assert 'true = "FILL-IN"  # "Yes"? There are "No", "Yes"' in text
    assert "inside 8 to 20, the model's range; multiplied by 10, 100% would" in text
    with pytest.raises(ArgumentError, match="still marked FILL-IN"):
        read_for(MODEL, patients, draft)
    with pytest.raises(DataError, match="exists and is not overwritten"):
        write_proposal(MODEL, patients, draft)


def test_a_file_that_needs_no_mapping_gets_none(tmp_path: Path) -> None:
    OWN.write_csv(tmp_path / "own.csv")
    assert proposed_mapping(MODEL, tmp_path / "own.csv") == ""
    assert not write_proposal(MODEL, tmp_path / "own.csv", tmp_path / "map.toml")
    assert not (tmp_path / "map.toml").exists()


def test_cells_that_reading_takes_for_bad_numbers_are_levels_in_a_mapped_column(
    tmp_path: Path,
) -> None:
    grades = ["0-1", *["2"] * 9]
    theirs = pl.DataFrame(
        {"canal_mm": [9.0] * 10, "ivc": ["No"] * 10, "Grad": grades, "smoker": [0] * 10}
    )
    theirs.write_csv(tmp_path / "theirs.csv")
    source = {"variables": {"goutallier": {"column": "Grad"}}}
    table = read_for(MODEL, tmp_path / "theirs.csv", source)
    assert table.frame["goutallier"].to_list() == grades
    assert MODEL.predict(table.frame)["risk"].null_count() == 0


def test_a_cell_that_cannot_be_read_is_no_missing_one_in_a_mapped_column(tmp_path: Path) -> None:
    widths = ["o.9", *["1.2"] * 9]
    theirs = pl.DataFrame(
        {"Canal": widths, "ivc": ["No"] * 10, "goutallier": ["2"] * 10, "smoker": [0] * 10}
    )
    theirs.write_csv(tmp_path / "theirs.csv")
    source = {"variables": {"canal_mm": {"column": "Canal", "factor": 10}}}
    table = read_for(MODEL, tmp_path / "theirs.csv", source)
    risks = with_unreadable(MODEL.predict(table.frame), table)
    assert risks["flags"][0] == "unreadable: canal_mm"
    assert table.frame["canal_mm"][1] == 12.0


@settings(max_examples=30, deadline=None)
@given(
    factor=st.sampled_from([0.1, 2.54, 10.0, -1.0]),
    offset=st.floats(-50, 50),
    values=st.lists(st.floats(-100, 100), min_size=1, max_size=6),
)
def test_a_conversion_and_back_gives_the_numbers(
    factor: float, offset: float, values: list[float]
) -> None:
    frame = pl.DataFrame({"raw": [(value - offset) / factor for value in values]})
    source = {"variables": {"canal_mm": {"column": "raw", "factor": factor, "offset": offset}}}
    found = in_model_terms(frame, read_mapping(source, MODEL))["canal_mm"]
    assert found.to_list() == pytest.approx(values, rel=1e-9, abs=1e-9)
