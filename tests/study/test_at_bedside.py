"""`at_bedside`: whether the model of a run averages over missing inputs or asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.study.test_imputed_run import IMPUTED, patients, run, study

from vertebrisk.errors import ProtocolError
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import load_protocol
from vertebrisk.study.output import write_run

pytestmark = pytest.mark.usefixtures("undrawn")

WHOLE = {"compare": ["npreg", "glu", "bmi_group"], "select": "prespecified"}


def made(folder: Path, missing: dict[str, Any], **analysis: Any) -> RiskModel:
    data = patients({"glu": 0.15, "bmi_group": 0.1})
    return run(study(folder, data, missing, **{**WHOLE, **analysis})).model


@pytest.mark.parametrize(
    ("missing", "averages"),
    [
        ({**IMPUTED}, True),
        ({**IMPUTED, "at_bedside": "ask"}, False),
        ({}, False),
        ({"at_bedside": "ask"}, False),
        ({"at_bedside": "average"}, True),
    ],
)
def test_imputed_studies_average_and_others_ask_unless_they_say_otherwise(
    tmp_path: Path, missing: dict[str, Any], averages: bool
) -> None:
    model = made(tmp_path, missing)
    assert (model.missing_inputs is not None) == averages
    people = pl.DataFrame({"npreg": [2.0], "glu": [None], "bmi_group": ["obese"]})
    found = model.predict(people.with_columns(pl.col("glu").cast(pl.Float64)))
    told = "averaged over: glu" if averages else "missing: glu"
    assert found["flags"].to_list() == [told]
    assert (found["risk"].null_count() == 0) == averages


def test_the_files_of_a_run_average(tmp_path: Path) -> None:
    data = patients({"glu": 0.15})
    made = run(study(tmp_path, data, {**IMPUTED}, **WHOLE))
    write_run(made, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "model.json").read_text(encoding="utf-8"))
    names = [each["name"] for each in document["missing_inputs"]["inputs"]]
    assert names == ["npreg", "glu", "bmi_group"]
    page = (tmp_path / "out" / "calculator.html").read_text(encoding="utf-8")
    assert '"missing_inputs":[' in page


def test_levels_in_order_are_drawn_in_order(tmp_path: Path) -> None:
    methods = {"methods": {"bmi_group": "ordered"}}
    model = made(tmp_path, {**IMPUTED, **methods})
    assert model.missing_inputs is not None
    kinds = {each.name: each.kind for each in model.missing_inputs.inputs}
    assert kinds == {"npreg": "normal", "glu": "normal", "bmi_group": "ordered"}


def test_a_model_of_one_input_asks(tmp_path: Path) -> None:
    data = patients({"glu": 0.15})
    model = run(study(tmp_path, data, {**IMPUTED}, compare=["glu"], select="prespecified")).model
    assert model.missing_inputs is None


def test_another_policy_is_refused(tmp_path: Path) -> None:
    path = study(tmp_path, patients({"glu": 0.1}), {"at_bedside": "guess"}, **WHOLE)
    with pytest.raises(ProtocolError, match=r"at_bedside.*ask") as raised:
        load_protocol(path)
    assert "\n\n" not in str(raised.value)
