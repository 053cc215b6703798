"""Tests of predictors, shapes and interactions against rms::anova."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.cases import fit_case, quiet_fit, simulated
from tests.reference import loader

from vertebrisk import fit_cox
from vertebrisk.errors import ArgumentError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.survival.fit import CoxFit

CASES: dict[str, dict[str, Any]] = loader.load("shapes")["cases"]
RTOL = 1e-6  # of both covariances, whose columns of splines are nearly collinear
RTOL_P = 1e-4  # the smallest are 1e-130: a P changes by the statistic times what that changes by
KINDS = {
    "All Interactions": "interaction",
    "Nonlinear": "nonlinear",
    "TOTAL NONLINEAR": "nonlinear",
    "TOTAL INTERACTION": "interaction",
    "TOTAL NONLINEAR + INTERACTION": "nonlinear or interaction",
}
# finer tests of an interaction's shape, which have no row of their own here
FINER = ("Nonlinear Interaction", "f(A,B)")


def fitted(case: dict[str, Any]) -> LogisticFit | CoxFit:
    if case["event"]:
        return fit_case(case)
    frame = loader.frame(case["data"])
    return fit_cox(case["formula"], frame, horizons=[730.0])


def printed(case: dict[str, Any]) -> dict[tuple[str, str], tuple[int, float, float]]:
    """Rows of R's table by term and kind."""
    found = {}
    term = ""
    values = zip(case["df"], case["chisq"], case["p_value"], strict=True)
    for row, numbers in zip(case["rows"], values, strict=True):
        text = row.replace("(Factor+Higher Order Factors)", "").strip()
        if text.startswith(FINER):
            continue
        if text.startswith("TOTAL"):
            term = "TOTAL"
        elif text not in KINDS:
            term = re.sub(r" \* ", ":", text)
        found[term, KINDS.get(text, "overall")] = numbers
    return found


@pytest.mark.parametrize("name", list(CASES))
def test_anova(name: str) -> None:
    case = CASES[name]
    table = fitted(case).anova()
    ours = {(row[0], row[1]): row[2:] for row in table.iter_rows()}
    theirs = printed(case)
    # R leaves out a total of one row alone
    assert set(theirs) <= set(ours)
    assert {term for term, _ in set(ours) - set(theirs)} <= {"TOTAL"}
    for pair, (df, statistic, p_value) in theirs.items():
        assert ours[pair][0] == df, pair
        assert_allclose(ours[pair][1], statistic, rtol=RTOL, err_msg=str(pair))
        if p_value > 1e-250:
            assert_allclose(ours[pair][2], p_value, rtol=RTOL_P, err_msg=str(pair))


def test_a_table_of_linear_terms_is_that_of_the_terms() -> None:
    fit = quiet_fit("y ~ a + b + g", simulated(300, 1))
    table, tests = fit.anova(), fit.term_tests()
    assert table["kind"].to_list() == ["overall"] * 4
    assert table["term"].to_list() == ["a", "b", "g", "TOTAL"]
    assert_allclose(table["wald"][:3], tests["wald"], rtol=1e-12)


def test_a_unit_changes_no_test() -> None:
    data = simulated(300, 2)
    fit = quiet_fit("y ~ rcs(a, 4)*b + g", data)
    other = quiet_fit("y ~ rcs(a, 4)*b + g", data.with_columns(pl.col("a") * 1e4 + 3.0))
    assert_allclose(fit.anova()["wald"], other.anova()["wald"], rtol=1e-7)


def test_a_transformation_alone_is_a_scale_not_a_shape() -> None:
    data = simulated(300, 3).with_columns(pl.col("a").exp())
    assert set(quiet_fit("y ~ log(a) + b", data).anova()["kind"]) == {"overall"}
    both = quiet_fit("y ~ a + log(a) + b", data).anova().filter(pl.col("kind") == "nonlinear")
    assert both["term"].to_list() == ["a", "TOTAL"]
    assert both["df"].to_list() == [1, 1]


def test_no_predictors_no_tests() -> None:
    rng = np.random.default_rng(4)
    data = pl.DataFrame({"t": rng.exponential(size=80), "e": rng.random(80) < 0.7})
    assert fit_cox("Surv(t, e) ~ 1", data, horizons=[1.0]).anova().height == 0


def test_a_penalised_fit_has_none() -> None:
    fit = quiet_fit("y ~ a + b", simulated(200, 5), estimator="ridge")
    with pytest.raises(ArgumentError, match="Wald tests"):
        fit.anova()
