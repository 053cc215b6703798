"""Internal-external validation of Cox and Fine-Gray models by a horizon, against R and by hand."""

from __future__ import annotations

import json
import warnings
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader
from tests.survival_data import censored_sample

from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fine_gray_fitting import fit_fine_gray
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.validation.centres.results import InternalExternal

REFERENCE = loader.load("internal_external")
RTOL = 1e-6  # R's fits are iterated to 1e-13; crr's to 1e-7 of its gradient
MEASURES = ("c_index", "slope", "observed_expected")
COX, HORIZON = "Surv(rtime, recur) ~ age + nodes + grade", 1825.5
cases = pytest.mark.parametrize("name", ["cox", "uno", "fine_gray"])


def third() -> pl.DataFrame:
    frame = loader.frame("rotterdam")
    return frame[np.arange(0, frame.height, 3)].with_columns(
        period=pl.Series(REFERENCE["cox"]["groups"])
    )


def wards() -> pl.DataFrame:
    frame = loader.frame("mgus2").drop_nulls(["age", "mspike"])
    months = (pl.int_range(1, frame.height + 1) / 1e5) + pl.col("months")
    return frame.with_columns(months=months, ward=pl.Series(REFERENCE["fine_gray"]["groups"]))


@cache
def cox_fit() -> CoxFit:
    return fit_cox(COX, third(), horizons=[HORIZON], time_unit="days")


@cache
def fine_gray_fit() -> FineGrayFit:
    return fit_fine_gray(
        "Surv(months, status) ~ age + mspike", wards(), event=1, competing=2, censored=0
    )


@cache
def found(name: str) -> InternalExternal:
    if name == "fine_gray":
        return fine_gray_fit().internal_external("ward", wards(), horizon=120.5)
    kind: Any = "harrell" if name == "cox" else "uno"
    return cox_fit().internal_external("period", third(), concordance=kind)


@cases
def test_every_centre_by_a_model_of_the_others(name: str) -> None:
    table, expected = found(name).table, REFERENCE[name]["centres"]
    assert table["centre"].to_list() == expected["group"]
    assert table["reason"].to_list() == [""] * table.height
    columns = ["n", "n_events", "brier"]
    columns += [f"{measure}{end}" for measure in MEASURES for end in ("", "_low", "_high")]
    for column in columns:
        assert_allclose(table[column], expected[column], rtol=RTOL, err_msg=column)
    assert table["in_the_large"].null_count() == table.height


@cases
@pytest.mark.parametrize("measure", MEASURES)
def test_pooled_as_metafor(name: str, measure: str) -> None:
    result, expected = found(name), REFERENCE[name]["pooled"][measure]
    row = result.pooled.filter(pl.col("measure") == measure).row(0, named=True)
    for column in result.pooled.columns[2:]:
        atol = 1e-8 if column.startswith("i2") else 1e-10
        assert_allclose(row[column], expected[column], rtol=2 * RTOL, atol=atol, err_msg=column)
    assert_allclose(result.table[f"{measure}_weight"], expected["weights"], rtol=RTOL)


def test_what_it_says_of_itself() -> None:
    cox, other = found("cox").to_dict(), found("fine_gray").to_dict()
    json.dumps([cox, other], allow_nan=False)
    assert (cox["kind"], cox["horizon"], cox["time_unit"]) == ("cox", HORIZON, "days")
    assert (cox["concordance"], found("uno").concordance) == ("harrell", "uno")
    assert (other["kind"], other["horizon"]) == ("fine-gray", 120.5)
    few = next(each for each in found("cox").findings if each.code == "few-events-in-centre")
    assert "5 centres of 5 have fewer than 100 events by the horizon" in few.message
    assert found("cox").probability("c_index", above=0.5) > 0.9


