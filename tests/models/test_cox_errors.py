"""`fit_cox` on bad input and at the edges: a right answer with a finding, or one clear line."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose

from vertebrisk.errors import (
    ArgumentError,
    DataError,
    ExpressionError,
    FewEventsWarning,
    FitError,
    VertebriskError,
)
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.survival.checking import default_horizons, refuse_infinite
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox


def patients(n: int = 120, seed: int = 5) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age, dose = rng.normal(70, 8, n), rng.normal(size=n)
    lasting = rng.exponential(20 * np.exp(-0.03 * (age - 70) - 0.5 * dose))
    censored = rng.uniform(5, 40, n)
    return pl.DataFrame(
        {
            "months": np.minimum(lasting, censored).round(2) + 0.01,
            "leak": lasting <= censored,
            "age": age,
            "dose": dose,
            "side": rng.choice(["left", "right"], n),
            "centre": rng.choice(["a", "b", "c"], n),
            "patient": np.arange(n) // 2,
        }
    )


def quiet(formula: str, data: object, **options: Any) -> CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return fit_cox(formula, data, **options)


def codes(fit: CoxFit) -> set[str]:
    return {finding.code for finding in fit.findings}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"months": pl.lit("soon")}, "'months' holds labels, not numbers"),
        ({"months": pl.date(2020, 1, 1)}, "'months' holds dates"),
        ({"months": pl.col("months") - 3}, r"'months' is negative in \d+ rows"),
        ({"months": pl.lit(None, dtype=pl.Float64)}, "'months' has no value in any row"),
        ({"months": pl.lit(None)}, "'months' has no value in any row"),
        ({"months": pl.lit(float("inf"))}, "'months' is infinite in rows"),
        ({"leak": pl.lit(False)}, "None of 120 patients .* has the event 'leak'"),
        ({"leak": pl.lit("no")}, "holds labels, not true and false"),
        ({"leak": pl.lit(2)}, "numbers other than 0 and 1"),
        ({"age": pl.lit(70.0)}, "age is the same in all patients"),
        ({"age": pl.col("dose") * 2}, "exact combination"),
    ],
)
def test_bad_columns_have_one_clear_line(changed: dict[str, pl.Expr], message: str) -> None:
    data = patients().with_columns(**changed)
    with pytest.raises(VertebriskError, match=message) as caught:
        quiet("Surv(months, leak) ~ dose + age", data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("leak ~ age", r"write Surv\(time, event\)"),
        ("Surv(months) ~ age", "is not understood"),
        ("Surv(months, months, months, leak) ~ age", "is not understood"),
        ("Surv(months + 1, leak) ~ age", "is not understood"),
        ("Surv(months, leak) ~ age + strata()", r"strata\(\) takes names"),
        ("Surv(months, leak) ~ age:strata(centre)", "stands by itself"),
        ("Surv(months, leak)", "needs '~'"),
    ],
)
def test_bad_formulas(formula: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        quiet(formula, patients())


def test_unknown_columns_are_named() -> None:
    with pytest.raises(DataError, match=r"no column 'month'.*Did you mean 'months'"):
        quiet("Surv(month, leak) ~ age", patients())
    with pytest.raises(DataError, match="no column 'center'"):
        quiet("Surv(months, leak) ~ age + strata(center)", patients())


def test_events_in_one_group_only_name_the_term() -> None:
    data = patients().with_columns(leak=pl.col("leak") & (pl.col("side") == "left"))
    with pytest.raises(FitError, match=r"monotone likelihood.*side = right among"):
        quiet("Surv(months, leak) ~ age + side", data)


def test_one_event() -> None:
    data = patients()
    first = data["months"].arg_sort()[60]
    data = data.with_columns(leak=pl.int_range(pl.len()) == first)
    at_risk = data.filter(pl.col("months") >= data["months"][first])
    extreme = data["age"][first] in (at_risk["age"].min(), at_risk["age"].max())
    assert not extreme
    fit = quiet("Surv(months, leak) ~ age", data)
    weights = np.exp(fit.beta[0] * at_risk["age"].to_numpy())
    mean = np.sum(weights * at_risk["age"].to_numpy()) / weights.sum()
    assert_allclose(mean, data["age"][first], rtol=1e-8)  # the score equation of one event
    assert "few-events" in codes(fit)


def test_time_zero_is_kept_with_a_finding() -> None:
    data = patients().with_columns(
        months=pl.when(pl.int_range(pl.len()) < 4).then(0.0).otherwise("months")
    )
    fit = quiet("Surv(months, leak) ~ age", data)
    assert fit.n == 120
    found = next(each for each in fit.findings if each.code == "time-zero")
    assert found.rows == (1, 2, 3, 4)
    with pytest.raises(DataError, match="no logarithm"):
        fit.proportional_hazards("log")


def test_entry_not_before_exit() -> None:
    data = patients().with_columns(entry=pl.col("months") * 0.5)
    quiet("Surv(entry, months, leak) ~ age", data)
    data = data.with_columns(
        entry=pl.when(pl.int_range(pl.len()).is_in([2, 7])).then("months").otherwise("entry")
    )
    with pytest.raises(DataError, match=r"In 2 rows \(rows 3, 8\) the entry 'entry' is not before"):
        quiet("Surv(entry, months, leak) ~ age", data)


def test_missing_values_are_dropped_and_counted() -> None:
    place = pl.int_range(pl.len())
    data = patients().with_columns(
        months=pl.when(place < 3).then(None).otherwise("months"),
        leak=pl.when((place >= 2) & (place < 7)).then(None).otherwise("leak"),
        age=pl.when((place >= 6) & (place < 10)).then(None).otherwise("age"),
    )
    with pytest.raises(DataError, match="has no value in any row"):
        quiet("Surv(months, leak) ~ age", data[0])
    fit = quiet("Surv(months, leak) ~ age + strata(centre)", data)
    assert fit.n_dropped == {"time missing": 3, "outcome missing": 4, "predictor missing": 3}
    assert fit.n == 110
    whole = quiet("Surv(months, leak) ~ age + strata(centre)", data[10:])
    assert_allclose(fit.beta, whole.beta, rtol=1e-12)


def test_strata_of_one_patient_say_nothing_and_are_told() -> None:
    data = patients().with_columns(group=pl.int_range(pl.len()).clip(upper_bound=100))
    fit = quiet("Surv(months, leak) ~ age + strata(group)", data)
    assert "silent-strata" in codes(fit)
    alone = quiet("Surv(months, leak) ~ age", data.filter(pl.col("group") == 100))
    assert_allclose(fit.beta, alone.beta, rtol=1e-9)
    everyone = data.with_columns(group=pl.int_range(pl.len()))
    with pytest.raises(FitError, match="age is the same in all patients at risk"):
        quiet("Surv(months, leak) ~ age + strata(group)", everyone)


def test_heavy_ties_are_told() -> None:
    data = patients().with_columns(months=(pl.col("months") / 6).ceil())
    assert "heavy-ties" in codes(quiet("Surv(months, leak) ~ age", data))
    note = quiet("Surv(months, leak) ~ age", data, ties="breslow").findings
    assert {each.severity for each in note if each.code == "heavy-ties"} == {"warning"}
    assert "heavy-ties" not in codes(quiet("Surv(months, leak) ~ age", patients()))


def test_rounding_does_not_break_ties() -> None:
    data = patients().with_columns(months=(pl.col("months") * 10).ceil() / 10)
    noisy = data.with_columns(months=pl.col("months") + 1e-13 * pl.int_range(pl.len()))
    first = quiet("Surv(months, leak) ~ age", data)
    second = quiet("Surv(months, leak) ~ age", noisy)
    assert_allclose(second.beta, first.beta, rtol=1e-10)
    assert "times-made-equal" in codes(second)


def test_curves_end_with_follow_up() -> None:
    data = patients()
    fit = quiet("Surv(months, leak) ~ age + strata(centre)", data)
    last = float(data.filter(pl.col("centre") == data["centre"][0])["months"].max())  # type: ignore[arg-type]
    curve = fit.survival_curve(data[0], times=[0.0, last, last + 1.0])
    assert curve["survival"].to_list()[0] == 1.0
    assert curve["survival"][1] is not None
    assert curve["survival"].to_list()[2] is None
    with pytest.raises(DataError, match="stratum that the model does not know"):
        fit.survival_curve(data[0].with_columns(centre=pl.lit("z")))
    missing = fit.survival_curve(data[0].with_columns(age=pl.lit(None)), times=[5.0])
    assert missing["survival"].to_list() == [None]


@pytest.mark.parametrize("horizons", [[], [0.0], [400.0], ["a"], [True], "12"])
def test_horizons_lie_inside_follow_up(horizons: object) -> None:
    with pytest.raises(ArgumentError, match="horizon"):
        quiet("Surv(months, leak) ~ age", patients(), horizons=horizons)


def test_a_default_horizon_is_not_before_the_first_event() -> None:
    times = SurvivalTimes(np.arange(1.0, 21.0), np.arange(1, 21) == 6)
    assert all(horizon >= 6.0 for horizon in default_horizons(times))


def test_default_horizons_are_round_and_inside() -> None:
    fit = quiet("Surv(months, leak) ~ age", patients())
    died = patients().filter(pl.col("leak"))["months"].to_numpy()
    assert fit.horizons == default_horizons(fit.times)
    assert all(0 < each <= died.max() for each in fit.horizons)
    assert list(fit.horizons) == sorted(fit.horizons)


def test_arguments_are_checked() -> None:
    data = patients()
    with pytest.raises(ArgumentError, match="ties is 'exact'"):
        quiet("Surv(months, leak) ~ age", data, ties="exact")
    with pytest.raises(ArgumentError, match="time_unit is 'moons'"):
        quiet("Surv(months, leak) ~ age", data, time_unit="moons")
    with pytest.raises(ArgumentError, match="cluster is given and robust is False"):
        quiet("Surv(months, leak) ~ age", data, cluster="patient", robust=False)
    with pytest.raises(ArgumentError, match="must be above 0"):
        quiet("Surv(months, leak) ~ age", data.with_columns(w=0.0), weights="w")
    with pytest.raises(ArgumentError, match="are not numbers"):
        quiet("Surv(months, leak) ~ age", data, weights="side")
    with pytest.raises(ArgumentError, match="formula comes first"):
        fit_cox(data, "Surv(months, leak) ~ age")  # type: ignore[call-overload]
    fit = quiet("Surv(months, leak) ~ age", data)
    with pytest.raises(ArgumentError, match="transform is 'sqrt'"):
        fit.proportional_hazards("sqrt")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="kind is 'pearson'"):
        fit.residuals("pearson")  # type: ignore[arg-type]


def test_few_events_warn() -> None:
    with pytest.warns(FewEventsWarning, match="events for 5 candidate parameters"):
        fit_cox("Surv(months, leak) ~ age + dose + side + centre", patients(60))


def test_no_predictors() -> None:
    fit = quiet("Surv(months, leak) ~ 1", patients())
    found = fit.summary()
    assert (found.df, found.lr_statistic, found.p_value) == (0, 0.0, 1.0)
    assert found.c_index == 0.5
    assert fit.coefficients().height == 0
    curve = fit.survival_curve(patients()[0], times=[10.0])
    assert 0 < curve["survival"][0] < 1
    with pytest.raises(DataError, match="no predictors"):
        fit.proportional_hazards()


def test_selection_is_that_of_the_development_procedure() -> None:
    data = patients(400)
    rng = np.random.default_rng(1)
    data = data.with_columns(noise=pl.Series(rng.normal(size=400)))
    formula = "Surv(months, leak) ~ age + dose + noise + side"
    for select in ("univariable", "backward"):
        fit = quiet(formula, data, select=select)
        chosen = [term.name for term in fit.design.terms]
        assert chosen == ["age", "dose"]
        again = quiet("Surv(months, leak) ~ age + dose", data)
        assert_allclose(fit.beta, again.beta, rtol=1e-10)
    p = fit.development.screen_p_values(np.ones((1, 400)))[0]
    for place, name in enumerate(["age", "dose", "noise", "side"]):
        alone = quiet(f"Surv(months, leak) ~ {name}", data)
        assert_allclose(p[place], alone.term_tests()["lr_p_value"][0], rtol=1e-7)


def test_values_are_not_to_be_changed() -> None:
    fit = quiet("Surv(months, leak) ~ age", patients())
    with pytest.raises(AttributeError):
        fit.n = 3  # type: ignore[misc]


def test_no_complete_row() -> None:
    place = pl.int_range(pl.len())
    data = patients().with_columns(
        months=pl.when(place < 60).then(None).otherwise("months"),
        age=pl.when(place >= 60).then(None).otherwise("age"),
    )
    with pytest.raises(DataError, match=r"None of 120 rows has .* predictor missing: 60"):
        quiet("Surv(months, leak) ~ age", data)
    with pytest.raises(DataError, match="The data have no rows"):
        quiet("Surv(months, leak) ~ age", data.head(0))


def test_a_baseline_that_cannot_be_written_is_refused() -> None:
    data = patients().with_columns(year=200.0 + pl.col("dose"))
    fit = quiet("Surv(months, leak) ~ year", data)
    assert fit.survival_curve(data[0], times=[5.0])["survival"][0] is not None
    steep = data.with_columns(year=2000.0 + pl.col("dose") / 10)
    fit = quiet("Surv(months, leak) ~ year", steep)
    with pytest.raises(FitError, match="years since 2000"):
        fit.baseline()


def test_an_estimation_that_did_not_converge_is_refused() -> None:
    fit = quiet("Surv(months, leak) ~ age", patients())
    found = fit.likelihood.fit(fit.matrix, np.ones((1, fit.n))).fits
    assert isinstance(found, CoxFits)
    lost = replace(found, converged=np.zeros(1, np.bool_))
    with pytest.raises(FitError, match="estimation of age did not converge"):
        refuse_infinite(fit.design, lost, fit.matrix, "leak")


def test_too_few_clusters_have_no_errors() -> None:
    data = patients().with_columns(patient=pl.lit("one"))
    with pytest.raises(FitError, match="rows belong to 1 cluster, and the model has 2 coeff"):
        quiet("Surv(months, leak) ~ age + dose", data, cluster="patient")


def test_nobody_was_followed_up() -> None:
    with pytest.raises(DataError, match="Every one of 120 patients has time 0"):
        quiet("Surv(months, leak) ~ age", patients().with_columns(months=0.0))


def test_all_events_at_one_time() -> None:
    data = patients().with_columns(months=pl.lit(5.0))
    fit = quiet("Surv(months, leak) ~ age", data)
    assert fit.horizons == (5.0,)
    assert "heavy-ties" in codes(fit)
    everyone = quiet("Surv(months, leak) ~ age", data.with_columns(leak=pl.lit(True)))
    assert everyone.summary().to_dict()["c_index"] is None


@pytest.mark.parametrize("share", [0.9, 0.98, 0.995])
def test_brief_observation_does_not_lose_digits(share: float) -> None:
    """With hardly anybody at risk at a time, hazards differ by many orders of magnitude."""
    data = patients(60).with_columns(entry=pl.col("months") * share)
    fit = quiet("Surv(entry, months, leak) ~ age", data)
    age, score, information = fit.matrix[:, 0] - fit.matrix.mean(), 0.0, 0.0
    entry = fit.times.entry
    assert entry is not None
    for moment in fit.times.exit[fit.event]:
        at_risk = (entry < moment) & (fit.times.exit >= moment)
        weight = np.exp(fit.beta[0] * (age[at_risk] - age[at_risk].mean()))
        mean = float(weight @ age[at_risk] / weight.sum())
        score += float(age[fit.times.exit == moment][0] - mean)
        information += float(weight @ (age[at_risk] - mean) ** 2 / weight.sum())
    assert abs(score) < 1e-8 * len(age)
    assert_allclose(fit.cov[0, 0], 1.0 / information, rtol=1e-8)


@pytest.mark.parametrize("events", [2, 3])
def test_hardly_any_event_can_be_validated(events: int) -> None:
    died = patients(60).with_row_index().filter("leak").sort("dose")["index"][5 : 5 + events]
    data = patients(60).with_columns(leak=pl.int_range(pl.len()).is_in(died.to_list()))
    fit = quiet("Surv(months, leak) ~ age", data, horizons=[10.0])
    found = fit.validate(25, seed=1, thresholds=np.array([0.1]))
    for table in (found.table, found.horizons[0].table):
        known = table["corrected"].drop_nulls().to_numpy()
        assert np.isfinite(known).all()
        assert (np.abs(known) < 1e6).all()
