"""A split by time of Cox and Fine-Gray models: the earlier patients' model on the later ones."""

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

from vertebrisk.errors import ArgumentError, DataError, FewEventsWarning, FitError
from vertebrisk.models.development import Selection
from vertebrisk.models.external.validating import external_validation
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fine_gray_fitting import fit_fine_gray
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox
from vertebrisk.validation.temporal import TemporalSplit

COX = "Surv(rtime, recur) ~ age + nodes + grade + meno"
HORIZON, SINCE = 1825.5, 1989
OPTIONS: dict[str, Any] = {"select": Selection("univariable", alpha=0.05), "time_unit": "days"}


def third() -> pl.DataFrame:
    frame = loader.frame("rotterdam")
    return frame[np.arange(0, frame.height, 3)]


@cache
def split() -> TemporalSplit:
    fit = fit_cox(COX, third(), **OPTIONS)
    return fit.temporal_split(
        "year", third(), since=SINCE, horizon=HORIZON, thresholds=[0.4], resamples=30
    )


def test_it_is_a_cox_fit_of_the_earlier_and_an_external_validation_on_the_later() -> None:
    frame, found = third(), split()
    early, late = frame.filter(pl.col("year") < SINCE), frame.filter(pl.col("year") >= SINCE)
    fit = fit_cox(COX, early, horizons=[HORIZON], **OPTIONS)
    expected = external_validation(
        fit.model,
        late,
        outcome="recur",
        time="rtime",
        horizons=[HORIZON],
        thresholds=[0.4],
        resamples=30,
    ).horizons[0]
    assert found.terms == tuple(term.name for term in fit.design.terms)
    assert found.measures["measure"].to_list() == expected.measures["measure"].to_list()
    for column in ("estimate", "conf_low", "conf_high"):
        ours, theirs = (each[column].fill_null(-9) for each in (found.measures, expected.measures))
        assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9, err_msg=column)
    assert found.decision is not None
    assert expected.decision is not None
    assert_allclose(
        found.decision.frame["net_benefit"], expected.decision.frame["net_benefit"], atol=1e-10
    )
    assert (found.earlier.n, found.later.n) == (early.height, late.height)
    assert (found.earlier.last, found.later.first) == (1988.0, 1989.0)
    assert found.later.n_events == late["recur"].sum()


def test_what_it_says_of_itself() -> None:
    document = json.loads(json.dumps(split().to_dict(), allow_nan=False))
    assert (document["kind"], document["horizon"], document["since"]) == ("cox", HORIZON, SINCE)
    assert document["time_unit"] == "days"
    findings = {each.code: each.message for each in split().findings}
    assert "few-patients-calibration" in findings
    assert "non-events" not in findings["split-wastes-data"]


def sample(n: int = 240, seed: int = 3) -> pl.DataFrame:
    time, status = censored_sample(seed, n)
    x = np.random.default_rng(seed).normal(size=n)
    frame = pl.DataFrame({"t": time * np.exp(-0.7 * x), "d": status == 1, "s": status, "x": x})
    return frame.with_columns(day=pl.int_range(n), zone=(pl.int_range(n) % 2).cast(pl.String))


def quiet_cox(formula: str, data: pl.DataFrame, **options: Any) -> CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(formula, data, **options)


def quiet_fine_gray(data: pl.DataFrame) -> FineGrayFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_fine_gray("Surv(t, s) ~ x", data, event=1, competing=2, horizons=[2.0])


def test_fine_gray_too() -> None:
    frame = sample()
    found = quiet_fine_gray(frame).temporal_split("day", frame, since=140, resamples=10)
    early, late = frame.head(140), frame.tail(100)
    expected = external_validation(
        quiet_fine_gray(early).model,
        late,
        outcome="s == 1",
        time="t",
        competing="s == 2",
        resamples=10,
    ).horizons[0]
    assert_allclose(
        found.measures["estimate"].fill_null(-9),
        expected.measures["estimate"].fill_null(-9),
        rtol=1e-7,
        atol=1e-9,
    )
    assert (found.kind, found.horizon) == ("fine-gray", 2.0)


def test_strata_have_the_earlier_patients_baselines() -> None:
    frame = sample()
    formula = "Surv(t, d) ~ x + strata(zone)"
    found = quiet_cox(formula, frame).temporal_split(
        "day", frame, since=140, horizon=2.0, resamples=2
    )
    part, late = quiet_cox(formula, frame.head(140)), frame.tail(100)
    risk = 1.0 - part.survival_curve(late, [2.0])["survival"].to_numpy()
    alone = quiet_cox("Surv(t, d) ~ x", frame).temporal_split(
        "day", frame, since=140, horizon=2.0, resamples=2
    )
    plain = quiet_cox("Surv(t, d) ~ x", frame.head(140)).survival_curve(late, [2.0])["survival"]
    observed = found.estimate("observed_expected").estimate * risk.mean()
    again = alone.estimate("observed_expected").estimate * (1.0 - plain.to_numpy()).mean()
    assert observed == pytest.approx(again, rel=1e-9)  # the share of the later patients


BRIEF = pl.when(pl.col("day") < 140).then(pl.col("t").clip(upper_bound=0.5)).otherwise("t")
REFUSED: list[tuple[dict[str, Any], dict[str, Any], type[Exception], str]] = [
    ({"d": pl.col("d") & (pl.col("day") >= 140)}, {}, DataError, "nobody with the event is seen"),
    ({"zone": (pl.col("day") >= 140).cast(pl.String)}, {}, DataError, "nobody of a stratum"),
    ({"t": BRIEF}, {}, DataError, "earlier patients are not followed to 2, so"),
    ({"d": pl.col("d") & (pl.col("day") < 140)}, {}, DataError, "No event happened by 2"),
    ({"x": pl.when(pl.col("day") < 140).then(-pl.col("t")).otherwise("x"),
      "d": (pl.col("day") >= 140) | (pl.col("t") < 2.0)}, {}, FitError, "no finite estimate"),
    ({}, {"horizon": 999.0}, ArgumentError, "horizon 999.0 is not a time inside"),
    ({}, {"since": 500}, ArgumentError, "None of 240 rows came on 500 or after it"),
    ({}, {"resamples": 0}, ArgumentError, "resamples is 0"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "options", "error", "message"), REFUSED)
def test_splits_that_are_refused(
    columns: dict[str, Any], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    frame = sample().with_columns(**columns)
    fit = quiet_cox("Surv(t, d) ~ x + strata(zone)", frame)
    with pytest.raises(error, match=message):
        fit.temporal_split("day", frame, **{"since": 140, "horizon": 2.0, **options})


def test_late_entry_and_case_weights_are_refused() -> None:
    frame = sample().with_columns(entry=pl.col("t") / 2, w=pl.lit(1.5))
    late = quiet_cox("Surv(entry, t, d) ~ x", frame)
    with pytest.raises(ArgumentError, match="came under observation late"):
        late.temporal_split("day", frame, since=140, horizon=2.0)
    weighted = quiet_cox("Surv(t, d) ~ x", frame, weights="w")
    with pytest.raises(ArgumentError, match="has case weights"):
        weighted.temporal_split("day", frame, since=140, horizon=2.0)
