"""Ridge, lasso and elastic net from a formula: coefficients, choices, intervals, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

from vertebrisk import (
    CoxFit,
    LogisticFit,
    PenalisedCoxFit,
    PenalisedLogisticFit,
    Penalty,
    RiskModel,
    SourcePopulation,
    fit_cox,
    fit_logistic,
)
from vertebrisk.errors import ArgumentError, DataError, FitError

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")

REFERENCE = load("penalties")
PIMA = 'type == "Yes" ~ npreg + glu + bp + skin + bmi + ped + age'
NOISE = PIMA + " + noise1 + noise2 + noise3 + noise4"
GBSG = "Surv(rfstime, status) ~ age + meno + size + nodes + pgr + er"
PVP = 'pain ~ cleft + fascia + C(muscle) + C(cement, ref="Spongy")'


def logistic(formula: str, data: Any, estimator: Any = "lasso", **options: Any) -> Any:
    fit = fit_logistic(formula, data, estimator=estimator, **options)
    assert isinstance(fit, PenalisedLogisticFit)
    return fit


def cox(formula: str, data: Any, estimator: Any = "lasso", **options: Any) -> Any:
    fit = fit_cox(formula, data, estimator=estimator, **options)
    assert isinstance(fit, PenalisedCoxFit)
    return fit


def reference(kind: str, name: str) -> dict[str, Any]:
    return next(case for case in REFERENCE[kind] if case["id"] == name)


def full(fit: LogisticFit | CoxFit, columns: list[str]) -> np.ndarray[Any, Any]:
    """Coefficients of all candidates, zero where one was left out."""
    known = dict(fit.coefficients().select("term", "estimate").iter_rows())
    return np.array([known.get(name, 0.0) for name in columns])


@pytest.mark.parametrize(
    ("name", "estimator"), [("lasso", "lasso"), ("ridge", "ridge"), ("elastic_net", "elastic_net")]
)
def test_a_given_penalty_is_the_lambda_of_glmnet(name: str, estimator: str) -> None:
    case = reference("logistic", name)
    for place in (4, 8):
        step = case["steps"][place]
        fit = logistic(PIMA, frame("pima_tr"), estimator, penalty=case["lambda"][step])
        found = full(fit, ["(Intercept)", *case["columns"]])
        assert_allclose(found, case["coef"][place], rtol=1e-7, atol=1e-10)
        assert fit.penalty == case["lambda"][step]


def test_a_given_penalty_of_a_cox_model() -> None:
    case, data = reference("cox", "lasso"), frame("gbsg")
    late = data.with_columns(
        rfstime=pl.col("rfstime") + pl.when(pl.col("status") == 1).then(0.0).otherwise(0.25)
    )  # as in the reference, which is not sure of the order of ties otherwise
    step = case["steps"][6]
    for given in (data, late):
        fit = cox(GBSG, given, penalty=case["lambda"][step])
        assert_allclose(full(fit, case["columns"]), case["coef"][6], rtol=1e-6, atol=1e-8)
        assert fit.likelihood.ties == "breslow"
    assert cox(GBSG, data, penalty=0.01, ties="efron").likelihood.ties == "efron"


def test_cross_validation_finds_the_penalty_and_says_how() -> None:
    fit = logistic(NOISE, frame("pima_noise"))
    table = fit.cross_validation()
    best = table.row(by_predicate=pl.col("rule").str.contains("min"), named=True)
    wide = table.row(by_predicate=pl.col("rule").str.contains("1se"), named=True)
    assert fit.penalty == best["penalty"]
    assert best["mean"] == table["mean"].min()
    within = table.filter(pl.col("mean") <= best["mean"] + best["std_error"])
    assert wide["penalty"] == within["penalty"].max()
    path = fit.path().filter(pl.col("step") == best["step"])
    assert_allclose(full(fit, path["term"].to_list()), path["estimate"].to_numpy())
    assert len(fit.design.terms) == best["nonzero"]
    sparse = logistic(NOISE, frame("pima_noise"), penalty=Penalty(rule="1se"))
    assert sparse.penalty == wide["penalty"]
    assert len(sparse.design.terms) < len(fit.design.terms)
    assert any(each.code == "post-selection" for each in fit.findings)


@pytest.mark.parametrize("rule", ["aic_c", "aic", "bic"])
def test_a_criterion_finds_the_penalty_of_ridge(rule: str) -> None:
    fit = logistic(PIMA, frame("pima_tr"), "ridge", penalty=Penalty(rule=rule))  # type: ignore[arg-type]
    table = fit.information_criteria()
    chosen = table.row(by_predicate=pl.col("chosen"), named=True)
    assert chosen[rule] == table[rule].max()
    assert fit.penalty == chosen["penalty"]
    assert table["df"].is_sorted()
    assert 0.0 < chosen["df"] < 7.0
    trace = REFERENCE["trace"]  # no penalty of rms's grid is better
    assert chosen[rule] > max(trace[rule]) - 0.02
    with pytest.raises(ArgumentError, match="there is no cross-validation"):
        fit.cross_validation()
    again = fit.validate(4, 1)
    assert again.procedure == "whole procedure"
    timed = cox(GBSG, frame("gbsg"), "ridge", penalty=Penalty(rule=rule))  # type: ignore[arg-type]
    assert timed.information_criteria()["chosen"].sum() == 1
    with pytest.raises(ArgumentError, match="counts effective degrees of freedom"):
        logistic(PIMA, frame("pima_tr"), penalty=Penalty(rule=rule))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="No criterion chose the penalty"):
        logistic(PIMA, frame("pima_tr"), penalty=0.1).information_criteria()


def test_folds_and_measure_change_what_is_found_and_the_seed_decides() -> None:
    data = frame("pima_noise")
    one, again = logistic(NOISE, data), logistic(NOISE, data, penalty=Penalty(seed=1))
    assert one.cross_validation().equals(again.cross_validation())
    other = logistic(NOISE, data, penalty=Penalty(seed=2))
    assert not one.cross_validation()["mean"].equals(other.cross_validation()["mean"])
    area = logistic(NOISE, data, penalty=Penalty(measure="auc", folds=5))
    means = area.cross_validation()
    best = means.row(by_predicate=pl.col("rule").str.contains("min"), named=True)
    assert best["mean"] == means["mean"].max()
    assert 0.7 < best["mean"] < 0.9


def test_there_are_no_standard_errors_and_no_tests() -> None:
    fit = logistic(PIMA, frame("pima_tr"), penalty=0.02)
    table = fit.coefficients()
    for name in ("std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert table[name].is_null().all()
    assert fit.term_tests().drop("term", "df").null_count().sum_horizontal()[0] == 4 * len(
        fit.design.terms
    )
    assert fit.summary().to_dict()["p_value"] is None
    assert fit.vif().is_empty()
    assert fit.odds_ratios()["estimate"][0] == pytest.approx(np.exp(fit.beta[0]))
    for refused in (
        lambda: fit.coefficients(intervals="wald"),
        fit.profile_intervals,
    ):
        with pytest.raises(ArgumentError, match="shrunken by a penalty, so they have no"):
            refused()
    timed = cox(GBSG, frame("gbsg"), penalty=0.02)
    assert timed.summary().to_dict()["wald_p_value"] is None
    for refused in (timed.proportional_hazards, lambda: timed.residuals("dfbeta")):
        with pytest.raises(ArgumentError, match="shrunken by a penalty"):
            refused()
    assert timed.residuals("martingale").height == 686
    assert timed.survival_curve(frame("gbsg").head(1), [500.0])["conf_low"].is_null().all()


def test_validation_repeats_the_choice_and_gives_the_intervals(tmp_path: Any) -> None:
    fit = logistic(NOISE, frame("pima_noise"), penalty=Penalty(folds=5))
    validation = fit.validate(12, 1)
    assert validation.procedure == "whole procedure"
    chosen = dict(validation.selected.iter_rows())
    assert chosen["glu"] == 1.0
    assert any(0.0 < share < 1.0 for share in chosen.values())
    assert validation.corrected("c_index") < validation.apparent("c_index")
    assert validation.apparent("slope") == pytest.approx(1.0)  # by definition, even when shrunken
    spread = fit.bootstrap_coefficients(validation)
    assert (spread["conf_low"] < spread["conf_high"]).all()
    assert fit.model.interval_kind == "none"
    model = fit.model.with_draws(validation.draws)
    model.save(tmp_path / "model.json")
    found = RiskModel.load(tmp_path / "model.json")
    assert found.provenance.estimator == "lasso"
    risks = found.predict(frame("pima_noise").head(3))
    assert (risks["conf_low"] < risks["conf_high"]).all()
    assert_allclose(risks["risk"], fit.risk[:3], rtol=1e-12)
    assert set(model.nomogram().points["variable"]) == {each.name for each in fit.design.terms}


def test_a_fixed_validation_keeps_the_terms() -> None:
    fit = logistic(NOISE, frame("pima_noise"), penalty=0.05)
    assert fit.validate(5, 1, fixed=True).procedure == "model held fixed"
    ridge = logistic(PVP, frame("pvp"), "ridge", penalty=Penalty(folds=4))
    again = ridge.validate(5, 1)
    assert again.procedure == "whole procedure"  # the penalty is found anew
    assert again.selected.is_empty()
    with pytest.raises(ArgumentError, match="holds no draws of these coefficients"):
        logistic(PVP, frame("pvp"), penalty=0.001).bootstrap_coefficients(
            cox(GBSG, frame("gbsg"), penalty=0.15).validate(3, 1)
        )


def test_a_cox_model_travels_like_any_other() -> None:
    data = frame("gbsg")
    fit = cox(GBSG, data, penalty=Penalty(folds=4))
    validation = fit.validate(4, 1)
    spread = fit.bootstrap_coefficients(validation)
    assert spread.height == len(fit.design.columns)
    model = fit.model.with_draws(validation.draws)
    risks = model.predict(data.head(4))
    assert (risks["conf_low"] <= risks["risk"] + 0.1).all()
    assert model.nomogram().points.height > 0
    curve = fit.survival_curve(data.head(1), [model.horizons[0]])
    assert 1 - curve["survival"][0] == pytest.approx(risks["risk"][0], rel=1e-6)


def test_levels_are_columns_of_their_own() -> None:
    fit = logistic(PVP, frame("pvp"), penalty=0.03)
    merged = [each for each in fit.findings if each.code == "levels-merged-by-penalty"]
    assert [each.column for each in merged] == ["muscle"]
    assert "Of 'muscle' the penalty left 2 at zero" in merged[0].message
    assert "reference '0-1'" in merged[0].message


def test_more_candidates_than_patients_constants_and_wild_scales() -> None:
    rng = np.random.default_rng(5)
    columns = {f"x{k}": rng.normal(size=24) for k in range(40)}
    columns["x1"] = columns["x1"] * 1e9 + 1e12
    columns["x2"] = columns["x0"] * 2.0 + 1.0
    columns["x3"] = np.full(24, 3.0)
    event = (columns["x0"] + 0.3 * rng.normal(size=24)) > 0
    data = pl.DataFrame({**columns, "y": event})
    fit = logistic(f"y ~ {' + '.join(columns)}", data, penalty=Penalty(folds=4))
    names = [term.name for term in fit.design.terms]
    assert "x0" in names
    left_out = [each.column for each in fit.findings if each.code == "candidate-left-out"]
    assert left_out == ["x3"]
    ridge = logistic("y ~ x0 + x2 + x3", data, "ridge", penalty=0.1)
    x0, x2, x3 = ridge.beta
    assert x0 == pytest.approx(2.0 * x2)
    assert x3 == 0.0


def test_separated_patients_have_a_penalised_estimate() -> None:
    data = pl.DataFrame({"x": np.arange(30.0), "y": np.arange(30) >= 15})
    fit = logistic("y ~ x", data, "ridge", penalty=0.05)
    assert np.isfinite(fit.beta).all()
    found = logistic("y ~ x", data, penalty=Penalty(folds=5))
    assert np.isfinite(found.beta).all()
    for each in (fit, found):
        said = next(one for one in each.findings if one.code == "separation")
        assert "x separates the patients with and without 'y' (complete" in said.message
    end = next(one for one in found.findings if one.code == "penalty-at-an-end")
    assert "maximum likelihood will be much the same" not in end.remedy


def test_a_penalised_monotone_likelihood_is_said() -> None:
    data = pl.DataFrame({"t": np.arange(1.0, 41.0), "e": np.arange(40) % 2 == 0}).with_columns(
        w=(pl.col("t") * 7) % 11
    )
    fit = cox("Surv(t, e) ~ w + C(g)", data.with_columns(g=_groups(data)), "ridge", penalty=0.1)
    said = next(one for one in fit.findings if one.code == "separation")
    assert "The likelihood is monotone" in said.message
    assert "g = none" in said.message


def _groups(data: pl.DataFrame) -> pl.Series:
    never = (~data["e"]) & (data["t"] % 3 == 0)
    return pl.Series(np.where(never, "none", "some"))


def test_weights_are_repeated_rows_and_clusters_share_folds() -> None:
    data = frame("small")
    weighted = logistic("event == 1 ~ x + tied + skewed", data, penalty=0.03, weights="weight")
    repeated = data[np.repeat(np.arange(data.height), data["weight"].to_numpy())]
    plain = logistic("event == 1 ~ x + tied + skewed", repeated, penalty=0.03)
    assert_allclose(weighted.beta, plain.beta, rtol=1e-9)
    patients = frame("clusters")
    fit = logistic("leak == 1 ~ age + height_loss_pct + C(grade)", patients, cluster="patient")
    assert fit.clusters is not None
    assert fit.validate(3, 1).resamples == 3


def test_sampled_controls_move_the_intercept_alone() -> None:
    plain = logistic(PVP, frame("pvp"), "ridge", penalty=0.05)
    moved = logistic(
        PVP, frame("pvp"), "ridge", penalty=0.05, source=SourcePopulation(prevalence=0.05)
    )
    assert_allclose(moved.beta, plain.beta)
    assert moved.intercept < plain.intercept
    assert moved.risk.mean() < plain.risk.mean()


TIMES = pl.DataFrame({"t": [1.0, 2.0, 3.0, 4.0], "d": [1, 0, 0, 1], "a": [1.0, 3.0, 2.0, 5.0]})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"penalty": 0}, ArgumentError, "The penalty is 0; it is glmnet's lambda"),
        ({"penalty": float("nan")}, ArgumentError, "a number above 0"),
        ({"penalty": True}, ArgumentError, "a number above 0"),
        ({"mix": 0.5}, ArgumentError, "mix is that of an elastic net"),
        ({"estimator": "ml", "penalty": 0.1}, ArgumentError, "belong to ridge, lasso, elastic_net"),
        ({"estimator": "elastic_net", "mix": 1.0}, ArgumentError, "a mix between 0"),
        ({"select": "univariable"}, ArgumentError, "a penalty weighs all candidates together"),
    ],
)
def test_arguments_that_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fit_logistic(PVP, frame("pvp"), **{"estimator": "lasso", **options})


def test_penalties_that_cannot_be() -> None:
    for wrong, message in (
        ({"folds": 2}, "folds is 2; 3 or more"),
        ({"rule": "best"}, "rule is 'best'; allowed are min, 1se, aic_c"),
        ({"measure": "mse"}, "measure is 'mse'; allowed are deviance, auc"),
        ({"seed": -1}, "seed"),
    ):
        with pytest.raises(ArgumentError, match=message):
            Penalty(**wrong)
    with pytest.raises(ArgumentError, match="by the deviance of its partial likelihood"):
        fit_cox(GBSG, frame("gbsg"), estimator="lasso", penalty=Penalty(measure="auc"))
    with pytest.raises(ArgumentError, match="robust is True"):
        fit_cox(GBSG, frame("gbsg"), estimator="lasso", penalty=0.1, robust=True)


def test_too_little_to_go_by() -> None:
    with pytest.raises(FitError, match="cannot be found by cross-validation on 2 patients"):
        fit_cox("Surv(t, d) ~ a", TIMES, estimator="lasso")
    assert np.isfinite(cox("Surv(t, d) ~ a", TIMES, penalty=0.1).penalty)
    still = TIMES.with_columns(a=pl.lit(1.0))
    with pytest.raises(FitError, match="No candidate varies"):
        fit_cox("Surv(t, d) ~ a", still, estimator="ridge", penalty=0.1)
    healthy = frame("pvp").with_columns(pain=pl.lit(0))
    with pytest.raises(DataError, match="There must be patients with and without 'pain'"):
        fit_logistic(PVP, healthy, estimator="ridge", penalty=0.1)
    with pytest.raises(ArgumentError, match="there is no cross-validation"):
        logistic(PVP, frame("pvp"), penalty=0.1).cross_validation()
    assert logistic(PVP, frame("pvp"), penalty=0.1).path()["step"].max() > 10