def sample(n: int = 160, seed: int = 3) -> pl.DataFrame:
    time, status = censored_sample(seed, n)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    frame = pl.DataFrame({"t": time * np.exp(-0.7 * x), "d": status == 1, "s": status, "x": x})
    return frame.with_columns(centre=pl.int_range(n) % 4, pair=pl.int_range(n) // 2)


def quiet_cox(formula: str, data: pl.DataFrame, **options: Any) -> CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(formula, data, **options)


def reasons(result: InternalExternal) -> list[str]:
    return result.table["reason"].to_list()


def test_a_centre_without_events_or_followed_too_briefly() -> None:
    frame = sample().with_columns(
        d=pl.col("d") & (pl.col("centre") != 1),
        t=pl.when(pl.col("centre") == 2).then(pl.col("t").clip(upper_bound=0.6)).otherwise("t"),
    )
    result = quiet_cox("Surv(t, d) ~ x", frame).internal_external(frame["centre"], horizon=2.0)
    assert reasons(result) == ["", "no events", "followed for too short a time", ""]
    row = result.table.row(1, named=True)
    assert (row["observed_expected"], row["c_index"]) == (0.0, None)
    assert row["observed_expected_weight"] > 0
    short = result.table.row(2, named=True)
    assert (short["observed_expected"], short["brier"]) == (None, None)
    assert short["c_index"] is not None
    assert "centre-without-events" in {each.code for each in result.findings}


def test_centres_of_a_patient_or_where_all_have_the_event() -> None:
    longest = pl.col("t") == pl.col("t").max()
    frame = sample().with_columns(lone=pl.when(longest).then(9).otherwise("centre"))
    result = quiet_cox("Surv(t, d) ~ x", frame).internal_external("lone", frame, horizon=2.0)
    assert reasons(result)[-1].startswith("less than one event expected")
    assert result.table["observed_expected_weight"][-1] is None
    ill = frame.with_columns(
        d=pl.col("d") | (pl.col("centre") == 3),
        t=pl.when(pl.col("centre") == 3).then(pl.col("t").clip(upper_bound=1.9)).otherwise("t"),
    )
    every = quiet_cox("Surv(t, d) ~ x", ill).internal_external("centre", ill, horizon=2.0)
    assert reasons(every) == ["", "", "", "events only"]
    assert every.table["observed_expected"][3] > 1.0
    assert every.pooled["k"].to_list() == [4, 4, 0, 3]


def test_others_who_cannot_say_anything() -> None:
    frame = sample().with_columns(
        centre=pl.col("centre") // 2,
        d=pl.col("d") & (pl.col("centre") < 2),
    )
    fit = quiet_cox("Surv(t, d) ~ x", frame)
    result = fit.internal_external(frame["centre"], horizon=2.0)
    assert reasons(result)[0] == "the others have one outcome"
    assert result.table["brier"][0] is None
    brief = sample().with_columns(
        t=pl.when(pl.col("centre") < 2).then("t").otherwise(pl.col("t").clip(upper_bound=0.5))
    )
    halves = brief["centre"] // 2
    late = quiet_cox("Surv(t, d) ~ x", brief).internal_external(halves, horizon=2.0)
    assert reasons(late)[0] == "the others were followed for too short a time"
    assert late.table["observed_expected"][0] is None
    assert late.table["c_index"][0] is not None


def test_strata_have_their_own_baselines() -> None:
    frame = sample().with_columns(side=pl.col("centre") % 2, zone=(pl.int_range(160) % 3).cast(str))
    by_zone = quiet_cox("Surv(t, d) ~ x + strata(zone)", frame)
    result = by_zone.internal_external("centre", frame, horizon=2.0)
    assert reasons(result) == [""] * 4
    part = quiet_cox("Surv(t, d) ~ x + strata(zone)", frame.filter(pl.col("centre") != 1))
    inside = frame.filter(pl.col("centre") == 1)
    risk = 1.0 - part.survival_curve(inside, [2.0])["survival"].to_numpy()
    expected = result.table["observed_expected"][1] * risk.mean()
    alone = quiet_cox("Surv(t, d) ~ x", frame).internal_external("centre", frame, horizon=2.0)
    assert expected == pytest.approx(
        alone.table["observed_expected"][1] * _mean_risk(frame, "Surv(t, d) ~ x", 1),
        rel=1e-9,
    )  # the observed share is the centre's, whatever the model
    own = quiet_cox("Surv(t, d) ~ x + strata(side)", frame)
    unknown = own.internal_external(frame["side"], horizon=2.0)
    assert reasons(unknown) == ["a stratum is in no other centre"] * 2


def _mean_risk(frame: pl.DataFrame, formula: str, centre: int) -> float:
    part = quiet_cox(formula, frame.filter(pl.col("centre") != centre))
    inside = frame.filter(pl.col("centre") == centre)
    return float(1.0 - part.survival_curve(inside, [2.0])["survival"].mean())  # type: ignore[operator]


def test_rows_in_another_order_and_the_default_horizon() -> None:
    frame = sample()
    fit = quiet_cox("Surv(t, d) ~ x", frame, horizons=[2.0, 1.0])
    moved = frame[np.random.default_rng(1).permutation(160)]
    again = quiet_cox("Surv(t, d) ~ x", moved).internal_external("centre", moved, horizon=2.0)
    first = fit.internal_external("centre", frame)
    assert first.horizon == 2.0
    assert_allclose(again.pooled["estimate"].head(2), first.pooled["estimate"].head(2), rtol=1e-8)


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("Surv(t, d) ~ x", {}, {"horizon": 1e4}, "horizon 10000.0 is not a time inside follow-up"),
    ("Surv(t, d) ~ x", {}, {"concordance": "gonen"}, "concordance is 'gonen'"),
    ("Surv(t, d) ~ x", {}, {"level": 95}, "level is 95"),
    ("Surv(t, d) ~ x", {"weights": "w"}, {}, "has case weights"),
    ("Surv(entry, t, d) ~ x", {}, {}, "came under observation late"),
    ("Surv(t, d) ~ x + centre", {}, {}, "'centre', which groups names, is a predictor"),
    ("Surv(t, d) ~ x", {"cluster": "pair"}, {}, "80 patients have rows in more than one"),
]


@pytest.mark.parametrize(("formula", "fitting", "asking", "message"), REFUSED)
def test_what_is_refused(
    formula: str, fitting: dict[str, Any], asking: dict[str, Any], message: str
) -> None:
    frame = sample().with_columns(w=pl.lit(1.5), entry=pl.col("t") / 2)
    fit = quiet_cox(formula, frame, **fitting)
    with pytest.raises(ArgumentError, match=message):
        fit.internal_external("centre", frame, **{"horizon": 2.0, **asking})


def test_another_table_is_refused_by_its_events() -> None:
    frame = sample()
    fit = quiet_cox("Surv(t, d) ~ x", frame)
    with pytest.raises(ArgumentError, match="not the table that the fit was made from"):
        fit.internal_external("centre", frame.with_columns(d=~pl.col("d")), horizon=2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        other = fit_fine_gray("Surv(t, s) ~ x", frame, event=1, competing=2)
    for wrong in (frame.reverse(), frame.with_columns(s=pl.lit("gone"))):
        with pytest.raises(ArgumentError, match="not the table that the fit was made from"):
            other.internal_external("centre", wrong, horizon=2.0)
    assert other.internal_external("centre", frame, horizon=2.0).n_centres == 4
