"""Internal-external validation of logistic models against glm, pROC and metafor, and by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import fit_case, quiet_fit, simulated
from tests.reference import loader

from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.models.development import Selection
from vertebrisk.validation.centres.measured import SCALES
from vertebrisk.validation.centres.results import InternalExternal
from vertebrisk.validation.measures import in_the_large

REFERENCE = loader.load("internal_external")
RTOL = 1e-6  # of every number that R iterates to; where tau2 is 0 metafor stops near 1e-13
PROPORTIONS = ("i2", "i2_low", "i2_high")
cases = pytest.mark.parametrize("name", ["four", "seven"])
SEPARATED = pl.DataFrame(
    {"y": [0, 1] * 20 + [0, 1] + [1] * 3, "x": [0.0, 1] * 20 + [1.0, 0, 1, 1, 0]}
)
SEPARATED_GROUPS = pl.Series([2] * 20 + [3] * 20 + [1] * 2 + [4] * 3)


@cache
def found(name: str) -> InternalExternal:
    case = REFERENCE[name]
    return fit_case(case).internal_external(case["groups"])


def codes(result: InternalExternal) -> list[str]:
    return [each.code for each in result.findings]


@cases
def test_every_centre_by_a_model_of_the_others(name: str) -> None:
    table, expected = found(name).table, REFERENCE[name]["centres"]
    assert table["centre"].to_list() == expected["group"]
    assert table["finite"].all()
    columns = ["n", "n_events", "brier"]
    columns += [f"{measure}{end}" for measure in SCALES for end in ("", "_low", "_high")]
    for column in columns:
        ours = [np.nan if each is None else each for each in table[column].to_list()]
        theirs = [np.nan if each is None else each for each in expected[column]]
        assert_allclose(ours, theirs, rtol=RTOL, atol=1e-9, err_msg=column)


@cases
@pytest.mark.parametrize("measure", list(SCALES))
def test_pooled_as_metafor(name: str, measure: str) -> None:
    result, expected = found(name), REFERENCE[name]["pooled"][measure]
    row = result.pooled.filter(pl.col("measure") == measure).row(0, named=True)
    for column in result.pooled.columns[2:]:
        atol = 1e-8 if column in PROPORTIONS else 1e-10
        assert_allclose(row[column], expected[column], rtol=RTOL, atol=atol, err_msg=column)
    weights = result.table[f"{measure}_weight"].drop_nulls()
    assert_allclose(weights, expected["weights"], rtol=RTOL)
    assert row["scale"] == SCALES[measure]
    assert result.estimate(measure).conf_low == row["conf_low"]
    assert result.prediction(measure).conf_high == row["prediction_high"]


@pytest.mark.parametrize("measure", list(SCALES))
def test_probability_of_a_further_centre(measure: str) -> None:
    result, expected = found("seven"), REFERENCE["seven"]["pooled"][measure]
    low, high = expected["probability"]
    between = result.probability(measure, above=low, below=high)
    assert_allclose(between, expected["probability_between"], rtol=RTOL, atol=1e-9)
    above, below = result.probability(measure, above=high), result.probability(measure, below=low)
    assert above + between + below == pytest.approx(1.0)
    row = result.pooled.filter(pl.col("measure") == measure).row(0, named=True)
    inside = result.probability(measure, above=row["prediction_low"], below=row["prediction_high"])
    assert inside == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("name", "bounds", "message"),
    [
        ("four", {"above": 0.7}, "of 4 centres was pooled.*needs 5 or more"),
        ("seven", {}, "Give above=, below= or both"),
        ("seven", {"above": 70}, "above is 70; of c_index it lies between 0 and 1"),
        ("seven", {"above": 0.8, "below": 0.7}, "above is 0.8 and below 0.7"),
    ],
)
def test_probabilities_that_are_refused(name: str, bounds: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        found(name).probability("c_index", **bounds)
    with pytest.raises(ArgumentError, match="There is no measure 'auc'"):
        found(name).estimate("auc")


def test_a_centre_without_events_is_pooled_with_half_an_event() -> None:
    result = found("seven")
    row = result.table.row(6, named=True)
    assert (row["centre"], row["observed_expected"], row["reason"]) == ("none", 0.0, "no events")
    assert row["observed_expected_weight"] > 0
    assert row["c_index"] is None
    assert row["in_the_large_weight"] is None
    assert {"centre-without-events", "centre-not-usable", "few-events-in-centre"} <= {
        *codes(result)
    }
    assert "few-centres" in codes(found("four"))
    assert "few-centres" not in codes(result)
    assert "hartung-knapp-narrows" in codes(found("four"))


def test_json_holds_every_number_and_no_patient() -> None:
    document = found("seven").to_dict()
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again["schema"] == "vertebrisk/internal-external"
    assert again["schema_version"] == 1
    assert [row["centre"] for row in again["table"]] == REFERENCE["seven"]["centres"]["group"]
    assert [row["measure"] for row in again["pooled"]] == list(SCALES)
    assert (again["kind"], again["horizon"], again["concordance"]) == ("logistic", None, "area")
    assert again["procedure"] == "model held fixed"
    assert found("seven").n_centres == 7
    endless = found("seven").pooled.with_columns(prediction_high=float("inf"))
    row = replace(found("seven"), pooled=endless).to_dict()["pooled"][0]
    assert row["prediction_high"] is None
    assert row["prediction_low"] == found("seven").prediction("c_index").conf_low


def test_the_whole_procedure_is_repeated_without_each_centre() -> None:
    rng = np.random.default_rng(4)
    frame = simulated(150, 4).with_columns(noise=pl.Series(rng.random(150)))
    options: dict[str, Any] = {"select": Selection("univariable", alpha=0.1)}
    centre = np.arange(150) % 3
    fit = quiet_fit("y ~ a + b + noise", frame, **options)
    whole, held = fit.internal_external(centre), fit.internal_external(centre, fixed=True)
    assert (whole.procedure, held.procedure) == ("whole procedure", "model held fixed")
    for code in range(3):
        part = quiet_fit("y ~ a + b + noise", frame.filter(centre != code), **options)
        risk = part.model.predict(frame.filter(centre == code))["risk"].to_numpy()
        brier = float(np.mean((frame["y"].to_numpy()[centre == code] - risk) ** 2))
        assert whole.table["brier"][code] == pytest.approx(brier, rel=1e-8)
    assert whole.table["brier"].to_list() != held.table["brier"].to_list()


def test_centres_of_one_outcome_or_without_a_finite_model() -> None:
    result = quiet_fit("y ~ x", SEPARATED).internal_external(SEPARATED_GROUPS)
    table = result.table
    assert table["centre"].to_list() == ["1", "2", "3", "4"]
    assert table["n"].to_list() == [2, 20, 20, 3]
    assert table["c_index"].null_count() == 1  # the fourth has events alone
    assert table["reason"][3] == "events only"
    assert table["observed_expected_weight"][3] is None
    assert table["brier"].null_count() == 0
    events = SEPARATED["y"].to_list()
    nothing = quiet_fit("y ~ x", SEPARATED).internal_external(events)
    assert nothing.table["brier"].null_count() == 2
    assert set(nothing.table["reason"]) == {"the others have one outcome"}
    assert nothing.pooled["estimate"].null_count() == 4
    assert math.isnan(nothing.estimate("slope").estimate)
    assert math.isnan(nothing.prediction("slope").estimate)
    some = SEPARATED_GROUPS.head(42)
    apart = quiet_fit("y ~ x", SEPARATED.head(42)).internal_external(some)
    assert apart.table["finite"].to_list() == [False, True, True]
    assert apart.table["slope"][0] is None
    assert apart.table["observed_expected"][0] is not None
    assert apart.table["reason"].to_list()[0] == (
        "the others give no finite estimate; scores part the outcomes; one event"
    )
    assert apart.table["c_index_weight"].null_count() == 3  # 0 of the first, 1 of the others


def test_patients_one_by_one_are_no_centres() -> None:
    frame = simulated(60, 2)
    result = quiet_fit("y ~ a", frame).internal_external(np.arange(60))
    assert result.pooled["k"].to_list() == [0, 0, 0, 0]
    assert set(result.table["reason"]) == {
        "less than one event expected; no events",
        "less than one event expected; events only",
    }
    assert {"few-centres", "centre-not-usable"} <= {*codes(result)}
    assert "centre-without-events" not in codes(result)


def test_one_risk_for_all_of_a_centre() -> None:
    frame = simulated(60, 2).select("y", x=pl.when(pl.int_range(60) < 40).then("a").otherwise(1.0))
    result = quiet_fit("y ~ x", frame).internal_external([1] * 20 + [2] * 20 + [3] * 20)
    row = result.table.row(2, named=True)
    assert (row["c_index"], row["c_index_low"], row["slope"]) == (0.5, None, None)
    assert row["reason"] == "one risk"
    assert row["in_the_large_weight"] is not None
    assert result.pooled["k"].to_list() == [2, 2, 3, 3]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([2021, 2019, 2020] * 20, ["2019", "2020", "2021"]),
        (pl.Series(["y", "x"] * 30, dtype=pl.Enum(["y", "x"])), ["x", "y"]),
        (np.array([True, False] * 30), ["False", "True"]),
    ],
)
def test_centres_are_told_in_order(groups: Any, expected: list[str]) -> None:
    result = quiet_fit("y ~ a", simulated(60, 2)).internal_external(groups)
    assert result.table["centre"].to_list() == expected


def with_gaps() -> pl.DataFrame:
    """Patients of three hospitals; five have no `a`, two of others no hospital."""
    hospital = [None if row in (30, 40) else ("N", "S", "W")[row % 3] for row in range(90)]
    frame = simulated(90, 2).with_columns(hospital=pl.Series(hospital))
    gaps = pl.int_range(90).is_in([1, 5, 17, 50, 80])
    return frame.with_columns(a=pl.when(~gaps).then("a"))


def test_groups_by_the_name_of_a_column() -> None:
    frame = with_gaps().filter(pl.col("hospital").is_not_null())
    fit = quiet_fit("y ~ a", frame)
    assert fit.n == 83
    by_name = fit.internal_external("hospital", frame)
    assert by_name.by == "hospital"
    of_pandas = fit.internal_external("hospital", pd.DataFrame(frame.to_dict(as_series=False)))
    of_table = fit.internal_external(frame["hospital"])
    of_rows = fit.internal_external(frame.filter(pl.col("a").is_not_null())["hospital"])
    for other in (of_pandas, of_table, of_rows):
        assert other.table.equals(by_name.table)
    assert of_table.by == "group"
    repeated = frame.with_columns(w=pl.lit(2))
    weighted = quiet_fit("y ~ a", repeated, weights="w").internal_external("hospital", repeated)
    assert weighted.table["n"].to_list() == [2 * n for n in by_name.table["n"]]


def test_columns_that_are_refused() -> None:
    frame = with_gaps()
    fit = quiet_fit("y ~ a", frame)
    refused: list[tuple[Any, Any, str]] = [
        ("hospital", None, "a fit keeps no columns but its predictors; give the table"),
        ("hospitl", frame, "no column 'hospitl'.*Did you mean 'hospital'"),
        ("a", frame, "'a', which groups names, is a predictor of the model"),
        ("hospital", frame, "'hospital' has 2 missing values among the 85 rows"),
        ("hospital", frame.head(80), "not the table.*which had 90 rows: it has 80"),
        ("hospital", frame.reverse(), "not the table that the fit was made from"),
        ("hospital", frame.drop("y"), "not the table that the fit was made from"),
        (frame["hospital"], frame, "data is given, and groups holds values"),
        (frame["hospital"], None, "groups has 2 missing values among the 85"),
        (
            frame["hospital"].head(80),
            None,
            "80 values; one for each of the 85 .*or for each of the 90 of",
        ),
    ]
    for groups, data, message in refused:
        with pytest.raises(ArgumentError, match=message):
            fit.internal_external(groups, data)


def test_groups_that_are_refused() -> None:
    frame = simulated(60, 2).with_columns(patient=pl.int_range(60) // 2)
    fit = quiet_fit("y ~ a", frame, cluster="patient")
    centre = np.arange(60) // 20
    result = fit.internal_external(centre)
    assert result.n_centres == 3
    assert "rows-of-one-patient" in codes(result)
    refused: list[tuple[Any, str]] = [
        (centre[:50], "groups has 50 values; one for each of the 60 rows"),
        (centre.reshape(60, 1), "groups has 2 dimensions; one value a row"),
        ({"centre": centre}, "groups has 0 dimensions"),
        (np.zeros(60, int), "groups holds 0 alone; two centres"),
        ([None, *["a"] * 30, *["b"] * 29], "groups has 1 missing value among"),
        (np.r_[np.nan, centre[1:]], "groups has 1 missing"),
        ([1, *["a"] * 29, *["b"] * 29], "groups has 59 values"),
        (np.arange(60) % 2, "30 patients have rows in more than one"),
    ]
    for groups, message in refused:
        with pytest.raises(ArgumentError, match=message):
            fit.internal_external(groups)
    with pytest.raises(ArgumentError, match="level is 95"):
        fit.internal_external(centre, level=95)
    sampled = quiet_fit("y ~ a", frame, source=SourcePopulation(0.1))
    with pytest.raises(ArgumentError, match="Controls were sampled"):
        sampled.internal_external(centre)


def test_pandas_without_order_of_index() -> None:
    known = with_gaps().filter(pl.col("hospital").is_not_null())
    frame = pd.DataFrame(known.to_dict(as_series=False))
    frame.index = pd.Index(range(100, 100 + len(frame)))
    fit = quiet_fit("y ~ a", frame)
    by_name = fit.internal_external("hospital", frame)
    assert fit.internal_external(frame["hospital"]).table.equals(by_name.table)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 1.0, 250.0]))
def test_order_and_units_change_nothing(seed: int, unit: float) -> None:
    frame = simulated(90, 3).with_columns(centre=pl.int_range(90) % 4)
    before = quiet_fit("y ~ a + b", frame).internal_external("centre", frame)
    order = np.random.default_rng(seed).permutation(90)
    moved = frame[order].with_columns(pl.col("a") * unit)
    after = quiet_fit("y ~ a + b", moved).internal_external("centre", moved)
    for name in ("table", "pooled"):
        ours, theirs = getattr(after, name), getattr(before, name)
        for column in theirs.columns:
            if theirs[column].dtype.is_float():
                assert_allclose(
                    ours[column].fill_null(-1), theirs[column].fill_null(-1), rtol=1e-6, atol=1e-8
                )


def of_centres(rng: np.random.Generator, shifts: Any, size: int) -> pl.DataFrame:
    """Patients of centres whose log-odds are shifted."""
    centre = np.repeat(np.arange(len(shifts)), size)
    x = rng.normal(size=centre.size)
    y = rng.random(centre.size) < 1.0 / (1.0 + np.exp(1.0 - x - np.asarray(shifts)[centre]))
    return pl.DataFrame({"y": y, "x": x, "centre": centre})


@pytest.mark.slow
def test_a_further_centre_lies_in_the_prediction_interval() -> None:
    rng = np.random.default_rng(8)
    rounds, inside = 200, np.zeros(2)
    for _ in range(rounds):
        frame = of_centres(rng, rng.normal(scale=0.5, size=10), 120)
        fit = quiet_fit("y ~ x", frame)
        result = fit.internal_external("centre", frame)
        further = of_centres(rng, [rng.normal(scale=0.5)], 20_000)
        risk = fit.model.predict(further)["risk"].to_numpy()
        event = further["y"].to_numpy().astype(float)
        centre, _ = in_the_large(np.log(risk / (1.0 - risk)), event)
        truths = {"in_the_large": centre, "observed_expected": event.sum() / risk.sum()}
        for place, (name, truth) in enumerate(truths.items()):
            found = result.prediction(name)
            assert found.conf_low is not None
            assert found.conf_high is not None
            inside[place] += found.conf_low <= truth <= found.conf_high
    # the standard error of a share of 0.95 over 200 rounds is 0.015
    assert_allclose(inside / rounds, 0.95, atol=0.04)
