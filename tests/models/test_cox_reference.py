"""`fit_cox` against R's survival: every number of every case to 1e-8."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

from vertebrisk.errors import FewEventsWarning
from vertebrisk.models.development import Selection
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import fit_cox

RTOL = 1e-8  # coxph is iterated to a relative change of 1e-13 of the log-likelihood
CASES = sorted(name for name in load("cox") if name not in ("name", "versions"))


def prepared(case: dict[str, Any]) -> pl.DataFrame:
    """The data set of a case with the columns that its script adds."""
    data = frame(case["data"])
    if case["data"] == "lung":
        data = data.drop_nulls(["inst", "age", "sex", "ph.ecog"])
    added = {name: case[name] for name in ("entry", "weights") if name in case}
    data = data.with_columns(
        pl.Series(name, values, dtype=pl.Float64) for name, values in added.items()
    )
    if case.get("months"):
        data = data.with_columns(months=(pl.col("dtime") / 30.4375).ceil())
    return data


def fitted(name: str) -> tuple[dict[str, Any], CoxFit, pl.DataFrame]:
    case = load("cox")[name]
    data = prepared(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        fit = fit_cox(
            case["formula"],
            data,
            ties=case.get("ties", "efron"),
            weights="weights" if "weights" in case else None,
            cluster=case.get("cluster"),
            robust=case.get("robust"),
        )
    return case, fit, data


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], CoxFit, pl.DataFrame]:
    return fitted(request.param)


Case = tuple[dict[str, Any], CoxFit, pl.DataFrame]


def test_coefficients_and_errors(case: Case) -> None:
    expected, fit, _ = case
    assert_allclose(fit.beta, expected["beta"], rtol=RTOL)
    table = fit.coefficients()
    assert_allclose(table["std_error"], expected["std_error"], rtol=RTOL)
    assert_allclose(np.sqrt(np.diag(fit.naive_cov)), expected["naive_std_error"], rtol=RTOL)
    assert_allclose(fit.cov, expected["covariance"], rtol=1e-7, atol=1e-14)
    ratios = fit.hazard_ratios()
    assert_allclose(ratios["estimate"], np.exp(expected["beta"]), rtol=RTOL)
    assert_allclose(
        ratios["conf_high"],
        np.exp(np.array(expected["beta"]) + 1.959963984540054 * np.array(expected["std_error"])),
        rtol=RTOL,
    )


def test_summary(case: Case) -> None:
    expected, fit, _ = case
    found = fit.summary()
    assert (found.n, found.n_events) == (expected["n"], expected["n_events"])
    for name, other in (
        ("log_likelihood", "log_likelihood"),
        ("null_log_likelihood", "null_log_likelihood"),
        ("lr_statistic", "lr"),
        ("wald_statistic", "wald"),
        ("score_statistic", "score"),
        ("aic", "aic"),
        ("bic", "bic"),
        ("c_index", "c_index"),
    ):
        assert_allclose(getattr(found, name), expected[other], rtol=RTOL, err_msg=name)


def test_proportional_hazards(case: Case) -> None:
    expected, fit, _ = case
    for transform, other in expected["zph"].items():
        table = fit.proportional_hazards(transform)
        assert_allclose(table["statistic"], other["statistic"], rtol=1e-7, err_msg=transform)
        assert table["df"].to_list() == other["df"]
        frame_ = fit.schoenfeld(transform)
        terms = len(other["df"]) - 1
        found = frame_["residual"].to_numpy().reshape(terms, -1).T[: len(other["y"])]
        assert_allclose(frame_["x"][: len(other["x"])], other["x"], rtol=RTOL)
        assert_allclose(frame_["time"][: len(other["time"])], other["time"])
        assert_allclose(_by_time(found, other), _by_time(np.array(other["y"]), other), rtol=1e-6)


def _by_time(values: np.ndarray[Any, Any], other: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Rows of tied events in one order; survival lists those of late entry backwards."""
    return values[np.lexsort((values[:, 0], other["time"]))]


def test_residuals(case: Case) -> None:
    expected, fit, _ = case
    other = expected["residuals"]
    rows = other["rows"]
    for kind in ("martingale", "deviance", "score", "dfbeta"):
        found = fit.residuals(kind).to_numpy()[rows]
        wanted = np.array(other[kind]).reshape(found.shape)
        assert_allclose(found, wanted, rtol=1e-7, atol=1e-12, err_msg=kind)
    for kind in ("schoenfeld", "scaled_schoenfeld"):
        found = fit.residuals(kind).drop("time").to_numpy()[:8]  # type: ignore[arg-type]
        assert_allclose(found, other[kind], rtol=1e-7, atol=1e-10, err_msg=kind)


def test_survival_curves(case: Case) -> None:
    expected, fit, data = case
    for curve in expected["curves"]:
        found = fit.survival_curve(data[curve["row"]], times=curve["times"])
        size = len(curve["survival"])
        for name in ("survival", "cumulative_hazard", "conf_low", "conf_high"):
            wanted = np.array(curve[name], dtype=float)
            got = found[name].to_numpy()[:size]
            known = np.isfinite(got)  # survfit extends curves beyond the end of follow-up
            assert known.any()
            assert_allclose(got[known], wanted[known], rtol=1e-7, err_msg=name)
        known = np.isfinite(found["survival"].to_numpy()[:size])
        spread = (found["survival"] * found["std_error"]).to_numpy()[:size]
        assert_allclose(spread[known], np.array(curve["std_error"], dtype=float)[known], rtol=1e-7)


@pytest.mark.parametrize("name", ["gbsg", "rotterdam"])
def test_backward_selection_tests_and_inflation(name: str) -> None:
    """As MASS::stepAIC, drop1 and car::vif."""
    expected = load("cox_selection")[name]
    data = frame(expected["data"])
    whole = fit_cox(expected["formula"], data)
    tests = whole.term_tests()
    assert_allclose(tests["lr_statistic"], expected["lr"], rtol=1e-7)
    assert_allclose(tests["lr_p_value"], expected["lr_p_value"], rtol=1e-7)
    assert_allclose(whole.vif()["gvif"], expected["gvif"], rtol=1e-7)
    chosen = fit_cox(expected["formula"], data, select=Selection("backward", criterion="aic"))
    kept = [label.removeprefix("factor(").removesuffix(")") for label in expected["kept"]]
    assert [term.name for term in chosen.design.terms] == kept
    assert_allclose(chosen.summary().aic, expected["aic"], rtol=1e-9)
