"""Models that R wrote give R's predictions; what is no such file is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.reference.loader import HERE, load

import vertebrisk as vr
from vertebrisk.errors import DataError, ModelError

REFERENCE = load("elsewhere")
FILES = HERE / "output" / "elsewhere"


def horizons(name: str) -> tuple[float, ...]:
    return (12,) if name.startswith(("cox", "cph")) else ()


@pytest.mark.parametrize("name", sorted(REFERENCE["cases"]))
def test_risks_and_limits_are_those_of_r(name: str) -> None:
    patients = pl.DataFrame(REFERENCE["patients"])
    model = vr.RiskModel.from_r(FILES / f"{name}.json", horizons=horizons(name))
    found, case = model.predict(patients), REFERENCE["cases"][name]
    # Written with 15 digits; the spline's large coefficients cancel.
    np.testing.assert_allclose(found["risk"], case["risk"], atol=1e-11)
    if case["limits"]:
        np.testing.assert_allclose(found["conf_low"], case["limits"]["low"], atol=1e-10)
        np.testing.assert_allclose(found["conf_high"], case["limits"]["high"], atol=1e-10)
    assert model.nomogram().points.height > 0
    assert model.population.n == 400
    again = vr.RiskModel.from_dict(json.loads(json.dumps(model.to_dict())))
    np.testing.assert_array_equal(again.predict(patients)["risk"], found["risk"])


def changed(tmp_path: Path, name: str, change: Callable[[dict[str, Any]], None]) -> Path:
    document = json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("glm", lambda d: d.update(schema="other"), "is not written by to_vertebrisk"),
        ("glm", lambda d: d.update({"class": ["lm"]}), "R's lm has no portable form"),
        ("glm", lambda d: d.update(link="probit"), "link is probit"),
        ("glm", lambda d: d["coefficients"].__setitem__(1, "NA"), "gives no coefficient of 'age'"),
        ("glm", lambda d: d["names"].__setitem__(1, "ns(age, 3)1"), "does not have"),
        ("glm", lambda d: d.pop("names"), "is damaged"),
        ("glm", lambda d: d["names"].pop(), "is damaged"),
        ("coxph", lambda d: d.update(baseline=None), "no baseline hazard"),
        ("coxph", lambda d: d["baseline"].update(strata=["a"]), "has strata"),
    ],
)
def test_what_cannot_be_read_is_said(
    name: str, change: Callable[[dict[str, Any]], None], said: str, tmp_path: Path
) -> None:
    path = changed(tmp_path, name, change)
    with pytest.raises(ModelError, match=said):
        vr.RiskModel.from_r(path, horizons=horizons(name))


def test_a_file_that_is_not_there_and_one_that_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        vr.RiskModel.from_r(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("glm", encoding="utf-8")
    with pytest.raises(ModelError, match="is no JSON"):
        vr.RiskModel.from_r(tmp_path / "text.json")
