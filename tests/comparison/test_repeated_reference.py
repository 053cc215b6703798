"""Repeated scores equal R: ANOVA, Friedman, paired tests, Holm, mixed model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk.comparison.repeated import RepeatedMeasures, repeated_measures

REFERENCE = loader.load("scores")
RTOL = 1e-9  # closed forms in double precision on both sides
RTOL_SEARCHED = 2e-6  # lme ends its search where the likelihood is flat to 1e-14
close: Callable[..., None] = assert_allclose  # also takes None, and fails on it


def case_id(case: dict[str, Any]) -> str:
    return "-".join([case["data"], case["columns"][0], case.get("by", "all")])


def record_of(case: dict[str, Any], **options: Any) -> RepeatedMeasures:
    frame = loader.frame(case["data"]).head(case.get("rows", 10_000))
    return repeated_measures(frame, case["columns"], group=case.get("by"), **options)


@pytest.mark.parametrize("case", REFERENCE["anova"], ids=case_id)
def test_anova_agrees_with_car(case: dict[str, Any]) -> None:
    complete = record_of(case).complete
    assert complete.n == case["n"]
    effects = {effect.effect: effect for effect in complete.effects}
    names = {"visit": "visit"}
    if "by" in case:
        names |= {"group": "group", "group:visit": "interaction"}
    assert set(effects) == set(names)
    for name, key in names.items():
        for quantity in ("ss", "df", "ss_error", "df_error", "statistic", "p_value"):
            close(getattr(effects[name], quantity), case[key][quantity], rtol=RTOL)
        close(effects[name].generalised_eta2, case["generalised"][name], rtol=RTOL)
        close(effects[name].partial_eta2, case["partial"][name], rtol=RTOL)


@pytest.mark.parametrize("case", [c for c in REFERENCE["anova"] if "epsilon" in c], ids=case_id)
def test_sphericity_agrees_with_car_and_stats(case: dict[str, Any]) -> None:
    complete = record_of(case).complete
    shape = complete.sphericity
    assert shape is not None
    assert shape.huynh_feldt is not None
    close(shape.greenhouse_geisser, case["epsilon"]["gg"], rtol=RTOL)
    close(shape.huynh_feldt, case["epsilon"]["hf"], rtol=RTOL)
    for key in ("mauchly", "mauchly_stats"):
        close([shape.w, shape.p_value], [case[key]["w"], case[key]["p_value"]], rtol=RTOL)
    effects = {effect.effect: effect for effect in complete.effects}
    pairs = [("visit", "epsilon")]
    if "by" in case:
        pairs.append(("group:visit", "interaction_epsilon"))
        assert effects["group"].p_greenhouse_geisser is None
    for name, key in pairs:
        close(effects[name].p_greenhouse_geisser, case[key]["gg_p"], rtol=RTOL)
        close(effects[name].p_huynh_feldt, case[key]["hf_p"], rtol=RTOL)


@pytest.mark.parametrize("case", REFERENCE["friedman"], ids=case_id)
def test_friedman_agrees_with_stats(case: dict[str, Any]) -> None:
    found = record_of(case).complete.friedman
    assert found is not None
    for name in ("statistic", "df", "p_value", "kendall_w"):
        close(getattr(found, name), case[name], rtol=RTOL)


@pytest.mark.parametrize("case", REFERENCE["pairs"], ids=case_id)
def test_pairs_agree_with_stats(case: dict[str, Any]) -> None:
    record = record_of(case)
    names = [visit.name for visit in record.visits]
    assert len(record.changes) == len(case["pairs"])
    for change, wanted in zip(record.changes, case["pairs"], strict=True):
        pair = names[wanted["earlier"]], names[wanted["later"]]
        assert (change.earlier, change.later, change.n) == (*pair, wanted["n"])
        close([change.mean, change.sd], [wanted["mean"], wanted["sd"]], rtol=RTOL)
        close(
            [change.conf_low, change.conf_high],
            [wanted["conf_low"], wanted["conf_high"]],
            rtol=RTOL,
        )
        t, w = change.t_test, change.wilcoxon
        close([t.statistic, t.p_value, t.p_holm], [wanted[k] for k in ("t", "t_p", "t_holm")])
        close([w.statistic, w.p_value, w.p_holm], [wanted[k] for k in ("v", "v_p", "v_holm")])
        assert w.exact == ("exact" in wanted["v_method"])
        close([change.dz.estimate, change.d_av.estimate], [wanted["dz"], wanted["dav"]], rtol=RTOL)
    if case.get("rows"):
        assert all(change.wilcoxon.exact for change in record.changes)


def test_limits_of_dz_agree_with_the_noncentral_t_of_r() -> None:
    wanted = REFERENCE["limits"]
    change = repeated_measures(loader.frame("scores"), wanted["columns"]).changes[0]
    found = [change.dz.conf_low, change.dz.conf_high]
    close(found, [wanted["dz_low"], wanted["dz_high"]], rtol=1e-8)  # uniroot ends at 1e-13 of ncp
    assert change.d_av.conf_low is not None
    assert change.dz.estimate is not None
    assert change.d_av.estimate is not None
    close(
        change.d_av.conf_low / wanted["dz_low"],
        change.d_av.estimate / change.dz.estimate,
        rtol=1e-8,
    )


@pytest.mark.parametrize("case", REFERENCE["described"], ids=case_id)
def test_visits_are_described_as_r_does(case: dict[str, Any]) -> None:
    record = record_of(case)
    for found, wanted in zip(record.summaries, case["visits"], strict=True):
        summary = found.summary
        assert (summary.n, summary.missing) == (wanted["n"], wanted["missing"])
        close([summary.mean, summary.sd], [wanted["mean"], wanted["sd"]], rtol=RTOL)
        close([summary.q1, summary.median, summary.q3], wanted["quartiles"], rtol=RTOL)
        close(
            [found.conf_low, found.conf_high], [wanted["conf_low"], wanted["conf_high"]], rtol=RTOL
        )


def with_a_gap(case: dict[str, Any]) -> tuple[pl.DataFrame, bool]:
    """The data; the model is only fitted where a score is missing."""
    frame = loader.frame(case["data"])
    return frame, any(frame[name].null_count() for name in case["columns"])


@pytest.mark.parametrize("case", REFERENCE["mixed"], ids=case_id)
def test_mixed_model_agrees_with_nlme(case: dict[str, Any]) -> None:
    frame, gaps = with_a_gap(case)
    if not gaps:  # a further patient without any score leaves the model as it is
        frame = pl.concat([frame, frame.head(1).with_columns(
            [pl.lit(None, dtype=pl.Float64).alias(name) for name in case["columns"]])],
            how="vertical_relaxed")  # fmt: skip
    model = repeated_measures(frame, case["columns"], group=case.get("by")).mixed
    assert model is not None
    assert (model.n_patients, model.n_values) == (case["n_patients"], case["n_values"])
    close([mean.estimate for mean in model.means], case["mean"], rtol=RTOL_SEARCHED)
    close([mean.std_error for mean in model.means], case["se"], rtol=RTOL_SEARCHED)
    close(model.between_sd, case["between_sd"], rtol=RTOL_SEARCHED)
    close(model.within_sd, case["within_sd"], rtol=RTOL_SEARCHED)
    close(model.log_likelihood, case["log_likelihood"], rtol=1e-9)  # second order in the search
    for test in model.tests:
        wanted = case["tests"][test.effect]
        assert (test.df, test.df2) == (wanted["df"], wanted["df2"])
        close(test.statistic, wanted["statistic"], rtol=RTOL_SEARCHED)
        close(test.p_value, wanted["p_value"], rtol=1e-5, atol=1e-15)  # R's tail ends at 1e-16
    covariance = np.array(case["covariance"])
    first = model.changes[0]
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    close(first.std_error, error, rtol=RTOL_SEARCHED)
