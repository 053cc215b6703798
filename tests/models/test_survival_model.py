"""RiskModel of time to event: risks, intervals, horizons, documents, and no patient in them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame as reference_frame

import vertebrisk as vr
from vertebrisk.errors import DataError, ModelError
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fit import CoxFit

RTOL = 1e-9  # the same sums in another order


@pytest.fixture(scope="module")
def gbsg() -> pl.DataFrame:
    return reference_frame("gbsg")


@pytest.fixture(scope="module")
def fit(gbsg: pl.DataFrame) -> CoxFit:
    return vr.fit_cox(
        "Surv(rfstime, status) ~ rcs(age, 4) + C(grade) + nodes + hormon",
        gbsg,
        horizons=[730, 1826],
        time_unit="days",
    )


@pytest.fixture(scope="module")
def stratified(gbsg: pl.DataFrame) -> CoxFit:
    return vr.fit_cox(
        "Surv(rfstime, status) ~ age + nodes + strata(grade)", gbsg, horizons=[730, 1500]
    )


@pytest.mark.parametrize("horizon", [None, 730.0, 1826.0])
def test_risks_and_intervals_at_horizons_are_those_of_survfit(
    fit: CoxFit, gbsg: pl.DataFrame, horizon: float | None
) -> None:
    patients = gbsg.head(40)
    predicted = fit.model.predict(patients, horizon)
    curve = fit.survival_curve(patients, [horizon or 730.0])
    assert_allclose(predicted["risk"], 1 - curve["survival"].to_numpy(), rtol=RTOL)
    assert_allclose(predicted["conf_low"], 1 - curve["conf_high"].to_numpy(), rtol=RTOL)
    assert_allclose(predicted["conf_high"], 1 - curve["conf_low"].to_numpy(), rtol=RTOL)


def test_the_average_risk_is_the_mean_over_the_patients(gbsg: pl.DataFrame) -> None:
    weighty = gbsg.with_columns(w=pl.Series([1, 2, 3] * 300).head(gbsg.height))
    formula = "Surv(rfstime, status) ~ age + nodes + strata(grade)"
    horizons = [730.0, 1500.0]
    plain = vr.fit_cox(formula, gbsg, horizons=horizons).model
    heavy = vr.fit_cox(formula, weighty, horizons=horizons, weights="w").model
    for place, horizon in enumerate(horizons):
        risks = plain.predict(gbsg, horizon)["risk"]
        assert plain.average_risks[place] == pytest.approx(risks.mean(), rel=RTOL)
        risks = heavy.predict(gbsg, horizon)["risk"]
        expected = np.average(risks, weights=weighty["w"])
        assert heavy.average_risks[place] == pytest.approx(expected, rel=RTOL)
    assert RiskModel.from_dict(plain.to_dict()).average_risks == plain.average_risks


def test_there_is_no_average_where_a_stratum_was_not_followed(gbsg: pl.DataFrame) -> None:
    short = gbsg.filter((pl.col("grade") != 1) | (pl.col("rfstime") < 1000))
    fit = vr.fit_cox("Surv(rfstime, status) ~ age + strata(grade)", short, horizons=[730, 1500])
    first, second = fit.model.average_risks
    assert first is not None
    assert second is None
    assert RiskModel.from_dict(fit.model.to_dict()).average_risks == (first, None)


def test_shrunken_coefficients_have_an_average_of_their_own(gbsg: pl.DataFrame) -> None:
    fit = vr.fit_cox("Surv(rfstime, status) ~ age + nodes", gbsg, horizons=[730])
    model = fit.shrunken().model
    (average,) = model.average_risks
    assert average == pytest.approx(model.predict(gbsg)["risk"].mean(), rel=RTOL)
    assert average != fit.model.average_risks[0]


def test_grid_points_are_exact_and_between_them_the_risk_rises(
    fit: CoxFit, gbsg: pl.DataFrame
) -> None:
    times = fit.model.baselines[0].times
    patient = gbsg.head(1)
    curve = fit.survival_curve(patient, times)
    risks = [float(fit.model.predict(patient, time)["risk"][0]) for time in times]
    assert_allclose(risks, 1 - curve["survival"].to_numpy(), rtol=RTOL)
    middle = (times[:-1] + times[1:]) / 2
    between = [float(fit.model.predict(patient, time)["risk"][0]) for time in middle]
    assert all(a <= b <= c for a, b, c in zip(risks, between, risks[1:], strict=False))


def test_strata_have_their_own_baseline(stratified: CoxFit, gbsg: pl.DataFrame) -> None:
    patients = gbsg.head(60)
    predicted = stratified.model.predict(patients, 730.0)
    curve = stratified.survival_curve(patients, [730.0])
    assert_allclose(predicted["risk"], 1 - curve["survival"].to_numpy(), rtol=RTOL)
    assert_allclose(predicted["conf_low"], 1 - curve["conf_high"].to_numpy(), rtol=RTOL)


def test_a_stratum_that_is_not_known_is_flagged(stratified: CoxFit, gbsg: pl.DataFrame) -> None:
    patients = gbsg.head(3).with_columns(pl.Series("grade", [9, None, 2]))
    predicted = stratified.model.predict(patients)
    assert predicted["risk"].is_null().to_list() == [True, True, False]
    assert predicted["flags"].to_list() == ["unknown stratum: 9", "missing: grade", ""]
    with pytest.raises(DataError, match="needs grade to choose a baseline"):
        stratified.model.predict(gbsg.drop("grade"))
    with pytest.raises(ModelError, match="one nomogram cannot show"):
        stratified.model.nomogram()


@pytest.mark.parametrize("horizon", [0, -1.0, 1e9, float("nan"), "730", [730.0], True])
def test_a_horizon_outside_follow_up_is_refused(
    fit: CoxFit, gbsg: pl.DataFrame, horizon: Any
) -> None:
    with pytest.raises(ModelError, match=r"predicts from above 0 to \d+ days, where its follow-up"):
        fit.model.predict(gbsg.head(1), horizon)


def test_a_logistic_model_takes_no_horizon(gbsg: pl.DataFrame) -> None:
    model = vr.fit_logistic("status ~ age + nodes", gbsg).model
    with pytest.raises(ModelError, match="cannot be asked for another horizon"):
        model.predict(gbsg.head(1), 12.0)


def test_the_document_comes_back_whole(fit: CoxFit, stratified: CoxFit, gbsg: pl.DataFrame) -> None:
    for model in (fit.model, stratified.model):
        again = RiskModel.from_dict(json.loads(json.dumps(model.to_dict())))
        assert again.to_dict() == model.to_dict()
        assert again.predict(gbsg).equals(model.predict(gbsg))


def test_the_document_holds_no_time_of_a_patient(fit: CoxFit, gbsg: pl.DataFrame) -> None:
    own = set(gbsg.filter(pl.col("status") == 1)["rfstime"].to_list())
    travelled = set(fit.model.baselines[0].times) - set(fit.horizons)
    assert not own & travelled
    assert fit.model.limit <= gbsg["rfstime"].max()  # type: ignore[operator]
    assert len(travelled) <= 150 < len(own)


def test_draws_give_intervals_at_the_horizons_only(fit: CoxFit, gbsg: pl.DataFrame) -> None:
    random = np.random.default_rng(3)
    model = fit.model
    hazards = np.log([model.baselines[0].at(each)[0] for each in model.horizons])
    draws = np.column_stack(
        [
            random.multivariate_normal(model.beta, fit.cov, 400),
            hazards + 0.05 * random.standard_normal((400, 2)),
        ]
    )
    drawn = model.with_draws(draws)
    at_horizon = drawn.predict(gbsg.head(5), 1826.0)
    assert (at_horizon["conf_low"] < at_horizon["risk"]).all()
    assert (at_horizon["risk"] < at_horizon["conf_high"]).all()
    elsewhere = drawn.predict(gbsg.head(5), 1000.0)
    assert elsewhere["conf_low"].is_null().all()
    assert (
        RiskModel.from_dict(drawn.to_dict())
        .predict(gbsg.head(5))
        .equals(drawn.predict(gbsg.head(5)))
    )


def changed(*path: str | int, to: object) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


DAMAGE: list[tuple[str, Callable[[Any], None], str]] = [
    ("no baseline", changed("baselines", to=[]), "no baseline"),
    ("hazard falls", changed("baselines", 0, "cumulative_hazard", 5, to=0.0), "negative or falls"),
    ("hazard below zero", changed("baselines", 0, "cumulative_hazard", 0, to=-0.1), "negative"),
    ("NaN hazard", changed("baselines", 0, "variance", 3, to=float("nan")), "not finite"),
    ("short column", changed("baselines", 0, "variance", to=[0.1]), "different length"),
    ("times in disorder", changed("baselines", 0, "times", 0, to=1e6), "not in order"),
    (
        "integral of the wrong width",
        changed("baselines", 0, "mean_integral", to=[[1.0]]),
        "damaged",
    ),
    ("horizon beyond", changed("horizons", to=[730, 1e6]), "horizons lie outside"),
    ("no horizon", changed("horizons", to=[]), "horizons lie outside"),
    ("horizon as text", changed("horizons", to=["730"]), "damaged"),
    ("averages too few", changed("average_risks", to=[0.2]), "do not match its horizons"),
    ("average above 1", changed("average_risks", to=[0.2, 1.2]), "between 0 and 1"),
    ("average as text", changed("average_risks", to=["0.2", None]), "damaged"),
    ("strata without levels", changed("strata", to=["grade"]), "do not match its strata"),
    ("stratum as number", changed("baselines", 0, "stratum", to=3), "stratum is no text"),
    ("draws too narrow", changed("draws", to=[[0.1, 0.2]]), "damaged"),
    ("no unit", lambda document: document.pop("time_unit"), "damaged: it has no 'time_unit'"),
]


@pytest.mark.parametrize(("change", "message"), [d[1:] for d in DAMAGE], ids=[d[0] for d in DAMAGE])
def test_damaged_documents(fit: CoxFit, change: Callable[[Any], None], message: str) -> None:
    document = copy.deepcopy(fit.model.to_dict())
    change(document)
    with pytest.raises(ModelError, match=message):
        RiskModel.from_dict(document)


def test_a_nomogram_needs_an_event_by_the_first_horizon(gbsg: pl.DataFrame) -> None:
    def scales(*horizons: float) -> list[float | None]:
        fit = vr.fit_cox("Surv(rfstime, status) ~ age", gbsg, horizons=horizons, time_unit="days")
        return [scale.horizon for scale in fit.model.nomogram().scales]

    assert scales(730, 1) == [730.0]
    with pytest.raises(ModelError, match=r"No event happened by the first horizon \(1 days\)"):
        scales(1, 730)


def test_the_equation_names_the_baseline_at_every_horizon(fit: CoxFit) -> None:
    linear, first, second = fit.model.equation().splitlines()
    assert "[grade = 2]" in linear
    assert first.startswith("H0(730 days) = ")
    assert second.startswith("H0(1826 days) = ")


def test_a_model_without_predictors_travels(gbsg: pl.DataFrame) -> None:
    fit = vr.fit_cox("Surv(rfstime, status) ~ 1", gbsg, horizons=[730])
    again = RiskModel.from_dict(fit.model.to_dict())
    assert again.predict(gbsg.head(3))["risk"].n_unique() == 1
