"""Risk against one predictor, the others held, against rms::Predict."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from tests.models.cases import fit_case, quiet_fit, simulated
from tests.reference import loader

from vertebrisk import fit_cox
from vertebrisk.errors import ArgumentError, ModelError

CASES: dict[str, dict[str, Any]] = loader.load("shapes")["cases"]
ASKED = [
    (name, place) for name, case in CASES.items() for place in range(len(case["effects"] or ()))
]
RTOL = 1e-6  # both hold converged coefficients; limits carry the covariance of a spline


@pytest.mark.parametrize(("name", "place"), ASKED)
def test_effects(name: str, place: int) -> None:
    case = CASES[name]
    effect = case["effects"][place]
    rows = effect["rows"]
    by, variable = effect["by"], effect["variable"]
    values = list(dict.fromkeys(rows[variable]))
    found = fit_case(case).model.effect(
        variable,
        values,
        at=effect["at"] or None,
        by={by: list(dict.fromkeys(rows[by]))} if by else None,
    )
    assert found.height == effect["n"]
    found = found.sort("by", maintain_order=True) if by else found
    order = np.argsort(rows[by], kind="stable") if by else np.arange(effect["n"])
    rows = {name: np.asarray(column)[order] for name, column in rows.items()}
    assert found["value"].to_list() == rows[variable].tolist()
    assert not by or found["by"].to_list() == rows[by].tolist()
    assert_allclose(found["linear_predictor"], rows["yhat"], rtol=RTOL)
    assert_allclose(found["risk"], expit(rows["yhat"]), rtol=RTOL)
    assert_allclose(found["conf_low"], expit(rows["lower"]), rtol=RTOL)
    assert_allclose(found["conf_high"], expit(rows["upper"]), rtol=RTOL)


def followed(n: int = 200) -> pl.DataFrame:
    rng = np.random.default_rng(11)
    data = simulated(n, 11)
    time = rng.exponential(np.exp(-0.5 * data["a"].to_numpy()))
    centre = rng.choice(["north", "south"], n)
    return data.with_columns(t=pl.Series(time), e=pl.Series(rng.random(n) < 0.8), site=centre)


def test_a_number_runs_over_round_values_inside_its_limits() -> None:
    model = quiet_fit("y ~ rcs(a, 4) + b + g", simulated(300, 1)).model
    found = model.effect("a")
    limits = model.design.predictor("a").limits
    assert limits is not None
    assert 20 <= found.height <= 110
    assert found["value"].is_between(*limits).all()
    assert_allclose(found["value"] * 1000, (found["value"] * 1000).round(), atol=1e-9)
    assert model.effect("g")["value"].to_list() == ["low", "middle", "high"]


def test_a_cox_model_answers_by_a_horizon_as_predict_does() -> None:
    model = fit_cox("Surv(t, e) ~ rcs(a, 3)*g + b", followed(), horizons=[0.5, 1.0]).model
    found = model.effect("a", [-1, 0, 1], at={"b": 0.5}, by="g", horizon=1.0)
    people = pl.DataFrame(
        {"a": found["value"], "b": [0.5] * found.height, "g": found["by"].to_list()}
    )
    assert found["by"].unique(maintain_order=True).to_list() == ["low", "middle", "high"]
    expected = model.predict(people, horizon=1.0)
    for column in ("risk", "conf_low", "conf_high", "linear_predictor"):
        assert_allclose(found[column], expected[column], rtol=0)
    assert (model.effect("a", [0.0])["risk"] < model.effect("a", [0.0], horizon=1.0)["risk"]).all()


def test_strata_are_named() -> None:
    model = fit_cox("Surv(t, e) ~ a + strata(site)", followed(), horizons=[0.5]).model
    with pytest.raises(ArgumentError, match="a baseline for each stratum"):
        model.effect("a")
    north, south = (model.effect("a", [0.0], at={"site": site}) for site in ("north", "south"))
    assert north["risk"][0] != south["risk"][0]
    with pytest.raises(ArgumentError, match="unknown stratum: east"):
        model.effect("a", at={"site": "east"})


def test_numbers_are_held_by_quartiles_of_their_marks() -> None:
    found = quiet_fit("y ~ a*b", simulated(300, 2)).model.effect("a", [0, 1], by="b")
    assert found["by"].dtype == pl.Float64
    assert found["by"].n_unique() == 3


def test_a_level_of_confidence() -> None:
    model = quiet_fit("y ~ a + b", simulated(300, 3)).model
    wide, narrow = model.effect("a", level=0.99), model.effect("a", level=0.5)
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (wide["conf_high"] > narrow["conf_high"]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variable": "age"}, "no predictor 'age'"),
        ({"variable": "a", "values": []}, "empty list"),
        ({"variable": "a", "values": "12"}, "give a list"),
        ({"variable": "a", "values": [1, None]}, "None is no value of a, which is a number"),
        ({"variable": "a", "values": [np.inf]}, "no value of a"),
        ({"variable": "g", "values": ["none"]}, "'none' is no value of g, which is one of"),
        ({"variable": "a", "at": {"x": 1}}, "no predictor 'x'"),
        ({"variable": "a", "at": {"a": 1}}, "not held"),
        ({"variable": "a", "at": [1]}, "a mapping"),
        ({"variable": "a", "at": {"g": "none"}}, "no value of g"),
        ({"variable": "a", "by": "a"}, "name another predictor"),
        ({"variable": "a", "by": "x"}, "no predictor 'x'"),
        ({"variable": "a", "by": {"b": [1], "g": ["low"]}}, "one other predictor"),
        ({"variable": "a", "by": {"b": []}}, "empty list"),
        ({"variable": "a", "level": 2}, "level"),
    ],
)
def test_what_cannot_be_asked(options: dict[str, Any], message: str) -> None:
    model = quiet_fit("y ~ a + b + g", simulated(300, 4)).model
    with pytest.raises(ArgumentError, match=message):
        model.effect(**options)


def test_outside_a_domain_there_is_no_risk() -> None:
    data = simulated(300, 5).with_columns(pl.col("a").exp())
    model = quiet_fit("y ~ log(a) + b", data).model
    with pytest.raises(ArgumentError, match=r"a is -1\.0: a term of the model has no value"):
        model.effect("a", [-1.0])
    with pytest.raises(ModelError, match="another horizon"):
        model.effect("a", horizon=1.0)
