"""A split by time: the earlier patients' model on the later ones."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, simulated

from vertebrisk.errors import ArgumentError, DataError, FitError
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.models.development import Selection
from vertebrisk.models.external.validating import external_validation
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.validation.temporal import TemporalSplit

CUT = dt.date(2020, 1, 1)
OPTIONS: dict[str, Any] = {"select": Selection("univariable", alpha=0.1)}


def patients(n: int = 240, seed: int = 4) -> pl.DataFrame:
    """Patients in no order of time, of whom some have no `a`."""
    rng = np.random.default_rng(seed)
    days = rng.permutation(n) * 7
    dates = [dt.date(2018, 1, 1) + dt.timedelta(int(day)) for day in days]
    frame = simulated(n, seed).with_columns(
        admitted=pl.Series(dates), day=pl.Series(days), noise=pl.Series(rng.random(n))
    )
    return frame.with_columns(a=pl.when(pl.int_range(n) % 40 != 7).then("a"))


@cache
def fitted() -> LogisticFit:
    return quiet_fit("y ~ a + b + noise", patients(), **OPTIONS)


@cache
def split() -> TemporalSplit:
    return fitted().temporal_split(
        "admitted", patients(), since=CUT, thresholds=[0.3, 0.5], resamples=50
    )


def codes(result: TemporalSplit) -> set[str]:
    return {each.code for each in result.findings}


def test_it_is_a_fit_of_the_earlier_and_an_external_validation_on_the_later() -> None:
    frame, found = patients(), split()
    known = frame.filter(pl.col("a").is_not_null())
    early, late = known.filter(pl.col("admitted") < CUT), known.filter(pl.col("admitted") >= CUT)
    fit = quiet_fit("y ~ a + b + noise", early, **OPTIONS)
    expected = external_validation(
        fit.model, late, outcome="y", thresholds=[0.3, 0.5], resamples=50
    )
    assert found.terms == tuple(term.name for term in fit.design.terms)
    assert found.measures["measure"].to_list() == expected.measures["measure"].to_list()
    for column in ("estimate", "conf_low", "conf_high"):
        assert_allclose(found.measures[column], expected.measures[column], rtol=1e-7, atol=1e-9)
    assert found.decision is not None
    assert expected.decision is not None
    assert_allclose(
        found.decision.frame["net_benefit"], expected.decision.frame["net_benefit"], atol=1e-12
    )
    assert (found.earlier.n, found.later.n) == (early.height, late.height)
    assert (found.earlier.n_events, found.later.n_events) == (early["y"].sum(), late["y"].sum())
    assert found.earlier.last == early["admitted"].max().isoformat()  # type: ignore[union-attr]
    assert found.later.first == late["admitted"].min().isoformat()  # type: ignore[union-attr]
    assert found.later.linear_predictor_sd == pytest.approx(expected.linear_predictor_sd)
    assert (found.since, found.by, found.procedure) == ("2020-01-01", "admitted", "whole procedure")


def test_held_fixed_the_choice_of_all_patients_stays() -> None:
    fit = fitted()
    held = fit.temporal_split("admitted", patients(), since=CUT, fixed=True, resamples=2)
    assert held.terms == tuple(term.name for term in fit.design.terms)
    assert held.procedure == "model held fixed"
    assert held.decision is None


def test_dates_texts_and_numbers_say_the_same() -> None:
    fit, frame = fitted(), patients()
    day = (CUT - dt.date(2018, 1, 1)).days
    used = frame.filter(pl.col("a").is_not_null())
    moments = frame["admitted"].cast(pl.Datetime)
    ways: list[tuple[Any, Any]] = [
        (frame["admitted"], "2020-01-01"),
        (frame["admitted"].cast(pl.String), dt.datetime(2020, 1, 1, 12)),
        (moments, CUT),
        (pd.Series(pd.to_datetime(frame["admitted"].to_list())), pd.Timestamp("2020-01-01")),
        (frame["admitted"].to_list(), np.datetime64("2020-01-01")),
        (used["day"], day),
        (frame["day"].to_numpy().astype(float), float(day)),
    ]
    for when, since in ways:
        found = fit.temporal_split(when, since=since, resamples=2)
        assert found.estimate("c_index") == split().estimate("c_index")
        assert found.by == "time"
    assert isinstance(found.earlier.first, float)
    edge = fit.temporal_split("day", frame, since=700, resamples=2)
    assert (edge.earlier.last, edge.later.first) == (693.0, 700.0)


def test_findings_and_json() -> None:
    found = split()
    assert {"few-events", "split-wastes-data"} <= codes(found)
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["schema"] == "vertebrisk/temporal-split"
    assert document["earlier"]["n"] == found.earlier.n
    assert document["measures"][0]["measure"] == "c_index"
    with pytest.raises(ArgumentError, match="There is no measure 'auc'"):
        found.estimate("auc")


def test_a_large_split_is_noted_and_a_thin_one_objected_to() -> None:
    frame = simulated(2400, 1).with_columns(t=pl.int_range(2400))
    fit = quiet_fit("y ~ a + b", frame)
    large = fit.temporal_split("t", frame, since=1200, resamples=2)
    assert codes(large) == {"one-split"}
    thin = fit.temporal_split("t", frame, since=30, resamples=2)
    assert {"few-events-earlier", "one-split"} <= codes(thin)


def test_a_level_of_the_later_patients_alone_is_told() -> None:
    frame = simulated(120, 5).with_columns(
        t=pl.int_range(120), method=pl.Series(["old"] * 60 + ["old", "new"] * 30)
    )
    found = quiet_fit("y ~ a + method", frame).temporal_split("t", frame, since=60, resamples=2)
    assert "column-without-information" in codes(found)


def test_patients_with_several_rows_stay_together() -> None:
    frame = simulated(120, 5).with_columns(t=pl.int_range(120), patient=pl.int_range(120) // 3)
    fit = quiet_fit("y ~ a", frame, cluster="patient")
    assert "rows-of-one-patient" in codes(fit.temporal_split("t", frame, since=60, resamples=2))
    with pytest.raises(ArgumentError, match="1 patient has rows before 61 and since"):
        fit.temporal_split("t", frame, since=61)


def test_a_date_that_is_missing_is_counted() -> None:
    dates = pd.to_datetime(pd.Series(patients()["admitted"].to_list()))
    dates[3] = pd.NaT
    with pytest.raises(ArgumentError, match="when has 1 missing value among the 234 rows"):
        fitted().temporal_split(dates, since=CUT)


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    ("admitted", {"since": "spring"}, "since is 'spring', and 'admitted' holds dates"),
    ("admitted", {"since": "1999-01-01"}, "All of 234 rows came on 1999-01-01 or after it: "),
    ("admitted", {"since": "2031-01-01"}, "None of 234 rows.*runs from 2018-01-0. to 2022"),
    ("day", {"since": "2020-01-01"}, "since is '2020-01-01', and 'day' holds numbers"),
    ("day", {"since": True}, "since is True"),
    ("day", {"since": float("nan")}, "since is nan"),
    ("g", {"since": CUT}, "'g' holds Enum"),
    ("text", {"since": CUT}, "'text' holds text, of which 234 of 234 values are no date"),
    ("gap", {"since": 5}, "'gap' has 3 missing values among the 234 rows"),
    ("a", {"since": 0.0}, "'a', which when names, is a predictor"),
    ("yes", {"since": 1}, "'yes' holds Boolean values"),
    ("day", {"since": 700, "level": 95}, "level is 95"),
    ("day", {"since": 700, "resamples": 0}, "resamples is 0"),
    ("day", {"since": 700, "thresholds": [2]}, "threshold"),
]


@pytest.mark.parametrize(("when", "options", "message"), REFUSED)
def test_splits_that_are_refused(when: str, options: dict[str, Any], message: str) -> None:
    frame = patients().with_columns(
        text=pl.lit("spring 2020"),
        gap=pl.when(~pl.int_range(240).is_in([1, 2, 3])).then("day"),
        yes=pl.col("day") > 700,
    )
    with pytest.raises(ArgumentError, match=message):
        fitted().temporal_split(when, frame, **options)


def test_sides_that_give_no_model_or_no_measure() -> None:
    frame = pl.DataFrame({"y": [0] * 20 + [0, 1] * 20 + [1] * 20, "x": [0.0, 1, 2, 3] * 20})
    fit = quiet_fit("y ~ x", frame)
    t = np.arange(80)
    with pytest.raises(DataError, match="None of the 15 earlier patients has the event"):
        fit.temporal_split(t, since=15)
    with pytest.raises(DataError, match="All of the 15 later patients have the event"):
        fit.temporal_split(t, since=65)
    apart = pl.DataFrame({"y": [0, 1] * 10 + [0, 0, 1, 1] * 10, "x": [0.0, 1] * 30})
    with pytest.raises(FitError, match="no finite estimate on the earlier patients"):
        quiet_fit("y ~ x", apart).temporal_split(np.arange(60), since=20)
    sampled = quiet_fit("y ~ x", frame, source=SourcePopulation(0.1))
    with pytest.raises(ArgumentError, match="Controls were sampled"):
        sampled.temporal_split(t, since=40)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 250.0]))
def test_order_and_units_change_no_estimate(seed: int, unit: float) -> None:
    frame = simulated(120, 3).with_columns(t=pl.int_range(120))
    before = quiet_fit("y ~ a + b", frame).temporal_split("t", frame, since=70, resamples=2)
    order = np.random.default_rng(seed).permutation(120)
    moved = frame[order].with_columns(pl.col("a") * unit)
    after = quiet_fit("y ~ a + b", moved).temporal_split("t", moved, since=70, resamples=2)
    assert_allclose(after.measures["estimate"], before.measures["estimate"], rtol=1e-6, atol=1e-8)
