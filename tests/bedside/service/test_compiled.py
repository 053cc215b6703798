"""The compiled model gives what `RiskModel.predict` gives, for every kind of model."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.bedside.service.serving import NAMES, model, patients, rows

from vertebrisk.bedside.service.compiled import CompiledModel
from vertebrisk.bedside.service.inputs import Reader
from vertebrisk.bedside.service.predicting import predictions
from vertebrisk.bedside.service.store import served_model
from vertebrisk.models.portable.risk_model import RiskModel

# The same sums of doubles in another order.
RTOL, ATOL = 1e-12, 1e-13
NUMBERS = ("risk", "conf_low", "conf_high", "linear_predictor", "total_points")


def agrees(made: RiskModel, horizon: float | None, n: int) -> None:
    frame = patients().head(n)
    expected = made.predict(frame, horizon)
    served = served_model("m", made)
    asked = horizon if horizon is not None or made.kind == "logistic" else made.horizons[0]
    found = predictions(served, list(rows(made, n)), [f"/{place}" for place in range(n)], asked)
    for name in NUMBERS:
        column = [math.nan if each[name] is None else each[name] for each in found]
        assert_allclose(column, expected[name].fill_null(math.nan), rtol=RTOL, atol=ATOL)
    assert ["; ".join(each["flags"]) for each in found] == expected["flags"].to_list()


@pytest.mark.parametrize("name", NAMES)
def test_one_patient_at_a_time_is_the_whole_frame(name: str) -> None:
    agrees(model(name), None, 60)


@pytest.mark.parametrize("horizon", [1.0, 6.0, 7.77, 24.0])
@pytest.mark.parametrize("name", ["cox", "strata", "cox-draws", "strata-draws"])
def test_any_horizon_gives_the_same(name: str, horizon: float) -> None:
    agrees(model(name), horizon, 20)


@pytest.mark.parametrize("share", [0.0, 1e-9, 1e-200, 1e-320])
def test_where_hardly_anything_has_happened_yet(share: float) -> None:
    made = model("cox")
    none_yet = made.baselines[0].cumulative_hazard * (share > 0.0)
    made = replace(made, baselines=(replace(made.baselines[0], cumulative_hazard=none_yet),))
    horizon = share or 1.0
    found = CompiledModel(made).score({"age": 70.0, "cleft": 0.0, "grade": 1.0}, horizon)
    patient = {"age": [70.0], "cleft": ["No"], "grade": ["2"]}
    expected = made.predict(patient, horizon).row(0, named=True)
    assert found is not None
    assert found.risk == pytest.approx(expected["risk"], rel=RTOL)
    assert (found.conf_low is None) == (expected["conf_low"] is None)
    assert (found.conf_low is None) == (share != 1e-9)


@given(age=st.floats(-1e6, 1e6), volume=st.floats(1e-6, 1e6), cleft=st.sampled_from(["No", "Yes"]))
def test_values_far_outside_the_range_agree_too(age: float, volume: float, cleft: str) -> None:
    made = model("spline")
    served = served_model("m", made)
    patient = {"age": abs(age), "volume": volume, "cleft": cleft}
    expected = made.predict(pl.DataFrame([patient])).row(0, named=True)
    found = predictions(served, [patient], [""], None)[0]
    for name in ("risk", "conf_low", "conf_high"):
        # far out the linear predictor is a difference of large cubes
        assert found[name] == pytest.approx(expected[name], rel=1e-6, abs=1e-9)
    assert "; ".join(found["flags"]) == expected["flags"]


def test_columns_beyond_the_doubles_have_no_risk() -> None:
    made = model("spline")
    codes = {"age": 1e200, "volume": 1.0, "cleft": 0.0}
    assert CompiledModel(made).score(codes, None) is None


def test_a_reader_asks_for_every_input() -> None:
    reader = Reader.of(model("plain").design, ())
    errors: list[object] = []
    reader.read({}, "/patient", errors)  # type: ignore[arg-type]
    assert len(errors) == 3
